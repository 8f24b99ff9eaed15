-- Médias rattachés à une publication mais absents de la table media : X ne les a pas décrits (page sans « includes »).
-- Media that hang on a tweet and have no row in media: X did not describe them (a page without includes).
-- Severity: warn
select
    h.tweet_id,
    h.media_key,
from tweet_media as h
left join media as m on m.media_key = h.media_key
where m.media_key is null
