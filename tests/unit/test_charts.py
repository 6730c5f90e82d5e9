"""Charts: whatever the numbers are, a drawing comes out that is well-formed, holds no NaN and hides nothing."""

import json
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import charts
from indicators.charts import Band, Break, Chart, Dot, Line, Point, ScatterPoint

SVG = "{http://www.w3.org/2000/svg}"
values = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.floats(-1e6, 1e6), st.just(0.0))
# No control characters or surrogates: they cannot stand in XML, and the database refuses them.
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=30)


def comma(value: float) -> str:
    return f"{value:.4g}".replace(".", ",")


@st.composite
def charts_of_any_kind(draw: st.DrawFn) -> Chart:
    count = draw(st.integers(0, 15))
    years = [2010.0 + i for i in range(count)]

    def points() -> list[Point]:
        return [Point(x, str(int(x)), draw(values)) for x in years]

    roles = draw(st.lists(st.sampled_from(["own", "women", "men", "median", "target", "nation"]), max_size=6))
    lines = [Line(role, draw(texts), points()) for role in roles]
    band = Band(points(), points(), draw(texts)) if draw(st.booleans()) else None
    breaks = [Break(x, draw(texts)) for x in draw(st.lists(st.floats(2005, 2030), max_size=3))]
    return Chart(draw(texts), draw(texts), draw(texts), lines, band, breaks, comma)


def line_chart(ys: list[float | None], *, breaks: tuple[Break, ...] = (), name: str = "Exempelby") -> Chart:
    points = [Point(2015.0 + i, str(2015 + i), y) for i, y in enumerate(ys)]
    return Chart("Titel", "Sammanfattning", "%", [Line("own", name, points)], None, breaks, comma)


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def assert_sound(svg: str) -> ET.Element:
    """Well-formed, and every coordinate is a finite number. Attributes only: a name may well hold the letters nan."""
    root = parse(svg)
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if attribute not in {"aria-label", "id"}:
                assert not re.search(r"\b(nan|inf)\b", value, re.IGNORECASE), (element.tag, attribute, value)
    return root


def overlaps(root: ET.Element) -> list[tuple[str, str]]:
    """Pairs of a class's texts whose estimated boxes meet, for the names of the lines."""
    boxes = []
    for text in root.iter(f"{SVG}text"):
        if "chart-label--" in text.get("class", "") or text.get("class") == "chart-label":
            size = float(text.get("font-size", "0"))
            x, y = float(text.get("x", "0")), float(text.get("y", "0"))
            boxes.append((x, y - size * 0.8, x + charts._text_width(text.text or "", size), y, text.text or ""))
    return [
        (a[4], b[4])
        for number, a in enumerate(boxes)
        for b in boxes[number + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] - 0.2 and b[1] < a[3] - 0.2
    ]


@settings(max_examples=150, deadline=None)
@given(charts_of_any_kind(), st.booleans(), st.booleans())
def test_a_line_chart_never_fails(chart: Chart, narrow: bool, standalone: bool) -> None:
    assert_sound(charts.line_svg(chart, narrow=narrow, standalone=standalone))


@settings(max_examples=100, deadline=None)
@given(charts_of_any_kind(), st.sampled_from(["sv", "en"]), st.booleans())
def test_plotly_gets_plain_lists_without_nan(chart: Chart, locale: str, dark: bool) -> None:
    figure = charts.line_plotly(chart, locale=locale, dark=dark)
    json.dumps(figure, allow_nan=False)
    assert "template" not in figure["layout"]


def test_plotly_separators_follow_the_language() -> None:
    assert charts.line_plotly(line_chart([1.0]), locale="sv")["layout"]["separators"] == ",\u202f"
    assert charts.line_plotly(line_chart([1.0]), locale="en")["layout"]["separators"] == ".,"


def test_plotly_offers_to_send_the_figures_to_nobody() -> None:
    config = charts.line_plotly(line_chart([1.0]), locale="sv")["config"]
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert "toImage" not in config["modeBarButtonsToRemove"]


