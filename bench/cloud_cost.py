"""What Arcane in Google Cloud would cost a month, and where it stops, on paper; docs/architecture-cloud.md explains it.

    .venv/bin/python bench/cloud_cost.py

Arithmetic on list prices and on figures that were measured elsewhere; nothing here asked X or Google. Prices are in US
dollars as the vendors' pages gave them in 2026, none of them was ever billed to us. docs/bigquery-cost.md, which is
the output of bench/bigquery_cost.py, is read for BigQuery's part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arcane.cloud import _READING
from arcane.config import CloudSettings, CollectSettings

ROOT: Final = Path(__file__).parent.parent
VOLUMES: Final = (1_000, 10_000, 100_000)  # tweets a day
DAYS: Final = 30
GIB: Final = 1024**3

# X: docs/x-api-facts.md and X's documentation of 2026-08-22 (pricing, post cap, rate limits).
POST_USD: Final = 0.005
AUTHOR_USD: Final = 0.010  # whether authors that come along with posts are billed is unknown
COUNTS_USD: Final = 0.005  # a request
CAP: Final = 3_000_000  # posts a month on pay-per-use
WINDOW_S: Final = 900
SEARCHES: Final = 450  # a window
PAGE: Final = 100  # tweets
# Refresh: read again at ages 1, 2, 3, 7, 14 and 30 days. A tweet that stands still at two readings goes to the week's
# age, and is done if it stands still then too: the first day's and the week's are the fewest.
MOST_AGAIN: Final = 6
FEWEST_AGAIN: Final = 2

# Seconds. Ours is measured: bench/README.md, 87.7 - 11.0 CPU-s for 9,000 pages of 100 tweets on 2 shared cores.
PAGE_CPU_S: Final = (87.7 - 11.0) / 9_000
PAGE_ANSWER_S: Final = 1.0  # assumed: X's answer
PAGE_KEPT_S: Final = 0.1  # assumed: a write into the bucket
COMMIT_S: Final = 30.0  # assumed: load jobs and one transaction; the emulator takes 4
JOB_S: Final = 86_400  # infra/job.tf

# Cloud Run by requests, europe-west1: first 180,000 vCPU-s and 360,000 GiB-s a month free.
CPU_USD: Final = 0.000024
CPU_FREE_S: Final = 180_000
MEMORY_USD: Final = 0.0000025
MEMORY_FREE_S: Final = 360_000  # of 1 GiB, which is what infra/function.tf gives
SCHEDULER_USD: Final = 0.10  # a job and month, three free
SCHEDULER_FREE: Final = 3
ALERT_USD: Final = 1.50  # a condition and month; pages differ on whether it is charged yet
LOG_USD: Final = 0.50  # a GiB
LOG_FREE: Final = 50 * GIB
LINE_BYTES: Final = 1_000  # assumed; a slice is a line, a run some ten

# Cloud Storage, standard, europe-west1.
KEPT_USD: Final = 0.020  # a GiB and month
WRITE_USD: Final = 0.005 / 1_000
WRITES_A_PAGE: Final = 2  # docs/archive.md
KEPT_BYTES: Final = 643  # a tweet: two recorded searches (1,100 tweets, every field) as arcane import archives them
KEPT_DAYS: Final = 400  # infra/variables.tf

SCAN_USD: Final = 6.25  # BigQuery, a TiB on demand, the first free: bench/bigquery_cost.py
STORAGE_USD: Final = 0.02  # BigQuery, a GiB and month


@dataclass(frozen=True, slots=True)
class BigQuery:
    """A row of docs/bigquery-cost.md: what collecting so many tweets a day scans and costs a month."""

    commit_gib: float
    scanned_tib: float
    on_demand_usd: float
    month_usd: float


def cells(table: str, first: str) -> list[str]:
    """The row of docs/bigquery-cost.md that begins with ``first`` under a head that begins with ``table``."""
    lines = (ROOT / "docs" / "bigquery-cost.md").read_text(encoding="utf-8").splitlines()
    head = next(at for at, one in enumerate(lines) if one.startswith(f"| {table} |"))
    row = next(one for one in lines[head:] if one.startswith(f"| {first} |"))
    return [cell.strip(" *") for cell in row.strip("|").split("|")]


def number(cell: str) -> float:
    return float(cell.split()[0].replace("$", "").replace(",", ""))


def bigquery(tweets_a_day: int) -> BigQuery:
    found = [number(cell) for cell in cells("tweets a day", f"{tweets_a_day:,}")]
    return BigQuery(commit_gib=found[2], scanned_tib=found[3] + found[4], on_demand_usd=found[5], month_usd=found[7])


def commits(tweet_count: int) -> int:
    return math.ceil(tweet_count / CollectSettings().slice_tweet_count)


def reading_s(tweet_count: int) -> float:
    """Seconds from the first page to the last commit: full windows are waited out, the last one is not.

    Commits of a full window fit into its wait.
    """
    pages = math.ceil(tweet_count / PAGE)
    full = (pages - 1) // SEARCHES
    rest = pages - full * SEARCHES
    return full * WINDOW_S + rest * (PAGE_ANSWER_S + PAGE_CPU_S + PAGE_KEPT_S) + commits(rest * PAGE) * COMMIT_S


def refresh_s(tweet_count: int) -> float:
    """The same for lookups, whose 3,500 a window are out of reach of one that waits for each answer."""
    pages = math.ceil(tweet_count / PAGE)
    return pages * (PAGE_ANSWER_S + PAGE_CPU_S + PAGE_KEPT_S) + commits(tweet_count) * COMMIT_S


def run_usd(seconds: float) -> float:
    return CPU_USD * max(0.0, seconds - CPU_FREE_S) + MEMORY_USD * max(0.0, seconds - MEMORY_FREE_S)


def bucket_usd(tweets_a_day: int) -> float:
    kept = tweets_a_day * KEPT_DAYS * KEPT_BYTES / GIB * KEPT_USD
    return kept + DAYS * math.ceil(tweets_a_day / PAGE) * WRITES_A_PAGE * WRITE_USD


def refresh_bigquery_usd(tweets_a_day: int) -> float:
    """What the most of refresh adds: a commit for each 10,000 readings, as collect commits; a year of snapshots."""
    base = bigquery(tweets_a_day)
    readings = MOST_AGAIN * tweets_a_day
    scanned = base.scanned_tib + DAYS * commits(readings) * base.commit_gib / 1024
    snapshot_bytes = number(cells("table", "tweet_snapshots")[3])
    stored = 365 * readings * snapshot_bytes / GIB
    return max(0.0, scanned - 1) * SCAN_USD - base.on_demand_usd + stored * STORAGE_USD


def made(file: str, kind: str) -> int:
    """How many resources of a kind infra/ holds."""
    return (ROOT / "infra" / file).read_text(encoding="utf-8").count(f'resource "{kind}"')


def usd(value: float) -> str:
    return f"${value:,.2f}" if value < 100 else f"${value:,.0f}"


def line(*given: str) -> None:
    print(f"| {' | '.join(given)} |")


def row(name: str, values: list[float]) -> None:
    line(name, *(usd(value) for value in values))


def posts(name: str, again: int) -> None:
    """A row of X's price for reading ``again`` times what was collected; none where X's cap is passed."""
    month = [DAYS * volume for volume in VOLUMES]
    line(name, *(usd(again * one * POST_USD) if one * (1 + again) <= CAP else "over X's cap" for one in month))


def costs() -> None:
    month = [DAYS * volume for volume in VOLUMES]
    authors = number(cells("table", "authors")[1])  # distinct ones a tweet, in recorded pages
    alerts = made("monitoring.tf", "google_monitoring_alert_policy")
    calls = made("scheduler.tf", "google_cloud_scheduler_job")  # the optional hourly one too
    run = [DAYS * (reading_s(volume) + COMMIT_S) for volume in VOLUMES]  # and the record of the run
    longer = [seconds + DAYS * refresh_s(MOST_AGAIN * volume) for seconds, volume in zip(run, VOLUMES, strict=True)]
    logged = [DAYS * (10 + commits(volume)) * LINE_BYTES for volume in VOLUMES]
    google = {
        "BigQuery, storage and queries": [bigquery(volume).month_usd for volume in VOLUMES],
        "Archive bucket, once 400 days are in it": [bucket_usd(volume) for volume in VOLUMES],
        "Cloud Run": [run_usd(seconds) for seconds in run],
        "Cloud Scheduler": [max(0, calls - SCHEDULER_FREE) * SCHEDULER_USD for _ in VOLUMES],
        "Logging": [max(0, one - LOG_FREE) / GIB * LOG_USD for one in logged],
        f"Alerts, {alerts} conditions": [alerts * ALERT_USD for _ in VOLUMES],
    }
    x = {
        "X: each post once": [one * POST_USD for one in month],
        "X: a counts request a day": [DAYS * COUNTS_USD for _ in VOLUMES],
    }
    line("US dollars a month", *(f"{volume:,} tweets a day" for volume in VOLUMES))
    print("|---" + "|---:" * len(VOLUMES) + "|")
    for name, values in {**x, **google}.items():
        row(name, values)
    line("*Cloud Run, seconds*", *(f"*{seconds:,.0f}*" for seconds in run))
    for name, part in (("**X**", x), ("**Google**", google)):
        line(name, *(f"**{usd(sum(one))}**" for one in zip(*part.values(), strict=True)))
    row("on top, if X bills the authors that come along: at most", [one * authors * AUTHOR_USD for one in month])
    posts(f"on top, refresh: X, at most {MOST_AGAIN} more reads", MOST_AGAIN)
    posts(f"on top, refresh: X, at least {FEWEST_AGAIN} more reads", FEWEST_AGAIN)
    added = [run_usd(after) - run_usd(before) for after, before in zip(longer, run, strict=True)]
    row("on top, refresh: BigQuery, at most", [refresh_bigquery_usd(volume) for volume in VOLUMES])
    row("on top, refresh: Cloud Run, at most", added)


def limits() -> None:
    attempt_s = CloudSettings().attempt_s * _READING
    week = 7 * VOLUMES[-1]
    print("| where it stops | posts |\n|---|---:|")
    line(f"a quarter hour: {SEARCHES} requests of {PAGE}", f"{SEARCHES * PAGE:,}")
    windows = math.ceil(attempt_s / WINDOW_S)
    line(f"an attempt: {attempt_s / 60:g} minutes, {windows} such windows", f"{windows * SEARCHES * PAGE:,}")
    windows = JOB_S // WINDOW_S
    line(f"a job: {JOB_S // 3600} hours, {windows} windows", f"{windows * SEARCHES * PAGE:,}")
    line(f"a month on pay-per-use, {usd(CAP * POST_USD)}", f"{CAP:,}")
    line("a day at that cap, each read once", f"{CAP // DAYS:,}")
    line(f"a day at that cap, refreshed {FEWEST_AGAIN} times", f"{CAP // DAYS // (1 + FEWEST_AGAIN):,}")
    line(f"a day at that cap, refreshed {MOST_AGAIN} times", f"{CAP // DAYS // (1 + MOST_AGAIN):,}")
    line(f"the first run's seven days at {VOLUMES[-1]:,} a day: {reading_s(week) / 3600:.1f} hours", f"{week:,}")


if __name__ == "__main__":
    costs()
    print()
    limits()
