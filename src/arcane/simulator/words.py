"""The words that X accepts in a request, in its two vocabularies: "tweet" (OpenAPI 2.166) and "post" (2.167).

Source: docs/x-api-facts.md#two-vocabularies
"""

from __future__ import annotations

from typing import Final

_FIELDS: Final = (
    "article attachments card_uri community_id context_annotations conversation_id created_at display_text_range "
    "edit_controls entities geo id lang matched_media_notes media_metadata non_public_metrics note_request_suggestions "
    "organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics reply_settings scopes source "
    "suggested_source_links suggested_source_links_with_counts text withheld "
)
_EXPANSIONS: Final = (
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet "
    "attachments.poll_ids author_id entities.mentions.username geo.place_id in_reply_to_user_id "
)
_USER_FIELDS: Final = (
    "confirmed_email connection_status created_at description entities id is_identity_verified location name parody "
    "profile_banner_url profile_image_url protected public_metrics receives_your_dm subscription subscription_type url "
    "username verified verified_followers_count verified_type withheld "
)


def _sorted(text: str) -> tuple[str, ...]:
    return tuple(sorted(text.split()))


FIELDS: Final = {
    "tweet": _sorted(_FIELDS + "author_id edit_history_tweet_ids in_reply_to_user_id note_tweet referenced_tweets"),
    "post": _sorted(_FIELDS + "article_title note_post"),
}
EXPANSIONS: Final = {
    "tweet": _sorted(
        _EXPANSIONS + "edit_history_tweet_ids entities.note.mentions.username referenced_tweets.id "
        "referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id"
    ),
    "post": _sorted(_EXPANSIONS + "edit_history_post_ids referenced_posts username"),
}
ONLY_NEW: Final = frozenset(EXPANSIONS["post"]) - frozenset(EXPANSIONS["tweet"])
USER_FIELDS: Final = {
    "tweet": _sorted(_USER_FIELDS + "affiliation most_recent_tweet_id pinned_tweet_id"),
    "post": _sorted(_USER_FIELDS + "subscribes_to_you"),
}
USER_EXPANSIONS: Final = {
    "tweet": _sorted("affiliation.user_id most_recent_tweet_id pinned_tweet_id"),
    "post": _sorted("affiliation most_recent_post_id pinned_post_id"),
}
MEDIA_FIELDS: Final = _sorted(
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics "
    "public_metrics type url variants width"
)
PLACE_FIELDS: Final = _sorted("contained_within country country_code full_name geo id name place_type")
POLL_FIELDS: Final = _sorted("duration_minutes end_datetime id options voting_status")
