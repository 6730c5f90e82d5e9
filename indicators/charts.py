"""Charts as descriptions and their drawers: one description becomes a wide drawing, a phone's drawing, a
Plotly figure or a PNG.

Pure: no database, no settings, no clock. Texts and number forms come in ready for the reader; a missing value
(`None`, NaN or an infinity) is a gap and is never drawn, 0 is a value. Drawings carry classes for roles (the
colours are in static/css/components.css) or, with `standalone=True`, explicit colours and a font that `png`
has with it.
"""

import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Literal

from django.utils.safestring import SafeString, mark_safe

Role = Literal["own", "women", "men", "median", "target", "nation"]


@dataclass(frozen=True, slots=True)
class Point:
    """One due period: `x` in years (a tertial is a fraction), its label, and the value; `y` None or NaN is a
    gap.
    """

    x: float
    label: str
    y: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A named series, points in order of x."""

    role: Role
    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Band:
    """The range between two series with the same x, such as the middle half of a peer group (METHODS §3)."""

    low: Sequence[Point]
    high: Sequence[Point]
    name: str


@dataclass(frozen=True, slots=True)
class Break:
    """`x` is the first period of the new method; lines are not joined across it (METHODS §2)."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A line chart. `summary` says in words what it shows; `unit` stands above the axis; `y_format` makes
    text of a value, `tick_format` of a place on the axis, which may need other decimals than values have.
    """

    title: str
    summary: str
    unit: str
    lines: Sequence[Line]
    band: Band | None
    breaks: Sequence[Break]
    y_format: Callable[[float], str]
    tick_format: Callable[[float], str] | None = None

    def tick(self, value: float) -> str:
        """A place on the axis as text."""
        return (self.tick_format or self.y_format)(value)


@dataclass(frozen=True, slots=True)
class Dot:
    """One municipality in a strip: `text` is the value as the reader sees it. A dot without a finite value is
    left out.
    """

    code: str
    name: str
    value: float | None
    text: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class ScatterPoint:
    """One municipality in a plane, such as cost against quality. Left out unless both values are finite."""

    code: str
    name: str
    x: float | None
    y: float | None
    own: bool = False


# --- Numbers, text and geometry ------------------------------------------------------------------------------

_FAR: Final = 1e300  # keeps differences of the largest floats finite
_NARROW_LETTERS: Final = frozenset("iljtfrI.,:;'|!()[] \u00a0\u202f")
_WIDE_LETTERS: Final = frozenset("mwMW@%—→←")


def _finite(value: float | None) -> float | None:
    """The value, or None where there is nothing to draw."""
    if value is None or not math.isfinite(value):
        return None
    return max(-_FAR, min(_FAR, float(value)))


def _n(value: float) -> str:
    """A coordinate with one decimal, without the trailing zero."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def _text_width(text: str, size: float) -> float:
    """An upper estimate in drawing units, measured against the widest of the common sans-serif faces."""
    ems = 0.0
    for letter in text:
        if letter in _NARROW_LETTERS:
            ems += 0.39
        elif letter in _WIDE_LETTERS:
            ems += 0.98
        else:
            ems += 0.74 if letter.isupper() else 0.635
    return ems * size


