"""Which of Kolada's 3,600 groups concern a municipality, and what each of them is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MEAN = " (ovägt medel)"
SIMILAR = re.compile(r"Liknande kommuner,? (?P<family>.+), (?P<name>[^,]+), (?P<year>\d{4})")
GENERAL = "övergripande"
FAMILIES = {
    "arbetsmarknad": "labour market",
    "flyktingmottagande": "reception of refugees",
    "fritidshem": "after-school centres",
    "förskola": "preschool",
    "grundskola": "compulsory school",
    "gymnasieskola": "upper secondary school",
    "IFO": "individual and family care",
    "integration": "integration",
    "LSS": "disability support",
    "socioekonomi": "socio-economic conditions",
    "äldreomsorg": "elderly care",
}  # families of similar municipalities in English; a new one keeps its Swedish name
# Types of municipality with the English names of the association that made them (SKR).
CATEGORIES = {
    "Storstäder": "Large cities",
    "Pendlingskommun nära storstad": "Commuting municipalities near large cities",
    "Större stad": "Medium-sized towns",
    "Pendlingskommun nära större stad": "Commuting municipalities near medium-sized towns",
    "Lågpendlingskommun nära större stad": "Low-commuting municipalities near medium-sized towns",
    "Mindre stad/tätort": "Small towns",
    "Pendlingskommun nära mindre stad/tätort": "Commuting municipalities near small towns",
    "Landsbygdskommun": "Rural municipalities",
    "Landsbygdskommun med besöksnäring": "Rural municipalities with a visitor industry",
}
ORDER = {"all": 0, "similar": 10, "county": 30, "category": 40, "size": 50, "network": 60}


@dataclass(frozen=True)
class ChosenGroup:
    """A group that a municipality is compared with. `area` is None where it serves all areas."""

    code: str
    title: Mapping[str, str]
    kind: str
    members: tuple[str, ...]
    family: str
    area: str | None
    year: int | None
    order: int


def choose(
    groups: Sequence[tuple[str, str, Sequence[str]]], *, home: str, name: str, families: Mapping[str, str]
) -> list[ChosenGroup]:
    """The groups (code, title, members) that hold `home`, or list municipalities similar to it.

    families: Kolada's family of similar municipalities → our area. Of several yearly lists the newest is taken; lists
    whose family no area names are left out, but for the general one.
    """
    found: dict[tuple[str, str], ChosenGroup] = {}
    for code, title, members in groups:
        chosen = _classify(code, title, tuple(members), home=home, name=name, families=families)
        if chosen is None:
            continue
        key = (chosen.kind, chosen.family or chosen.code)
        if key not in found or (found[key].year or 0) < (chosen.year or 0):
            found[key] = chosen
    return sorted(found.values(), key=lambda g: (g.order, g.title["sv"]))


def _classify(
    code: str, title: str, members: tuple[str, ...], *, home: str, name: str, families: Mapping[str, str]
) -> ChosenGroup | None:
    similar = SIMILAR.fullmatch(title)
    if similar:
        family = similar["family"]
        if similar["name"] != name or (family != GENERAL and family not in families):
            return None
        area = None if family == GENERAL else families[family]
        titles = (
            {"sv": "Liknande kommuner", "en": "Similar municipalities"}
            if area is None
            else {"sv": f"Liknande kommuner, {family}", "en": f"Similar municipalities, {FAMILIES.get(family, family)}"}
        )
        order = ORDER["similar"] + (area is None)
        return ChosenGroup(code, titles, "similar", members, family, area, int(similar["year"]), order)
    if home not in members or title.startswith("Liknande"):
        return None
    plain = title.removesuffix(MEAN)
    kind = _kind(plain)
    return ChosenGroup(code, _titles(kind, plain), kind, members, "", None, None, ORDER[kind])


def _kind(title: str) -> str:
    if title == "Alla kommuner":
        return "all"
    if title.endswith("läns kommuner"):
        return "county"
    if title in CATEGORIES:
        return "category"
    return "size" if re.match(r"Kommuner med .* invånare", title) else "network"


def _titles(kind: str, title: str) -> dict[str, str]:
    if kind == "all":
        return {"sv": "Alla kommuner", "en": "All municipalities"}
    if kind == "county":
        county = title.removesuffix(" läns kommuner").removesuffix("s")
        return {"sv": title.replace(" läns kommuner", " län"), "en": f"{county} county"}
    if kind == "category":
        return {"sv": title, "en": CATEGORIES[title]}
    if kind == "size":
        size = title.removeprefix("Kommuner med ").removesuffix(" invånare").replace(" - ", "–")
        return {"sv": f"{size} invånare", "en": f"{size} inhabitants"}
    return {"sv": title, "en": title}
