"""The SQL of a commit, written from the data contract. GoogleSQL; pure.

Every MERGE has a source that is unique by key, unqualified names in SET, named columns in INSERT, and,
where the table has one, constant bounds on the column that lets it read few rows: the portable subset that
BigQuery, DuckDB and Google's reference engine agree on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from arcane.tables import Column, Group, Merge, Table, Type


def merge(table: Table, *, target: str, source: str, bounds: tuple[str, str] | None = None) -> str:
    """Fold ``source`` (a table, or a query in parentheses, unique by key) into ``target`` by the law of its groups.

    ``bounds``: the least and the greatest value of the table's ``bound`` in ``source``, as SQL.
    """
    on = [f"t.{name} = s.{name}" for name in table.key]
    if bounds:
        on.append(f"t.{table.bound} between {bounds[0]} and {bounds[1]}")
    names = ", ".join(table.names)
    lines = [
        f"merge into {target} as t",
        f"using {source} as s",
        f"on {' and '.join(on)}",
        *_update(table),
        f"when not matched then insert ({names}) values ({', '.join(f's.{name}' for name in table.names)})",
    ]
    return "\n".join(lines)


def folded(table: Table, *, source: str, bounds: tuple[str, str] | None = None) -> str:
    """A query: the rows of ``source``, in which keys may repeat, as one row a key, by the law of the table's groups.

    ``bounds``: only rows whose ``bound`` lies between these, as SQL.
    """
    by_key = f"partition by {', '.join(table.key)}"
    windows = {
        name: f"readings_{number}"
        for number, group in enumerate(table.groups, start=1)
        for name in (*group.columns, group.observed_at, group.page)
    }
    columns = [f"    {_folded(column, table, by_key, windows)}" for column in table.columns]
    lines = ["select", ",\n".join(columns), f"from {source}"]
    lines.append(f"where {table.bound} between {bounds[0]} and {bounds[1]}" if bounds else "where true")
    lines.append(f"qualify row_number() over ({by_key}) = 1")
    if table.groups:
        ordered = [
            f"    readings_{number} as ({by_key} order by {_best_first(group)})"
            for number, group in enumerate(table.groups, start=1)
        ]
        lines += ["window", ",\n".join(ordered)]
    return "\n".join(lines)


def _folded(column: Column, table: Table, by_key: str, windows: Mapping[str, str]) -> str:
    name = column.name
    if name in table.key:
        return name
    if name in windows:
        return f"first_value({name}) over {windows[name]} as {name}"
    if column.type is Type.STRINGS:  # a fact: the same in every row that has it
        return f"first_value({name}) over ({by_key} order by {table.key[0]}) as {name}"
    return f"{'min' if column.merge is Merge.LEAST else 'max'}({name}) over ({by_key}) as {name}"


def _best_first(group: Group) -> str:
    quality = f"{group.quality} desc, " if group.quality else ""
    return f"{group.observed_at} is null, {quality}{group.observed_at} desc, {group.page} desc"


def _update(table: Table) -> list[str]:
    grouped = {name for group in table.groups for name in (group.observed_at, group.page, *group.columns)}
    settings: list[str] = []
    conditions: list[str] = []
    for column in table.columns:
        name = column.name
        if name in grouped or name in table.key:
            continue
        if column.merge is Merge.LEAST:
            better = f"(s.{name} is not null and (t.{name} is null or s.{name} < t.{name}))"
        else:
            better = f"(t.{name} is null and s.{name} is not null)"
        conditions.append(better)
        settings.append(f"{name} = case when {better} then s.{name} else t.{name} end")
    for group in table.groups:
        better = _wins(group)
        conditions.append(better)
        names = (*group.columns, group.observed_at, group.page)
        settings += [f"{name} = case when {better} then s.{name} else t.{name} end" for name in names]
    if not settings:
        return []
    return [f"when matched and ({' or '.join(conditions)}) then update set {', '.join(settings)}"]


def _wins(group: Group) -> str:
    """The source's reading of the group beats the target's: quality, then time, then page hash."""
    at, page = group.observed_at, group.page
    newer = f"(s.{at} > t.{at} or (s.{at} = t.{at} and s.{page} > t.{page}))"
    if group.quality:
        quality = group.quality
        newer = f"((s.{quality} and not t.{quality}) or (s.{quality} = t.{quality} and {newer}))"
    return f"(s.{at} is not null and (t.{at} is null or {newer}))"


def create(table: Table, *, content: str = "") -> str:
    """The table with its keys, partitions, clusters and descriptions, unless it is there; ``content`` fills it at once.

    One statement, so that of two runs that create it at the same time one does, rows included.
    """
    columns = ",\n".join(
        f"    {column.name} {column.type}{' not null' if column.name in table.key else ''}"
        f" options (description = {quoted(column.sens)})"
        for column in table.columns
    )
    lines = [f"create table if not exists {table.name} (", columns, ")"]
    if table.bound:
        lines.append(f"partition by {_partition(table)}")
    if cluster := [name for name in table.key if name != table.bound and name not in NUMBERS]:
        lines.append(f"cluster by {', '.join(cluster)}")
    lines.append(f"options (description = {quoted(table.sens)}, labels = [('app', 'arcane')])")
    if content:
        lines.append(f"as {content}")
    return "\n".join(lines)


NUMBERS: Final = ("version",)
FIRST_LEASE: Final = (
    "select 'writer' as name, cast(null as string) as holder, 0 as fence, cast(null as timestamp) as expires_at"
)


def _partition(table: Table) -> str:
    column = table.column(table.bound or "")
    truncate = "date_trunc" if column.type is Type.DATE else "timestamp_trunc"
    return f"{truncate}({column.name}, {table.span.lower()})"


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


TAKE_LEASE = """\
update leases
set holder = @holder, fence = fence + 1, expires_at = @expires_at
where name = 'writer' and (holder is null or expires_at <= @now)"""

HOLD_LEASE = """\
update leases
set expires_at = @expires_at
where name = 'writer' and holder = @holder and fence = @fence"""

# In a transaction, after HOLD_LEASE: an error here undoes all of it.
CHECK_LEASE = """\
select
    if(
        exists(select 1 from leases where name = 'writer' and holder = @holder and fence = @fence),
        true,
        error('the lease is lost')
    ) as is_held"""

READ_LEASE = "select holder, fence, expires_at from leases where name = 'writer'"

RELEASE_LEASE = """\
update leases
set holder = null
where name = 'writer' and holder = @holder and fence = @fence"""

JOIN_COVERAGE = """\
insert into coverage (tracker, query_hash, start_at, end_at)
select
    @tracker,
    @query_hash,
    least(@start_at, coalesce(min(start_at), @start_at)),
    greatest(@end_at, coalesce(max(end_at), @end_at)),
