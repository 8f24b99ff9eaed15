"""Batch compliance: the way of a job, what it lists, what it refuses; over a socket too."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import numpy as np
import pytest
from tests.simulator.asking import asked, reply, simulator, truth, validator, world

from arcane.simulator.api import Asked
from arcane.simulator.compliance import JOBS
from arcane.simulator.reply import Reply
from arcane.simulator.server import Simulator
from arcane.simulator.world import NEVER

MINUTE = 60.0


def _sent(
    to: Simulator,
    method: str,
    url: str,
    body: bytes = b"",
    *,
    token: str = "simulator",
    params: dict[str, str] | None = None,
) -> Reply:
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query)) if params is None else params
    return to.api.answer(Asked(parts.path, given, f"Bearer {token}", method=method, body=body))


def _created(to: Simulator, **wish: Any) -> dict[str, Any]:
    found = _sent(to, "POST", JOBS, json.dumps({"type": "tweets", **wish}).encode())
    assert found.status == 200, found.body
    job: dict[str, Any] = json.loads(found.body)["data"]
    return job


def _status(of: Simulator, job: dict[str, Any]) -> str:
    return str(asked(of, f"{JOBS}/{job['id']}", {})["data"]["status"])


def _result(of: Simulator, ids: list[str], **wish: Any) -> list[dict[str, Any]]:
    """What a job says of these ids."""
    job = _created(of, **wish)
    assert _sent(of, "PUT", job["upload_url"], "\n".join(ids).encode()).status == 200
    of.clock.advance(5 * MINUTE)  # type: ignore[attr-defined]
    found = _sent(of, "GET", job["download_url"])
    assert found.status == 200, found.body
    return [json.loads(line) for line in found.body.decode().splitlines()]


def test_a_job_goes_its_way() -> None:
    """Created, in progress from the upload on, complete minutes later, and then there is a result."""
    x = simulator(compliance_s=600)
    job = _created(x, name="weekly")
    assert job == {
        "id": job["id"],
        "type": "tweets",
        "name": "weekly",
        "resumable": False,
        "status": "created",
        "created_at": "2026-11-20T10:00:00.000Z",
        "upload_url": job["upload_url"],
        "upload_expires_at": "2026-11-20T10:15:00.000Z",
        "download_url": job["download_url"],
        "download_expires_at": "2026-11-27T10:00:00.000Z",
    }
    assert job["upload_url"].startswith(f"http://127.0.0.1{JOBS}/{job['id']}/upload?token=")
    x.clock.advance(10 * MINUTE)  # type: ignore[attr-defined]
    assert (_status(x, job), _sent(x, "GET", job["download_url"]).status) == ("created", 404)
    uploaded = _sent(x, "PUT", job["upload_url"], b"1\n2\n")
    assert (uploaded.status, uploaded.body) == (200, b"")
    x.clock.advance(10 * MINUTE - 1)  # type: ignore[attr-defined]
    assert (_status(x, job), _sent(x, "GET", job["download_url"]).status) == ("in_progress", 404)
    x.clock.advance(1)  # type: ignore[attr-defined]
    done = _sent(x, "GET", job["download_url"])
    assert (_status(x, job), done.status, done.body) == ("complete", 200, b"")
    assert x.api.bill.days() == {}


def test_a_job_of_tweets_lists_those_that_must_go() -> None:
    """Deleted, of a deleted, protected or suspended author, or edited since; neither the withheld nor the well."""
    x = simulator()
    on = x.world
    alone = [one for one in truth(x) if (on.author == on.author[on.index(one) or 0]).sum() == 1][:6]
    authors = [str(100_000 + int(on.author[on.index(one) or 0])) for one in alone]
    x.api.set_fate("deleted", tweet_id=alone[0])
    for fate, author_id in zip(("deleted", "protected", "suspended"), authors[1:4], strict=True):
        x.api.set_fate(fate, author_id=author_id)
    x.api.set_fate("withheld", tweet_id=alone[4])
    found = _result(x, [*alone, "12", "nonsense"])
    assert found == [
        *(
            {
                "id": one,
                "action": "delete",
                "created_at": _second(int(on.made_ms[on.index(one) or 0])),
                "redacted_at": "2026-11-20T10:00:00.000Z",
                "reason": reason,
                "deleted_at": "2026-11-20T10:00:00.000Z",
            }
            for one, reason in zip(alone, ("deleted", "deactivated", "protected", "suspended"), strict=False)
        ),
        {"id": "nonsense", "error": "invalid_id"},
    ]
    x.api.set_fate("live", author_id=authors[2])
    assert [row["id"] for row in _result(x, alone)] == [alone[0], alone[1], alone[3]]


def test_an_edited_tweet_is_to_be_read_again() -> None:
    """The old version is listed with the moment of its edit, the new one is not."""
    x = simulator(world(20_000, 3))
    on = x.world
    fits = (on.first_version != np.arange(len(on))) & (on.deleted_ms == NEVER)
    new = int(np.flatnonzero(fits)[-1])
    old = int(on.first_version[new])
    assert _result(x, [str(on.ids[old]), str(on.ids[new])]) == [
        {
            "id": str(on.ids[old]),
            "action": "rehydrate",
            "created_at": _second(int(on.made_ms[old])),
            "redacted_at": _second(int(on.made_ms[new])),
            "reason": "tweet_edited",
        }
    ]


def test_a_job_of_users_lists_those_that_must_go() -> None:
    """By their own fate; an id that no author has is not listed."""
    x = simulator()
    for fate, author_id in (("deleted", "100001"), ("protected", "100002"), ("suspended", "100003")):
        x.api.set_fate(fate, author_id=author_id)
    found = _result(x, ["100001", "100002", "100003", "100004", "12"], type="users")
    assert [(row["id"], row["action"], row["reason"]) for row in found] == [
        ("100001", "delete", "deactivated"),
        ("100002", "delete", "protected"),
        ("100003", "delete", "suspended"),
    ]


def test_a_result_is_what_was_true_when_the_job_ended() -> None:
    """What happens later is for the next job."""
    x = simulator()
    one = truth(x)[30]
    job = _created(x)
    _sent(x, "PUT", job["upload_url"], one.encode())
    x.clock.advance(301)  # type: ignore[attr-defined]
    x.api.set_fate("deleted", tweet_id=one)
    assert _sent(x, "GET", job["download_url"]).body == b""
    assert [row["reason"] for row in _result(x, [one])] == ["deleted"]


def test_one_job_of_a_type_at_a_time() -> None:
    """409 while one is created or in progress; free again once it has ended, expired or failed; users apart."""
    x = simulator()
    body = b'{"type":"tweets"}'
    job = _created(x)
    refused = _sent(x, "POST", JOBS, body)
    assert (refused.status, json.loads(refused.body)["type"]) == (409, "https://api.x.com/2/problems/conflict")
    assert _created(x, type="users")["type"] == "users"
    _sent(x, "PUT", job["upload_url"], b"1")
    assert _sent(x, "POST", JOBS, body).status == 409
    x.api.compliance.fail(job["id"])
    assert _status(x, job) == "failed"
    expired = _created(x)
    x.clock.advance(15 * MINUTE)  # type: ignore[attr-defined]
    assert _status(x, expired) == "expired"
    last = _created(x)
    found = asked(x, JOBS, {"type": "tweets"})
    assert [(one["id"], one["status"]) for one in found["data"]] == [
        (last["id"], "created"),
        (expired["id"], "expired"),
        (job["id"], "failed"),
    ]
    assert asked(x, JOBS, {"type": "tweets", "status": "failed"})["meta"] == {"result_count": 1}


def test_addresses_end_and_serve_one_purpose() -> None:
    """401 without the bearer token or the address's own, 403 late or with the other address's token, 404 for no job."""
    x = simulator()
    job = _created(x)
    tokens = {name: dict(parse_qsl(urlsplit(job[f"{name}_url"]).query)) for name in ("upload", "download")}
    statuses = [
        _sent(x, "PUT", job["upload_url"], b"1", token="other").status,
        _sent(x, "PUT", job["upload_url"], b"1", params={}).status,
        _sent(x, "PUT", job["upload_url"], b"1", params=tokens["download"]).status,
        _sent(x, "PUT", f"{JOBS}/12/upload", b"1", params=tokens["upload"]).status,
        _sent(x, "GET", job["upload_url"]).status,
    ]
    assert statuses == [401, 401, 403, 404, 404]
    x.clock.advance(15 * MINUTE)  # type: ignore[attr-defined]
    assert _sent(x, "PUT", job["upload_url"], b"1").status == 403
    second = _created(x)
    _sent(x, "PUT", second["upload_url"], b"1")
    x.clock.advance(7 * 86_400)  # type: ignore[attr-defined]
    assert _sent(x, "GET", second["download_url"]).status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"type":"posts"}',
        b'{"type":"users","name":7}',
        b'{"type":"users","name":"%b"}' % (b"a" * 65),
    ],
)
def test_a_wish_that_is_none_is_refused(body: bytes) -> None:
    """400 in X's shape, and no job."""
    x = simulator(world(50))
    found = _sent(x, "POST", JOBS, body)
    assert (found.status, json.loads(found.body)["title"]) == (400, "Invalid Request")
    assert asked(x, JOBS, {"type": "users"}) == {"meta": {"result_count": 0}}


