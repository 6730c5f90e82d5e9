"""A file of answers as it stands: its columns, wide (a row a respondent) or long (a row an answer); its identity."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
UNSEEN = "\ufeff\u200b\u2060"
JOINED = ";"


class Role(StrEnum):
    """What a column is besides answers to a question. QUESTION and ANSWER make the file a long one."""

    WEIGHT = "weight"
    STRATUM = "stratum"
    CLUSTER = "cluster"
    RESPONDENT = "respondent"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True)
class Target:
    """What a column, or in a long file an item, is read as; all empty: it is not read. `part`: of a pair or of several
    choices; None where the question has one part, or all choices stand in one cell."""

    role: Role | None = None
    code: str = ""
    part: int | None = None

    @staticmethod
    def of(text: str) -> "Target":
        """From its text: "" · "=weight" · "safety" · "contact[2]"."""
        if text.startswith("="):
            return Target(role=Role(text[1:]))
        found = re.fullmatch(r"(.*?)\[(\d+)\]", text)
        return Target(code=found[1], part=int(found[2])) if found else Target(code=text)

    @property
    def text(self) -> str:
        if self.role:
            return f"={self.role.value}"
        return self.code if self.part is None else f"{self.code}[{self.part}]"


@dataclass(frozen=True)
class AnswerTable:
    """`header`: a text a column, "" where there is none. `cells`: columns 0 … k − 1 of texts. `lines` (n,): where each
    row stands in the file, counted from 1."""

    header: tuple[str, ...]
    cells: pd.DataFrame
    lines: Ints

    def __len__(self) -> int:
        return len(self.lines)


def table_of(rows: pd.DataFrame) -> AnswerTable | None:
    """The table whose header is the first row (columns of texts) that is not empty; None where nothing follows it.
    Rows without any text are passed over."""
    filled = np.zeros(len(rows), dtype=bool)
    for place in range(rows.shape[1]):
        filled |= rows.iloc[:, place].to_numpy() != ""
    lines = np.flatnonzero(filled)
    if len(lines) < 2:
        return None
    header = tuple(bare(str(text)) for text in rows.iloc[lines[0]])
    cells = rows.iloc[lines[1:]].reset_index(drop=True)
    cells.columns = pd.RangeIndex(rows.shape[1])
    return AnswerTable(header, cells, lines[1:] + 1)


def bare(text: str) -> str:
    """A text without what nobody sees at its ends."""
    return text.strip(UNSEEN + " \t\r\n\f\v\u00a0\u202f")


def normal(text: str) -> str:
    """A text as it is compared: lower case, single spaces, no mark at its end."""
    return re.sub(r"\s+", " ", bare(text)).casefold().rstrip(".:;?! ")


def content_digest(table: AnswerTable) -> str:
    """A SHA-256 of what the table says whatever its file is called and the order of its rows and columns."""
    places = sorted(range(len(table.header)), key=lambda place: (table.header[place], place))
    hashed = pd.util.hash_pandas_object(table.cells[places], index=False).to_numpy(dtype=np.uint64)
    whole = hashlib.sha256("\0".join(table.header[place] for place in places).encode())
    whole.update(np.sort(hashed).astype("<u8").tobytes())
    return whole.hexdigest()


@dataclass(frozen=True)
class Given:
    """One column: (n,) texts and the line each stands in (0: none); `repeated`: lines that came once too often."""

    texts: Texts
    lines: Ints
    repeated: Ints


class Respondents:
    """The n respondents of a table and their columns, one at a time: of a long table with many items and few answers a
    wide one would not fit.

    `targets`: what each column is; of a long table `items` says what each text of its question column is.
    """

    def __init__(self, table: AnswerTable, targets: Sequence[Target], items: Mapping[str, Target]) -> None:
        self._table = table
        places = {target.role: place for place, target in enumerate(targets) if target.role}
        self._places = places
        self.long = is_long(targets)
        self.columns: list[tuple[str, Target]] = []
        if self.long:
            self._divide(items)
        else:
            self._own = [place for place, target in enumerate(targets) if target.code]
            self.columns = [(table.header[place], targets[place]) for place in self._own]
            self.count, self.lines = len(table), table.lines

    def _divide(self, items: Mapping[str, Target]) -> None:
        cells, places = self._table.cells, self._places
        who, ids = pd.factorize(cells[places[Role.RESPONDENT]].to_numpy())
        what, names = pd.factorize(cells[places[Role.QUESTION]].to_numpy())
        self.count = len(ids)
        order = np.argsort(what, kind="stable")
        bounds = np.searchsorted(what[order], np.arange(len(names) + 1))
        found = [(bare(str(name)), order[bounds[k] : bounds[k + 1]]) for k, name in enumerate(names)]
        self._who, self._rows = who, [rows for name, rows in found if items.get(name, Target()).code]
        self.columns = [(name, items[name]) for name, _rows in found if items.get(name, Target()).code]
        self._first = np.unique(who, return_index=True)[1]
        self.lines = self._table.lines[self._first]

    def column(self, number: int, *, joined: bool = False) -> Given:
        """The column of `columns[number]`. `joined`: what a respondent gave several times stands in one text."""
        none = np.zeros(0, dtype=np.int64)
        if not self.long:
            return Given(self._table.cells[self._own[number]].to_numpy(), self.lines, none)
        rows = self._rows[number]
        texts = self._table.cells[self._places[Role.ANSWER]].to_numpy()[rows]
        who, first = np.unique(self._who[rows], return_index=True)
        again = np.setdiff1d(np.arange(len(rows)), first)
        full, lines = np.full(self.count, "", dtype=object), np.zeros(self.count, dtype=np.int64)
        full[who], lines[who] = texts[first], self._table.lines[rows[first]]
        if joined:
            for place in again.tolist():
                full[self._who[rows[place]]] += JOINED + texts[place]
            again = none
        return Given(full, lines, self._table.lines[rows[again]])

    def about(self, role: Role) -> Texts | None:
        """(n,) texts of a column about the respondent; of a long table those of the first row. None: no such column."""
        place = self._places.get(role)
        if place is None:
            return None
        texts: Texts = self._table.cells[place].to_numpy()
        return texts[self._first] if self.long else texts

    def repeated(self) -> NDArray[np.bool_]:
        """(n,) rows of a wide table whose respondent stood in an earlier one."""
        ids = None if self.long else self.about(Role.RESPONDENT)
        if ids is None:
            return np.zeros(self.count, dtype=bool)
        told = pd.Series(ids)
        return (told.duplicated() & (told != "")).to_numpy()


def is_long(targets: Sequence[Target]) -> bool:
    """Whether each row of a table with these columns is one answer."""
    return {Role.RESPONDENT, Role.QUESTION, Role.ANSWER} <= {target.role for target in targets}


MOST_SHOWN, SHORT, MOST_DIGITS = 12, 40, 4


def is_harmless(text: str) -> bool:
    """Whether a text may be shown as an example: short, without what a number of a person or an address has."""
    return len(text) <= SHORT and "@" not in text and sum(letter.isdigit() for letter in text) <= MOST_DIGITS


@dataclass(frozen=True)
class Sample:
    """What stands in a column: how many different texts, and all of them where they tell nothing of a person."""

    distinct: int
    shown: tuple[str, ...]


def samples(table: AnswerTable) -> list[Sample]:
    """A sample of each column. Texts are shown where they are few and repeat themselves, so that no name is among
    them."""
    found = []
    for place in range(len(table.header)):
        texts = sorted(
            {bare(str(text)) for text in table.cells[place].unique()} - {""}, key=lambda text: (len(text), text)
        )
        few = len(texts) <= min(MOST_SHOWN, max(1, len(table) // 3)) and all(map(is_harmless, texts))
        found.append(Sample(len(texts), tuple(texts) if few else ()))
    return found
