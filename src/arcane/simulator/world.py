"""The made-up world: a pure function of seed, end, span and size, kept as columns.

Distributions and rhythm follow recorded pages: half of the tweets are originals, a third replies, the rest
quotes; half have no like at all and a few have most of them; the hours are those of an English-speaking week
about the series; 18 % carry media; counters approach their final value as the tweet ages (growth.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from arcane.simulator.growth import Growth

EPOCH_MS: Final = 1_288_834_974_657
NEVER: Final = np.iinfo(np.int64).max
KINDS: Final = ("original", "reply", "quote")
LANGS: Final = ("fr", "en", "und", "qme", "it", "es", "ar", "qht")
_LANG_SHARE: Final = (0.55, 0.35, 0.03, 0.02, 0.02, 0.02, 0.005, 0.005)
NO_MEDIA, PHOTO, VIDEO, GIF, PHOTOS, MIXED = range(6)
_MEDIA_SHARE: Final = (0.82, 0.104, 0.025, 0.018, 0.026, 0.007)
# Share of the day by UTC hour, percent: #Arcane, December 2021.
_HOURS: Final = (
    4.5, 4.6, 4.0, 4.5, 3.7, 3.6, 3.2, 3.1, 2.6, 2.7, 2.8, 2.9, 3.6, 4.1, 4.5, 4.5, 5.2,
    5.1, 5.0, 5.1, 5.4, 5.5, 5.2, 4.5,
)  # fmt: skip
_DAY_MS: Final = 86_400_000
_X_ORDER: Final = [1, 2, 0, 3, 4, 5]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Burst:
    """So many more tweets, all #Arcane, within the hour that begins at ``start_at``; with ``tag`` (a number of
    ``phrases.TAGS``) most of them carry that hashtag, too."""

    start_at: datetime
    tweet_count: int
    tag: int | None = None


@dataclass(frozen=True, slots=True)
class World:
    """One entry a tweet in every column, oldest first. Times in milliseconds since 1970."""

    seed: int
    ids: Ints
    made_ms: Ints
    indexed_ms: Ints  # when search begins to give it; counts have it at once
    superseded_ms: Ints  # when search stops giving it for a newer version
    deleted_ms: Ints
    author: npt.NDArray[np.int32]
    lang: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.uint8]
    has_arcane: npt.NDArray[np.bool_]
    tags: Ints  # one bit a co-hashtag
    words: Ints  # bits that choose the sentence
    media: npt.NDArray[np.uint8]
    video: npt.NDArray[np.int32]
    finals: npt.NDArray[np.float32]  # likes, reposts, replies, quotes, bookmarks, impressions
    reference: npt.NDArray[np.int32]  # the tweet answered or quoted; -1: none
    first_version: npt.NDArray[np.int32]  # itself, unless it is an edit
    withheld: npt.NDArray[np.bool_]  # counted by X, never given by its search
    growth: Growth
    followers: Ints  # one entry an author
    protected_ms: Ints  # from (row 0) until (row 1), one column an author
    suspended_ms: Ints
    deactivated_ms: Ints
    video_views: npt.NDArray[np.float32]  # one entry a video
    video_ms: Ints
    video_made_ms: Ints  # with the first tweet that shows it
    video_growth: Growth

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def generate(
        cls,
        *,
        seed: int,
        end: datetime,
        days: float,
        tweet_count: int,
        burst: Burst | None = None,
        withheld_rate: float = 0.01,
        deleted_rate: float = 0.02,
        edited_rate: float = 0.01,
        late_rate: float = 0.0,
        shrinking_rate: float = 0.0,
        protected_rate: float = 0.0,
        suspended_rate: float = 0.0,
        deactivated_rate: float = 0.0,
        released_rate: float = 0.5,
    ) -> World:
        """``tweet_count`` tweets over ``days`` up to ``end``; those of ``burst`` come on top.

        Shares of the tweets: ``withheld_rate``, ``deleted_rate``, ``edited_rate``, ``late_rate`` (search knows them
        minutes or hours late), ``shrinking_rate`` (of their counts a little is taken back). Shares of the authors:
        ``protected_rate``, ``suspended_rate``, ``deactivated_rate``, and of these ``released_rate`` come back.
        """
        random = np.random.default_rng(seed)
        made = _moments(random, end=end, days=days, count=tweet_count)
        in_burst = np.zeros(len(made), dtype=bool)
        if burst is not None:
            start_ms = int(burst.start_at.timestamp() * 1000)
            extra = start_ms + random.integers(0, 3_600_000, burst.tweet_count)
            made, in_burst = np.concatenate([made, extra]), np.concatenate([in_burst, np.ones(len(extra), dtype=bool)])
        order = np.argsort(made, kind="stable")
        made, in_burst = made[order], in_burst[order]
        n = len(made)
        ids = ((made - EPOCH_MS) << 22) + _sequence(made)
        author_count = max(n * 7 // 10, 1)
        video_count = max(n // 45, 1)
        kind = random.choice(3, n, p=(0.5, 0.335, 0.165)).astype(np.uint8)
        before = np.maximum(np.arange(n), 1)
        reference = np.where((kind > 0) & (np.arange(n) > 0), random.integers(0, before), -1).astype(np.int32)
        first_version, superseded = _edits(random, made, edited_rate)
        delay = random.exponential(86_400_000, n).astype(np.int64)
        # Whoever deletes one version deletes all: the first one's fate is everyone's.
        deleted = np.where(random.random(n) < deleted_rate, made + 1_800_000 + delay, NEVER)[first_version]
        media = random.choice(6, n, p=_MEDIA_SHARE).astype(np.uint8)
        video_ms = np.maximum(1000, random.lognormal(10.2, 0.9, video_count)).astype(np.int64)
        author = (author_count * random.power(0.8, n)).astype(np.int32)[first_version]
        lang = random.choice(len(LANGS), n, p=_LANG_SHARE).astype(np.uint8)[first_version]
        has_arcane = (in_burst | (random.random(n) < 0.9))[first_version]
        tags = _tags(random, n)
        if burst is not None and burst.tag is not None:
            tags[in_burst & (np.arange(n) % 5 > 0)] |= 1 << burst.tag
        tags = tags[first_version]
        words = random.integers(0, 1 << 62, n)
        video = random.integers(0, video_count, n).astype(np.int32)[first_version]
        finals = _finals(random, n)
        withheld = random.random(n) < withheld_rate
        followers = np.minimum(random.lognormal(6.8, 2.0, author_count), 2e7).astype(np.int64)
        video_views = np.minimum(random.lognormal(7.5, 3.0, video_count), 2e6).astype(np.float32)
        # What came to the world later is drawn apart, so that a seed keeps the tweets that it always had.
        late, pace, video_pace, *of_authors = (np.random.default_rng((seed, number)) for number in range(1, 7))
        protected, suspended, deactivated = (
            _spans(apart, author_count, rate=rate, released_rate=released_rate, start_ms=int(made[0]), end=end)
            for apart, rate in zip(of_authors, (protected_rate, suspended_rate, deactivated_rate), strict=True)
        )
        return cls(
            seed=seed,
            ids=ids,
            made_ms=made,
            indexed_ms=made + _delays(late, n, late_rate),
            superseded_ms=superseded,
            deleted_ms=deleted,
            author=author,
            lang=lang,
            kind=kind[first_version],
            has_arcane=has_arcane,
            tags=tags,
            words=words,
            media=media[first_version],
            video=video,
            finals=finals,
            reference=reference[first_version],
            first_version=first_version,
            withheld=withheld,
            growth=Growth.draw(pace, finals[:, 0], shrinking_rate=shrinking_rate),
            followers=followers,
            protected_ms=protected,
            suspended_ms=suspended,
            deactivated_ms=deactivated,
            video_views=video_views,
            video_ms=video_ms,
            video_made_ms=_first_shown(made, media[first_version], video, video_count),
            video_growth=Growth.draw(video_pace, video_views),
        )

    def counters(self, indices: list[int], now_ms: int) -> Ints:
        """Reposts, replies, likes, quotes, bookmarks, impressions as X shows them now.

        They only grow, but of the tweets that shrink: what is taken back of all but impressions.
        """
        places = np.array(indices)
        age_s = np.maximum(now_ms - self.made_ms[places], 0) / 1000
        counts = self.finals[places][:, _X_ORDER] * self.growth.share(places, age_s)[:, None]
        if self.growth.loss[places].any():
            counts[:, :5] *= self.growth.kept(places, age_s)[:, None]
        found: Ints = counts.astype(np.int64)
        return found

    def views(self, videos: list[int], now_ms: int) -> list[int]:
        """Views of videos: one number each, whatever tweet shows it."""
        places = np.array(videos)
        age_s = np.maximum(now_ms - self.video_made_ms[places], 0) / 1000
        found: list[int] = (self.video_views[places] * self.video_growth.share(places, age_s)).astype(np.int64).tolist()
        return found

    def index(self, identity: str) -> int | None:
        """Where the tweet of an id is."""
        place = int(np.searchsorted(self.ids, int(identity)))
        return place if place < len(self) and int(self.ids[place]) == int(identity) else None

    def versions(self, index: int) -> list[int]:
        """Every version of an edited tweet, oldest first."""
        root = int(self.first_version[index])
        if root == index and (root + 1 >= len(self) or not (self.first_version[root + 1 : root + 400] == root).any()):
            return [index]
        window = np.flatnonzero(self.first_version[root : root + 400] == root) + root
        return [int(found) for found in window]

    def stats(self) -> dict[str, Any]:
        """Size, for people."""
        first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (self.made_ms[0], self.made_ms[-1]))
        return {"tweets": len(self), "authors": len(self.followers), "from": first.isoformat(), "to": last.isoformat()}


def _moments(random: np.random.Generator, *, end: datetime, days: float, count: int) -> Ints:
    """Times of posting: days alike but for chance, hours by their share."""
    start = end - timedelta(days=days)
    minutes = np.arange(int(days * 1440))
    hours = (start.hour + (start.minute + minutes) // 60) % 24
    weight = np.array(_HOURS)[hours] * random.lognormal(0, 0.25, int(days) + 2)[minutes // 1440]
    minute = random.choice(minutes, count, p=weight / weight.sum())
    return (int(start.timestamp() * 1000) + minute * 60_000 + random.integers(0, 60_000, count)).astype(np.int64)


def _sequence(made: Ints) -> Ints:
    """A number that tells tweets of the same millisecond apart."""
    is_new = np.concatenate([[True], made[1:] != made[:-1]])
    position = np.arange(len(made))
    first = np.maximum.accumulate(np.where(is_new, position, 0))
    return position - first


def _finals(random: np.random.Generator, n: int) -> npt.NDArray[np.float32]:
    """Heavy tails with many zeros; reposts, replies and impressions follow the likes."""
    likes = np.where(random.random(n) < 0.45, 0, random.lognormal(1.2, 2.1, n)).clip(0, 300_000)
    reposts = likes * random.lognormal(-1.4, 0.9, n) * (random.random(n) < 0.6)
    replies = likes * random.lognormal(-2.6, 0.9, n) + (random.random(n) < 0.2)
    quotes = likes * random.lognormal(-3.8, 0.8, n) * (random.random(n) < 0.4)
    marks = likes * random.lognormal(-2.3, 0.8, n) * (random.random(n) < 0.7)
    shown = (likes + 1) * random.lognormal(3.4, 0.9, n)
    return np.stack([likes, reposts, replies, quotes, marks, shown], axis=1).astype(np.float32)


def _tags(random: np.random.Generator, n: int) -> Ints:
    bits = np.zeros(n, dtype=np.int64)
    share = 0.35 / np.arange(1, 21) ** 0.7
    for bit in range(20):
        bits |= (random.random(n) < share[bit]).astype(np.int64) << bit
    return bits


def _edits(random: np.random.Generator, made: Ints, rate: float) -> tuple[npt.NDArray[np.int32], Ints]:
    """Some tweets are edits of one posted at most half an hour before: a new id, and the old one is superseded."""
    n = len(made)
    first = np.arange(n, dtype=np.int32)
    superseded = np.full(n, NEVER, dtype=np.int64)
    is_root = np.ones(n, dtype=bool)
    for index in np.flatnonzero(random.random(n) < rate):
        root = int(index) - int(random.integers(1, 200))
        if root < 0 or not is_root[root] or made[index] - made[root] > 1_800_000 or superseded[root] != NEVER:
            continue
        first[index], superseded[root] = root, made[index]
        is_root[index] = is_root[root] = False
    return first, superseded


def _delays(random: np.random.Generator, n: int, rate: float) -> Ints:
    """How many milliseconds search lags behind: minutes to hours for a share of the tweets."""
    found: Ints = np.where(random.random(n) < rate, random.lognormal(14.5, 1.2, n), 0).astype(np.int64)
    return found


def _spans(
    random: np.random.Generator, n: int, *, rate: float, released_rate: float, start_ms: int, end: datetime
) -> Ints:
    """From when (row 0) until when (row 1) a fate holds: it begins within the world, and some end days later."""
    begin = random.integers(start_ms, int(end.timestamp() * 1000) + 1, n)
    stop = np.where(
        random.random(n) < released_rate, begin + random.exponential(3 * _DAY_MS, n).astype(np.int64), NEVER
    )
    return np.where(random.random(n) < rate, np.stack([begin, stop]), NEVER)


def _first_shown(made: Ints, media: npt.NDArray[np.uint8], video: npt.NDArray[np.int32], video_count: int) -> Ints:
    """When the first tweet that shows a video was made."""
    found = np.full(video_count, NEVER, dtype=np.int64)
    shows = np.isin(media, (VIDEO, MIXED))
    np.minimum.at(found, video[shows], made[shows])
    return found
