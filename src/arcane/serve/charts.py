"""Rows → Vega-Lite. Pure: a chart is a dict, drawn by a browser on a page and by vl-convert in a report.

A specification names no colour and no font: marks have a *style* (``spike``, ``provisional``, ``gap``, ``event``,
``base``) and ``theme`` says how each looks, on paper by day and by night. Heights are numbers, widths are the
container's. Days are strings of ISO and drawn in UTC, so that no browser shifts them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from arcane.serve.language import Language

Row = Mapping[str, Any]
Spec = dict[str, Any]

SANS: Final = "'Source Sans 3', 'Helvetica Neue', Arial, sans-serif"
_HEIGHT: Final = 240
_LIFE_HEIGHT: Final = 120
_BAR_STEP: Final = 26
_VALUE_PX: Final = 64  # beside the longest bar, for what it says
_LABEL_CHARS: Final = 30
_MANY: Final = 100_000
_SMALL_RATE: Final = 0.005
_BETWEEN: Final = 0.22  # of a day's width, before the next bar
_SEAMLESS: Final = 1.02  # a little over its neighbour, so that no line shows between two
_ROOM: Final = 1.18  # of an axis above its highest value: the word at a spike stays below the events
_SPIKE_PX: Final = 42  # the longest word at spikes, and some air
_USUAL: Final = 0.97  # of the hours of a week
_LOUD: Final = 1.5
_HEADED: Final = 14  # days up to which an axis names weekdays
# Labels of events are placed for the narrowest chart there is, on a phone.
_NARROWEST_PX: Final = 280
_CHAR_PX: Final = 6.6
_MARK_PX: Final = 20
_LANE_PX: Final = 16
_EVENT_CHARS: Final = 21  # no wider than half of it
_DAY_MS: Final = 86_400_000
# Apart for eyes that miss red, green or blue: blue, ochre, teal, violet, grey, rose.
_INKS: Final = {
    "light": {
        "ink": "#1d1c1a", "soft": "#5c5953", "rule": "#ddd9cf", "data": "#2f5d8a", "accent": "#b8321a", "gap": "#ece8dd",
        "paper": "#fbfaf6", "category": ["#2f5d8a", "#cf8a2c", "#3d9487", "#8b5fa0", "#7a7770", "#b5566b"],
        "heat": ["#f1eee5", "#c9d5df", "#93b0c9", "#5b87ad", "#2f5d8a", "#173a5e"],
    },
    "dark": {
        "ink": "#ece9e2", "soft": "#aaa69d", "rule": "#38393c", "data": "#7eaedb", "accent": "#ff8467", "gap": "#26272a",
        "paper": "#17181a", "category": ["#7eaedb", "#e3ab5b", "#67bdae", "#b894cc", "#a09c93", "#de8b9c"],
        "heat": ["#212326", "#2b3f52", "#38597a", "#4f7ea8", "#7eaedb", "#c3ddf3"],
    },
}  # fmt: skip


def theme(name: str) -> dict[str, Any]:
    """Vega-Lite's config of a page by day (``light``, paper too) or by night (``dark``)."""
    ink = _INKS[name]
    text = {"font": SANS, "fontSize": 12}
    return {
        "background": None,
        "font": SANS,
        "padding": 0,
        "view": {"stroke": None},
        "mark": {"color": ink["data"]},
        "bar": {"color": ink["data"]},
        "text": {**text, "color": ink["ink"]},
        "range": {"category": ink["category"], "heatmap": ink["heat"], "ramp": ink["heat"]},
        "axis": {
            "labelFont": SANS, "labelFontSize": 12, "labelColor": ink["soft"], "titleColor": ink["soft"],
            "titleFont": SANS, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": ink["rule"],
            "domain": False, "ticks": False, "labelPadding": 6,
        },
        "axisQuantitative": {"tickCount": 5},  # of days it would hide labels that there is room for
        "axisX": {"grid": False, "domain": True, "domainColor": ink["soft"], "labelFlush": True},
        "legend": {
            "labelFont": SANS, "labelFontSize": 12, "labelColor": ink["ink"], "titleColor": ink["soft"],
            "titleFont": SANS, "titleFontWeight": "normal", "orient": "top", "direction": "horizontal", "title": None,
            "symbolType": "square", "symbolSize": 90, "columnPadding": 16, "padding": 0, "offset": 8,
        },
        "style": {
            "provisional": {"opacity": 0.42},
            "settled-point": {"filled": True, "size": 36, "opacity": 1},
            "young-point": {"filled": True, "color": ink["paper"], "stroke": ink["data"], "strokeWidth": 1.5, "size": 40, "opacity": 1},
            "beyond": {"filled": True, "color": ink["paper"], "size": 16, "opacity": 1},
            "gap": {"color": ink["gap"], "opacity": 1},
            "halo": {"color": ink["paper"], "stroke": ink["paper"], "strokeWidth": 4, "opacity": 0.9},
            "base": {"color": ink["ink"], "stroke": ink["ink"], "strokeDash": [4, 3], "strokeWidth": 1.5},
            "expected": {"color": ink["ink"], "stroke": ink["ink"], "strokeWidth": 1.5},
            "event": {"color": ink["soft"], "stroke": ink["soft"], "strokeDash": [2, 2]},
            "event-label": {"color": ink["ink"], "baseline": "bottom", "fontSize": 12, "dy": -3},
            "event-key": {"fill": ink["ink"], "fontSize": 12, "font": SANS, "fontWeight": "normal", "lineHeight": 17},
            "spike": {"color": ink["accent"], "filled": True, "size": 34, "opacity": 1},
            "spike-label": {"color": ink["accent"], "fontWeight": 600, "baseline": "bottom", "dy": -12},
            "chance": {"opacity": 0.42},
            "value": {"color": ink["ink"], "align": "left", "dx": 5, "fontSize": 12},
        },
    }  # fmt: skip


