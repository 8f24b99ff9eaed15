"""What every warehouse must do. A warehouse joins by a row in ``WAREHOUSES``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.made_up import NOON, PARIS, body, reading, tweet

from arcane import tables
from arcane.errors import LeaseLost, SqlError, WarehouseBusy
from arcane.transform import Batch as Rows
from arcane.warehouse.duckdb import DuckDBReader, DuckDBWarehouse
from arcane.warehouse.interface import Batch, Covered, Reader, Stretch, Warehouse, union
from arcane.warehouse.portable import LEASE_S, VERSION

Made = tuple[Callable[[], Warehouse], Callable[[], Reader]]


def duckdb(folder: Path, _: pytest.FixtureRequest) -> Made:
    path = folder / "arcane.duckdb"
    return lambda: DuckDBWarehouse(path, time_zone="Europe/Paris"), lambda: DuckDBReader(path)


def bigquery(_: Path, request: pytest.FixtureRequest) -> Made:
    google = request.getfixturevalue("google")
    dataset = google.dataset()
    return lambda: google.warehouse(dataset), lambda: google.reader(dataset)


WAREHOUSES = [duckdb, pytest.param(bigquery, marks=pytest.mark.bigquery)]


@pytest.fixture(params=WAREHOUSES)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    return request.param(tmp_path, request)  # type: ignore[no-any-return]


@pytest.fixture(name="warehouse")
def _warehouse(made: Made) -> Iterator[Warehouse]:
    with closing(made[0]()) as opened:
        opened.migrate()
        opened.acquire("test", now=NOON)
        yield opened


def batch(*bodies: bytes, seconds: int = 0) -> Batch:
    rows = Rows(zone=PARIS)
    for number, raw in enumerate(bodies):
        rows.add(reading(raw, observed_at=NOON + timedelta(seconds=seconds), page_hash=f"{seconds:05}{number}"))
    return Batch(rows.to_arrow())


def seen(warehouse: Warehouse, made: Made, name: str = "tweets") -> list[dict[str, Any]]:
    warehouse.publish()
    with closing(made[1]()) as reader:
        result = reader.query(f"select * from {name}")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return sorted(rows, key=repr)


def test_committing_twice_is_committing_once(warehouse: Warehouse, made: Made) -> None:
    """The same batch again changes no row of any table."""
    once = batch(body(tweet(1), tweet(2), users=[{"id": "7", "username": "u", "name": "U"}]))
    warehouse.commit(once, now=NOON)
    before = {name: seen(warehouse, made, name) for name in once.tables}
    warehouse.commit(once, now=NOON)
    assert {name: seen(warehouse, made, name) for name in once.tables} == before
    assert len(before["tweets"]) == 2


NINE = {"like_count": 9, "retweet_count": 1, "reply_count": 1}
HANGING = {"attachments": {"media_keys": ["a"]}}
VIDEO = {"media_key": "a", "type": "video", "public_metrics": {"view_count": 5}}
READINGS = [
    (body(tweet(1, public_metrics=NINE, **HANGING), media=[VIDEO]), 0),
    (body(tweet(1, public_metrics=None, **HANGING)), 10),
    (body(tweet(1, text="@u's account has been withheld in India.")), 20),
    (body({"id": tweet(1)["id"], "text": "text 1 #Ar…"}), 30),
    (body(tweet(1, lang="en"), tweet(2)), 0),
]  # fmt: skip


def check_order(made: Made, order: list[int], cuts: set[int]) -> None:
    """Commit the readings in this order, cut into batches at these places, and look at the rows."""
    with closing(made[0]()) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        edges = [0, *sorted(cuts), len(order)]
        for low, high in itertools.pairwise(edges):
            rows = Rows(zone=PARIS)
            for index in order[low:high]:
                raw, seconds = READINGS[index]
                rows.add(reading(raw, observed_at=NOON + timedelta(seconds=seconds), page_hash=str(index)))
            warehouse.commit(Batch(rows.to_arrow()), now=NOON)
        first, second = sorted(seen(warehouse, made), key=lambda row: row["like_count"] or 0)
    assert (first["text"], first["lang"], first["content_page"], first["like_count"]) == (
        "text 1 #Arcane",
        "fr",
        "1",
        1,
    )
    assert (first["metrics_page"], first["video_view_count"], first["media_page"]) == ("2", None, "4")
    assert second["tweet_id"] == tweet(2)["id"]


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(READINGS))), cuts=st.sets(st.integers(1, len(READINGS) - 1)))
def test_any_order_in_any_batches_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: set[int], request: pytest.FixtureRequest
) -> None:
    """MERGE and the folding within a batch are one law: order and grouping of readings never show."""
    check_order(duckdb(tmp_path_factory.mktemp("order"), request), order, cuts)


def test_any_warehouse_folds_alike(made: Made) -> None:
    """The same law in every warehouse, the best reading first, two to a commit."""
    check_order(made, [1, 4, 0, 3, 2], {2, 4})


def test_a_batch_is_seen_whole_or_not_at_all(warehouse: Warehouse, made: Made) -> None:
    """A commit that fails in the middle leaves nothing behind."""
    good = batch(body(tweet(1)))
    broken = Batch({**good.tables, "pages": good.tables["tweets"]})
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the engine says
        warehouse.commit(broken, now=NOON)
    assert seen(warehouse, made) == []


def at(hour: float) -> Any:
    return NOON + timedelta(hours=hour)


COMMITTED_AND_KNOWN = [
    ([(0, 1), (1, 2)], [(0, 2)]),
    ([(0, 1), (2, 3)], [(0, 1), (2, 3)]),
    ([(0, 1), (2, 3), (1, 2)], [(0, 3)]),
    ([(0, 5), (1, 2)], [(0, 5)]),
    ([(1, 2), (0, 5)], [(0, 5)]),
    ([(0, 2), (0, 2)], [(0, 2)]),
]


def test_coverage_is_joined(warehouse: Warehouse) -> None:
    """However stretches come, what is known is disjoint and maximal; one query's says nothing of another's."""
    for case, (committed, _) in enumerate(COMMITTED_AND_KNOWN):
        for low, high in committed:
            warehouse.commit(Batch(coverage=(Covered("t", f"q{case}", Stretch(at(low), at(high))),)), now=NOON)
    for case, (_, known) in enumerate(COMMITTED_AND_KNOWN):
        expected = [Stretch(at(low), at(high)) for low, high in known]
        assert warehouse.coverage(tracker="t", query_hash=f"q{case}") == expected
    assert warehouse.coverage(tracker="t", query_hash="other") == []


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8))
def test_union_is_the_same_time(pairs: list[tuple[int, int]]) -> None:
    """Joined stretches hold exactly the hours that the given ones held, and never touch."""
    joined = union(Stretch(at(low), at(high)) for low, high in pairs)
    hours = {hour for low, high in pairs for hour in range(low, high)}
    assert {hour for hour in range(21) if any(s.start_at <= at(hour) < s.end_at for s in joined)} == hours
    assert all(left.end_at < right.start_at for left, right in itertools.pairwise(joined))


@pytest.mark.usefixtures("warehouse")
def test_a_live_lease_keeps_others_out(made: Made) -> None:
    """While one run holds the lease another is told so, and who holds it."""
    with closing(made[0]()) as other, pytest.raises(WarehouseBusy, match=r"another run .*test.* is writing"):
        other.acquire("other", now=NOON + timedelta(seconds=LEASE_S - 1))


def test_a_run_that_lost_its_lease_cannot_commit(warehouse: Warehouse, made: Made) -> None:
    """After the lease ran out and another took it, the first one's commit is refused and leaves nothing."""
    with closing(made[0]()) as other:
        other.acquire("other", now=NOON + timedelta(seconds=LEASE_S))
        with pytest.raises(LeaseLost):
            warehouse.commit(batch(body(tweet(1))), now=NOON)
        other.commit(batch(body(tweet(2))), now=NOON)
        assert [row["tweet_id"] for row in seen(other, made)] == [tweet(2)["id"]]


