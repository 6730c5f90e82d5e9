"""Themes in a wave's comments: found by the program, named, hidden and put together by people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from indicators.models import JobKind, JobRun
from indicators.operations.actor import User
from indicators.operations.jobs import finish_job, request_job
from surveys.compute.theme_figures import Base, continued, figures
from surveys.compute.themes import Refusal, themes
from surveys.models import Comment, CommentState, CommentTheme, Hypothesis, Mood, Purge, Purged, Theme, Wave

SEEDS = 2**32
AT_ONCE = 2000
OUT_OF_THE_WAY = 1000  # while themes are numbered anew no two may share a number


class ThemeError(ValueError):
    """Themes that cannot be found or put together; the message says why and what to do."""


@dataclass(frozen=True)
class Found:
    """A theme before it is kept: its words, and each comment's weight on it."""

    words: Sequence[str]
    weights: Mapping[int, float]


def request_themes(*, wave_id: int, by: User) -> JobRun:
    """Have the themes of a wave found. Raises ThemeError where there is no comment to look in, or where comments have
    been deleted: what is left of the themes could not be made again."""
    if _were_deleted(wave_id):
        raise ThemeError(_("The comments have been deleted. The themes stay as they are."))
    if not _comments(wave_id).exists():
        raise ThemeError(_("There are no comments to find themes in."))
    return request_job(kind=JobKind.SURVEY_THEMES, key=f"survey-themes:{wave_id}", by=by, parameters={"wave": wave_id})


def find_themes(*, wave_id: int, by: User, job: JobRun | None = None) -> int:
    """Find the themes of each free-text question anew; gives how many there are. Names, what is hidden and what was put
    together stay with the theme that goes on. A question with too few comments gets none.

    Raises ThemesUnavailableError where the packages for it are not installed.
    """
    with transaction.atomic():
        wave = Wave.objects.select_for_update().select_related("survey").get(pk=wave_id)
        by_question: dict[int, list[Comment]] = {}
        for comment in [] if _were_deleted(wave_id) else _comments(wave_id).order_by("id"):
            by_question.setdefault(comment.question_id, []).append(comment)
        count = sum(_of_question(wave, question_id, comments) for question_id, comments in by_question.items())
        if job:
            finish_job(job=job, message=f"{count} themes")
    return count


def _were_deleted(wave_id: int) -> bool:
    return Purge.objects.filter(wave_id=wave_id, what=Purged.COMMENTS).exists()


def _comments(wave_id: int) -> Any:
    return Comment.objects.filter(wave_id=wave_id).exclude(state=CommentState.REMOVED)


def _of_question(wave: Wave, question_id: int, comments: Sequence[Comment]) -> int:
    moods = [_mood(comment) for comment in comments]
    least = wave.survey.least_count
    told = themes([comment.text for comment in comments], moods, seed=wave.seed % SEEDS, least=least)
    kept = Theme.objects.filter(wave=wave, question_id=question_id)
    if isinstance(told, Refusal) or told.n < wave.survey.least_base:
        kept.delete()
        return 0
    telling = [moods[place] for place in told.telling]
    base = Base(told.n, sum(mood is True for mood in telling), sum(mood is False for mood in telling))
    found = [
        Found(theme.words, {comments[place].pk: weight for place, weight in theme.comments.items()})
        for theme in told.themes
    ]
    _keep(wave, question_id, found, {comment.pk: _mood(comment) for comment in comments}, base)
    return kept.count()


def _mood(comment: Comment) -> bool | None:
    return {Mood.SATISFIED.value: True, Mood.DISSATISFIED.value: False}.get(comment.mood)