def volume(rows: Sequence[Row], *, events: Sequence[Row], language: Language) -> Spec:
    """Tweets a day by kind. Rows: local_date, original_tweet_count …, expected_count, is_spike, is_provisional."""
    say = language.text
    kinds = {
        "original_tweet_count": language.kind("original"),
        "reply_tweet_count": language.kind("reply"),
        "quote_tweet_count": language.kind("quote"),
    }
    bars = [
        {
            **_on(row, language),
            "kind": name,
            "order": order,
            "tweets": row[column],
            "all": row["tweet_count"],
            "early": bool(row.get("is_provisional")),
        }
        for row in rows
        for order, (column, name) in enumerate(kinds.items())
        if row[column] is not None
    ]
    known = {one["kind"] for one in bars if one["tweets"]}
    tops = {_day(row): max(row["tweet_count"] or 0, row.get("expected_count") or 0) for row in rows}
    spikes = _spikes(rows, tops, language)
    expected = [{**_on(row, language), "expected": row["expected_count"]} for row in rows if row.get("expected_count")]
    most = max(tops.values(), default=0)
    encoding = {
        "x": _days(rows),
        "y": _count("tweets", most),
        "color": {"field": "kind", "type": "nominal", "scale": {"domain": [*kinds.values()]}, "legend": {"values": [name for name in kinds.values() if name in known]}},
        "order": {"field": "order"},
        "tooltip": [
            _tip_day(language), {"field": "kind", "title": say("Type", "Kind")}, _tip("tweets", say("Publications", "Posts")),
            _tip("all", say("En tout", "In all")),
        ],
    }  # fmt: skip
    return _time(
        rows,
        events=events,
        tops=tops,
        most=most,
        language=language,
        description=say(
            "Publications par jour, empilées par type, avec le décompte de X et les pics.",
            "Posts by day, stacked by kind, with X's own count and the spikes.",
        ),
        layers=[
            *_by_age(bars, {"type": "bar"}, encoding),
            {
                "data": {"values": expected},
                "mark": {"type": "rule", "style": "expected"},
                "encoding": {
                    **_across(rows), "y": _count("expected", most),
                    "tooltip": [_tip_day(language), _tip("expected", say("Décompte de X", "X's own count"))],
                },
            },
            {
                "data": {"values": spikes},
                "mark": {"type": "point", "style": "spike", "yOffset": -7},
                "encoding": {
                    "x": _days(rows), "y": _count("top", most),
                    "tooltip": [
                        _tip_day(language), _tip("tweets", say("Publications, un pic", "Posts, a spike")),
                        _tip("usual", say("Médiane des 28 jours", "Median of 28 days")),
                    ],
                },
            },
            {
                "data": {"values": [one for one in spikes if one["word"]]},
                "mark": {"type": "text", "style": "spike-label", "tooltip": None},
                "encoding": {"x": _days(rows), "y": _count("over", most), "text": {"field": "word"}},
            },
        ],
    )  # fmt: skip


