"""No way leads back from an answer to the person who gave it: not by the schema, not by a value, not by an order, not
by what the database itself keeps about its rows (docs/adr/0026)."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from auditlog.registry import auditlog
from django.db import connection
from django.utils import translation
from scipy.stats import spearmanr

from surveys.models import Answer, Comment, Draft, Invitation, Response, Submission, Wave
from surveys.operations import answering as operations
from tests.integration import answering_world
from tests.integration.answering_world import World

RESIDENTS, DAYS = 60, 6
FIRST = date(2026, 11, 1)
# Of pairs matched at random one is right on average (Poisson), from either end; more than nine happen twice in ten
# million times. The correlation of two random orders of 60 has a standard deviation of 0.13; 0.62 is 4.8 of them.
# One run lays some 160 orders beside each other: with 7 and 0.55, one in 200 failed by chance. A real trace has 60.
MOST_BY_CHANCE, STRONGEST_BY_CHANCE = 9, 0.62
ANSWERS = (Draft, Submission, Response, Answer, Comment)
# Everything that is kept with answers. A new column has to be thought about before it is added here.
COLUMNS = {
    Draft: {"id", "key_digest", "wave_id", "answers", "touched_on"},
    Submission: {"id", "wave_id", "stratum", "mode", "language", "day", "answers"},
    Response: {"id", "wave_id", "stratum", "cluster", "mode", "day", "weight", "delivery_id"},
    Answer: {"response_id", "question_id", "part", "value", "absence"},
    Comment: {"id", "wave_id", "question_id", "text", "masked", "mood", "state", "read_by_id"},
}


@pytest.fixture(autouse=True)
def _in_swedish() -> Iterator[None]:
    with translation.override("sv"):
        yield


@dataclass
class Answered:
    """The survey after everybody has answered. `order`: tokens in the order of answering; `day_of`: of a token."""

    world: World
    order: list[str]
    day_of: dict[str, date]

    def owner(self, calls: float) -> str:
        """Whose answers these are: resident n called n times, which nobody else did."""
        return self.world.tokens[int(calls)]

    def invitations(self) -> dict[str, int]:
        return dict(Invitation.objects.values_list("token", "pk"))


@pytest.fixture
def world(transactional_db: None) -> World:
    built = answering_world.build(RESIDENTS, opens_on=FIRST)
    versions = Wave.objects.get().items.get(version__question__code="calls").version
    versions.maximum = RESIDENTS
    versions.save()
    return built


def answer_all(world: World, mixed: Callable[[], Any] = lambda: operations.mix_all(by=None)) -> Answered:
    """Sixty residents answer on six days in an order of their own, each in transactions of their own, while the clock
    mixes what has come."""
    order = random.Random(4).sample(world.tokens, RESIDENTS)
    day_of = {token: FIRST + timedelta(days=place * DAYS // RESIDENTS) for place, token in enumerate(order)}
    for place, token in enumerate(order):
        number = world.tokens.index(token)
        key = hashlib.md5(token.encode()).hexdigest()  # a device's key; any will do
        answers = {
            "place": {0: 1 + number % 4},
            "calls": {0: float(number)},
            "sex": {0: 1},
            "more": {0: f"ord{number}x"},
        }
        operations.save_page(wave_id=world.wave.pk, key=key, answers=answers, day=day_of[token])
        operations.submit_draft(
            wave_id=world.wave.pk, key=key, mode="web", language="sv", token=token, day=day_of[token]
        )
        if place % 7 == 6:
            mixed()
    return Answered(world, order, day_of)


@pytest.fixture
def answered(world: World) -> Answered:
    done = answer_all(world)
    Wave.objects.update(state="closed")
    operations.mix_all(by=None)
    assert Response.objects.count() == RESIDENTS
    return done


def physical(model: Any, key: str = "id") -> dict[Any, tuple[int, tuple[int, ...]]]:
    """What the database keeps of each row besides its columns: which transaction wrote it, and where it lies."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT {key}, xmin::text::bigint, ctid::text FROM {table}")
            return {row[0]: (row[1], tuple(map(int, row[2].strip("()").split(",")))) for row in cursor.fetchall()}
        cursor.execute(f"SELECT {key}, rowid FROM {table}")
        return {row[0]: (0, (row[1],)) for row in cursor.fetchall()}


