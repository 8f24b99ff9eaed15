"""Settings: what wins, what survives exactly, what is refused, and what is never shown."""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from arcane.config import Explained, Loaded, Settings, Task, Tracker, XSettings, explained, load, task_of
from arcane.errors import ConfigError

SECRET = "AAAAsecretAAAA"
NOTHING: Mapping[str, str] = MappingProxyType({})
STRINGS = ["#Arcane", "0123", "2026", "1e5", "2026-11-23", "nan", "true", "None", "[1]", "{a", '"quoted"', " a "]
DIRECTIVES = ["@format {env[HOME]}", "@jinja {{ 1 }}", "@read_file /etc/hostname", "@int 3", "@str a", "@merge a"]
DYNACONF_NAMES = ["auto_cast_for_dynaconf", "dynaconf_merge", "settings_module", "preload_for_dynaconf"]


def written(directory: Path, *, settings: str = "", secrets: str = "") -> Path:
    (directory / "settings.toml").write_text(settings, encoding="utf-8")
    (directory / ".secrets.toml").write_text(secrets, encoding="utf-8")
    return directory


def refusal(directory: Path, environ: Mapping[str, str] = NOTHING, settings_file: Path | None = None) -> str:
    """The sentence of the ConfigError; its whole traceback is free of the secret."""
    with pytest.raises(ConfigError) as caught:
        load(directory=directory, environ=environ, settings_file=settings_file)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def set_keys(loaded: Loaded) -> dict[str, str]:
    """Origins of what is not default."""
    return {key: origin for key, origin in loaded.origins.items() if origin != "default"}


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    """Without files and variables every setting is its default, and its origin says so."""
    loaded = load(directory=tmp_path, environ={"PATH": "/bin", "ARCANE_SETTINGS": ""})

    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_the_example_file_equals_the_defaults() -> None:
    """settings.toml at the root of the repository sets every default to itself."""
    example = Path(__file__).parent.parent / "settings.toml"

    loaded = load(directory=example.parent, environ={}, settings_file=example)

    assert loaded.settings == Settings()
    unset = {key for key, origin in loaded.origins.items() if origin == "default"}
    assert unset == {
        "views.path",
        "views.events",
        "views.exclusions",
        "budget.run_usd",
        "budget.day_usd",
        "budget.cycle_usd",
        "x.bearer_token",
        "x.bearer_token_file",
        "warehouse.project",
        "warehouse.endpoint",
        "archive.url",
        "archive.endpoint",
        "dashboard.token",
        "dashboard.identity_header",
        "cloud.job",
        "collect.max_run_s",
        "retention.archive_days",
        "retention.table_days",
    }


def test_later_sources_win_and_are_named(tmp_path: Path) -> None:
    """Defaults < settings.toml < .secrets.toml < environment, key by key, each with its origin."""
    written(
        tmp_path,
        settings="[collect]\noverlap_s = 1\nlag_s = 31\nmax_run_s = 3\n",
        secrets="[collect]\nlag_s = 32\nmax_run_s = 4\n",
    )

    loaded = load(directory=tmp_path, environ={"ARCANE_COLLECT__MAX_RUN_S": "5"})

    collect = loaded.settings.collect
    assert (collect.overlap_s, collect.lag_s, collect.max_run_s) == (1, 32, 5)
    assert set_keys(loaded) == {
        "collect.overlap_s": "settings.toml",
        "collect.lag_s": ".secrets.toml",
        "collect.max_run_s": "ARCANE_COLLECT__MAX_RUN_S",
    }


@pytest.mark.parametrize("secrets", [f'[x]\nbearer_token = "{SECRET}"', f'x__bearer_token = "{SECRET}"'])
def test_a_table_of_secrets_does_not_wipe_the_table_of_settings(tmp_path: Path, secrets: str) -> None:
    """[x] in .secrets.toml joins [x] of settings.toml; dynaconf alone would replace it."""
    written(tmp_path, settings='[x]\nbase_url = "https://x.example"\nmax_results = 20\n', secrets=secrets)

    x = load(directory=tmp_path, environ={}).settings.x

    assert x.bearer_token is not None
    assert (x.bearer_token.get_secret_value(), x.base_url, x.max_results) == (SECRET, "https://x.example", 20)


