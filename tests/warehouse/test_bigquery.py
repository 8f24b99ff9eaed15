"""What only BigQuery does: partitions, load jobs, its own errors, a replay by many tasks."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import google.auth
import pyarrow as pa
import pytest
from google.api_core import exceptions as google_errors
from google.auth.exceptions import DefaultCredentialsError
from tests.emulators import PROJECT, Google
from tests.googlesql.test_statements import FIXED, bounds, used
from tests.made_up import NOON, body, tweet
from tests.stories import Silent, stage, table
from tests.test_kill import MAY_DIFFER
from tests.warehouse.test_contract import batch

from arcane import tables
from arcane.app import App
from arcane.doctor import examine
from arcane.errors import ConfigError, QueryTooLong, WarehouseAway, WarehouseError
from arcane.replay import Share
from arcane.warehouse import bigquery, statements
from arcane.warehouse.bigquery import BigQueryWarehouse, connect, groups, translated
from arcane.warehouse.interface import Batch

pytestmark = pytest.mark.bigquery
FIVE = batch(body(*(tweet(number) for number in range(1, 6))))  # more rows than go along in a script
VALUES: dict[str, Any] = {"STRING": "x", "INT64": 1, "TIMESTAMP": NOON, "DATE": NOON.date(), "ARRAY<STRING>": ["x"]}
EQUAL = ("tweets", "tracker_tweets", "tweet_snapshots", "authors", "media", "tweet_media", "media_snapshots",
         "trackers", "coverage", "pages")  # fmt: skip


def without_null_lists(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """BigQuery keeps no NULL array: it comes back empty."""
    lists = {c.name for one in tables.ALL for c in one.columns if c.type is tables.Type.STRINGS}
    plain = [{key: value or [] if key in lists else value for key, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: repr(sorted(row.items())))


def check_equal(here: App, there: App, *, without: tuple[str, ...]) -> None:
    for name in EQUAL:
        expected = without_null_lists(table(here, name, without=without))
        assert without_null_lists(table(there, name, without=without)) == expected, name


def test_a_world_is_the_same_in_both(google: Google, tmp_path: Path) -> None:
    """One run into DuckDB and one into BigQuery: every table equal, row by row; a replay changes nothing.

    The simulator's page tokens hold chance, so that what tells one page from another is left out here; the next
    test looks at it.
    """
    with stage(tweets=1200, rate_limits=False) as on:
        here = on.app(tmp_path / "here")
        there = on.app(tmp_path / "there", warehouse=google.settings(google.dataset()))
        for app in (here, there):
            app.collect(progress=Silent())
        pages = (*MAY_DIFFER, "archive_object", "page_hash", "frame_offset", "frame_bytes")
        check_equal(here, there, without=pages)
        there.replay(after=lambda _: None)
        check_equal(here, there, without=pages)
        assert there.status().row_counts == here.status().row_counts
        counted = "select kind, count(*) as n, sum(like_count) as likes from tweets group by kind order by kind"
        assert there.query(counted) == here.query(counted)
        told = {finding.subject: finding.message for finding in examine(there, has_probe=False)}
        assert told["warehouse"].endswith("lies in EU; tables can be made there and jobs started")
        assert told["tables"].endswith(f"{there.status().row_counts['tweets']} tweets")


def test_the_same_pages_are_the_same_rows_in_both(google: Google, tmp_path: Path) -> None:
    """One archive imported into DuckDB and into BigQuery, twice there: every column equal but the new object's name."""
    with stage(tweets=1200, rate_limits=False) as on:
        source = on.app(tmp_path / "source")
        source.collect(progress=Silent())
        files = sorted((tmp_path / "source" / "archive").rglob("*.jsonl.zst"))
        here = on.app(tmp_path / "here")
        there = on.app(tmp_path / "there", warehouse=google.settings(google.dataset()))
        for app in (here, there, there):
            app.import_files(files, tracker="t", observed_at=None, after=lambda _: None)
        check_equal(here, there, without=("archive_object",))
        assert len(table(there, "tweets")) > 500


def test_tasks_of_a_job_replay_together(google: Google, tmp_path: Path) -> None:
    """Three tasks at once derive their shares; the last to finish puts all of it in place, and one more does nothing."""
    with stage(tweets=1200, rate_limits=False) as on:
        app = on.app(tmp_path, warehouse=google.settings(google.dataset()))
        app.collect(progress=Silent())
        before = table(app, "tweets")
        failed: list[BaseException] = []

        def task(index: int) -> None:
            try:
                app.replay(after=lambda _: None, share=Share(index, 3, "once"))
            except BaseException as exc:
                failed.append(exc)

        for index in range(3):
            task(index)
        assert failed == []
        assert table(app, "tweets") == before
        assert [row["command"] for row in table(app, "runs")].count("replay") == 1


