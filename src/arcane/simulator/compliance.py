"""Batch compliance: a job is made, ids are put to its upload address, and later those that must go are read.

Both addresses are X's own, signed by a token, and want the bearer token too, as X's guide of autumn 2026 says;
before, they were Google's, and wanted none. Cancelling a job is not simulated.

Source: docs/x-api-facts.md#compliance
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import numpy as np

from arcane.simulator import request
from arcane.simulator.fates import DEACTIVATED, DELETED, FATES, PROTECTED, SUSPENDED, Fates
from arcane.simulator.reply import Reply, encode
from arcane.simulator.request import PROBLEMS, Params, Refused, invalid
from arcane.simulator.world import World

JOBS: Final = "/2/compliance/jobs"
_UPLOAD_TIME: Final = timedelta(minutes=15)
_DOWNLOAD_TIME: Final = timedelta(days=7)
_MOST_BYTES: Final = 128_000_000
_FIELDS: Final = (
    "created_at", "download_expires_at", "download_url", "id", "name", "resumable", "status", "type",
    "upload_expires_at", "upload_url",
)  # fmt: skip
_TYPES: Final = ("tweets", "users")
_STATUSES: Final = ("created", "in_progress", "failed", "complete")


@dataclass(slots=True)
class _Job:
    number: int
    kind: str
    name: str | None
    made_at: datetime
    base_url: str
    ids: list[str] | None = None
    uploaded_at: datetime | None = None
    has_failed: bool = False

    def status(self, now: datetime, duration: timedelta) -> str:
        if self.uploaded_at is None:
            return "created" if now < self.made_at + _UPLOAD_TIME else "expired"
        if self.has_failed:
            return "failed"
        return "in_progress" if now < self.uploaded_at + duration else "complete"

    def address(self, purpose: str) -> str:
        """Path and token of ``upload`` or ``download``."""
        token = blake2b(f"{self.number}:{purpose}".encode(), digest_size=12).hexdigest()
        return f"{JOBS}/{self.number}/{purpose}?token={token}"


class Compliance:
    """The jobs of one app. ``duration``: from the upload to the result."""

    def __init__(self, world: World, fates: Fates, *, duration: timedelta) -> None:
        self._world = world
        self._fates = fates
        self._duration = duration
        self._jobs: list[_Job] = []

    def create(self, body: bytes, now: datetime, base_url: str) -> Reply:
        """The answer to POST. Raises: Refused."""
        wish = _wish(body)
        status_of = {job.kind: job.status(now, self._duration) for job in self._jobs}  # the newest job of a kind
        if status_of.get(wish["type"]) in {"created", "in_progress"}:
            detail = "You cannot create a new job if one is already in progress."
            conflict = {"title": "Conflict", "detail": detail, "type": f"{PROBLEMS}conflict", "status": 409}
            raise Refused(409, conflict)
        number = (int(now.timestamp() * 1000) << 20) + len(self._jobs)
        self._jobs.append(_Job(number, wish["type"], wish.get("name"), now, base_url))
        return Reply(200, encode({"data": self._told(self._jobs[-1], now)}))

    def one(self, number: str, params: Params, now: datetime) -> Reply:
        """The answer to GET of a job. Raises: Refused."""
        job = self._job(number)
        fields = request.listed_of(params, "compliance_job.fields", _FIELDS)
        return Reply(200, encode({"data": self._told(job, now, fields)}))

    def every(self, params: Params, now: datetime) -> Reply:
        """The answer to GET of the jobs of a type, newest first. Raises: Refused."""
        if "type" not in params:
            raise invalid("The `type` query parameter can not be empty", {"type": ""})
        kind = request.one_of(params, "type", _TYPES)
        status = request.one_of(params, "status", _STATUSES) if "status" in params else None
        fields = request.listed_of(params, "compliance_job.fields", _FIELDS)
        found = [job for job in reversed(self._jobs) if job.kind == kind]
        told = [self._told(job, now, fields) for job in found if status in (None, job.status(now, self._duration))]
        body = {"data": told, "meta": {"result_count": len(told)}} if told else {"meta": {"result_count": 0}}
        return Reply(200, encode(body))

    def upload(self, number: str, params: Params, body: bytes, now: datetime) -> Reply:
        """The answer to PUT of ids, one a line. Raises: Refused."""
        job = self._job(number)
        _check_token(job, "upload", params, now < job.made_at + _UPLOAD_TIME)
        if len(body) > _MOST_BYTES:
            raise _refused(413, "Content Too Large", "An upload has at most 128 MB.")
        job.ids, job.uploaded_at = list(dict.fromkeys(body.decode(errors="replace").split())), now
        return Reply(200, b"", kind="text/plain")

    def download(self, number: str, params: Params, now: datetime) -> Reply:
        """The answer to GET of the result: one JSON object a line, none for ids that are well. Raises: Refused."""
        job = self._job(number)
        _check_token(job, "download", params, now < job.made_at + _DOWNLOAD_TIME)
        if job.status(now, self._duration) != "complete" or job.uploaded_at is None:
            raise _refused(404, "Not Found", f"Job {job.number} has no result.")
        at_ms = int((job.uploaded_at + self._duration).timestamp() * 1000)
        found = [self._finding(job.kind, one, at_ms) for one in job.ids or ()]
        lines = [json.dumps(one) + "\n" for one in found if one is not None]
        return Reply(200, "".join(lines).encode(), kind="application/x-ndjson")

    def fail(self, number: str) -> None:
        """An uploaded job comes to nothing, as X says that it may. Raises: Refused if there is no such job."""
        self._job(number).has_failed = True

    def _job(self, number: str) -> _Job:
        for job in self._jobs:
            if str(job.number) == number:
                return job
        raise _refused(404, "Not Found Error", f"Could not find compliance job with id: [{number}].")

    def _told(self, job: _Job, now: datetime, fields: frozenset[str] = frozenset()) -> dict[str, Any]:
        whole = {
            "id": str(job.number),
            "type": job.kind,
            "name": job.name,
            "resumable": False,
            "status": job.status(now, self._duration),
            "created_at": _iso(job.made_at),
            "upload_url": job.base_url + job.address("upload"),
            "upload_expires_at": _iso(job.made_at + _UPLOAD_TIME),
            "download_url": job.base_url + job.address("download"),
            "download_expires_at": _iso(job.made_at + _DOWNLOAD_TIME),
        }
        return {name: value for name, value in whole.items() if value is not None and (not fields or name in fields)}

    def _finding(self, kind: str, identity: str, at_ms: int) -> dict[str, Any] | None:
        """What must be done about an id, as X saw it when the job ended; None if it is well, or was never there."""
        if not (identity.isdecimal() and len(identity) <= 19):
            return {"id": identity, "error": "invalid_id"}
        if kind == "users":
            author = int(identity) - 100_000
            if not 0 <= author < len(self._world.followers):
                return None
            fate = self._fates.of_author(author, at_ms)
            made_ms = int(datetime(2015, 6, 1, 8, tzinfo=UTC).timestamp() * 1000)
            place = author
        else:
            index = self._world.index(identity)
            if index is None or self._world.made_ms[index] > at_ms:
                return None
            fate, made_ms = int(self._fates.of(np.array([index]), at_ms)[0]), int(self._world.made_ms[index])
            place = index if fate == DELETED else int(self._world.author[index])
            if fate not in _REASONS and self._world.superseded_ms[index] <= at_ms:
                edited_ms = int(self._world.superseded_ms[index])
                return _event(identity, "rehydrate", "tweet_edited", made_ms, edited_ms)
        if fate not in _REASONS:
            return None
        began_ms = self._fates.began_ms(fate, place)
        return _event(identity, "delete", FATES[fate], made_ms, began_ms) | {"deleted_at": _iso_ms(began_ms)}


_REASONS: Final = frozenset({PROTECTED, SUSPENDED, DEACTIVATED, DELETED})  # what is withheld is not listed


def _event(identity: str, action: str, reason: str, made_ms: int, event_ms: int) -> dict[str, Any]:
    return {
        "id": identity,
        "action": action,
        "created_at": _iso_ms(made_ms),
        "redacted_at": _iso_ms(event_ms),
        "reason": reason,
    }


def _wish(body: bytes) -> dict[str, Any]:
    try:
        wish = json.loads(body)
    except ValueError:
        wish = None
    if not isinstance(wish, dict) or wish.get("type") not in _TYPES:
        raise invalid(
            "The `type` field of the body is not one of [tweets,users]", {"type": body[:100].decode("latin-1")}
        )
    if not isinstance(wish.get("name", ""), str) or len(wish.get("name", "")) > 64:
        raise invalid("The `name` field of the body is no text of at most 64 characters", {"name": str(wish["name"])})
    return wish


def _check_token(job: _Job, purpose: str, params: Params, is_in_time: bool) -> None:
    token = params.get("token", "")
    if not token:
        raise _refused(401, "Unauthorized", "Unauthorized")
    if not job.address(purpose).endswith(f"?token={token}") or not is_in_time:
        raise _refused(403, "Forbidden", "The token of this address is expired, or for another purpose.")


def _refused(status: int, title: str, detail: str) -> Refused:
    return Refused(status, {"title": title, "detail": detail, "type": "about:blank", "status": status})


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _iso_ms(milliseconds: int) -> str:
    return _iso(datetime.fromtimestamp(milliseconds / 1000, UTC))
