"""Settings: dynaconf loads them, a frozen pydantic model checks them. The only reader of the environment.

Order: defaults < settings.toml < .secrets.toml < environment (``ARCANE_X__BEARER_TOKEN``). Each source is loaded
by a dynaconf of its own and the layers are laid here: tables join key by key, everything else is replaced.
dynaconf's own merging either lets ``[x]`` of one file wipe ``[x]`` of another or makes lists only grow, and its
casting turns ``2026`` into a number and runs ``@jinja`` (docs/decisions/0002-settings.md): it is switched off.
Unknown names are refused before dynaconf sees them: ``auto_cast_for_dynaconf`` in a file would switch it on again.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dynaconf import Dynaconf
from dynaconf.loaders import toml_loader
from dynaconf.utils.parse_conf import converters
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from arcane.errors import ConfigError

_PREFIX: Final = "ARCANE_"
_SETTINGS_VARIABLE: Final = "ARCANE_SETTINGS"
_MASK: Final = "********"
_PLAIN_WORDS: Final = {"model_type": "must be a table of settings"}
_LISTS: Final = {"trackers": '[{name = "arcane", hashtag = "Arcane"}]', "refresh.ages_h": "[24, 48, 72]"}
_DIRECTIVE: Final = re.compile(rf"\s*({'|'.join(sorted(converters, key=len, reverse=True))})(\s|$)")


Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Cap = Annotated[float, Field(gt=0, allow_inf_nan=False)] | None
Age = Annotated[int, Field(ge=1, le=8760)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _address(value: str) -> str:
    parts = urlsplit(value)
    is_here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (parts.hostname and (parts.scheme == "https" or is_here)):
        raise ValueError("must begin with https:// (http:// on this machine only: a token would travel in the clear)")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user or a password: it is shown in `arcane config`")
    return value.rstrip("/")


class XSettings(_Model):
    """X's API. Times in seconds."""

    bearer_token: SecretStr | None = None
    bearer_token_file: Path | None = None
    base_url: str = "https://api.x.com"
    vocabulary: Literal["auto", "tweet", "post"] = "auto"
    search: Literal["recent", "all"] = "recent"
    authors: Literal["expand", "lookup"] = "expand"
    authors_stale_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    max_results: Annotated[int, Field(ge=10, le=500)] = 100
    query_max_chars: Annotated[int, Field(ge=1)] = 512
    timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    attempts: Annotated[int, Field(ge=1)] = 8

    @field_validator("bearer_token")
    @classmethod
    def _is_not_empty(cls, value: SecretStr | None) -> SecretStr | None:
        return value or None  # an empty variable, as compose files leave behind, is no token

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return _address(value)

    @model_validator(mode="after")
    def _fits_the_endpoint(self) -> Self:
        if self.search == "recent" and self.max_results > 100:
            raise PydanticCustomError("across", 'is at most 100 with x.search = "recent"', {"key": "max_results"})
        return self


class WarehouseSettings(_Model):
    """Where the tables are. ``path`` to ``publish_every_s`` are DuckDB's, ``project`` to ``max_gb_billed`` BigQuery's.

    ``max_gb_billed``: a query that would read more gibibytes is refused.
    """

    kind: Literal["duckdb", "bigquery"] = "duckdb"
    path: Path = Path("data/arcane.duckdb")
    memory_limit: Annotated[str, Field(pattern=r"^\d+ ?(KB|MB|GB)$")] = "256MB"
    threads: Annotated[int, Field(ge=1)] = 2
    publish_every_s: Annotated[int, Field(ge=1)] = 600
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9:.-]*$")] | None = None
    dataset: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")] = "arcane"
    location: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] = "EU"
    endpoint: str | None = None
    max_gb_billed: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 100.0
    time_zone: str = "Europe/Paris"

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return _address(value) if value else None

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise ValueError("is no IANA time zone such as Europe/Paris") from exc
        return value


