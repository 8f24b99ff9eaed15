"""What keeps Arcane from working, told before a run finds it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.stories import NOW, Silent, stage

from arcane.doctor import Finding, examine


def subjects(findings: list[Finding]) -> dict[str, int]:
    return {finding.subject: finding.exit_code for finding in findings}


def told(findings: list[Finding], subject: str) -> str:
    return next(finding.message for finding in findings if finding.subject == subject)


def test_a_sound_installation_is_fine(tmp_path: Path) -> None:
    """Every check passes, and reads no post without being asked to."""
    with stage(tweets=600) as on:
        app = on.app(tmp_path)
        app.collect(progress=Silent())
        findings = examine(app, has_probe=False)
        assert subjects(findings) == dict.fromkeys(
            ("archive", "warehouse", "trackers", "tables", "token", "clock", "books"), 0
        )
        assert told(findings, "tables").endswith("tweets")
        assert told(findings, "books") == "these checks cost $0.005: booked"
        ((booked,),) = on.app(tmp_path).query("select sum(usd) from reads").rows
        assert round(float(str(booked)), 6) == round(on.simulator.api.bill.usd(), 6)


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [
        (
            "post",
            "X takes the words of 'post'; asked for no expansion, 10 posts carry author_id on 0, references on 0, ",
        ),
        (
            "tweet",
            "X takes the words of 'tweet'; asked for no expansion, 10 posts carry author_id on 10, references on ",
        ),
    ],
)
def test_the_probe_tells_which_keys_arrive_without_expansions(tmp_path: Path, vocabulary: str, message: str) -> None:
    """In the new words author, references and edits come only when expanded; in the old ones they are fields."""
    with stage(tweets=600, vocabulary=vocabulary) as on:
        assert told(examine(on.app(tmp_path), has_probe=True), "words").startswith(message)


def test_a_wrong_token_is_told_with_its_exit_code(tmp_path: Path) -> None:
    """The token's check fails, the others go on."""
    with stage(tweets=20) as on:
        findings = examine(on.app(tmp_path, x={"bearer_token": "wrong"}), has_probe=False)
        assert subjects(findings) | {"clock": 0} == {
            "archive": 0,
            "warehouse": 0,
            "trackers": 0,
            "tables": 0,
            "token": 3,
            "clock": 0,
        }


def test_a_clock_that_is_off_is_told(tmp_path: Path) -> None:
    """Two minutes off X's time is a finding: windows and reading times would be wrong."""
    with stage(tweets=20) as on:
        app = on.app(tmp_path)
        on.simulator.clock.set(NOW + timedelta(minutes=2))  # type: ignore[attr-defined]
        findings = examine(app, has_probe=False)
        assert subjects(findings)["clock"] == 2
        assert "-120 s off X's" in told(findings, "clock")
