"""A survey that residents answer: every kind of question on five pages, two strata, an open link; November 2026."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.models import Department
from surveys.compute.tokens import ALPHABET, LENGTH
from surveys.models import (
    Invitation,
    Item,
    Option,
    Question,
    QuestionVersion,
    Section,
    Stratum,
    Survey,
    Wave,
    WaveState,
)

TODAY = date(2026, 11, 21)
CLOSES = date(2099, 12, 31)
AGREES = ["Inte alls bra", "Inte särskilt bra", "Ganska bra", "Mycket bra"]
AGREES_EN = ["Not at all good", "Not very good", "Fairly good", "Very good"]
DO_NOT_KNOW = ("Vet ej", "Do not know")

SECTIONS: list[dict[str, Any]] = [
    {
        "title": ("Att bo här", "Living here"),
        "intro": ("Först några frågor om kommunen som plats.", "First some questions on the municipality as a place."),
        "questions": [
            {"code": "place", "kind": "share", "text": ("Hur är det att bo här?", "How is it to live here?"),
             "required": True},
            {"code": "why", "kind": "text", "text": ("Varför är det inte bra?", "Why is it not good?"),
             "shown_by": "place", "shown_values": [1, 2]},
            {"code": "recommend", "kind": "ten",
             "text": ("Hur troligt är det att du rekommenderar andra att flytta hit?",
                      "How likely are you to recommend others to move here?"),
             "ends": [("Inte alls troligt", "Not at all likely"), ("Mycket troligt", "Very likely")]},
        ],
    },
    {
        "title": ("Skolan", "School"),
        "questions": [
            {"code": "children", "kind": "single", "text": ("Har du barn i skolan?", "Do you have children at school?"),
             "options": [("Ja", "Yes"), ("Nej", "No")]},
            {"code": "school", "kind": "five", "text": ("Vilket betyg ger du skolan?", "How do you grade the school?"),
             "ends": [("Lägsta betyg", "Lowest grade"), ("Högsta betyg", "Highest grade")],
             "shown_by": "children", "shown_values": [1], "no_opinion": True},
        ],
    },
    {
        "title": ("Skolan, fortsättning", "School, continued"),
        "questions": [
            {"code": "lessons", "kind": "five",
             "text": ("Vilket betyg ger du lektionerna?", "How do you grade the lessons?"),
             "shown_by": "children", "shown_values": [1]},
        ],
    },
    {
        "title": ("Kontakten med kommunen", "Contact with the municipality"),
        "questions": [
            {"code": "ways", "kind": "multiple", "text": ("Hur har du kontaktat oss?", "How did you contact us?"),
             "options": [("Telefon", "Telephone"), ("E-post", "E-mail"), ("Besök", "A visit")], "no_opinion": True},
            {"code": "calls", "kind": "number", "text": ("Hur många gånger ringde du?", "How often did you call?"),
             "minimum": 0, "maximum": 50, "unit": ("gånger", "times"), "no_opinion": True},
            {"code": "answer-time", "kind": "expectation",
             "text": ("Hur viktigt är det att få svar samma dag?", "How important is an answer on the same day?"),
             "second": ("Hur väl stämde det att du fick svar samma dag?", "How true was it that you got one?"),
             "ends": [("Inte alls", "Not at all"), ("Helt", "Fully")]},
            {"code": "chat", "kind": "kano", "text": ("Om det fanns en chatt, vad skulle du tycka?",
                                                     "If there were a chat, what would you think?"),
             "second": ("Om det inte fanns en chatt, vad skulle du tycka?",
                        "If there were no chat, what would you think?")},
        ],
    },
    {
        "title": ("Om dig", "About you"),
        "questions": [
            {"code": "sex", "kind": "single", "background": True, "required": True, "text": ("Är du", "Are you"),
             "options": [("kvinna", "a woman"), ("man", "a man"), ("annat", "other")]},
            {"code": "more", "kind": "text", "text": ("Är det något mer du vill säga?", "Is there anything more?")},
        ],
    },
]  # fmt: skip


@dataclass
class World:
    """`tokens`: of the invitations, by stratum in turn."""

    survey: Survey
    wave: Wave
    tokens: list[str]
    questions: dict[str, Question]

    def option(self, code: str, label: str) -> int:
        return Option.objects.get(version__question__code=code, label_sv=label).value


def token(number: int) -> str:
    """A code of twelve characters that is always the same for a number."""
    found = ""
    for _place in range(LENGTH):
        found += ALPHABET[number % len(ALPHABET)]
        number = (number * 7 + 3) // 2
    return found


def tokens(count: int) -> Iterator[str]:
    return (token(1000 + 37 * number) for number in range(count))


def build(invitations: int = 4, *, state: str = WaveState.OPEN, link_open: bool = True, **of_wave: Any) -> World:
    department, _made = Department.objects.get_or_create(code="quality", defaults={"name_sv": "Kvalitetsenheten"})
    department.name_en = "The quality unit"
    department.save()
    survey = Survey.objects.create(
        code="citizens", name_sv="Medborgarundersökning", name_en="Citizen survey", department=department,
        purpose_sv="Kommunen vill veta hur det är att bo här och vad som behöver bli bättre.",
        purpose_en="The municipality wants to know how it is to live here, and what has to become better.",
    )  # fmt: skip
    wave = Wave.objects.create(
        survey=survey, code="2026", period="2026", state=state, link_open=link_open,
        **({"opens_on": date(2026, 1, 1), "closes_on": CLOSES} | of_wave),
    )  # fmt: skip
    questions = _questions(survey, wave)
    survey.overall = questions["place"]
    survey.save()
    return World(survey, wave, invite(wave, invitations), questions)


def invite(wave: Wave, count: int) -> list[str]:
    strata = [
        Stratum.objects.create(wave=wave, code=code, population=5000, wanted=count, sampled=count)
        for code in ("north", "south")
    ]
    made = list(tokens(count))
    assert len(set(made)) == count
    Invitation.objects.bulk_create(
        Invitation(
            wave=wave, stratum=strata[place % 2], token=code, name=f"Person {place}", address=f"Gatan {place}",
            email=f"person{place}@example.org",
        )
        for place, code in enumerate(made)
    )  # fmt: skip
    return made


def _questions(survey: Survey, wave: Wave) -> dict[str, Question]:
    found: dict[str, Question] = {}
    items: dict[str, Item] = {}
    for place, told in enumerate(SECTIONS):
        title, intro = told["title"], told.get("intro", ("", ""))
        section = Section.objects.create(
            wave=wave, order=place, title_sv=title[0], title_en=title[1], intro_sv=intro[0], intro_en=intro[1]
        )
        for order, asked in enumerate(told["questions"]):
            code = asked["code"]
            found[code] = Question.objects.create(
                survey=survey, code=code, kind=asked["kind"], background=asked.get("background", False)
            )
            items[code] = Item.objects.create(
                wave=wave, section=section, version=_version(found[code], asked), order=order,
                required=asked.get("required", False), shown_by=items.get(asked.get("shown_by", "")),
                shown_values=asked.get("shown_values", []),
            )  # fmt: skip
    return found


def _version(question: Question, asked: dict[str, Any]) -> QuestionVersion:
    second, unit = asked.get("second", ("", "")), asked.get("unit", ("", ""))
    version = QuestionVersion.objects.create(
        question=question, text_sv=asked["text"][0], text_en=asked["text"][1], second_text_sv=second[0],
        second_text_en=second[1], unit_sv=unit[0], unit_en=unit[1], minimum=asked.get("minimum"),
        maximum=asked.get("maximum"),
    )  # fmt: skip
    labels = asked.get("options", [])
    if question.kind == "share":
        labels = list(zip(AGREES, AGREES_EN, strict=True))
    made = [
        Option(version=version, value=value, label_sv=sv, label_en=en, order=value,
               positive=question.kind == "share" and value > 2)
        for value, (sv, en) in enumerate(labels, start=1)
    ]  # fmt: skip
    if "ends" in asked:
        top = 5 if question.kind == "five" else 10
        made += [
            Option(version=version, value=value, label_sv=sv, label_en=en, order=value)
            for value, (sv, en) in zip((1, top), asked["ends"], strict=True)
        ]
    if question.kind == "share" or asked.get("no_opinion"):
        sv, en = DO_NOT_KNOW
        made.append(Option(version=version, value=99, label_sv=sv, label_en=en, no_opinion=True, order=99))
    Option.objects.bulk_create(made)
    return version
