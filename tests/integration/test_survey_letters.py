"""Invitations and reminders: who gets one, letters as a PDF that can be read aloud, e-mails that leave once each."""

import re
import threading
import time
import zlib
from dataclasses import replace
from datetime import date
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import translation

from indicators import operations as indicator_operations
from indicators.models import JobKind, JobRun, JobState
from indicators.operations.jobs import claim_job
from indicators.permissions import RoleName
from surveys import tasks
from surveys.compute.letter_text import MailText, Part
from surveys.compute.tokens import grouped
from surveys.models import Invitation, Mailing, Sending, SendingState, Wave, WaveState
from surveys.operations import mailings
from surveys.operations.mailings import MailingError
from surveys.queries import mailings as queries
from surveys.read_models import mailings as read_model
from surveys.read_models.mailings import Receiver
from surveys.sources.letters import letters_pdf, qr_matrix, qr_svg
from tests.integration import sample_world as world

pytestmark = pytest.mark.django_db
SITE = "https://ekvik.example.org"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def wave(db: None) -> Wave:
    """Open, with twenty invited people: one in five reads English."""
    return world.opened(world.drawn(("Norr", 20)))


@pytest.fixture
def strategist(client: Client) -> User:
    user = User.objects.create_user("stina", "stina@example.org", first_name="Stina", last_name="Ek")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return user


def address(name: str, *args: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=["resident", "2026", *args])


def answer(count: int) -> None:
    some = list(Invitation.objects.filter(answered=False).order_by("pk").values_list("pk", flat=True)[:count])
    Invitation.objects.filter(pk__in=some).update(answered=True)


def send(mailing: Mailing) -> mailings.Sent:
    return mailings.send_waiting(mailing_id=mailing.pk, job=None, by=None)


def states(mailing: Mailing) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in mailing.sendings.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


# ── a PDF, read as a program reads it ─────────────────────────────────────────────────────────────────────────────────


def unpacked(pdf: bytes) -> bytes:
    """The file with its packed parts unpacked."""
    parts = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return b"\n".join(parts)


def texts(pdf: bytes) -> str:
    """The text of a PDF of Typst's, by its tables from glyphs to letters: all fonts' tables are tried on each line."""
    plain = unpacked(pdf)
    tables = []
    for table in re.findall(rb"begincmap(.*?)endcmap", plain, re.DOTALL):
        letters: dict[int, str] = {}
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
            for glyph, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                letters[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
        tables.append(letters)
    assert tables, "no table from glyphs to letters"
    lines = []
    for shown in re.findall(rb"BT 0 Tr(.*?)TJ\s+ET", plain, re.DOTALL):
        codes = glyph_codes(shown)
        lines += ["".join(letters.get(code, "\ufffd") for code in codes) for letters in tables]
    return "\n".join(lines)


def glyph_codes(shown: bytes) -> list[int]:
    """The two-byte codes of the strings that one text object shows, both ways of writing strings."""
    raw = b""
    for hexed, literal in re.findall(rb"<([0-9A-Fa-f]+)>|\(((?:\\.|[^\\)])*)\)", shown, re.DOTALL):
        if hexed:
            raw += bytes.fromhex(hexed.decode())
        else:
            raw += re.sub(rb"\\([0-7]{1,3}|.)", lambda match: _escaped(match[1]), literal, flags=re.DOTALL)
    return [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw) - 1, 2)]


def _escaped(code: bytes) -> bytes:
    letters = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return bytes([int(code, 8)]) if code.isdigit() else letters.get(code, code)


def printed(*receivers: Receiver, text: MailText = world.TEXT, closes_on: date | None = None) -> bytes:
    letters = read_model.letters(text, receivers, closes_on=closes_on)
    return letters_pdf(letters, title="Vad tycker du?", sender="Ekvik", language="sv", both=text.both)


ANN = Receiver("Ann Ek", "Storgatan 1", "434 30 Kungsbacka", "ABCDEFGHJKMN", "sv")
JOE = Receiver("Joe Oak", "Lillgatan 2", "434 31 Kungsbacka", "PQRSTUVWXYZ2", "en")