def right_pairs(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many people an attacker finds by laying two orders beside each other, from either end."""
    forwards = sum(a == b for a, b in zip(ours, theirs, strict=True))
    return max(forwards, sum(a == b for a, b in zip(ours, reversed(theirs), strict=True)))


def likeness(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """How alike two orders of the same people are, 0 to 1."""
    place = {token: number for number, token in enumerate(theirs)}
    return abs(float(spearmanr(range(len(ours)), [place[token] for token in ours]).statistic))


def orders_of_people(answered: Answered) -> dict[str, list[str]]:
    """The answered invitations in every order that the database can give them."""
    ids, kept = answered.invitations(), physical(Invitation)
    return {
        "identity": sorted(answered.world.tokens, key=lambda token: ids[token]),
        "token": sorted(answered.world.tokens),
        "place on disk": sorted(answered.world.tokens, key=lambda token: kept[ids[token]][1]),
        "transaction": sorted(answered.world.tokens, key=lambda token: (kept[ids[token]][0], kept[ids[token]][1])),
    }


def orders_of_answers(answered: Answered) -> dict[str, list[str]]:
    """The owners of responses, answers and comments in every order that the database can give those."""
    calls = dict(
        Answer.objects.filter(question_id=answered.world.questions["calls"].pk).values_list("response_id", "value")
    )
    responses, comments = physical(Response), physical(Comment)
    rows = physical(Answer, "response_id")
    said = {comment.pk: float(comment.text.strip("ordx")) for comment in Comment.objects.all()}
    days = dict(Response.objects.values_list("pk", "day"))
    strata = dict(Response.objects.values_list("pk", "stratum"))
    found = {
        "response, identity": sorted(calls),
        "response, place on disk": sorted(calls, key=lambda pk: responses[pk][1]),
        "response, transaction": sorted(calls, key=lambda pk: responses[pk]),
        "response, day": sorted(calls, key=lambda pk: (days[pk], responses[pk])),
        "response, stratum and day": sorted(calls, key=lambda pk: (strata[pk], days[pk], responses[pk])),
        "answer, place on disk": sorted(calls, key=lambda pk: rows[pk][1]),
    }
    orders = {name: [answered.owner(calls[pk]) for pk in pks] for name, pks in found.items()}
    orders["comment, identity"] = [answered.owner(said[pk]) for pk in sorted(said)]
    orders["comment, place on disk"] = [answered.owner(said[pk]) for pk in sorted(said, key=lambda pk: comments[pk][1])]
    return orders


# ── the schema ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
class TestSchema:
    def references(self) -> dict[str, set[str]]:
        """Table → tables that a foreign key of it names, as the database and as the models have it."""
        from django.apps import apps

        found: dict[str, set[str]] = {}
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                keys = connection.introspection.get_relations(cursor, table)
                found[table] = {key[1] for key in keys.values()}
        for model in apps.get_models():
            related = {
                field.related_model._meta.db_table
                for field in model._meta.fields
                if field.related_model not in (None, "self")
            }
            found.setdefault(model._meta.db_table, set()).update(related)
        return found

    def test_columns_are_those_that_were_thought_about(self) -> None:
        with connection.cursor() as cursor:
            for model, expected in COLUMNS.items():
                description = connection.introspection.get_table_description(cursor, model._meta.db_table)
                assert {column.name for column in description} == expected, model.__name__

    def test_no_answer_names_a_person_and_no_person_an_answer(self) -> None:
        references = self.references()
        people = {f"surveys_{name}" for name in ("invitation", "sending", "mailing", "frameperson", "sampleframe")}
        answers = {model._meta.db_table for model in ANSWERS}
        assert people | answers <= set(references)
        assert {table: references[table] & people for table in answers} == {table: set() for table in answers}
        naming = {table for table, others in references.items() if others & answers}
        assert naming <= {"surveys_commenttheme"}  # which leads to themes, and no further
        assert not references["surveys_theme"] & (people | answers)

    def test_answers_and_invitations_are_not_in_the_log_of_changes(self) -> None:
        """It would keep who, what and the second."""
        assert [model.__name__ for model in (*ANSWERS, Invitation) if auditlog.contains(model)] == []


# ── values ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def every_value(model: Any) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table}")
        return {str(value) for row in cursor.fetchall() for value in row}


def test_no_value_that_tells_of_a_person_stands_with_answers(world: World) -> None:
    answer_all(world, mixed=lambda: None)
    started = world.tokens[0]
    operations.save_page(wave_id=world.wave.pk, key="k" * 32, answers={"sex": {0: 1}}, day=FIRST)
    telling = set()
    for person in Invitation.objects.all():
        telling |= {person.token, person.name, person.address, person.email, person.token.lower()}
        telling |= {hashlib.new(kind, person.token.encode()).hexdigest() for kind in ("md5", "sha1", "sha256")}
    for stage in ("waiting", "mixed"):
        for model in ANSWERS:
            values = every_value(model)
            assert stage == "mixed" or values or model in (Response, Answer, Comment)
            assert not any(secret in value for value in values for secret in telling), (stage, model.__name__)
        operations.mix_all(by=None)
    assert Submission.objects.count() == 0
    assert started in telling


def test_a_person_is_known_to_have_answered_and_nothing_else(answered: Answered) -> None:
    """All answered invitations look the same in every column but their own identity and address."""
    own = {"id", "token", "name", "address", "email", "stratum_id"}
    rows = Invitation.objects.values()
    assert len({tuple((k, v) for k, v in row.items() if k not in own) for row in rows}) == 1


# ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_no_order_of_answers_is_like_an_order_of_people(answered: Answered) -> None:
    told = []
    for whose, ours in orders_of_people(answered).items():
        for which, theirs in orders_of_answers(answered).items():
            pairs, alike = right_pairs(ours, theirs), likeness(ours, theirs)
            # The stratum is kept on both sides; what it tells and no more is asked below.
            if pairs > MOST_BY_CHANCE or (alike > STRONGEST_BY_CHANCE and "stratum" not in which):
                told.append(f"{whose} × {which}: {pairs} right, likeness {alike:.2f}")
    assert told == []


def test_the_database_does_not_tell_in_which_order_people_answered(answered: Answered) -> None:
    """Otherwise the day that is kept with a response would narrow down whose it is."""
    ids, kept = answered.invitations(), physical(Invitation)
    assert len({transaction for transaction, _place in kept.values()}) == 1
    by_place = sorted(answered.world.tokens, key=lambda token: kept[ids[token]][1])
    assert likeness(by_place, answered.order) < STRONGEST_BY_CHANCE


def test_within_a_stratum_a_guess_is_a_guess(answered: Answered) -> None:
    """The stratum is known of people and of answers; the pairs inside it are not."""
    people, found = orders_of_people(answered), orders_of_answers(answered)
    stratum = dict(Invitation.objects.values_list("token", "stratum__code"))
    for code in ("north", "south"):
        for ours in people.values():
            for name, theirs in found.items():
                one, other = ([t for t in order if stratum[t] == code] for order in (ours, theirs))
                assert right_pairs(one, other) <= MOST_BY_CHANCE, (code, name)


def test_a_comment_is_not_beside_its_response(world: World) -> None:
    """In one batch of all sixty: what lies beside each other there belongs to different people."""
    done = answer_all(world, mixed=lambda: None)
    operations.mix_all(by=None)
    found = orders_of_answers(done)
    for comments in (name for name in found if name.startswith("comment")):
        for others in (name for name in found if not name.startswith("comment")):
            assert right_pairs(found[comments], found[others]) <= MOST_BY_CHANCE, (comments, others)
            assert likeness(found[comments], found[others]) < STRONGEST_BY_CHANCE, (comments, others)


# ── the test of the test ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_attack_finds_an_order_where_there_is_one(answered: Answered) -> None:
    shifted = answered.order[3:] + answered.order[:3]
    assert right_pairs(answered.order, answered.order) == RESIDENTS
    assert likeness(answered.order, shifted) > STRONGEST_BY_CHANCE


@pytest.mark.postgresql
def test_what_waits_can_be_traced_by_whoever_reads_the_databases_own_columns(world: World) -> None:
    """The known limit: until a batch is mixed, one transaction has written both rows. It is why there are batches."""
    done = answer_all(world, mixed=lambda: None)
    waiting, people = physical(Submission), physical(Invitation)
    calls = {row.pk: row.answers["calls"]["0"] for row in Submission.objects.all()}
    by_transaction = {transaction: done.owner(calls[pk]) for pk, (transaction, _place) in waiting.items()}
    ids = done.invitations()
    assert sum(by_transaction.get(people[pk][0]) == token for token, pk in ids.items()) == RESIDENTS
    operations.mix_all(by=None)
    assert {transaction for transaction, _place in physical(Invitation).values()} & set(by_transaction) == set()


@pytest.mark.postgresql
def test_without_writing_invitations_anew_their_order_would_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_write_invitations_anew", lambda wave_id: None)
    done = answer_all(world)
    ids, kept = done.invitations(), physical(Invitation)
    by_transaction = sorted(world.tokens, key=lambda token: kept[ids[token]][0])
    assert by_transaction == done.order