def test_a_released_lease_is_free(warehouse: Warehouse, made: Made) -> None:
    """The next run need not wait for the end of a lease that was given back."""
    warehouse.release()
    with closing(made[0]()) as other:
        other.acquire("other", now=NOON)
        other.commit(batch(body(tweet(1))), now=NOON)
        assert len(seen(other, made)) == 1


def test_readers_see_what_was_published(warehouse: Warehouse, made: Made) -> None:
    """A commit shows after publication."""
    warehouse.commit(batch(body(tweet(1))), now=NOON)
    assert len(seen(warehouse, made)) == 1
    warehouse.commit(batch(body(tweet(2))), now=NOON)
    assert len(seen(warehouse, made)) == 2


def test_rebuilding_replaces_the_derived_tables(warehouse: Warehouse, made: Made) -> None:
    """Readers see the old rows until the rebuilt ones stand in their place; a rebuild begun anew forgets the first."""
    warehouse.commit(batch(body(tweet(1))), now=NOON)
    warehouse.begin_rebuild(None)
    warehouse.rebuild(batch(body(tweet(2))), sources=["a"], now=NOON)
    assert [row["tweet_id"] for row in seen(warehouse, made)] == [tweet(1)["id"]]
    warehouse.begin_rebuild(None)
    assert warehouse.rebuilt() == set()
    warehouse.rebuild(batch(body(tweet(3))), sources=["b"], now=NOON)
    warehouse.rebuild(batch(body(tweet(3)), seconds=5), sources=["c"], now=NOON)
    assert warehouse.rebuilt() == {"b", "c"}
    warehouse.finish_rebuild(now=NOON)
    (only,) = seen(warehouse, made)
    assert (only["tweet_id"], only["metrics_observed_at"]) == (tweet(3)["id"], NOON + timedelta(seconds=5))
    warehouse.commit(batch(body(tweet(1))), now=NOON)
    assert len(seen(warehouse, made)) == 2


