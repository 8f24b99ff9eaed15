"""What views keep in tables is always what their own text gives; views are made where they have changed and only there."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from tests.made_up import NOON, body, tweet
from tests.serve.serving import got, served
from tests.warehouse.test_contract import WAREHOUSES, Made, batch

from arcane.clock import SystemClock
from arcane.errors import SqlError
from arcane.serve.dashboard.queries import Layer
from arcane.serve.dashboard.security import Gate
from arcane.serve.dashboard.server import Dashboard
from arcane.tables import Type
from arcane.views import inlined, ordered, view, views
from arcane.warehouse.interface import Batch, Warehouse
from arcane.warehouse.kept import PARAMETERS
from arcane.warehouse.tombstones import Named, rows_of

KNOWN = {one.name: one for one in views()}
KEPT = [one for one in KNOWN.values() if one.is_kept]
MADE = [
    one
    for one in KNOWN.values()
    if one.is_kept or one.name == "posted_tweets" or any(one.name in kept.reads for kept in KEPT)
]
HASHTAG = view(
    "loud",
    "-- Tweets bruyants.\n-- Loud tweets.\n-- Grain: (tweet_id)\nwith\n\nfinal as (\n    select tweet_id\n"
    "    from tweets\n    where like_count > 10\n)\n\nselect * from final",
)
COUNTED = view(
    "loud_count",
    "-- Combien.\n-- How many.\n-- Grain: (row_count)\n-- Column: row_count = nb | Rows | Lignes\nwith\n\nfound as (\n"
    "    select count(*) as row_count\n    from loud\n),\n\nfinal as (\n    select row_count\n    from found\n)\n\n"
    "select * from final",
)
AFTER = view(
    "after",
    "-- Depuis.\n-- Since.\n-- Grain: (tweet_id)\nwith\n\nfinal as (\n    select tweet_id\n    from tweets\n"
    "    where local_date >= @first_date\n)\n\nselect * from final",
)


@pytest.fixture(params=WAREHOUSES)
def made(request: pytest.FixtureRequest, tmp_path: Any) -> Made:
    return request.param(tmp_path, request)  # type: ignore[no-any-return]


def asked(warehouse: Warehouse, made: Made, sql: str, parameters: dict[str, object] | None = None) -> list[Any]:
    warehouse.publish()
    with closing(made[1]()) as reader:
        return sorted(reader.query(sql, parameters).rows, key=repr)


def counts_as_its_text(warehouse: Warehouse, made: Made) -> dict[str, int]:
    """Rows of each kept view, which are those of its text."""
    counts = {}
    for one in KEPT:
        rows = asked(warehouse, made, f"select * from {one.name}")
        assert rows == asked(warehouse, made, inlined(one, KNOWN))
        counts[one.name] = len(rows)
    return counts


@pytest.mark.timeout(400)  # some hundred statements, and BigQuery's emulator takes half a second for each
def test_what_is_kept_is_what_the_view_says(made: Made) -> None:
    """After new tweets, new counters, an edit, exclusions, an erasure, a prune and a replay."""
    with closing(made[0]()) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.show(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["found_tweets"] == 0

        first = batch(body(tweet(1), tweet(2, text="LOL #Arcane"), tweet(3)))
        old = batch(body(tweet(4, created_at="2026-01-05T12:00:00.000Z")))
        for rows in (first, old):
            warehouse.commit(rows, now=NOON)
        warehouse.keep(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["found_tweets"] == 4

        warehouse.commit(batch(body(tweet(1, public_metrics=LOUD)), seconds=40 * 3600), now=NOON)
        warehouse.keep(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["tweet_ages"] == 4
        assert (tweet(1)["id"], 99) in asked(warehouse, made, "select tweet_id, like_count from posted_tweets")

        edited = body(tweet(0, edit_history_tweet_ids=[tweet(3)["id"], tweet(0)["id"]]))
        warehouse.commit(batch(edited, seconds=60), now=NOON)
        warehouse.keep(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["found_tweets"] == 4

        for word, count in (("lol", 1), ("none", 0)):
            warehouse.annotate({"exclusions": EXCLUDED(word)}, now=NOON)
            warehouse.keep(MADE, now=NOON)
            counts_as_its_text(warehouse, made)
            out = asked(warehouse, made, "select tweet_id from posted_tweets where exclusion_reason = 'jeu'")
            assert len(out) == count

        gone = Named("tweet", tweet(1)["id"], "deleted", NOON, "lookup")
        warehouse.commit(Batch({"tombstones": rows_of([gone])}), now=NOON)
        warehouse.erase(now=NOON)
        for one in KEPT:
            if "tweet_id" in one.key:  # at once, before anything is filled anew
                ids = asked(warehouse, made, f"select distinct tweet_id from {one.name}")
                assert (tweet(1)["id"],) not in ids
        warehouse.keep(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["found_tweets"] == 3

        warehouse.prune(NOON - timedelta(days=60), now=NOON)
        warehouse.keep(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["found_tweets"] == 2

        warehouse.begin_rebuild(None)
        warehouse.rebuild(first, sources=["a"], now=NOON)
        warehouse.finish_rebuild(now=NOON)
        warehouse.keep(MADE, now=NOON)
        assert counts_as_its_text(warehouse, made)["found_tweets"] == 2
        assert asked(warehouse, made, "select * from stale_days") == []


LOUD = {"like_count": 99, "retweet_count": 1, "reply_count": 1}


def EXCLUDED(word: str) -> pa.Table:  # noqa: N802 - reads as a value
    return pa.Table.from_pylist([{"kind": "word", "value": word, "reason": "jeu"}])


def test_a_view_is_made_when_it_or_what_it_reads_has_changed(made: Made) -> None:
    """New, changed beneath, turned into a function, taken away; what stays the same is not touched."""
    with closing(made[0]()) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.commit(batch(body(tweet(1, public_metrics=LOUD), tweet(2))), now=NOON)
        both = ordered([HASHTAG, COUNTED])
        warehouse.show(both, now=NOON)
        assert asked(warehouse, made, "select row_count from loud_count") == [(1,)]
        before = asked(warehouse, made, "select name, definition from made_views")

        warehouse.show(both, now=NOON)
        assert asked(warehouse, made, "select name, definition from made_views") == before

        quieter = ordered([replace(HASHTAG, sql=HASHTAG.sql.replace("> 10", ">= 0")), COUNTED])
        warehouse.show(quieter, now=NOON)
        assert asked(warehouse, made, "select row_count from loud_count") == [(2,)]
        changed = asked(warehouse, made, "select name, definition from made_views")
        assert {name for name, definition in changed if (name, definition) not in before} == {"loud", "loud_count"}

        warehouse.show([], now=NOON)
        assert asked(warehouse, made, "select * from made_views") == []
        with pytest.raises(SqlError):
            asked(warehouse, made, "select * from loud_count")


def test_a_function_is_asked_like_a_view(made: Made) -> None:
    """With literals and with parameters, in either language; its text with parameters gives the same."""
    days = {"first_date": (NOON - timedelta(days=1)).date()}
    with closing(made[0]()) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.commit(batch(body(tweet(1), tweet(4, created_at="2026-01-05T12:00:00.000Z"))), now=NOON)
        warehouse.show(ordered([AFTER]), now=NOON)
        for day, count in ((days["first_date"], 1), (NOON.date() - timedelta(days=900), 2)):
            found = asked(warehouse, made, f"select tweet_id from after(date '{day}')")
            assert len(found) == count
            assert asked(warehouse, made, "select * from after(@first_date)", {"first_date": day}) == found
            assert asked(warehouse, made, AFTER.sql, {"first_date": day}) == found
            assert asked(warehouse, made, f"select id_tweet from {twin(made)}.after(date '{day}')") == found


@pytest.mark.timeout(
    400
)  # a hundred statements that the emulator of BigQuery takes a second each for, on a busy machine
def test_every_view_answers_in_both_languages(made: Made) -> None:
    """All of them are made and asked: their columns are those that they say, under either name; pages are served."""
    asks: dict[str, object] = {
        name: "arcane" if kind is Type.STRING else NOON.date() for name, kind in PARAMETERS.items()
    }
    with closing(made[0]()) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.commit(batch(body(tweet(1), tweet(2))), now=NOON)
        warehouse.show(list(KNOWN.values()), now=NOON)
        warehouse.publish()
    french = twin(made)
    with closing(made[1]()) as reader:
        for one in KNOWN.values():
            parameters = {name: asks[name] for name in one.parameters}
            assert reader.query(f"select * from {one.call}", parameters).columns == one.column_names
            if one.has_twin:
                told = reader.query(f"select * from {french}.{one.call}", parameters).columns
                assert told == tuple(column.fr for column in one.columns)
    layer = Layer(KNOWN, french.removesuffix("_fr"))
    shown = Dashboard(made[1], made[1], layer=layer, trackers=[], gate=Gate("127.0.0.1"), clock=SystemClock())
    days = f"tracker=arcane&from={NOON.date() - timedelta(days=6)}&to={NOON.date()}"
    with served(shown.application()) as url:
        for path, expected in (
            ("/", "text 1 #Arcane"),
            ("/?lang=fr", "text 1 #Arcane"),
            ("/?lang=en", "Rien ici"),
            ("/publications", "text 2 #Arcane"),
            ("/sujets", 'id="words"'),
        ):
            status, _, text = got(f"{url}{path}{'&' if '?' in path else '?'}{days}", Accept="text/html")
            assert (status, expected in text) == (200, True), path
        status, _, text = got(f"{url}/export.csv?view=tweets_flat&{days}&kind=original", Accept="text/csv")
        assert (status, "id_tweet" in text.splitlines()[0], len(text.splitlines())) == (200, True, 3), text


def twin(made: Made) -> str:
    """The schema of the French names."""
    with closing(made[1]()) as reader:
        session = getattr(reader, "_session", None)
        return f"{session.dataset.dataset_id}_fr" if session else "arcane_fr"