def measure(
    rows: Sequence[Row],
    column: str,
    *,
    title: str,
    events: Sequence[Row],
    language: Language,
    is_rate: bool = False,
    known: str = "",
) -> Spec:
    """One measure a day, with the base period's day beside it where rows have ``base_`` + ``column`` and do not say that
    it was not read whole (``base_is_whole``); young days pale, or hollow where they are points, but of ``tweet_count``,
    which does not grow with age. ``known``: the column that is empty on days that were
    not read, where that is not the measure itself: a day without a post has no rate and is no gap."""
    shown = [
        {
            **_on(row, language),
            "value": row[column],
            "early": column != "tweet_count" and bool(row.get("is_provisional")),
        }
        for row in rows
        if row[column] is not None
    ]
    faced = [row.get(f"base_{column}") if row.get("base_is_whole") is not False else None for row in rows]
    before = [  # without a value where there is none, so that a line breaks there
        {**_on(row, language), "value": value} for row, value in zip(rows, faced, strict=True)
    ]
    before = before if any(value is not None for value in faced) else []
    form = ".1%" if is_rate else ",.0f"
    most = max((one["value"] for one in (*shown, *before) if one["value"] is not None), default=0)
    y = _count("value", most)
    if is_rate:
        digits = 1 if most >= _SMALL_RATE else 2 if most >= _SMALL_RATE / 10 else 3  # no two ticks say the same
        y["axis"] = {"format": f".{digits}%", "title": None}
    tip = {"field": "value", "title": title, "type": "quantitative", "format": form}
    encoding = {"x": _days(rows), "y": y, "tooltip": [_tip_day(language), tip]}
    lines = [{"data": {"values": shown}, "mark": {"type": "line"}, "encoding": encoding}] if is_rate else []
    say = language.text
    against = say(f"{title}, jour comparé", f"{title}, day compared")
    is_short = len({_day(row) for row in rows}) <= _HEADED  # beyond it strokes of their own would be dust
    base_mark, base_x = ("rule", _across(rows)) if is_short else ("line", {"x": _days(rows)})
    return _time(
        rows,
        column=known or column,
        events=events,
        tops={_day(row): max(row[column] or 0, base or 0) for row, base in zip(rows, faced, strict=True)},
        most=most,
        language=language,
        description=say(f"{title} par jour.", f"{title} by day."),
        layers=[
            *lines,
            *_by_age(shown, {"type": "point" if is_rate else "bar"}, encoding),
            *(
                {
                    "data": {"values": before},
                    "mark": {"type": base_mark, "style": style},
                    "encoding": {**base_x, "y": y, "tooltip": [_tip_day(language), {**tip, "title": against}]},
                }
                for style in ("halo", "base")
            ),
        ],
    )


