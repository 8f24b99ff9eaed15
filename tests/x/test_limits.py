"""When X may be asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from arcane.x.limits import Limit, Trouble, trouble, wait_s

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESET = NOW + timedelta(seconds=600)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-rate-limit-remaining": "7", "x-rate-limit-reset": str(int(RESET.timestamp()))}, Limit(7, RESET)),
        ({}, Limit(None, None)),
        ({"x-rate-limit-remaining": "many", "x-rate-limit-reset": "soon"}, Limit(None, None)),
        ({"x-rate-limit-remaining": "-1", "x-rate-limit-reset": "1.5"}, Limit(None, None)),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "9" * 15}, Limit(0, None)),
        ({"x-rate-limit-remaining": "9" * 5000, "x-rate-limit-reset": "9" * 5000}, Limit(None, None)),
    ],
)
def test_headers_that_are_missing_or_garbage_are_unknown(headers: dict[str, str], expected: Limit) -> None:
    """What X does not say in numbers is None."""
    assert Limit.from_headers(headers) == expected


@pytest.mark.parametrize(
    ("status", "kind", "title", "expected"),
    [
        (429, "", "Too Many Requests", Trouble.LIMITED),
        (429, "about:blank", "Too Many Requests", Trouble.LIMITED),
        (429, "usage-capped", "", Trouble.SPENT),
        (429, "", "UsageCapExceeded", Trouble.SPENT),
        (403, "usage-capped", "", Trouble.SPENT),
        (403, "", "CreditsDepleted", Trouble.SPENT),
        (402, "", "", Trouble.SPENT),
        (402, "credits", "", Trouble.SPENT),
        (402, "credits-depleted", "Payment Required", Trouble.SPENT),
        (400, "invalid-request", "", Trouble.FINAL),
        (401, "about:blank", "Unauthorized", Trouble.FINAL),
        (403, "client-forbidden", "", Trouble.FINAL),
        (404, "", "", Trouble.FINAL),
        (408, "", "", Trouble.DOWN),
        (500, "", "", Trouble.DOWN),
        (503, "about:blank", "Service Unavailable", Trouble.DOWN),
    ],
)
def test_the_body_decides_before_the_status(status: int, kind: str, title: str, expected: Trouble) -> None:
    """A used-up cap is never taken for a full window, whatever its status."""
    assert trouble(status, kind=kind, title=title) is expected


@pytest.mark.parametrize(
    ("found", "limit", "expected"),
    [
        (Trouble.LIMITED, Limit(0, RESET), [601.0] * 9),
        (Trouble.LIMITED, Limit(3, RESET), [1.0, 2, 4, 8, 16, 32, 60, 60, 60]),
        (Trouble.LIMITED, Limit(), [5.0, 10, 20, 40, 80, 160, 300, 300, 300]),
        (Trouble.LIMITED, Limit(0, None), [5.0, 10, 20, 40, 80, 160, 300, 300, 300]),
        (Trouble.LIMITED, Limit(0, NOW), [5.0, 10, 20, 40, 80, 160, 300, 300, 300]),
        (Trouble.DOWN, Limit(0, RESET), [1.0, 2, 4, 8, 16, 32, 60, 60, 60]),
        (Trouble.SPENT, Limit(0, RESET), [None] * 9),
        (Trouble.FINAL, Limit(0, RESET), [None] * 9),
    ],
)
def test_waits_by_attempt(found: Trouble, limit: Limit, expected: list[float | None]) -> None:
    """Each kind of trouble has its own row of waits; a reset that tells nothing is no reset."""
    assert [wait_s(found, limit, attempt=attempt, now=NOW) for attempt in range(1, 10)] == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(Limit(0, RESET), 601.0), (Limit(1, RESET), 0.0), (Limit(0, NOW), 0.0), (Limit(0, None), 0.0), (Limit(), 0.0)],
)
def test_a_full_window_is_waited_out_before_asking(limit: Limit, expected: float) -> None:
    """Only a window known to be used up makes the next request wait."""
    assert limit.pause_s(NOW) == expected
