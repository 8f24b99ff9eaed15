"""The SQL of what must go: what tombstones bind, as ``tombstones`` says it of a batch, and what is too old.

GoogleSQL; pure.
"""

from __future__ import annotations

TOMBSTONES_ON = """\
select kind, id, reason, named_at, named_by
from tombstones
where concat(kind, ' ', id) in (select one from unnest(@keys) as one)"""

LIFT = "delete from tombstones where concat(kind, ' ', id) in (select one from unnest(@lifted) as one)"

LIVE_READINGS = """\
select 'tweet' as kind, tweet_id as id, content_observed_at as read_at
from tweets
where
    content_observed_at is not null
    and concat('tweet ', tweet_id) in (select one from unnest(@keys) as one)
union all
select 'author' as kind, author_id as id, max(content_observed_at) as read_at
from tweets
where
    content_observed_at is not null
    and concat('author ', author_id) in (select one from unnest(@keys) as one)
group by author_id"""

# What ever had a row or a place in a page; what was erased before is known by its tombstone.
KNOWN = """\
with
    known as (
        select 'tweet' as kind, tweet_id as id from tracker_tweets
        union all
        select 'tweet', tweet_id from tweets
        union all
        select 'author', author_id from tweets
        union all
        select 'author', author_id from authors
        union all
        select 'tweet', one from pages as p cross join unnest(p.tweet_ids) as one
        union all
        select 'author', one from pages as p cross join unnest(p.author_ids) as one
        union all
        select kind, id from tombstones
    )
select distinct kind, id
from known
where concat(kind, ' ', id) in (select one from unnest(@keys) as one)"""

IS_ERASING = "select count(*) from tombstones where erased_at is null"

END_ERASURE = "update tombstones set erased_at = @erased_at where erased_at is null"

# Four ways to fall with another: as its version (its first one, too), as its retweet, as its author's.
FALLING = """\
with
    related as (
        select tweet_id as id, tweet_id, 'author' as kind, author_id as named_id, content_observed_at from tweets
        union all
        select tweet_id, tweet_id, 'tweet', retweeted_tweet_id, content_observed_at from tweets
        union all
        select tweet_id, tweet_id, 'tweet', root_tweet_id, content_observed_at from tweets
        union all
        select root_tweet_id, tweet_id, 'tweet', tweet_id, content_observed_at from tweets
    ),
    fallen as (
        select related.id, named.reason, named.is_final, named.named_at, named.named_by
        from related
        inner join tombstones as named on named.kind = related.kind and named.id = related.named_id
        where
            named.erased_at is null
            and (
                named.is_final
                or related.content_observed_at is null
                or related.content_observed_at <= named.named_at
            )
    )
select 'tweet' as kind, fallen.id, fallen.reason, fallen.named_at, fallen.named_by
from fallen
left join tombstones as own on own.kind = 'tweet' and own.id = fallen.id
where fallen.id is not null and own.id is null
qualify
    row_number() over (
        partition by fallen.id
        order by fallen.is_final desc, fallen.named_at desc, fallen.named_by desc, fallen.reason desc
    ) = 1"""

BOUND_OBJECTS = """\
select p.archive_object
from pages as p
cross join unnest(p.tweet_ids) as one
inner join tombstones as named on named.kind = 'tweet' and named.id = one
where named.erased_at is null
union distinct
select p.archive_object
from pages as p
cross join unnest(p.author_ids) as one
inner join tombstones as named on named.kind = 'author' and named.id = one
where named.erased_at is null
order by archive_object"""

DROP_PAGES = "delete from pages where page_hash in (select one from unnest(@hashes) as one)"

FORGET_PAGES = """\
update pages
set tweet_ids = @none, author_ids = @none
where archive_object in (select one from unnest(@objects) as one)"""


NAMED_TWEETS = "select id from tombstones where kind = 'tweet' and erased_at is null"