def heat(rows: Sequence[Row], column: str, *, title: str, language: Language) -> Spec:
    """Weekday by hour. Rows: local_weekday, local_hour, ``column``: the full grid, or holes stay holes. What lies beyond
    the scale of colours has a dot."""
    days = language.weekday_names()
    values = [
        {"day": days[row["local_weekday"] - 1], "hour": row["local_hour"], "value": row[column]}
        for row in rows
        if row[column] is not None
    ]
    hours = "datum.value + '\u202fh'" if language.is_french else "datum.value + ':00'"
    top = crest([one["value"] for one in values])
    is_cut = any(one["value"] > top for one in values)
    form = ",.0f" if top >= 10 else ",.1f"
    x = {
        "field": "hour", "type": "ordinal", "scale": {"domain": list(range(24)), "paddingInner": 0.06},
        "axis": {"title": None, "labelAngle": 0, "values": list(range(0, 24, 3)), "labelExpr": hours, "labelOverlap": False, "domain": False},
    }  # fmt: skip
    y = {
        "field": "day", "type": "ordinal", "scale": {"domain": list(days), "paddingInner": 0.1}, "axis": {"title": None},
    }  # fmt: skip
    tooltip = [
        {"field": "day", "title": language.text("Jour", "Day")},
        {"field": "hour", "title": language.text("Heure", "Hour")},
        {"field": "value", "type": "quantitative", "format": ",.1f", "title": title},
    ]
    color = {
        "field": "value", "type": "quantitative",
        "scale": {"domain": [0, top], "clamp": True, "interpolate": "rgb"},
        "legend": {
            "title": None, "gradientLength": 160, "gradientThickness": 8, "values": [0, top / 2, top], "labelOverlap": False,
            "labelExpr": f"({str(is_cut).lower()} && datum.value == {top!r} ? '≥ ' : '') + format(datum.value, '{form}')",
        },
    }  # fmt: skip
    return _base(
        language.text(f"{title} par jour de la semaine et par heure.", f"{title} by weekday and hour."),
        height=7 * _BAR_STEP,
        encoding={"x": x, "y": y, "tooltip": tooltip},
        layer=[
            {"data": {"values": values}, "mark": {"type": "rect"}, "encoding": {"color": color}},
            {
                "data": {"values": [one for one in values if one["value"] > top]},
                "mark": {"type": "point", "style": "beyond"},
            },
        ],
    )


def crest(values: Sequence[float]) -> float:
    """Where a scale of colours ends: at the highest value, or under a few that would leave all others pale."""
    ranked = sorted(values) or [0]
    usual = ranked[int((len(ranked) - 1) * _USUAL)]
    return usual if ranked[-1] > _LOUD * usual > 0 else ranked[-1] or 1


def bars(
    rows: Sequence[Row],
    label: str,
    value: str,
    *,
    title: str,
    language: Language,
    is_rate: bool = False,
    is_signed: bool = False,
) -> Spec:
    """The rows' own order, longest label cut; each bar says its value. Rows that ``is_pale`` are."""
    values = [
        {
            "label": f"{number:03d}",
            "name": _cut(str(row[label])),
            "value": row[value],
            "pale": bool(row.get("is_pale")),
            "shown": _share(row[value], language)
            if is_rate
            else language.short(row[value])
            if not is_signed
            else language.number(row[value], digits=1),
        }
        for number, row in enumerate(rows)
        if row[value] is not None
    ]
    names = {one["label"]: one["name"] for one in values}
    y = {
        "field": "label", "type": "nominal", "sort": None, "title": None, "scale": {"paddingInner": 0.34},
        "axis": {"labelExpr": _lookup(names), "labelLimit": 190, "domain": False, "grid": False, "labelFontSize": 13},
    }  # fmt: skip
    most = max((one["value"] for one in values), default=1) or 1
    x = {
        "field": "value", "type": "quantitative", "axis": None,
        "scale": {"domain": [0, most], "nice": False, "range": [0, {"expr": f"width - {_VALUE_PX}"}]},
    }  # fmt: skip
    tips = {"tooltip": [{"field": "name", "title": " "}, {"field": "shown", "title": title}]}
    return _base(
        language.text(f"{title}, du plus grand au plus petit.", f"{title}, largest first."),
        height=max(len(values), 1) * _BAR_STEP,
        data={"values": values},
        encoding={"y": y, "x": x},
        layer=[
            {"transform": [{"filter": "!datum.pale"}], "mark": {"type": "bar"}, "encoding": tips},
            {"transform": [{"filter": "datum.pale"}], "mark": {"type": "bar", "style": "chance"}, "encoding": tips},
            {"mark": {"type": "text", "style": "value"}, "encoding": {"text": {"field": "shown"}}},
        ],
    )  # fmt: skip


