"""Free texts with what points to a person masked: numbers, addresses and names, by rules and lists (METHODS §5.8).

Masking comes before anybody reads comments in bulk; it is no promise that nothing is left. What it is known to miss:
nicknames and names that are neither listed nor written with a capital; a single unknown name without a title or a word
such as “heter” before it; a street without a number (a comment on a street is about a place); dates of birth; links;
descriptions that fit one person only.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from surveys.compute.names import FAMILY, FAMILY_THAT_ARE_WORDS, GIVEN, GIVEN_THAT_ARE_WORDS, GIVEN_WITH_CAPITAL


class Kind(StrEnum):
    """What was found; the value is the mark that stands in its place."""

    EMAIL = "[e-post]"
    PERSONAL_NUMBER = "[personnummer]"
    PHONE = "[telefon]"
    PLATE = "[registreringsnummer]"
    ADDRESS = "[adress]"
    NAME = "[namn]"


@dataclass(frozen=True)
class Masked:
    """A text with marks, and how many of each kind of mark were set."""

    text: str
    found: dict[Kind, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.found.values())

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in Kind if kind in self.found)


def mask(text: str) -> Masked:
    """The text with every personal number, telephone number, e-mail address, postal address, registration number of a
    car and name that the rules find replaced by a mark. Masking twice changes nothing more."""
    found: dict[Kind, int] = {}

    def put(kind: Kind) -> str:
        found[kind] = found.get(kind, 0) + 1
        return kind.value

    for step in (_emails, _numbers, _plates, _addresses, _names):
        text = step(text, put)
    return Masked(text, found)


Put = Callable[[Kind], str]

# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

DASHES = "-‐‑‒–—−"
SPACE = r"[^\S\n]"  # any space but a new line
EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w.+%-]{{1,64}}(?:@|{SPACE}*[(\[](?:at|a|snabel-?a){SPACE}*[)\]]{SPACE}*|{SPACE}+(?:at|snabel-?a){SPACE}+)"
    rf"[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.[^\W\d_]{{2,}}",
    re.IGNORECASE,
)
MONTH, DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"  # days of coordination numbers: + 60
PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:18|19|20){SPACE}?)?\d\d[{DASHES}./\s]?{MONTH}[{DASHES}./\s]?{DAY}"
    rf"{SPACE}{{0,3}}[{DASHES}+/]?{SPACE}{{0,3}}(?:\d\d{SPACE}?\d\d|(?<=[{DASHES}+])[A-Za-z]\d{{3}})(?!\d)"
)
PHONE = re.compile(
    rf"(?<![\d.,])(?:\+|00){SPACE}?[1-9](?:[{DASHES}()/.\s]{{0,4}}\d){{6,13}}(?!\d)"
    rf"|(?<![\d.,{DASHES}])\(?0[1-9](?:[{DASHES}()/\s]{{0,4}}\d){{5,9}}(?!\d)"
)
TOLD_NUMBER = re.compile(
    rf"\b(?P<told>(?:tel|tfn|telefon|telefonnummer|mobil|mobilnummer|telnr|sms:?a|ring)(?:\.|:)?"
    rf"(?:{SPACE}+(?:mig|oss|på|är|nr|nummer))*{SPACE}*)[1-9](?:[{DASHES}/\s]{{0,3}}\d){{4,9}}(?!\d)",
    re.IGNORECASE,
)


def _emails(text: str, put: Put) -> str:
    return EMAIL.sub(lambda _match: put(Kind.EMAIL), text)


def _numbers(text: str, put: Put) -> str:
    """A number with a month, a day (61–91 for coordination numbers) and four more is personal, whether or not its check
    digit is right: people mistype. The third digit of an organisation's number makes no month."""

    def personal(match: re.Match[str]) -> str:
        written_as_phone = match[0][0] == "0" and PHONE.fullmatch(match[0]) and not _checked(match[0])
        return match[0] if written_as_phone else put(Kind.PERSONAL_NUMBER)

    text = PERSONAL_NUMBER.sub(personal, text)
    text = PHONE.sub(lambda _match: put(Kind.PHONE), text)
    return TOLD_NUMBER.sub(lambda match: match["told"] + put(Kind.PHONE), text)


