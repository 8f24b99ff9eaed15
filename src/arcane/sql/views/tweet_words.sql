-- Pour chaque publication : les mots de son texte, dans l'ordre, gardés en table.
-- For each tweet posted: the words of its text, in order, kept in a table.
-- Grain: (tweet_id)
-- Source: tweets
-- Formula (v1): small letters; links, mentions and hashtags out; an apostrophe ends a word (l'image: image); two letters,
-- marks and digits or more, not digits alone; an emoji is a word. Current versions, retweets left out.
-- Caveats: stop words are in it, and a word as often as it stands. No stemming: image and images are two words. Languages
-- without spaces (Japanese, Thai, Chinese) give whole phrases. Skin tones are left out; an emoji made of several gives
-- each of them.
-- Kept: local_date
-- Twin: none
-- Column: words = mots | Words of its text, in order | Mots de son texte, dans l'ordre
with

bare as (
    select
        tweet_id,
        local_date,
        regexp_replace(lower(text), r'https?://\S+|[@#＃][\p{L}\p{M}\p{N}_]+', ' ') as bare_text,
    from tweets
    where
        text is not null
        and is_current
        and coalesce(kind, 'original') != 'retweet'
        and retweeted_tweet_id is null
),

final as (
    select
        tweet_id,
        local_date,
        regexp_extract_all(
            bare_text,
            r'\p{N}+\p{L}[\p{L}\p{M}\p{N}_]*|\p{L}[\p{L}\p{M}\p{N}_]+|[\x{1F1E6}-\x{1F1FF}]{2}|\p{So}'
        ) as words,
    from bare
)

select * from final