def shares(rows: Sequence[Row], part: str, value: str, *, title: str, language: Language) -> Spec:
    """Parts of each day's whole, by the first six names; rows: local_date, ``part``, ``value``."""
    parts, values = _parts(rows, part, value, language)
    return _time(
        rows,
        column=value,
        language=language,
        description=language.text(f"{title} : part de chacun, jour par jour.", f"{title}: share of each, day by day."),
        layers=[
            {
                "data": {"values": values},
                "mark": {"type": "bar"},
                "encoding": {
                    "x": _days(rows),
                    "y": {
                        "field": "value", "type": "quantitative", "stack": "normalize",
                        "axis": {"format": ".0%", "title": None},
                    },
                    "color": {"field": "part", "type": "nominal", "sort": parts}, "order": {"field": "place"},
                    "tooltip": [_tip_day(language), {"field": "part", "title": " "}, _tip("value", title)],
                },
            },
        ],
    )  # fmt: skip


def amounts(rows: Sequence[Row], part: str, value: str, *, title: str, language: Language) -> Spec:
    """Dollars a day, stacked; rows: local_date, ``part``, ``value``."""
    parts, values = _parts(rows, part, value, language)
    money = "$,.2f"
    return _time(
        rows,
        column=value,
        language=language,
        description=language.text(f"{title} par jour.", f"{title} by day."),
        layers=[
            {
                "data": {"values": values},
                "mark": {"type": "bar"},
                "encoding": {
                    "x": _days(rows),
                    "y": {"field": "value", "type": "quantitative", "axis": {"format": "$,.0f", "title": None}},
                    "color": {"field": "part", "type": "nominal", "sort": parts}, "order": {"field": "place"},
                    "tooltip": [
                        _tip_day(language), {"field": "part", "title": " "},
                        {"field": "value", "type": "quantitative", "format": money, "title": title},
                    ],
                },
            },
        ],
    )  # fmt: skip


def life(rows: Sequence[Row], column: str, *, title: str, language: Language) -> Spec:
    """One counter of one tweet by its age. Rows: age_hours, ``column``."""
    values = [{"age": row["age_hours"], "value": row[column]} for row in rows if row[column] is not None]
    hours = "format(datum.value, ',~f') + '\u202fh'"
    return _base(
        language.text(f"{title} selon l'âge de la publication.", f"{title} by the post's age."),
        height=_LIFE_HEIGHT,
        data={"values": values},
        mark={"type": "line", "point": {"filled": True, "size": 40}},
        encoding={
            "x": {
                "field": "age", "type": "quantitative", "scale": {"zero": True, "nice": False},
                "axis": {"title": None, "labelExpr": hours, "tickMinStep": 1},
            },
            "y": _count("value", max((one["value"] for one in values), default=0)),
            "tooltip": [
                {"field": "age", "type": "quantitative", "format": ",.1f", "title": language.text("Âge (h)", "Age (h)")},
                _tip("value", title),
            ],
        },
    )  # fmt: skip


def _time(
    rows: Sequence[Row],
    *,
    description: str,
    layers: Sequence[Spec],
    language: Language,
    events: Sequence[Row] = (),
    tops: Mapping[str, float] | None = None,
    most: float = 0,
    column: str = "tweet_count",
) -> Spec:
    """Layers over days: behind them the days that were not read, over them what the analysts know happened.

    ``tops``: by day, how high what is drawn reaches: there ends the line of an event.
    """
    gaps = [{"day": _day(row)} for row in rows if row.get(column) is None or row.get("is_whole") is False]
    back: list[Spec] = []
    if gaps:
        back.append(
            {
                "data": {"values": gaps},
                "mark": {"type": "rect", "style": "gap", "width": {"band": _SEAMLESS / (1 - _BETWEEN)}},
                "encoding": {"x": _days(rows)},
            }
        )
    drawn = [one for one in layers if one["data"]["values"]]
    days = sorted({_day(row) for row in rows})
    known = [one for one in events if _day(one) in days]
    placed = _placed(known, days, language)
    front = _marked(placed, rows, tops or {}, most) if placed else []
    spec = _base(description, height=_HEIGHT, layer=[*back, *drawn, *front])
    key = [f"{one['label']} · {one['said']}" for one in placed if one["said"]]
    if key:
        spec["title"] = {"text": key, "orient": "bottom", "anchor": "start", "style": "event-key", "offset": 12}
    if placed:
        spec["config"] = {"legend": {"offset": 12 + _LANE_PX * (1 + max(one["lane"] for one in placed))}}
    return spec


