"""A strategist reads comments and decides what becomes of each."""

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.operations.actor import User
from surveys.compute.hiding import hide
from surveys.models import Comment, CommentState, CommentTheme


class ModerationError(ValueError):
    """A decision that cannot be made; the message says why and what to do."""


def decide_comment(*, comment_id: int, state: CommentState, by: User) -> Comment:
    """Keep a comment, let it be quoted, or remove it. A removed one loses its text for good. Raises ModerationError."""
    with transaction.atomic():
        comment = _held(comment_id)
        comment.state, comment.read_by = state, by  # type: ignore[assignment]
        if state == CommentState.REMOVED:
            comment.text = ""
            CommentTheme.objects.filter(comment=comment).delete()
        comment.save(update_fields=["state", "read_by", "text"])
    return comment


def hide_in_comment(*, comment_id: int, part: str, by: User) -> int:
    """Hide words that the rules of masking did not find; gives in how many places. What stood there is not kept.
    Raises ModerationError where the words do not stand in the comment."""
    with transaction.atomic():
        comment = _held(comment_id)
        text, count = hide(comment.text, part)
        if count == 0:
            raise ModerationError(
                _("“%(part)s” does not stand in the comment. Write the words as they stand there.") % {"part": part}
            )
        comment.text, comment.masked = text, comment.masked + count
        comment.read_by = by  # type: ignore[assignment]
        comment.save(update_fields=["text", "masked", "read_by"])
    return count


def _held(comment_id: int) -> Comment:
    comment = Comment.objects.select_for_update().filter(pk=comment_id).first()
    if comment is None:
        raise ModerationError(_("The comment is no longer there. Its time may be over."))
    if comment.state == CommentState.REMOVED:
        raise ModerationError(_("The comment has been removed, and its text with it."))
    return comment