def test_old_tweets_open_their_own_partitions() -> None:
    """Runs of neighbouring months, each with the least and greatest day in it; never more than eight."""
    days = ["2019-03-05", "2026-10-30", "2026-11-02", "2026-11-20", "2021-07-14"]
    table = pa.table({"local_date": pa.array(days).cast(pa.date32())})
    assert groups(tables.TWEETS, table) == [
        ("date '2019-03-05'", "date '2019-03-05'"),
        ("date '2021-07-14'", "date '2021-07-14'"),
        ("date '2026-10-30'", "date '2026-11-20'"),
    ]
    scattered = pa.table({"local_date": pa.array([f"20{n:02}-01-15" for n in range(10, 26)]).cast(pa.date32())})
    found = groups(tables.TWEETS, scattered)
    assert len(found) == 8
    assert groups(tables.AUTHORS, scattered) == [None]


def test_a_dataset_that_is_not_there_yet_is_no_fault(google: Google, tmp_path: Path) -> None:
    """Before the first run doctor says what the run will make; the tables are what is missing."""
    with stage(tweets=20) as on:
        app = on.app(tmp_path, warehouse=google.settings(google.dataset()))
        found = {finding.subject: finding for finding in examine(app, has_probe=False)}
        assert (found["warehouse"].exit_code, found["tables"].exit_code) == (0, 7)
        assert found["warehouse"].message.endswith("does not exist yet: the first run makes it in EU")
        assert "run arcane collect" in found["tables"].message


def test_every_statement_passes_a_dry_run(opened: BigQueryWarehouse) -> None:
    """BigQuery (or what plays it) takes every statement there is, with its parameters, and says of what kind it is."""
    spoken = [*FIXED.values()]
    for one in tables.ALL:
        between = bounds(one)
        folded = statements.folded(one, source=one.name, bounds=between)
        spoken += [folded, statements.merge(one, target=one.name, source=f"({folded})", bounds=between)]
        spoken += [f"select * from {one.name}"]
    if not PROJECT:
        spoken.remove(statements.CHECK_LEASE)  # the emulator runs a SELECT that should be dry: this one raises
    jobs = [opened._session.run(sql, {k: VALUES[kind] for k, kind in used(sql).items()}, is_dry=True) for sql in spoken]
    assert {job.statement_type for job in jobs} == {"SELECT", "MERGE", "UPDATE", "DELETE", "INSERT"}