def test_a_query_can_only_read(warehouse: Warehouse, made: Made) -> None:
    """Anything but one good query is refused in one sentence."""
    warehouse.publish()
    with closing(made[1]()) as reader:
        for sql in ("drop table tweets", "select 1; select 2", "selec 1", "select (", "select nope from tweets"):
            with pytest.raises(SqlError):
                reader.query(sql)
    assert seen(warehouse, made) == []


EVERY_TYPE = """\
select
    local_date,
    count(*) as tweet_count,
    sum(like_count) as like_count,
    min(created_at) as created_at,
    min(text) as text,
    logical_or(is_current) as is_current,
    avg(like_count) as mean_count,
    array_agg(tweet_id order by tweet_id) as tweet_ids,
    cast(null as string) as nothing,
from tweets
where like_count > @least
group by local_date
order by local_date"""


def test_an_answer_in_batches_has_the_same_types_and_rows_everywhere(warehouse: Warehouse, made: Made) -> None:
    """Moments, sums, lists and NULLs; an answer without rows has its types too."""
    warehouse.commit(batch(body(tweet(1), tweet(2), tweet(3, created_at="2026-10-18T10:00:00.000Z"))), now=NOON)
    warehouse.publish()
    moment = pa.timestamp("us", "UTC")
    types = [
        pa.date32(), pa.int64(), pa.int64(), moment, pa.string(), pa.bool_(), pa.float64(), pa.list_(pa.string()),
        pa.string(),
    ]  # fmt: skip
    one, two, three = (tweet(number)["id"] for number in (1, 2, 3))
    old = datetime(2026, 10, 18, 10, tzinfo=UTC)
    rows = [
        (old.date(), 1, 3, old, "text 3 #Arcane", True, 3.0, [three], None),
        (NOON.date(), 2, 3, at(0) - timedelta(minutes=2), "text 1 #Arcane", True, 1.5, sorted([one, two]), None),
    ]
    with closing(made[1]()) as reader:
        for least, expected in ((0, rows), (1_000, [])):
            found = reader.batches(EVERY_TYPE, {"least": least})
            assert found.schema.types == types
            got = [row for each in found.rows for row in zip(*(one.to_pylist() for one in each.columns), strict=True)]
            assert got == expected
            assert reader.query(EVERY_TYPE, {"least": least}).rows == expected


def test_many_rows_come_in_many_batches(warehouse: Warehouse, made: Made) -> None:
    """None of them larger than memory cares for; another question may be asked in between."""
    warehouse.publish()
    with closing(made[1]()) as reader:
        found = reader.batches("select one from unnest(generate_array(1, 25000)) as one")
        sizes, values = [], set()
        for each in found.rows:
            sizes.append(each.num_rows)
            values.update(each.column(0).to_pylist())
            assert reader.query("select 1 as a").rows == [(1,)]
    assert max(sizes) <= 10_240
    assert values == set(range(1, 25_001))


def test_batches_can_only_be_read(warehouse: Warehouse, made: Made) -> None:
    """Anything but one good query is refused before there is a batch."""
    warehouse.publish()
    with closing(made[1]()) as reader:
        for sql in ("drop table tweets", "select 1; select 2", "select nope from tweets"):
            with pytest.raises(SqlError):
                reader.batches(sql)
    assert seen(warehouse, made) == []