@pytest.mark.parametrize(
    "value", ['[{name="a",hashtag="b"}]', '[{"name": "a", "hashtag": "b"}]', ' [{name="a",hashtag="b"}]']
)
def test_a_list_in_the_environment_replaces(tmp_path: Path, value: str) -> None:
    """ARCANE_TRACKERS, TOML or JSON, replaces the trackers of the file instead of growing them."""
    written(tmp_path, settings='[[trackers]]\nname = "file"\nhashtag = "File"\n')

    loaded = load(directory=tmp_path, environ={"ARCANE_TRACKERS": value})

    assert loaded.settings.trackers == (Tracker(name="a", hashtag="b"),)
    assert set_keys(loaded) == {"trackers.0.name": "ARCANE_TRACKERS", "trackers.0.hashtag": "ARCANE_TRACKERS"}


def test_a_table_in_the_environment_joins_and_its_single_keys_win(tmp_path: Path) -> None:
    """ARCANE_X joins [x] of the file, and ARCANE_X__… is laid over both."""
    written(tmp_path, settings="[x]\nattempts = 3\nmax_results = 20\n")
    environ = {"ARCANE_X__TIMEOUT_S": "2", "ARCANE_X": "{max_results = 30, timeout_s = 1}"}

    loaded = load(directory=tmp_path, environ=environ)

    x = loaded.settings.x
    assert (x.attempts, x.max_results, x.timeout_s) == (3, 30, 2.0)
    assert set_keys(loaded) == {
        "x.attempts": "settings.toml",
        "x.max_results": "ARCANE_X",
        "x.timeout_s": "ARCANE_X__TIMEOUT_S",
    }


@pytest.mark.parametrize("value", STRINGS)
def test_strings_of_the_environment_are_not_cast(tmp_path: Path, value: str) -> None:
    """What looks like a comment, number, date, list or table stays that string where a string is wanted."""
    environ = {
        "ARCANE_X__BEARER_TOKEN": value,
        "ARCANE_ARCHIVE__PATH": value,
        "ARCANE_TRACKERS": json.dumps([{"name": "a", "query": value}]),
    }

    found = load(directory=tmp_path, environ=environ).settings

    assert found.x.bearer_token is not None
    assert found.x.bearer_token.get_secret_value() == value
    assert (found.archive.path, found.trackers) == (Path(value), (Tracker(name="a", query=value),))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_string_survives_exactly(tmp_path: Path, value: str) -> None:
    """A token or a query comes out as it went in, whatever its signs."""
    assume(value.strip() and not value.lstrip().startswith("@"))
    environ = {"ARCANE_X__BEARER_TOKEN": value, "ARCANE_TRACKERS": json.dumps([{"name": "a", "query": value}])}

    found = load(directory=tmp_path, environ=environ).settings

    assert found.x.bearer_token is not None
    assert (found.x.bearer_token.get_secret_value(), found.trackers[0].query) == (value, value)


@pytest.mark.parametrize("directive", DIRECTIVES)
def test_directives_are_refused_wherever_they_stand(tmp_path: Path, directive: str) -> None:
    """A value that begins with a dynaconf directive is refused by its source's name, not its value."""
    value = f"{directive} {SECRET}"
    sentence = "holds a value that begins with a dynaconf directive (such as @jinja): write the plain value"
    trackers = json.dumps([{"name": "a", "query": value}])

    assert refusal(tmp_path, {"ARCANE_X__BEARER_TOKEN": value}) == f"ARCANE_X__BEARER_TOKEN {sentence}"
    assert refusal(tmp_path, {"ARCANE_TRACKERS": trackers}) == f"ARCANE_TRACKERS {sentence}"
    written(tmp_path, settings=f"[[trackers]]\nname = 'a'\nquery = '{value}'\n")
    assert refusal(tmp_path) == f"settings.toml {sentence}"
    written(tmp_path, secrets=f"[x]\nbearer_token = '{value}'\n")
    assert refusal(tmp_path) == f".secrets.toml {sentence}"


@pytest.mark.parametrize("query", ["from:@format_x", "hi @jinja {{ 1 }}", "@format_x hi", "@nasa lang:fr"])
def test_a_mention_is_no_directive(tmp_path: Path, query: str) -> None:
    """A user's name that resembles a directive, or one in the middle of a query, is kept."""
    written(tmp_path, settings=f"[[trackers]]\nname = 'a'\nquery = '{query}'\n")
    environ = {"ARCANE_TRACKERS": json.dumps([{"name": "a", "query": query}])}

    assert load(directory=tmp_path, environ={}).settings.trackers == (Tracker(name="a", query=query),)
    assert load(directory=tmp_path, environ=environ).settings.trackers == (Tracker(name="a", query=query),)


