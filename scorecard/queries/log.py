"""The log: sign-ins, changes of watched rows, revisions of values, judgements and decisions in one list by time.

One query finds the places of a page among all of them; then one a kind of thing reads what stands there, and one a kind
of thing that is referred to reads its name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.db.models import CharField, DateTimeField, F, ForeignKey, Model, Q, QuerySet, Value
from django.utils import timezone

from indicators.models import Measurement, SignIn
from scorecard.models import Decision, GoalJudgement
from scorecard.read_models.log import ChangeRow, DecisionRow, Entry, JudgementRow, SignInRow, ValueRow

PROGRAM = "program"
SIGN_IN, CHANGE, VALUE, JUDGEMENT, DECISION = KINDS = ("sign_in", "change", "value", "judgement", "decision")


@dataclass(frozen=True)
class Wanted:
    """What of the log is asked for: a user's id as text or PROGRAM, one of KINDS, words, days both included."""

    person: str = ""
    kind: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None


def how_many(wanted: Wanted) -> int:
    """How many lines there are (1 query, and 1 to read the kinds of things)."""
    return _places(wanted).count()


def entries(wanted: Wanted, *, first: int, number: int) -> list[Entry]:
    """So many lines from the first on, newest first (1 query, at most 2 a kind and 1 a kind of thing referred to)."""
    places = list(_places(wanted).order_by("-moment", "sort", "-key")[first : first + number])
    keys: dict[str, list[int]] = defaultdict(list)
    for place in places:
        keys[place["sort"]].append(place["key"])
    readers = {SIGN_IN: _sign_ins, CHANGE: _changes, VALUE: _values, JUDGEMENT: _judgements, DECISION: _decisions}
    read = {kind: readers[kind](ids) for kind, ids in keys.items()}
    return [read[place["sort"]][place["key"]] for place in places]


def people() -> list[tuple[str, str]]:
    """Everybody who has or had an account, by name, as choices (1 query)."""
    users = get_user_model().objects.order_by("last_name", "first_name", "email")
    return [(str(user.pk), _name(user)) for user in users]


def _places(wanted: Wanted) -> QuerySet[Any, dict[str, Any]]:
    """Time, kind and id of every line. The plain QuerySet, as that of translated models changes the columns' order."""
    parts = [
        (SIGN_IN, SignIn.objects.order_by(), "at", "user", ("account__icontains",)),
        (CHANGE, LogEntry.objects.order_by(), "timestamp", "actor", ("object_repr__icontains", "changes__icontains")),
        (VALUE, Measurement.objects.order_by(), "entered_at", "entered_by",
         ("indicator__name_sv__icontains", "indicator__name_en__icontains", "indicator__code__iexact")),
        (JUDGEMENT, QuerySet(GoalJudgement).order_by(), "entered_at", "entered_by",
         ("goal__short_sv__icontains", "goal__short_en__icontains", "goal__code__iexact")),
        (DECISION, Decision.objects.order_by(), "decided_at", "decided_by", ("prioritisation__title__icontains",)),
    ]  # fmt: skip
    chosen: list[Any] = [
        _limited(rows, wanted, at, who, fields)
        .annotate(moment=F(at), sort=Value(kind, output_field=CharField()), key=F("pk"))
        .values("moment", "sort", "key")
        for kind, rows, at, who, fields in parts
        if wanted.kind in ("", kind)
    ]
    return chosen[0].union(*chosen[1:], all=True) if len(chosen) > 1 else chosen[0]


def _limited(rows: QuerySet[Any], wanted: Wanted, at: str, who: str, fields: Sequence[str]) -> QuerySet[Any]:
    if wanted.person == PROGRAM:
        rows = rows.filter(**{f"{who}__isnull": True})
    elif wanted.person:
        rows = rows.filter(**{who: int(wanted.person)})
    if wanted.words:
        any_of = Q()
        for field in fields:
            any_of |= Q(**{field: wanted.words})
        rows = rows.filter(any_of)
    if wanted.since:
        rows = rows.filter(**{f"{at}__gte": _midnight(wanted.since)})
    if wanted.until:
        rows = rows.filter(**{f"{at}__lt": _midnight(wanted.until + timedelta(days=1))})
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _name(user: Any) -> str:
    return (user.get_full_name() or user.email or user.get_username()) if user is not None else ""


def _sign_ins(ids: Sequence[int]) -> dict[int, Entry]:
    rows = SignIn.objects.filter(pk__in=ids).select_related("user")
    return {r.pk: Entry(r.at, _name(r.user) or r.account, SignInRow(r.outcome, r.method)) for r in rows}


def _judgements(ids: Sequence[int]) -> dict[int, Entry]:
    rows = GoalJudgement.objects.filter(pk__in=ids).select_related("goal", "entered_by")
    earlier = _earlier(GoalJudgement, rows, ("goal_id", "period"), "status")
    return {
        r.pk: Entry(
            r.entered_at,
            _name(r.entered_by),
            JudgementRow(r.goal.short, r.goal.code, r.period, earlier.get(r.pk), r.status, r.motivation),
        )
        for r in rows
    }


def _decisions(ids: Sequence[int]) -> dict[int, Entry]:
    rows = Decision.objects.filter(pk__in=ids).select_related("prioritisation", "decided_by")
    return {
        r.pk: Entry(
            r.decided_at,
            _name(r.decided_by),
            DecisionRow(r.prioritisation.title, r.prioritisation_id, len(r.chosen), len(r.set_aside)),
        )
        for r in rows
    }


