"""A survey with a wave that is prepared, a background question, and registers to draw from."""

from datetime import date
from typing import Any

from django.utils import timezone

from indicators.sources.sheet import Limits
from surveys.compute.letter_text import MailText, Part
from surveys.models import Item, Mailing, Option, Question, QuestionVersion, Section, Survey, Wave, WaveState
from surveys.operations import mailings, sampling
from surveys.queries import sampling as queries
from surveys.sources.frame_file import FrameFile, read_frame_file

TEXT = MailText(
    Part("Vad tycker du?", "Hej {namn}!\n\nSvara senast {sista dag}: {länk}\n\nHälsningar\nEkvik"),
    Part("What do you think?", "Dear {name},\n\nAnswer by {last day}: {link}"),
)


def wave(survey_code: str = "resident", **more: Any) -> Wave:
    """A wave in preparation, whose only question is the gender of who answers."""
    survey = Survey.objects.create(code=survey_code, name_sv="Medborgarundersökningen", name_en="The citizen survey")
    made = Wave.objects.create(
        survey=survey, code="2026", period="2026", opens_on=date(2026, 9, 1), closes_on=date(2026, 10, 31), **more
    )
    section = Section.objects.create(wave=made, title_sv="Om dig", title_en="About you")
    question = Question.objects.create(survey=survey, code="gender", kind="single", background=True)
    version = QuestionVersion.objects.create(question=question, text_sv="Kön", text_en="Gender")
    for value, swedish, english in ((1, "Kvinna", "Woman"), (2, "Man", "Man")):
        Option.objects.create(version=version, value=value, label_sv=swedish, label_en=english)
    Item.objects.create(wave=made, section=section, version=version)
    return made


def register(*strata: tuple[str, int], emails: bool = True) -> bytes:
    """So many invented people of each stratum, every fifth reading English, women and men by turns."""
    lines = ["Stratum;Namn;Adress;Postnummer;Ort;E-post;Språk;Kön"]
    for stratum, count in strata:
        for number in range(count):
            mail = f"{stratum.lower()}{number}@example.org" if emails else ""
            language, gender = "en" if number % 5 == 4 else "sv", "Kvinna" if number % 2 else "Man"
            lines.append(
                f"{stratum};Person {stratum} {number};Gatan {number};43430;Ekvik;{mail};{language};{gender}"
            )  # fmt: skip
    return "\n".join(lines).encode()


def frame(of: Wave, content: bytes) -> FrameFile:
    limits: Limits = queries.limits()
    return read_frame_file(content, limits, queries.frame_backgrounds(of))


def read(of: Wave, content: bytes, *, leave_out: bool = False) -> sampling.FrameStored:
    return sampling.read_frame(
        wave_id=of.pk, filename="register.csv", content=content, frame=frame(of, content), leave_out=leave_out, by=None
    )


def drawn(*wanted: tuple[str, int], seed: int = 7, of: Wave | None = None) -> Wave:
    """A wave with a sample from a register with ten times as many people in each stratum."""
    made = of or wave()
    read(made, register(*((name, 10 * count) for name, count in wanted)))
    sampling.draw_sample(wave_id=made.pk, wanted=dict(wanted), seed=seed, now=timezone.now(), by=None)
    return made


def opened(made: Wave) -> Wave:
    """Open until further notice."""
    Wave.objects.filter(pk=made.pk).update(state=WaveState.OPEN, closes_on=None)
    made.refresh_from_db()
    return made


def prepared(of: Wave, kind: str = "invitation", channel: str = "letter", text: MailText = TEXT) -> Mailing:
    return mailings.prepare_mailing(wave_id=of.pk, kind=kind, channel=channel, text=text, by=None)
