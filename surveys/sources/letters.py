"""Letters as a PDF: A4, the address where a window envelope shows it, a QR code with its text beside it, tagged for
screen readers (PDF/UA-1).

Texts go to Typst as data and are never read as its language, so that nothing typed can become a command.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M

# Trying all eight masks costs most of the time, and a camera reads any of them.
MASK = 2
SOURCE = r"""
#let told = json(bytes(sys.inputs.letters))
#set document(title: told.title, author: told.sender)
#set page(paper: "a4", margin: (left: 25mm, right: 25mm, top: 18mm, bottom: 18mm))
#set text(font: "Libertinus Serif", size: 11pt, lang: told.language, fallback: true)
#set par(leading: 0.62em, spacing: 1em)
#show heading: set text(size: 15pt)
#show heading: set block(above: 0pt, below: 1em)

#let lines(parts) = parts.map(part => [#part]).join(linebreak())

// What a window envelope with its window to the right (H2) shows of a sheet folded once or twice.
#let addressed(letter) = {
  text(weight: "bold", told.sender)
  place(top + left, dx: 83mm, dy: 30mm, box(width: 78mm, height: 28mm, lines(letter.address)))
  v(64mm)
}

#let way(side) = block(breakable: false, above: 1.6em, stroke: 0.6pt + luma(120), inset: 5mm, width: 100%, grid(
  columns: (30mm, 1fr), column-gutter: 7mm, align: horizon,
  image(bytes(side.qr), format: "svg", width: 30mm, alt: side.alt),
  {
    par(side.how)
    par(text(size: 12pt, weight: "bold", side.short))
    par([#side.code_label #text(size: 13pt, weight: "bold", tracking: 0.06em, side.code)])
  },
))

#let page-of(side) = {
  set text(lang: side.language)
  heading(level: 1, side.subject)
  for paragraph in side.paragraphs { par(lines(paragraph)) }
  way(side)
}

#for (number, letter) in told.letters.enumerate() {
  if number > 0 { pagebreak(to: if told.both { "odd" } else { none }) }
  set text(lang: letter.sides.first().language)
  addressed(letter)
  for (place, side) in letter.sides.enumerate() {
    if place > 0 { pagebreak() }
    page-of(side)
  }
}
"""


@dataclass(frozen=True)
class LetterSide:
    """One side of a letter in one language. `paragraphs`: each a list of lines; `link`: what the QR code leads to;
    `short`: where the code is typed instead, as it is printed; `how` and `code_label`: what stands beside them."""

    language: str
    subject: str
    paragraphs: list[list[str]]
    link: str
    short: str
    code: str
    how: str
    code_label: str
    alt: str


@dataclass(frozen=True)
class Letter:
    """A person's letter: where it goes and its sides, the first in their language."""

    address: list[str]
    sides: list[LetterSide]


def letters_pdf(letters: Sequence[Letter], *, title: str, sender: str, language: str, both: bool) -> bytes:
    """The letters one after the other, each on a page of its own.

    `title`: of the document; `language`: the document's, each letter has its own; `both`: letters have a back, so that
    each begins on a front. PDF/UA-1 where the fonts have every character. Raises ValueError where there is no letter.
    """
    if not letters:
        raise ValueError("there is no letter to print")
    import typst  # large, and nothing else needs it

    told = {"title": title, "sender": sender, "language": language, "both": both, "letters": []}
    told["letters"] = [
        {**asdict(letter), "sides": [{**asdict(side), "qr": qr_svg(side.link)} for side in letter.sides]}
        for letter in letters
    ]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    given: dict[str, Any] = {"format": "pdf", "sys_inputs": {"letters": json.dumps(told)}, "font_paths": fonts}
    try:
        made = typst.compile(SOURCE.encode(), pdf_standards=["ua-1"], **given)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        # A character that no font has, in one name, stops no other letter: it is printed as an empty box.
        made = typst.compile(SOURCE.encode(), **given)
    assert isinstance(made, bytes)
    return made


def qr_matrix(text: str) -> list[list[bool]]:
    """The modules of a QR code with its quiet zone, row by row; True is dark."""
    code = qrcode.QRCode(border=4, error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def qr_svg(text: str) -> str:
    """A QR code as a drawing of one path, a run of dark modules a stroke."""
    matrix, runs = qr_matrix(text), []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start} {y}h{x - start}v1h{start - x}z")
            x += x == start
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}">'
        f'<path d="{"".join(runs)}"/></svg>'
    )
