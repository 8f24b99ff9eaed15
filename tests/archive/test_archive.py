"""What every archive must do, and what only a bucket does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from google.api_core import exceptions as google_errors
from tests.emulators import Bucket
from tests.made_up import NOON, body, tweet
from tests.stories import Silent, stage, table

from arcane.archive.bucket import BucketArchive
from arcane.archive.folder import FolderArchive
from arcane.archive.frame import Frame
from arcane.archive.interface import Archive
from arcane.doctor import examine
from arcane.errors import ArchiveAway, ArchiveError
from arcane.replay import replay

Reopen = Callable[[], Archive]


@pytest.fixture(name="reopen", params=["folder", "bucket"])
def _reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Reopen:
    """The same archive again and again, as one process after another sees it."""
    if request.param == "folder":
        return lambda: FolderArchive(tmp_path / "archive")
    bucket: Bucket = request.getfixturevalue("bucket")
    return lambda: BucketArchive(bucket.url, endpoint=bucket.endpoint)


def frame(number: int, tracker: str = "t") -> Frame:
    observed_at = NOON + timedelta(seconds=number)
    return Frame(tracker=tracker, observed_at=observed_at, body=msgspec.Raw(body(tweet(number))))


def keep(archive: Archive, count: int, *, seconds: int = 0, tracker: str = "t") -> str:
    opened_at = NOON + timedelta(seconds=seconds)
    with archive.create(tracker=tracker, opened_at=opened_at, label="x") as writer:
        for number in range(1, count + 1):
            writer.append(frame(number, tracker))
    return writer.name


def test_pages_come_back_as_they_were(reopen: Reopen) -> None:
    """Pending and confirmed, a page has the same bytes at the same place; the object's name stays."""
    name = keep(reopen(), 3)
    pending = list(reopen().read(name))
    assert [kept.frame for kept in pending] == [frame(1), frame(2), frame(3)]
    assert [kept.frame_offset for kept in pending] == [
        0,
        *itertools.accumulate(kept.frame_bytes for kept in pending[:-1]),
    ]
    reopen().confirm(name)
    assert list(reopen().read(name)) == pending
    assert {kept.archive_object for kept in pending} == {name}


def test_an_object_is_pending_until_it_is_confirmed(reopen: Reopen) -> None:
    """In one list or the other, oldest first whatever the tracker; confirming twice is confirming once."""
    names = [keep(reopen(), 1, seconds=seconds, tracker=tracker) for seconds, tracker in ((2, "a"), (1, "b"), (3, "a"))]
    assert (reopen().pending(), reopen().objects()) == ([names[1], names[0], names[2]], [])
    for name in (names[0], names[1], names[1]):
        reopen().confirm(name)
    assert (reopen().pending(), reopen().objects()) == ([names[2]], [names[1], names[0]])
    reopen().discard(names[2])
    assert reopen().pending() == []


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_an_object_is_written_anew_whole(reopen: Reopen, is_confirmed: bool) -> None:
    """Changed frames lie where they are said to, keep their hash, and a pending object is still confirmed once."""
    name = keep(reopen(), 3)
    before = list(reopen().read(name))
    if is_confirmed:
        reopen().confirm(name)

    def without(frame: Frame) -> Frame:
        if frame != before[1].frame:
            return frame
        return msgspec.structs.replace(frame, body=msgspec.Raw(b'{"data":[]}'), was=frame.page_hash)

    places = reopen().rewrite(name, without)
    assert list(reopen().read(name)) == places
    assert [kept.frame.page_hash for kept in places] == [kept.frame.page_hash for kept in before]
    assert bytes(places[1].frame.body) == b'{"data":[]}'
    assert reopen().pending() == ([] if is_confirmed else [name])
    reopen().confirm(name)
    assert (reopen().pending(), reopen().objects(), list(reopen().read(name))) == ([], [name], places)
    assert reopen().rewrite(name, lambda frame: frame) == places
    reopen().delete(name)
    reopen().delete(name)
    assert reopen().objects() == []


def test_an_object_that_is_gone_is_told(reopen: Reopen) -> None:
    """One sentence with its name."""
    with pytest.raises(ArchiveError, match=r"archived object t/2026/10/gone\.jsonl\.zst"):
        list(reopen().read("t/2026/10/gone.jsonl.zst"))


def test_an_archive_tells_its_state(reopen: Reopen) -> None:
    """What doctor asks; the probe that it writes is gone afterwards."""
    assert "can be written to" in reopen().check()
    assert (reopen().objects(), reopen().pending()) == ([], [])


