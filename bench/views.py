"""How long every view takes on many made-up tweets, for one tracker and 30 days.

    .venv/bin/python bench/views.py                              1,000,000 tweets
    .venv/bin/python bench/views.py --tweets 10000000 --keep /tmp/many.duckdb   and keeps the file for the next time

The tweets are written by SQL straight into the tables: a year of two trackers (the first has two thirds), 4 readings a
tweet, 1 author for 20 tweets, texts of 12 words out of 20,000 (the frequent ones as frequent as in a language), up to 3
hashtags, links, mentions, videos. Every hour was counted and read. Then the views are made and filled, which is timed
as one run would do it, and so is a run that touches the last 30 days. Each view is asked three times for the larger
tracker's last 30 days on the published copy, all rows fetched; the median is printed, the slowest first.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from arcane.views import View, views
from arcane.warehouse.duckdb import DuckDBReader, DuckDBWarehouse

NOW: Final = datetime(2026, 11, 20, 6, tzinfo=UTC)
DAYS: Final = 365
CHUNK: Final = 1_000_000
LAST: Final = NOW.date() - timedelta(days=1)
FIRST: Final = LAST - timedelta(days=29)
ASKS: Final[dict[str, object]] = {
    "tracker_name": "arcane",
    "first_date": FIRST,
    "last_date": LAST,
    "base_first_date": FIRST - timedelta(days=35),
    "base_last_date": LAST - timedelta(days=35),
}
# For one tracker and 30 days, where the view has neither as a column.
WHERE: Final = {
    "engagement_gained_by_day": "tracker = @tracker_name and reading_date between @first_date and @last_date"
}

MADE: Final = """\
create or replace temp table made as
select
    i,
    cast(2000000000000000000 + i as varchar) as tweet_id,
    timestamptz '2025-11-20 00:00:00+00' + to_milliseconds(cast(i as bigint) * $step_ms) as created_at,
    hash(i) % 1000000 as a,
    hash(i + 1000000007) % 1000000 as b,
    hash(i * 31 + 7) % 1000000 as c
