"""Whose write it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from auditlog.models import LogEntry
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models.signals import pre_save
from django.dispatch import receiver

# None: the program itself, e.g. the clock or a command.
User = AbstractBaseUser | None
_actor: ContextVar[User | Callable[[], User]] = ContextVar("actor", default=None)


@contextmanager
def recorded(by: User | Callable[[], User]) -> Iterator[None]:
    """Changes of watched rows inside stand in the log as made by this person; may be nested, the inner one counts.

    `by` may be a function that finds out, asked only where something is written. django-auditlog's own `set_actor`
    loses the outer person after an inner one and leaves a receiver behind.
    """
    token = _actor.set(by)
    try:
        yield
    finally:
        _actor.reset(token)


def acting() -> User:
    """Who acts now; None: the program."""
    actor = _actor.get()
    return actor() if callable(actor) else actor


@receiver(pre_save, sender=LogEntry, dispatch_uid="who-acts")
def _sign(sender: Any, instance: LogEntry, **kwargs: Any) -> None:
    actor = acting()
    if instance.actor_id is None and actor is not None and actor.pk is not None:
        instance.actor_id = actor.pk
        instance.actor_email = getattr(actor, "email", "") or None
