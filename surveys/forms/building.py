"""Forms of the builder: surveys, waves, pages, questions with their choices, rules. Texts come in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from indicators.periods import Period, PeriodError
from surveys.compute.questionnaire import GRADES, LONGEST_TEXT, PAIRS
from surveys.models import QuestionVersion, Wave, Weighting
from surveys.operations.editing import Rewording
from surveys.operations.questionnaire import WAVE_TEXTS

# Words that stand where a wave's code does in addresses of the survey itself.
RESERVED = frozenset({"settings", "links", "new-wave", "themes", "hypotheses", "comments", "results", "edition"})
# "page": the open link answer/page/2026/ would be page 2026 of a questionnaire.
RESERVED_SURVEYS = frozenset({"new", "edition", "needs", "purges", "page"})
WITH_ROWS = frozenset({"share", "single", "multiple"})
WITH_ENDS = frozenset(GRADES) - {"kano"}
NO_OPINION_VALUES = (9, 99, 999)
OWN_CHOICES = "own"
EXTRA_CHOICES = 3
FIRST_CHOICES = 6
MOST_CHOICES = 40
TAKEN = gettext_lazy("“%(code)s” has a use of its own in addresses. Choose another.")
BEFORE_OPENING = gettext_lazy("Needed before the wave opens.")
NO_OPINION = {"sv": "Vet ej eller ingen åsikt", "en": "Don't know or no opinion"}
Texts = Mapping[str, str]


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, required=False, widget=widget)


class SurveyForm(forms.Form):
    """A survey's code, name, purpose and department."""

    name_sv = forms.CharField(label=gettext_lazy("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    code = forms.SlugField(
        label=pgettext_lazy("of a survey", "Address"),
        max_length=40,
        help_text=gettext_lazy("Letters a to z, digits and hyphens, e.g. citizen-survey. It cannot be changed later."),
    )
    purpose_sv = forms.CharField(
        label=gettext_lazy("Purpose in Swedish"),
        required=False,
        widget=_area(),
        help_text=gettext_lazy("What the answers are used for. Residents read it before they answer."),
    )
    purpose_en = forms.CharField(label=gettext_lazy("Purpose in English"), required=False, widget=_area())
    department = forms.TypedChoiceField(label=gettext_lazy("Who asks"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, departments: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "department", [("", _("Nobody named")), *departments])

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if code in RESERVED_SURVEYS:
            raise forms.ValidationError(TAKEN % {"code": code})
        return code

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        found = {"name": _both(data, "name"), "purpose": _both(data, "purpose"), "department_id": data["department"]}
        return found | ({"code": data["code"]} if "code" in data else {})


class SurveySettingsForm(SurveyForm):
    """What holds for all waves of a survey."""

    overall = forms.TypedChoiceField(
        label=gettext_lazy("Question on satisfaction as a whole"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy(
            "Tells the satisfied from the dissatisfied, and is what other answers are weighed against."
        ),
    )
    least_count = forms.IntegerField(
        label=gettext_lazy("Least number of answers behind a count"),
        min_value=3,
        max_value=100,
        help_text=gettext_lazy("Fewer are hidden to protect single people. At least 3; 5 is usual."),
    )
    least_base = forms.IntegerField(
        label=gettext_lazy("Least number of answers behind a share or a mean of a group"),
        min_value=3,
        max_value=1000,
        help_text=gettext_lazy("20 is usual."),
    )
    keep_texts_days = forms.IntegerField(
        label=gettext_lazy("Days that free texts are kept"),
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Counted from the day a wave closes. Then the texts are deleted."),
    )

    def __init__(self, *args: Any, questions: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"]
        _offer(self, "overall", [("", _("None")), *questions])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        count, base = data.get("least_count"), data.get("least_base")
        if count is not None and base is not None and base < count:
            self.add_error("least_base", _("It cannot be less than the least number behind a count."))
        return data

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("least_count", "least_base", "keep_texts_days")
        return super().given() | {name: data[name] for name in names} | {"overall_id": data["overall"]}


class WaveForm(forms.Form):
    """A wave's code and period."""

    code = forms.SlugField(
        label=pgettext_lazy("of a wave", "Name in the address"),
        max_length=20,
        help_text=gettext_lazy("For example 2026 or 2026-t2."),
    )
    period = forms.CharField(
        label=gettext_lazy("Period that the results stand for"),
        max_length=8,
        help_text=gettext_lazy("For example 2026, 2026H1, 2026T2, 2026Q3 or 2026M05."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if code in RESERVED:
            raise forms.ValidationError(TAKEN % {"code": code})
        return code

    def clean_period(self) -> str:
        try:
            return Period.parse(self.cleaned_data["period"]).code
        except PeriodError as error:
            raise forms.ValidationError(
                _("That is no period. Write for example 2026, 2026H1, 2026T2, 2026Q3 or 2026M05.")
            ) from error


WAVE_TEXT_LABELS = {
    "population_text": (gettext_lazy("Who is asked about, in Swedish"), gettext_lazy("Who is asked about, in English")),
    "frame_text": (gettext_lazy("The register, in Swedish"), gettext_lazy("The register, in English")),
    "mode_text": (gettext_lazy("How people were asked, in Swedish"), gettext_lazy("How people were asked, in English")),
    "change_text": (
        gettext_lazy("What is different this time, in Swedish"),
        gettext_lazy("What is different this time, in English"),
    ),
}


class WaveSettingsForm(WaveForm):
    """Dates, sample, weights and the texts of the method page. What stands fast by now is left out."""

    opens_on = _day(gettext_lazy("First day"))
    closes_on = _day(gettext_lazy("Last day for answers"))
    link_open = forms.BooleanField(
        label=gettext_lazy("Anybody may answer by an open link"),
        required=False,
        help_text=gettext_lazy("Such answers are marked, since those who answer have chosen themselves."),
    )
    population = forms.IntegerField(
        label=gettext_lazy("People whom the survey is about"), required=False, min_value=1, max_value=20_000_000
    )
    weighting = forms.ChoiceField(
        label=gettext_lazy("Weights"),
        choices=Weighting.choices,
        help_text=gettext_lazy("How answers are made to stand for everybody whom the survey is about."),
    )
    adjust_lonely = forms.BooleanField(
        label=gettext_lazy("Estimate margins of error even where a part of the sample has a single answer"),
        required=False,
    )
    method_break = forms.BooleanField(
        label=gettext_lazy("The method differs so much that results cannot be compared with earlier waves"),
        required=False,
    )

    def __init__(self, *args: Any, fixed: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, labels in WAVE_TEXT_LABELS.items():
            for language, label in zip(("sv", "en"), labels, strict=True):
                self.fields[f"{name}_{language}"] = forms.CharField(label=label, required=False, widget=_area(2))
        for name in fixed:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("opens_on", self.initial.get("opens_on")), data.get("closes_on")
        if first and last and last < first and "closes_on" in self.fields:
            self.add_error("closes_on", _("The last day comes before the first. Choose a later one."))
        return data

    def given(self) -> dict[str, Any]:
        """The columns and the texts in both languages, as the operation takes them."""
        data = self.cleaned_data
        texts = {name: _both(data, name) for name in WAVE_TEXTS}
        names = {f"{name}_{language}" for name in WAVE_TEXTS for language in ("sv", "en")}
        return {"columns": {name: value for name, value in data.items() if name not in names}, "texts": texts}


def wave_initial(wave: Wave) -> dict[str, Any]:
    """What stands in the settings' form."""
    names = [name for name in WaveSettingsForm.base_fields if hasattr(wave, name)]
    texts = [f"{name}_{language}" for name in WAVE_TEXTS for language in ("sv", "en")]
    return {name: getattr(wave, name) for name in (*names, *texts)}


class SectionForm(forms.Form):
    """A page of the questionnaire."""

    title_sv = forms.CharField(label=gettext_lazy("Title in Swedish"), max_length=120)
    title_en = forms.CharField(
        label=gettext_lazy("Title in English"), max_length=120, required=False, help_text=BEFORE_OPENING
    )
    intro_sv = forms.CharField(label=gettext_lazy("Introduction in Swedish"), required=False, widget=_area())
    intro_en = forms.CharField(label=gettext_lazy("Introduction in English"), required=False, widget=_area())

    def given(self) -> dict[str, Texts]:
        return {"title": _both(self.cleaned_data, "title"), "intro": _both(self.cleaned_data, "intro")}


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class QuestionForm(forms.Form):
    """The wording of a question; which fields there are follows from its kind.

    `asked`: the wording has been used, so a change must be declared; `published`: other municipalities' results of it
    exist; `scales`: shared answers to choose from by name.
    """

    text_sv = forms.CharField(label=gettext_lazy("Question in Swedish"), max_length=LONGEST_TEXT, widget=_area(2))
    text_en = forms.CharField(
        label=gettext_lazy("Question in English"), max_length=LONGEST_TEXT, required=False, widget=_area(2),
        help_text=BEFORE_OPENING,
    )  # fmt: skip

    def __init__(
        self, *args: Any, kind: str, asked: bool = False, published: bool = False,
        scales: Sequence[tuple[str, str]] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kind, self.asked = kind, asked
        if kind in PAIRS:
            self._pair()
        self._text("help", _("Help in Swedish"), _("Help in English"))
        if kind == "number":
            self._range()
        if kind in WITH_ENDS:
            self._grades()
        if kind == "single":
            self.fields["background"] = forms.BooleanField(
                label=_("About the person: results are also shown by this question's choices"), required=False
            )
        if scales and kind == "share":
            self.fields["scale"] = forms.ChoiceField(
                label=_("Answers"),
                choices=[(OWN_CHOICES, _("The choices that I write below")), *scales],
                help_text=_("The same answers in many questions make a survey easier to answer and to read."),
            )
        if asked:
            self._declaration()
        elif published:
            self.fields["comparable"] = forms.BooleanField(
                label=_("It still means the same as in other municipalities: show their results beside ours"),
                required=False,
                initial=True,
            )

    def _pair(self) -> None:
        first = _("Expectation") if self.kind == "expectation" else _("If it is there")
        second = _("Experience") if self.kind == "expectation" else _("If it is missing")
        self.fields["text_sv"].label = _("%(half)s, in Swedish") % {"half": first}
        self.fields["text_en"].label = _("%(half)s, in English") % {"half": first}
        self._text(
            "second_text",
            _("%(half)s, in Swedish") % {"half": second},
            _("%(half)s, in English") % {"half": second},
            required=True,
        )

    def _text(self, name: str, swedish: str, english: str, *, required: bool = False) -> None:
        long = name == "second_text"
        for language, label in (("sv", swedish), ("en", english)):
            self.fields[f"{name}_{language}"] = forms.CharField(
                label=label,
                required=required and language == "sv",
                help_text=BEFORE_OPENING if required and language == "en" else "",
                max_length=LONGEST_TEXT if long else 500 if name == "help" else 160,
                widget=_area(2) if long else forms.TextInput(),
            )

    def _grades(self) -> None:
        self._text("low", _("The lowest grade means, in Swedish"), _("The lowest grade means, in English"))
        self._text("high", _("The highest grade means, in Swedish"), _("The highest grade means, in English"))
        self.fields["no_opinion"] = forms.BooleanField(
            label=_("People may answer that they do not know or have no opinion"), required=False
        )

    def _range(self) -> None:
        self.fields["minimum"] = forms.FloatField(label=_("Least possible number"), required=False, localize=True)
        self.fields["maximum"] = forms.FloatField(label=_("Greatest possible number"), required=False, localize=True)
        self._text("unit", _("Unit in Swedish"), _("Unit in English"))
        for language in ("sv", "en"):
            field = self.fields[f"unit_{language}"]
            assert isinstance(field, forms.CharField)
            field.max_length = 40

    def _declaration(self) -> None:
        self.fields["how"] = forms.ChoiceField(
            label=_("The question has been asked before. What does the new wording mean?"),
            widget=forms.RadioSelect,
            choices=[
                (Rewording.CONTINUES.value, _("The same as before: its series goes on")),
                (Rewording.ANEW.value, _("Something else: its series starts anew")),
            ],
        )
        self.fields["reason"] = forms.CharField(
            label=_("Why it means the same"),
            required=False,
            widget=_area(2),
            help_text=_("Shown on the method page."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        low, high = data.get("minimum"), data.get("maximum")
        if low is not None and high is not None and low >= high:
            self.add_error("maximum", _("The greatest number must be above the least."))
        if data.get("how") == Rewording.CONTINUES and not data.get("reason", "").strip():
            self.add_error(
                "reason", _("Say why the new wording means the same: the series goes on only with a reason.")
            )
        return data

    def definition(self, options: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The question as a plain definition. `options`: of the rows of choices, or a shared scale's."""
        data = self.cleaned_data
        found: dict[str, Any] = {"kind": self.kind, "text": _both(data, "text"), "help": _both(data, "help")}
        found |= {name: _both(data, name) for name in ("second_text", "unit") if f"{name}_sv" in data}
        found |= {name: data[name] for name in ("minimum", "maximum", "background", "comparable") if name in data}
        found["options"] = list(options) if self.kind not in WITH_ENDS else self._ends()
        return found

    def _ends(self) -> list[dict[str, Any]]:
        grades = dict(zip(("low", "high"), GRADES[self.kind], strict=True))
        ends = [{"value": grade, "label": _both(self.cleaned_data, name)} for name, grade in grades.items()]
        found = [end for end in ends if any(end["label"].values())]  # type: ignore[attr-defined]
        if self.cleaned_data["no_opinion"]:
            found.append({"value": NO_OPINION_VALUES[1], "label": NO_OPINION, "no_opinion": True})
        return found


class ChoiceForm(forms.Form):
    """A row of the choices of a question."""

    value = forms.IntegerField(widget=forms.HiddenInput, required=False)
    label_sv = forms.CharField(label=gettext_lazy("In Swedish"), max_length=160, required=False)
    label_en = forms.CharField(label=gettext_lazy("In English"), max_length=160, required=False)
    positive = forms.BooleanField(label=gettext_lazy("Good answer"), required=False)
    no_opinion = forms.BooleanField(label=gettext_lazy("No opinion"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("positive") and data.get("no_opinion"):
            self.add_error("no_opinion", _("“No opinion” cannot be a good answer. Keep one of the two marks."))
        marked = data.get("positive") or data.get("no_opinion")
        if marked and not (data.get("label_sv") or data.get("label_en")):
            self.add_error("label_sv", _("Write the words of the choice."))
        return data

    @property
    def is_filled(self) -> bool:
        data = self.cleaned_data
        return bool(data.get("label_sv") or data.get("label_en"))


FirstChoices = formset_factory(ChoiceForm, extra=FIRST_CHOICES, max_num=MOST_CHOICES, absolute_max=MOST_CHOICES)
MoreChoices = formset_factory(ChoiceForm, extra=EXTRA_CHOICES, max_num=MOST_CHOICES, absolute_max=MOST_CHOICES)


def options_of(rows: "BaseFormSet[Any]", kind: str) -> list[dict[str, Any]]:
    """The choices of filled rows, in their order; rows whose words were taken away are dropped.

    A row that had a value keeps it. New ones get the next free value; of a new scale in words the first row is the
    best and gets the highest.
    """
    filled = [row.cleaned_data for row in rows.forms if row.is_filled]
    kept = {row["value"] for row in filled if row.get("value") is not None}
    opinions = [row for row in filled if not row["no_opinion"]]
    free = [value for value in range(1, MOST_CHOICES * 2) if value not in kept and value not in NO_OPINION_VALUES]
    wanted = free[: sum(1 for row in opinions if row.get("value") is None)]
    if kind == "share" and not kept:
        wanted.reverse()
    values = iter(wanted)
    apart = iter(value for value in NO_OPINION_VALUES if value not in kept)
    found = []
    for row in filled:
        value = row.get("value")
        if value is None:
            value = next(apart) if row["no_opinion"] else next(values)
        found.append(
            {
                "value": value,
                "label": _both(row, "label"),
                "positive": row["positive"],
                "no_opinion": row["no_opinion"],
            }
        )
    return found


class RuleForm(forms.Form):
    """Whether a question must be answered, and which answers to one earlier question show it.

    `offered`: (question, [("item:value", answer)]) in the order of asking.
    """

    required = forms.BooleanField(
        label=gettext_lazy("Must be answered"),
        required=False,
        help_text=gettext_lazy("Use it sparingly: people who cannot answer leave the survey."),
    )
    shown_by = forms.MultipleChoiceField(
        label=gettext_lazy("Show it only if one of these answers was given"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing chosen: it always shows. Choose answers of one question only."),
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[str, Sequence[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "shown_by", offered)
        if not offered:
            del self.fields["shown_by"]

    def clean_shown_by(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["shown_by"]
        if len({choice.partition(":")[0] for choice in chosen}) > 1:
            raise forms.ValidationError(_("These answers belong to different questions. Choose answers of one only."))
        return chosen

    def given(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("shown_by", [])
        pairs = [choice.split(":") for choice in chosen]
        return {
            "required": self.cleaned_data["required"],
            "shown_by": int(pairs[0][0]) if pairs else None,
            "shown_values": [int(value) for _item, value in pairs],
        }


def _both(data: Mapping[str, Any], name: str) -> dict[str, str]:
    return {language: (data.get(f"{name}_{language}") or "").strip() for language in ("sv", "en")}


def _offer(form: forms.Form, name: str, choices: Sequence[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def question_initial(version: QuestionVersion) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What stands in a question's form, and in the rows of its choices."""
    initial: dict[str, Any] = {
        f"{name}_{language}": getattr(version, f"{name}_{language}") or ""
        for name in ("text", "second_text", "help", "unit")
        for language in ("sv", "en")
    }
    initial |= {"minimum": version.minimum, "maximum": version.maximum, "background": version.question.background}
    rows: list[dict[str, Any]] = [
        {
            "value": option.value,
            "label_sv": option.label_sv or "",  # type: ignore[attr-defined]
            "label_en": option.label_en or "",  # type: ignore[attr-defined]
            "positive": option.positive,
            "no_opinion": option.no_opinion,
        }
        for option in version.options.all()
    ]
    if version.question.kind in WITH_ENDS:
        lowest, highest = GRADES[version.question.kind]
        for name, grade in (("low", lowest), ("high", highest)):
            words = next((row for row in rows if row["value"] == grade and not row["no_opinion"]), {})
            initial |= {f"{name}_{language}": words.get(f"label_{language}", "") for language in ("sv", "en")}
        initial["no_opinion"] = any(row["no_opinion"] for row in rows)
    return initial, rows
