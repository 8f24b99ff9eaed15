"""X's batch compliance: a job takes ids, one a line, and later tells which of them must go.

Source: docs/x-api-facts.md#compliance
"""

from __future__ import annotations

from datetime import datetime
from typing import IO, Final, TypeVar

import msgspec
from msgspec import Struct

from arcane.errors import PageError
from arcane.x.client import XClient

JOBS: Final = "/2/compliance/jobs"
T = TypeVar("T")


class Job(Struct, frozen=True):
    """``status``: created (waits for its ids), in_progress, complete, failed or expired."""

    id: str
    status: str
    created_at: datetime
    name: str = ""
    upload_url: str = ""
    download_url: str = ""


class Finding(Struct, frozen=True):
    """What X wants done about one id."""

    id: str
    action: str = ""
    reason: str | None = None


class _Told(Struct):
    data: Job


class _Listed(Struct):
    data: list[Job] = []


def jobs(client: XClient, kind: str) -> list[Job]:
    """Every job of a kind (tweets or users) that X still knows, the newest first."""
    listed = client.exchange("GET", JOBS, lambda body: _decoded(body, _Listed), params={"type": kind}).data
    return sorted(listed, key=lambda job: job.created_at, reverse=True)


def job(client: XClient, identity: str) -> Job:
    """A job as it is now."""
    return client.exchange("GET", f"{JOBS}/{identity}", lambda body: _decoded(body, _Told)).data


def create(client: XClient, kind: str, *, name: str) -> Job:
    """A new job; X has one at a time of a kind. Raises: Unavailable while there is one."""
    wish = msgspec.json.encode({"type": kind, "name": name})
    return client.exchange("POST", JOBS, lambda body: _decoded(body, _Told), content=wish).data


def upload(client: XClient, of: Job, lines: IO[bytes]) -> None:
    """Send the ids, one a line; X then begins."""
    client.exchange("PUT", of.upload_url, lambda _: None, content=lines)


def findings(client: XClient, of: Job) -> list[Finding]:
    """What a complete job found; ids that are well are not in it."""
    return client.exchange("GET", of.download_url, _lines)


def _lines(body: bytes) -> list[Finding]:
    return [_decoded(line, Finding) for line in body.splitlines() if line.strip()]


def _decoded(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise PageError(f"X answered {len(body)} bytes of compliance that are of an unknown shape ({exc})") from exc
