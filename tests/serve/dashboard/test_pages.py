"""What panels and cards say of their rows, before a browser sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.serve.dashboard.test_frame import FRAME

from arcane.serve.dashboard.answers import Card, table
from arcane.serve.dashboard.pages import PAGES, Context, nothing
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
