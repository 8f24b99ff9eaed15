"""A tweet of the world → X's JSON, in either vocabulary, with just the fields asked for.

What never changes of a tweet is rendered once and kept as bytes; the counters of the moment are spliced in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np

from arcane.simulator import phrases
from arcane.simulator.fates import LIVE, PROTECTED, Fates
from arcane.simulator.world import GIF, KINDS, LANGS, MIXED, NO_MEDIA, PHOTO, PHOTOS, VIDEO, World

_encode = msgspec.json.Encoder().encode
_CUT: Final = 276
REPLY: Final = KINDS.index("reply")
_TEMPLATES: Final = 1_200_000  # most of a kilobyte each
_HALF_HOUR_S: Final = 1800
_METRICS: Final = (
    b',"public_metrics":{"%b_count":%%d,"reply_count":%%d,"like_count":%%d,'
    b'"quote_count":%%d,"bookmark_count":%%d,"impression_count":%%d}}'
)
# Keys that are no fields in the new words, and their expansions; in the old ones an expansion brings its key along.
_EXPANDED: Final = {
    "author_id": "author_id",
    "in_reply_to_user_id": "in_reply_to_user_id",
    "referenced_posts": "referenced_posts",
    "edit_history_post_ids": "edit_history_post_ids",
    "referenced_tweets": "referenced_tweets.id",
    "attachments": "attachments.media_keys",
}
_DEFAULT: Final = frozenset({"id", "text", "edit_history_tweet_ids"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What one request asks for. ``is_new``: the words of August 2026."""

    is_new: bool
    fields: frozenset[str]
    expansions: frozenset[str]
    user_fields: frozenset[str]
    media_fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The arrays ``data`` and, as an object or empty, ``includes``; which tweets and authors the latter holds, and
    which tweets it does not, with their fates.
    """

    data: bytes
    includes: bytes = b""
    referenced: list[int] = field(default_factory=list)
    authors: list[int] = field(default_factory=list)
    missing: dict[int, int] = field(default_factory=dict)


class Renderer:
    """Renders for one world. ``keys_need_expansion``: in the new words author, references and edits come only so."""

    def __init__(self, world: World, fates: Fates, *, keys_need_expansion: bool = True) -> None:
        self._world = world
        self._fates = fates
        self._keys_need_expansion = keys_need_expansion
        edits = np.flatnonzero(world.first_version != np.arange(len(world)))
        histories: dict[int, list[int]] = {}
        for root, edit in zip(world.first_version[edits].tolist(), edits.tolist(), strict=True):
            histories.setdefault(root, [root]).append(edit)
        self._edited = {one: versions for versions in histories.values() for one in versions}
        self._templates: dict[Shape, dict[int | tuple[int, int], bytes]] = {}
        self._users: dict[tuple[frozenset[str], bool], dict[tuple[int, bool], bytes]] = {}

    def data(self, indices: list[int], shape: Shape, now_ms: int, *, has_includes: bool = True) -> Rendered:
        """Some tweets in the order given, and what belongs to them."""
        tweets = self.tweets(indices, shape, now_ms)
        data = b"[" + tweets + b"]"
        return self._with_includes(indices, data, shape, now_ms) if has_includes else Rendered(data)

    def tweets(self, indices: list[int], shape: Shape, now_ms: int) -> bytes:
        """Tweets, with commas between them."""
        kept = self._kept(shape)
        parts = [kept.get(index) or self._template(index, shape, now_ms) for index in indices]
        if "public_metrics" not in shape.fields:
            return b",".join(parts) % ()
        return b",".join(parts) % tuple(self._world.counters(indices, now_ms).ravel().tolist())

    def prepare(self, shape: Shape, now_ms: int) -> None:
        """Make the templates of the whole world, so that the first reading is as fast as the second."""
        for start in range(0, len(self._world), 1_000):
            self.tweets(list(range(start, min(start + 1_000, len(self._world)))), shape, now_ms)

    def _kept(self, shape: Shape) -> dict[int | tuple[int, int], bytes]:
        """Templates made before for this shape; all are dropped when they grow too many."""
        if sum(map(len, self._templates.values())) > _TEMPLATES:
            self._templates.clear()
        return self._templates.setdefault(shape, {})

    def users(self, authors: list[int], shape: Shape, now_ms: int) -> bytes:
        """Users, with commas between them; the default fields are id, name and username."""
        kept = self._users.setdefault((shape.user_fields, shape.is_new), {})
        if "protected" in shape.user_fields:
            keys = [(author, self._fates.of_author(author, now_ms) == PROTECTED) for author in authors]
        else:
            keys = [(author, False) for author in authors]
        return b",".join([kept.get(key) or self._user(key, shape) for key in keys])

    def reference(self, index: int) -> int | None:
        """The tweet that a tweet answers or quotes."""
        found = int(self._world.reference[index])
        return found if found >= 0 else None

    def author(self, index: int) -> int:
        """Who wrote a tweet."""
        return int(self._world.author[index])

    def _with_includes(self, indices: list[int], data: bytes, shape: Shape, now_ms: int) -> Rendered:
        """With their edits expanded, X sends the tweets of ``data`` a second time in the includes."""
        parts, authors, referenced = [], [], []
        missing: dict[int, int] = {}
        if "author_id" in shape.expansions:
            authors = list(dict.fromkeys(self._world.author[indices].tolist()))
            parts.append(b'"users":[' + self.users(authors, shape, now_ms) + b"]")
        is_doubled = not shape.expansions.isdisjoint({"edit_history_tweet_ids", "edit_history_post_ids"})
        tweets = [data[1:-1]] if is_doubled else []
        if not shape.expansions.isdisjoint({"referenced_tweets.id", "referenced_posts"}):
            named = self._world.reference[indices]
            named = named[named >= 0]
            own = frozenset(indices) if is_doubled else frozenset()
            fates = self._fates.of(named, now_ms)
            lost = np.flatnonzero(fates != LIVE)
            missing = dict(zip(named[lost].tolist(), fates[lost].tolist(), strict=True))
            referenced = [one for one in dict.fromkeys(named.tolist()) if one not in missing and one not in own]
            if referenced:
                tweets.append(self.tweets(referenced, shape, now_ms))
        if tweets:
            parts.append((b'"posts":[' if shape.is_new else b'"tweets":[') + b",".join(tweets) + b"]")
        if "attachments.media_keys" in shape.expansions:
            media = self._media(indices, shape, now_ms)
            if media:
                parts.append(b'"media":[' + b",".join(media) + b"]")
        return Rendered(data, b"{" + b",".join(parts) + b"}" if parts else b"", referenced, authors, missing)

    def _media(self, indices: list[int], shape: Shape, now_ms: int) -> list[bytes]:
        carriers = [indices[place] for place in np.flatnonzero(self._world.media[indices] != NO_MEDIA).tolist()]
        found: dict[str, tuple[int, str]] = {}
        for index in carriers:
            for key, kind in self._keys(index):
                found.setdefault(key, (index, kind))
        videos = list({int(self._world.video[index]) for index, kind in found.values() if kind == "video"})
        views = dict(zip(videos, self._world.views(videos, now_ms), strict=True)) if videos else {}
        return [self._medium(index, key, kind, shape, views) for key, (index, kind) in found.items()]

    def _medium(self, index: int, key: str, kind: str, shape: Shape, views: dict[int, int]) -> bytes:
        medium: dict[str, Any] = {"media_key": key, "type": kind}
        asked = shape.media_fields
        if kind == "video":
            video = int(self._world.video[index])
            if "duration_ms" in asked:
                medium["duration_ms"] = int(self._world.video_ms[video])
            if "public_metrics" in asked:
                medium["public_metrics"] = {"view_count": views[video]}
        elif kind == "photo" and "url" in asked:
            medium["url"] = f"https://media.example/{key}.jpg"
        return _encode(medium)

    def _keys(self, index: int) -> list[tuple[str, str]]:
        """Media keys with their kinds: 3 for photos, 13 for videos, 16 for gifs, as X numbers them."""
        kind = int(self._world.media[index])
        identity = int(self._world.ids[index])
        photo = (f"3_{identity}", "photo")
        video = (f"13_{self._world.video[index] + 10_000}", "video")
        return {
            NO_MEDIA: [],
            PHOTO: [photo],
            VIDEO: [video],
            GIF: [(f"16_{identity}", "animated_gif")],
            PHOTOS: [photo, (f"3_{identity + 1}", "photo"), (f"3_{identity + 2}", "photo")],
            MIXED: [photo, video],
        }[kind]

    def _user(self, key: tuple[int, bool], shape: Shape) -> bytes:
        """One user, kept: author's number, and whether the account is protected."""
        author, is_protected = key
        fields = shape.user_fields
        first, last = _names(author)
        user: dict[str, Any] = {
            "id": str(100_000 + author),
            "username": _username(author),
            "name": f"{first.title()} {last}",
        }
        followers = int(self._world.followers[author])
        if "verified_type" in fields:
            user["verified_type"] = "business" if followers > 5_000_000 else "blue" if author % 9 == 0 else "none"
        if "created_at" in fields:
            user["created_at"] = "2015-06-01T08:00:00.000Z"
        if "protected" in fields:
            user["protected"] = is_protected
        if "public_metrics" in fields:
            user["public_metrics"] = {
                "followers_count": followers,
                "following_count": author % 3000,
                "post_count" if shape.is_new else "tweet_count": 40 + author % 20_000,
                "listed_count": author % 20,
            }
        made = self._users[fields, shape.is_new][key] = _encode(user)
        return made

    def _template(self, index: int, shape: Shape, now_ms: int) -> bytes:
        """The tweet with a %d where each counter goes; kept, one that is edited for each number of its versions."""
        versions = self._versions(index, now_ms)
        key = (index, len(versions)) if index in self._edited else index
        found = self._templates[shape].get(key)
        if found is None:
            tweet = self._whole(index, versions, is_new=shape.is_new)
            found = _encode({name: value for name, value in tweet.items() if self._is_sent(name, shape)})
            found = found.replace(b"%", b"%%")
            if "public_metrics" in shape.fields:
                found = found[:-1] + _METRICS % (b"repost" if shape.is_new else b"retweet")
            self._templates[shape][key] = found
        return found

    def _is_sent(self, key: str, shape: Shape) -> bool:
        if key in _DEFAULT or key in shape.fields or _EXPANDED.get(key) in shape.expansions:
            return True
        return shape.is_new and key in _EXPANDED and key != "attachments" and not self._keys_need_expansion

    def _whole(self, index: int, versions: list[int], *, is_new: bool) -> dict[str, Any]:
        """Every key that a tweet can have, its counters aside."""
        world = self._world
        identity = str(world.ids[index])
        made_at = datetime.fromtimestamp(int(world.made_ms[index]) // 1000, UTC)
        text, entities, note = self._text(index)
        reference = self.reference(index)
        kind = int(world.kind[index])
        editable_until = datetime.fromtimestamp(int(world.made_ms[versions[0]]) // 1000 + _HALF_HOUR_S, UTC)
        tweet: dict[str, Any] = {
            "id": identity,
            "text": text,
            "created_at": f"{made_at:%Y-%m-%dT%H:%M:%S}.000Z",
            "lang": LANGS[int(world.lang[index])],
            "author_id": str(100_000 + self.author(index)),
            "conversation_id": str(world.ids[self._conversation(index)]),
            "entities": entities,
            "possibly_sensitive": False,
            "reply_settings": "everyone",
            "edit_controls": {
                "edits_remaining": 6 - len(versions),
                "is_edit_eligible": kind != 1,
                "editable_until": f"{editable_until:%Y-%m-%dT%H:%M:%S}.000Z",
            },
            "edit_history_post_ids" if is_new else "edit_history_tweet_ids": [str(world.ids[one]) for one in versions],
        }
        if note is not None:
            tweet["note_post" if is_new else "note_tweet"] = note
        if world.media[index] != NO_MEDIA:
            tweet["attachments"] = {"media_keys": [key for key, _ in self._keys(index)]}
        if kind and reference is not None:
            name = "replied_to" if kind == 1 else "quoted"
            tweet["referenced_posts" if is_new else "referenced_tweets"] = [
                {"type": name, "id": str(world.ids[reference])}
            ]
            if kind == 1:
                tweet["in_reply_to_user_id"] = str(100_000 + self.author(reference))
        return tweet

    def _versions(self, index: int, now_ms: int) -> list[int]:
        """Versions that exist by now, oldest first; a tweet that was never edited is its only one."""
        versions = self._edited.get(index, ())
        return [one for one in versions if self._world.made_ms[one] <= now_ms] or [index]

    def _conversation(self, index: int) -> int:
        """The tweet that a chain of replies began with."""
        while self._world.kind[index] == 1 and (answered := self.reference(index)) is not None:
            index = answered
        return index

    def _text(self, index: int) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
        """Text as X sends it (escaped, cut), its entities (offsets over that text), and the note of a long one."""
        world = self._world
        words = int(world.words[index])
        lang = LANGS[int(world.lang[index])]
        language = lang if lang in phrases.OPENINGS else "en"
        parts = [
            _chosen(phrases.OPENINGS[language], words),
            _chosen(phrases.SUBJECTS[language], words >> 8),
            _chosen(phrases.VERDICTS[language], words >> 16),
        ]
        body = " ".join(parts) + _chosen(phrases.TAILS, words >> 24)
        is_long = words >> 40 & 63 == 0 and language in phrases.LONG
        tags = self.hashtags(index)
        if words >> 46 & 63 == 0:
            body = f"{_chosen(phrases.ODD, words >> 52)} {body}"
        mentioned = None
        if world.kind[index] == REPLY and (answered := self.reference(index)) is not None:
            mentioned = self.author(answered)
            body = f"@{_username(mentioned)} {body}"
        whole = body + (phrases.LONG[language] if is_long else "") + " " + " ".join(f"#{tag}" for tag in tags)
        site = phrases.SITES[words >> 32 & 3] if has_link(words) else None
        if site:
            whole += f" https://t.co/{words & 0xFFFFFFF:x}"
        escaped = whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        entities = _entities(escaped, tags, site, words)
        if mentioned is not None:
            name = _username(mentioned)
            entities["mentions"] = [
                {"start": 0, "end": len(name) + 1, "username": name, "id": str(100_000 + mentioned)}
            ]
        if len(whole) <= 280:
            return escaped, entities, None
        cut = f"{escaped[:_CUT].rpartition(' ')[0]}…"
        within = {kind: [one for one in found if one["end"] < len(cut)] for kind, found in entities.items()}
        return cut, {kind: found for kind, found in within.items() if found}, {"text": escaped, "entities": entities}

    def tweet_text(self, index: int) -> str:
        """The whole text, case folded, for matching words."""
        text, _, note = self._text(index)
        return (note["text"] if note else text).casefold()

    def hashtags(self, index: int) -> list[str]:
        """The hashtags of a tweet as spelled."""
        world = self._world
        bits = int(world.tags[index])
        tags = [phrases.TAGS[bit] for bit in range(20) if bits >> bit & 1]
        if world.has_arcane[index]:
            tags.insert(0, phrases.SPELLINGS[(int(world.words[index]) >> 50) % len(phrases.SPELLINGS)])
        return tags or ["Netflix"]


def has_link(words: int) -> bool:
    """Does a tweet of these words end with an address?"""
    return words >> 34 & 15 == 0


def _names(author: int) -> tuple[str, str]:
    return phrases.FIRST[author % len(phrases.FIRST)], phrases.LAST[author // len(phrases.FIRST) % len(phrases.LAST)]


def _username(author: int) -> str:
    """Unique: it ends with the author's number."""
    digits = str(author)
    return "".join(_names(author))[: 15 - len(digits)] + digits


def _entities(escaped: str, tags: list[str], site: str | None, words: int) -> dict[str, Any]:
    entities: dict[str, Any] = {}
    position = 0
    for tag in tags:
        position = escaped.index(f"#{tag}", position)
        entities.setdefault("hashtags", []).append({"start": position, "end": position + len(tag) + 1, "tag": tag})
        position += len(tag)
    if site:
        start = escaped.index("https://t.co/")
        address = f"https://www.{site}/{words & 0xFFFF}"
        entities["urls"] = [
            {
                "start": start,
                "end": len(escaped),
                "url": escaped[start:],
                "expanded_url": address,
                "display_url": f"{site}/…",
            }
        ]
    return entities


def _chosen(options: tuple[str, ...], words: int) -> str:
    return options[words % 256 % len(options)]
