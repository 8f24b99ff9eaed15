"""X's own account beside our books."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stories import NOW, Silent, stage, table

from arcane.audit import has_drifted
from arcane.simulator.clock import AdjustableClock


def test_books_that_agree_say_nothing_and_others_do(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The day after, X's figure of yesterday is ours; once somebody else has read with the same project, a warning."""
    with stage(tweets=1500, rate_limits=False) as on:
        clock = on.simulator.clock
        assert isinstance(clock, AdjustableClock)
        on.app(tmp_path).run(progress=Silent())
        booked = sum(row["kind"] == "post" for row in table(on.app(tmp_path), "reads"))
        assert on.app(tmp_path).usage(days=1) == [(NOW.date(), booked, booked)]
        clock.advance(86_400)
        app = on.app(tmp_path, log={"level": "warning", "format": "json"})
        app.run(progress=Silent())
        assert "usage.drifted" not in "".join(capfd.readouterr())
        on.app(tmp_path / "another").collect(progress=Silent())
        clock.advance(86_400)
        on.app(tmp_path).run(progress=Silent())
        assert "usage.drifted" in "".join(capfd.readouterr())


@pytest.mark.parametrize(("told", "booked", "expected"), [(100, 109, False), (100, 111, True), (5000, 4910, False), (5000, 4800, True)])  # fmt: skip
def test_what_a_drift_is(told: int, booked: int, expected: bool) -> None:
    """More than ten posts and more than 2 %."""
    assert has_drifted(told=told, booked=booked) is expected
