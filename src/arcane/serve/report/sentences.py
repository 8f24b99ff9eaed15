"""What the figures say, in sentences; and where they cannot say it, that, and why. Pure.

A sentence stands on a coverage of 95 % or more, on equal age and on 30 posts or more; one that compares stands on them
on both sides, and names the days that it compares with. Every number in it is a function's own (``growth``, ``spikes``,
``spike_causes``, ``top_tweets``, …); nothing is guessed, no cause is claimed: what goes with a rise is named as going
with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.wording import handle, legible
from arcane.serve.language import THIN, Language
from arcane.serve.report.carried import calm, without
from arcane.serve.report.changes import changes, judged, loud, standing
from arcane.serve.report.rules import LEAST_TWEETS, Scope, Sentence, at_equal_age, doubt, sliver

_SPIKES: Final = 3
_CAUSES: Final = 2
_TAGS: Final = 3
_CAUSE_KINDS: Final = {
    "author": ("le compte", "the account"),
    "hashtag": ("le hashtag", "the hashtag"),
    "domain": ("le site", "the site"),
    "quoted_tweet": ("la publication citée", "the quoted post"),
    "conversation": ("le fil", "the conversation"),
}


def sentences(rows: Mapping[str, Sequence[Row]], *, totals: Row, events: Sequence[Row], scope: Scope) -> list[Sentence]:
    """Everything that can be said, in the order in which it is read, and then what cannot."""
    growth = judged(rows["growth"], scope=scope)
    of_days = rows["spikes"], rows["base_spikes"]
    tried = without(growth, rows["best"], rows["at_24h"], *of_days, scope=scope)
    found = [
        *changes(growth, calm=calm(growth, *of_days, scope=scope), without=tried, scope=scope),
        *standing(growth, totals, rows["at_24h"], scope=scope),
        *loud(rows["loudest"], totals, scope=scope),
        *spikes(rows["spikes"], rows["causes"], rows["best"], events, scope=scope),
        *best(rows["best"], rows["at_24h"], totals, scope=scope),
        *(emerging(rows["emerging"], totals, rows["base_totals"], scope=scope) if scope.base is not None else ()),
        *voice(rows["voices"], scope=scope),
    ]
    return [one for one in found if one.is_said] + [one for one in found if not one.is_said]


def spikes(
    days: Sequence[Row], causes: Sequence[Row], best: Sequence[Row], events: Sequence[Row], *, scope: Scope
) -> list[Sentence]:
    """The strongest spikes with what goes with them; or that there is none; and the days without verdict."""
    language = scope.language
    say = language.text
    found: list[Sentence] = []
    spiked = sorted((row for row in days if row["is_spike"]), key=lambda row: -row["z_score"])
    spoken = [row for row in spiked if not doubt(row["coverage_rate"], row["tweet_count"], language)]
    for row in sorted(spoken[:_SPIKES], key=lambda one: one["local_date"]):
        day = row["local_date"]
        times = row["tweet_count"] / row["median_tweet_count"] if row["median_tweet_count"] else None
        on = language.day(day, has_year=False)
        count, usual = language.number(row["tweet_count"]), language.number(row["median_tweet_count"])
        text = say(
            f"Pic le {on} : {count} publications, quand la médiane des 28 jours d'avant est de {usual}.",
            f"Spike on {on}: {count} posts, where the median of the 28 days before is {usual}.",
        )
        text += _causes([one for one in causes if one["local_date"] == day], language)
        text += _of_day(day, best, events, language)
        lead = f"×{THIN}{language.number(times, digits=1)}" if times else say("pic", "spike")
        found.append(Sentence(f"spike-{day}", text, lead, "up"))
    if len(spoken) > _SPIKES:
        more = len(spoken) - _SPIKES
        text = say(
            f"{more} autre{'s' if more > 1 else ''} pic{'s' if more > 1 else ''}, de moindre ampleur, "
            f"{'sont' if more > 1 else 'est'} dans la section « Combien de publications ».",
            f"{more} more of lesser size: see “How many posts”.",
        )
        found.append(Sentence("spikes-more", text, f"+{more}"))
    judged_days = [row for row in days if row["is_spike"] is not None]
    missing = scope.span.days - len(judged_days)
    is_calm = bool(judged_days) and not spiked
    if is_calm and len(judged_days) > missing:
        text = say(
            f"Aucun pic : {_days(len(judged_days), language)} dans l'ordinaire de ses 28 jours d'avant.",
            f"No spike: {_days(len(judged_days), language)} within what the 28 days before it made usual.",
        )
        found.append(Sentence("spikes", text, "0"))
    if missing > 0:
        reasons = {scope.reason(row["reason_fr"]) for row in days if row["reason_fr"]}
        reasons |= (
            {say("hors du calendrier du suivi", "outside of the tracker's calendar")}
            if len(days) < scope.span.days
            else set()
        )
        why = ", ".join(sorted(reasons))
        count, few = language.number(missing), len(judged_days)
        text = say(
            f"Pics : pas de verdict pour {count} jour{'s' if missing > 1 else ''} sur {scope.span.days} ({why})",
            f"Spikes: no verdict for {count} of {scope.span.days} days ({why})",
        )
        if is_calm and few <= missing:
            text += say(
                f" ; aucun parmi {f'les {few} jours jugés' if few > 1 else 'le seul jour jugé'}",
                f"; none among {f'the {few} days that were judged' if few > 1 else 'the only day that was judged'}",
            )
        text += "."
        found.append(Sentence("spikes-unknown", text, is_said=False))
    if len(spiked) > len(spoken):
        small = len(spiked) - len(spoken)
        text = say(
            f"Pics : {small} de moins de {LEAST_TWEETS} publications, trop peu pour en dire plus.",
            f"Spikes: {small} of under {LEAST_TWEETS} posts, too few to say more.",
        )
        found.append(Sentence("spikes-small", text, is_said=False))
    return found


def best(tweets: Sequence[Row], at_24h: Sequence[Row], totals: Row, *, scope: Scope) -> list[Sentence]:
    """The post that gathered most at 24 hours and its weight, where most posts are measured at that age."""
    language = scope.language
    say = language.text
    count, whole = at_equal_age(at_24h)
    why = doubt(totals["coverage_rate"], count, language) or sliver(count, totals["tweet_count"], language)
    first = next((row for row in tweets if row["interaction_at_24h_rank"] == 1), None)
    if why or first is None or not whole:
        why = why or say("aucune interaction n'est mesurée à 24 h d'âge", "no interaction is measured at 24 h of age")
        text = say(f"Publications qui portent la période : {why}.", f"Posts that carry the period: {why}.")
        return [Sentence("best", text, is_said=False)]
    share = first["interaction_count_at_24h"] / whole
    who, on = legible(handle(first["username"])), language.day(first["local_date"], has_year=False)
    measured = language.number(count)
    text = say(
        f"La publication qui a le plus recueilli en 24 h, de {who} le {on}, fait à elle seule {language.percent(share)} des "
        f"interactions des {measured} publications mesurées à cet âge.",
        f"The post that gathered most in 24 h, by {who} on {on}, makes {language.percent(share)} of the interactions of the "
        f"{measured} posts measured at that age.",
    )
    return [Sentence("best", text, language.percent(share))]


def emerging(rows: Sequence[Row], totals: Row, base_totals: Sequence[Row], *, scope: Scope) -> list[Sentence]:
    """The hashtags that emerge beside the period compared with, by posts and by accounts."""
    language = scope.language
    say = language.text
    why = doubt(totals["coverage_rate"], totals["tweet_count"], language)
    why = why or next((scope.reason(row["reason_fr"]) for row in rows if row["reason_fr"]), "")
    for base in base_totals:
        why = why or doubt(base["coverage_rate"], base["tweet_count"], language, other=scope.other)
    if why:
        text = say(f"Hashtags émergents : {why}.", f"Emerging hashtags: {why}.")
        return [Sentence("emerging", text, is_said=False)]
    verdicts = [row for row in rows if row["is_emerging"]]
    risen = [row for row in verdicts if row["tweet_count"] >= LEAST_TWEETS][:_TAGS]
    if not rows or (verdicts and not risen):
        text = say(
            f"Hashtags émergents : aucun ne porte {LEAST_TWEETS} publications, trop peu pour en parler.",
            f"Emerging hashtags: none is on {LEAST_TWEETS} posts, too few to speak of.",
        )
        return [Sentence("emerging", text, is_said=False)]
    if not risen:
        text = say(
            f"Aucun hashtag n'émerge face à {scope.other} : aucun n'a pris une part nettement plus grande, par "
            "publications et par comptes à la fois.",
            f"No hashtag emerges beside {scope.other}: none took a clearly larger share, by posts and by accounts at once.",
        )
        return [Sentence("emerging", text, "0")]
    named = [
        say(
            f"#{legible(row['hashtag'])} ({language.number(row['tweet_count'])} publications contre {language.number(row['base_tweet_count'])})",
            f"#{legible(row['hashtag'])} ({language.number(row['tweet_count'])} posts against {language.number(row['base_tweet_count'])})",
        )
        for row in risen
    ]
    verb = "Un hashtag émerge" if len(risen) == 1 else "Des hashtags émergent"
    text = say(
        f"{verb} face à {scope.other} : {', '.join(named)}.",
        f"Emerging beside {scope.other}: {', '.join(named)}.",
    )
    if any(row["base_tweet_count"] for row in risen):
        lead = say("Émerge" if len(risen) == 1 else "Émergent", "Emerging")
    else:
        lead = say("Nouveau" if len(risen) == 1 else "Nouveaux", "New")
    return [Sentence("emerging", text, lead, "up")]


def voice(rows: Sequence[Row], *, scope: Scope) -> list[Sentence]:
    """The tracker's share among all of them; nothing where it is alone."""
    language = scope.language
    say = language.text
    own = next((row for row in rows if row["tracker"] == scope.tracker), None)
    if own is None or len(rows) < 2:
        return []
    why = scope.reason(own["reason_fr"]) if own["reason_fr"] else ""
    if not why and own["tweet_share"] is not None:
        why = doubt(own["coverage_rate"], sum(row["tweet_count"] or 0 for row in rows), language)
    if why or own["tweet_share"] is None:
        why = why or say("elle est inconnue", "it is unknown")
        return [Sentence("voice", say(f"Part de voix : {why}.", f"Share of voice: {why}."), is_said=False)]
    panel = ", ".join(legible(scope.names.get(row["tracker"], row["tracker"])) for row in rows)
    share = language.percent(own["tweet_share"])
    text = say(
        f"{scope.shown} fait {share} des publications du panel ({panel}) ; c'est une part entre ces suivis, jamais de tout X.",
        f"{scope.shown} makes {share} of the posts of the panel ({panel}): a share among these trackers, never of all of X.",
    )
    return [Sentence("voice", text, share)]


