"""What reading will cost: from the books and the tables, before X is asked. Pure but for the reader.

Two figures each: what it is likely to cost, as the last days went, and the most it can cost by the prices in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from arcane.warehouse.interface import Reader
from arcane.x.prices import Prices, utc_date

_LATELY: Final = timedelta(days=7)
_MONTH_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars; ``post_count`` is how many posts are likely to be billed for it."""

    what: str
    post_count: int
    likely_usd: float
    most_usd: float


@dataclass(frozen=True, slots=True)
class Lately:
    """How the last seven days went, as the tables tell.

    ``tweets_a_day``: that trackers met; ``posts_a_tweet`` and ``users_a_tweet``: billed along with each, its own not
    included; ``refreshes_a_tweet``: readings that a tweet got after its first, in proportion; None while no tweet is
    as old as the schedule is long.
    """

    tweets_a_day: float
    posts_a_tweet: float
    users_a_tweet: float
    refreshes_a_tweet: float | None


def lately(reader: Reader, *, now: datetime, schedule_h: int) -> Lately | None:
    """``schedule_h``: age in hours of a tweet's last reading. None if nothing was collected in the last seven days.

    Raises: SqlError.
    """
    since = now - _LATELY
    ((tweets, first_at),) = reader.query(_TWEETS, {"since": since}).rows
    ((posts, users),) = reader.query(_READS, {"since": utc_date(since)}).rows
    ((readings, oldest_at),) = reader.query(_READINGS, {"since": since}).rows
    is_measured = isinstance(oldest_at, datetime) and oldest_at <= since - timedelta(hours=schedule_h)
    if not isinstance(tweets, int) or not tweets or not isinstance(first_at, datetime):
        return None
    days = max((now - first_at) / timedelta(days=1), 1 / 24)
    own = tweets + _whole(readings)
    return Lately(
        tweets_a_day=tweets / days,
        posts_a_tweet=max(_whole(posts) - own, 0) / tweets,
        users_a_tweet=_whole(users) / tweets,
        refreshes_a_tweet=_whole(readings) / tweets if is_measured else None,
    )


def missing(reader: Reader, seen: Lately, *, now: datetime) -> float:
    """Tweets that the next run is likely to find: X's counts of hours not read, and as many a day since then.

    Raises: SqlError.
    """
    ((count, judged_at),) = reader.query(_UNREAD, {"since": now - _LATELY}).rows
    since = now - judged_at - timedelta(hours=1) if isinstance(judged_at, datetime) else _LATELY
    return _whole(count) + seen.tweets_a_day * max(min(since, _LATELY), timedelta()) / timedelta(days=1)


def reading(what: str, tweet_count: float, *, prices: Prices, seen: Lately | None) -> Cost:
    """Searching for so many tweets, each for the first time."""
    most_usd = tweet_count * prices.worst_tweet_usd
    if seen is None:
        return Cost(what, round(tweet_count), tweet_count * prices.post_usd, most_usd)
    posts = tweet_count * (1 + seen.posts_a_tweet)
    likely_usd = posts * prices.post_usd + tweet_count * seen.users_a_tweet * prices.user_usd
    return Cost(what, round(posts), min(likely_usd, most_usd), most_usd)


def refreshing(what: str, reading_count: float, *, prices: Prices) -> Cost:
    """Looking so many tweets up by id."""
    most_usd = reading_count * prices.worst_lookup_usd
    return Cost(what, round(reading_count), reading_count * prices.post_usd, most_usd)


def together(what: str, costs: Sequence[Cost], *, times: float = 1) -> Cost:
    """The sum, so many times over."""
    return Cost(
        what,
        round(sum(cost.post_count for cost in costs) * times),
        sum(cost.likely_usd for cost in costs) * times,
        sum(cost.most_usd for cost in costs) * times,
    )


def forecast(
    *, seen: Lately, missing_count: float, due_count: int, ages: int, trackers: int, prices: Prices
) -> list[Cost]:
    """The next run, a day and a month of daily runs, if X goes on as in the last seven days.

    ``missing_count``: tweets of the time that no run has covered yet; ``ages``: readings that the schedule plans for a
    tweet.
    """
    counts_usd = trackers * prices.counts_recent_usd
    counts = Cost("counts", 0, counts_usd, counts_usd)
    new = reading("new tweets", missing_count, prices=prices, seen=seen)
    due = refreshing("due tweets", due_count, prices=prices)
    a_day = reading("new tweets", seen.tweets_a_day, prices=prices, seen=seen)
    refreshes = ages if seen.refreshes_a_tweet is None else seen.refreshes_a_tweet
    again = refreshing("refreshed tweets", seen.tweets_a_day * refreshes, prices=prices)
    at_most = refreshing("refreshed tweets", seen.tweets_a_day * ages, prices=prices)
    again = Cost(again.what, again.post_count, again.likely_usd, at_most.most_usd)
    return [
        together("the next run", [counts, new, due]),
        together("a day", [counts, a_day, again]),
        together("a month", [counts, a_day, again], times=_MONTH_DAYS),
    ]


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


_TWEETS = """\
select count(distinct tweet_id) as tweet_count, min(created_at) as first_at
from tracker_tweets
where created_at >= @since"""
_UNREAD = """\
select sum(case when status = 'gap' then expected_count end) as tweet_count, max(hour_at) as judged_at
from hours
where hour_at >= @since and status != 'counted'"""
_READS = """\
select countif(kind = 'post') as post_count, countif(kind = 'user') as user_count
from reads
where utc_date >= @since"""
_READINGS = """\
select
    countif(tweet_snapshots.hour_at >= @since and tweet_snapshots.observed_at > tweets.first_seen_at) as reading_count,
    min(tweet_snapshots.hour_at) as oldest_at,
from tweet_snapshots
inner join tweets on tweets.tweet_id = tweet_snapshots.tweet_id"""