class TestPdf:
    @pytest.mark.parametrize("name", ["\u674e\u5c0f\u9f99", "Eva \U0001f600", '#read("/etc/passwd") $x$ ]{ \\'])
    def test_a_name_that_no_font_has_or_that_looks_like_a_command_stops_no_letter(self, name: str) -> None:
        text = texts(printed(replace(ANN, name=name), JOE))
        assert "Storgatan 1" in text
        assert "Joe Oak" in text

    def test_holds_each_person_s_letter_in_their_language(self) -> None:
        with translation.override("en"):
            pdf = printed(ANN, JOE, closes_on=date(2026, 10, 31))
        text = texts(pdf)
        assert pdf.startswith(b"%PDF-1.7")
        for line in ("Ann Ek", "Storgatan 1", "434 30 Kungsbacka", "Hej Ann Ek!", "ABCD-EFGH-JKMN", "31 oktober 2026"):
            assert line in text, line
        for line in ("Joe Oak", "Dear Joe Oak,", "PQRS-TUVW-XYZ2", "31 October 2026", "ekvik.example.org/en/answer"):
            assert line in text, line
        assert "Dear Ann" not in text

    def test_is_tagged_and_named_for_screen_readers(self) -> None:
        with translation.override("en"):
            plain = unpacked(printed(ANN))
        assert b"/StructTreeRoot" in plain
        assert re.search(rb"/Marked true", plain)
        assert b"pdfuaid:part" in plain  # says itself that it is PDF/UA
        assert re.search(rb"/Lang\s*\(sv", plain)
        assert re.search(rb"/S\s*/Figure", plain)
        assert b"/Alt" in plain
        assert re.search(rb"/S\s*/H1", plain)
        assert b"/DisplayDocTitle true" in plain

    def test_both_languages_stand_on_two_sides_of_one_sheet(self) -> None:
        both = MailText(world.TEXT.sv, world.TEXT.en, True)
        pages = re.compile(rb"/Type\s*/Page\b")
        with translation.override("sv"):
            one, two = printed(ANN, JOE), printed(ANN, JOE, text=both)
        assert len(pages.findall(unpacked(one))) == 2
        assert len(pages.findall(unpacked(two))) == 4
        assert "Hej Joe Oak!" in texts(two)

    @pytest.mark.parametrize(
        "typed", ['#read("/etc/passwd")', "$x^2$ *b* _i_ @a <b> // c", r"\u{41} [x] = y", '"); #x']
    )
    def test_what_is_typed_never_becomes_a_command(self, typed: str) -> None:
        text = MailText(Part(typed, f"{typed}\n\nslut"))
        with translation.override("sv"):
            pdf = printed(Receiver(typed, typed, typed, "ABCDEFGHJKMN", "sv"), text=text)
        assert texts(pdf).count(typed) >= 5

    def test_the_code_leads_to_the_person_s_address(self) -> None:
        """A QR code of Python's own making is compared module by module with one from the letter's own drawing."""
        link = read_model.link_of("ABCDEFGHJKMN", "sv")
        assert link == f"{SITE}/s/ABCDEFGHJKMN/"
        assert decoded(qr_matrix(link)) == link
        assert matrix_of(qr_svg(link)) == qr_matrix(link)
        with translation.override("sv"):
            (letter,) = read_model.letters(world.TEXT, [JOE], closes_on=None)
        assert decoded(qr_matrix(letter.sides[0].link)) == f"{SITE}/en/s/PQRSTUVWXYZ2/"


