"""Charts as data: what is drawn of which rows, and that vl-convert draws each without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from arcane.serve import charts
from arcane.serve.language import ENGLISH, FRENCH

DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(3)]
VOLUME: list[dict[str, Any]] = [
    {"local_date": DAYS[0], "tweet_count": 5, "original_tweet_count": 3, "reply_tweet_count": 1, "quote_tweet_count": 1, "expected_count": 6, "is_whole": True, "is_spike": False},
    {"local_date": DAYS[1], "tweet_count": 90, "original_tweet_count": 70, "reply_tweet_count": 10, "quote_tweet_count": 10, "expected_count": 91, "is_whole": True, "is_spike": True},
    {"local_date": DAYS[2], "tweet_count": None, "original_tweet_count": None, "reply_tweet_count": None, "quote_tweet_count": None, "expected_count": None, "is_whole": False, "is_spike": None},
]  # fmt: skip
MEASURED = [
    {"local_date": DAYS[0], "value": 10, "base_value": 8, "is_provisional": False},
    {"local_date": DAYS[1], "value": 20, "base_value": None, "is_provisional": True},
    {"local_date": DAYS[2], "value": None, "base_value": 4, "is_provisional": None},
]
HEAT = [
    {"local_weekday": day, "local_hour": hour, "mean": None if (day, hour) == (3, 1) else float(hour)}
    for day in range(1, 8)
    for hour in range(24)
]
NAMED = [{"name": "</script><b>", "n": 3}, {"name": "x'\"\\y" * 9, "n": 2}, {"name": "é 😭", "n": 1}]
PARTS = [{"local_date": day, "part": part, "n": 1.5} for day in DAYS for part in ("arcane", "rival")]
LIFE = [
    {"age_hours": 0.5, "like_count": 1, "retweet_count": 0, "reply_count": 0, "quote_count": None},
    {"age_hours": 24.2, "like_count": 9, "retweet_count": 2, "reply_count": 1, "quote_count": None},
]
EVENTS = [{"local_date": DAYS[1], "label": "Bande-annonce de la saison, avec un très long titre"}]

DRAWN: dict[str, Callable[..., charts.Spec]] = {
    "volume": lambda language: charts.volume(VOLUME, events=EVENTS, language=language),
    "measure": lambda language: charts.measure(MEASURED, "value", title="Valeur", events=EVENTS, language=language),
    "rate": lambda language: charts.measure(
        MEASURED, "value", title="Taux", events=(), language=language, is_rate=True
    ),
    "heat": lambda language: charts.heat(HEAT, "mean", title="Publications", language=language),
    "bars": lambda language: charts.bars(NAMED, "name", "n", title="Publications", language=language),
    "shares": lambda language: charts.shares(PARTS, "part", "n", title="Part", language=language),
    "amounts": lambda language: charts.amounts(PARTS, "part", "n", title="Dépense", language=language),
    "life": lambda language: charts.life(LIFE, "retweet_count", title="Retweets", language=language),
    "nothing": lambda language: charts.measure([], "value", title="Rien", events=(), language=language),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_is_drawn_without_a_browser(name: str, theme: str) -> None:
    """vl-convert draws each chart in both languages and both lights, with nothing to fetch and nothing to warn of."""
    for language in (FRENCH, ENGLISH):
        spec = {**DRAWN[name](language), "width": 500}
        assert json.loads(json.dumps(spec)) == spec
        svg = vl_convert.vegalite_to_svg(
            spec,
            config=charts.theme(theme),
            format_locale=language.vega_number_format(),
            time_format_locale=language.vega_time_format(),
            allowed_base_urls=[],
        )
        assert svg.startswith("<svg")
        assert "NaN" not in svg


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_names_no_colour_and_no_font(name: str) -> None:
    """How things look is the theme's alone, so that paper, night and report agree."""
    text = json.dumps(DRAWN[name](FRENCH))
    assert "#" not in text.replace("#Arcane", "")
    assert "font" not in text


def layers(spec: charts.Spec, style: str) -> list[dict[str, Any]]:
    """The data of the layers whose mark has this style."""
    return [row for one in spec["layer"] if one["mark"].get("style") == style for row in one["data"]["values"]]


def test_a_gap_is_no_zero() -> None:
    """A day that was not read has no bar; its ground is marked, and it keeps its place on the axis."""
    spec = DRAWN["volume"](FRENCH)
    bars = [row for one in spec["layer"] if one["mark"] == {"type": "bar"} for row in one["data"]["values"]]
    assert sorted({row["day"] for row in bars}) == ["2026-11-01", "2026-11-02"]
    assert layers(spec, "gap") == [{"day": "2026-11-03"}]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["2026-11-01", "2026-11-02", "2026-11-03"]


def test_a_day_without_a_post_has_no_rate_and_is_no_gap() -> None:
    """The ground is marked where nothing was read, not where there was nothing to measure."""
    rows = [
        {"local_date": day, "rate": rate, "interaction_count": count}
        for day, rate, count in zip(DAYS, (0.02, None, None), (5, 0, None), strict=True)
    ]
    spec = charts.measure(
        rows, "rate", title="Taux", events=(), language=FRENCH, is_rate=True, known="interaction_count"
    )
    assert layers(spec, "gap") == [{"day": "2026-11-03"}]