@pytest.mark.parametrize(("count", "joined"), [(1, 32), (32, 32), (33, 32), (30, 3)])
def test_any_number_of_pages_becomes_one_object(
    bucket: Bucket, count: int, joined: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google joins 32 objects a call: more of them are joined by levels, in their order, and no other object stays."""
    monkeypatch.setattr("arcane.archive.bucket._COMPOSED", joined)
    archive = BucketArchive(bucket.url, endpoint=bucket.endpoint)
    name = keep(archive, count)
    archive.confirm(name)
    assert [kept.frame.observed_at for kept in archive.read(name)] == [
        frame(n).observed_at for n in range(1, count + 1)
    ]
    assert [blob.name for blob in archive._client.list_blobs(archive._bucket)] == [archive._folder + name]


@pytest.mark.parametrize("call", range(1, 8))
def test_a_confirmation_cut_anywhere_is_made_good(bucket: Bucket, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before or between the joins and deletions of ten pages: confirming again gives the one whole object."""
    monkeypatch.setattr("arcane.archive.bucket._COMPOSED", 4)
    archive = BucketArchive(bucket.url, endpoint=bucket.endpoint)
    name = keep(archive, 10)
    whole = list(archive.read(name))
    calls = itertools.count(1)
    with monkeypatch.context() as patched:
        for method in ("_join", "_delete"):
            inner = getattr(BucketArchive, method)

            def dying(*args: Any, inner: Any = inner) -> Any:
                if next(calls) == call:
                    raise KeyboardInterrupt
                if inner.__name__ == "_delete":  # die half-way too
                    inner(args[0], args[1][: len(args[1]) // 2])
                    if next(calls) == call:
                        raise KeyboardInterrupt
                return inner(*args)

            patched.setattr(BucketArchive, method, dying)
        if call <= 6:
            with pytest.raises(KeyboardInterrupt):
                archive.confirm(name)
        else:
            archive.confirm(name)
    again = BucketArchive(bucket.url, endpoint=bucket.endpoint)
    assert list(again.read(name)) == whole
    again.confirm(name)
    assert list(again.read(name)) == whole
    assert [blob.name for blob in again._client.list_blobs(again._bucket)] == [again._folder + name]


def test_a_missing_page_is_told(bucket: Bucket) -> None:
    """A pending object with a hole is not read as if it were whole."""
    archive = BucketArchive(bucket.url, endpoint=bucket.endpoint)
    name = keep(archive, 3)
    archive._delete(archive._parts(name)[1:2])
    with pytest.raises(ArchiveError, match="is not whole in gs://"):
        list(archive.read(name))


def test_what_would_keep_erased_pages_is_told(bucket: Bucket) -> None:
    """Versions, a retention policy and a long soft delete are findings; a lifecycle rule is named."""
    archive = BucketArchive(bucket.url, endpoint=bucket.endpoint)
    one = archive._bucket
    one.reload()
    one.add_lifecycle_delete_rule(age=400)
    one.patch()
    assert "pages are deleted after 400 days" in archive.check()
    one.soft_delete_policy.retention_duration_seconds = 30 * 86_400
    one.patch()
    with pytest.raises(ArchiveError, match="for 30 days: gcloud storage buckets update --clear-soft-delete gs://"):
        archive.check()
    one.versioning_enabled = True
    one.patch()
    with pytest.raises(ArchiveError, match="--no-versioning gs://"):
        archive.check()


def test_a_bucket_that_is_not_there_is_told(bucket: Bucket) -> None:
    """Before anything is asked of X."""
    archive = BucketArchive("gs://no-such-bucket/a", endpoint=bucket.endpoint)
    for act in (archive.pending, archive.check, lambda: keep(archive, 1)):
        with pytest.raises(ArchiveError, match="bucket of gs://no-such-bucket/a does not exist"):
            act()


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (google_errors.Forbidden("no"), ArchiveError, "roles/storage.objectUser"),
        (google_errors.ServiceUnavailable("down"), ArchiveAway, "again later"),
        (google_errors.TooManyRequests("slow down"), ArchiveAway, "again later"),
        (google_errors.BadRequest("what"), ArchiveError, "what"),
        (requests.exceptions.ConnectionError("refused"), ArchiveAway, "does not answer"),
    ],
)
def test_googles_errors_become_ours(bucket: Bucket, error: Exception, kind: type[ArchiveError], told: str) -> None:
    """One sentence each, and the exit code that says whether to try again."""
    archive = BucketArchive(bucket.url, endpoint=bucket.endpoint)
    with pytest.raises(ArchiveError, match=told) as raised, archive._translated():
        raise error
    assert type(raised.value) is kind


def test_a_collection_into_a_bucket_replays(bucket: Bucket, tmp_path: Path) -> None:
    """Collect with the archive in a bucket, see it in doctor, rebuild the tables from it: they are the same."""
    with stage(tweets=1200, rate_limits=False) as on:
        app = on.app(tmp_path, archive={"url": bucket.url, "endpoint": bucket.endpoint})
        app.collect(progress=Silent())
        before = table(app, "tweets")
        assert app.archive().pending() == []
        assert not (tmp_path / "archive").exists()
        app.replay(after=lambda _: None)
        assert table(app, "tweets") == before
        assert len(before) > 500
        (finding,) = [one for one in examine(app, has_probe=False) if one.subject == "archive"]
        assert (finding.exit_code, finding.message.startswith(bucket.url)) == (0, True)
        with app._store() as store:
            archive = BucketArchive(bucket.url, endpoint=bucket.endpoint)
            archive._delete(archive.objects()[:1])
            with pytest.raises(
                ArchiveError, match="1 archived objects that the tables were made from are not in gs://"
            ):
                replay(store, after=lambda _: None)


def test_a_confirmed_object_that_is_cut_short_is_told(tmp_path: Path) -> None:
    """Only a pending object may end in half a frame: of a confirmed one no page is dropped in silence."""
    archive = FolderArchive(tmp_path)
    with archive.create(tracker="arcane", opened_at=NOON, label="x") as writer:
        for number in range(2):
            writer.append(frame(number))
    path = tmp_path / "pending" / writer.name.replace("/", "~")
    data = path.read_bytes()
    path.write_bytes(data[:-5])
    assert len(list(archive.read(writer.name))) == 1
    archive.confirm(writer.name)
    with pytest.raises(ArchiveError, match="cut short"):
        list(archive.read(writer.name))
