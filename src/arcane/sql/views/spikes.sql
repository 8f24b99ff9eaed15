-- Les pics d'un suivi sur une période : un verdict par jour.
-- The spikes of a tracker over a period: one verdict a day.
-- Grain: (tracker, local_date)
-- Source: spikes_by_day
-- Formula (v1): as in spikes_by_day
-- Caveats: the baseline of the first days lies before the period. A day without row is outside of the tracker's calendar.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope; NULL where none is known and the day is not whole | Publications du périmètre ; NULL si aucune n'est connue et que le jour n'est pas complet
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
-- Column: base_day_count = nb_jours_reference | Days known of the 28 before | Jours connus parmi les 28 précédents
-- Column: median_tweet_count = mediane_tweets | What is usual: half of the days known of the 28 before had fewer tweets, half had more | L'ordinaire : parmi les jours connus des 28 précédents, la moitié ont eu moins de publications, l'autre davantage
-- Column: z_score = score_z | How far the day is from that median, measured in the usual spread of these days (robust standard deviations); NULL without verdict | Distance du jour à cette médiane, mesurée en écarts habituels de ces jours (écarts-types robustes) ; NULL sans verdict
-- Column: is_spike = est_pic | True where the z score is 4 or more and the day has 20 tweets or more; NULL without verdict | Vrai si le score z vaut au moins 4 et que le jour compte au moins 20 publications ; NULL sans verdict
-- Column: reason_fr = motif | Why there is no verdict, in French; NULL where there is one | Pourquoi il n'y a pas de verdict ; NULL s'il y en a un
with

final as (
    select
        tracker,
        local_date,
        tweet_count,
        raw_tweet_count,
        coverage_rate,
        base_day_count,
        median_tweet_count,
        z_score,
        is_spike,
        reason_fr,
    from spikes_by_day
    where tracker = @tracker_name and local_date between @first_date and @last_date
)

select * from final