from coverage
where tracker = @tracker and query_hash = @query_hash and start_at <= @end_at and end_at >= @start_at
having count(case when start_at <= @start_at and end_at >= @end_at then 1 end) = 0"""

DROP_JOINED_COVERAGE = """\
delete from coverage as c
where
    tracker = @tracker and query_hash = @query_hash
    and exists (
        select 1 from coverage as wider
        where
            wider.tracker = c.tracker and wider.query_hash = c.query_hash
            and wider.start_at <= c.start_at and wider.end_at >= c.end_at
            and (wider.start_at < c.start_at or wider.end_at > c.end_at)
    )"""

SET_VERSION = "update schema_version set version = @version where true"

READ_VERSION = "select version, time_zone from schema_version"

READ_COVERAGE = """\
select start_at, end_at
from coverage
where tracker = @tracker and query_hash = @query_hash
order by start_at"""

FOLLOWED_SINCE = "select valid_from from trackers where name = @tracker and query_hash = @query_hash"

SPENT = """\
select utc_date, sum(usd) as usd
from (
    select utc_date, usd from reads where utc_date >= @since
    union all
    select utc_date, usd from reservations where utc_date >= @since and settled_at is null
)
group by utc_date"""

READ_ON = "select kind, id from reads where utc_date = @utc_date"

SEEN_BY_HOUR = """\
select timestamp_trunc(created_at, hour) as hour_at, count(*) as seen_count
from tracker_tweets
where tracker = @tracker and created_at >= @start_at and created_at < @end_at
group by hour_at"""

READ_HOURS = """\
select hour_at, expected_count, french_count, counted_at, seen_count, status, reread_at
from hours
where tracker = @tracker and query_hash = @query_hash and hour_at >= @start_at and hour_at < @end_at
order by hour_at"""

LAST_HOUR = (
    "select max(hour_at) from hours where tracker = @tracker and query_hash = @query_hash and status != 'counted'"
)


def due(ages_h: Sequence[int]) -> str:
    """The tweets to read again, the most valuable first.

    One is due once an age of the schedule has passed since its last reading, however many have. Unchanged over half
    a day, it waits until it is a week old (the first such age, or the last); still unchanged then, it is done
    (bench/refresh.py: a third of the error of waiting for the last age, for as many readings).
    What was read on this UTC day already costs nothing; then what a reading is likely to change counts: engagement
    grows with the logarithm of age, so its growth since the last reading is about proportional to what it is, times
    the logarithm of the ratio of the ages.
    """
    steps = " ".join(f"when read_age_h < {age} then {age}" for age in ages_h)
    week = next((age for age in ages_h if age >= _WEEK_H), ages_h[-1])
    return _DUE.format(steps=steps, week=week)


_WEEK_H: Final = 168
_DUE: Final = """\
with current_tweets as (
    select
        tweet_id,
        created_at,
        coalesce(metrics_observed_at, created_at) as read_at,
        coalesce(like_count, 0) as like_count,
        coalesce(retweet_count, 0) as retweet_count,
        coalesce(reply_count, 0) as reply_count,
        coalesce(quote_count, 0) as quote_count,
    from tweets
    where local_date >= @since and is_current and coalesce(kind, 'original') != 'retweet'
),

