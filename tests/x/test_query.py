"""What X's search is asked for a tracker."""

from __future__ import annotations

import pytest

from arcane.errors import QueryError
from arcane.x.query import query, query_hash


@pytest.mark.parametrize(
    ("hashtag", "text", "expected"),
    [("Arcane", None, "#Arcane"), ("Été2026", None, "#Été2026"), (None, " #Arcane lang:fr ", "#Arcane lang:fr")],
)
def test_a_tracker_is_asked_as_it_is_written(hashtag: str | None, text: str | None, expected: str) -> None:
    """A hashtag gets its sign; a query stays as its author wrote it."""
    assert query(hashtag=hashtag, query=text, max_chars=512) == expected


def test_the_longest_query_passes() -> None:
    """The limit itself is allowed, and the sign of the hashtag counts."""
    assert query(hashtag="a" * 511, query=None, max_chars=512) == "#" + "a" * 511


def test_a_query_over_the_limit_is_refused_with_both_figures() -> None:
    """One character more is refused before X is asked."""
    with pytest.raises(QueryError) as refused:
        query(hashtag=None, query="b" * 513, max_chars=512)
    assert str(refused.value) == (
        f"the query '{'b' * 40}'… has 513 characters and X takes 512: "
        "shorten it, split it over two trackers, or raise x.query_max_chars if your plan takes more"
    )


def test_a_hash_is_16_stable_digits_that_tell_queries_apart() -> None:
    """The same query has the same hash for ever, since it is stored."""
    assert (query_hash("#Arcane"), query_hash("#arcane")) == ("4f8791c1bd19e1cc", "6a14f5e9637f4f2f")