def test_plotly_keeps_gaps_and_breaks_open() -> None:
    figure = charts.line_plotly(line_chart([1.0, None, 0.0, 4.0], breaks=(Break(2018.0, "ny metod"),)), locale="sv")
    own = next(trace for trace in figure["data"] if trace["meta"]["role"] == "own")
    assert own["y"] == [1.0, None, 0.0, None, 4.0]
    assert own["connectgaps"] is False


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-100, 100), st.text("abcåäö ", min_size=1, max_size=40)), min_size=1, max_size=6),
    st.booleans(),
)
def test_names_of_lines_never_overlap(ends: list[tuple[float, str]], narrow: bool) -> None:
    roles = ["own", "women", "men", "median", "target", "nation"]
    years = (2015.0, 2016.0)
    lines = [Line(roles[i], name, [Point(x, str(int(x)), y) for x in years]) for i, (y, name) in enumerate(ends)]
    svg = charts.line_svg(Chart("t", "s", "", lines, None, [], comma), narrow=narrow)
    assert overlaps(parse(svg)) == []


@pytest.mark.parametrize("narrow", [True, False])
def test_labels_of_periods_have_room(narrow: bool) -> None:
    chart = line_chart([float(i) for i in range(30)])
    root = parse(charts.line_svg(chart, narrow=narrow))
    ticks = [t for t in root.iter(f"{SVG}text") if re.fullmatch(r"20\d\d", t.text or "")]
    places = [(float(t.get("x", "0")), charts._text_width(t.text or "", float(t.get("font-size", "0")))) for t in ticks]
    assert len(places) >= 4
    assert all(x1 + w1 / 2 < x2 - w2 / 2 for (x1, w1), (x2, w2) in pairwise(places))
    assert ticks[-1].text == "2044"


def test_phone_text_is_readable_at_its_own_size() -> None:
    root = parse(charts.line_svg(line_chart([1.0, 2.0]), narrow=True))
    assert root.get("viewBox", "").split()[2] == "340"
    assert min(float(t.get("font-size", "0")) for t in root.iter(f"{SVG}text")) >= 12


def own_path(svg: str) -> str:
    return next(p.get("d", "") for p in parse(svg).iter(f"{SVG}path") if "chart-line--own" in p.get("class", ""))


def test_zero_is_drawn_and_a_gap_is_not() -> None:
    with_zero = own_path(charts.line_svg(line_chart([5.0, 0.0, 5.0]), narrow=False))
    with_gap = own_path(charts.line_svg(line_chart([5.0, 4.0, None, 5.0, 4.0]), narrow=False))
    assert with_zero.count("M") == 1
    assert with_zero.count("L") == 2
    assert with_gap.count("M") == 2
    assert with_gap.count("L") == 2


def test_a_value_between_two_gaps_is_a_dot() -> None:
    root = parse(charts.line_svg(line_chart([None, 0.0, None, 3.0, 4.0]), narrow=False))
    assert len([c for c in root.iter(f"{SVG}circle") if "own" in c.get("class", "")]) == 2


def test_lines_do_not_cross_a_break_but_the_target_does() -> None:
    points = [Point(2015.0 + i, str(2015 + i), 3.0 + i % 2) for i in range(6)]
    lines = [Line("own", "Exempelby", points), Line("target", "mål", points)]
    svg = charts.line_svg(Chart("t", "s", "", lines, None, [Break(2018.0, "ny metod")], comma), narrow=False)
    paths = {
        p.get("class"): p.get("d", "") for p in parse(svg).iter(f"{SVG}path") if "chart-line" in p.get("class", "")
    }
    assert paths["chart-line chart-line--own"].count("M") == 2
    assert paths["chart-line chart-line--target"].count("M") == 1
    assert "ny metod" in svg


def test_a_break_without_a_value_at_its_period_still_cuts() -> None:
    svg = charts.line_svg(line_chart([1.0, 2.0, 3.0], breaks=(Break(2016.5, "ny"),)), narrow=False)
    assert own_path(svg).count("M") == 1
    assert own_path(svg).count("L") == 1


def test_texts_are_escaped() -> None:
    evil = '"><script>alert(1)</script>&'
    dots = [Dot("1", evil, 1.0, evil, True), Dot("2", evil, 2.0, evil)]
    points = [ScatterPoint("1", evil, 1.0, 2.0, True), ScatterPoint("2", evil, 2.0, 1.0)]
    quartiles = {"q25": None, "median": 1.5, "q75": None}

    def say(value: float) -> str:
        return evil

    lines = [Line("own", evil, [Point(1, evil, 1.0)])]
    chart = Chart(evil, evil, evil, lines, None, [Break(1.0, evil)], say)
    drawings = [
        charts.line_svg(chart, narrow=False),
        charts.line_svg(chart, narrow=True, standalone=True),
        charts.sparkline([1.0, 2.0], label=evil),
        charts.sparkline([], label=evil),
        charts.strip_svg(dots, **quartiles, label=evil, higher_is_better=True, better_text=evil, median_text=evil),
        charts.scatter_svg(points, label=evil, x_title=evil, y_title=evil, x_format=say, y_format=say),
        charts.position_svg(1.0, low=0.0, high=2.0, q25=None, q75=None, label=evil),
    ]
    for drawing in drawings:
        assert "<script" not in drawing
        parse(drawing)
    assert "<script" not in json.dumps(charts.line_plotly(chart, locale="sv"))