def test_hostile_values_come_back_as_they_were(warehouse: Warehouse, made: Made) -> None:
    """Quotes, NUL, bidi marks, formulas, emoji and a long text survive the way in and out."""
    texts = ["'; drop table tweets; --", "a\u0000b", "\u202eabc", "=cmd|' /C calc'!A0", "👩🏽‍🎤é＃", "x" * 25_000]
    warehouse.commit(batch(body(*(tweet(n, text=text) for n, text in enumerate(texts, start=1)))), now=NOON)
    assert sorted(row["text"] for row in seen(warehouse, made)) == sorted(texts)


def test_an_older_warehouse_is_brought_forward(warehouse: Warehouse, made: Made) -> None:
    """Tables that a later version added appear, and what was there stays."""
    warehouse.commit(batch(body(tweet(1))), now=NOON)
    before = seen(warehouse, made)
    for name in ("hours", "reads", "reservations", "tombstones"):
        warehouse._run(f"drop table {name}")  # type: ignore[attr-defined]
    warehouse._run("update schema_version set version = 1 where true")  # type: ignore[attr-defined]
    warehouse.close()
    with closing(made[0]()) as again:
        again.migrate()
        again.acquire("test", now=NOON)
        assert (seen(again, made), seen(again, made, "tombstones")) == (before, [])
        assert seen(again, made, "schema_version")[0]["version"] == VERSION


def test_only_the_last_version_is_current(warehouse: Warehouse, made: Made) -> None:
    """Each version was read while it was the last; whichever is committed first, the others are superseded."""
    ids = [tweet(number)["id"] for number in (3, 2, 1)]  # the higher the number, the older
    versions = [body(tweet(3 - place, edit_history_tweet_ids=ids[: place + 1])) for place in range(3)]
    warehouse.commit(batch(body(tweet(9))), now=NOON)
    for place in (2, 1, 0):
        warehouse.commit(batch(versions[place], seconds=place), now=NOON)
    current = {row["tweet_id"]: row["is_current"] for row in seen(warehouse, made)}
    assert current == {ids[0]: False, ids[1]: False, ids[2]: True, tweet(9)["id"]: True}
    warehouse.begin_rebuild(None)
    for place in (1, 2, 0):
        warehouse.rebuild(batch(versions[place], seconds=place), sources=[str(place)], now=NOON)
    warehouse.finish_rebuild(now=NOON)
    assert {row["tweet_id"]: row["is_current"] for row in seen(warehouse, made)} == {
        ids[0]: False,
        ids[1]: False,
        ids[2]: True,
    }


def hour_row(hour: int, *, judged: float, status: str = "complete", seen_count: int = 5, run_id: str = "a") -> Any:
    return ("t", "q", at(hour), 7, None, at(judged), seen_count, status, None, at(judged), run_id)


def test_hours_are_as_last_judged(warehouse: Warehouse) -> None:
    """The newest judgement of an hour stands; what was only counted is no judgement."""
    names = {"tracker": "t", "query_hash": "q"}
    assert (warehouse.last_hour(**names), warehouse.hours(**names, span=Stretch(at(0), at(9)))) == (None, [])
    for rows in (
        [hour_row(1, judged=4), hour_row(2, judged=4, status="partial"), hour_row(5, judged=6, status="counted")],
        [hour_row(2, judged=5, status="settled", seen_count=6), hour_row(1, judged=3, status="gap", seen_count=0)],
    ):
        warehouse.commit(Batch({"hours": tables.HOURS.of(rows)}), now=NOON)
    assert warehouse.hours(**names, span=Stretch(at(1), at(5))) == [
        (at(1), 7, None, at(4), 5, "complete", None),
        (at(2), 7, None, at(5), 6, "settled", None),
    ]
    assert (warehouse.last_hour(**names), warehouse.last_hour(tracker="t", query_hash="x")) == (at(2), None)


def test_tweets_met_are_counted_by_the_hour_of_posting(warehouse: Warehouse) -> None:
    """Each once for its tracker, from the first second of the stretch to before its end."""
    warehouse.commit(batch(body(tweet(1), tweet(59), tweet(60), tweet(61), tweet(180))), now=NOON)
    warehouse.commit(batch(body(tweet(1)), seconds=9), now=NOON)
    assert warehouse.seen_by_hour(tracker="arcane", span=Stretch(at(-2), at(0))) == {at(-1): 3, at(-2): 1}
    assert warehouse.seen_by_hour(tracker="other", span=Stretch(at(-2), at(0))) == {}