@pytest.mark.parametrize(
    "params", [{}, {"type": "posts"}, {"type": "users", "status": "expired"}, {"type": "users", "ids": "1"}]
)
def test_a_list_wants_a_type(params: dict[str, str]) -> None:
    """Known types, known statuses, known parameters."""
    assert reply(simulator(world(50)), JOBS, params).status == 400


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_jobs_are_as_x_specifies(words: str) -> None:
    """Made, asked for and listed, whole or by fields, a job is valid under the published schemas."""
    x = simulator(vocabulary=words)
    made = _sent(x, "POST", JOBS, b'{"type":"users","name":"a"}')
    job = json.loads(made.body)
    if words == "tweet":  # 2.166 describes no resumable, which every recorded job has
        del job["data"]["resumable"]
    validator(words, JOBS, "post").validate(job)
    fields = "created_at,download_expires_at,download_url,id,name,status,type,upload_expires_at,upload_url"
    one = {"compliance_job.fields": fields}
    validator(words, f"{JOBS}/{{id}}").validate(asked(x, f"{JOBS}/{job['data']['id']}", one))
    validator(words, JOBS).validate(asked(x, JOBS, {"type": "users", **one}))


def test_150_requests_a_quarter_of_an_hour() -> None:
    """Making, asking and listing have windows of their own."""
    x = simulator(world(50), rate_limits=True)
    assert _sent(x, "POST", JOBS, b'{"type":"tweets"}').headers["x-rate-limit-remaining"] == "149"
    statuses = [reply(x, JOBS, {"type": "users"}).status for _ in range(151)]
    assert statuses == [200] * 150 + [429]
    assert reply(x, f"{JOBS}/12", {}).headers["x-rate-limit-remaining"] == "149"


def test_over_a_socket() -> None:
    """The addresses lead back to the simulator, and take PUT and GET with the bearer token."""
    x = simulator()
    one = truth(x)[3]
    x.api.set_fate("deleted", tweet_id=one)
    bearer = {"authorization": "Bearer simulator"}
    with x.running() as base_url, httpx2.Client(base_url=base_url, trust_env=False, headers=bearer) as http:
        job = http.post(JOBS, json={"type": "tweets"}).json()["data"]
        assert job["upload_url"].startswith(base_url)
        assert http.put(job["upload_url"], content=f"{one}\n").status_code == 200
        x.clock.advance(300)  # type: ignore[attr-defined]
        done = http.get(job["download_url"])
        assert (done.headers["content-type"], json.loads(done.text)["id"]) == ("application/x-ndjson", one)
        assert [row["method"] for row in http.get("/simulator/log").json()] == ["POST", "PUT", "GET"]
        assert http.delete(f"{JOBS}/{job['id']}").status_code == 404


def _second(milliseconds: int) -> str:
    moment = np.datetime64(milliseconds // 1000, "s")
    return f"{moment}.000Z"