followed as (
    select tweet_id
    from current_tweets
    where
        @tracker = ''
        or tweet_id in (select found.tweet_id from tracker_tweets as found where found.tracker = @tracker)
),

earlier as (
    select
        snapshots.tweet_id,
        snapshots.like_count,
        snapshots.retweet_count,
        snapshots.reply_count,
        coalesce(snapshots.quote_count, 0) as quote_count,
    from tweet_snapshots as snapshots
    inner join current_tweets
        on
            current_tweets.tweet_id = snapshots.tweet_id
            and snapshots.observed_at <= timestamp_sub(current_tweets.read_at, interval 12 hour)
    where snapshots.hour_at >= @first_hour_at
    qualify row_number() over (partition by snapshots.tweet_id order by snapshots.observed_at desc) = 1
),

states as (
    select
        current_tweets.tweet_id,
        timestamp_diff(@now, current_tweets.created_at, second) / 3600 as age_h,
        timestamp_diff(current_tweets.read_at, current_tweets.created_at, second) / 3600 as read_age_h,
        current_tweets.read_at >= @today as is_free,
        1 + current_tweets.like_count + current_tweets.retweet_count
        + current_tweets.reply_count + current_tweets.quote_count as engagement,
        earlier.tweet_id is not null
        and earlier.like_count = current_tweets.like_count
        and earlier.retweet_count = current_tweets.retweet_count
        and earlier.reply_count = current_tweets.reply_count
        and earlier.quote_count = current_tweets.quote_count as is_unchanged,
    from current_tweets
    inner join followed on followed.tweet_id = current_tweets.tweet_id
    left join earlier on earlier.tweet_id = current_tweets.tweet_id
),

next_ages as (
    select
        tweet_id,
        age_h,
        read_age_h,
        is_free,
        engagement,
        case when is_unchanged then if(read_age_h < {week}, {week}, null) {steps} end as next_age_h,
    from states
)

