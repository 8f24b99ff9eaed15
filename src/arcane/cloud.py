"""One request of Cloud Scheduler is one run: an HTTP function for Google Cloud.

Scheduler tries again whatever is not answered with 2xx, and delivers at least once. So an answer says what should
happen next: 200, nothing more for this occurrence (done, done before, handed to the job, or such that trying again
would not help: then an ERROR in the log wakes a person); 503, try again. The occurrence's own time, the same in every
attempt, is the key.
"""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from arcane.errors import (
    TRY_AGAIN,
    AlreadyDone,
    ArcaneError,
    ConfigError,
    OutOfTime,
    PageError,
    RateLimited,
    Terminated,
    WarehouseBusy,
)

if TYPE_CHECKING:
    from types import FrameType

    from arcane.app import App

log = structlog.get_logger()

_DUE: Final = "X-CloudScheduler-ScheduleTime"
_TRACE: Final = "X-Cloud-Trace-Context"
_AHEAD: Final = timedelta(minutes=5)
# What of an attempt is for reading. The rest is for the commit under way, the record, and starting the job.
_READING: Final = 0.85
_START_S: Final = 90

Answer = tuple[dict[str, Any], int]


class Request(Protocol):
    """What is used of a Flask request."""

    @property
    def method(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


def handle(request: Request) -> Answer:
    """Run once. What functions-framework calls.

    An error that nobody foresaw is an ERROR in the log and a 500, on which Scheduler tries again.
    """
    if request.method != "POST":
        return {"outcome": "refused", "message": "a run is asked for by POST"}, 405
    from arcane.logs import configure, tell_failure

    configure(style="cloud", level="info")
    with contextlib.ExitStack() as context:
        try:
            from arcane.app import App
            from arcane.config import load_from_process

            settings = load_from_process().settings
            configure(style="cloud", level=settings.log.level)
            trace = _trace(request.headers, settings.warehouse.project)
            context.enter_context(structlog.contextvars.bound_contextvars(**trace))
            return respond(request.headers, App(settings))
        except ConfigError as exc:
            tell_failure(exc, exit_code=exc.exit_code)
            return {"outcome": "failed", "error": "ConfigError", "message": str(exc)}, 200
        except Exception as exc:
            tell_failure(exc, exit_code=1)
            message = "an error that Arcane does not know: its traceback is in the log"
            return {"outcome": "failed", "error": type(exc).__name__, "message": message}, 500


def respond(headers: Mapping[str, str], app: App) -> Answer:
    """One run of ``app`` for the occurrence that the headers name, and what Scheduler should be told."""
    try:
        occurrence = _occurrence(headers.get(_DUE), now=app.clock.now())
    except ValueError:
        return {"outcome": "refused", "message": f"{_DUE} is no time"}, 400
    with structlog.contextvars.bound_contextvars(occurrence=occurrence):
        answer, status = _run(app, occurrence)
        told = log.error if answer["outcome"] == "failed" else log.warning if status != 200 else log.info
        logged = {"reason" if key == "message" else key: value for key, value in answer.items()}
        told("run.answered", **logged, http_status=status)  # Cloud Logging's own message is the event
    return {**answer, "occurrence": occurrence}, status


def _run(app: App, occurrence: str) -> Answer:
    try:
        with _terminable():
            app.run(progress=_Silent(), max_run_s=round(app.settings.cloud.attempt_s * _READING), occurrence=occurrence)
    except AlreadyDone as exc:
        return {"outcome": "done before", "message": str(exc)}, 200
    except WarehouseBusy as exc:
        if occurrence and occurrence in exc.holder:
            return {"outcome": "running", "message": str(exc)}, 503
        return {"outcome": "skipped", "message": str(exc)}, 200
    except (OutOfTime, RateLimited) as exc:
        return _hand_over(app, occurrence, why=str(exc))
    except Terminated:
        return {"outcome": "stopped", "message": "the platform ends this process; what was read is kept"}, 503
    except ArcaneError as exc:
        is_passing = exc.exit_code == TRY_AGAIN or isinstance(exc, PageError)
        outcome = "interrupted" if is_passing else "failed"
        return {"outcome": outcome, "error": type(exc).__name__, "message": str(exc)}, 503 if is_passing else 200
    return {"outcome": "complete"}, 200


def _hand_over(app: App, occurrence: str, *, why: str) -> Answer:
    """Let the job go on; only once it runs is this attempt's work done."""
    cloud = app.settings.cloud
    if cloud.job is None:
        return {"outcome": "interrupted", "message": why}, 503
    from arcane.job import Job

    try:
        execution = Job(cloud.job, endpoint=cloud.endpoint, clock=app.clock).start(
            ["run", *(["--occurrence", occurrence] if occurrence else [])], within_s=_START_S
        )
    except ArcaneError as exc:
        return {"outcome": "interrupted", "message": f"{why}; and the job could not go on: {exc}"}, 503
    return {"outcome": "handed over", "message": why, "execution": execution}, 200


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the run at once: pages are in the archive, the lease goes back, the next attempt commits them.

    The handler that was there (the server's) hears of it too. It is set inside the request, since the server sets
    its own after the import; that works in the main thread only, hence THREADS=1.
    """
    before = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        if callable(before):
            before(number, frame)
        raise Terminated

    try:
        signal.signal(signal.SIGTERM, end)
    except ValueError:
        log.warning("cloud.deaf", message_to_operator="requests run in threads: set THREADS=1, or SIGTERM is not heard")
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Silent:
    """Progress for nobody: log lines tell the story."""

    def expect(self, tweet_count: int) -> None: ...

    def advance(self, tweet_count: int) -> None: ...


def _occurrence(due: str | None, *, now: datetime) -> str:
    """The name of what Scheduler asks for; empty for a run by hand, whose time (the next slot's) would be a lie.

    Raises: ValueError.
    """
    if not due:
        return ""
    moment = datetime.fromisoformat(due)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return "" if moment > now + _AHEAD else f"due-{moment:%Y%m%dT%H%M%SZ}"


def _trace(headers: Mapping[str, str], project: str | None) -> dict[str, str]:
    found = re.match(r"[0-9a-f]{32}", headers.get(_TRACE, "").lower())
    if not found:
        return {}
    return {"trace": f"projects/{project}/traces/{found[0]}" if project else found[0]}