@given(st.floats(1e-4, 1))
def test_no_two_ticks_of_a_rate_say_the_same(most: float) -> None:
    """Small rates get the decimals that tell five ticks apart."""
    rows = [{"local_date": DAYS[0], "rate": most}]
    spec = charts.measure(rows, "rate", title="Taux", events=(), language=FRENCH, is_rate=True)
    digits = int(spec["layer"][0]["encoding"]["y"]["axis"]["format"][1])
    told = [f"{most * step / 5:.{digits}%}" for step in range(6)]
    assert len(set(told)) == 6


def test_what_still_grows_is_pale_and_what_is_known_is_told() -> None:
    """Young days have a style of their own, spikes a word, events their label, X's count its tick, the base its line."""
    volume, measured = DRAWN["volume"](FRENCH), DRAWN["measure"](FRENCH)
    assert [(row["day"], row["value"]) for row in layers(measured, "provisional")] == [("2026-11-02", 20)]
    assert [(row["day"], row["value"]) for row in layers(measured, "base")] == [
        ("2026-11-01", 8), ("2026-11-02", None), ("2026-11-03", 4),
    ]  # fmt: skip
    rate = DRAWN["rate"](FRENCH)
    assert [row["day"] for row in layers(rate, "settled-point")] == ["2026-11-01"]
    assert [row["day"] for row in layers(rate, "young-point")] == ["2026-11-02"]
    assert [(row["day"], row["word"]) for row in layers(volume, "spike-label")] == [("2026-11-02", "pic")]
    assert [row["expected"] for row in layers(volume, "expected")] == [6, 91]
    assert [(one["day"], one["label"]) for one in layers(volume, "event-label")] == [
        ("2026-11-02", "Bande-annonce de la…")
    ]
    assert layers(volume, "event") == [{"day": "2026-11-02", "top": 91}]


def test_a_day_compared_that_was_not_read_whole_is_not_drawn() -> None:
    """Its stroke would be too short: the line breaks there, and neither scale nor height reach for it."""
    rows = [{**row, "base_value": 900, "base_is_whole": number != 1} for number, row in enumerate(MEASURED)]
    rows[1]["base_value"] = 9_000
    spec = charts.measure(rows, "value", title="Valeur", events=(), language=FRENCH)
    assert [(row["day"], row["value"]) for row in layers(spec, "base")] == [
        ("2026-11-01", 900), ("2026-11-02", None), ("2026-11-03", 900),
    ]  # fmt: skip
    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"][1] < 9_000
    none = [{**row, "base_is_whole": False} for row in MEASURED]
    assert layers(charts.measure(none, "value", title="Valeur", events=(), language=FRENCH), "base") == []


@given(
    length=st.sampled_from([7, 28, 90, 365]),
    happened=st.lists(st.tuples(st.integers(0, 364), st.text("abc é", min_size=1, max_size=40)), max_size=6),
)
def test_labels_of_events_never_meet(length: int, happened: list[tuple[int, str]]) -> None:
    """On the narrowest chart no label of an event lies over another's or leaves the chart, and each day is told."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(length)]
    rows = [{"local_date": day, "value": 3, "is_provisional": False} for day in days]
    events = [
        {"local_date": days[at % length], "label": label}
        for at, label in sorted(happened, key=lambda one: one[0] % length)
    ]
    spec = charts.measure(rows, "value", title="Valeur", events=events, language=FRENCH)
    written = [
        (one["label"], mark["align"], one["lane"], (days.index(date.fromisoformat(one["day"])) + 0.5) * 280 / length)
        for layer in spec["layer"] if (mark := layer["mark"]).get("style") == "event-label"
        for one in layer["data"]["values"]
    ]  # fmt: skip
    extents: dict[int, list[tuple[float, float]]] = {}
    for label, align, lane, at in written:
        width = len(label) * 6.6
        start = at - {"left": 0.0, "center": width / 2, "right": width}[align]
        assert align == "center" or (start >= 0 and start + width <= 280)
        extents.setdefault(lane, []).append((start, start + width))
    for lane in extents.values():
        lane.sort()
        assert all(left[1] <= right[0] for left, right in pairwise(lane))
    assert len(written) == len(events)
    assert [one["day"] for one in layers(spec, "event")] == sorted({one["local_date"].isoformat() for one in events})
    told = spec.get("title", {"text": []})["text"]
    assert len(told) == (len(events) if any(align == "center" for _, align, _, _ in written) else 0)


@given(length=st.sampled_from([7, 28, 90, 365]), spiked=st.dictionaries(st.integers(0, 364), st.integers(1, 99)))
def test_words_at_spikes_never_meet(length: int, spiked: dict[int, int]) -> None:
    """Each spike is a point; on the narrowest chart no word lies over another or over a bar, and each run has one."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(length)]
    heights = {days[at]: height for at, height in spiked.items() if at < length}
    rows = [
        {**VOLUME[0], "local_date": day, "tweet_count": heights.get(day, 3), "expected_count": None, "is_spike": day in heights}
        for day in days
    ]  # fmt: skip
    spec = charts.volume(rows, events=(), language=ENGLISH)
    assert [one["day"] for one in layers(spec, "spike")] == [one.isoformat() for one in sorted(heights)]
    step = 280 / length
    spans: list[tuple[float, float]] = []
    for one in layers(spec, "spike-label"):
        at, half = (days.index(date.fromisoformat(one["day"])) + 0.5) * step, len(one["word"]) * 6.6 / 2
        spans.append((at - half, at + half))
        under = [row for place, row in enumerate(rows) if at - half < (place + 0.5) * step < at + half]
        assert one["over"] >= max(row["tweet_count"] for row in under)
    assert all(left[1] <= right[0] for left, right in pairwise(sorted(spans)))
    assert bool(spans) == bool(heights)