def _spikes(rows: Sequence[Row], tops: Mapping[str, float], language: Language) -> list[Row]:
    """Every spike a point over its bar; of those that stand too close for a word each, the highest has one for all.

    ``over``: how high the word stands, above whatever is under it on the narrowest chart.
    """
    say = language.text
    days = sorted(tops)
    near = _SPIKE_PX * len(days) / _NARROWEST_PX
    runs: list[list[Row]] = []
    for row in rows:
        if not row.get("is_spike"):
            continue
        if runs and days.index(_day(row)) - days.index(_day(runs[-1][-1])) < near:
            runs[-1].append(row)
        else:
            runs.append([row])
    words = {
        _day(max(run, key=lambda row: tops[_day(row)])): say("pics", "spikes") if len(run) > 1 else say("pic", "spike")
        for run in runs
    }
    return [
        {
            **_on(row, language),
            "tweets": row["tweet_count"],
            "usual": row.get("median_tweet_count"),
            "top": tops[_day(row)],
            "over": max(tops[day] for day in _beside(_day(row), days, round(near / 2))),
            "word": words.get(_day(row), ""),
        }
        for run in runs
        for row in run
    ]


def _placed(events: Sequence[Row], days: Sequence[str], language: Language) -> list[Row]:
    """Where each event is written so that no two labels meet on the narrowest chart: by name in one lane where all
    fit, else by number in as many lanes as it takes, with what each number means in ``said``."""
    named = _by_name(events, days)
    return named if len(named) == len(events) else _by_number(events, days, language)


def _by_name(events: Sequence[Row], days: Sequence[str]) -> list[Row]:
    """As many of the first events as fit beside each other, each label right of its day or left of it."""
    found: list[Row] = []
    end = 0.0
    for event in events:
        name, at = _cut(str(event["label"]), _EVENT_CHARS), _at_px(event, days)
        width = len(name) * _CHAR_PX
        align = "left" if at + width <= _NARROWEST_PX else "right"
        if (at if align == "left" else at - width) < end:
            break
        end = at + width + 8 if align == "left" else at + 8
        found.append({"day": _day(event), "label": name, "align": align, "lane": 0, "said": ""})
    return found


def _by_number(events: Sequence[Row], days: Sequence[str], language: Language) -> list[Row]:
    """Each number over its day, in the first lane that is free there."""
    found: list[Row] = []
    ends: list[float] = []
    for number, event in enumerate(events, 1):
        start = _at_px(event, days) - _MARK_PX / 2
        lane = next((lane for lane, end in enumerate(ends) if end <= start), len(ends))
        ends[lane : lane + 1] = [start + _MARK_PX]
        said = f"{language.short_day(_date(event))}, {_cut(str(event['label']))}"
        found.append({"day": _day(event), "label": str(number), "align": "center", "lane": lane, "said": said})
    return found


def _at_px(event: Row, days: Sequence[str]) -> float:
    """The middle of its day on the narrowest chart."""
    return (days.index(_day(event)) + 0.5) / len(days) * _NARROWEST_PX


def _marked(placed: Sequence[Row], rows: Sequence[Row], tops: Mapping[str, float], most: float) -> list[Spec]:
    """The labels above the chart, and from its edge a line down to each day, not through it."""
    lanes = range(1 + max(one["lane"] for one in placed))
    days = sorted({_day(row) for row in rows})
    near = round(_MARK_PX * len(days) / _NARROWEST_PX)  # days that may carry a word over this one
    lines = [
        {"day": day, "top": max(tops.get(other, 0) for other in _beside(day, days, near))}
        for day in sorted({one["day"] for one in placed})
    ]
    found: list[Spec] = [
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "style": "event", "yOffset": -31, "tooltip": None},
            "encoding": {"x": _days(rows), "y": _bare(_count("top", most)), "y2": {"value": 0}},
        }
    ]
    found += [
        {
            "data": {"values": [one for one in placed if (one["lane"], one["align"]) == (lane, align)]},
            "mark": {"type": "text", "style": "event-label", "align": align},
            "encoding": {"x": _days(rows), "y": {"value": -lane * _LANE_PX}, "text": {"field": "label"}},
        }
        for lane in lanes
        for align in ("left", "center", "right")
    ]
    return [one for one in found if one["data"]["values"]]


