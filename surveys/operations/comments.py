"""Residents' free texts in: masked, in an order of their own, apart from the answers beside them."""

import secrets
from collections.abc import Iterable

from django.db import transaction

from indicators.operations.actor import User
from surveys.compute.masking import mask
from surveys.models import Comment, Wave

AT_ONCE = 2000


def store_comments(*, wave: Wave, texts: Iterable[tuple[int, str, str]], by: User) -> int:
    """Add comments (question's id, text, mood or "") to a wave; gives how many. What was masked is not kept."""
    comments = []
    for question_id, text, mood in texts:
        masked = mask(text.strip())
        comments.append(
            Comment(wave=wave, question_id=question_id, text=masked.text, masked=masked.count, mood=mood)
        )  # fmt: skip
    secrets.SystemRandom().shuffle(comments)
    with transaction.atomic():
        Comment.objects.bulk_create(comments, batch_size=AT_ONCE)
    return len(comments)