select tweet_id
from next_ages
where next_age_h <= age_h
order by is_free desc, engagement * ln((age_h + 1) / (read_age_h + 1)) desc, tweet_id"""

STALE_AUTHORS = """\
select distinct tweets.author_id
from tweets
left join authors on authors.author_id = tweets.author_id
where
    tweets.local_date >= @since
    and tweets.author_id is not null
    and (authors.audience_observed_at is null or authors.audience_observed_at < @stale_before)
order by tweets.author_id"""

KNOWN_PAGES = "select page_hash from pages where page_hash in (select one from unnest(@hashes) as one)"

ARCHIVE_OBJECTS = "select distinct archive_object from pages"

DONE_RUNS = """\
select count(*)
from runs
where starts_with(run_id, @occurrence) and length(run_id) = length(@occurrence) + @suffix and outcome = 'complete'"""


def supersede(*, prefix: str = "", bounds: tuple[str, str] | None = None) -> str:
    """Of an edited tweet only the last version is current, whichever was read first.

    ``bounds``: only versions posted between these local days, as SQL; edits are made within half an hour.
    """
    older, newer = (
        f" and {name}.local_date between {bounds[0]} and {bounds[1]}" if bounds else "" for name in ("older", "newer")
    )
    updated = f" and local_date between {bounds[0]} and {bounds[1]}" if bounds else ""
    return _SUPERSEDE.format(tweets=f"{prefix}tweets", older=older, newer=newer, updated=updated)


_SUPERSEDE: Final = """\
update {tweets}
set is_current = false
where
    is_current{updated}
    and tweet_id in (
        select older.tweet_id
        from {tweets} as older
        inner join {tweets} as newer
            on
                newer.root_tweet_id = coalesce(older.root_tweet_id, older.tweet_id)
                and newer.tweet_id > older.tweet_id
        where newer.tweet_id != newer.root_tweet_id{older}{newer}
    )"""

TOMBSTONES_ON = """\
select kind, id, reason, named_at, named_by
from tombstones
where concat(kind, ' ', id) in (select one from unnest(@keys) as one)"""

LIFT = "delete from tombstones where concat(kind, ' ', id) in (select one from unnest(@lifted) as one)"

IS_ERASING = "select count(*) from tombstones where erased_at is null"

END_ERASURE = "update tombstones set erased_at = @erased_at where erased_at is null"

DROP_PAGES = "delete from pages where page_hash in (select one from unnest(@hashes) as one)"

COUNT_BEFORE = "select count(*) from tweets where local_date <= @day and created_at < @before"

FORGET_PAGES = """\
update pages
set tweet_ids = @none, author_ids = @none
where archive_object in (select one from unnest(@objects) as one)"""

LIVE_READINGS = """\
select 'tweet' as kind, tweet_id as id, content_observed_at as read_at
from tweets
where
    content_observed_at is not null
    and concat('tweet ', tweet_id) in (select one from unnest(@keys) as one)
union all
select 'author' as kind, author_id as id, max(content_observed_at) as read_at
from tweets
where
    content_observed_at is not null
    and concat('author ', author_id) in (select one from unnest(@keys) as one)
group by author_id"""

# Four ways to fall with another: as its version (its first one, too), as its retweet, as its author's.
FALLING = """\
with
    related as (
        select tweet_id as id, tweet_id, 'author' as kind, author_id as named_id, content_observed_at from tweets
        union all
        select tweet_id, tweet_id, 'tweet', retweeted_tweet_id, content_observed_at from tweets
        union all
        select tweet_id, tweet_id, 'tweet', root_tweet_id, content_observed_at from tweets
        union all
        select root_tweet_id, tweet_id, 'tweet', tweet_id, content_observed_at from tweets
    ),
    fallen as (
        select related.id, named.reason, named.is_final, named.named_at, named.named_by
        from related
        inner join tombstones as named on named.kind = related.kind and named.id = related.named_id
        where
            named.erased_at is null
            and (
                named.is_final
                or related.content_observed_at is null
                or related.content_observed_at <= named.named_at
            )
    )
