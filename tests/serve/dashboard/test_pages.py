"""What panels and cards say of their rows, before a browser sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.serve.dashboard.test_frame import FRAME

from arcane.serve.dashboard.answers import Card, table
from arcane.serve.dashboard.pages import PAGES, Context, Panel, nothing
from arcane.serve.language import FRENCH

CONTEXT = Context(FRAME.filters, FRENCH)
VOLUME = next(one for one in PAGES[0].panels(CONTEXT) if one.name == "volume")
CAUSES = next(one for one in PAGES[0].panels(CONTEXT) if one.name == "causes")
NARROW = replace(FRAME.filters, lang="fr")
POST: dict[str, Any] = {
    "interaction_rank": 3, "tweet_id": "19", "created_at": datetime(2026, 11, 20, 19, 26, tzinfo=UTC), "username": "leo",
    "author_name": "Léo", "text": "Vu.", "media_kind": "photo", "interaction_count": 10_748, "like_count": 8_099,
    "retweet_count": 0, "reply_count": 345, "quote_count": None, "impression_count": 133_000,
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "is_narrow", "said"),
    [
        ([None, 3], False, ""),
        ([None, None], False, "Rien n’est connu de ces jours : c’est un trou, pas un zéro."),
        ([0, 0], False, "Rien ici pour ces filtres. Élargissez la période, ou retirez un filtre."),
        ([0, None], True, "Rien ici pour ces filtres. Élargissez la période, ou retirez un filtre."),
        ([None, None], True, "Rien ici pour ces filtres. Élargissez la période, ou retirez un filtre."),
    ],
)
def test_an_empty_chart_is_a_sentence(values: list[int | None], is_narrow: bool, said: str) -> None:
    """Days of which nothing is known are a gap, days without a post are none; neither is drawn as bare axes."""
    rows = [{"local_date": date(2026, 11, 18), "tweet_count": value} for value in values]
    told = nothing(VOLUME, rows, NARROW if is_narrow else FRAME.filters, FRENCH)
    assert " ".join(told.split()) == said


def test_a_panel_whose_emptiness_is_an_answer_gives_it() -> None:
    """No spike is no spike, whatever the filters."""
    assert nothing(CAUSES, [], NARROW, FRENCH) == "Aucun pic sur cette période."
    assert nothing(CAUSES, [{"local_date": date(2026, 11, 18)}], NARROW, FRENCH) == ""


def test_a_card_leads_with_its_place_and_its_interactions() -> None:
    """Counters come in one order, a zero is shown and what is unknown is not; a medium is named where there is one."""
    card = Card(POST, FRENCH, "Europe/Paris")
    assert (card.rank, card.media) == ("3", "photo")
    assert [(name, " ".join(value.split())) for name, value in card.counters] == [
        ("interactions", "10 748"), ("j’aime", "8 099"), ("retweet", "0"), ("réponses", "345"), ("impressions", "133 k"),
    ]  # fmt: skip
    alone = {name: value for name, value in POST.items() if name != "interaction_rank"}
    assert (Card(alone, FRENCH, "UTC").rank, Card({**POST, "media_kind": "text"}, FRENCH, "UTC").media) == ("", "")


def test_a_spike_without_a_cause_says_so_once() -> None:
    """The kind says that no cause stands out; the column of the cause is then empty."""
    row = {"local_date": date(2026, 11, 18), "cause_kind": "none", "cause": "pas de cause dominante"}
    (cells,) = table([row], language=FRENCH, zone="UTC").cells
    assert cells[1:] == ["pas de cause dominante", "–"]


def test_each_filter_can_be_taken_back_alone() -> None:
    """What narrows the page is listed with the address without it, the others kept."""
    frame = replace(FRAME, filters=replace(NARROW, kinds=("reply",), has_exclusions=False))
    assert frame.removable("/audience") == [
        ("réponses", "/audience?lang=fr&exclusions=off"),
        ("français", "/audience?kind=reply&exclusions=off"),
        ("exclusions comprises", "/audience?kind=reply&lang=fr"),
    ]
    assert FRAME.removable("/") == []
    least = replace(FRAME, filters=replace(FRAME.filters, least=1))
    assert [" ".join(said.split()) for said, _ in least.removable("/")] == ["au moins 1 interaction"]


def panel(page: str, name: str) -> Panel:
    found = next(one for one in PAGES if one.path == page)
    compared = replace(CONTEXT, filters=replace(CONTEXT.filters, base=CONTEXT.filters.span.before(7)))
    return next(one for one in found.panels(compared) if one.name == name)


def test_a_figure_says_what_it_stands_on() -> None:
    """A share its measured posts, a comparison its days, a scale of colours the hour beyond it; what is whole needs no word."""
    acquired = [{"breakdown": "ensemble", "measured_tweet_count": 318, "tweet_count": 5423}]
    growth = [{"measure": "tweet_count", "day_count": 13, "period_day_count": 28}]
    hours = [
        {"local_weekday": day, "local_hour": hour, "mean_tweet_count": 2326.6 if (day, hour) == (6, 20) else 30.0}
        for day in range(1, 8)
        for hour in range(24)
    ]
    assert [" ".join(one.split()) for one in (
        panel("audience", "acquired").told(acquired), panel("", "growth").told(growth), panel("audience", "rhythm").told(hours),
    )] == [
        "Mesurée sur 318 des 5 423 publications de la période, celles qui ont été lues de part et d’autre de ces deux âges ; "
        "leur nombre suit chaque nom.",
        "Pour les publications, c’est 13 jours sur 28 : le total y est plus petit que celui de la période entière.",
        "Un point marque ce qui dépasse l’échelle des couleurs : jusqu’à 2 327, le samedi à 20 h.",
    ]  # fmt: skip
    assert panel("", "growth").told([{"measure": "tweet_count", "day_count": 28, "period_day_count": 28}]) == ""
    assert panel("audience", "rhythm").told([{**row, "mean_tweet_count": 30.0} for row in hours]) == ""
