"""The SQL of a commit, written from the data contract. GoogleSQL; pure.

Every MERGE has a source that is unique by key, unqualified names in SET, named columns in INSERT, and,
where the table has one, constant bounds on the column that lets it read few rows: the portable subset that
BigQuery, DuckDB and Google's reference engine agree on.
"""

from __future__ import annotations

from collections.abc import Mapping
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
