"""The SQL of the report, where the dashboard does not ask the same: functions as they are. GoogleSQL."""

from __future__ import annotations

from typing import Final

from arcane.serve.dashboard.questions import Statement

AGAINST: Final = frozenset({"growth", "compared", "emerging"})  # what compares: not asked where nothing is compared

GROWTH: Final = Statement(
    """\
select
    measure,
    value,
    base_value,
    growth_rate,
    day_count,
    measured_tweet_count,
    base_measured_tweet_count,
    coverage_rate,
    base_coverage_rate,
    reason_fr,
from growth""",
    order="measure",
)

SPIKES: Final = Statement(
    """\
select
    local_date,
    tweet_count,
    median_tweet_count,
    coverage_rate,
    z_score,
    is_spike,
    reason_fr,
from spikes""",
    order="local_date",
)

CAUSES: Final = Statement(
    """\
select
    local_date,
    cause_rank,
    cause_kind,
    cause,
    tweet_count,
    usual_tweet_count,
    explained_share,
from spike_causes""",
    order="local_date, cause_rank",
)

BEST: Final = Statement(
    """\
select
    interaction_rank,
    interaction_at_24h_rank,
    tweet_id,
    local_date,
    created_at,
    username,
    author_name,
    text,
    like_count,
    retweet_count,
    reply_count,
    quote_count,
    interaction_count,
    interaction_count_at_24h,
    impression_count,
from top_tweets""",
    order="interaction_rank nulls last, tweet_id",
)

AT_24H: Final = Statement(
    """\
select
    local_date,
    count(interaction_count_at_24h) as measured_tweet_count,
    sum(interaction_count_at_24h) as interaction_count_at_24h,
from posted_tweets
where
    tracker = @tracker_name
    and local_date between @first_date and @last_date
    and exclusion_reason is null
group by local_date""",
    order="local_date",
)

LOUDEST: Final = Statement(
    """\
select
    author_group,
    share,
from concentration
where measure = 'tweet_count'""",
    order="author_group",
)

AUTHORS: Final = Statement(
    """\
select
    interaction_rank,
    username,
    author_name,
    followers_count,
    tweet_count,
    interaction_count,
    median_interaction_count,
from top_authors
where interaction_rank <= 12""",
    order="interaction_rank",
)

HASHTAGS: Final = Statement(
    """\
select
    tweet_rank,
    hashtag,
    tweet_count,
    author_count,
    tweet_share,
    interaction_count,
from top_hashtags
where tweet_rank <= 13""",
    order="tweet_rank",
)

EMERGING: Final = Statement(
    """\
select
    tweet_rank,
    hashtag,
    tweet_count,
    base_tweet_count,
    author_count,
    base_author_count,
    z_score,
    author_z_score,
    is_emerging,
    reason_fr,
from emerging_hashtags""",
    order="tweet_rank nulls last, hashtag",
    limit=12,
)

RHYTHM: Final = Statement(
    """\
select
    local_weekday,
    local_hour,
    tweet_count,
    day_count,
    mean_tweet_count,
from weekday_hours""",
    order="local_weekday, local_hour",
)

DOMAINS: Final = Statement(
    """\
select
    tweet_rank,
    domain,
    tweet_count,
    author_count,
    tweet_share,
from top_domains
where tweet_rank <= 12""",
    order="tweet_rank",
)

VOICES: Final = Statement(
    """\
select
    tracker,
    tweet_count,
    tweet_share,
    interaction_count,
    interaction_share,
    coverage_rate,
    reason_fr,
from share_of_voice""",
    order="tweet_share desc nulls last, tracker",
)
