"""The main job with no account: a simulator, six weeks of #Arcane, two weeks of daily runs, and what came of it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from arcane.app import App, demo_marker, demo_notes
from arcane.collect import Progress
from arcane.config import BudgetSettings, Settings, Tracker
from arcane.errors import ConfigError, Unavailable
from arcane.terminal import bar, console, print_status, print_table, printable
from arcane.warehouse.interface import Result

DAYS: Final = 42
LIVED: Final = 14  # the last days are lived through, one run a day; what was before is read at once
TWEETS: Final = 24_000
_PREMIERE: Final = 6  # days ago
_RHYTHM: Final = timedelta(days=1)
_TOKEN: Final = "simulator"  # noqa: S105 - the simulator's own, no secret
_EVENTS: Final = "date,label,tracker\n{:%Y-%m-%d},Bande-annonce,arcane\n"
_EXCLUSIONS: Final = "kind,value,reason\nlanguage,ar,hors marché\ndomain,boutique.example,vente en ligne\n"


class StandingClock:
    """Where it was put; waiting moves it and takes no time. See ``clock.Clock``."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def demo(app: App) -> App:
    """Fill the configured warehouse with made-up tweets, as two weeks of daily runs would, and print a summary.

    Returns an app on what was made, in the real present.

    Raises: ConfigError if the warehouse holds real ones.
    """
    _make_room(app)
    with bar("tweets") as progress:
        lived = live(app.settings, end_at=app.clock.now().replace(microsecond=0), progress=progress)
    made = App(lived.settings, clock=app.clock)
    _summary(made)
    return made


def live(settings: Settings, *, end_at: datetime, progress: Progress, tweet_count: int = TWEETS) -> App:
    """The story: six weeks of ``tweet_count`` tweets up to ``end_at``, the last two lived through by daily runs.

    The same end and size give the same tables. The app is the one of the last run.
    """
    premiere_at = (end_at - _PREMIERE * _RHYTHM).replace(hour=19, minute=0, second=0)
    made_up = _settings(settings, premiere=premiere_at)
    days = [end_at - number * _RHYTHM for number in reversed(range(LIVED + 1))]
    with _simulator(days[0], end_at=end_at, burst_at=premiere_at, tweet_count=tweet_count) as base_url:
        for number, day in enumerate(days):
            _set_clock(base_url, day)
            x = made_up.x.model_copy(update={"base_url": base_url, "search": "recent" if number else "all"})
            app = App(made_up.model_copy(update={"x": x}), clock=StandingClock(day))
            app.run(progress=progress)
    return app


def _settings(settings: Settings, *, premiere: datetime) -> Settings:
    """Those in force, but for what makes it a demo: no account, two trackers, notes as an analyst would write them."""
    events, exclusions = demo_notes(settings)
    events.write_text(_EVENTS.format(premiere), encoding="utf-8")
    exclusions.write_text(_EXCLUSIONS, encoding="utf-8")
    return settings.model_copy(
        update={
            "x": settings.x.model_copy(update={"bearer_token": SecretStr(_TOKEN)}),
            "warehouse": settings.warehouse.model_copy(update={"kind": "duckdb"}),
            "collect": settings.collect.model_copy(update={"first_run_days": DAYS - LIVED}),
            "views": settings.views.model_copy(update={"events": events, "exclusions": exclusions}),
            "budget": BudgetSettings(),
            "trackers": (Tracker(name="arcane", hashtag="Arcane"), Tracker(name="jinx", hashtag="Jinx")),
        }
    )


def _set_clock(base_url: str, now: datetime) -> None:
    body = json.dumps({"now": now.isoformat()}).encode()
    asked = urllib.request.Request(f"{base_url}/simulator/clock", data=body)  # noqa: S310 - the simulator's own
    urllib.request.urlopen(asked, timeout=30).close()  # noqa: S310


