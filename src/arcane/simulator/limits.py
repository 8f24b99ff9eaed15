"""Windows of a quarter of an hour, and the one request a second of search/all."""

from __future__ import annotations

from datetime import datetime, timedelta


class Limits:
    """Counts the requests of each route. ``limits``: requests a window, by route."""

    def __init__(self, limits: dict[str, int]) -> None:
        self._limits = limits
        self._windows: dict[str, tuple[datetime, int]] = {}
        self._last_second: dict[str, datetime] = {}

    def take(self, route: str, now: datetime) -> tuple[dict[str, str], bool]:
        """Headers of the window, and whether the request is one too many."""
        limit = self._limits[route]
        reset_at, used = self._windows.get(route, (now, 0))
        if now >= reset_at:
            reset_at, used = now + timedelta(minutes=15), 0
        last = self._last_second.get(route)
        is_too_soon = route.endswith("/search/all") and last is not None and now - last < timedelta(seconds=1)
        is_limited = used >= limit or is_too_soon
        if not is_limited:
            used += 1
            self._last_second[route] = now
        self._windows[route] = (reset_at, used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(limit - used),
            "x-rate-limit-reset": str(int(reset_at.timestamp())),
        }
        return headers, is_limited
