"""A dashboard over a small made-up world, with hostile tweets in it, served on 127.0.0.1."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from tests.made_up import body, snowflake, tweet
from tests.stories import NOW, Silent, Stage

from arcane.app import App

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = (
    "<script>window.hurt = 1</script><img src=x onerror='window.hurt = 2'> #Arcane",
    "</script><svg onload=window.hurt=3> javascript:window.hurt=4 #Arcane",
    "\u202e\u2066reversed\u202e \u0007bell \u200fmark #Arcane",
    "long " + "é" * 3_990 + " #Arcane",
    "unbroken" + "x" * 2_000 + " #Arcane",
    '=HYPERLINK("http://evil.example") {{ 7 * 7 }} ${7*7} \'; drop table tweets; -- #Arcane',
)
TRACKERS = [
    {"name": "arcane", "hashtag": "Arcane"},
    {"name": "jinx", "hashtag": "Jinx"},
]


def filled(stage: Stage, folder: Path, **changes: Any) -> App:
    """An app that has collected the stage's world for two trackers, hostile tweets besides."""
    app = stage.app(folder, trackers=TRACKERS, **changes)
    app.collect(progress=Silent())
    page = folder / "hostile.json"
    page.write_bytes(hostile_page())
    app.import_files([page], tracker="arcane", observed_at=NOW, after=lambda _: None)
    return app


def hostile_page() -> bytes:
    """One page whose texts, hashtags, mentions, links and names would do harm if anything took them for code."""
    tweets = []
    for number, text in enumerate(HOSTILE):
        moment = NOW - timedelta(days=2, minutes=number)
        entities = {
            "hashtags": [{"start": 0, "end": 1, "tag": tag} for tag in ("Arcane", "</script><b>", "x'\"\\y")],
            "mentions": [{"start": 0, "end": 1, "username": "javascript:alert(1)", "id": "9"}],
            "urls": [{"start": 0, "end": 1, "expanded_url": "javascript:window.hurt=5", "url": "https://t.co/a"}],
        }
        metrics = {
            "like_count": 9_000_000 - number, "retweet_count": 1, "reply_count": 1, "quote_count": 1, "bookmark_count": 0,
            "impression_count": 9_000_000_000,
        }  # fmt: skip
        made_at = f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
        id_ = snowflake(moment, number)
        tweets.append(
            tweet(
                number,
                id=id_,
                text=text,
                created_at=made_at,
                author_id="666",
                entities=entities,
                public_metrics=metrics,
                conversation_id=id_,
                edit_history_tweet_ids=[id_],
            )
        )
    author = {
        "id": "666", "username": "evil_one", "name": "</a><script>window.hurt=6</script>", "verified_type": "none",
        "public_metrics": {"followers_count": 1, "following_count": 0, "tweet_count": 0, "listed_count": 0},
    }  # fmt: skip
    return body(*tweets, users=[author])


@contextlib.contextmanager
def served(application: Starlette) -> Iterator[str]:
    """Its address, while it runs."""
    config = uvicorn.Config(application, port=0, log_level="critical", lifespan="off", proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def got(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers in small letters and text of a GET; redirects are not followed."""
    return _asked(urllib.request.Request(url, headers=headers))


def posted(url: str, data: bytes) -> tuple[int, dict[str, str], str]:
    return _asked(urllib.request.Request(url, data=data))


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _asked(request: urllib.request.Request) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.build_opener(_Still()).open(request, timeout=60) as answer:
            raw, status, headers = answer.read(), answer.status, answer.headers
    except urllib.error.HTTPError as refused:
        with refused:
            raw, status, headers = refused.read(), refused.code, refused.headers
    return status, {name.lower(): value for name, value in headers.items()}, raw.decode("utf-8-sig")


def plain(value: object) -> Any:
    """As JSON would have it, so that times compare whatever object they are."""
    return json.loads(json.dumps(value, default=str))