@pytest.mark.parametrize("name", DYNACONF_NAMES)
def test_dynaconfs_own_options_are_unknown_settings(tmp_path: Path, name: str) -> None:
    """No file or variable can switch on what is switched off: auto_cast… made @read_file run."""
    known = "known are x, warehouse, archive, collect, refresh, budget, prices, retention, views, dashboard, cloud, log, trackers"

    assert refusal(tmp_path, {f"ARCANE_{name.upper()}": "true"}) == (
        f"unknown setting {name} in ARCANE_{name.upper()}: {known}"
    )
    written(tmp_path, settings=f"{name} = true\n[[trackers]]\nname = 'a'\nquery = '@read_file /etc/hostname'\n")
    assert refusal(tmp_path) == f"unknown setting {name} in settings.toml: {known}"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRETS_FOR_DYNACONF", "other.toml"),
        ("INCLUDES_FOR_DYNACONF", "['other.toml']"),
        ("PRELOAD_FOR_DYNACONF", "['other.toml']"),
        ("NESTED_SEPARATOR_FOR_DYNACONF", "___"),
        ("DOTTED_LOOKUP_FOR_DYNACONF", "false"),
        ("MERGE_ENABLED_FOR_DYNACONF", "true"),
        ("AUTO_CAST_FOR_DYNACONF", "true"),
        ("DYNACONF_X", "{attempts=1}"),
    ],
)
def test_dynaconf_takes_nothing_from_the_process(tmp_path: Path, variable: str, value: str) -> None:
    """Only ``environ`` counts: dynaconf's own variables in the real environment change nothing."""
    written(tmp_path, settings="[x]\nmax_results = 20\n")
    (tmp_path / "other.toml").write_text("[x]\nattempts = 1\n", encoding="utf-8")
    program = (
        "from pathlib import Path; from arcane.config import load;"
        "loaded = load(directory=Path.cwd(), environ={'ARCANE_X__TIMEOUT_S': '2026'});"
        "print([f'{key}={origin}' for key, origin in loaded.origins.items() if origin != 'default'])"
    )
    environ = os.environ | {variable: value.replace("other.toml", str(tmp_path / "other.toml"))}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("['x.max_results=settings.toml', 'x.timeout_s=ARCANE_X__TIMEOUT_S']\n", "")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"ARCANE_X__BASE_URI": SECRET},
            "unknown setting x.base_uri in ARCANE_X__BASE_URI: did you mean x.base_url?",
        ),
        ({"ARCANE_COLLCT__LAG_S": "90"}, "unknown setting collct in ARCANE_COLLCT__LAG_S: did you mean collect?"),
        (
            {"ARCANE_TRACKERS": '[{name="a", hashtagg="b"}]'},
            "unknown setting trackers.0.hashtagg in ARCANE_TRACKERS: did you mean trackers.0.hashtag?",
        ),
    ],
)
def test_unknown_variables_are_refused(tmp_path: Path, environ: dict[str, str], sentence: str) -> None:
    """A misspelt variable is refused with the closest name, never ignored."""
    assert refusal(tmp_path, environ) == sentence


def test_unknown_keys_of_files_are_refused(tmp_path: Path) -> None:
    """A misspelt key of a file is refused with the closest name and without its value."""
    written(tmp_path, secrets=f'[x]\nbearer_tokn = "{SECRET}"\n')
    assert refusal(tmp_path) == "unknown setting x.bearer_tokn in .secrets.toml: did you mean x.bearer_token?"
    written(tmp_path, settings='[[trackers]]\nname = "a"\nhashtagg = "b"\n')
    assert refusal(tmp_path) == (
        "unknown setting trackers.0.hashtagg in settings.toml: did you mean trackers.0.hashtag?"
    )


