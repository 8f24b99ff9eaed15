"""The query of the alert "no complete run in 26 hours", by Prometheus' own engine.

Google's dialect is PromQL, and how it makes series of a counter of log lines was never seen: what is held here is the
meaning of the query, and that in doubt it wakes a person rather than nobody.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROMTOOL = shutil.which("promtool")
METRIC = "logging_googleapis_com:user_arcane_run_success"
NOW_H = 60
pytestmark = [pytest.mark.infra, pytest.mark.skipif(PROMTOOL is None, reason="wants promtool (Debian: prometheus)")]


def written(*ago_h: float) -> str:
    """A counter, written every five minutes from the beginning, that rises by one so many hours ago."""
    rises = [round((NOW_H - hours) * 12) for hours in sorted(ago_h, reverse=True)]
    edges = [0, *rises, NOW_H * 12 + 1]
    return " ".join(f"{count}x{end - start - 1}" for count, (start, end) in enumerate(pairwise(edges)))


def sparse(*ago_h: float) -> str:
    """The same counter, written only when it rises: 1, 2, 3 …"""
    values, before = [], -1
    for count, hours in enumerate(sorted(ago_h, reverse=True), start=1):
        place = round((NOW_H - hours) * 12)
        values += [f"_x{place - before - 1}"] * (place - before > 1) + [str(count)]
        before = place
    return " ".join(values)


@pytest.mark.parametrize(
    ("series", "is_firing"),
    [
        ({}, True),
        ({"function": written()}, True),
        ({"function": written(25)}, False),
        ({"function": written(27)}, True),
        ({"function": written(49, 25, 1)}, False),
        ({"function": written(51, 27)}, True),
        ({"function": written(27), "job": written(25)}, False),
        ({"function": written(), "job": written()}, True),
        ({"function": sparse(49, 25, 1)}, False),
        ({"function": sparse(51, 27)}, True),
        ({"function": sparse(25)}, True),
        ({"function": sparse(49, 25)}, True),
    ],
    ids=[
        "never a line", "only zeros", "25 h ago", "27 h ago", "daily", "a day missed", "the job's counts too",
        "both only zeros", "sparse, daily", "sparse, a day missed", "sparse, its first point: a false alarm",
        "sparse, one point in the window: a false alarm",
    ],
)  # fmt: skip
def test_it_fires_when_no_run_was_complete_for_26_hours(
    tmp_path: Path, series: dict[str, str], is_firing: bool
) -> None:
    """Absent or zero, too old or missed: it fires. A single point in its window says too little, and it fires too."""
    found = re.search(r'query\s+= "(.*user_arcane_run_success.*)"', (ROOT / "infra" / "monitoring.tf").read_text())
    assert found
    case = {
        "interval": "5m",
        "input_series": [{"series": f'{METRIC}{{from="{name}"}}', "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f"count({found[1]})",  # whether there is anything, not what
                "eval_time": f"{NOW_H}h",
                "exp_samples": [{"labels": "{}", "value": 1}] if is_firing else [],
            }
        ],
    }
    file = tmp_path / "case.json"
    file.write_text(json.dumps({"evaluation_interval": "5m", "tests": [case]}))
    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
