"""The fourth story: once a week X is asked about every id that is stored; what it names is to be erased.

X takes hours. Ids are read from what was last published and nothing is held meanwhile: other runs write.

Nothing is noted here: X's own list of jobs tells a later run where an earlier one was, since a job's name holds the
stretch of ids that it was made for.
"""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import IO, Final

import structlog

from arcane.clock import Clock
from arcane.errors import Unavailable
from arcane.warehouse.interface import Named, Reader
from arcane.warehouse.questions import stored_ids
from arcane.x import compliance
from arcane.x.client import XClient
from arcane.x.compliance import Job

log = structlog.get_logger()

_KINDS: Final = {"tweets": "tweet", "users": "author"}
_NAME: Final = "arcane"
_MOST_IDS: Final = 6_000_000  # a job takes 128 MB
_AT_ONCE: Final = 250_000
_POLL_S: Final = 30
_TOLD_EVERY: Final = 20  # polls
_FRESH: Final = timedelta(days=1)
_FIRST: Final = "0"  # before every id
_LAST: Final = "~"  # after every id
# An author who was suspended or left may come back with the tweets; what the author deleted does not.
_REASONS: Final = {"deleted": "deleted", "protected": "protected"}
_OTHERWISE: Final = "suspended"


def named(
    *, client: XClient, reader: Callable[[], Reader], clock: Clock, most_ids: int = _MOST_IDS
) -> Iterator[list[Named]]:
    """Ask X about all stored tweets, then all authors; what it names, as tombstones, job by job.

    Each is to be erased before the next is asked for: a later run begins with the newest job of the last day.

    Raises: SourceError, OutOfTime; the next run goes on with the job.
    """
    for kind in _KINDS:
        job = _under_way(kind, client=client, clock=clock)
        job = job or _start(kind, after=_FIRST, client=client, reader=reader, most_ids=most_ids)
        while job is not None:
            complete = _waited(job, kind, client=client, reader=reader, clock=clock)
            if found := _named(complete, kind, client=client):
                yield found
            job = _start(kind, after=_stretch(job)[1], client=client, reader=reader, most_ids=most_ids)


def _under_way(kind: str, *, client: XClient, clock: Clock) -> Job | None:
    """The newest job that a run of the last day began, if it can come to something."""
    for job in compliance.jobs(client, kind):
        if job.name.startswith(f"{_NAME}-") and job.status not in {"failed", "expired"}:
            return job if job.created_at > clock.now() - _FRESH else None
    return None


def _start(kind: str, *, after: str, client: XClient, reader: Callable[[], Reader], most_ids: int) -> Job | None:
    """A job for the next ids; None if there are none."""
    with tempfile.TemporaryFile() as lines:
        last = _write(lines, kind, after=after, until=_LAST, reader=reader, most_ids=most_ids)
        if last == after:
            return None
        job = compliance.create(client, kind, name=f"{_NAME}-{after}-{last}")
        compliance.upload(client, job, lines)
    log.info("compliance.asked", kind=kind, job=job.id)
    return job


def _write(lines: IO[bytes], kind: str, *, after: str, until: str, reader: Callable[[], Reader], most_ids: int) -> str:
    """Write the stored ids after ``after``, up to ``until``, one a line; the last of them."""
    count = 0
    with contextlib.closing(reader()) as opened:
        while count < most_ids:
            sql = stored_ids(_KINDS[kind], limit=min(_AT_ONCE, most_ids - count))
            found = [str(row[0]) for row in opened.query(sql, {"after": after, "until": until}).rows]
            if not found:
                break
            lines.write("".join(f"{one}\n" for one in found).encode())
            count += len(found)
            after = found[-1]
    lines.seek(0)
    return after


def _waited(job: Job, kind: str, *, client: XClient, reader: Callable[[], Reader], clock: Clock) -> Job:
    """The job when it is complete. One that waits for its ids gets them again."""
    if compliance.job(client, job.id).status == "created":
        after, until = _stretch(job)
        with tempfile.TemporaryFile() as lines:
            _write(lines, kind, after=after, until=until, reader=reader, most_ids=_MOST_IDS)
            compliance.upload(client, job, lines)
    for poll in itertools.count():
        now = compliance.job(client, job.id)
        if now.status not in {"created", "in_progress"}:
            break
        if poll % _TOLD_EVERY == 0:
            log.info("compliance.awaited", kind=kind, job=job.id, wait_s=poll * _POLL_S)
        clock.sleep(_POLL_S)
    if now.status != "complete":
        raise Unavailable(
            f"X's compliance job {job.id} is {now.status}: run the same command again, it makes a new one"
        )
    return now


def _named(job: Job, kind: str, *, client: XClient) -> list[Named]:
    """What was read before the job was made is bound by it; X looked after that."""
    found = compliance.findings(client, job)
    gone = [
        Named(_KINDS[kind], one.id, _REASONS.get(one.reason or "", _OTHERWISE), job.created_at, "compliance")
        for one in found
        if one.action == "delete"
    ]
    log.info("compliance.told", kind=kind, job=job.id, found_count=len(found), named_count=len(gone))
    return gone


def _stretch(job: Job) -> tuple[str, str]:
    """The ids that a job was made for: after the first, up to the second."""
    _, after, last = job.name.split("-", 2)
    return after, last