def matrix_of(svg: str) -> list[list[bool]]:
    """The modules that a drawing darkens."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    found = [[False] * size for _row in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        for column in range(int(x), int(x) + int(width)):
            found[int(y)][column] = True
    return found


def decoded(matrix: list[list[bool]]) -> str:
    """What a QR code says (ISO/IEC 18004, byte mode, versions 1–6), read by its own rules: mask, zigzag, blocks."""
    core = [row[4:-4] for row in matrix[4:-4]]
    size = len(core)
    version = (size - 17) // 4
    form = [core[8][i] for i in (0, 1, 2, 3, 4, 5, 7, 8)] + [core[i][8] for i in (7, 5, 4, 3, 2, 1, 0)]
    told = sum(bit << (14 - place) for place, bit in enumerate(form)) ^ 0b101010000010010
    level, mask = told >> 13, (told >> 10) & 7
    assert level == 0, "error correction M"
    masks = [
        lambda r, c: (r + c) % 2, lambda r, c: r % 2, lambda r, c: c % 3, lambda r, c: (r + c) % 3,
        lambda r, c: (r // 2 + c // 3) % 2, lambda r, c: r * c % 2 + r * c % 3,
        lambda r, c: (r * c % 2 + r * c % 3) % 2, lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
    ]  # fmt: skip
    bits, upward, column = [], True, size - 1
    while column > 0:
        column -= column == 6
        for step in range(size):
            row = size - 1 - step if upward else step
            free = [c for c in (column, column - 1) if not _fixed(row, c, size)]
            bits += [core[row][c] != (masks[mask](row, c) == 0) for c in free]
        upward, column = not upward, column - 2
    words = [sum(bit << (7 - i) for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits) - 7, 8)]
    data, blocks = {1: (16, 1), 2: (28, 1), 3: (44, 1), 4: (64, 2), 5: (86, 2), 6: (108, 4)}[version]
    each = data // blocks
    stream = [words[block + place * blocks] for block in range(blocks) for place in range(each)]
    whole = "".join(f"{word:08b}" for word in stream)
    assert whole[:4] == "0100", "byte mode"
    length = int(whole[4:12], 2)
    return bytes(int(whole[12 + 8 * i : 20 + 8 * i], 2) for i in range(length)).decode()


def _fixed(row: int, column: int, size: int) -> bool:
    """Whether a module belongs to the pattern that every code of the size has."""
    corner = (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9)
    aligned = size > 21 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2
    return corner or aligned or row == 6 or column == 6


class TestWhoIsWrittenTo:
    def test_everybody_who_can_be_reached_and_has_not_answered(self, wave: Wave) -> None:
        answer(5)
        lacking = Invitation.objects.filter(answered=False).order_by("pk")[0]
        Invitation.objects.filter(pk=lacking.pk).update(email="")
        assert world.prepared(wave).sendings.count() == 15
        assert world.prepared(wave, channel="email").sendings.count() == 14

    def test_a_reminder_follows_an_invitation(self, wave: Wave) -> None:
        with pytest.raises(MailingError):
            world.prepared(wave, "reminder")
        invitation = world.prepared(wave)
        mailings.mark_posted(mailing_id=invitation.pk, by=None)
        answer(19)
        assert world.prepared(wave, "reminder").sendings.count() == 1
        answer(1)
        with pytest.raises(MailingError):
            world.prepared(wave, "reminder")

    def test_nobody_once_the_survey_has_closed(self, wave: Wave) -> None:
        Wave.objects.update(state=WaveState.CLOSED)
        with pytest.raises(MailingError):
            world.prepared(wave)

    def test_letters_to_those_who_answered_meanwhile_are_not_printed_or_posted(self, wave: Wave) -> None:
        mailing = world.prepared(wave)
        answer(8)
        assert len(queries.receivers(mailing.pk, 0, 100)) == queries.printed(mailing.pk) == 12
        assert mailings.mark_posted(mailing_id=mailing.pk, by=None) == 12
        assert states(mailing) == {"sent": 12}
        assert mailings.mark_posted(mailing_id=mailing.pk, by=None) == 0


class TestEmails:
    def test_each_gets_their_own_link_in_their_language(self, wave: Wave) -> None:
        mailing = world.prepared(wave, channel="email")
        assert send(mailing) == (20, 0)
        assert states(mailing) == {"sent": 20}
        letters = {message.to[0]: message for message in mail.outbox}
        assert len(letters) == 20
        for invitation in Invitation.objects.all():
            message = letters[invitation.email]
            english = invitation.language == "en"
            assert message.subject == ("What do you think?" if english else "Vad tycker du?")
            assert f"{SITE}{'/en' if english else ''}/s/{invitation.token}/" in message.body
            assert invitation.name in message.body
            assert message.body.count("/s/") == 1
            others = Invitation.objects.exclude(pk=invitation.pk).values_list("token", flat=True)
            assert not any(token in message.body or grouped(token) in message.body for token in others)

    def test_those_who_answer_before_their_turn_get_none(self, wave: Wave) -> None:
        mailing = world.prepared(wave, channel="email")
        answer(7)
        assert send(mailing) == (13, 0)
        assert states(mailing) == {"sent": 13}
        assert len(mail.outbox) == 13

    def test_again_sends_nothing_twice(self, wave: Wave) -> None:
        mailing = world.prepared(wave, channel="email")
        send(mailing)
        assert send(mailing) == (0, 0)
        assert len(mail.outbox) == 20

    @pytest.mark.parametrize("survived", [0, 3])
    def test_killed_at_any_line_nobody_gets_two(
        self, wave: Wave, monkeypatch: pytest.MonkeyPatch, survived: int
    ) -> None:
        mailing = world.prepared(wave, channel="email")
        left = iter(range(survived))
        whole = mailings._record

        def die(sending_id: int, error: str) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            whole(sending_id, error)

        monkeypatch.setattr(mailings, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            send(mailing)
        assert states(mailing) == {"sent": survived, "claimed": 1, "waiting": 19 - survived} if survived else True
        monkeypatch.setattr(mailings, "_record", whole)
        send(mailing)
        assert sorted(m.to[0] for m in mail.outbox) == sorted(Invitation.objects.values_list("email", flat=True))
        assert states(mailing) == {"sent": 19, "claimed": 1}

    def test_a_refused_letter_is_told_without_its_address_and_can_be_tried_again(
        self, wave: Wave, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mailing = world.prepared(wave, channel="email")
        bad = Invitation.objects.order_by("pk")[4].email
        whole = EmailBackend.send_messages

        def refuse(self: EmailBackend, messages: list[Any]) -> int:
            if messages[0].to == [bad]:
                raise SMTPRecipientsRefused({bad: (550, b"no such user")})
            return whole(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
        assert send(mailing) == (19, 1)
        error = Sending.objects.get(state=SendingState.FAILED).error
        assert "550" in error
        assert bad not in error
        monkeypatch.setattr(EmailBackend, "send_messages", whole)
        assert send(mailing) == (0, 0)  # not by itself
        mailings.request_sending(mailing_id=mailing.pk, again="failed", by=None)
        assert send(mailing) == (1, 0)
        assert mail.outbox[-1].to == [bad]

    def test_two_workers_claim_each_letter_once(self, wave: Wave) -> None:
        mailing = world.prepared(wave, channel="email")
        sending = mailing.sendings.first()
        assert sending is not None
        assert mailings.claim_sending(sending_id=sending.pk) is not None
        assert mailings.claim_sending(sending_id=sending.pk) is None

    def test_stops_when_the_survey_closes(self, wave: Wave) -> None:
        mailing = world.prepared(wave, channel="email")
        Wave.objects.update(state=WaveState.CLOSED)
        assert send(mailing) == (0, 0)
        assert mail.outbox == []

    def test_not_before_the_survey_opens(self) -> None:
        made = world.drawn(("Norr", 20))
        mailing = world.prepared(made, channel="email")
        with pytest.raises(MailingError):
            mailings.request_sending(mailing_id=mailing.pk, by=None)

    def test_as_a_job(self, wave: Wave) -> None:
        mailing = world.prepared(wave, channel="email")
        job = mailings.request_sending(mailing_id=mailing.pk, by=None)
        assert mailings.request_sending(mailing_id=mailing.pk, by=None).pk == job.pk
        tasks.run(job.pk)
        job.refresh_from_db()
        assert (job.kind, job.state, job.message) == (JobKind.SURVEY_LETTERS, JobState.SUCCEEDED, "20 sent, 0 failed")
        tasks.run(job.pk)
        assert len(mail.outbox) == 20

    def test_a_subject_of_two_lines_makes_no_header(self, wave: Wave) -> None:
        text = MailText(Part("Hej\nBcc: all@example.org", "{link}"))
        send(world.prepared(wave, channel="email", text=text))
        assert {message.subject for message in mail.outbox} == {"Hej Bcc: all@example.org"}
        assert {tuple(message.recipients()) for message in mail.outbox} == {
            (email,) for email in Invitation.objects.values_list("email", flat=True)
        }


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once(settings: Any) -> None:
    settings.SITE_URL = SITE
    wave = world.opened(world.drawn(("Norr", 30)))
    mailing = world.prepared(wave, channel="email")
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            send(mailing)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(m.to[0] for m in mail.outbox) == sorted(Invitation.objects.values_list("email", flat=True))
    assert states(mailing) == {"sent": 30}


class TestPages:
    def new(self, client: Client, channel: str, **more: str) -> Any:
        page = client.get(address("wave-mailing-new", "invitation", channel))
        first = page.context["form"].initial
        return client.post(address("wave-mailing-new", "invitation", channel), {**first, **more}, follow=True)

    def test_links_that_only_this_machine_reaches_are_told(
        self, client: Client, strategist: User, wave: Wave, settings: Any
    ) -> None:
        settings.SITE_URL = "http://localhost:8000"
        assert "lead nowhere" in client.get(address("wave-letters")).content.decode()
        settings.SITE_URL = "https://styrkort.example.org"
        assert "lead nowhere" not in client.get(address("wave-letters")).content.decode()

    def test_suggested_texts_tell_what_the_law_asks_for(self, client: Client, strategist: User, wave: Wave) -> None:
        Wave.objects.update(frame_text_sv="Folkbokföringen.", frame_text_en="The population register.")
        for kind in ("invitation", "reminder"):
            first = client.get(address("wave-mailing-new", kind, "email")).context["form"].initial
            for word in ("frivilligt", "personuppgiftsansvarig", "raderas senast 90 dagar", "{länk}", "{sista dag}"):
                assert word in first["body_sv"], word
            for word in ("voluntary", "controller", "no later than 90 days", "{link}", "{last day}"):
                assert word in first["body_en"], word
            assert all("stina@example.org" in first[name] for name in ("body_sv", "body_en"))
            assert "[" not in first["body_sv"] + first["body_en"]

    def test_a_letter_that_names_the_last_day_needs_one(self, client: Client, strategist: User, wave: Wave) -> None:
        Wave.objects.update(frame_text_sv="F.", frame_text_en="F.", closes_on=None, state="preparing")
        page = self.new(client, "letter")
        assert page.status_code == 422
        assert "Set the dates first" in page.content.decode()
        assert "body_sv" in page.context["form"].errors
        assert not Mailing.objects.exists()
        assert self.new(client, "letter", body_sv="Hej!", body_en="Hello!").status_code == 200

    def test_letters_from_text_to_post(self, client: Client, strategist: User, wave: Wave) -> None:
        Wave.objects.update(frame_text_sv="Folkbokföringen.", frame_text_en="The population register.")
        page = self.new(client, "letter").content.decode()
        mailing = Mailing.objects.get()
        assert "20 not posted yet" in page
        file = client.get(address("wave-letters-pdf", mailing.pk, 1))
        assert file["Content-Type"] == "application/pdf"
        assert file.content.startswith(b"%PDF")
        text = texts(file.content)
        assert all(invitation.address in text for invitation in Invitation.objects.all())
        assert client.get(address("wave-letters-pdf", mailing.pk, 2)).status_code == 404
        told = client.post(address("wave-mailing-posted", mailing.pk), follow=True).content.decode()
        assert "20 letters are marked as posted." in told
        assert "Reminder by letter" in client.get(address("wave-letters")).content.decode()

    def test_e_mails_are_sent_by_a_job(self, client: Client, strategist: User, wave: Wave) -> None:
        Wave.objects.update(frame_text_sv="Folkbokföringen.", frame_text_en="The population register.")
        self.new(client, "email")
        mailing = Mailing.objects.get()
        client.post(address("wave-mailing-send", mailing.pk))
        job = JobRun.objects.get(kind=JobKind.SURVEY_LETTERS)
        assert job.parameters == {"mailing": mailing.pk}
        assert mail.outbox == []
        assert claim_job(job_id=job.pk) is not None
        page = client.get(address("wave-mailing", mailing.pk)).content.decode()
        assert "The e-mails are being sent." in page
        assert "Send 20 e-mails now" not in page

    @pytest.mark.parametrize(
        ("field", "text", "told"),
        [
            ("body_sv", "Utan länk", "The text needs the place {link}"),
            ("body_sv", "{link} {nman}", "{nman} stands for nothing."),
            ("body_en", "{link} [someone]", "Replace what stands in square brackets"),
            ("subject_sv", "{länk}", "The subject must not hold the link."),
            ("subject_en", "", "Write both the subject and the text, or neither."),
        ],
    )
    def test_a_text_that_would_go_wrong_is_refused(
        self, client: Client, strategist: User, wave: Wave, field: str, text: str, told: str
    ) -> None:
        Wave.objects.update(frame_text_sv="Folkbokföringen.", frame_text_en="The population register.")
        refused = self.new(client, "email", **{field: text})
        page = refused.content.decode()
        assert refused.status_code == 422
        assert told in page.replace("&#x27;", "'")
        assert not Mailing.objects.exists()

    def test_the_pages_name_nobody(self, client: Client, strategist: User, wave: Wave) -> None:
        mailing = world.prepared(wave)
        answer(2)
        for name, args in (("wave-letters", ()), ("wave-mailing", (mailing.pk,)), ("wave-sample", ())):
            page = client.get(address(name, *args)).content.decode()
            assert "Person Norr" not in page
            assert "Gatan" not in page
            assert not any(token in page for token in Invitation.objects.values_list("token", flat=True))
        assert ".. of 20 have answered" in client.get(address("wave-letters")).content.decode()

    def test_a_mailing_is_taken_back_while_nothing_has_left(self, client: Client, strategist: User, wave: Wave) -> None:
        mailing = world.prepared(wave)
        client.post(address("wave-mailing-remove", mailing.pk))
        assert not Mailing.objects.exists()
        other = world.prepared(wave)
        mailings.mark_posted(mailing_id=other.pk, by=None)
        client.post(address("wave-mailing-remove", other.pk))
        assert Mailing.objects.count() == 1

    def test_another_wave_s_mailing_is_not_found_here(self, client: Client, strategist: User, wave: Wave) -> None:
        mailing = world.prepared(wave)
        Wave.objects.create(survey=wave.survey, code="2027", period="2027")
        with translation.override("en"):
            elsewhere = reverse("wave-mailing", args=["resident", "2027", mailing.pk])
        assert client.get(elsewhere).status_code == 404


def test_twelve_hundred_letters_are_made_in_seconds() -> None:
    receivers = [Receiver(f"Person {n}", f"Gatan {n}", "434 30 Ekvik", f"ABCDEFGH{n:04d}", "sv") for n in range(1200)]
    started = time.perf_counter()
    with translation.override("sv"):
        for first in range(0, 1200, read_model.LETTERS_A_FILE):
            assert printed(*receivers[first : first + read_model.LETTERS_A_FILE]).startswith(b"%PDF")
    assert time.perf_counter() - started < 60  # 3 to 5 seconds on two idle cores
