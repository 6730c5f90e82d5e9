"""A wave with a question of most kinds, for tests of imported answers."""

from typing import Any

from surveys.models import Item, Option, Question, QuestionVersion, Section, Survey, Wave

OPINIONS = [("Mycket dålig", "Very bad"), ("Dålig", "Bad"), ("Bra", "Good"), ("Mycket bra", "Very good")]
WAYS = [("Telefon", "Phone"), ("E-post", "E-mail")]


def build(code: str = "residents", wave_code: str = "2026") -> Wave:
    """A wave that is being prepared: safety (share), reply (five, shown where contact has e-mail), contact (multiple),
    visits (number), words (free text); satisfied are those who call safety good."""
    survey = Survey.objects.create(code=code, name_sv="Invånarna", name_en="Residents")
    wave = Wave.objects.create(survey=survey, code=wave_code, period="2026")
    section = Section.objects.create(wave=wave, title_sv="Frågor", title_en="Questions")

    def ask(order: int, name: str, kind: str, **more: Any) -> Item:
        question = Question.objects.create(survey=survey, code=name, kind=kind)
        version = QuestionVersion.objects.create(question=question, text_sv=f"Om {name}?", text_en=f"About {name}?")
        return Item.objects.create(wave=wave, section=section, version=version, order=order, **more)

    safety = ask(1, "safety", "share")
    contact = ask(2, "contact", "multiple")
    ask(3, "reply", "five", shown_by=contact, shown_values=[2])
    ask(4, "visits", "number")
    ask(5, "words", "text")
    for value, (swedish, english) in enumerate(OPINIONS, start=1):
        _option(safety, value, swedish, english, positive=value > 2)
    _option(safety, 9, "Vet ej", "Don't know", no_opinion=True)
    for value, (swedish, english) in enumerate(WAYS, start=1):
        _option(contact, value, swedish, english)
    survey.overall = Question.objects.get(survey=survey, code="safety")
    survey.save()
    return wave


def _option(item: Item, value: int, swedish: str, english: str, **more: Any) -> None:
    Option.objects.create(
        version=item.version, value=value, order=value, label_sv=swedish, label_en=english, **more
    )  # fmt: skip