def test_ids_differ_between_drawings_and_stay_the_same_between_renderings() -> None:
    chart = line_chart([1.0, 2.0])
    wide, narrow = charts.line_svg(chart, narrow=False), charts.line_svg(chart, narrow=True)
    other = charts.line_svg(line_chart([1.0, 3.0]), narrow=False)
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (wide, narrow, other)]
    assert all(len(found) == 2 for found in ids)
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]
    assert charts.line_svg(chart, narrow=False) == wide
    root = parse(wide)
    assert root.get("aria-labelledby", "").split() == [
        e.get("id") for e in root if e.tag in {f"{SVG}title", f"{SVG}desc"}
    ]


@pytest.mark.parametrize("narrow", [True, False])
def test_nothing_that_a_strict_policy_forbids(narrow: bool) -> None:
    dots = [Dot("1", "A", 1.0, "1")]
    drawings = [
        charts.line_svg(line_chart([1.0, 2.0]), narrow=narrow),
        charts.sparkline([1.0, None, 2.0], label="x", good="higher"),
        charts.strip_svg(dots, q25=None, median=None, q75=None, label="x", higher_is_better=None, narrow=narrow),
    ]
    for drawing in drawings:
        assert " style=" not in drawing
        assert "<style" not in drawing
        assert "#" not in drawing, "a drawing on a page takes its colours from the style sheet"


@settings(max_examples=300, deadline=None)
@given(st.lists(values, max_size=30), texts, st.sampled_from([None, "higher", "lower"]))
def test_a_sparkline_never_fails_and_stays_in_its_box(ys: list[float | None], label: str, good: str | None) -> None:
    svg = charts.sparkline(ys, label=label, good=good)
    known = [y for y in ys if y is not None and math.isfinite(y)]
    if not known:
        assert "–" in svg
        return
    root = assert_sound(svg)
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d", " ".join(p.get("d", "") for p in root if not p.get("class")))]
    assert all(0 <= n <= 72 for n in numbers)
    assert len(root.findall("{*}circle")) == 1


def test_a_sparkline_of_one_value_is_a_dot_and_zero_is_a_value() -> None:
    assert "<path" not in charts.sparkline([None, 0.0, None], label="x")
    assert "<circle" in charts.sparkline([None, 0.0, None], label="x")
    assert charts.sparkline([0.0, 5.0], label="x").count("L") == 1


def test_a_sparkline_ends_at_its_last_known_value() -> None:
    svg = charts.sparkline([1.0, 2.0, None], label="x")
    assert 'cx="36.0" cy="4.0"' in svg


@settings(max_examples=100, deadline=None)
@given(st.lists(values, max_size=60), values, values, values, st.booleans(), st.sampled_from([True, False, None]))
def test_a_strip_never_fails(
    ys: list[float | None],
    q25: float | None,
    median: float | None,
    q75: float | None,
    narrow: bool,
    higher: bool | None,
) -> None:
    dots = [Dot(f"{i:04}", f"Kommun {i}", y, comma(y) if y is not None else "", i == 0) for i, y in enumerate(ys)]
    svg = charts.strip_svg(
        dots,
        q25=q25,
        median=median,
        q75=q75,
        label="x",
        higher_is_better=higher,
        narrow=narrow,
        better_text="bättre →",
        median_text="median",
    )
    root = assert_sound(svg)
    drawn = [e for e in root.iter() if "peer" in e.get("class", "").split()]
    assert len(drawn) == sum(y is not None and math.isfinite(y) for y in ys)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=2, max_size=80), st.booleans())
def test_dots_do_not_hide_each_other(ys: list[int], narrow: bool) -> None:
    dots = [Dot(f"{i:04}", f"K{i}", float(y), str(y), i == 0) for i, y in enumerate(ys)]
    root = parse(
        charts.strip_svg(dots, q25=None, median=None, q75=None, label="x", higher_is_better=True, narrow=narrow)
    )
    places = [(c.get("cx"), c.get("cy")) for c in root.iter(f"{SVG}circle")]
    assert len(places) == len(set(places))