class ArchiveSettings(_Model):
    """Where the raw pages are kept: in the folder ``path``, or in a bucket where ``url`` names one."""

    path: Path = Path("data/archive")
    url: Annotated[str, Field(pattern=r"^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[^\s#?]*)?$")] | None = None
    endpoint: str | None = None

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return _address(value) if value else None


class CollectSettings(_Model):
    """How far and how fast a run reads."""

    max_run_s: Annotated[int, Field(ge=1)] | None = None
    overlap_s: Annotated[int, Field(ge=0)] = 60
    lag_s: Annotated[int, Field(ge=30)] = 900
    first_run_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 7.0
    slice_tweet_count: Annotated[int, Field(ge=1_000, le=10_000)] = 10_000


class PriceSettings(_Model):
    """What X bills, in dollars.

    ``are_includes_billed``: whether the users and posts that come along with a page cost too.
    """

    post_usd: Dollars = 0.005
    user_usd: Dollars = 0.010
    counts_recent_usd: Dollars = 0.005
    counts_all_usd: Dollars = 0.010
    are_includes_billed: bool = True


class BudgetSettings(_Model):
    """Dollars that a run, a UTC day and a billing cycle may cost at most.

    ``cap_reset_day``: day of the month on which X's cycle begins anew.
    """

    run_usd: Cap = None
    day_usd: Cap = None
    cycle_usd: Cap = None
    cap_reset_day: Annotated[int, Field(ge=1, le=31)] = 1


class RefreshSettings(_Model):
    """At which ages, in hours, a tweet is read again; with ``is_hourly`` also at 1 and 6 hours."""

    ages_h: Annotated[tuple[Age, ...], Field(min_length=1)] = (24, 48, 72, 168, 336, 720)
    is_hourly: bool = False

    @field_validator("ages_h")
    @classmethod
    def _grow(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("must grow from one age to the next")
        return value


class DashboardSettings(_Model):
    """How people look at it. On another ``host`` than this machine's own it wants a ``token``, or the
    ``identity_header`` of a proxy that logs people in. ``limit_s``, ``max_gb_billed``: what one query may take;
    ``export_limit_s``: what the rows of a file may, which Excel waits for as long."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8765
    token: SecretStr | None = None
    identity_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    limit_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    export_limit_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 600.0
    max_gb_billed: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0

    @field_validator("token")
    @classmethod
    def _is_not_empty(cls, value: SecretStr | None) -> SecretStr | None:
        return value or None


class CloudSettings(_Model):
    """How the function on Google Cloud works. ``attempt_s``: how long Cloud Scheduler waits for an answer."""

    attempt_s: Annotated[int, Field(ge=60, le=1800)] = 1800
    job: Annotated[str, Field(pattern=r"^projects/[^/]+/locations/[^/]+/jobs/[^/]+$")] | None = None
    endpoint: str = "https://run.googleapis.com"

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return _address(value)


class RetentionSettings(_Model):
    """Days for which raw pages are kept, since they were read, and tweets, since they were posted; None: for ever."""

    archive_days: Annotated[int, Field(ge=1)] | None = None
    table_days: Annotated[int, Field(ge=8)] | None = None


class ViewSettings(_Model):
    """What the tables mean. ``path``: a folder of your own views; ``is_applied``: whether each run brings them up to
    date, which ``arcane views apply`` does otherwise. ``events``, ``exclusions``: your CSV files of what happened, and
    of what is left out of the counts (``arcane.layer``)."""

    path: Path | None = None
    events: Path | None = None
    exclusions: Path | None = None
    is_applied: bool = True


class LogSettings(_Model):
    format: Literal["auto", "console", "json", "cloud"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Tracker(_Model):
    """A named hashtag, or a query in X's own language."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    hashtag: str | None = None
    query: str | None = None

    @field_validator("hashtag")
    @classmethod
    def _is_one_word(cls, value: str | None) -> str | None:
        if value is None:
            return None
        word = unicodedata.normalize("NFC", value.strip()).lstrip("#＃")
        if any(sign.isspace() for sign in word):
            raise ValueError("a hashtag has no spaces: write it as one word, or use query for several")
        if not re.fullmatch(r"\w+", word) or word.isdigit():
            raise ValueError("a hashtag is made of letters, digits and _, and not of digits alone")
        return word

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.hashtag is None) == (self.query is None):
            raise ValueError("a tracker has either a hashtag or a query")
        if self.query is not None and not self.query.strip():
            raise ValueError("the query is empty")
        return self