def _checked(text: str) -> bool:
    """Whether the last of ten digits is the check digit of the nine before it (Luhn)."""
    digits = [int(character) for character in text if character.isdigit()][-10:]
    doubled = [digit * (2 - place % 2) for place, digit in enumerate(digits)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


# ── cars and streets ──────────────────────────────────────────────────────────────────────────────────────────────────

PLATE = re.compile(r"\b(?P<letters>[A-HJ-PR-UW-Z]{3})[^\S\n]?\d\d[A-HJ-NPR-UW-Z\d]\b")
TOLD_PLATE = re.compile(
    r"\b(?P<told>(?:reg\.?(?:istrerings)?(?:nr|nummer)?|bil(?:en)?)\.?:?[^\S\n]+)[a-z]{3}[^\S\n]?\d\d[a-z\d]\b",
    re.IGNORECASE,
)
NO_PLATE = frozenset({"LSS", "SFS", "SFI", "BVC", "HVB", "LED", "NKI", "SCB", "SKR", "HSL", "DHL", "SMS"})
STREET = (
    r"(?:gatan|gata|vägen|väg|gränden|gränd|stigen|stig|torget|torg|allén|allé|backen|backe|leden|kajen|slingan|"
    r"esplanaden)"
)
CAPITAL_STREET = r"(?:plan|platsen|plats|parken|kullen|lyckan|åsen|höjden|hagen|berget|rundeln|ringen|gården)"
ADDRESS = re.compile(
    rf"(?:\b[A-ZÅÄÖ]\w*{SPACE}+){{0,2}}"
    rf"\b(?P<street>\w\w{{1,30}}?(?i:{STREET})|[A-ZÅÄÖ]\w{{1,30}}?{CAPITAL_STREET}|(?<=[a-zåäö]{SPACE}){STREET})"
    rf"{SPACE}+(?:nr\.?{SPACE}*)?\d{{1,3}}(?:[A-Za-z]\b|{SPACE}[A-Ha-h]\b)?"
    rf"(?!\d|[.,]\d|{SPACE}*(?:gång|km|meter|m\b|min|tim|dag|år|kr|st\b|%|till\b))"
    rf"(?:,?{SPACE}*(?:lgh|lägenhet){SPACE}*\d{{1,4}})?"
)
POSTCODE = re.compile(rf"(?<!\d)(?:S(?:E)?[{DASHES}])?\d{{3}}{SPACE}\d\d{SPACE}+[A-ZÅÄÖ]\w+")
FLAT = re.compile(rf"\b(?:lgh|lägenhet){SPACE}*(?:nr\.?{SPACE}*)?\d{{3,4}}\b", re.IGNORECASE)
ROADS = re.compile(
    r"(?:riks|motor|läns|lands|europa|cykel|gång|skol|om|huvud|små|sido|bil|infarts|över|under|ut|in|åter|till|grus|arbets|"
    r"park|lek|fotbolls|tennis|förskole|hand|fot|miljö|vård|utbildnings|budget|skidd?|motions|el|vandrings|trä|mark)"
    r"(?:s)?(?:väg|gata|stig|led|plan|plats|torg|park|backe|gård)\w*",
    re.IGNORECASE,
)


def _plates(text: str, put: Put) -> str:
    text = PLATE.sub(lambda match: match[0] if match["letters"] in NO_PLATE else put(Kind.PLATE), text)
    return TOLD_PLATE.sub(lambda match: match["told"] + put(Kind.PLATE), text)


def _addresses(text: str, put: Put) -> str:
    """A street with a number, a postcode with a town, a flat. Roads that have numbers of their own are left."""

    def street(match: re.Match[str]) -> str:
        return match[0] if ROADS.fullmatch(match["street"]) else put(Kind.ADDRESS)

    for pattern, replaced in ((ADDRESS, street), (POSTCODE, None), (FLAT, None)):
        text = pattern.sub(replaced or (lambda _match: put(Kind.ADDRESS)), text)
    return text


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
BETWEEN = re.compile(r"[^\S\n]+")
ENDS = re.compile(r"(?:^|[.!?:;…\n•*]|\d\.)[\s\"”“»«'’(\[–—-]*$")
SON = re.compile(r"\w{2,}sson")
ANY_GIVEN = GIVEN | GIVEN_WITH_CAPITAL | GIVEN_THAT_ARE_WORDS
PARTICLES = frozenset({"von", "af", "av", "de", "del", "la", "van", "der", "al", "el", "bin", "ben", "di", "da"})
_TITLES = """
    herr fru fröken doktor doktorn dr doc docent professor läkare läkaren sjuksköterska sjuksköterskan sköterska
    sköterskan syster undersköterska undersköterskan usk handläggare handläggaren biståndshandläggare
    biståndshandläggaren socialsekreterare socialsekreteraren kontaktperson kontaktpersonen assistent assistenten
    lärare läraren fritidsledare pedagog pedagogen rektor rektorn chef chefen enhetschef enhetschefen kurator
    kuratorn psykolog psykologen bibliotekarie bibliotekarien vaktmästare vaktmästaren kommunalråd kommunalrådet
    boendestödjare boendestödjaren granne grannen kollega kollegan kompis kompisen väninna väninnan make maken
    maka makan man sambo sambon son sonen dotter dottern mamma pappa mor far bror morfar mormor farfar farmor
    barnbarn vän vännen
"""
TITLES = frozenset(_TITLES.split())
SIGNED = frozenset({"mvh", "vh", "hälsningar", "hälsar", "undertecknad", "hälsning", "hej", "tack"})
CALLED = frozenset({"heter", "hette", "kallas", "döpt", "namnet", "namn"})
WHO_IS_CALLED = frozenset({"jag", "hon", "han", "hen", "sonen", "dottern", "mannen", "frun", "barnet"})
# Capitalised words that stand beside others without being anybody's name.
_NO_NAMES = """
    sidor kommun kommunen kommuns region regionen stad stads staden län sverige sveriges svenska svensk norra södra
    östra västra nya gamla stora lilla övre nedre inre yttre centrala röda korset kyrkan kyrka skola skolan
    skolans förskola förskolan gymnasium gymnasiet sjukhus sjukhuset vårdcentral vårdcentralen hemtjänst
    hemtjänsten bibliotek biblioteket torget torg gatan vägen parken centrum station stationen halland hallands
    göteborg göteborgs stockholm stockholms malmö lund uppsala linköping örebro västerås norrköping helsingborg
    jönköping umeå gävle borås eskilstuna halmstad växjö karlstad sundsvall trollhättan östersund kungsbacka
    varberg falkenberg mölndal kalmar kristianstad skövde uddevalla skåne götaland götalands dalarna europa norden
    facebook google instagram swish bankid teams kommunfullmäktige socialtjänsten försäkringskassan skatteverket
    arbetsförmedlingen polisen trafikverket migrationsverket försäkringskassa onsala åsa särö fjärås frillesås
    vallda jul påsk midsommar gud jesus covid corona internet wifi ikea ica coop willys lidl hemköp systembolaget
    apoteket väg gata gränd stig allé bro teater folkets hus park äldreboende café restaurang
"""
NO_NAMES = frozenset(_NO_NAMES.split())
# Words that begin sentences; beside them a capitalised word may still be a name, they never are.
_OPENING = """
    ring mejla maila kontakta fråga hälsa prata tacka tackar beröm låt skriv be sök kolla snälla kära underbara duktiga
    fantastiska speciellt särskilt framför dessutom sedan ibland både eloge guldstjärna heja
    alla allt allting andra att av bara behöver blev blir bra bäst bättre borde både de dem den denna dessa det
    detta dom dock du där därför då dålig dåligt efter en ett eller ens er ert fick fin fint finns flera fler
    fungerar för först får från ge ger gick gillar ha hade han har hej hela hemskt hon hoppas hur här i ibland
    igen ingen inga inget inte ja jag jo ju jättebra jättefint kan kanske kom kommer kort kul känns lite långsamt
    mer mest med men mig min mina mitt många mycket måste möter nej ni nog nu när någon några nästan och också
    ofta olika om oss personal personalen på samma sedan ser sen sin sina sist sitt ska skulle snabbt som sover
    stor stort super så sämre tack till tills trevlig trevligt trots tycker tyvärr under ut utan utmärkt vad var
    vara varför varje varken vem vet vi vid vill vilken vilket vår våra vårt väldigt vänlig vänliga än ändå är
    även åt över önskar öppna
"""
OPENING = frozenset(_OPENING.split())
PLACE = re.compile(
    r"\w{3,}(?:gatan|vägen|torget|skolan|skola|parken|kyrkan|hemmet|gården|gårdens|badet|hallen|huset|kommun|centrum|"
    r"stranden|hamnen|stationen|biblioteket|lasarettet|sjukhuset|boendet|föreningen|verket|banken|bolaget|plan|väg|ängar|stad|området)s?"
)
# How ordinary words end that begin a sentence.
INFLECTED = re.compile(
    r"\w{3,}(?:arna|erna|orna|heten|ningen|ningar|ning|skap|het|tion|tionen|aren|are|igt|liga|lig|ande|ende|ade|"
    r"[^aeiouyåäö]en|[^aeiouyåäö]et)"
)


@dataclass(frozen=True)
class Word:
    """A word of a text: where, its small letters, whether it begins with a capital and a sentence."""

    start: int
    end: int
    plain: str
    capital: bool
    opens: bool


def _names(text: str, put: Put) -> str:
    words = [
        Word(found.start(), found.end(), found[0].lower(), found[0][0].isupper(), _opens(text, found.start()))
        for found in WORD.finditer(text)
        if not (text[found.start() - 1 : found.start()] == "[" and text[found.end() : found.end() + 1] == "]")
    ]
    named = [_is_name(words, i, text) for i in range(len(words))]
    _carry_on(words, named, text)
    pieces, last, i = list[str](), 0, 0
    while i < len(words):
        if not named[i]:
            i += 1
            continue
        first = i
        while i + 1 < len(words) and named[i + 1] and _beside(words[i], words[i + 1], text):
            i += 1
        pieces += [text[last : words[first].start], put(Kind.NAME)]
        last = words[i].end
        i += 1
    return "".join([*pieces, text[last:]])


def _opens(text: str, start: int) -> bool:
    return ENDS.search(text[max(0, start - 12) : start]) is not None


def _beside(left: Word, right: Word, text: str) -> bool:
    return BETWEEN.fullmatch(text[left.end : right.start]) is not None


def _is_name(words: list[Word], i: int, text: str) -> bool:
    """Whether a word is a name by itself or by what stands before it."""
    word = words[i]
    before = words[i - 1] if i and _near(words[i - 1], word, text) else None
    if before is not None and before.plain == "i" and word.plain in NO_NAMES:
        return False  # “i Åsa” is a place
    if _listed(word.plain, GIVEN) or SON.fullmatch(_bare(word.plain)):
        return True
    if _listed(word.plain, FAMILY):
        return word.capital
    if before is not None and before.plain in CALLED and not _ordinary(word):
        told = i > 1 and words[i - 2].plain in WHO_IS_CALLED and before.plain in {"heter", "hette"}
        return word.capital or (told and word.plain not in {"duga", "samma", "likadant", "annat"})
    if not word.capital:
        return False
    if _listed(word.plain, GIVEN_WITH_CAPITAL):
        return True
    if before is not None and before.plain in SIGNED and not _ordinary(word):
        return True
    if word.opens:
        return False
    if _listed(word.plain, GIVEN_THAT_ARE_WORDS):
        return True
    if before is not None and before.plain in TITLES and not _ordinary(word):
        return True
    return _beside_an_unknown(words, i, text)


def _near(left: Word, right: Word, text: str) -> bool:
    """Next to it, with no more than a comma, a colon or a new line between, as below a greeting."""
    return re.fullmatch(r"[\s,.:]{1,4}", text[left.end : right.start]) is not None


def _beside_an_unknown(words: list[Word], i: int, text: str) -> bool:
    """Two capitalised words in a row inside a sentence, neither a place nor an office: a name that no list has."""
    return any(
        left.capital
        and right.capital
        and not _ordinary(left)
        and not _ordinary(right)
        and not text[left.start : left.end].isupper()
        and not text[right.start : right.end].isupper()
        and _beside(left, right, text)
        for left, right in ((words[j], words[j + 1]) for j in (i - 1, i) if 0 <= j < len(words) - 1)
    )


def _carry_on(words: list[Word], named: list[bool], text: str) -> None:
    """Lets a name reach over what belongs to it: a family name after a given one, particles, the word that opens the
    sentence before a family name."""
    for i, word in enumerate(words):
        if named[i] or i == 0 or not named[i - 1] or not _beside(words[i - 1], word, text):
            continue
        last_name = word.capital or _listed(word.plain, FAMILY)
        if last_name and not (_ordinary(word) and word.plain not in FAMILY_THAT_ARE_WORDS):
            named[i] = True
        elif (
            word.plain in PARTICLES
            and i + 1 < len(words)
            and words[i + 1].capital
            and _beside(word, words[i + 1], text)
        ):
            named[i] = named[i + 1] = True
    for i in range(len(words) - 1):
        word = words[i]
        if word.opens and word.capital and named[i + 1] and words[i + 1].capital and _beside(word, words[i + 1], text):
            named[i] = named[i] or not (_ordinary(word) or word.plain in TITLES)


def _ordinary(word: Word) -> bool:
    """A word that is no name, by the lists and by how it ends."""
    plain = word.plain
    listed = plain in NO_NAMES or plain in OPENING or plain in TITLES or plain in SIGNED
    return listed or PLACE.fullmatch(plain) is not None or (word.opens and INFLECTED.fullmatch(plain) is not None)


def _bare(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _listed(word: str, names: frozenset[str]) -> bool:
    """In the list, also in the genitive, and of a double name every part."""
    if word in names or _bare(word) in names:
        return True
    parts = re.split(r"[-’']", word)
    return len(parts) > 1 and all(_bare(part) in ANY_GIVEN or part in ANY_GIVEN for part in parts)