def bound_rows(*, prefix: str = "", is_under_way: bool = True) -> dict[str, str]:
    """Table → the condition on its rows that tombstones bind, in the order in which they must be deleted.

    ``prefix`` is put before the names of the tables; ``is_under_way``: only tombstones that are not done yet.
    """
    under_way = " and erased_at is null" if is_under_way else ""
    tweets = f"select id from tombstones where kind = 'tweet'{under_way}"
    authors = (
        f"author_id in (select a.author_id from {prefix}authors as a inner join tombstones as named"
        " on named.kind = 'author' and named.id = a.author_id"
        " where (named.is_final or a.observed_at is null or a.observed_at <= named.named_at)"
        f"{' and named.erased_at is null' if is_under_way else ''})"
    )
    return _belonging(tweets, authors=authors, prefix=prefix)


def erase(*, prefix: str = "", is_under_way: bool = True) -> list[str]:
    """The statements that delete those rows. See ``bound_rows``."""
    bound = bound_rows(prefix=prefix, is_under_way=is_under_way)
    return [f"delete from {prefix}{name} where {condition}" for name, condition in bound.items()]


def count_bound_rows() -> str:
    """One row a table: its name, and how many rows ``erase`` would delete."""
    bound = bound_rows()
    return "\nunion all\n".join(
        f"select '{name}' as name, count(*) as row_count from {name} where {condition}"
        for name, condition in bound.items()
    )


def would_erase() -> str:
    """One row a table, and one for ``objects`` of the archive: what erasing ``@tweet_ids`` and ``@author_ids`` takes.

    With them fall, as in ``FALLING``, all versions of a tweet and its retweets.
    """
    authors = "author_id in (select one from unnest(@author_ids) as one)"
    counts = "\nunion all\n".join(
        f"select '{name}' as name, count(*) as row_count from {name} where {condition}"
        for name, condition in _belonging("select tweet_id from gone", authors=authors).items()
    )
    return f"""\
with
    meant as (
        select tweet_id, root_tweet_id
        from tweets
        where
            tweet_id in (select one from unnest(@tweet_ids) as one)
            or root_tweet_id in (select one from unnest(@tweet_ids) as one)
            or author_id in (select one from unnest(@author_ids) as one)
    ),
    named as (
        select one as tweet_id from unnest(@tweet_ids) as one
        union distinct
        select tweet_id from meant
        union distinct
        select root_tweet_id from meant where root_tweet_id is not null
        union distinct
        select tweet_id from tweets where root_tweet_id in (select root_tweet_id from meant)
    ),
    gone as (
        select tweet_id from named
        union distinct
        select tweet_id from tweets where retweeted_tweet_id in (select tweet_id from named)
    )
{counts}
union all
select 'objects', count(distinct archive_object)
from (
    select p.archive_object from pages as p cross join unnest(p.tweet_ids) as id
    where id in (select tweet_id from gone)
    union all
    select p.archive_object from pages as p cross join unnest(p.author_ids) as id
    where id in (select one from unnest(@author_ids) as one)
)"""


OLD_TWEETS = "select tweet_id from tweets where local_date <= @day and created_at < @before"
COUNT_BEFORE = f"select count(*) from ({OLD_TWEETS})"


def prune() -> list[str]:
    """The statements that delete tweets posted before ``@before``, with what belongs to them alone.

    ``@day`` is a local day not before that moment: it lets BigQuery read few partitions.
    """
    authors = (
        "(observed_at is null or observed_at < @before)"
        " and (audience_observed_at is null or audience_observed_at < @before)"
        " and author_id not in"
        f" (select author_id from tweets where author_id is not null and tweet_id not in ({OLD_TWEETS}))"
    )
    bound = _belonging(OLD_TWEETS, authors=authors)
    return [f"delete from {name} where {condition}" for name, condition in bound.items()]


def _belonging(tweets: str, *, authors: str, prefix: str = "") -> dict[str, str]:
    """Table → the condition on what belongs to these tweets (a query of their ids), and on authors."""
    hangings = f"select media_key from {prefix}tweet_media where tweet_id"
    media = f"media_key in ({hangings} in ({tweets})) and media_key not in ({hangings} not in ({tweets}))"
    return {
        "media_snapshots": media,
        "media": media,
        "tweet_media": f"tweet_id in ({tweets})",
        "tweet_snapshots": f"tweet_id in ({tweets})",
        "authors": authors,
        "tweets": f"tweet_id in ({tweets})",
    }
