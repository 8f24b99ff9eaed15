"""What becomes of tweets and their authors: withheld, protected, suspended, deactivated, deleted; and live again.

The world has drawn the fates of its own; a test may add to them. Each holds from one moment up to another.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from arcane.simulator.world import NEVER, Ints, World

# From the weakest to the strongest: of several the strongest shows.
FATES: Final = ("live", "withheld", "protected", "suspended", "deactivated", "deleted")
LIVE, WITHHELD, PROTECTED, SUSPENDED, DEACTIVATED, DELETED = range(6)
_OF_TWEETS: Final = (WITHHELD, DELETED)
_OF_AUTHORS: Final = (PROTECTED, SUSPENDED, DEACTIVATED)
Places = npt.NDArray[np.integer[Any]]
Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class Fates:
    """The fates of one world's tweets, as places in ``FATES``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._spans: dict[int, Ints] = {  # the strongest last
            WITHHELD: _from(np.where(world.withheld, 0, NEVER)),
            PROTECTED: world.protected_ms.copy(),
            SUSPENDED: world.suspended_ms.copy(),
            DEACTIVATED: world.deactivated_ms.copy(),
            DELETED: _from(world.deleted_ms),
        }
        self._look()

    def of(self, indices: Places, now_ms: int) -> Codes:
        """What these tweets are now, by their own fate or their author's."""
        found = np.zeros(len(indices), dtype=np.uint8)
        doubtful = np.flatnonzero((self._shown_until_ms[indices] <= now_ms) | self._is_passing[indices])
        if len(doubtful):
            found[doubtful] = self._looked_up(indices[doubtful], now_ms)
        return found

    def of_author(self, author: int, now_ms: int) -> int:
        """What an author is now."""
        found = LIVE
        for fate in _OF_AUTHORS:
            from_ms, until_ms = self._spans[fate][:, author].tolist()
            if from_ms <= now_ms < until_ms:
                found = fate
        return found

    def began_ms(self, fate: int, place: int) -> int:
        """Since when: ``place`` is the tweet's index, or the author's number for a fate of authors."""
        return int(self._spans[fate][0, place])

    def is_shown(self, indices: Places, now_ms: int) -> Mask:
        """Does search give these tweets now?"""
        found: Mask = self._shown_until_ms[indices] > now_ms
        doubtful = np.flatnonzero(self._is_passing[indices])
        if len(doubtful):
            some = indices[doubtful]
            is_there = (self._world.indexed_ms[some] <= now_ms) & (self._world.superseded_ms[some] > now_ms)
            found[doubtful] = is_there & (self._looked_up(some, now_ms) == LIVE)
        return found

    def is_counted(self, indices: Places, now_ms: int) -> Mask:
        """Do counts have these tweets now? They have the withheld ones, and those that search does not know yet."""
        fates = self.of(indices, now_ms)
        found: Mask = (fates <= WITHHELD) & (self._world.superseded_ms[indices] > now_ms)
        return found

    def set(self, fate: str, now_ms: int, *, index: int | None = None, author: int | None = None) -> None:
        """From now on a tweet with all its versions, or an author, has this fate; live ends every other one.

        Raises: ValueError for a fate that a tweet, or an author, cannot have.
        """
        known = _OF_TWEETS if index is not None else _OF_AUTHORS
        code = FATES.index(fate) if fate in FATES else -1
        code = DEACTIVATED if code == DELETED and author is not None else code
        if code not in (LIVE, *known):
            names = ", ".join(FATES[one] for one in (LIVE, *known))
            raise ValueError(f"{'a tweet' if author is None else 'an author'} can be {names}; not {fate}")
        places = [author] if author is not None else self._world.versions(int(self._world.first_version[index]))
        if code == LIVE:
            for one in known:
                spans = self._spans[one]
                spans[1, places] = np.minimum(spans[1, places], now_ms)
        else:
            self._spans[code][:, places] = [[now_ms], [NEVER]]
        self._look()

    def _looked_up(self, indices: Places, now_ms: int) -> Codes:
        """Fates of tweets to which something has happened: a few of each page, and only these are looked at."""
        author = self._world.author[indices]
        found = np.zeros(len(indices), dtype=np.uint8)
        for fate in self._known:
            from_ms, until_ms = self._spans[fate][:, indices if fate in _OF_TWEETS else author]
            found[(from_ms <= now_ms) & (now_ms < until_ms)] = fate
        return found

    def _look(self) -> None:
        """Note of each tweet when search stops giving it for good, and whether it is hidden only for a while."""
        world = self._world
        self._known = [fate for fate, spans in self._spans.items() if (spans[0] < NEVER).any()]
        self._shown_until_ms = world.superseded_ms
        self._is_passing = world.indexed_ms > world.made_ms
        for fate in self._known:
            spans = self._spans[fate]
            from_ms, until_ms = spans if fate in _OF_TWEETS else spans[:, world.author]
            lasting_ms = np.where(until_ms == NEVER, from_ms, NEVER)
            self._shown_until_ms = np.minimum(self._shown_until_ms, lasting_ms)
            self._is_passing = self._is_passing | (until_ms < NEVER)


def _from(moments: Any) -> Ints:
    """Spans that begin at these moments and never end."""
    return np.stack([moments, np.full(len(moments), NEVER)])
