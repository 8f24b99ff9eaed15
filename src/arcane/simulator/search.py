"""X's query language over the world: hashtags, operators, AND, OR, minus, brackets."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from arcane.simulator import phrases
from arcane.simulator.render import Renderer
from arcane.simulator.world import GIF, KINDS, LANGS, MIXED, NO_MEDIA, PHOTO, PHOTOS, VIDEO, World

Mask = npt.NDArray[np.bool_]
_TOKEN: Final = re.compile(r'\s*(-?\(|\)|-?"[^"]*"|-?[^\s()]+)')
_COMPANIONS: Final = ("is:", "has:", "lang:")  # operators that X does not take alone
_MEDIA: Final = {
    "media": (PHOTO, VIDEO, GIF, PHOTOS, MIXED),
    "images": (PHOTO, PHOTOS, MIXED),
    "video_link": (VIDEO, MIXED),
    "videos": (VIDEO, MIXED),
}


class QueryProblem(ValueError):
    """The query means nothing; the text is X's message."""


class Matcher:
    """Which tweets a query matches, for one world."""

    def __init__(self, world: World, renderer: Renderer) -> None:
        self._world = world
        self._renderer = renderer
        self._known: dict[str, npt.NDArray[np.int64]] = {}

    def matches(self, query: str) -> npt.NDArray[np.int64]:
        """Indices, oldest first. Raises: QueryProblem."""
        found = self._known.get(query)
        if found is None:
            tokens = [match[1] for match in _TOKEN.finditer(query)]
            if not any(_is_standalone(token) for token in tokens):
                raise QueryProblem(
                    "There were errors processing your request: "
                    "Rules must contain at least one positive, non-stopword clause"
                )
            mask, rest = self._either(tokens)
            if rest:
                raise QueryProblem(
                    f"There were errors processing your request: no viable alternative at input '{rest[0]}'"
                )
            found = self._known[query] = np.flatnonzero(mask)
        return found

    def _either(self, tokens: list[str]) -> tuple[Mask, list[str]]:
        mask, rest = self._both(tokens)
        while rest and rest[0] == "OR":
            other, rest = self._both(rest[1:])
            mask = mask | other
        return mask, rest

    def _both(self, tokens: list[str]) -> tuple[Mask, list[str]]:
        mask: Mask | None = None
        while tokens and tokens[0] not in {"OR", ")"}:
            if tokens[0] in {"(", "-("}:
                is_negated = tokens[0] == "-("
                part, tokens = self._either(tokens[1:])
                if not tokens:
                    raise QueryProblem("There were errors processing your request: missing ')' at '<EOF>'")
                part, tokens = ~part if is_negated else part, tokens[1:]
            else:
                part, tokens = self._term(tokens[0]), tokens[1:]
            mask = part if mask is None else mask & part
        if mask is None:
            raise QueryProblem("There were errors processing your request: a query, or a part of it, is empty")
        return mask, tokens

    def _term(self, token: str) -> Mask:
        if token.startswith("-") and len(token) > 1:
            return ~self._term(token[1:])
        if token.startswith("#"):
            return self._hashtag(token[1:].casefold())
        name, colon, value = token.partition(":")
        if colon:
            return self._operator(name, value)
        return self._word(token.strip('"').casefold())

    def _hashtag(self, tag: str) -> Mask:
        if tag == "arcane":
            return self._world.has_arcane
        bits = [bit for bit, name in enumerate(phrases.TAGS) if name.casefold() == tag]
        found = (self._world.tags >> bits[0] & 1).astype(bool) if bits else np.zeros(len(self._world), dtype=bool)
        if tag == "netflix":
            found = found | (~self._world.has_arcane & (self._world.tags == 0))
        return found

    def _operator(self, name: str, value: str) -> Mask:
        world = self._world
        if name == "lang":
            return self._mask(world.lang == (LANGS.index(value) if value in LANGS else 255))
        if name == "is" and value in {"retweet", "reply", "quote", "nullcast", "verified"}:
            return self._mask(world.kind == (KINDS.index(value) if value in KINDS else 255))
        if name == "has" and value in _MEDIA:
            return np.isin(world.media, _MEDIA[value])
        if name == "has" and value == "hashtags":
            return np.ones(len(world), dtype=bool)
        if name == "has" and value == "links":
            return self._mask((world.media != NO_MEDIA) | (world.words >> 34 & 15 == 0))
        if name == "has" and value == "mentions":
            return self._mask((world.kind == KINDS.index("reply")) & (world.reference >= 0))
        if name == "has" and value == "geo":
            return np.zeros(len(world), dtype=bool)
        if name == "from":
            return self._from(value)
        raise QueryProblem(f"There were errors processing your request: Reference to invalid operator '{name}'")

    def _from(self, value: str) -> Mask:
        if value.isdecimal():
            return self._mask(self._world.author == int(value) - 100_000)
        digits = re.search(r"\d+$", value)
        return self._mask(self._world.author == (int(digits[0]) if digits else -1))

    @staticmethod
    def _mask(found: npt.ArrayLike) -> Mask:
        return np.asarray(found, dtype=bool)

    def _word(self, word: str) -> Mask:
        """Whole words only. Slow: renders every text. Words are for small worlds."""
        whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        texts = (self._renderer.tweet_text(index) for index in range(len(self._world)))
        return np.fromiter((whole.search(text) is not None for text in texts), dtype=bool, count=len(self._world))


def _is_standalone(token: str) -> bool:
    """May this stand in a query without company?"""
    return token not in {"(", "-(", ")", "OR"} and not token.startswith("-") and not token.startswith(_COMPANIONS)
