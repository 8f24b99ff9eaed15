"""Log lines: for people on a terminal, JSON everywhere else. Always on standard error."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, style: str, level: str) -> None:
    """``style``: auto, console, json or cloud (Cloud Logging's); ``level``: debug, info, warning or error."""
    is_console = style == "console" or (style == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if is_console else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            *([_as_cloud_logging] if style == "cloud" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,  # another configuration may follow
    )


def _as_cloud_logging(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The names under which Cloud Logging takes level, text and trace out of a line of JSON."""
    line["severity"] = line.pop("level").upper()
    line["message"] = line.pop("event")
    if "trace" in line:
        line["logging.googleapis.com/trace"] = line.pop("trace")
    return line
