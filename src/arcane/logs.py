"""Log lines: for people on a terminal, JSON everywhere else. Always on standard error."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, style: str, level: str) -> None:
    """``style``: auto, console or json; ``level``: debug, info, warning or error."""
    is_json = style == "json" or (style == "auto" and not sys.stderr.isatty())
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if is_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