def _values(ids: Sequence[int]) -> dict[int, Entry]:
    rows = Measurement.objects.filter(pk__in=ids).select_related("indicator__unit", "entered_by")
    before = ("indicator_id", "period", "breakdown", "source")
    values = _earlier(Measurement, rows, before, "value")
    absences = _earlier(Measurement, rows, before, "absence")
    found = {}
    for r in rows:
        row = ValueRow(
            indicator=r.indicator.name,
            code=r.indicator.code,
            period=r.period,
            breakdown=r.breakdown,
            state=r.state,
            first=r.pk not in values,
            earlier=values.get(r.pk),
            earlier_absence=absences.get(r.pk) or "",
            value=r.value,
            absence=r.absence,
            decimals=r.indicator.decimals,
            symbol=r.indicator.unit.symbol,
            note=r.note or r.comment,
        )
        found[r.pk] = Entry(r.entered_at, _name(r.entered_by), row)
    return found


def _earlier(model: Any, rows: Iterable[Any], same: Sequence[str], field: str) -> dict[int, Any]:
    """What the field was in the revision before each row, by the row's id; rows without an earlier one are left out
    (1 query)."""
    wanted = Q(pk__in=[])
    for row in rows:
        if row.revision > 0:
            wanted |= Q(**{name: getattr(row, name) for name in same}, revision=row.revision - 1)
    known = {key[:-1]: key[-1] for key in model.objects.filter(wanted).values_list(*same, "revision", field)}
    keys = {row.pk: (*(getattr(row, name) for name in same), row.revision - 1) for row in rows}
    return {pk: known[key] for pk, key in keys.items() if key in known}


def _changes(ids: Sequence[int]) -> dict[int, Entry]:
    rows = list(LogEntry.objects.filter(pk__in=ids).select_related("actor", "content_type"))
    models: dict[int, Any] = {row.content_type_id: row.content_type.model_class() for row in rows}
    owners = {key: owner for key, owner in _owner_of(rows, models).items() if owner is not None}
    names = _names_of([*_referred(rows, models), *owners.values()])
    found = {}
    for row in rows:
        model = models[row.content_type_id]
        changes = tuple(
            (field, *_in_words(model, field, change, names)) for field, change in sorted((row.changes or {}).items())
        )
        owner = owners.get(row.pk)
        title = names.get(owner, "") if owner else ""
        entry = ChangeRow(row.content_type.model, title or row.object_repr, row.object_id, row.action, changes)
        found[row.pk] = Entry(row.timestamp, _name(row.actor) or row.actor_email or "", entry)
    return found


# Rows that are known by what they belong to: a target by its indicator, a role by its person.
OWNER = {
    "target": "indicator", "seriesbreak": "indicator", "role": "user", "contact": "user", "participant": "user",
    "authenticator": "user", "goalindicator": "goal", "inputexception": "department", "direction": "goal",
    "directive": "goal",
}  # fmt: skip
Reference = tuple[Any, str]


def _foreign_key(model: Any, field: str) -> Any | None:
    """The model that a field refers to; None for other fields, and for those that are gone since."""
    found = next((f for f in model._meta.concrete_fields if f.name == field), None) if model else None
    return found.related_model if isinstance(found, ForeignKey) else None


def _referred(rows: Iterable[LogEntry], models: Mapping[int, Any]) -> Iterable[Reference]:
    for row in rows:
        for field, change in (row.changes or {}).items():
            other = _foreign_key(models[row.content_type_id], field)
            if other is not None and isinstance(change, list):
                yield from ((other, key) for key in change if key != "None")


def _owner_of(rows: Iterable[LogEntry], models: Mapping[int, Any]) -> dict[int, Reference | None]:
    """By the log's own id: what the row belongs to, from the change where it tells, else from the row as it is now."""
    found: dict[int, Reference | None] = {}
    now: dict[Any, list[LogEntry]] = defaultdict(list)
    for row in rows:
        model, field = models[row.content_type_id], OWNER.get(row.content_type.model)
        other = _foreign_key(model, field) if field else None
        if other is None or field is None:
            continue
        told = [key for key in (row.changes or {}).get(field, []) if key != "None"]
        found[row.pk] = (other, told[-1]) if told else None
        if not told:
            now[model].append(row)
    for model, unknown in now.items():
        field = OWNER[model._meta.model_name]
        keys = dict(model.objects.filter(pk__in=[r.object_id for r in unknown]).values_list("pk", f"{field}_id"))
        for row in unknown:
            if row.object_id in keys:
                found[row.pk] = (_foreign_key(model, field), str(keys[row.object_id]))
    return found


def _names_of(references: Iterable[Reference]) -> dict[Reference, str]:
    wanted: dict[Any, set[str]] = defaultdict(set)
    for model, key in references:
        wanted[model].add(key)
    found: dict[Reference, str] = {}
    for model, keys in wanted.items():
        for row in model.objects.filter(pk__in=keys):
            found[model, str(row.pk)] = _name(row) if model is get_user_model() else str(row)
    return found


def _in_words(model: type[Model] | None, field: str, change: Any, names: Mapping[Reference, str]) -> tuple[str, str]:
    """What a field was and is, each as text; empty: nothing. Of many-to-many fields what was added or taken away."""
    if isinstance(change, dict):
        things = ", ".join(change.get("objects", []))
        return (things, "") if change.get("operation") == "delete" else ("", things)
    other = _foreign_key(model, field)
    texts = ["" if text == "None" else text for text in change]
    if other is not None:
        texts = [names.get((other, text), text) for text in texts]
    column = next((f for f in model._meta.concrete_fields if f.name == field), None) if model else None
    if column is not None and column.choices:
        labels = {str(key): str(label) for key, label in column.flatchoices}
        texts = [labels.get(text, text) for text in texts]
    if isinstance(column, DateTimeField):
        texts = [_local(text) for text in texts]
    return texts[0], texts[1]


def _local(text: str) -> str:
    """A moment as it is kept in the log, in UTC, by our own clocks."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return text
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