def _make_room(app: App) -> None:
    path, archive = app.settings.warehouse.path, app.settings.archive.path
    marker = demo_marker(app.settings)
    if path.exists() and not marker.exists():
        raise ConfigError(
            f"{path} holds tweets that the demo did not make: name another file with ARCANE_WAREHOUSE__PATH "
            "(and another folder with ARCANE_ARCHIVE__PATH)"
        )
    if archive.exists() and not marker.exists():
        raise ConfigError(
            f"{archive} holds pages that the demo did not make: name another folder with ARCANE_ARCHIVE__PATH"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text("The tweets of this warehouse are made up by arcane demo.\n")
    for old in (path, path.with_name(path.name + ".wal")):
        old.unlink(missing_ok=True)
    for folder in (archive, path.with_name(path.name + ".published")):
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _simulator(stands_at: datetime, *, end_at: datetime, burst_at: datetime, tweet_count: int) -> Iterator[str]:
    """A simulator in a process of its own; its address."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        command = [sys.executable, "-m", "arcane.cli", "simulate", "--port", "0", "--port-file", str(port_file)]
        command += ["--tweets", str(tweet_count), "--days", str(DAYS), "--no-rate-limits"]
        for option, moment in (("--ends-at", end_at), ("--stands-at", stands_at), ("--burst-at", burst_at)):
            command += [option, f"{moment:%Y-%m-%dT%H:%M:%S}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
        try:
            for _ in range(600):
                if port_file.exists() and (port := port_file.read_text().strip()):
                    yield f"http://127.0.0.1:{port}"
                    return
                if process.poll() is not None:
                    break
                time.sleep(0.05)
            raise Unavailable("the simulator did not start: run arcane simulate to see why")
        finally:
            process.terminate()
            process.wait(10)


def _summary(app: App) -> None:
    days = app.query(_DAYS)
    console().print(f"\n[bold]#Arcane, tweets by day[/bold] ({app.settings.warehouse.time_zone})")
    _bars(days)
    print_table(*_shown(app.query(_TOP)), title="\nMost liked")
    print_table(*_shown(app.query(_VIDEOS)), title="\nMost viewed videos")
    print()
    print_status(app.status(), is_json=False)
    along = ", with the authors and posts that come along" if app.settings.prices.are_includes_billed else ""
    print(f"The dollars are what X would bill for this by today's prices{along}; the simulator takes none.")
    console().print("\n[bold]As analysts read it[/bold] (docs/guide-analyste.md)")
    today = date.fromisoformat(str(days.rows[-1][0]))
    for title, sql in _FRENCH.items():
        dates = {f"before_{number}": f"date '{today - timedelta(number)}'" for number in (1, 7, 8, 9, 14)}
        print_table(*_shown(app.query(sql.format(**dates))), title=f"\n{title}")
    print("\nAsk it yourself:  arcane query 'select kind, count(*) as tweets from arcane.tweets group by kind'")


def _shown(result: Result) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    shortened = [
        tuple(f"{printable(value)[:79]}…" if isinstance(value, str) and len(value) > 80 else value for value in row)
        for row in result.rows
    ]
    return result.columns, shortened


def _bars(result: Result) -> None:
    """One bar a day, as long as its tweets; likes and views beside it."""
    most = max((int(str(row[1])) for row in result.rows), default=1)
    for day, tweets, likes, views in result.rows:
        length = round(40 * int(str(tweets)) / most)
        console().print(
            f"{day:%a %d %b}  {'█' * length:<40} {tweets:>7,}  {likes:>9,} likes  {views or 0:>12,} views",
            highlight=False,
        )


_DAYS: Final = """\
select
    t.local_date,
    count(*) as tweets,
    sum(t.like_count) as likes,
    sum(t.video_view_count) as views,
from arcane.tweets as t
inner join arcane.tracker_tweets as f on f.tweet_id = t.tweet_id
where f.tracker = 'arcane'
group by t.local_date
order by t.local_date"""
_TOP: Final = """\
select t.like_count as likes, t.retweet_count as retweets, t.reply_count as replies, a.username as author, t.text
from arcane.tweets as t
left join arcane.authors as a on a.author_id = t.author_id
order by t.like_count desc, t.tweet_id
limit 5"""
_FRENCH: Final = {
    "arcane_fr.data_status": """\
select complet_jusqu_a_local, lu_le_local, fuseau, nb_heures_trou, nb_tweets
from arcane_fr.data_status""",
    "arcane_fr.volume_by_day, #Arcane, ten days": """\
select
    date_locale,
    nb_tweets,
    nb_tweets_bruts,
    nb_attendus,
    round(100 * taux_couverture, 1) as couverture_pct,
from arcane_fr.volume_by_day
where suivi = 'arcane' and date_locale >= {before_9}
order by date_locale""",
    "arcane_fr.growth, #Arcane, seven whole days beside the seven before": """\
select
    mesure,
    nb_jours_compares as jours,
    round(valeur, 1) as valeur,
    round(valeur_base, 1) as base,
    round(100 * taux_croissance, 1) as croissance_pct,
    motif,
from arcane_fr.growth('arcane', {before_7}, {before_1}, {before_14}, {before_8})
order by cle_mesure desc""",
    "arcane_fr.spikes and spike_causes, #Arcane, fourteen days": """\
select
    s.date_locale,
    s.nb_tweets,
    s.mediane_tweets,
    round(s.score_z, 1) as score_z,
    c.type_cause,
    c.cause,
    round(100 * c.part_expliquee) as expliquee_pct,
from arcane_fr.spikes('arcane', {before_14}, {before_1}) as s
left join arcane_fr.spike_causes('arcane', {before_14}, {before_1}) as c on c.date_locale = s.date_locale and c.rang = 1
where s.est_pic
order by s.date_locale""",
}
_VIDEOS: Final = """\
select m.view_count as views, m.duration_s as seconds, count(*) as tweets, min(t.text) as text
from arcane.media as m
inner join arcane.tweet_media as h on h.media_key = m.media_key
inner join arcane.tweets as t on t.tweet_id = h.tweet_id
where m.kind = 'video'
group by m.media_key, m.view_count, m.duration_s
order by m.view_count desc, m.media_key
limit 5"""
