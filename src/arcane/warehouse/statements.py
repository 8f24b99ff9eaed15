"""The SQL of a commit, written from the data contract. GoogleSQL; pure.

Every MERGE has a source that is unique by key, unqualified names in SET, named columns in INSERT, and,
where the table has one, constant bounds on the column that lets it read few rows: the portable subset that
BigQuery, DuckDB and Google's reference engine agree on.
"""

from __future__ import annotations

from arcane.tables import Group, Merge, Table


def merge(table: Table, *, target: str, staging: str) -> str:
    """Fold ``staging`` into ``target`` by the law of the table's groups.

    Parameters: ``@low`` and ``@high`` (inclusive) where the table has a ``bound``.
    """
    on = [f"t.{name} = s.{name}" for name in table.key]
    if table.bound:
        on.append(f"t.{table.bound} between @low and @high")
    names = ", ".join(table.names)
    lines = [
        f"merge into {target} as t",
        f"using {staging} as s",
        f"on {' and '.join(on)}",
        *_update(table),
        f"when not matched then insert ({names}) values ({', '.join(f's.{name}' for name in table.names)})",
    ]
    return "\n".join(lines)


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


TAKE_LEASE = """\
update leases
set holder = @holder, fence = fence + 1, expires_at = @expires_at
where name = 'writer' and (holder is null or expires_at <= @now or starts_with(holder, @dead))"""

HOLD_LEASE = """\
update leases
set expires_at = @expires_at
where name = 'writer' and holder = @holder and fence = @fence"""

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