def test_all_of_the_country_with_one_value_still_fits() -> None:
    dots = [Dot(f"{i:04}", f"K{i}", 84.0, "84") for i in range(290)]
    root = parse(charts.strip_svg(dots, q25=84.0, median=84.0, q75=84.0, label="x", higher_is_better=True))
    heights = [float(c.get("cy", "0")) for c in root.iter(f"{SVG}circle")]
    assert len(set(heights)) > 100
    assert 0 < min(heights) <= max(heights) < float(root.get("viewBox", "").split()[3])


def test_dots_stand_in_order_of_value_with_their_names() -> None:
    dots = [Dot("1", "Åre", 3.0, "3,0 %"), Dot("2", "Exempelby", 2.0, "2,0 %", True), Dot("3", "Öckerö", 0.0, "0,0 %")]
    root = parse(charts.strip_svg(dots, q25=None, median=None, q75=None, label="x", higher_is_better=True))
    names = [e[0].text for e in root.iter() if "peer" in e.get("class", "").split()]
    assert names == ["Öckerö 0,0 %", "Exempelby 2,0 %", "Åre 3,0 %"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(values, values), max_size=40), st.booleans(), st.one_of(st.none(), st.floats(-1e6, 1e6)))
def test_a_scatter_never_fails(
    pairs: list[tuple[float | None, float | None]], narrow: bool, line: float | None
) -> None:
    points = [ScatterPoint(str(i), f"Kommun {i}", x, y, i == 0) for i, (x, y) in enumerate(pairs)]
    svg = charts.scatter_svg(
        points,
        label="x",
        x_title="Kostnad",
        y_title="Kvalitet",
        x_format=comma,
        y_format=comma,
        narrow=narrow,
        x_line=line,
        quadrants=("a b", "c d", "e f", "g h"),
    )
    root = assert_sound(svg)
    drawn = [e for e in root.iter() if "peer" in e.get("class", "").split()]
    assert len(drawn) == sum(
        x is not None and y is not None and math.isfinite(x) and math.isfinite(y) for x, y in pairs
    )


@given(values, st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), values, values)
def test_a_position_never_fails(
    value: float | None, low: float, high: float, q25: float | None, q75: float | None
) -> None:
    svg = charts.position_svg(value, low=low, high=high, q25=q25, q75=q75, label="plats 1 av 2")
    if value is None or not math.isfinite(value):
        assert svg == ""
    else:
        assert_sound(svg)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(2, 8))
def test_ticks_are_inside_ascending_and_few(a: float, b: float, count: int) -> None:
    scale = charts._scale([a, b], 0.0, 100.0)
    ticks = charts._ticks(scale.low, scale.high, count)
    room = (scale.high - scale.low) * 1e-6
    assert all(scale.low - room <= tick <= scale.high + room for tick in ticks)
    assert all(first < second for first, second in pairwise(ticks))
    assert len(ticks) <= 2.5 * count + 2


def test_an_axis_of_values_at_or_above_zero_has_none_below() -> None:
    assert charts._scale([0.0, 10.0], 0.0, 100.0, pad=0.1).low == 0.0
    assert charts._scale([0.0], 0.0, 100.0).low == 0.0


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_pushed_apart_keep_order_and_bounds(wanted: list[float]) -> None:
    placed = charts._spread(wanted, 15.0, 0.0, 300.0)
    assert all(-1e-6 <= y <= 300 + 1e-6 for y in placed)
    ordered = sorted(placed)
    assert all(b - a >= 15.0 - 1e-6 for a, b in pairwise(ordered))
    assert [placed[i] for i in sorted(range(len(wanted)), key=lambda i: wanted[i])] == ordered


def test_png_has_the_width_asked_for_and_holds_text() -> None:
    pytest.importorskip("typst")
    picture = charts.png(charts.line_svg(line_chart([1.0, 0.0, 3.0]), narrow=False, standalone=True), width=600)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") == 600
    empty = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">{}</svg>'
    words = f'<text x="5" y="30" font-size="14" font-family="{charts._FONT}">Åäö</text>'
    assert charts.png(empty.format(words), width=300) != charts.png(empty.format(""), width=300)


@pytest.mark.parametrize("width", [0, -1, 8001])
def test_png_refuses_an_unreasonable_width(width: int) -> None:
    with pytest.raises(ValueError, match="width"):
        charts.png("<svg/>", width=width)


def test_png_refuses_what_is_not_a_drawing() -> None:
    pytest.importorskip("typst")
    with pytest.raises(ValueError, match="not a valid SVG"):
        charts.png("no drawing", width=100)
