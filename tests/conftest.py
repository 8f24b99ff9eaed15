"""Servers that tests of several files share, started once a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.emulators import Bucket, Google, google, new_bucket, storage
from tests.googlesql.judge import Judge
from tests.googlesql.spoken import Spoken


@pytest.fixture(scope="session", name="judge")
def _judge() -> Judge:
    """Google's own analyzer over the tables of the contract."""
    return Judge()


@pytest.fixture(scope="session", name="google")
def _google() -> Iterator[Google]:
    """BigQuery, emulated or real."""
    with google() as started:
        yield started


@pytest.fixture(scope="session")
def storage_endpoint() -> Iterator[str]:
    """Cloud Storage, emulated."""
    with storage() as endpoint:
        yield endpoint


@pytest.fixture(name="bucket")
def _bucket(storage_endpoint: str) -> Bucket:
    return new_bucket(storage_endpoint)


@pytest.fixture(autouse=True)
def _googlesql(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every statement that a test sends to BigQuery must be GoogleSQL to Google's own analyzer."""
    if "google" not in request.fixturenames and "made" not in request.fixturenames:
        yield
        return
    judge: Judge = request.getfixturevalue("judge")
    spoken = Spoken()
    spoken.listen(monkeypatch)
    yield
    judge.hear(spoken.heard)
    if spoken.heard:
        request.getfixturevalue("google").clean()
