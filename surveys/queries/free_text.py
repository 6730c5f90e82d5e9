"""Comments, themes and deletions as rows for their pages. Nothing here reads the answers beside them.

Numbers of queries hold whatever the number of comments and themes.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from indicators.models import JobRun
from surveys.models import Comment, CommentState, CommentTheme, Item, Purge, Purged, QuestionKind, Theme, Wave
from surveys.read_models.free_text import CommentRow, PurgeRow, ThemeRow, ThemesRows

AT_ONCE = 20
EXAMPLES = 3
QUOTES = 3


def wave(code: str, wave_code: str) -> Wave | None:
    """A wave by its address, with its survey (1 query)."""
    return Wave.objects.select_related("survey").filter(survey__code=code, code=wave_code).first()


def texts_of_questions(wave_id: int) -> dict[int, str]:
    """The free-text questions of a wave in its order, as they were worded (1 query)."""
    items = Item.objects.filter(wave_id=wave_id, version__question__kind=QuestionKind.TEXT)
    items = items.select_related("version").order_by("section__order", "section_id", "order", "id")
    return {item.version.question_id: item.version.text for item in items}


def counts(wave_id: int) -> dict[str, int]:
    """State → number of comments (1 query)."""
    rows = Comment.objects.filter(wave_id=wave_id).order_by().values("state").annotate(count=Count("pk"))
    return dict(rows.values_list("state", "count"))


def comments(wave_id: int, *, state: str, question_id: int | None, page: str) -> Page[Comment]:
    """A page of at most 20 comments (2 queries); a page that is not there is the last one."""
    found = Comment.objects.filter(wave_id=wave_id, state=state)
    if question_id is not None:
        found = found.filter(question_id=question_id)
    return Paginator(found.order_by("id"), AT_ONCE).get_page(page)


def comment_rows(found: Iterable[Comment]) -> list[CommentRow]:
    """Comments as rows (no query)."""
    return [
        CommentRow(each.pk, each.question_id, each.text, each.masked, each.mood, each.state) for each in found
    ]  # fmt: skip


def comment(wave_id: int, comment_id: int) -> Comment | None:
    """A comment of a wave (1 query)."""
    return Comment.objects.filter(wave_id=wave_id, pk=comment_id).first()


def themes(of: Wave) -> ThemesRows:
    """A wave's themes with comments as examples, for those who steer (5 queries)."""
    rows = list(Theme.objects.filter(wave=of).annotate(hypotheses_count=Count("hypotheses")))
    examples = _linked([row.pk for row in rows], Comment.objects.exclude(state=CommentState.REMOVED), EXAMPLES)
    job = JobRun.objects.filter(key=f"survey-themes:{of.pk}").order_by("-id").first()
    return ThemesRows(
        questions=texts_of_questions(of.pk),
        themes=[_row(row, examples.get(row.pk, []), row.hypotheses_count) for row in rows],
        comments=Comment.objects.filter(wave=of).exclude(state=CommentState.REMOVED).count(),
        job_state=job.state if job else "",
        job_error=job.error if job else "",
    )


def _row(theme: Theme, quotes: list[str], hypotheses: int = 0) -> ThemeRow:
    return ThemeRow(
        id=theme.pk,
        question_id=theme.question_id,
        words=list(theme.words),
        title=theme.title,
        hidden=theme.hidden,
        found=theme.found,
        quotes=quotes,
        hypotheses=hypotheses,
    )


def _linked(theme_ids: list[int], among: QuerySet[Comment], most: int) -> dict[int, list[str]]:
    """Theme → texts of those comments that belong to it most (1 query)."""
    links = CommentTheme.objects.filter(theme_id__in=theme_ids, comment__in=among).order_by("-weight", "comment_id")
    found: dict[int, list[str]] = {}
    for theme_id, text in links.values_list("theme_id", "comment__text"):
        texts = found.setdefault(theme_id, [])
        if len(texts) < most and text not in texts:
            texts.append(text)
    return found


def theme(wave_id: int, theme_id: int) -> Theme | None:
    """A theme of a wave (1 query)."""
    return Theme.objects.filter(wave_id=wave_id, pk=theme_id).first()


def public(wave_id: int, least_count: int) -> dict[str, Any]:
    """What everybody may read of a wave's comments: themes that are not hidden and have enough comments, and quotes
    that were approved (4 queries)."""
    rows = [row for row in Theme.objects.filter(wave_id=wave_id, hidden=False) if _enough(row, least_count)]
    quotable = Comment.objects.filter(wave_id=wave_id, state=CommentState.QUOTABLE)
    quotes = _linked([row.pk for row in rows], quotable, QUOTES)
    return {
        "questions": texts_of_questions(wave_id),
        "themes": [_row(row, quotes.get(row.pk, [])) for row in rows],
        "quotes": list(quotable.order_by("id").values_list("question_id", "text")),
    }


def _enough(theme: Theme, least_count: int) -> bool:
    return int(theme.found.get("count", 0)) >= least_count


def purged_on(wave_id: int) -> date | None:
    """The day on which a wave's free texts were deleted, where they were (1 query)."""
    row = Purge.objects.filter(wave_id=wave_id, what=Purged.COMMENTS).first()
    return row.purged_at.date() if row else None


def purges() -> list[PurgeRow]:
    """Every deletion of personal data, newest first (1 query)."""
    return [
        PurgeRow(row.wave.survey.name, row.wave.code, str(row.get_what_display()), row.count, row.purged_at)
        for row in Purge.objects.select_related("wave__survey").order_by("-id")
    ]
