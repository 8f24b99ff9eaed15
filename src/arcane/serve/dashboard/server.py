"""The pages over HTTP: URL → filters → questions → panels → HTML. Every page is whole; htmx swaps what changed of it."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from arcane.clock import Clock
from arcane.errors import ArcaneError, ConfigError, SqlError, Terminated, WarehouseError
from arcane.serve.charts import Row, rows_of, theme
from arcane.serve.dashboard import dictionary, exports, filters, pages
from arcane.serve.dashboard.answers import Card, Table, is_number, table
from arcane.serve.dashboard.desk import Desk, Readers, Seat
from arcane.serve.dashboard.frame import Frame, Ground, frame_of, ground_of
from arcane.serve.dashboard.pages import Context, Page, Panel
from arcane.serve.dashboard.queries import Layer, Question
from arcane.serve.dashboard.refusals import Refusal, foreign, nowhere, refusal
from arcane.serve.dashboard.security import COOKIE, SESSION_S, Gate, Guard, is_from_elsewhere
from arcane.serve.dashboard.tiles import tiles
from arcane.serve.dashboard.wording import legible, reason
from arcane.serve.export import Format
from arcane.serve.extract import extract, fitting, found
from arcane.serve.language import FRENCH, LANGUAGES, Language
from arcane.warehouse.interface import Reader, Result

_HERE: Final = Path(__file__).parent
_SHOWN_ROWS: Final = 500
_SQL_CHARS: Final = 20_000
_TABLE_ROWS: Final = 200
_EXAMPLE: Final = """\
select kind, count(*) as publications
from {dataset}.tweets
where is_current
group by kind
order by publications desc"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel with its answer."""

    panel: Panel
    deck: str
    question: Question
    rows: Sequence[Row]
    chart: Mapping[str, Any] | None
    table: Table
    cards: Sequence[Card]
    download: Mapping[str, str]  # by ending
    reason: str
    nothing: str