def test_the_books_add_up_by_day(warehouse: Warehouse) -> None:
    """Reads once a day, kind and id, with their first moment; reservations count until they are settled."""
    today, tomorrow = NOON.date(), (NOON + timedelta(days=1)).date()
    reads = [(today, "post", "1", at(1), 0.5), (today, "user", "1", at(1), 1.0), (tomorrow, "post", "1", at(25), 0.5)]
    again = [(today, "post", "1", at(0), 0.5), (today, "post", "2", at(2), 0.5)]
    standing = ("run/1", today, at(0), 8.0, None)
    for name, rows in (
        ("reads", reads),
        ("reads", again),
        ("reservations", [standing, ("run/2", tomorrow, at(0), 4.0, None)]),
    ):
        warehouse.commit(Batch({name: tables.BY_NAME[name].of(rows)}), now=NOON)
    assert warehouse.spent(since=today) == {today: 10.0, tomorrow: 4.5}
    settled = Batch({"reservations": tables.RESERVATIONS.of([(*standing[:4], at(3))])})
    warehouse.commit(settled, now=NOON)
    warehouse.commit(settled, now=NOON)
    assert (warehouse.spent(since=today), warehouse.spent(since=tomorrow)) == (
        {today: 2.0, tomorrow: 4.5},
        {tomorrow: 4.5},
    )
    assert sorted(warehouse.read_on(today)) == [("post", "1"), ("post", "2"), ("user", "1")]


AGES_H = (24, 48, 720)


def aged(number: int, likes: int, **changes: Any) -> dict[str, Any]:
    return tweet(number, public_metrics={**NINE, "like_count": likes}, **changes)


def test_due_tweets_come_by_value(warehouse: Warehouse) -> None:
    """Of those whose age came, the free first, then the most valuable; quiet, old, edited and repeated ones not."""
    for seconds, found in (
        (0, [aged(1, 1), aged(2, 90), aged(3, 7), aged(4, 7, referenced_tweets=[{"type": "retweeted", "id": "1"}])]),
        (86_400, [aged(3, 7), aged(5, 4)]),
        (36 * 3600 + 60, [aged(6, 3)]),
    ):
        warehouse.commit(batch(body(*found), seconds=seconds), now=NOON)
    ids = {number: tweet(number)["id"] for number in range(7)}
    due = lambda hours, **names: warehouse.due(ages_h=AGES_H, now=at(hours), **names)  # noqa: E731
    assert due(20) == []
    assert due(48) == [ids[6], ids[2], ids[1], ids[5]]
    assert due(48, tracker="arcane") == due(48)
    assert due(48, tracker="other") == []
    assert due(721) == [ids[2], ids[3], ids[1], ids[5], ids[6]]
    assert due(721 + 17 * 24) == []


def test_unknown_and_stale_authors_are_found(warehouse: Warehouse) -> None:
    """Of tweets since a day: those never read, and those whose followers were counted before a moment."""
    known = [{"id": "8", "username": "u", "name": "U", "public_metrics": {"followers_count": 5}}]
    found = body(aged(1, 1), aged(2, 1, author_id="8"), aged(3, 1, author_id="9"), users=known)
    warehouse.commit(batch(found), now=NOON)
    today = NOON.date()
    assert warehouse.stale_authors(since=today, stale_before=NOON) == ["7", "9"]
    assert warehouse.stale_authors(since=today, stale_before=at(1)) == ["7", "8", "9"]
    assert warehouse.stale_authors(since=today + timedelta(days=1), stale_before=at(1)) == []


def test_a_reader_tells_versions_apart_and_cuts_long_answers(made: Made, warehouse: Warehouse) -> None:
    """The version changes with what is published and with nothing else; an answer is as long as asked, in its order."""
    warehouse.commit(batch(body(tweet(1), tweet(2), tweet(3))), now=NOON)
    warehouse.publish()
    sql = "select like_count from tweets order by like_count desc"
    with closing(made[1]()) as reader, closing(made[1]()) as twin:
        first = reader.version()
        assert twin.version() == first
        assert reader.query(sql, max_rows=2).rows == [(3,), (2,)]
        assert reader.query(sql).rows == [(3,), (2,), (1,)]
    warehouse.commit(batch(body(tweet(4)), seconds=5), now=NOON + timedelta(seconds=5))
    warehouse.publish()
    with closing(made[1]()) as reader:
        assert reader.version() != first


def test_a_reader_answers_several_threads(made: Made, warehouse: Warehouse) -> None:
    """Questions asked side by side get each its own answer."""
    warehouse.commit(batch(body(tweet(1))), now=NOON)
    warehouse.publish()
    with closing(made[1]()) as reader, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: reader.query("select @number as n", {"number": number}).rows, range(12)))
    assert answers == [[(number,)] for number in range(12)]