from range($first, $last) as t(i)"""

TWEETS: Final = """\
insert into tweets by name
select
    tweet_id,
    list_aggregate(
        list_transform(
            range(12),
            lambda x: 'mot' || cast(cast(pow(20000, (hash(i * 12 + x) % 100000) / 100000.0) as bigint) as varchar)
        ),
        'string_agg', ' '
    ) || ' #Arcane' as text,
    true as is_text_complete,
    case when a % 10 < 6 then 'original' when a % 10 < 9 then 'reply' else 'quote' end as kind,
    case when b % 10 < 6 then 'fr' when b % 10 < 9 then 'en' else 'ja' end as lang,
    created_at,
    cast(created_at at time zone 'Europe/Paris' as date) as local_date,
    extract(hour from created_at at time zone 'Europe/Paris') as local_hour,
    extract(isodow from created_at at time zone 'Europe/Paris') as local_weekday,
    cast(cast(pow($authors, c / 1000000.0) as bigint) as varchar) as author_id,
    tweet_id as conversation_id,
    case when a % 10 = 9 then cast(2000000000000000000 + i // 1000 as varchar) end as quoted_tweet_id,
    tweet_id as root_tweet_id,
    true as is_current,
    list_distinct(
        ['arcane', 'tag' || cast(cast(pow(5000, b / 1000000.0) as bigint) as varchar), 'tag' || (c % 50)]
    ) as hashtags,
    case when a % 3 = 0 then ['compte' || (c % 20000)] else [] end as mentions,
    case when b % 4 = 0 then ['site' || (c % 3000) || '.fr'] else [] end as domains,
    case
        when c % 10 = 0 then 'video' when c % 10 < 4 then 'photo' when b % 4 = 0 then 'link' else 'text'
    end as media_kind,
    a % 40 as like_count,
    b % 9 as retweet_count,
    c % 5 as reply_count,
    a % 3 as quote_count,
    b % 4 as bookmark_count,
    100 + a % 5000 as impression_count,
    'https://x.com/i/status/' || tweet_id as url,
    created_at + interval 15 day as metrics_observed_at,
    created_at + interval 15 day as content_observed_at,
    'p' as metrics_page,
    'p' as content_page,
    created_at + interval 1 hour as first_seen_at
from made"""

OTHERS: Final = (
    """\
insert into tracker_tweets
select if(a % 3 < 2, 'arcane', 'marque'), tweet_id, created_at, created_at + interval 1 hour from made""",
    """\
insert into tweet_snapshots by name
select
    tweet_id,
    date_trunc('hour', created_at + to_hours(cast(age as bigint))) as hour_at,
    created_at + to_hours(cast(age as bigint)) as observed_at,
    cast(age as double) as age_hours,
    (a % 40) * age // 360 as like_count,
    (b % 9) * age // 360 as retweet_count,
    (c % 5) * age // 360 as reply_count,
    (a % 3) * age // 360 as quote_count,
    b % 4 as bookmark_count,
    100 + a % 5000 as impression_count,
    'p' as page
from made cross join unnest([1, 30, 174, 360]) as ages(age)""",
    """\
insert into tweet_media select tweet_id, '13_' || (i // 20), created_at from made where c % 10 = 0""",
    """\
insert into media by name
select distinct '13_' || (i // 20) as media_key, 'video' as kind, 30.0 as duration_s, 1000 + i // 20 as view_count,
    timestamptz '2026-11-20 00:00:00+00' as observed_at, 'p' as page
from made where c % 10 = 0""",
)

ONCE: Final = (
    """\
insert into authors by name
select distinct author_id, 'compte' || author_id as username, 'Compte ' || author_id as name,
    hash(author_id) % 100000 as followers_count, 'none' as verified_type,
    timestamptz '2026-11-20 00:00:00+00' as observed_at, 'p' as page
from tweets""",
    "insert into trackers values ('arcane', 'q', '#Arcane', $start), ('marque', 'q', '#Marque', $start)",
    """\
insert into hours by name
select tracker, 'q' as query_hash, date_trunc('hour', created_at) as hour_at, count(*) as expected_count,
    count(*) as seen_count, 'complete' as status, $start as judged_at, 'r' as run_id
from tracker_tweets group by tracker, hour_at""",
    "insert into coverage values ('arcane', 'q', $start, $now), ('marque', 'q', $start, $now)",
)


def build(path: Path, *, tweet_count: int) -> None:
    """The tables, without views."""
    with closing(opened(path)) as warehouse:
        warehouse.migrate()
        step_ms = int(DAYS * 86_400_000 / tweet_count)
        for first in range(0, tweet_count, CHUNK):
            last = min(first + CHUNK, tweet_count)
            warehouse._run(MADE, first=first, last=last, step_ms=step_ms)
            warehouse._run(TWEETS, authors=float(max(tweet_count // 20, 2)))
            for sql in OTHERS:
                warehouse._run(sql)
            print(f"  {last:,} tweets", flush=True)
        times = {"start": NOW - timedelta(days=DAYS), "now": NOW}
        for sql in ONCE:
            warehouse._run(sql, **{name: value for name, value in times.items() if f"${name}" in sql})
        warehouse._run("checkpoint")


def opened(path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(path, time_zone="Europe/Paris", memory_limit="6GB")


def question(one: View) -> str:
    """For one tracker and 30 days, where it has them."""
    if one.parameters:
        return f"select * from {one.call}"
    conditions = [WHERE[one.name]] if one.name in WHERE else []
    if not conditions and "tracker" in one.column_names:
        conditions.append("tracker = @tracker_name")
    if not conditions or "local_date" in one.column_names:
        conditions += ["local_date between @first_date and @last_date"] if "local_date" in one.column_names else []
    return f"select * from {one.name}" + (f" where {' and '.join(conditions)}" if conditions else "")


def timed(reader: DuckDBReader, one: View) -> tuple[float, int]:
    """Median seconds of three, after one that warms up; rows."""
    sql = question(one)
    parameters = {name: value for name, value in ASKS.items() if f"@{name}" in sql}
    seconds = []
    for _ in range(4):
        begun = time.perf_counter()
        rows = reader.query(sql, parameters or None).rows
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:]), len(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tweets", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="Make the tables here once, and use them again.")
    parser.add_argument("--only", nargs="*", default=(), help="Ask these views alone.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "arcane.duckdb"
        if not path.exists():
            begun = time.perf_counter()
            build(path, tweet_count=asked.tweets)
            print(f"tables made in {time.perf_counter() - begun:.0f} s, {path.stat().st_size / 1e9:.2f} GB")
        report(path, only=asked.only)


def report(path: Path, *, only: list[str]) -> None:
    known = views()
    with closing(opened(path)) as warehouse:
        warehouse.migrate()
        warehouse.acquire("bench", now=NOW)
        begun = time.perf_counter()
        warehouse.show(known, now=NOW)
        print(f"views made and filled in {time.perf_counter() - begun:.1f} s")
        warehouse._run("insert into stale_days select unnest(range($first, $last, interval 1 day))::date", **span())
        begun = time.perf_counter()
        warehouse.keep(known, now=NOW)
        print(f"the last 30 days filled anew in {time.perf_counter() - begun:.1f} s")
        warehouse.publish()
    with closing(DuckDBReader(path, memory_limit="4GB")) as reader:
        found = [(*timed(reader, one), one.name) for one in known if not only or one.name in only]
    print("\n| view | seconds | rows |\n|---|---|---|")
    for seconds, row_count, name in sorted(found, reverse=True):
        print(f"| {name} | {seconds:.3f} | {row_count:,} |")


def span() -> dict[str, date]:
    return {"first": FIRST, "last": LAST + timedelta(days=1)}


if __name__ == "__main__":
    main()
