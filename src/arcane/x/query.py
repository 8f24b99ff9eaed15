"""Tracker → what X's search is asked. Pure."""

from __future__ import annotations

from hashlib import blake2b

from arcane.errors import QueryError


def query(*, hashtag: str | None, query: str | None, max_chars: int) -> str:
    """``#hashtag``, or the query as its author wrote it.

    Retweets need no exclusion: X's search has not returned them since 2026-05-04.

    Raises: QueryError if it is longer than X takes.
    Source: docs/x-api-facts.md#operators
    """
    text = f"#{hashtag}" if hashtag is not None else (query or "").strip()
    if len(text) > max_chars:
        raise QueryError(
            f"the query {text[:40]!r}… has {len(text)} characters and X takes {max_chars}: "
            "shorten it, split it over two trackers, or raise x.query_max_chars if your plan takes more"
        )
    return text


def query_hash(query: str) -> str:
    """16 hex digits: a changed query opens new coverage."""
    return blake2b(query.encode(), digest_size=8).hexdigest()
