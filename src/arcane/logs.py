"""Log lines: for people on a terminal, JSON everywhere else. Always on standard error."""

from __future__ import annotations

import logging
import sys

import structlog

from arcane.errors import TERMINATED, TRY_AGAIN, ArcaneError, Terminated


def configure(*, style: str, level: str) -> None:
    """``style``: auto, console, json or cloud (Cloud Logging's); ``level``: debug, info, warning or error."""
    is_console = style == "console" or (style == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if is_console else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            *([] if is_console else [structlog.processors.format_exc_info]),
            *([_as_cloud_logging] if style == "cloud" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,  # another configuration may follow
    )


def is_for_cloud() -> bool:
    """Whether lines go to Cloud Logging."""
    return _as_cloud_logging in structlog.get_config()["processors"]


def tell_failure(exc: Exception | Terminated, *, exit_code: int) -> None:
    """The one line of a command that failed: an ERROR, which wakes a person, unless trying again may do.

    An exception that is no ArcaneError brings its traceback, inside the line.
    """
    log = structlog.get_logger()
    told = log.warning if exit_code in {TRY_AGAIN, TERMINATED} else log.error
    traceback = {} if isinstance(exc, ArcaneError | Terminated) else {"exc_info": exc}
    told("run.failed", outcome=type(exc).__name__, reason=str(exc), exit_code=exit_code, **traceback)


def _as_cloud_logging(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The names under which Cloud Logging takes level, text and trace out of a line of JSON."""
    line["severity"] = line.pop("level").upper()
    line["message"] = line.pop("event")
    if "trace" in line:
        line["logging.googleapis.com/trace"] = line.pop("trace")
    return line