def test_a_few_rows_need_no_load_job(opened: BigQueryWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of a run, a tracker, a lone tweet with its lists and NULLs go along in the one script."""
    monkeypatch.setattr(bigquery._Load, "start", lambda *_: pytest.fail("a load job was started"))
    opened.commit(batch(body(tweet(1), tweet(2, lang=None, entities=None))), now=NOON)
    found = opened._asked("select text, lang, hashtags from tweets order by tweet_id desc")
    assert found == [("text 1 #Arcane", "fr", ["arcane"]), ("text 2 #Arcane", None, [])]


@pytest.fixture(name="opened")
def _opened(google: Google) -> Any:
    with closing(google.warehouse(google.dataset())) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        yield warehouse


def test_what_bigquery_is_told_of_a_table(opened: BigQueryWarehouse) -> None:
    """Partitions, clusters, descriptions in French, labels; staging is gone after the commit."""
    opened.commit(FIVE, now=NOON)
    made = opened._client.get_table(f"{opened.name}.tweets")
    assert (made.time_partitioning.type_, made.time_partitioning.field) == ("MONTH", "local_date")
    assert (made.clustering_fields, made.labels) == (["tweet_id"], {"app": "arcane"})
    assert made.description == tables.TWEETS.sens
    assert {f.name: f.description for f in made.schema} == {c.name: c.sens for c in tables.TWEETS.columns}
    names = {one.table_id for one in opened._client.list_tables(opened.name)}
    assert names == set(tables.BY_NAME)


def test_a_load_that_was_done_is_met_again(opened: BigQueryWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run killed between loads and transaction: the next meets the same jobs, and commits."""
    one = FIVE
    with monkeypatch.context() as patched:
        patched.setattr(BigQueryWarehouse, "_transact", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            opened.commit(one, now=NOON)
    met: list[str] = []
    get_job = type(opened._client).get_job
    monkeypatch.setattr(type(opened._client), "get_job", lambda *a, **k: (met.append(a[1]), get_job(*a, **k))[1])
    opened.commit(one, now=NOON)
    assert len([job_id for job_id in met if str(job_id).startswith("arcane_load_")]) == len(
        [rows for rows in one.tables.values() if rows.num_rows]
    )
    assert opened._asked("select count(*) from tweets") == [(5,)]


def test_a_load_that_fails_leaves_nothing(opened: BigQueryWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """One table's rows are refused: one sentence, and no table has any."""
    parquet = bigquery._parquet
    wrong = parquet(pa.table({"nope": ["x"]}))
    monkeypatch.setattr(
        bigquery, "_parquet", lambda rows: wrong if rows.schema == tables.TWEETS.arrow else parquet(rows)
    )
    with pytest.raises(WarehouseError, match="does not take the rows of tweets"):
        opened.commit(FIVE, now=NOON)
    assert opened._asked("select count(*) from tracker_tweets") == [(0,)]


CHANGES = [
    ("alter table authors drop column name", "column name of .*authors is missing"),
    ("drop table authors; create table authors (author_id int64)", "author_id of .* is INT64 and should be STRING"),
    ("drop table authors", "table .*authors is missing"),
]


def test_tables_changed_by_hand_are_named(google: Google) -> None:
    """The table and column, what they are and should be, before anything is written."""
    dataset = google.dataset()
    with closing(google.warehouse(dataset)) as warehouse:
        warehouse.migrate()
        for change, told in CHANGES:
            for sql in change.split("; "):
                warehouse._client.query_and_wait(sql.replace("authors", f"{dataset}.authors"))
            with pytest.raises(WarehouseError, match=told):
                warehouse.migrate()


def test_a_dataset_elsewhere_and_another_zone_are_refused(google: Google) -> None:
    """Both are frozen: where the data lies, and the zone of the local columns."""
    dataset = google.dataset()
    with closing(google.warehouse(dataset)) as warehouse:
        warehouse.migrate()
    with (
        closing(google.warehouse(dataset, location="US")) as warehouse,
        pytest.raises(WarehouseError, match="lies in EU"),
    ):
        warehouse.migrate()
    with closing(google.warehouse(dataset, time_zone="UTC")) as warehouse, pytest.raises(WarehouseError, match="Paris"):
        warehouse.migrate()


def test_no_credentials_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Application Default Credentials the person is told how to get them, once a project is named."""

    def nobody(*_: Any, **__: Any) -> Any:
        raise DefaultCredentialsError("nothing here")

    monkeypatch.setattr(google.auth, "default", nobody)
    with pytest.raises(ConfigError, match="gcloud auth application-default login"):
        connect(project="p", location="EU", endpoint=None)
    with pytest.raises(ConfigError, match=r"set warehouse\.project"):
        connect(project=None, location="EU", endpoint=None)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (google_errors.Forbidden("x", errors=[{"reason": "accessDenied", "message": "no"}]), WarehouseError, "dataEditor"),
        (google_errors.Forbidden("x", errors=[{"reason": "quotaExceeded", "message": "q"}]), WarehouseAway, "quota"),
        (google_errors.ServiceUnavailable("down"), WarehouseAway, "again later"),
        (google_errors.NotFound("dataset d"), WarehouseError, "arcane collect"),
        (google_errors.BadRequest("Transaction is aborted due to concurrent update"), WarehouseError, "another run"),
        (
            google_errors.Cancelled(
                "x", errors=[{"reason": "stopped", "message": "Job execution was cancelled: Job timed out after 10 sec"}]
            ),
            QueryTooLong,
            "narrow its dates",
        ),
        (ConnectionError("refused"), WarehouseAway, "does not answer"),
    ],
)  # fmt: skip
def test_googles_errors_become_ours(error: Exception, kind: type[WarehouseError], told: str) -> None:
    """One sentence each, and the exit code that says whether to try again."""
    with pytest.raises(kind, match=told), translated("p.d"):
        raise error


def test_nothing_to_commit_is_a_commit(opened: BigQueryWarehouse) -> None:
    """An empty batch prolongs the lease and writes nothing."""
    opened.commit(Batch(), now=NOON + timedelta(seconds=60))
    ((_, _, expires_at),) = opened._asked("select holder, fence, expires_at from leases")
    assert expires_at == NOON + timedelta(seconds=960)


def test_the_dataset_travels_back_as_little_as_google_allows(google: Google) -> None:
    """What is erased can be asked for 48 hours longer, not 168; no staging table stays behind a commit."""
    name = google.dataset()
    with closing(google.warehouse(name)) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.commit(batch(body(*(tweet(number) for number in range(9)))), now=NOON)
    client = google.client()
    assert int(client.get_dataset(name).max_time_travel_hours) == 48
    assert [one.table_id for one in client.list_tables(name) if one.table_id.startswith("staging")] == []
    client.close()