def test_spikes_side_by_side_share_a_word() -> None:
    """Neighbours are points; the highest of them says what all are, and a spike apart has its own word."""
    days = [date(2026, 11, 1) + timedelta(days=number) for number in range(28)]
    heights = {days[9]: 70, days[10]: 90, days[20]: 60}
    rows = [
        {**VOLUME[0], "local_date": day, "tweet_count": heights.get(day, 3), "expected_count": None, "is_spike": day in heights}
        for day in days
    ]  # fmt: skip
    spec = charts.volume(rows, events=(), language=FRENCH)
    assert [(one["day"], one["word"]) for one in layers(spec, "spike")] == [
        ("2026-11-10", ""), ("2026-11-11", "pics"), ("2026-11-21", "pic"),
    ]  # fmt: skip


def test_a_little_is_not_nothing() -> None:
    """A share that would round to zero says that it is below a tenth of a percent."""
    rows = [{"name": "français", "n": 0.9997}, {"name": "arabe", "n": 0.0003}, {"name": "basque", "n": 0.0}]
    spec = charts.bars(rows, "name", "n", title="Part", language=FRENCH, is_rate=True)
    assert [one["shown"] for one in spec["data"]["values"]] == ["100,0\u202f%", "< 0,1\u202f%", "0,0\u202f%"]


def test_one_loud_hour_leaves_the_week_its_colours() -> None:
    """The scale of colours ends where most hours end, and its key says that some lie beyond."""
    loud = [{**row, "mean": 2000.0} if (row["local_weekday"], row["local_hour"]) == (6, 20) else row for row in HEAT]
    spec = charts.heat(loud, "mean", title="Publications", language=FRENCH)
    colour = spec["layer"][0]["encoding"]["color"]
    assert layers(spec, "beyond") == [{"day": "sam.", "hour": 20, "value": 2000.0}]
    assert colour["scale"]["domain"] == [0, 23.0]
    assert "(true && datum.value == 23.0 ? '≥ '" in colour["legend"]["labelExpr"]
    assert layers(DRAWN["heat"](FRENCH), "beyond") == []
    quiet = DRAWN["heat"](FRENCH)["layer"][0]["encoding"]["color"]
    assert (quiet["scale"]["domain"], "(false && " in quiet["legend"]["labelExpr"]) == ([0, 23.0], True)


def test_parts_come_largest_first() -> None:
    """What is most has the first colour and the first place in the key."""
    rows = [{"local_date": DAYS[0], "part": part, "n": n} for part, n in (("a", 1), ("b", 5), ("c", 3))]
    (layer,) = charts.amounts(rows, "part", "n", title="Dépense", language=FRENCH)["layer"]
    assert layer["encoding"]["color"]["sort"] == ["b", "c", "a"]


def test_the_whole_week_is_drawn_and_a_hole_stays_a_hole() -> None:
    """168 places, and no cell where nothing is known."""
    spec = DRAWN["heat"](FRENCH)
    assert len(spec["layer"][0]["data"]["values"]) == 167
    assert spec["encoding"]["x"]["scale"]["domain"] == list(range(24))
    assert spec["encoding"]["y"]["scale"]["domain"] == ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."]


def test_hostile_labels_are_drawn_to_the_letter() -> None:
    """A label with a tag, quotes or a backslash reaches the SVG as text."""
    spec = {**DRAWN["bars"](FRENCH), "width": 500}
    svg = vl_convert.vegalite_to_svg(spec, config=charts.theme("light"), allowed_base_urls=[])
    assert "&lt;/script&gt;&lt;b&gt;" in svg
    assert "</script>" not in svg
    assert "x'\"\\yx" in svg.replace("&quot;", '"').replace("&#39;", "'").replace("&apos;", "'")


def test_a_counter_of_a_post_has_a_scale_of_its_own() -> None:
    """Few replies are seen beside many likes; a reading without the counter is no zero."""
    replies = charts.life(LIFE, "reply_count", title="Réponses", language=FRENCH)
    assert replies["data"]["values"] == [{"age": 0.5, "value": 0}, {"age": 24.2, "value": 1}]
    assert replies["encoding"]["y"]["scale"]["domain"][1] < 2
    assert charts.life(LIFE, "quote_count", title="Citations", language=FRENCH)["data"]["values"] == []