class Settings(_Model):
    """Everything that can be set."""

    x: XSettings = XSettings()
    warehouse: WarehouseSettings = WarehouseSettings()
    archive: ArchiveSettings = ArchiveSettings()
    collect: CollectSettings = CollectSettings()
    refresh: RefreshSettings = RefreshSettings()
    budget: BudgetSettings = BudgetSettings()
    prices: PriceSettings = PriceSettings()
    retention: RetentionSettings = RetentionSettings()
    views: ViewSettings = ViewSettings()
    dashboard: DashboardSettings = DashboardSettings()
    cloud: CloudSettings = CloudSettings()
    log: LogSettings = LogSettings()
    trackers: tuple[Tracker, ...] = (Tracker(name="arcane", hashtag="Arcane"),)

    @field_validator("trackers")
    @classmethod
    def _has_distinct_names(cls, value: tuple[Tracker, ...]) -> tuple[Tracker, ...]:
        if not value:
            raise ValueError("at least one tracker is needed")
        if len({tracker.name for tracker in value}) < len(value):
            raise ValueError("two trackers have the same name")
        return value

    @model_validator(mode="after")
    def _first_run_is_within_reach(self) -> Self:
        if self.x.search == "recent" and self.collect.first_run_days > 7:
            message: Final = 'is at most 7 with x.search = "recent"'
            raise PydanticCustomError("across", message, {"key": "collect.first_run_days"})
        return self


@dataclass(frozen=True, slots=True)
class Task:
    """This process's place among those of a Cloud Run job; alone, it is 0 of 1. ``execution`` names them all."""

    index: int = 0
    count: int = 1
    execution: str = ""


def task_of(environ: Mapping[str, str]) -> Task:
    """What Cloud Run tells a job's task. Raises: ConfigError if that makes no sense."""
    count, index = environ.get("CLOUD_RUN_TASK_COUNT", "1"), environ.get("CLOUD_RUN_TASK_INDEX", "0")
    execution = re.sub(r"\W", "_", environ.get("CLOUD_RUN_EXECUTION", ""))[:60]
    if not (count.isdecimal() and index.isdecimal() and int(index) < int(count) and (execution or int(count) == 1)):
        raise ConfigError(
            f"CLOUD_RUN_TASK_INDEX {index} of CLOUD_RUN_TASK_COUNT {count} in CLOUD_RUN_EXECUTION {execution!r} is no "
            "task of a job: set all three, or none"
        )
    return Task(int(index), int(count), execution)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for every dotted key the source that won: default, a file's name or a variable's."""

    settings: Settings
    origins: dict[str, str]


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of ``arcane config``; secrets are masked."""

    key: str
    value: str
    origin: str


def load_from_process(settings_file: Path | None = None) -> Loaded:
    """Settings of this process: its working directory and its environment. Raises: ConfigError."""
    return load(directory=Path.cwd(), environ=os.environ, settings_file=settings_file)