@pytest.mark.parametrize(
    ("secrets", "sentence"),
    [
        ("[x]\nbearer_token = {a = 'SECRET'}", "x.bearer_token in .secrets.toml: input should be a valid string"),
        ("[x]\nbearer_token = ['SECRET']", "x.bearer_token in .secrets.toml: input should be a valid string"),
        ("x = 'SECRET'", "x in .secrets.toml: must be a table of settings"),
        ("x = ['SECRET']", "x in .secrets.toml: must be a table of settings"),
        ("[x]\nbearer_token = 'SECRET", ".secrets.toml is not TOML (it cannot be parsed): mend it there"),
        ("[x]\nbearer_token = SECRET", ".secrets.toml is not TOML (line 2, column 16): mend it there"),
    ],
)
def test_errors_never_hold_a_secret(tmp_path: Path, secrets: str, sentence: str) -> None:
    """Neither the sentence nor the traceback shows a token, were it of a wrong type or in a broken file."""
    written(tmp_path, secrets=secrets.replace("SECRET", SECRET))

    assert refusal(tmp_path) == sentence


@pytest.mark.parametrize(
    "value", [SECRET, f"['{SECRET}']", f"{{bearer_token='{SECRET}', attempts='a'}}", f"['{SECRET}"]
)
def test_errors_of_a_whole_table_in_the_environment_hold_no_secret(tmp_path: Path, value: str) -> None:
    """ARCANE_X of a wrong shape names the variable and not what it holds."""
    assert "ARCANE_X" in refusal(tmp_path, {"ARCANE_X": value})


def test_the_models_own_errors_hold_no_secret() -> None:
    """Even pydantic's text, which load never shows, leaves the input out."""
    with pytest.raises(ValidationError) as caught:
        XSettings.model_validate({"bearer_token": [SECRET]})

    assert SECRET not in str(caught.value)


def test_settings_hide_the_token_when_shown(tmp_path: Path) -> None:
    """repr, str, JSON and the explanation mask the token and nothing else."""
    environ = {"ARCANE_X__BEARER_TOKEN": SECRET, "ARCANE_X__ATTEMPTS": "3"}

    loaded = load(directory=tmp_path, environ=environ)
    rows = explained(loaded)

    shown = [repr(loaded), str(loaded.settings), loaded.settings.model_dump_json(), repr(rows)]
    assert [SECRET in text for text in shown] == [False] * 4
    assert rows[:3] == [
        Explained("x.bearer_token", "********", "ARCANE_X__BEARER_TOKEN"),
        Explained("x.bearer_token_file", "", "default"),
        Explained("x.base_url", "https://api.x.com", "default"),
    ]
    assert Explained("x.attempts", "3", "ARCANE_X__ATTEMPTS") in rows
    assert rows[-2:] == [
        Explained("trackers.0.name", "arcane", "default"),
        Explained("trackers.0.hashtag", "Arcane", "default"),
    ]


def test_a_mounted_secret_is_read(tmp_path: Path) -> None:
    """bearer_token_file gives the token without its newline, relative to the directory, and is its origin."""
    (tmp_path / "token").write_text(f"{SECRET}\n", encoding="utf-8")

    loaded = load(directory=tmp_path, environ={"ARCANE_X__BEARER_TOKEN_FILE": "token", "ARCANE_X__BEARER_TOKEN": ""})

    assert loaded.settings.x.bearer_token is not None
    assert loaded.settings.x.bearer_token.get_secret_value() == SECRET
    assert explained(loaded)[0] == Explained("x.bearer_token", "********", "ARCANE_X__BEARER_TOKEN_FILE")


def test_a_token_wins_over_a_mounted_secret(tmp_path: Path) -> None:
    """With bearer_token set, bearer_token_file is not even opened."""
    written(tmp_path, secrets=f'[x]\nbearer_token = "{SECRET}"\n')

    loaded = load(directory=tmp_path, environ={"ARCANE_X__BEARER_TOKEN_FILE": "missing"})

    assert loaded.settings.x.bearer_token is not None
    assert loaded.settings.x.bearer_token.get_secret_value() == SECRET
    assert loaded.origins["x.bearer_token"] == ".secrets.toml"


def test_a_mounted_secret_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """A missing, empty or binary token file is named with the reason."""
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(SECRET.encode() + b"\xff")

    assert [refusal(tmp_path, {"ARCANE_X__BEARER_TOKEN_FILE": name}) for name in ("missing", "empty", "binary")] == [
        "x.bearer_token_file missing cannot be read (No such file or directory): mount the secret there",
        "x.bearer_token_file empty is empty: put the token in it",
        "x.bearer_token_file binary cannot be read (it is no text): mount the secret there",
    ]