def _parts(rows: Sequence[Row], part: str, value: str, language: Language) -> tuple[list[str], list[Row]]:
    """Parts by their sum, largest first; and what each is a day, with its ``place``: colours, legends and stacks follow."""
    sums: dict[str, float] = {}
    known = [row for row in rows if row[value] is not None]
    for row in known:
        sums[str(row[part])] = sums.get(str(row[part]), 0) + row[value]
    names = sorted(sums, key=lambda name: (-sums[name], name))
    return names, [
        {**_on(row, language), "part": str(row[part]), "value": row[value], "place": names.index(str(row[part]))}
        for row in known
    ]


def _by_age(values: Sequence[Row], mark: Spec, encoding: Spec) -> list[Spec]:
    """What is settled, and over it what still grows: paler, or hollow where it is a point."""
    is_point = mark["type"] == "point"
    settled, growing = ({"style": "settled-point"}, "young-point") if is_point else ({}, "provisional")
    old, young = [one for one in values if not one["early"]], [one for one in values if one["early"]]
    return [
        {"data": {"values": old}, "mark": {**mark, **settled}, "encoding": encoding},
        {"data": {"values": young}, "mark": {**mark, "style": growing}, "encoding": encoding},
    ]


def _base(description: str, **parts: Any) -> Spec:
    return {
        "description": description,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        **parts,
    }


def _days(rows: Sequence[Row]) -> Spec:
    """One axis for every layer, also where a layer has no row; as many labels as fit."""
    days = sorted({_day(row) for row in rows})
    return {
        "field": "day",
        "type": "ordinal",
        "scale": {"type": "band", "domain": days, "paddingInner": _BETWEEN, "paddingOuter": 0.1},
        "axis": {
            "title": None,
            "labelAngle": 0,
            "labelOverlap": "parity",
            "labelSeparation": 12,
            "values": days[:: max(1, len(days) // 8)],
            "labelExpr": f"utcFormat(toDate(datum.value), '{'%a %-d' if len(days) <= _HEADED else '%-d %b'}')",
        },
    }


def _across(rows: Sequence[Row]) -> Spec:
    """From side to side of a day's bar."""
    return {"x": {**_days(rows), "bandPosition": 0}, "x2": {"field": "day", "bandPosition": 1}}


def _beside(day: str, days: Sequence[str], near: int) -> Sequence[str]:
    """A day and as many on either side."""
    at = days.index(day)
    return days[max(0, at - near) : at + near + 1]


def _count(name: str, most: float = 0) -> Spec:
    form = "~s" if most >= _MANY else ",~f"
    return {
        "field": name,
        "type": "quantitative",
        "axis": {"format": form, "title": None, "tickMinStep": 1},
        "scale": {"domain": [0, (most or 1) * _ROOM], "nice": False},
    }


def _bare(encoding: Spec) -> Spec:
    """On the same scale, without a say in how its axis is written."""
    return {name: value for name, value in encoding.items() if name != "axis"}


def _tip(name: str, title: str) -> Spec:
    return {"field": name, "type": "quantitative", "format": ",.0f", "title": title}


def _tip_day(language: Language) -> Spec:
    return {"field": "on", "title": language.text("Jour", "Day")}


def _day(row: Row) -> str:
    return _date(row).isoformat()


def _on(row: Row, language: Language) -> dict[str, str]:
    """A row's day, for the axis and for the tip."""
    day = _date(row)
    return {"day": day.isoformat(), "on": f"{language.weekday(day.isoweekday())} {language.day(day)}"}


def _date(row: Row) -> date:
    day: date = row["local_date"]
    return day


def _cut(text: str, most: int = _LABEL_CHARS) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"


def _share(rate: float, language: Language) -> str:
    """Little is not nothing."""
    least = 0.001
    return f"< {language.percent(least)}" if 0 < rate < least / 2 else language.percent(rate)


def _lookup(names: Mapping[str, str]) -> str:
    """An expression that gives each key its name: keys are ours, names are data and stay strings."""
    return f"({json.dumps(dict(names), ensure_ascii=True)})[datum.value]"


def rows_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[dict[str, Any]]:
    """A result's rows by name."""
    return [dict(zip(columns, row, strict=True)) for row in rows]