def load(*, directory: Path, environ: Mapping[str, str], settings_file: Path | None = None) -> Loaded:
    """Lay the sources over each other and check the result.

    ``settings_file``, else ``ARCANE_SETTINGS``, names a file that must exist; else ``settings.toml`` in
    ``directory`` is read if it is there. ``.secrets.toml`` is looked for beside it.

    Raises: ConfigError: one sentence with the key and its source, never a value.
    """
    named = settings_file or (Path(environ[_SETTINGS_VARIABLE]) if environ.get(_SETTINGS_VARIABLE) else None)
    path = directory / (named or "settings.toml")
    if named is not None and not path.is_file():
        raise ConfigError(f"the settings file {named} does not exist: name another, or leave it out")
    if path.suffix != ".toml":
        raise ConfigError(f"the settings file {named} is not named .toml: rename it")
    tree: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for file in (path, path.with_name(".secrets.toml")):
        if file.is_file():
            _lay(tree, _from_file(file), origins, file.name)
    for variable, value in _from_environment(environ):
        _lay(tree, value, origins, variable)
    _refuse_unknown(Settings, tree, origins)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as exc:
        raise ConfigError(_sentence(exc, origins)) from None  # pydantic's own text may show more than it should
    return Loaded(*_with_token_file(settings, _origins_of_leaves(settings, origins), directory))


def explained(loaded: Loaded) -> list[Explained]:
    """Every setting with its value and origin, in the model's order."""
    return [
        Explained(key, _MASK if isinstance(value, SecretStr) else _shown(value), loaded.origins[key])
        for key, value in _leaves(loaded.settings)
    ]


def _loader() -> Dynaconf:
    """A dynaconf that casts nothing and, skipping its loaders, takes no options of its own from ``os.environ``."""
    return Dynaconf(
        dynaconf_skip_loaders=True,
        AUTO_CAST_FOR_DYNACONF=False,
        DOTTED_LOOKUP_FOR_DYNACONF=True,
        NESTED_SEPARATOR_FOR_DYNACONF="__",
    )


def _from_file(file: Path) -> dict[str, Any]:
    _check_file(file)  # dynaconf only warns when a file cannot be read, and obeys the directives that it holds
    loader = _loader()
    toml_loader.load(loader, env="_envless", silent=False, filename=[str(file)])  # a bare string is split at commas
    return _tree(loader)


def _check_file(file: Path) -> None:
    try:
        found = tomllib.loads(file.read_bytes().decode())
    except OSError as exc:
        raise ConfigError(f"{file.name} cannot be read ({exc.strerror}): allow it or remove it") from exc
    except ValueError as exc:  # not UTF-8, or not TOML
        where = re.search(r"line \d+, column \d+", str(exc))
        raise ConfigError(
            f"{file.name} is not TOML ({where[0] if where else 'it cannot be parsed'}): mend it there"
        ) from None
    for key, value in found.items():
        _refuse_unknown_section(re.split(r"__|\.", key)[0], file.name)
        _refuse_directives(value, file.name)


