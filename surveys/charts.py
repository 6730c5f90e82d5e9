"""Small drawings of results: a bar with its margin of error, two points on a scale, the priority matrix.

Pure: no database, no settings, no clock; texts come in ready for the reader. Colours are in static/css/survey.css.
Nothing is drawn with more decimals than the files have. Bars stretch to the width they are given and say nothing to a
screen reader, since the numbers stand beside them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from django.utils.safestring import SafeString, mark_safe

from surveys.compute.release import DECIMALS

BAR = 'class="result-bar" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
LETTER = 0.6  # an upper estimate of a letter's width in parts of its size


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _place(value: float, low: float, high: float) -> float:
    return max(0.0, min(100.0, 100.0 * (round(value, DECIMALS) - low) / (high - low)))


def result_bar(
    value: float | None,
    lower: float | None = None,
    upper: float | None = None,
    *,
    low: float = 0.0,
    high: float = 100.0,
) -> SafeString:
    """A value on a scale from low to high as a bar, its interval as a line across the bar's end. Nothing is drawn for a
    missing value; 0 is a bar of no length on its track."""
    if value is None or not math.isfinite(value):
        return SafeString("")
    filled = _n(_place(value, low, high))
    body = f'<rect class="track" y="5" width="100" height="10"/><rect class="fill" y="5" width="{filled}" height="10"/>'
    if lower is not None and upper is not None and math.isfinite(lower) and math.isfinite(upper):
        start, end = _place(lower, low, high), _place(upper, low, high)
        ends = "".join(f'<path d="M{_n(x)} 3V17"/>' for x in (start, end))
        body += f'<g class="range"><path d="M{_n(start)} 10H{_n(end)}"/>{ends}</g>'
    return mark_safe(f"<svg {BAR}>{body}</svg>")  # noqa: S308 - numbers only


def gap_bar(expectation: float | None, experience: float | None, *, low: float, high: float) -> SafeString:
    """Expectation (a ring) and experience (a disc) on one scale, joined by a line; nothing unless both are known."""
    if expectation is None or experience is None:
        return SafeString("")
    expected, lived = _place(expectation, low, high), _place(experience, low, high)
    # Dots of no length with round ends stay round while the drawing stretches.
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg {BAR.replace("result-bar", "result-bar gap-bar")}><path class="axis" d="M0 10H100"/>'
        f'<path class="joint" d="M{_n(expected)} 10H{_n(lived)}"/>'
        f'<path class="expected" d="M{_n(expected)} 10h0"/><path class="expected-hole" d="M{_n(expected)} 10h0"/>'
        f'<path class="lived" d="M{_n(lived)} 10h0"/></svg>'
    )


def middle_bar(low_quarter: float, median: float, high_quarter: float) -> SafeString:
    """The middle half of a group of municipalities on a scale from 0 to 100, with its median."""
    start, centre, end = (_place(x, 0.0, 100.0) for x in (low_quarter, median, high_quarter))
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg {BAR}><rect class="track" y="5" width="100" height="10"/>'
        f'<rect class="middle" x="{_n(start)}" y="5" width="{_n(max(end - start, 0.5))}" height="10"/>'
        f'<g class="range"><path d="M{_n(centre)} 3V17"/></g></svg>'
    )


@dataclass(frozen=True)
class MatrixPoint:
    """An area in the matrix: grade to the right, importance upwards; `number` is what it is called in the list."""

    number: int
    name: str
    grade: float
    importance: float
    first: bool = False  # asks to be prioritised


def matrix_svg(
    points: Sequence[MatrixPoint],
    *,
    grade_cut: float,
    importance_cut: float,
    corners: tuple[str, str, str, str],
    x_title: str,
    y_title: str,
    title: str,
    summary: str,
    narrow: bool,
) -> SafeString:
    """The priority matrix. corners: top left (low grade, high importance), top right, bottom left, bottom right."""
    points = [replace(p, grade=round(p.grade, DECIMALS), importance=round(p.importance, DECIMALS)) for p in points]
    grade_cut, importance_cut = round(grade_cut, DECIMALS), round(importance_cut, DECIMALS)
    size, width, height = (12.5, 340.0, 320.0) if narrow else (14.0, 760.0, 430.0)
    left, right, top, bottom = 8.0, width - 8.0, size * 1.8, height - size * 2.2
    x = _Axis([p.grade for p in points] + [grade_cut], left + 34, right - 34)
    y = _Axis([p.importance for p in points] + [importance_cut], bottom - 44, top + 44)
    cut_x, cut_y = x(grade_cut), y(importance_cut)
    body = [
        f'<rect class="first" x="{_n(left)}" y="{_n(top)}" width="{_n(cut_x - left)}" height="{_n(cut_y - top)}"/>',
        f'<rect class="frame" x="{_n(left)}" y="{_n(top)}" width="{_n(right - left)}" height="{_n(bottom - top)}"/>',
        f'<path class="cut" d="M{_n(cut_x)} {_n(top)}V{_n(bottom)}M{_n(left)} {_n(cut_y)}H{_n(right)}"/>',
    ]
    body += _corners(corners, size, (left, cut_x, right), (top, bottom))
    body.append(_label(left, size, y_title, "axis-title", size))
    body.append(_label(right, height - size * 0.6, x_title, "axis-title", size, "end"))
    radius = size * 0.95
    for point, place in zip(points, _apart([(x(p.grade), y(p.importance)) for p in points], radius), strict=True):
        body.append(_numbered(point, place, (x(point.grade), y(point.importance)), radius, size))
    names = f'<title id="matrix-{"n" if narrow else "w"}">{escape(title)}</title><desc>{escape(summary)}</desc>'
    return mark_safe(  # noqa: S308 - every text in it has passed through escape()
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{"narrow" if narrow else "wide"} matrix" role="img" '
        f'aria-labelledby="matrix-{"n" if narrow else "w"}" viewBox="0 0 {_n(width)} {_n(height)}">'
        f"{names}{''.join(body)}</svg>"
    )


@dataclass(frozen=True)
class _Axis:
    """Maps the range of some values on start..end; a single value lies in the middle."""

    values: Sequence[float]
    start: float
    end: float

    def __call__(self, value: float) -> float:
        low, high = min(self.values), max(self.values)
        if high - low < 1e-9:
            return (self.start + self.end) / 2
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def _label(x: float, y: float, text: str, role: str, size: float, anchor: str = "start") -> str:
    place = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{_n(size)}"'
    return f'<text class="{role}" {place}>{escape(text)}</text>'


def _corners(
    words: tuple[str, str, str, str], size: float, xs: tuple[float, float, float], ys: tuple[float, float]
) -> list[str]:
    """The names of the quadrants in their corners."""
    (left, _cut, right), (top, bottom) = xs, ys
    places = [(left + 8, top + size * 1.3, "start"), (right - 8, top + size * 1.3, "end"),
              (left + 8, bottom - size * 0.6, "start"), (right - 8, bottom - size * 0.6, "end")]  # fmt: skip
    return [_label(x, y, word, "corner", size, anchor) for word, (x, y, anchor) in zip(words, places, strict=True)]


def _apart(places: Sequence[tuple[float, float]], radius: float) -> list[tuple[float, float]]:
    """Discs pushed apart until no two overlap much; each a step at a time, so that near stays near."""
    moved = [list(place) for place in places]
    for _round in range(60):
        pushed = False
        for i, a in enumerate(moved):
            for b in moved[i + 1 :]:
                dx, dy = b[0] - a[0], b[1] - a[1]
                distance = math.hypot(dx, dy)
                if distance >= 2 * radius:
                    continue
                pushed = True
                step = (2 * radius - distance) / 2 + 0.1
                ux, uy = (dx / distance, dy / distance) if distance > 1e-6 else (1.0, 0.0)
                a[0], a[1], b[0], b[1] = a[0] - ux * step, a[1] - uy * step, b[0] + ux * step, b[1] + uy * step
        if not pushed:
            break
    return [(x, y) for x, y in moved]


def _numbered(
    point: MatrixPoint, place: tuple[float, float], true: tuple[float, float], radius: float, size: float
) -> str:
    """A disc with the area's number, tied to its true place by a hairline where it had to move."""
    x, y = place
    moved = math.hypot(x - true[0], y - true[1]) > 2
    tie = f'<path class="tie" d="M{_n(true[0])} {_n(true[1])}L{_n(x)} {_n(y)}"/>' if moved else ""
    role = "area area--first" if point.first else "area"
    number = _label(x, y + size * 0.34, str(point.number), "area__number", size * 0.92, "middle")
    return (
        f'{tie}<g class="{role}"><title>{escape(f"{point.number} {point.name}")}</title>'
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>{number}</g>'
    )
