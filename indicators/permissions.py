"""Who may do what: predicates over a user, in one place. Views ask them; templates ask the context."""

from collections.abc import Collection

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from rules.permissions import add_perm
from rules.predicates import is_group_member, predicate

STRATEGIST = "strategist"
User = AbstractBaseUser | AnonymousUser


def may_see_jobs(user: User, groups: Collection[str] | None = None) -> bool:
    """Staff, superusers and strategists. `groups` are the names of the user's groups where they are known already;
    otherwise they are read, once for each user object."""
    if not user.is_authenticated or not user.is_active:
        return False
    if getattr(user, "is_staff", False) or getattr(user, "is_superuser", False):
        return True
    if groups is not None:
        return STRATEGIST in groups
    return bool(is_group_member(STRATEGIST)(user))


add_perm("indicators.view_jobs", predicate(lambda user: may_see_jobs(user), name="may_see_jobs"))