def _tree(loader: Dynaconf) -> dict[str, Any]:
    tree: dict[str, Any] = _lowered(loader.as_dict())
    return {key: value for key, value in tree.items() if key in Settings.model_fields}


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each variable as a small tree; strings stay as they are, lists and tables are read as TOML or JSON."""
    for variable in sorted(environ):
        if not variable.startswith(_PREFIX) or variable == _SETTINGS_VARIABLE:
            continue
        key, value = variable.removeprefix(_PREFIX), environ[variable]
        _refuse_unknown_section(key.split("__")[0], variable)
        found: Any = value
        is_single = "__" in key and key.lower().replace("__", ".") not in _LISTS  # it is never a list or a table
        if not is_single and value.lstrip().startswith(("[", "{")):
            found = _structure(variable, value)
        _refuse_directives(found, variable)
        loader = _loader()
        loader.set(key, found, tomlfy=False)
        yield variable, _tree(loader)


def _structure(variable: str, text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise ConfigError(
            f"{variable} looks like a list or a table and is neither TOML nor JSON: mend its brackets and quotes"
        ) from None


def _refuse_directives(value: Any, source: str) -> None:
    if isinstance(value, str) and _DIRECTIVE.match(value):
        raise ConfigError(
            f"{source} holds a value that begins with a dynaconf directive (such as @jinja): write the plain value"
        )
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_directives(item, source)


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key).lower(): _lowered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_lowered(item) for item in value]
    return value


def _lay(under: dict[str, Any], over: dict[str, Any], origins: dict[str, str], source: str, path: str = "") -> None:
    """Lay ``over`` on ``under``: tables join, everything else replaces."""
    for key, value in over.items():
        dotted = f"{path}{key}"
        if isinstance(value, dict) and isinstance(under.get(key, {}), dict):
            _lay(under.setdefault(key, {}), value, origins, source, f"{dotted}.")
        else:
            under[key] = value
        origins[dotted] = source


def _refuse_unknown_section(name: str, source: str) -> None:
    _refuse_unknown(Settings, {name.lower(): None}, {name.lower(): source})


def _refuse_unknown(
    model: type[BaseModel], tree: Mapping[str, Any], origins: Mapping[str, str], path: str = ""
) -> None:
    for key, value in tree.items():
        dotted = f"{path}{key}"
        field = model.model_fields.get(key)
        if field is None:
            near = difflib.get_close_matches(key, model.model_fields, n=1)
            hint = (
                f"did you mean {path}{near[0]}?"
                if near
                else f"known are {', '.join(f'{path}{name}' for name in model.model_fields)}"
            )
            raise ConfigError(f"unknown setting {dotted} in {_origin(dotted, origins)}: {hint}")
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) and isinstance(value, dict):
            _refuse_unknown(field.annotation, value, origins, f"{dotted}.")
        elif key == "trackers" and isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    _refuse_unknown(Tracker, item, origins, f"{dotted}.{index}.")


def _sentence(exc: ValidationError, origins: Mapping[str, str]) -> str:
    first = exc.errors(include_input=False, include_url=False)[0]
    across = (first["ctx"]["key"],) if first["type"] == "across" else ()
    dotted = ".".join(str(part) for part in (*first["loc"], *across))
    message = _PLAIN_WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
    if first["type"] == "tuple_type" and dotted in _LISTS:
        message = f"must be a list such as {_LISTS[dotted]}"
    return f"{dotted} in {_origin(dotted, origins)}: {message[0].lower()}{message[1:]}"


def _origins_of_leaves(settings: Settings, origins: Mapping[str, str]) -> dict[str, str]:
    """The source of every single setting; a list has one source, as it is replaced as a whole."""
    return {
        key: origins.get("trackers" if key.startswith("trackers.") else key, "default") for key, _ in _leaves(settings)
    }


def _origin(dotted: str, origins: Mapping[str, str]) -> str:
    while dotted and dotted not in origins:
        dotted = dotted.rpartition(".")[0]
    return origins.get(dotted, "default")


def _with_token_file(settings: Settings, origins: dict[str, str], directory: Path) -> tuple[Settings, dict[str, str]]:
    file = settings.x.bearer_token_file
    if file is None or settings.x.bearer_token is not None:
        return settings, origins
    try:
        token = (directory / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = getattr(exc, "strerror", None) or "it is no text"
        raise ConfigError(f"x.bearer_token_file {file} cannot be read ({reason}): mount the secret there") from None
    if not token:
        raise ConfigError(f"x.bearer_token_file {file} is empty: put the token in it")
    x = settings.x.model_copy(update={"bearer_token": SecretStr(token)})
    return settings.model_copy(update={"x": x}), origins | {"x.bearer_token": origins["x.bearer_token_file"]}


def _leaves(model: BaseModel, path: str = "") -> Iterator[tuple[str, Any]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{path}{name}.")
        elif isinstance(value, tuple) and isinstance(value[0], BaseModel):
            for index, item in enumerate(value):
                yield from ((key, found) for key, found in _leaves(item, f"{path}{name}.{index}.") if found is not None)
        else:
            yield f"{path}{name}", value


def _shown(value: Any) -> str:
    return "" if value is None else str(list(value) if isinstance(value, tuple) else value)
