"""X's two vocabularies: what each accepts, and what a request asked for, in words that do not change.

Inside the simulator everything has its old name (2.166); only parsing and rendering know the new ones (2.167).

Source: docs/x-api-facts.md#two-vocabularies
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_COMMON_FIELDS: Final = (
    "article attachments card_uri community_id context_annotations conversation_id created_at display_text_range "
    "edit_controls entities geo id lang matched_media_notes media_metadata non_public_metrics note_request_suggestions "
    "organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics reply_settings scopes source "
    "suggested_source_links suggested_source_links_with_counts text withheld"
).split()
_COMMON_EXPANSIONS: Final = (
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet "
    "attachments.poll_ids author_id entities.mentions.username geo.place_id in_reply_to_user_id"
).split()
_COMMON_USER_FIELDS: Final = (
    "confirmed_email connection_status created_at description entities id is_identity_verified location name parody "
    "profile_banner_url profile_image_url protected public_metrics receives_your_dm subscription subscription_type url "
    "username verified verified_followers_count verified_type withheld"
).split()
TWEET_FIELDS: Final = {
    "tweet": sorted(
        [*_COMMON_FIELDS, "author_id", "edit_history_tweet_ids", "in_reply_to_user_id", "note_tweet", "referenced_tweets"]
    ),
    "post": sorted([*_COMMON_FIELDS, "article_title", "note_post"]),
}
EXPANSIONS: Final = {
    "tweet": sorted(
        [
            *_COMMON_EXPANSIONS,
            "edit_history_tweet_ids",
            "entities.note.mentions.username",
            "referenced_tweets.id",
            "referenced_tweets.id.attachments.media_keys",
            "referenced_tweets.id.author_id",
        ]
    ),
    "post": sorted([*_COMMON_EXPANSIONS, "edit_history_post_ids", "referenced_posts", "username"]),
}
USER_FIELDS: Final = {
    "tweet": sorted([*_COMMON_USER_FIELDS, "affiliation", "most_recent_tweet_id", "pinned_tweet_id"]),
    "post": sorted([*_COMMON_USER_FIELDS, "subscribes_to_you"]),
}
USER_EXPANSIONS: Final = {
    "tweet": ["affiliation.user_id", "most_recent_tweet_id", "pinned_tweet_id"],
    "post": ["affiliation", "most_recent_post_id", "pinned_post_id"],
}
MEDIA_FIELDS: Final = (
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics "
    "public_metrics type url variants width"
).split()
PLACE_FIELDS: Final = "contained_within country country_code full_name geo id name place_type".split()
POLL_FIELDS: Final = "duration_minutes end_datetime id options voting_status".split()
_OLD_NAMES: Final = {
    "note_post": "note_tweet",
    "referenced_posts": "referenced_tweets.id",
    "edit_history_post_ids": "edit_history_tweet_ids",
}
OTHER: Final = {"tweet": "post", "post": "tweet"}


@dataclass(frozen=True, slots=True)
class Selection:
    """What an answer holds. All names are the old ones, except ``words``, which says in what words to answer."""

    words: str = "tweet"
    fields: frozenset[str] = frozenset()
    expansions: frozenset[str] = frozenset()
    media_fields: frozenset[str] = frozenset()
    user_fields: frozenset[str] = frozenset()
    keys_need_expansion: bool = True

    def has(self, key: str, expansion: str | None = None) -> bool:
        """Is this key of a tweet sent?

        In the old words a key comes when it is asked for as a field or expanded. In the new ones the four keys
        that are no fields any more come only when expanded, or always where ``keys_need_expansion`` is off.
        """
        if (expansion or key) in self.expansions:
            return True
        if self.words == "post" and key in ("author_id", "in_reply_to_user_id", "referenced_tweets", "edit_history_tweet_ids"):
            return not self.keys_need_expansion
        return key in self.fields or key == "edit_history_tweet_ids"


def old_names(names: list[str]) -> frozenset[str]:
    """The same names as the old vocabulary has them."""
    return frozenset(_OLD_NAMES.get(name, name) for name in names)