def _keep(
    wave: Wave, question_id: int, found: Sequence[Found], moods: Mapping[int, bool | None], base: Base
) -> None:  # fmt: skip
    """Write the themes: those that go on in their old rows, so that names and hypotheses stay with them."""
    old = {theme.pk: theme for theme in Theme.objects.filter(wave=wave, question_id=question_id)}
    members: dict[int, set[int]] = {pk: set() for pk in old}
    for theme_id, comment_id in CommentTheme.objects.filter(theme__in=old).values_list("theme_id", "comment_id"):
        members[theme_id].add(comment_id)
    parts = {pk: int(theme.found.get("parts", 1)) for pk, theme in old.items()}
    goes_on = continued(members, parts, [set(each.weights) for each in found])
    together: dict[int, list[Found]] = {}
    for place, each in enumerate(found):
        together.setdefault(goes_on.get(place, -1 - place), []).append(each)
    Theme.objects.filter(pk__in=old.keys() - together.keys()).delete()
    CommentTheme.objects.filter(theme__in=old).delete()
    Theme.objects.filter(pk__in=old.keys() & together.keys()).update(number=F("number") + OUT_OF_THE_WAY)
    ordered = sorted(together.items(), key=lambda item: (-len(_weights(item[1])), item[1][0].words))
    for number, (key, several) in enumerate(ordered, 1):
        weights = _weights(several)
        theme = old.get(key) or Theme(wave=wave, question_id=question_id)
        theme.number, theme.words = number, _words(several)
        theme.found = _found([moods[pk] for pk in weights], base, parts=max(parts.get(key, 1), 1), wave=wave)
        theme.save()
        CommentTheme.objects.bulk_create(
            [CommentTheme(comment_id=pk, theme=theme, weight=weight) for pk, weight in weights.items()],
            batch_size=AT_ONCE,
        )


def _weights(several: Sequence[Found]) -> dict[int, float]:
    weights: dict[int, float] = {}
    for each in several:
        for comment_id, weight in each.weights.items():
            weights[comment_id] = min(1.0, weights.get(comment_id, 0.0) + weight)
    return weights


def _words(several: Sequence[Found]) -> list[str]:
    """The words of several themes in turn, the most telling of each first."""
    longest = max(len(each.words) for each in several)
    turns = [each.words[place] for place in range(longest) for each in several if place < len(each.words)]
    return list(dict.fromkeys(turns))


def _found(moods: Sequence[bool | None], base: Base, *, parts: int, wave: Wave) -> dict[str, Any]:
    told = figures(moods, base, least_count=wave.survey.least_count)
    return {"base": asdict(base), "parts": parts, **asdict(told)}


# ── what people make of them ──────────────────────────────────────────────────────────────────────────────────────────


def name_theme(*, theme_id: int, title: str, hidden: bool, by: User) -> Theme:
    """Give a theme a name of its own ("" for its words again), and show it to the public or not."""
    with transaction.atomic():
        theme = Theme.objects.select_for_update().get(pk=theme_id)
        theme.title, theme.hidden = title.strip(), hidden
        theme.save(update_fields=["title", "hidden"])
    return theme


def merge_themes(*, theme_id: int, into_id: int, by: User) -> Theme:
    """Put a theme into another of the same question; its hypotheses go along. Raises ThemeError, also when the comments
    behind them have been deleted, since nobody can then count those that belong to both."""
    with transaction.atomic():
        both = {t.pk: t for t in Theme.objects.select_for_update().filter(pk__in=(theme_id, into_id)).order_by("pk")}
        if len(both) < 2 or both[theme_id].question_id != both[into_id].question_id:
            raise ThemeError(_("Choose another theme of the same question."))
        if both[theme_id].wave_id != both[into_id].wave_id:
            raise ThemeError(_("Choose another theme of the same question."))
        theme, into = both[theme_id], both[into_id]
        several = [Found(each.words, _linked(each)) for each in (into, theme)]
        if not all(each.weights for each in several):
            raise ThemeError(_("The comments behind the themes have been deleted, so they can no longer be merged."))
        weights = _weights(several)
        moods = [_mood(comment) for comment in Comment.objects.filter(pk__in=weights)]
        wave = Wave.objects.select_related("survey").get(pk=into.wave_id)
        parts = int(into.found.get("parts", 1)) + int(theme.found.get("parts", 1))
        into.words, into.found = _words(several), _found(moods, Base(**into.found["base"]), parts=parts, wave=wave)
        into.save(update_fields=["words", "found"])
        Hypothesis.objects.filter(theme=theme).update(theme=into)
        theme.delete()
        CommentTheme.objects.filter(theme=into).delete()
        CommentTheme.objects.bulk_create(
            [CommentTheme(comment_id=pk, theme=into, weight=weight) for pk, weight in weights.items()],
            batch_size=AT_ONCE,
        )
    return into


def _linked(theme: Theme) -> dict[int, float]:
    return dict(CommentTheme.objects.filter(theme=theme).values_list("comment_id", "weight"))