def test_a_named_settings_file_is_read_with_the_secrets_beside_it(tmp_path: Path) -> None:
    """--settings wins over ARCANE_SETTINGS, and .secrets.toml is looked for beside the file, commas or not."""
    folder = tmp_path / "a.toml, b"
    folder.mkdir()
    (folder / "prod.toml").write_text("[x]\nattempts = 3\n", encoding="utf-8")
    (folder / ".secrets.toml").write_text(f'[x]\nbearer_token = "{SECRET}"\n', encoding="utf-8")
    written(tmp_path, settings="[x]\nattempts = 4\n")
    expected = {"x.attempts": "prod.toml", "x.bearer_token": ".secrets.toml"}

    by_variable = load(directory=tmp_path, environ={"ARCANE_SETTINGS": str(folder / "prod.toml")})
    by_argument = load(
        directory=tmp_path, environ={"ARCANE_SETTINGS": "missing.toml"}, settings_file=Path("a.toml, b/prod.toml")
    )

    assert (set_keys(by_variable), by_variable.settings.x.attempts) == (expected, 3)
    assert (set_keys(by_argument), by_argument.settings.x.attempts) == (expected, 3)


def test_a_settings_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """A file that is missing, or not named .toml, is named in the sentence."""
    (tmp_path / "prod.conf").write_text("", encoding="utf-8")

    assert refusal(tmp_path, {"ARCANE_SETTINGS": "no.toml"}) == (
        "the settings file no.toml does not exist: name another, or leave it out"
    )
    assert refusal(tmp_path, settings_file=Path("prod.conf")) == (
        "the settings file prod.conf is not named .toml: rename it"
    )


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read, even by root"
)
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A file that is there and cannot be read is refused; dynaconf alone would warn and go on without it."""
    (tmp_path / "settings.toml").symlink_to("/proc/self/mem")

    assert refusal(tmp_path) == "settings.toml cannot be read (Input/output error): allow it or remove it"


def test_broken_files_and_variables_are_refused_with_their_place(tmp_path: Path) -> None:
    """TOML that does not parse names the file and the line, text that is not UTF-8 the file."""
    written(tmp_path, settings="[x\n")
    assert refusal(tmp_path) == "settings.toml is not TOML (line 1, column 3): mend it there"
    (tmp_path / "settings.toml").write_bytes(b'[x]\nbase_url = "\xff"\n')
    assert refusal(tmp_path) == "settings.toml is not TOML (it cannot be parsed): mend it there"
    written(tmp_path)
    assert refusal(tmp_path, {"ARCANE_TRACKERS": "[{name="}) == (
        "ARCANE_TRACKERS looks like a list or a table and is neither TOML nor JSON: mend its brackets and quotes"
    )


RANGES = {
    "ARCANE_X__MAX_RESULTS=9": "x.max_results in ARCANE_X__MAX_RESULTS: input should be greater than or equal to 10",
    "ARCANE_X__MAX_RESULTS=101": 'x.max_results in ARCANE_X__MAX_RESULTS: is at most 100 with x.search = "recent"',
    "ARCANE_X__MAX_RESULTS=many": (
        "x.max_results in ARCANE_X__MAX_RESULTS: input should be a valid integer, unable to parse string as an integer"
    ),
    "ARCANE_X__SEARCH=full": "x.search in ARCANE_X__SEARCH: input should be 'recent' or 'all'",
    "ARCANE_X__TIMEOUT_S=inf": "x.timeout_s in ARCANE_X__TIMEOUT_S: input should be a finite number",
    "ARCANE_X__BASE_URL=http://x.example": (
        "x.base_url in ARCANE_X__BASE_URL: must begin with https:// "
        "(http:// on this machine only: a token would travel in the clear)"
    ),
    f"ARCANE_X__BASE_URL=https://me:{SECRET}@x.example": (
        "x.base_url in ARCANE_X__BASE_URL: must not hold a user or a password: it is shown in `arcane config`"
    ),
    "ARCANE_WAREHOUSE__MEMORY_LIMIT=96": (
        "warehouse.memory_limit in ARCANE_WAREHOUSE__MEMORY_LIMIT: "
        r"string should match pattern '^\d+ ?(KB|MB|GB)$'"
    ),
    "ARCANE_WAREHOUSE__TIME_ZONE=Europe/Pari": (
        "warehouse.time_zone in ARCANE_WAREHOUSE__TIME_ZONE: is no IANA time zone such as Europe/Paris"
    ),
    "ARCANE_COLLECT__LAG_S=29": "collect.lag_s in ARCANE_COLLECT__LAG_S: input should be greater than or equal to 30",
    "ARCANE_COLLECT__FIRST_RUN_DAYS=7.5": (
        'collect.first_run_days in ARCANE_COLLECT__FIRST_RUN_DAYS: is at most 7 with x.search = "recent"'
    ),
    "ARCANE_COLLECT__SLICE_TWEET_COUNT=999": (
        "collect.slice_tweet_count in ARCANE_COLLECT__SLICE_TWEET_COUNT: input should be greater than or equal to 1000"
    ),
    "ARCANE_COLLECT__SLICE_TWEET_COUNT=10001": (
        "collect.slice_tweet_count in ARCANE_COLLECT__SLICE_TWEET_COUNT: input should be less than or equal to 10000"
    ),
    "ARCANE_X__AUTHORS=both": "x.authors in ARCANE_X__AUTHORS: input should be 'expand' or 'lookup'",
    "ARCANE_X__AUTHORS_STALE_DAYS=0": "x.authors_stale_days in ARCANE_X__AUTHORS_STALE_DAYS: input should be greater than 0",
    "ARCANE_BUDGET__RUN_USD=0": "budget.run_usd in ARCANE_BUDGET__RUN_USD: input should be greater than 0",
    "ARCANE_BUDGET__DAY_USD=inf": "budget.day_usd in ARCANE_BUDGET__DAY_USD: input should be a finite number",
    "ARCANE_BUDGET__CAP_RESET_DAY=32": (
        "budget.cap_reset_day in ARCANE_BUDGET__CAP_RESET_DAY: input should be less than or equal to 31"
    ),
    "ARCANE_PRICES__POST_USD=-1": "prices.post_usd in ARCANE_PRICES__POST_USD: input should be greater than or equal to 0",
    "ARCANE_REFRESH__AGES_H=[48, 24]": "refresh.ages_h in ARCANE_REFRESH__AGES_H: must grow from one age to the next",
    "ARCANE_REFRESH__AGES_H=24": "refresh.ages_h in ARCANE_REFRESH__AGES_H: must be a list such as [24, 48, 72]",
    "ARCANE_REFRESH__AGES_H=[]": (
        "refresh.ages_h in ARCANE_REFRESH__AGES_H: tuple should have at least 1 item after validation, not 0"
    ),
    "ARCANE_REFRESH__AGES_H=[24, 24]": "refresh.ages_h in ARCANE_REFRESH__AGES_H: must grow from one age to the next",
    "ARCANE_TRACKERS=Arcane": (
        'trackers in ARCANE_TRACKERS: must be a list such as [{name = "arcane", hashtag = "Arcane"}]'
    ),
    "ARCANE_TRACKERS=[]": "trackers in ARCANE_TRACKERS: at least one tracker is needed",
}


@pytest.mark.parametrize("assignment", RANGES)
def test_values_out_of_range_are_refused(tmp_path: Path, assignment: str) -> None:
    """A wrong type or a value out of range names the key, the variable and what is allowed."""
    variable, _, value = assignment.partition("=")

    assert refusal(tmp_path, {variable: value}) == RANGES[assignment]


def test_the_ages_of_a_schedule_can_be_set_in_a_variable(tmp_path: Path) -> None:
    """A list there is read as TOML or JSON, as that of the trackers is."""
    found = load(directory=tmp_path, environ={"ARCANE_REFRESH__AGES_H": "[12, 24]"})
    assert (found.settings.refresh.ages_h, found.origins["refresh.ages_h"]) == ((12, 24), "ARCANE_REFRESH__AGES_H")


def test_the_full_archive_widens_the_limits(tmp_path: Path) -> None:
    """With x.search = "all" a page has up to 500 tweets and the first run reaches beyond seven days."""
    written(tmp_path, settings='[x]\nsearch = "all"\nmax_results = 500\n[collect]\nfirst_run_days = 30\n')

    found = load(directory=tmp_path, environ={}).settings

    assert (found.x.max_results, found.collect.first_run_days) == (500, 30.0)


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [("Arcane", "Arcane"), ("#Arcane", "Arcane"), ("＃Arcane", "Arcane"), ("été", "été"), ("a_1", "a_1"), ("猫", "猫")],
)
def test_hashtags_are_kept_without_their_sign(written_as: str, expected: str) -> None:
    """A hashtag is accepted with its sign, even full-width, and without, accents and all."""
    assert Tracker(name="a", hashtag=written_as).hashtag == expected


SPACES = "a hashtag has no spaces: write it as one word, or use query for several"
SIGNS = "a hashtag is made of letters, digits and _, and not of digits alone"
TRACKERS = {
    '[{name="a", hashtag="Ar cane"}]': f"trackers.0.hashtag in ARCANE_TRACKERS: {SPACES}",
    '[{name="a", hashtag="Ar-cane"}]': f"trackers.0.hashtag in ARCANE_TRACKERS: {SIGNS}",
    '[{name="a", hashtag="2026"}]': f"trackers.0.hashtag in ARCANE_TRACKERS: {SIGNS}",
    '[{name="a", hashtag="#"}]': f"trackers.0.hashtag in ARCANE_TRACKERS: {SIGNS}",
    '[{name="a"}]': "trackers.0 in ARCANE_TRACKERS: a tracker has either a hashtag or a query",
    '[{name="a", hashtag="b", query="c"}]': (
        "trackers.0 in ARCANE_TRACKERS: a tracker has either a hashtag or a query"
    ),
    '[{name="a", query=" "}]': "trackers.0 in ARCANE_TRACKERS: the query is empty",
    '[{name="A", hashtag="b"}]': (
        "trackers.0.name in ARCANE_TRACKERS: string should match pattern '^[a-z0-9][a-z0-9_-]{0,39}$'"
    ),
    '[{name="a", hashtag="b"}, {name="a", hashtag="c"}]': (
        "trackers in ARCANE_TRACKERS: two trackers have the same name"
    ),
}


@pytest.mark.parametrize("value", TRACKERS)
def test_trackers_that_make_no_sense_are_refused(tmp_path: Path, value: str) -> None:
    """A tracker without one clear thing to look for is refused with what to write instead."""
    assert refusal(tmp_path, {"ARCANE_TRACKERS": value}) == TRACKERS[value]


def test_a_task_of_a_cloud_run_job_knows_its_place() -> None:
    """Alone, 0 of 1; of a job, what Cloud Run says, with a name that can be part of a table's."""
    assert task_of({}) == Task(0, 1, "")
    environ = {"CLOUD_RUN_TASK_INDEX": "2", "CLOUD_RUN_TASK_COUNT": "5", "CLOUD_RUN_EXECUTION": "replay-x7k"}
    assert task_of(environ) == Task(2, 5, "replay_x7k")