def _causes(causes: Sequence[Row], language: Language) -> str:
    """What goes with a spike, and how much of it."""
    say = language.text
    if not causes:
        return ""
    if causes[0]["cause_kind"] == "none":
        return say(
            " Pas de cause dominante : rien n'en accompagne un cinquième.",
            " No dominant cause: nothing goes with a fifth of it.",
        )
    named = []
    for row in causes[:_CAUSES]:
        kind = say(*_CAUSE_KINDS[row["cause_kind"]])
        name = legible(row["cause"] or say("inconnu", "unknown"))
        name = f"#{name}" if row["cause_kind"] == "hashtag" else f"@{name}" if row["cause_kind"] == "author" else name
        named.append(f"{kind} {name} ({language.percent(row['explained_share'], digits=0)})")
    both = say(" et ", " and ").join(named)
    return say(
        f" Ce qui accompagne le plus l'excédent : {both}.",
        f" What goes most with the excess: {both}.",
    )


def _of_day(day: date, best: Sequence[Row], events: Sequence[Row], language: Language) -> str:
    """The post of that day that gathered most, and what the analysts noted."""
    say = language.text
    text = ""
    ranked = [row for row in best if row["local_date"] == day and row["interaction_rank"] is not None]
    if ranked:
        first = min(ranked, key=lambda row: row["interaction_rank"])
        who, count = legible(handle(first["username"])), language.number(first["interaction_count"])
        text += say(
            f" La publication la plus suivie de ce jour est de {who} ({count} interactions à ce jour).",
            f" That day's most followed post is by {who} ({count} interactions so far).",
        )
    noted = [legible(event["label"]) for event in events if event["local_date"] == day]
    if noted:
        labels = ", ".join(f"« {label} »" if language.is_french else f"“{label}”" for label in noted)
        text += say(f" Noté ce jour-là : {labels}.", f" Noted that day: {labels}.")
    return text


def _days(count: int, language: Language) -> str:
    if count == 1:
        return language.text("le jour jugé reste", "the day that was judged stays")
    return language.text(f"chacun des {count} jours jugés reste", f"each of the {count} days that were judged stays")
