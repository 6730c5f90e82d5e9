"""Forms of mailings: what is written to people, with places for what differs from person to person."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from surveys.compute.letter_text import LANGUAGES, MailText, Part, places, unknown_places
from surveys.models import Wave
from surveys.read_models.mailings import sender as sender_of

TO_FILL_IN = "["  # the suggested text marks so what only a person can know


def suggested(wave: Wave, *, kind: str, channel: str, municipality: str, contact: str) -> dict[str, str]:
    """The form's first texts: of a file for each kind and language, whose first line is the subject."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with override(language):
            sender = sender_of(municipality)
        context = {
            "survey": getattr(wave.survey, f"name_{language}") or wave.survey.name,
            "purpose": getattr(wave.survey, f"purpose_{language}") or "",
            "frame": getattr(wave, f"frame_text_{language}") or "",
            "sender": sender,
            "contact": contact,
            "email": channel == "email",
        }
        text = render_to_string(f"surveys/letters/{kind}_{language}.txt", context)
        subject, _gap, body = text.strip().partition("\n")
        found |= {f"subject_{language}": subject.strip(), f"body_{language}": body.strip()}
    return found


def _subject(label: Any, required: bool) -> forms.CharField:
    return forms.CharField(label=label, max_length=160, required=required)


def _body(label: Any, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=6000, required=required, widget=forms.Textarea(attrs={"rows": 18})
    )  # fmt: skip


class MailingForm(forms.Form):
    """An invitation or a reminder in both languages; `mail_text()` gives it as it is kept. `undated`: the last
    day for answers is still to be set, so that no text can name it."""

    subject_sv = _subject(gettext_lazy("Subject in Swedish"), True)
    body_sv = _body(gettext_lazy("Text in Swedish"), True)
    subject_en = _subject(gettext_lazy("Subject in English"), False)
    body_en = _body(gettext_lazy("Text in English"), False)
    both = forms.BooleanField(
        label=gettext_lazy("The other language on the back of every letter"),
        required=False,
        help_text=gettext_lazy("Otherwise each person gets the letter in their own language only."),
    )

    def __init__(self, *args: Any, channel: str, undated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel, self.undated = channel, undated
        if channel == "email":
            del self.fields["both"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for language in LANGUAGES:
            subject, body = data.get(f"subject_{language}", ""), data.get(f"body_{language}", "")
            if bool(subject) != bool(body) and language == "en":
                self.add_error(
                    "body_en" if subject else "subject_en", _("Write both the subject and the text, or neither.")
                )
            self._check_places(f"subject_{language}", subject)
            self._check_places(f"body_{language}", body)
            if body and self.channel == "email" and "link" not in places(body):
                self.add_error(f"body_{language}", _("The text needs the place {link}: without it nobody can answer."))
        return data

    def _check_places(self, name: str, text: str) -> None:
        if unknown := unknown_places(text):
            told = _("%(places)s stands for nothing. Use {name}, {link}, {code} and {last day}.")
            self.add_error(name, told % {"places": ", ".join(unknown)})
        if name.startswith("subject") and "link" in places(text):
            self.add_error(name, _("The subject must not hold the link."))
        if "last day" in places(text) and self.undated:
            self.add_error(
                name, _("The last day for answers is not set. Set it in the wave's settings, or take away {last day}.")
            )
        if TO_FILL_IN in text:
            self.add_error(name, _("Replace what stands in square brackets [ ] with your own words."))

    def mail_text(self) -> MailText:
        data = self.cleaned_data
        sv, en = (Part(data[f"subject_{code}"], _lines(data[f"body_{code}"])) for code in LANGUAGES)
        return MailText(sv, en, bool(data.get("both")))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