@pytest.mark.parametrize(
    "environ",
    [
        {"CLOUD_RUN_TASK_INDEX": "5", "CLOUD_RUN_TASK_COUNT": "5", "CLOUD_RUN_EXECUTION": "a"},
        {"CLOUD_RUN_TASK_INDEX": "-1", "CLOUD_RUN_TASK_COUNT": "5", "CLOUD_RUN_EXECUTION": "a"},
        {"CLOUD_RUN_TASK_INDEX": "1", "CLOUD_RUN_TASK_COUNT": "two", "CLOUD_RUN_EXECUTION": "a"},
        {"CLOUD_RUN_TASK_INDEX": "1", "CLOUD_RUN_TASK_COUNT": "2"},
    ],
)
def test_a_task_that_makes_no_sense_is_refused(environ: dict[str, str]) -> None:
    """Rather than two tasks taking each other's share, or one share nobody's."""
    with pytest.raises(ConfigError, match="is no task of a job"):
        task_of(environ)


@pytest.mark.parametrize("url", ["s3://bucket", "gs://", "gs://UPPER", "gs://bucket/a b", "bucket"])
def test_an_archive_that_is_no_bucket_is_refused(tmp_path: Path, url: str) -> None:
    """archive.url is gs://bucket, with or without a folder."""
    with pytest.raises(ConfigError, match=r"archive\.url in ARCANE_ARCHIVE__URL"):
        load(directory=tmp_path, environ={"ARCANE_ARCHIVE__URL": url})
    found = load(directory=tmp_path, environ={"ARCANE_ARCHIVE__URL": "gs://my-bucket.x/raw/pages"}).settings
    assert found.archive.url == "gs://my-bucket.x/raw/pages"
