"""Registers read in: headers in two languages, faults that tell of nobody, counts, codes, the places of letters."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.sources.sheet import Limits, SheetError
from surveys.compute.letter_text import MailText, Part, dumps, filled, loads, places, unknown_places
from surveys.compute.tokens import ALPHABET, cleaned, grouped
from surveys.read_models.sampling import FAULT, bad_line_text, rejected_text
from surveys.sources.frame_file import (
    Fault,
    FramePersonRow,
    pasted_rows,
    read_count_file,
    read_counts,
    read_frame_file,
)

LIMITS = Limits(bytes=5_000_000, unpacked=50_000_000, ratio=200, rows=1000, columns=50, cells=50_000)


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def xlsx(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return out.getvalue()


class TestPeople:
    def test_swedish_headers(self) -> None:
        read = read_frame_file(
            csv(
                "Namn;Adress;Postnummer;Ort;E-post;Språk;Stratum;Personnummer",
                "Åsa Öst;Storgatan 1;43430;Kungsbacka;asa@example.org;engelska;Norr;19800101-1234",
            ),
            LIMITS,
        )
        assert read.people == [
            FramePersonRow("Norr", "Åsa Öst", "Storgatan 1", "434 30", "Kungsbacka", "asa@example.org", "en")
        ]
        assert read.passed_over == ["Personnummer"]
        assert read.rejected == []

    def test_english_headers_in_excel_with_numbers_for_postcodes(self) -> None:
        read = read_frame_file(
            xlsx(
                [
                    ["A register"],
                    ["Group", "First name", "Last name", "Street address", "Postcode", "Town"],
                    [1, "Ann", "Ek", "Storgatan 1", 43430, "Kungsbacka"],
                ]
            ),
            LIMITS,
        )
        assert read.people == [FramePersonRow("1", "Ann Ek", "Storgatan 1", "434 30", "Kungsbacka", "", "sv")]

    @pytest.mark.parametrize(
        ("line", "fault", "place"),
        [
            (";Ann;Storgatan 1;Ekvik;;sv", Fault.NO_STRATUM, "A3"),
            ("N;Ann;;;;sv", Fault.NOT_REACHED, "C3"),
            ("N;Ann;Storgatan 1;;;sv", Fault.NO_CITY, "D3"),
            ("N;Ann;Storgatan 1;Ekvik;ann@;sv", Fault.BAD_EMAIL, "E3"),
            ("N;Ann;Storgatan 1;Ekvik;;klingon", Fault.BAD_LANGUAGE, "F3"),
            (f"{'N' * 41};Ann;Storgatan 1;Ekvik;;sv", Fault.TOO_LONG, "A3"),
            ("N;bo ;GATAN 2;ekvik;;sv", Fault.TWICE, "B3"),
        ],
    )
    def test_faults_are_named_with_their_place_and_nothing_of_the_person(
        self, line: str, fault: Fault, place: str
    ) -> None:
        read = read_frame_file(
            csv("Stratum;Namn;Adress;Ort;E-post;Språk", "N;Bo;Gatan 2;Ekvik;;sv", line, "", "N;Eva;Gatan 3;Ekvik;;"),
            LIMITS,
        )
        assert [person.name for person in read.people] == ["Bo", "Eva"]
        (rejected,) = read.rejected
        assert (rejected.fault, f"{rejected.column}{rejected.row}") == (fault, place)
        with translation.override("en"):
            told = rejected_text(rejected)
        assert told.startswith(f"{place}: ")
        assert not any(part in told for part in ("Ann", "Storgatan", "klingon", "ann@", "bo ", "GATAN"))

    def test_every_fault_has_words(self) -> None:
        assert set(FAULT) == set(Fault)

    def test_a_date_is_no_name(self) -> None:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            page, dated = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
            page.write_row(0, 0, ["Namn", "E-post"])
            page.write_datetime(1, 0, date(2020, 1, 2), dated)
            page.write(1, 1, "a@example.org")
        (rejected,) = read_frame_file(out.getvalue(), LIMITS).rejected
        assert rejected.fault is Fault.NOT_TEXT

    @pytest.mark.parametrize("content", [b"", b"Namn;Kod\nAnn;1", b"%PDF-1.7", csv("Namn;E-post")])
    def test_what_is_no_register_is_refused(self, content: bytes) -> None:
        with pytest.raises(SheetError):
            read_frame_file(content, LIMITS)

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.lists(st.text(max_size=12), max_size=7), max_size=12))
    def test_whatever_stands_there_every_row_is_taken_or_told(self, rows: list[list[str]]) -> None:
        unsafe = str.maketrans("", "", '"\n\r;')
        clean = [[cell.translate(unsafe) for cell in row] for row in rows]
        content = csv("Stratum;Namn;Adress;Ort;E-post;Språk", *(";".join(row) for row in clean), "N;Z;Z;Z;;")
        try:
            read = read_frame_file(content, LIMITS)
        except SheetError:
            return
        filled_in = sum(any(cell.strip() for cell in row) for row in clean) + 1
        assert len(read.people) + read.rejected_count == filled_in


class TestBackgrounds:
    CHOICES = {"kon": {"Kön": {"Kvinna": 1, "Man": 2, "1": 1, "2": 2}}, "alder": {"alder": {"18–29": 1}}}

    def test_are_counted_over_the_rows_that_are_kept(self) -> None:
        read = read_frame_file(
            csv("Namn;E-post;kön", "A;a@example.org;kvinna", "B;b@example.org;2", "C;fel;Man"), LIMITS, self.CHOICES
        )
        (found,) = read.backgrounds
        assert (found.code, found.counts, found.unknown) == ("kon", {1: 1, 2: 1}, 0)
        assert read.passed_over == []

    def test_unknown_choices_are_counted_apart(self) -> None:
        read = read_frame_file(csv("E-post;Kön", "a@example.org;Man", "b@example.org;"), LIMITS, self.CHOICES)
        assert read.backgrounds[0].unknown == 1


class TestCounts:
    @pytest.mark.parametrize(
        "text",
        [
            "Norr\t1 234\nSöder\t50",
            "Norr;1234\nSöder;50",
            "Norr 1234\nSöder: 50",
            "Grupp\tAntal\nNorr\t1.234\nSöder\t50",
        ],
    )
    def test_pasted_and_typed(self, text: str) -> None:
        assert read_counts(pasted_rows(text)) == ({"Norr": 1234, "Söder": 50}, [])

    def test_zero_is_a_number(self) -> None:
        assert read_counts(pasted_rows("Norr\t0")) == ({"Norr": 0}, [])

    def test_faults_have_their_line(self) -> None:
        found, bad = read_counts(pasted_rows("Norr\t10\nSöder\t-5\n\nNorr\t7\n\t8\nVäst"))
        assert found == {"Norr": 10}
        assert [(line.line, line.column) for line in bad] == [(2, 2), (4, 1), (5, 1), (6, 2)]
        with translation.override("en"):
            assert all(f"Line {line.line}" in bad_line_text(line) for line in bad)

    def test_from_a_file(self) -> None:
        assert read_count_file(xlsx([["Område", "Befolkning"], ["Norr", 1234], ["Söder", 50.0]]), LIMITS) == (
            {"Norr": 1234, "Söder": 50},
            [],
        )


class TestCodes:
    def test_nothing_in_them_can_be_taken_for_something_else(self) -> None:
        assert not set("01OIL") & set(ALPHABET)
        assert len(set(ALPHABET)) == len(ALPHABET) == 31

    @given(st.text(ALPHABET, min_size=12, max_size=12))
    def test_grouped_for_reading_and_typed_back(self, token: str) -> None:
        assert cleaned(grouped(token)) == cleaned(f" {grouped(token).lower().replace('-', ' ')} ") == token


class TestPlaces:
    def test_filled_in_either_language_and_only_once(self) -> None:
        values = {"name": "{link}", "link": "L", "code": "C", "last day": "3 maj"}
        assert filled("Hej {namn}! {Länk} {code} {sista  dag} {okänt}", values) == "Hej {link}! L C 3 maj {okänt}"

    def test_nobody_s_name_leaves_no_gap(self) -> None:
        assert filled("Hej {namn}!", {"name": ""}) == "Hej!"

    def test_unknown_places_are_found(self) -> None:
        assert places("{namn} {link}") == {"name", "link"}
        assert unknown_places("{nman} {namn} {}") == ["{nman}", "{}"]

    @given(*[st.text(max_size=40)] * 4, st.booleans())
    def test_kept_as_it_was(self, a: str, b: str, c: str, d: str, both: bool) -> None:
        text = MailText(Part(a, b), Part(c, d), both)
        assert loads(dumps(text)) == text
        assert text.part("en") == (text.en if d else text.sv)
