"""Municipalities and peer groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from indicators.models import Benchmark, Municipality, PeerGroup, PeerGroupMember
from indicators.operations.actor import User
from indicators.operations.translations import translated


class NotSetUpError(Exception):
    """The installation is not a real municipality's, or nobody's yet; the message says what to do."""


class NotEmptyError(Exception):
    """The installation belongs to another municipality already; the message says what to do."""


def store_municipalities(
    *, places: Sequence[tuple[str, str, str]], home: str, invented: bool, by: User
) -> Municipality:
    """Take in municipalities, regions and the nation (code, name, type) and name our own among them.

    Refused where invented and real ones would stand side by side: an invented figure never carries a real name.
    """
    with transaction.atomic():
        other = Municipality.objects.filter(invented=not invented).first()
        if other:
            raise NotEmptyError(
                "This database holds the demonstration; set up a real municipality in a fresh one"
                if other.invented
                else f"This database holds real municipalities ({other.name} …); the demonstration needs a fresh one"
            )
        kinds = {code: kind for code, _, kind in places}
        if home not in kinds:
            raise NotEmptyError(f"There is no municipality with code {home} among the {len(kinds)} that were given")
        if kinds[home] != Municipality.Type.MUNICIPALITY:
            raise NotEmptyError(f"{home} is a region or the nation; give the code of a municipality")
        Municipality.objects.exclude(code=home).filter(is_home=True).update(is_home=False)
        for code, name, kind in places:
            Municipality.objects.update_or_create(
                code=code, defaults={"name": name, "type": kind, "invented": invented}
            )
        Municipality.objects.filter(code=home).update(is_home=True)
        return Municipality.objects.get(code=home)


@dataclass(frozen=True)
class GroupOf:
    """A peer group to store. members: code → (distance, variables) for computed groups, or empty values."""

    code: str
    title: Mapping[str, str]
    kind: str
    members: Mapping[str, tuple[float | None, Mapping[str, float] | None]]
    area: str | None = None
    family: str = ""
    year: int | None = None
    computed: bool = False
    order: int = 0


def drop_groups(*, keep: Sequence[str], by: User) -> None:
    """Let go of the peer groups that are not among these, and of what was derived from them."""
    with transaction.atomic():
        gone = PeerGroup.objects.exclude(code__in=keep)
        Benchmark.objects.filter(group__in=gone).delete()
        gone.delete()


def store_groups(*, groups: Sequence[GroupOf], by: User) -> None:
    """Make these peer groups what they are now; members that left are removed."""
    known = set(Municipality.objects.values_list("code", flat=True))
    with transaction.atomic():
        for item in groups:
            group, _ = PeerGroup.objects.update_or_create(
                code=item.code,
                defaults={
                    **translated("title", item.title),
                    "kind": item.kind,
                    "area_id": item.area,
                    "family": item.family,
                    "year": item.year,
                    "computed": item.computed,
                    "fetched_at": timezone.now(),
                    "order": item.order,
                },
            )
            members = {code: told for code, told in item.members.items() if code in known}
            PeerGroupMember.objects.filter(group=group).exclude(municipality_id__in=members).delete()
            for code, (distance, variables) in members.items():
                PeerGroupMember.objects.update_or_create(
                    group=group, municipality_id=code, defaults={"distance": distance, "variables": variables}
                )