class Dashboard:
    """``open_reader`` opens the read side, ``open_patient`` the same for files; ``trackers`` in the settings' order."""

    def __init__(
        self,
        open_reader: Callable[[], Reader],
        open_patient: Callable[[], Reader],
        *,
        layer: Layer,
        trackers: Sequence[str],
        gate: Gate,
        clock: Clock,
    ) -> None:
        self._desk = Desk(open_reader)
        self._patient = Readers(open_patient, at_once=exports.AT_ONCE)
        self._layer = layer
        self._trackers = trackers
        self._gate = gate
        self._clock = clock
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._static = _fingerprint(_HERE / "static")

    def application(self) -> Starlette:
        """What a server runs."""
        routes = [
            *(Route(f"/{page.path}", self._page(page)) for page in pages.PAGES),
            Route("/publications/{tweet_id:str}", self._tweet),
            Route("/donnees/{path:str}/{name:str}.{suffix:str}", self._data),
            Route("/exporter", self._offers),
            Route("/export.{suffix:str}", self._export),
            Route("/sql", self._sql),
            Route("/sql.{suffix:str}", self._sql_data),
            Route("/login", self._login, methods=["GET", "POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]
        return Starlette(
            routes=routes,
            middleware=[
                Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=9),
                Middleware(Guard, gate=self._gate, clock=lambda: int(self._clock.now().timestamp())),
            ],
            exception_handlers={ArcaneError: self._failed, 404: self._unknown},
        )

    def serve(self, *, host: str, port: int, ready: Callable[[str], None]) -> None:
        """Until Ctrl+C or SIGTERM. ``ready`` hears the address once it is listened on.

        Raises: ConfigError if the address cannot be had.
        """
        listener = _listener(host, port)
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            self.application(),
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        with contextlib.suppress(KeyboardInterrupt, Terminated):
            uvicorn.Server(config).run(sockets=[listener])

    def _page(self, page: Page) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            with self._desk.seat() as seat:
                frame = self._frame(seat, request)
                frame = frame if page.has_filters else frame.of_money()
                context = _context(frame, request)
                only = request.query_params.get("only", "")
                shown = self._shown(seat, page, page.panels(context), frame, only=only)
            turns = _turns(frame, context) if page is pages.POSTS else []
            response = self._html(
                "page.html",
                request,
                frame=frame,
                page=page,
                panels=shown,
                note=page.note(context),
                only=only,
                turns=turns,
            )
            if "hx-request" in request.headers and not only:  # one view, one address: defaults are not said
                response.headers["HX-Push-Url"] = frame.href(f"/{page.path}", more=_after(context.after))
            return response

        return answer

    def _frame(self, seat: Seat, request: Request) -> Frame:
        ground = self._ground(seat, request)
        return frame_of(seat, ground, layer=self._layer, language=_language(request), clock=self._clock)

    def _ground(self, seat: Seat, request: Request) -> Ground:
        return ground_of(seat, request.url.query, layer=self._layer, trackers=self._trackers, clock=self._clock)

    def _shown(self, seat: Seat, page: Page, panels: Sequence[Panel], frame: Frame, *, only: str = "") -> list[Shown]:
        """With their answers; those that are late without, unless it is ``only`` they that are asked for."""
        panels = [panel for panel in panels if not only or panel.name == only]
        asked = [self._layer.question(panel.statement, frame.filters, **panel.more) for panel in panels]
        now = [question for panel, question in zip(panels, asked, strict=True) if only or not panel.is_late]
        answers = dict(zip(now, seat.ask_all(now), strict=True))
        return [
            self._one(page, panel, question, answers.get(question, Result((), [])), frame)
            for panel, question in zip(panels, asked, strict=True)
        ]

    def _one(self, page: Page, panel: Panel, question: Question, result: Result, frame: Frame) -> Shown:
        rows = rows_of(result.columns, result.rows)
        language = frame.language
        return Shown(
            panel=panel,
            deck=" ".join(filter(None, (panel.deck, panel.told(rows) if rows else ""))),
            question=question,
            rows=rows,
            chart=panel.draw(rows) if panel.draw is not None and rows else None,
            table=table(rows[:_TABLE_ROWS], language=language, zone=frame.zone),
            cards=[Card(row, language, frame.zone) for row in rows] if panel.look == "tweets" else [],
            reason=_reason(rows, panel, language),
            nothing=pages.nothing(panel, rows, frame.filters, language),
            download={
                suffix: frame.href(f"/donnees/{page.path or 'accueil'}/{panel.name}.{suffix}", more=panel.more)
                for suffix in exports.SPREADSHEETS
            },
        )

    def _data(self, request: Request) -> Response:
        """The rows of one panel, as a file."""
        path, suffix = request.path_params["path"], request.path_params["suffix"]
        page = next((one for one in pages.PAGES if one.path == ("" if path == "accueil" else path)), None)
        with self._desk.seat() as seat:
            frame = self._frame(seat, request)
        frame = frame if page is None or page.has_filters else frame.of_money()
        tweet_id = request.query_params.get("tweet_id", "")
        context = _context(frame, request)
        panels = [] if page is None else pages.life(context, tweet_id) if tweet_id else page.panels(context)
        panel = next((one for one in panels if one.name == request.path_params["name"]), None)
        if panel is None or suffix not in exports.SPREADSHEETS:
            return self._unknown(request, LookupError())
        question = self._layer.question(panel.statement, frame.filters, **panel.more)
        with self._patient.one() as reader:
            rows = exports.of_panel(reader, question, frame, panel=panel, layer=self._layer)
            kind = exports.spreadsheet(suffix, frame.language)
            return exports.answer(rows, name=f"arcane-{panel.name}", suffix=suffix, kind=kind)

    def _offers(self, request: Request) -> Response:
        """Every view that can be had as a file."""
        with self._desk.seat() as seat:
            frame = self._frame(seat, request)
        first, others = exports.offers(self._layer, frame.filters, frame.language)
        base = str(request.base_url).rstrip("/")
        return self._html(
            "exports.html", request, frame=frame, page=pages.EXPORTS, first=first, others=others, base=base
        )

    def _export(self, request: Request) -> Response:
        """A French view as a file: what the address says as on any page, and ``view``."""
        suffix = request.path_params["suffix"]
        if suffix not in exports.SUFFIXES:
            return self._unknown(request, LookupError())
        if is_from_elsewhere(request):
            return _from_elsewhere()
        kind = exports.kind_of(suffix, request.query_params.get("format", ""))
        view = found(list(self._layer.views.values()), request.query_params.get("view", ""))
        with self._desk.seat() as seat:
            filters = self._ground(seat, request).filters
        with self._patient.one() as reader:
            has_cover = kind is Format.XLSX
            rows = extract(reader, view, fitting(view, filters), layer=self._layer, has_cover=has_cover)
            return exports.answer(rows, name=f"arcane-{view.name}", suffix=suffix, kind=kind)

    def _tweet(self, request: Request) -> Response:
        tweet_id = request.path_params["tweet_id"]
        with self._desk.seat() as seat:
            frame = self._frame(seat, request)
            panels = pages.life(Context(frame.filters, frame.language), tweet_id)
            shown = self._shown(seat, pages.LIFE, panels, replace(frame, filters=frame.filters.plain))
        if not shown[0].rows:
            return self._unknown(request, LookupError())
        return self._html("page.html", request, frame=frame, page=pages.LIFE, panels=shown, note="", only="", turns=[])

    def _sql(self, request: Request) -> Response:
        language = _language(request)
        sql = request.query_params.get("sql", "")[:_SQL_CHARS]
        result, failure, elapsed_s = None, None, 0.0
        with self._desk.seat() as seat:
            frame = self._frame(seat, request)
            if sql and is_from_elsewhere(request):
                failure = foreign(language)
            elif sql:
                started = time.monotonic()
                try:
                    result = seat.ask(Question(sql, max_rows=_SHOWN_ROWS + 1))
                except SqlError as exc:
                    failure = refusal(exc, language)
                elapsed_s = time.monotonic() - started
        return self._html(
            "sql.html",
            request,
            frame=frame,
            page=pages.SQL,
            sql=sql,
            example=_EXAMPLE.format(dataset=self._layer.dataset),
            failure=failure,
            result=result,
            cells=_plain_cells(result, frame) if result else [],
            numbers=[any(map(is_number, column)) for column in zip(*result.rows, strict=True)] if result else [],
            is_cut=result is not None and len(result.rows) > _SHOWN_ROWS,
            shown_rows=_SHOWN_ROWS,
            elapsed=language.number(elapsed_s, digits=2),
            entries=dictionary.entries(self._layer.views.values(), dataset=self._layer.dataset, language=language),
            status=400 if failure else 200,
        )

    def _sql_data(self, request: Request) -> Response:
        suffix = request.path_params["suffix"]
        if suffix not in exports.SPREADSHEETS:
            return self._unknown(request, LookupError())
        if is_from_elsewhere(request):
            return _from_elsewhere()
        with self._desk.seat() as seat:
            zone = self._ground(seat, request).zone
        question = Question(request.query_params.get("sql", "")[:_SQL_CHARS])
        with self._patient.one() as reader:
            rows = exports.of_query(reader, question, zone=zone)
            kind = exports.spreadsheet(suffix, _language(request))
            return exports.answer(rows, name="arcane-sql", suffix=suffix, kind=kind)

    async def _login(self, request: Request) -> Response:
        target = request.query_params.get("next", "/")
        target = target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
        if request.method == "GET" or self._gate.token is None:
            return self._html("login.html", request, frame=None, target=target, is_wrong=False)
        form = parse_qs((await request.body())[:4_096].decode("utf-8", "replace"))
        if not self._gate.opens(form.get("token", [""])[0].strip()):
            return self._html("login.html", request, frame=None, target=target, is_wrong=True, status=403)
        answer = RedirectResponse(target, 303)
        now_s = int(self._clock.now().timestamp())
        answer.set_cookie(
            COOKIE,
            self._gate.session(now_s=now_s),
            max_age=SESSION_S,
            httponly=True,
            samesite="lax",
            secure=request.headers.get("x-forwarded-proto", request.url.scheme) == "https",
        )
        return answer

    def _failed(self, request: Request, exc: Exception) -> Response:
        """What a person did wrong is 400, what the warehouse cannot do now is 503."""
        status = 400 if isinstance(exc, ConfigError | SqlError) else 503 if isinstance(exc, WarehouseError) else 500
        if "text/html" not in request.headers.get("accept", ""):  # a program, such as Excel
            return PlainTextResponse(f"{exc}\n", status)
        return self._refused(request, refusal(exc, _language(request)), status=status)

    def _unknown(self, request: Request, _: Exception) -> Response:
        return self._refused(request, nowhere(_language(request)), status=404)

    def _refused(self, request: Request, told: Refusal, *, status: int) -> Response:
        return self._html("error.html", request, frame=None, status=status, told=told)

    def _html(
        self, template: str, request: Request, *, frame: Frame | None, status: int = 200, **values: Any
    ) -> HTMLResponse:
        language = _language(request)
        text = self._templates.get_template(template).render(
            frame=frame,
            language=language,
            say=language.text,
            pages=pages.PAGES,
            sql_page=pages.SQL,
            static=lambda path: f"/static/{path}?{self._static}",
            other=_other_language(request, language),
            themes={name: theme(name) for name in ("light", "dark")},
            number_format=language.vega_number_format(),
            time_format=language.vega_time_format(),
            tiles=tiles,
            layer=self._layer,
            known=filters,
            status=status,
            **values,
        )
        return HTMLResponse(text, status)


def _reason(rows: Sequence[Row], panel: Panel, language: Language) -> str:
    """Why there is no number at all; empty where there is one."""
    reasons = {row.get("reason_fr") for row in rows}
    return (
        reason(reasons.pop(), language) if panel.look == "chart" and len(reasons) == 1 and None not in reasons else ""
    )


def _from_elsewhere() -> Response:
    return PlainTextResponse("this query comes from another site: ask it from the dashboard's own pages\n", 403)


def _context(frame: Frame, request: Request) -> Context:
    count = frame.totals["tweet_count"] or 0
    after = request.query_params.get("after", "")
    return Context(
        frame.filters,
        frame.language,
        frame.events,
        frame.own_hashtag,
        len(frame.trackers),
        count,
        next((one for one in pages.turns(count) if str(one) == after), 0),
    )


def _after(count: int) -> dict[str, str | int]:
    """What an address says of the cards before; of none nothing."""
    return {"after": count} if count else {}


def _turns(frame: Frame, context: Context) -> list[tuple[str, str, bool]]:
    """The pages of the list of posts: what each is called, its address, whether it is this one."""
    starts, most = pages.turns(context.tweet_count), min(context.tweet_count, pages.RANKED)
    return [
        (
            f"{start + 1}–{min(start + pages.CARDS, most)}",
            frame.href(f"/{pages.POSTS.path}", more=_after(start)),
            start == context.after,
        )
        for start in starts
    ]


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as exc:
        raise ConfigError(
            f"the dashboard cannot listen on {host}:{port} ({exc.strerror}): choose another dashboard.port or host"
        ) from exc
    return listener


def _language(request: Request) -> Language:
    return LANGUAGES.get(request.query_params.get("ui", "fr"), FRENCH)


def _other_language(request: Request, language: Language) -> str:
    """The same page in the other language."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "ui"]
    if language.is_french:
        pairs.append(("ui", "en"))
    return f"{request.url.path}?{urlencode(pairs)}" if pairs else request.url.path


def _plain_cells(result: Result, frame: Frame) -> list[list[str]]:
    """An analyst's own answer: as it came, made harmless. Numbers are the reader's, with the digits that they have; dates
    stay those of SQL, to be copied into the next query."""
    language = frame.language

    def plain(value: object) -> str:
        match value:
            case None:
                return "–"
            case bool() | date() | str():
                return legible(str(value))
            case int():
                return language.number(value)
            case float() | Decimal():
                return language.number(float(value), digits=len(f"{value:.10f}".rstrip("0").partition(".")[2]))
            case list():
                return legible(", ".join(map(str, value)))
        return legible(str(value))

    return [[plain(value) for value in row] for row in result.rows[:_SHOWN_ROWS]]


def _fingerprint(folder: Path) -> str:
    """Changes with any file that pages load, so that a browser may keep the rest for good."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
