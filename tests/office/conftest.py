"""One small collected world that office tools read, made once a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.serve.serving import filled
from tests.stories import stage

from arcane.app import App


@pytest.fixture(scope="session", name="collected")
def _collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with stage(tweets=2_000) as running:
        yield filled(running, tmp_path_factory.mktemp("office"))