select 'tweet' as kind, fallen.id, fallen.reason, fallen.named_at, fallen.named_by
from fallen
left join tombstones as own on own.kind = 'tweet' and own.id = fallen.id
where fallen.id is not null and own.id is null
qualify
    row_number() over (
        partition by fallen.id
        order by fallen.is_final desc, fallen.named_at desc, fallen.named_by desc, fallen.reason desc
    ) = 1"""

BOUND_OBJECTS = """\
select p.archive_object
from pages as p
cross join unnest(p.tweet_ids) as one
inner join tombstones as named on named.kind = 'tweet' and named.id = one
where named.erased_at is null
union distinct
select p.archive_object
from pages as p
cross join unnest(p.author_ids) as one
inner join tombstones as named on named.kind = 'author' and named.id = one
where named.erased_at is null
order by archive_object"""


def bound_rows(*, prefix: str = "", is_under_way: bool = True) -> dict[str, str]:
    """Table → the condition on its rows that tombstones bind, in the order in which they must be deleted.

    ``prefix`` is put before the names of the tables; ``is_under_way``: only tombstones that are not done yet.
    """
    under_way = " and erased_at is null" if is_under_way else ""
    tweets = f"select id from tombstones where kind = 'tweet'{under_way}"
    authors = (
        f"author_id in (select a.author_id from {prefix}authors as a inner join tombstones as named"
        " on named.kind = 'author' and named.id = a.author_id"
        " where (named.is_final or a.observed_at is null or a.observed_at <= named.named_at)"
        f"{' and named.erased_at is null' if is_under_way else ''})"
    )
    return _belonging(tweets, authors=authors, prefix=prefix)


def _belonging(tweets: str, *, authors: str, prefix: str = "") -> dict[str, str]:
    """Table → the condition on what belongs to these tweets (a query of their ids), and on authors."""
    hangings = f"select media_key from {prefix}tweet_media where tweet_id"
    media = f"media_key in ({hangings} in ({tweets})) and media_key not in ({hangings} not in ({tweets}))"
    return {
        "media_snapshots": media,
        "media": media,
        "tweet_media": f"tweet_id in ({tweets})",
        "tweet_snapshots": f"tweet_id in ({tweets})",
        "authors": authors,
        "tweets": f"tweet_id in ({tweets})",
    }


def erase(*, prefix: str = "", is_under_way: bool = True) -> list[str]:
    """The statements that delete those rows. See ``bound_rows``."""
    bound = bound_rows(prefix=prefix, is_under_way=is_under_way)
    return [f"delete from {prefix}{name} where {condition}" for name, condition in bound.items()]


def prune() -> list[str]:
    """The statements that delete tweets posted before ``@before``, with what belongs to them alone.

    ``@day`` is a local day not before that moment: it lets BigQuery read few partitions.
    """
    tweets = "select tweet_id from tweets where local_date <= @day and created_at < @before"
    authors = (
        "(observed_at is null or observed_at < @before)"
        " and (audience_observed_at is null or audience_observed_at < @before)"
        " and author_id not in"
        f" (select author_id from tweets where author_id is not null and tweet_id not in ({tweets}))"
    )
    return [f"delete from {name} where {condition}" for name, condition in _belonging(tweets, authors=authors).items()]


def count_bound_rows() -> str:
    """One row a table: its name, and how many rows ``erase`` would delete."""
    bound = bound_rows()
    return "\nunion all\n".join(
        f"select '{name}' as name, count(*) as row_count from {name} where {condition}"
        for name, condition in bound.items()
    )


def stored_ids(kind: str, *, limit: int) -> str:
    """Ids of a kind of tombstone, some at a time."""
    return f"""\
select {kind}_id
from {kind}s
where {kind}_id > @after and {kind}_id <= @until
order by {kind}_id
limit {limit}"""