def _wrap(text: str, width: float, size: float) -> list[str]:
    """Lines no wider than `width` where words allow it."""
    lines: list[str] = []
    for word in text.split():
        if lines and _text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _shorten(text: str, width: float, size: float) -> str:
    """The text cut with an ellipsis where it is wider than `width`."""
    if _text_width(text, size) <= width:
        return text
    while text and _text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps low..high on start..end; low < high always."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _scale(values: Iterable[float], start: float, end: float, *, pad: float = 0.0) -> _Scale:
    """A scale that holds the values; a constant one gets room on both sides. Padding never makes an axis of
    non-negative values go below 0.
    """
    known = list(values)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    size = max(abs(low), abs(high))
    if high - low <= max(size * 1e-9, 1e-12):
        room = size * 0.1 if size > 1e-12 else 1.0
        return _Scale(max(0.0, low - room) if low >= 0 else low - room, high + room, start, end)
    room = (high - low) * pad
    return _Scale(max(0.0, low - room) if low >= 0 else low - room, high + room, start, end)


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten) inside low..high, about `count` of them."""
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    digits = max(0, 2 - math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, digits) + 0.0 for k in range(first, min(last, first + 4 * count) + 1)]


def _spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near the wanted ones as can be, in their order, at least `gap` apart and inside low..high
    where that fits.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    floor = low
    for i in order:
        placed[i] = max(wanted[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


# --- Paint: classes on a page, explicit colours in a file that stands alone ----------------------------------

_FONT: Final = "Libertinus Serif, Georgia, serif"
_PAINT: Final[dict[str, str]] = {
    "chart-tick": 'fill="#565d66"',
    "chart-grid": 'stroke="#e3e0d8"',
    "chart-axis": 'stroke="#b9b4a8"',
    "chart-band": 'fill="#e8e6df"',
    "chart-break": 'stroke="#565d66" stroke-dasharray="3 3"',
    "chart-leader": 'stroke="#b9b4a8" fill="none"',
    "chart-label": 'fill="#565d66"',
    "chart-label chart-label--own": 'fill="#0b5563" font-weight="700"',
    "chart-label chart-label--women": 'fill="#7a3b8f"',
    "chart-label chart-label--men": 'fill="#3f5fb0"',
    "chart-label chart-label--median": 'fill="#565d66"',
    "chart-label chart-label--nation": 'fill="#7a4e3a"',
    "chart-label chart-label--target": 'fill="#1a1d21"',
    "chart-line chart-line--own": 'fill="none" stroke="#0b5563" stroke-width="2.6" stroke-linejoin="round"',
    "chart-line chart-line--women": 'fill="none" stroke="#7a3b8f" stroke-width="1.6" stroke-dasharray="6 3"',
    "chart-line chart-line--men": 'fill="none" stroke="#3f5fb0" stroke-width="1.6" stroke-dasharray="2 3"',
    "chart-line chart-line--median": 'fill="none" stroke="#565d66" stroke-width="1.6" stroke-dasharray="4 3"',
    "chart-line chart-line--nation": 'fill="none" stroke="#7a4e3a" stroke-width="1.6" stroke-dasharray="9 3 2 3"',
    "chart-line chart-line--target": 'fill="none" stroke="#1a1d21" stroke-width="1.2"',
    "chart-dot chart-dot--own": 'fill="#0b5563"',
    "chart-dot chart-dot--women": 'fill="#7a3b8f"',
    "chart-dot chart-dot--men": 'fill="#3f5fb0"',
    "chart-dot chart-dot--median": 'fill="#565d66"',
    "chart-dot chart-dot--nation": 'fill="#7a4e3a"',
    "chart-dot chart-dot--target": 'fill="#1a1d21"',
    "peer": 'fill="#565d66" fill-opacity="0.45"',
    "peer peer--own": 'fill="#0b5563"',
    "median-tick": 'stroke="#1a1d21" stroke-width="2"',
    "quadrant": 'stroke="#b9b4a8" stroke-dasharray="4 3"',
}


def _by_class(role: str) -> str:
    return f'class="{role}"'


def _by_colour(role: str) -> str:
    return _PAINT[role]


Paint = Callable[[str], str]


def _text(x: float, y: float, text: str, paint: str, *, anchor: str = "start", size: float = 13) -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{_n(x)}" y="{_n(y)}"{place} font-size="{_n(size)}" {paint}>{escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, paint: str) -> str:
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" {paint}/>'


def _document(
    body: list[str],
    width: float,
    height: float,
    *,
    title: str,
    summary: str,
    variant: str,
    standalone: bool = False,
    note: str = "",
) -> SafeString:
    """The svg element around a drawing, named by its title and summary. The ids are made from the content, so
    that two drawings on a page share one only if they are the same drawing, and a page renders to the same
    bytes each time.
    """
    inner = "".join(body)
    if standalone:
        inner, width, height = _titled(inner, width, height, title, note)
    key = f"c{zlib.crc32(f'{title}|{summary}|{variant}|{inner}'.encode('utf-8', 'replace')):08x}"
    size = f' width="{_n(width)}" height="{_n(height)}" font-family="{_FONT}"' if standalone else f' class="{variant}"'
    described = f'<desc id="{key}d">{escape(summary)}</desc>' if summary else ""
    names = f"{key}t {key}d" if summary else f"{key}t"
    return mark_safe(  # noqa: S308 - every text in it has passed through escape()
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}"{size} role="img" '
        f'aria-labelledby="{names}"><title id="{key}t">{escape(title)}</title>{described}{inner}</svg>'
    )


def _titled(inner: str, width: float, height: float, title: str, note: str) -> tuple[str, float, float]:
    """A drawing with its title over it, a note (where it comes from) under it, a margin and a white ground, since
    it will be seen without its page.
    """
    margin, size = 24.0, 19.0
    lines = _wrap(title, width, size)
    top = margin + len(lines) * size * 1.25
    heading = [
        _text(margin, margin + size * (0.8 + 1.25 * row), line, 'fill="#1a1d21" font-weight="700"', size=size)
        for row, line in enumerate(lines)
    ]
    foot, small = top + 10 + height, 12.5
    notes = [
        _text(margin, foot + small * (1.6 + 1.35 * row), line, _PAINT["chart-label"], size=small)
        for row, line in enumerate(_wrap(note, width, small))
    ]
    whole_width, whole_height = width + 2 * margin, foot + len(notes) * small * 1.35 + margin * 0.6
    ground = f'<rect width="{_n(whole_width)}" height="{_n(whole_height)}" fill="#ffffff"/>'
    moved = f'<g transform="translate({_n(margin)} {_n(top + 10)})">{inner}</g>'
    return ground + "".join(heading) + moved + "".join(notes), whole_width, whole_height


# --- Line chart ----------------------------------------------------------------------------------------------

_LINE_ORDER: Final[dict[str, int]] = {"nation": 0, "median": 1, "target": 2, "men": 3, "women": 4, "own": 5}


@dataclass(frozen=True, slots=True)
class _EndLabel:
    """What stands beside the end of a line (or, where there is no room, above the chart)."""

    role: str
    text: str
    x: float
    y: float


def _runs(line: Line, breaks: Sequence[Break]) -> list[list[Point]]:
    """The stretches that may be joined: no gap inside and, but for a target, no break."""
    cuts = () if line.role == "target" else tuple(b.x for b in breaks)
    runs: list[list[Point]] = []
    previous: Point | None = None
    for point in line.points:
        y = _finite(point.y)
        if y is None or not math.isfinite(point.x):
            previous = None
            continue
        known = Point(point.x, point.label, y)
        if previous is not None and not any(previous.x < cut <= known.x for cut in cuts):
            runs[-1].append(known)
        else:
            runs.append([known])
        previous = known
    return runs


def _band_runs(band: Band | None) -> list[list[tuple[float, float, float]]]:
    """Stretches of (x, low, high) where both edges are known."""
    if band is None:
        return []
    upper = {point.x: _finite(point.y) for point in band.high}
    runs: list[list[tuple[float, float, float]]] = [[]]
    for point in band.low:
        low, high = _finite(point.y), upper.get(point.x)
        if low is None or high is None or not math.isfinite(point.x):
            if runs[-1]:
                runs.append([])
        else:
            runs[-1].append((point.x, min(low, high), max(low, high)))
    return [run for run in runs if run]


def _periods(chart: Chart) -> list[tuple[float, str]]:
    """Every period of the lines in order, with its label."""
    seen: dict[float, str] = {}
    for line in chart.lines:
        for point in line.points:
            if math.isfinite(point.x):
                seen.setdefault(point.x, point.label)
    return sorted(seen.items())


def _x_ticks(periods: Sequence[tuple[float, str]], x: Callable[[float], float], size: float) -> list[tuple[float, str]]:
    """(place, label) of the periods written under the axis: the last always, then at even steps back as long
    as there is room.
    """
    if not periods:
        return []
    room = max(_text_width(label, size) for _, label in periods) + size
    places = [(x(value), label) for value, label in periods]
    pitch = (places[-1][0] - places[0][0]) / max(1, len(places) - 1)
    stride = max(1, math.ceil(room / pitch)) if pitch > 0 else len(places)
    kept: list[tuple[float, str]] = []
    for place, label in places[::-1][::stride]:
        if not kept or kept[-1][0] - place >= room:
            kept.append((place, label))
    return kept[::-1]


def _break_place(chart_break: Break, periods: Sequence[tuple[float, str]]) -> float:
    """Half-way between the last period of the old method and the first of the new one."""
    earlier = [x for x, _ in periods if x < chart_break.x]
    return (
        (earlier[-1] + chart_break.x) / 2 if earlier and any(x == chart_break.x for x, _ in periods) else chart_break.x
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """The inside of the axes and what the drawers below share."""

    left: float
    right: float
    top: float
    bottom: float
    x: _Scale
    y: _Scale
    size: float
    paint: Paint


def _draw_axes(chart: Chart, frame: _Frame, ticks: Sequence[float], periods: Sequence[tuple[float, str]]) -> list[str]:
    paint, size = frame.paint, frame.size
    body = []
    for tick in ticks:
        y = frame.y(tick)
        body.append(_rule(frame.left, y, frame.right, y, paint("chart-grid")))
        body.append(
            _text(
                frame.left - 8,
                y + size * 0.35,
                chart.tick(tick),
                paint("chart-tick"),
                anchor="end",
                size=size,
            )
        )
    if chart.unit:
        body.append(_text(0, frame.top - size * 0.9, chart.unit, paint("chart-tick"), size=size))
    body.append(_rule(frame.left, frame.bottom, frame.right, frame.bottom, paint("chart-axis")))
    for place, label in _x_ticks(periods, frame.x, size):
        body.append(_rule(place, frame.bottom, place, frame.bottom + 4, paint("chart-axis")))
        body.append(_text(place, frame.bottom + size + 7, label, paint("chart-tick"), anchor="middle", size=size))
    return body


def _draw_band(chart: Chart, frame: _Frame) -> list[str]:
    body = []
    for run in _band_runs(chart.band):
        places = [(frame.x(x), frame.y(low), frame.y(high)) for x, low, high in run]
        if len(places) == 1:
            x, low, high = places[0]
            places = [(x - 3, low, high), (x + 3, low, high)]
        upper = " ".join(f"{_n(x)},{_n(high)}" for x, _, high in places)
        lower = " ".join(f"{_n(x)},{_n(low)}" for x, low, _ in reversed(places))
        body.append(f'<polygon points="{upper} {lower}" {frame.paint("chart-band")}/>')
    return body


def _draw_breaks(chart: Chart, frame: _Frame, periods: Sequence[tuple[float, str]]) -> list[str]:
    """Hairlines with their labels above the plot; where labels would meet, each further one stands a row
    lower.
    """
    body = []
    taken: list[tuple[float, float, int]] = []
    for chart_break in sorted(chart.breaks, key=lambda b: b.x):
        if not math.isfinite(chart_break.x) or not frame.x.low <= chart_break.x <= frame.x.high:
            continue
        place = frame.x(_break_place(chart_break, periods))
        label = _shorten(chart_break.label, (frame.right - frame.left) * 0.6, frame.size)
        width = _text_width(label, frame.size)
        start = min(place + 5, frame.right - width) if place + 5 + width > frame.right else place + 5
        row = 0
        while any(row == r and start < e + 6 and s < start + width + 6 for s, e, r in taken):
            row += 1
        taken.append((start, start + width, row))
        body.append(_rule(place, frame.top - 4, place, frame.bottom, frame.paint("chart-break")))
        body.append(
            _text(
                start,
                frame.top + frame.size * (0.7 + 1.25 * row),
                label,
                frame.paint("chart-label"),
                size=frame.size,
            )
        )
    return body


def _draw_line(line: Line, chart: Chart, frame: _Frame) -> list[str]:
    runs = _runs(line, chart.breaks)
    if not runs:
        return []
    moves = []
    dots = []
    dot = frame.paint(f"chart-dot chart-dot--{line.role}")
    for run in runs:
        places = [f"{_n(frame.x(p.x))},{_n(frame.y(p.y or 0.0))}" for p in run]
        if len(places) > 1:
            moves.append("M" + " L".join(places))
        else:
            x, y = places[0].split(",")
            dots.append(f'<circle cx="{x}" cy="{y}" r="{"3" if line.role == "own" else "2"}" {dot}/>')
    if line.role == "own":
        last = runs[-1][-1]
        dots.append(f'<circle cx="{_n(frame.x(last.x))}" cy="{_n(frame.y(last.y or 0.0))}" r="4.5" {dot}/>')
    drawn = [f'<path d="{" ".join(moves)}" {frame.paint(f"chart-line chart-line--{line.role}")}/>'] if moves else []
    return drawn + dots


def _end_labels(chart: Chart) -> list[_EndLabel]:
    """One label a line that has a value (its name and last value), and one for the band. x and y are in data
    units.
    """
    labels = []
    for line in sorted(chart.lines, key=lambda item: -_LINE_ORDER[item.role]):
        known = [point for point in line.points if _finite(point.y) is not None and math.isfinite(point.x)]
        if known and (y := _finite(known[-1].y)) is not None:
            labels.append(_EndLabel(line.role, f"{line.name} {chart.y_format(y)}", known[-1].x, y))
    runs = _band_runs(chart.band)
    if chart.band is not None and runs:
        x, low, high = runs[-1][-1]
        labels.append(_EndLabel("band", chart.band.name, x, low / 2 + high / 2))
    return labels


def _label_paint(label: _EndLabel, paint: Paint) -> str:
    return paint("chart-label" if label.role == "band" else f"chart-label chart-label--{label.role}")


def _draw_end_labels(labels: Sequence[_EndLabel], frame: _Frame) -> list[str]:
    """Labels to the right of the plot, pushed apart, each tied to its line's end by a hairline where it had
    to move.
    """
    height = frame.size * 1.25
    wanted = [frame.y(label.y) for label in labels]
    placed = _spread(wanted, height, frame.top, frame.bottom)
    body = []
    for label, end, y in zip(labels, wanted, placed, strict=True):
        x = frame.x(label.x)
        if abs(y - end) > 4 and abs(x - frame.right) < 2 and label.role != "band":
            line = f"M{_n(x + 6)},{_n(end)} L{_n(frame.right + 14)},{_n(y)}"
            body.append(f'<path d="{line}" {frame.paint("chart-leader")}/>')
        body.append(
            _text(
                frame.right + 17,
                y + frame.size * 0.35,
                label.text,
                _label_paint(label, frame.paint),
                size=frame.size,
            )
        )
    return body


def _key_rows(labels: Sequence[_EndLabel], width: float, size: float) -> list[list[tuple[float, _EndLabel, str]]]:
    """Labels laid out in rows above the chart: (x of the sample, label, text that fits)."""
    rows: list[list[tuple[float, _EndLabel, str]]] = []
    cursor = width + 1.0
    for label in labels:
        text = _shorten(label.text, width - 30, size)
        needed = 30 + _text_width(text, size)
        if cursor + needed > width:
            rows.append([])
            cursor = 0.0
        rows[-1].append((cursor, label, text))
        cursor += needed + 14
    return rows


def _draw_key(rows: Sequence[Sequence[tuple[float, _EndLabel, str]]], paint: Paint, size: float) -> list[str]:
    body = []
    for number, row in enumerate(rows):
        y = size * (1.0 + 1.45 * number)
        for x, label, text in row:
            if label.role == "band":
                place = f'x="{_n(x)}" y="{_n(y - size * 0.75)}" width="24" height="{_n(size * 0.8)}"'
                body.append(f"<rect {place} {paint('chart-band')}/>")
            else:
                body.append(
                    _rule(
                        x,
                        y - size * 0.35,
                        x + 24,
                        y - size * 0.35,
                        paint(f"chart-line chart-line--{label.role}"),
                    )
                )
            body.append(_text(x + 30, y, text, _label_paint(label, paint), size=size))
    return body


def _line_values(chart: Chart) -> list[float]:
    values = [point.y or 0.0 for line in chart.lines for run in _runs(line, ()) for point in run]
    return values + [edge for run in _band_runs(chart.band) for _, low, high in run for edge in (low, high)]


def line_svg(chart: Chart, *, narrow: bool, standalone: bool = False, note: str = "") -> SafeString:
    """Draw a line chart: about 760 × 360, or 340 × 300 and higher for a phone, where 1 unit is 1 pixel.

    Gaps stay gaps, a break is a dashed hairline that lines do not cross, the axis does not start at 0 unless
    the values do. Each line is named at its end; where that has no room the names stand above the chart. A note is
    written under a standalone drawing only.
    """
    size, width, plot_height = (12.5, 340.0, 250.0) if narrow else (14.0, 760.0, 310.0)
    paint = _by_colour if standalone else _by_class
    values = _line_values(chart)
    periods = _periods(chart)
    labels = _end_labels(chart)
    longest = max((_text_width(label.text, size * 1.05) for label in labels), default=0.0)
    direct = longest <= (100 if narrow else 230) and len(labels) * size * 1.25 <= plot_height - 40
    rows = [] if direct else _key_rows(labels, width, size)
    top = len(rows) * size * 1.45 + (size * 2.4 if chart.unit else size)
    bottom = top + plot_height - 40
    y = _scale(values, bottom, top, pad=0.06)
    ticks = _ticks(y.low, y.high, 4 if narrow else 5)
    left = max((_text_width(chart.tick(tick), size) for tick in ticks), default=0.0) + 10
    left = min(left, width * 0.4)
    end_text = max((_text_width(label, size) / 2 for _, label in periods[-1:]), default=0.0)
    right = width - (longest + 18 if direct and labels else max(8.0, end_text))
    inset = 6.0 if narrow else 10.0
    x = _scale((place for place, _ in periods), left + inset, right - (inset if not direct else 0))
    frame = _Frame(left, right, top, bottom, x, y, size, paint)
    body = _draw_key(rows, paint, size) + _draw_band(chart, frame) + _draw_axes(chart, frame, ticks, periods)
    body += _draw_breaks(chart, frame, periods)
    for line in sorted(chart.lines, key=lambda item: _LINE_ORDER[item.role]):
        body += _draw_line(line, chart, frame)
    if direct:
        body += _draw_end_labels(labels, frame)
    variant = "narrow" if narrow else "wide"
    height = bottom + size + 14
    return _document(
        body, width, height, title=chart.title, summary=chart.summary, variant=variant, standalone=standalone, note=note
    )


# --- Plotly --------------------------------------------------------------------------------------------------

_LIGHT: Final = {
    "own": "#0b5563",
    "women": "#7a3b8f",
    "men": "#3f5fb0",
    "median": "#565d66",
    "nation": "#7a4e3a",
    "target": "#1a1d21",
}
_DARK: Final = {
    "own": "#6cc3d2",
    "women": "#cf9be0",
    "men": "#9db4f0",
    "median": "#a9b0b8",
    "nation": "#d6a58f",
    "target": "#eceae4",
}
_DASH: Final = {
    "own": "solid",
    "women": "dash",
    "men": "dot",
    "median": "dash",
    "nation": "dashdot",
    "target": "solid",
}
_SEPARATORS: Final = {"sv": ",\u202f", "en": ".,"}


def _plain(text: str) -> str:
    """Text for Plotly, which reads some tags in any text it is given."""
    return escape(text, quote=False)


def _plotly_band(chart: Chart, colour: str) -> list[dict[str, Any]]:
    """A pair of traces a stretch, since a filled area cannot hold a gap."""
    traces: list[dict[str, Any]] = []
    for number, run in enumerate(_band_runs(chart.band)):
        common = {
            "type": "scatter",
            "mode": "lines",
            "x": [x for x, _, _ in run],
            "line": {"width": 0},
            "hoverinfo": "skip",
            "legendgroup": "band",
            "connectgaps": False,
            "meta": {"role": "band"},
        }
        name = _plain(chart.band.name) if chart.band is not None else ""
        traces.append({**common, "y": [low for _, low, _ in run], "showlegend": False, "name": name})
        upper = {"fill": "tonexty", "fillcolor": colour, "showlegend": number == 0, "name": name}
        traces.append({**common, "y": [high for _, _, high in run], **upper})
    return traces


def _alone(y: Sequence[float | None]) -> list[int]:
    """Sizes of marks: only values without a neighbour have one, since marks on a broken line change its pattern."""
    around = [None, *y, None]
    return [5 if around[i] is None and around[i + 2] is None else 0 for i in range(len(y))]


def _plotly_line(line: Line, chart: Chart, colour: str) -> dict[str, Any]:
    x: list[float] = []
    y: list[float | None] = []
    text: list[str] = []
    cuts = () if line.role == "target" else tuple(b.x for b in chart.breaks)
    for point in line.points:
        if not math.isfinite(point.x):
            continue
        if x and any(x[-1] < cut <= point.x for cut in cuts):
            x.append((x[-1] + point.x) / 2)
            y.append(None)
            text.append("")
        value = _finite(point.y)
        x.append(point.x)
        y.append(value)
        text.append("" if value is None else _plain(f"{point.label}: {chart.y_format(value)}"))
    own = line.role == "own"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": _plain(line.name),
        "x": x,
        "y": y,
        "text": text,
        "connectgaps": False,
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "line": {"color": colour, "width": 3 if own else 1.6, "dash": _DASH[line.role]},
        "marker": {"size": 6 if own else _alone(y), "color": colour},
        "meta": {"role": line.role},
    }


def line_plotly(
    chart: Chart,
    *,
    locale: str,
    dark: bool = False,
    words: Mapping[str, str] | None = None,
    filename: str = "chart",
) -> dict[str, Any]:
    """The same chart for Plotly as plain lists: {data, layout, config, words}; a gap is None and no template
    is sent.

    `locale` is "sv" or "en" and sets the separators. `words` translates Plotly's own English phrases (such as
    "Zoom in"); the script registers them. Each trace says its role in `meta`, so that the script can colour
    it from the page's own properties.
    """
    colours = _DARK if dark else _LIGHT
    data = _plotly_band(chart, "rgba(120,120,110,0.18)")
    for line in sorted(chart.lines, key=lambda item: _LINE_ORDER[item.role]):
        data.append(_plotly_line(line, chart, colours[line.role]))
    config = {
        "displaylogo": False,
        # Plotly's default is a button that uploads the figures to its maker's servers.
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "responsive": True,
        "locale": locale[:2],
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toggleSpikelines"],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": filename},
    }
    layout = _plotly_layout(chart, locale, *(("#a9b0b8", "#30363d") if dark else ("#565d66", "#e3e0d8")))
    return {"data": data, "layout": layout, "config": config, "words": dict(words or {})}


def _plotly_layout(chart: Chart, locale: str, ink: str, grid: str) -> dict[str, Any]:
    periods = _periods(chart)
    ticks = periods[::-1][:: max(1, math.ceil(len(periods) / 9))][::-1]
    breaks = [(_break_place(b, periods), b.label) for b in chart.breaks if math.isfinite(b.x)]
    rule = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"color": ink, "width": 1, "dash": "dot"}}
    note = {"y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "font": {"color": ink}}
    return {
        "autosize": True,
        "separators": _SEPARATORS.get(locale[:2], ".,"),
        "font": {"color": ink, "size": 13},
        "hovermode": "x",
        "showlegend": True,
        "legend": {"orientation": "h", "traceorder": "reversed", "y": -0.16, "x": 0},
        # A break's label stands under the tools, not behind them.
        "margin": {"l": 56, "r": 16, "t": 60 if breaks else 36, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {
            "tickmode": "array",
            "tickvals": [x for x, _ in ticks],
            "ticktext": [_plain(label) for _, label in ticks],
            "gridcolor": grid,
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {"title": {"text": _plain(chart.unit)}, "gridcolor": grid, "zeroline": False, "automargin": True},
        "shapes": [{**rule, "x0": x, "x1": x} for x, _ in breaks],
        "annotations": [{**note, "x": x, "text": _plain(label)} for x, label in breaks],
    }


# --- Sparkline -----------------------------------------------------------------------------------------------

_GOOD_EDGE: Final = {
    "higher": '<path class="good" d="M2 1H70" stroke-opacity=".35"/>',
    "lower": '<path class="good" d="M2 29H70" stroke-opacity=".35"/>',
    None: "",
}


def sparkline(
    values: Sequence[float | None], *, label: str, good: Literal["higher", "lower"] | None = None
) -> SafeString:
    """A word-sized line, 72 × 30, values evenly spaced in order: gaps stay gaps, the last known value has a
    dot, a single value is a dot, no value a dash with the label for those who cannot see it. `good` draws
    a hairline at the good side.
    """
    known = [v for v in values if v is not None and v - v == 0]
    name = escape(label)
    if not known:
        return mark_safe(f'<span class="missing" role="img" aria-label="{name}">–</span>')  # noqa: S308 - escaped above
    low, high = min(known), max(known)
    span = high - low
    if span == math.inf:
        return sparkline([None if v is None else v / 4 for v in values], label=label, good=good)
    level = span <= 1e-9 * max(high, -low) or span < 1e-290
    base, factor = (15.0, 0.0) if level else (26.0, 22.0 / span)
    step = 68.0 / (len(values) - 1) if len(values) > 1 else 0.0
    x = 2.0 if step else 36.0
    last_x, last_y = x, base
    path = ""
    joined = False
    for v in values:
        if v is None or v - v != 0:
            joined = False
        else:
            last_x, last_y = x, base - (v - low) * factor
            # h0 makes a value between two gaps a dot, since the line's caps are round.
            path += ("L%.1f %.1f" if joined else "M%.1f %.1fh0") % (x, last_y)
            joined = True
        x += step
    line = f'<path d="{path}"/>' if len(known) > 1 else ""
    return mark_safe(  # noqa: S308 - the label is escaped, the rest are numbers
        f'<svg class="spark" viewBox="0 0 72 30" role="img" aria-label="{name}">{_GOOD_EDGE[good]}{line}'
        f'<circle cx="{last_x:.1f}" cy="{last_y:.1f}" r="2.8"/></svg>'
    )


# --- Benchmark strip -----------------------------------------------------------------------------------------


def _rows_of_dots(places: Sequence[float], own: float | None, radius: float, own_radius: float) -> list[int]:
    """A row for each place (ascending) so that no two dots of a row touch: 0 is the middle, then 1, -1, 2, -2
    … The rows at the middle keep clear of our own mark.
    """
    ends: list[float] = []
    rows = []
    for place in places:
        for number in range(len(places) + 3):
            if number == len(ends):
                ends.append(-math.inf)
            clearance = (radius + own_radius, own_radius, own_radius)[number] if own is not None and number < 3 else 0.0
            if place - ends[number] >= 2 * radius and abs(place - (own or 0.0)) >= clearance:
                break
        ends[number] = place
        rows.append((number + 1) // 2 * (1 if number % 2 else -1))
    return rows


def _dot_title(dot: Dot) -> str:
    return f"<title>{escape(f'{dot.name} {dot.text}'.strip())}</title>"


def _diamond(x: float, y: float, radius: float) -> str:
    side, back = _n(radius), _n(-radius)
    return f"M{_n(x)},{_n(y - radius)} l{side},{side} l{back},{side} l{back},{back} z"


def _centred(text: str, x: float, width: float, size: float) -> float:
    """The middle of a text that would like to stand at x but must stay inside 0..width."""
    half = min(_text_width(text, size) / 2, width / 2)
    return max(half, min(width - half, x))


def strip_svg(
    dots: Sequence[Dot],
    *,
    q25: float | None,
    median: float | None,
    q75: float | None,
    label: str,
    higher_is_better: bool | None,
    narrow: bool = False,
    better_text: str = "",
    median_text: str = "",
    summary: str = "",
    standalone: bool = False,
) -> SafeString:
    """Every municipality as a dot on the indicator's own axis, the middle half as a band, the median as a
    tick (METHODS §3).

    Numbers grow to the right whatever is good; `better_text` (such as "better →" or "← better") stands at the
    good end, nowhere if `higher_is_better` is None. Ours is a diamond with its name and value over it. Dots
    stack so that none hides another; where too many are equal the stack is pressed together. js/strip.js
    makes the dots reachable by arrow keys, in order of value.
    """
    size, width, radius, room = (12.5, 340.0, 3.2, 46.0) if narrow else (14.0, 760.0, 4.4, 52.0)
    paint = _by_colour if standalone else _by_class
    known = sorted(
        ((v, dot) for dot in dots if (v := _finite(dot.value)) is not None),
        key=lambda pair: (pair[0], pair[1].code),
    )
    edges = [edge for edge in (_finite(q25), _finite(median), _finite(q75)) if edge is not None]
    scale = _scale([v for v, _ in known] + edges, 10.0, width - 10.0)
    own = next(((v, dot) for v, dot in known if dot.own), None)
    peers = [(v, dot) for v, dot in known if not dot.own]
    rows = _rows_of_dots([scale(v) for v, _ in peers], scale(own[0]) if own else None, radius, radius + 4)
    tallest = max((abs(row) for row in rows), default=0)
    pitch = min(2 * radius + 0.4, room / tallest) if tallest else 0.0
    reach = max(18.0, tallest * pitch + radius + 4)
    middle = size * 1.9 + reach
    body = []
    low, high = _finite(q25), _finite(q75)
    if low is not None and high is not None:
        x, span = scale(min(low, high)), abs(scale(high) - scale(low))
        place = f'x="{_n(x)}" y="{_n(middle - reach)}" width="{_n(max(span, 2.0))}" height="{_n(2 * reach)}"'
        body.append(f"<rect {place} {paint('chart-band')}/>")
    body.append(_rule(0, middle, width, middle, paint("chart-axis")))
    centre = _finite(median)
    if centre is not None:
        body.append(_rule(scale(centre), middle - reach, scale(centre), middle + reach + 5, paint("median-tick")))
    shapes: list[tuple[float, str]] = []
    for (value, dot), row in zip(peers, rows, strict=True):
        spot = f'cx="{_n(scale(value))}" cy="{_n(middle + row * pitch)}" r="{_n(radius)}"'
        shapes.append((value, f"<circle {spot} {paint('peer')}>{_dot_title(dot)}</circle>"))
    if own is not None:
        path = _diamond(scale(own[0]), middle, radius + 4)
        shapes.append((own[0], f'<path d="{path}" {paint("peer peer--own")}>{_dot_title(own[1])}</path>'))
    body += [shape for _, shape in sorted(shapes, key=lambda pair: pair[0])]
    body += _strip_texts(known, own, scale, paint, size, width, middle, reach)
    foot = middle + reach + size * 1.35
    body += _strip_foot(known, scale, centre, median_text, paint, size, width, foot)
    height = foot + 6
    if better_text and higher_is_better is not None:
        height += size * 1.4
        anchor, x = ("end", width) if higher_is_better else ("start", 0.0)
        body.append(_text(x, height - 6, better_text, paint("chart-label"), anchor=anchor, size=size))
    variant = "narrow" if narrow else "wide"
    return _document(body, width, height, title=label, summary=summary, variant=variant, standalone=standalone)


def _strip_texts(
    known: Sequence[tuple[float, Dot]],
    own: tuple[float, Dot] | None,
    scale: _Scale,
    paint: Paint,
    size: float,
    width: float,
    middle: float,
    reach: float,
) -> list[str]:
    """Our own name and value over the strip, tied to the diamond."""
    if own is None:
        return []
    text = _shorten(f"{own[1].name} {own[1].text}".strip(), width, size * 1.05)
    x = scale(own[0])
    return [
        _rule(x, size * 1.35, x, middle - 9, paint("chart-axis")),
        _text(
            _centred(text, x, width, size * 1.05),
            size,
            text,
            paint("chart-label chart-label--own"),
            anchor="middle",
            size=size,
        ),
    ]


def _strip_foot(
    known: Sequence[tuple[float, Dot]],
    scale: _Scale,
    centre: float | None,
    median_text: str,
    paint: Paint,
    size: float,
    width: float,
    y: float,
) -> list[str]:
    """Lowest and highest value at the ends and the median between them; an end that the median's words would
    meet gives way.
    """
    body = []
    clear_left, clear_right = width, 0.0
    if centre is not None and median_text:
        text = _shorten(median_text, width, size)
        x = _centred(text, scale(centre), width, size)
        half = _text_width(text, size) / 2
        clear_left, clear_right = x - half - 10, x + half + 10
        body.append(_text(x, y, text, paint("chart-tick"), anchor="middle", size=size))
    if known:
        first, last = known[0][1].text, known[-1][1].text
        first_fits = _text_width(first, size) <= clear_left
        if first_fits:
            body.append(_text(0, y, first, paint("chart-tick"), size=size))
        taken = max(clear_right, _text_width(first, size) + 10 if first_fits else 0.0)
        if len(known) > 1 and width - _text_width(last, size) >= taken:
            body.append(_text(width, y, last, paint("chart-tick"), anchor="end", size=size))
    return body


def position_svg(
    value: float | None, *, low: float, high: float, q25: float | None, q75: float | None, label: str
) -> SafeString:
    """A position in one small line, for lists: low..high is the range of the group, the box its middle half,
    the bar ours. Stretches to the width it is given. Nothing is drawn for a missing value.
    """
    own = _finite(value)
    if own is None:
        return SafeString("")
    scale = _scale([v for v in (_finite(low), _finite(high), own) if v is not None], 1.0, 99.0)
    box = ""
    lower, upper = _finite(q25), _finite(q75)
    if lower is not None and upper is not None:
        start, end = (max(0.0, min(100.0, scale(edge))) for edge in (min(lower, upper), max(lower, upper)))
        box = f'<rect class="middle" x="{_n(start)}" y="4.5" width="{_n(max(0.5, end - start))}" height="7"/>'
    return mark_safe(  # noqa: S308 - the label is escaped, the rest are numbers
        f'<svg class="position__strip" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">'
        f'<path class="line" d="M0 8H100" vector-effect="non-scaling-stroke"/>{box}'
        f'<rect class="own" x="{_n(scale(own) - 0.8)}" y="1" width="1.6" height="14"/></svg>'
    )


# --- Cost against quality ------------------------------------------------------------------------------------


def scatter_svg(
    points: Sequence[ScatterPoint],
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Callable[[float], str],
    y_format: Callable[[float], str],
    summary: str = "",
    x_line: float | None = None,
    y_line: float | None = None,
    quadrants: tuple[str, str, str, str] | None = None,
    narrow: bool = False,
    standalone: bool = False,
) -> SafeString:
    """Two measures of each municipality against each other, cut into four where the lines stand.

    `x_line` and `y_line` are the group's medians; left out, no line cuts that way. `quadrants` names the
    corners: top left, top right, bottom left, bottom right. Ours is a
    diamond with its name.
    """
    size, width, plot_height, radius = (12.5, 340.0, 270.0, 3.6) if narrow else (14.0, 760.0, 400.0, 4.6)
    paint = _by_colour if standalone else _by_class
    known = [(x, y, p) for p in points if (x := _finite(p.x)) is not None and (y := _finite(p.y)) is not None]
    cut_x = None if x_line is None else _finite(x_line)
    cut_y = None if y_line is None else _finite(y_line)
    top, bottom = size * 1.9, size * 1.9 + plot_height
    y_scale = _scale([y for _, y, _ in known] + ([cut_y] if cut_y is not None else []), bottom - 24, top + 24)
    y_ticks = _ticks(y_scale.low, y_scale.high, 4 if narrow else 5)
    left = min(width * 0.4, max((_text_width(y_format(t), size) for t in y_ticks), default=0.0) + 10)
    x_scale = _scale([x for x, _, _ in known] + ([cut_x] if cut_x is not None else []), left + 14, width - 14)
    body = [_text(0, size, _shorten(y_title, width, size), paint("chart-tick"), size=size)]
    for tick in y_ticks:
        y = y_scale(tick)
        body.append(_rule(left, y, width, y, paint("chart-grid")))
        body.append(_text(left - 8, y + size * 0.35, y_format(tick), paint("chart-tick"), anchor="end", size=size))
    body.append(_rule(left, bottom, width, bottom, paint("chart-axis")))
    body += _scatter_x_ticks(x_scale, x_format, paint, size, width, bottom, 3 if narrow else 6)
    if cut_x is not None:
        body.append(_rule(x_scale(cut_x), top, x_scale(cut_x), bottom, paint("quadrant")))
    if cut_y is not None:
        body.append(_rule(left, y_scale(cut_y), width, y_scale(cut_y), paint("quadrant")))
    for x, y, point in sorted(known, key=lambda item: (item[2].own, item[0], item[2].code)):
        body.append(_scatter_mark(x_scale(x), y_scale(y), x, y, point, x_format, y_format, paint, radius))
        if point.own:
            body.append(_scatter_own_name(x_scale(x), y_scale(y), point.name, paint, size, left, width))
    if quadrants is not None:
        body += _corner_texts(quadrants, paint, size * 0.9, left, width, top, bottom)
    height = bottom + size * 3.2
    body.append(_text(width, height - 6, _shorten(x_title, width, size), paint("chart-tick"), anchor="end", size=size))
    variant = "narrow" if narrow else "wide"
    return _document(body, width, height, title=label, summary=summary, variant=variant, standalone=standalone)


def _scatter_x_ticks(
    scale: _Scale,
    x_format: Callable[[float], str],
    paint: Paint,
    size: float,
    width: float,
    bottom: float,
    count: int,
) -> list[str]:
    body = []
    taken = -math.inf
    for tick in _ticks(scale.low, scale.high, count):
        text = x_format(tick)
        half = _text_width(text, size) / 2
        x = scale(tick)
        if x - half >= taken and x + half <= width:
            body.append(_rule(x, bottom, x, bottom + 4, paint("chart-axis")))
            body.append(_text(x, bottom + size + 7, text, paint("chart-tick"), anchor="middle", size=size))
            taken = x + half + 10
    return body


def _scatter_mark(
    left: float,
    top: float,
    x: float,
    y: float,
    point: ScatterPoint,
    x_format: Callable[[float], str],
    y_format: Callable[[float], str],
    paint: Paint,
    radius: float,
) -> str:
    title = f"<title>{escape(f'{point.name}: {x_format(x)}; {y_format(y)}')}</title>"
    if point.own:
        return f'<path d="{_diamond(left, top, radius + 4)}" {paint("peer peer--own")}>{title}</path>'
    return f'<circle cx="{_n(left)}" cy="{_n(top)}" r="{_n(radius)}" {paint("peer")}>{title}</circle>'


def _scatter_own_name(x: float, y: float, name: str, paint: Paint, size: float, left: float, width: float) -> str:
    """Our name beside the diamond, on the side that has room."""
    text = _shorten(name, width - left - 24, size * 1.05)
    fits = x + 14 + _text_width(text, size * 1.05) <= width
    place = (x + 13, "start") if fits else (max(x - 13, left + _text_width(text, size * 1.05)), "end")
    return _text(place[0], y + size * 0.35, text, paint("chart-label chart-label--own"), anchor=place[1], size=size)


def _corner_texts(
    quadrants: tuple[str, str, str, str],
    paint: Paint,
    size: float,
    left: float,
    width: float,
    top: float,
    bottom: float,
) -> list[str]:
    """Words in the four corners, each in at most two lines and half the width."""
    room = (width - left) / 2 - 16
    body = []
    for number, words in enumerate(quadrants):
        lines = [_shorten(line, room, size) for line in _wrap(words, room, size)[:2]]
        x, anchor = (left + 5, "start") if number % 2 == 0 else (width - 2, "end")
        first = top + size if number < 2 else bottom - 6 - (len(lines) - 1) * size * 1.2
        for row, line in enumerate(lines):
            body.append(_text(x, first + row * size * 1.2, line, paint("chart-label"), anchor=anchor, size=size))
    return body


# --- PNG -----------------------------------------------------------------------------------------------------


def png(svg: str, *, width: int) -> bytes:
    """A drawing made with `standalone=True` as a PNG, `width` pixels wide on white.

    Typst draws it, with the fonts that it carries, so the text is there on a machine that has none; it is
    imported here because it is large and nothing else needs it. Raises ValueError for a width
    outside 1..8000 and for text that is not an SVG image.
    """
    if not 1 <= width <= 8000:
        raise ValueError(f"The width must be 1 to 8000 pixels, not {width}.")
    import typst

    page = f"#set page(width: {width}pt, height: auto, margin: 0pt, fill: white)\n"
    source = page + '#image(bytes(sys.inputs.svg), format: "svg", width: 100%)'
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    try:
        drawn = typst.compile(source.encode(), format="png", ppi=72, sys_inputs={"svg": str(svg)}, font_paths=fonts)
    except typst.TypstError as error:
        raise ValueError(f"The drawing is not a valid SVG image: {error}") from error
    if not isinstance(drawn, bytes):
        raise ValueError("The drawing gave more than one page.")
    return drawn
