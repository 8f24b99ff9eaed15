"""What the figures say, in sentences; and where they cannot say it, that, and why. Pure.

A sentence stands on a coverage of 95 % or more, on equal age and on 30 posts or more; one that compares stands on them
on both sides, and names the days that it compares with. Every number in it is a function's own (``growth``, ``spikes``,
``spike_causes``, ``top_tweets``, …); nothing is guessed, no cause is claimed: what goes with a rise is named as going
with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.filters import Span
from arcane.serve.dashboard.pages import cell, handle, legible
from arcane.serve.dashboard.pages import reason as worded
from arcane.serve.language import THIN, Language
from arcane.serve.report.against import base_days

LEAST_TWEETS: Final = 30
LEAST_COVERAGE: Final = 0.95
STILL: Final = 0.05  # a change below it is called none
_LOUD: Final = 0.1  # of all posts, by one account
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
# A measure: (rose, fell, stood, unit) in French and in English, figures after the point, and how old posts are.
_MEASURES: Final = {
    "tweet_count": (
        ("Le volume monte", "Le volume recule", "Le volume ne bouge guère", "publications"),
        ("Volume rises", "Volume falls", "Volume hardly moves", "posts"),
        0,
    ),
    "author_count": (
        ("Plus de comptes prennent la parole", "Moins de comptes prennent la parole", "Autant de comptes, ou presque", "comptes"),
        ("More accounts speak", "Fewer accounts speak", "As many accounts, or nearly", "accounts"),
        0,
    ),
    "interactions_per_tweet_at_24h": (
        ("Chaque publication recueille davantage", "Chaque publication recueille moins", "Chaque publication recueille autant, ou presque",
         "interactions en moyenne à 24 h d'âge"),
        ("Each post gathers more", "Each post gathers less", "Each post gathers as much, or nearly", "interactions on average at 24 h of age"),
        1,
    ),
    "interactions_per_tweet_at_7d": (
        ("À sept jours d'âge, chacune recueille davantage", "À sept jours d'âge, chacune recueille moins",
         "À sept jours d'âge, chacune recueille autant, ou presque", "interactions en moyenne"),
        ("At seven days of age, each gathers more", "At seven days of age, each gathers less",
         "At seven days of age, each gathers as much, or nearly", "interactions on average"),
        1,
    ),
    "engagement_rate": (
        ("Le taux d'engagement monte", "Le taux d'engagement recule", "Le taux d'engagement ne bouge guère", ""),
        ("The engagement rate rises", "The engagement rate falls", "The engagement rate hardly moves", ""),
        1,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """``lead``: the figure in front of it; ``tone``: up, down or flat; ``is_said``: False for why nothing is."""

    name: str
    text: str
    lead: str = ""
    tone: str = "flat"
    is_said: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """``shown``: what the tracker is called; ``base``: None where nothing is compared; ``names``: how every tracker is
    called."""

    language: Language
    tracker: str
    shown: str
    span: Span
    base: Span | None
    names: Mapping[str, str]

    @property
    def when(self) -> str:
        """The days compared with; empty where nothing is."""
        return base_days(self.span, self.base, self.language) if self.base is not None else ""

    @property
    def paired_days(self) -> int:
        """Days of the period that have one to face."""
        return min(self.span.days, self.base.days) if self.base is not None else 0

    def reason(self, text: str) -> str:
        """A view's own, in the reader's words, with the days compared with by their dates."""
        found = worded(text, self.language)
        if not self.language.is_french:
            return found.replace("the base period", f"the period {self.when}")
        return found.replace("la période de comparaison", f"la période {self.when}")


def sentences(rows: Mapping[str, Sequence[Row]], *, totals: Row, events: Sequence[Row], scope: Scope) -> list[Sentence]:
    """Everything that can be said, in the order in which it is read, and then what cannot."""
    growth = judged(rows["growth"], scope=scope)
    found = [
        *changes(growth, scope=scope),
        *standing(growth, totals, rows["at_24h"], scope=scope),
        *loud(rows["loudest"], totals, scope=scope),
        *spikes(rows["spikes"], rows["causes"], rows["best"], events, scope=scope),
        *best(rows["best"], rows["at_24h"], growth, totals, scope=scope),
        *(emerging(rows["emerging"], totals, rows["base_totals"], scope=scope) if scope.base is not None else ()),
        *voice(rows["voices"], scope=scope),
    ]
    return [one for one in found if one.is_said] + [one for one in found if not one.is_said]


def doubt(coverage_rate: float | None, tweet_count: int, language: Language, *, when: str = "") -> str:
    """Why nothing is said of these posts; empty where something may be. ``when``: days other than the period's own."""
    say = language.text
    on, over = (f" {when}", f" of {when}") if when else ("", "")
    if coverage_rate is None:
        return say(f"la couverture{on} est inconnue", f"coverage{over} is unknown")
    if coverage_rate < LEAST_COVERAGE:
        rate, least = language.percent(coverage_rate), language.percent(LEAST_COVERAGE, digits=0)
        return say(
            f"la couverture{on} n'est que de {rate} (il en faut {least})",
            f"coverage{over} is only {rate} (it takes {least})",
        )
    if tweet_count < LEAST_TWEETS:
        count = language.number(tweet_count)
        return say(
            f"{count} publication{'s' if tweet_count > 1 else ''} seulement{on} (il en faut {LEAST_TWEETS})",
            f"only {count} post{'s' if tweet_count != 1 else ''}{over} (it takes {LEAST_TWEETS})",
        )
    return ""


def judged(growth: Sequence[Row], *, scope: Scope) -> list[Row]:
    """The rows of ``growth`` without the rates that no sentence may stand on, and with the reason."""
    language = scope.language
    say = language.text
    days = scope.paired_days

    def reason(row: Row) -> str:
        if row["reason_fr"]:
            head, _, rest = scope.reason(row["reason_fr"]).partition(say(" : ", ": "))
            return f"{head} ({rest})" if rest else head
        if row["day_count"] * 2 <= days:
            count = row["day_count"]
            return say(
                f"{count} jour{'s' if count > 1 else ''} seulement sur {days} peuvent être comparés à cet âge",
                f"only {count} of {days} days can be compared at that age",
            )
        return doubt(row["coverage_rate"], row["measured_tweet_count"], language) or doubt(
            row["base_coverage_rate"], row["base_measured_tweet_count"], language, when=scope.when
        )

    found: list[Row] = []
    for row in growth:
        why = reason(row)
        found.append({**row, "reason_fr": why or None, "growth_rate": None if why else row["growth_rate"]})
    return found


def standing(growth: Sequence[Row], totals: Row, at_24h: Sequence[Row], *, scope: Scope) -> list[Sentence]:
    """How many posts, and what each gathers at 24 hours, where no change of it is told; ``growth``: judged."""
    language = scope.language
    say = language.text
    told = {row["measure"] for row in growth if row["growth_rate"] is not None}
    found = []
    if "tweet_count" not in told:
        count, days = totals["tweet_count"], scope.span.days
        why = doubt(totals["coverage_rate"], count, language)
        shown, authors = language.number(count), language.number(totals["author_count"])
        daily = language.number(count / days)
        if why and scope.base is None:
            found.append(Sentence("volume", say(f"Volume : {why}.", f"Volume: {why}."), is_said=False))
        if not why:
            text = say(
                f"{shown} publications de {authors} comptes"
                + (f", soit {daily} par jour sur {days} jours." if days > 1 else "."),
                f"{shown} posts by {authors} accounts" + (f": {daily} a day over {days} days." if days > 1 else "."),
            )
            found.append(Sentence("volume", text, language.short(count)))
    if "interactions_per_tweet_at_24h" not in told:
        (sums,) = at_24h
        count, whole = sums["measured_tweet_count"], sums["interaction_count_at_24h"]
        why = doubt(totals["coverage_rate"], count, language)
        if not why and whole is not None:
            mean, measured = language.number(whole / count, digits=1), language.number(count)
            text = say(
                f"Chaque publication recueille en moyenne {mean} interactions à 24 h d'âge ({measured} publications mesurées).",
                f"Each post gathers {mean} interactions on average at 24 h of age ({measured} posts measured).",
            )
            found.append(Sentence("mean", text, mean))
    return found


def changes(growth: Sequence[Row], *, scope: Scope) -> list[Sentence]:
    """What rose and what fell, against which days; ``growth``: judged. What has the same reason not to be told is told
    together."""
    language = scope.language
    say = language.text
    by_name = {row["measure"]: row for row in growth}
    days = scope.paired_days
    found = []
    untold: dict[str, list[str]] = {}
    for name, (french, english, digits) in _MEASURES.items():
        row = by_name.get(name)
        if row is None:
            continue
        rose, fell, stood, unit = french if language.is_french else english
        if row["growth_rate"] is None:
            untold.setdefault(row["reason_fr"], []).append(name)
            continue
        rate = row["growth_rate"]
        tone = "flat" if abs(rate) < STILL else "up" if rate > 0 else "down"
        shown = [
            language.percent(row[one], digits=2)
            if name == "engagement_rate"
            else language.number(row[one], digits=digits)
            for one in ("value", "base_value")
        ]
        opening = {"up": rose, "down": fell, "flat": stood}[tone]
        text = say(f"{opening} : {shown[0]} {unit}".rstrip(), f"{opening}: {shown[0]} {unit}".rstrip())
        text += say(f", contre {shown[1]} {scope.when}.", f", against {shown[1]} {scope.when}.")
        if row["day_count"] < days:
            text += say(
                f" Comparaison sur {row['day_count']} des {days} jours : les autres sont trop récents ou mal couverts.",
                f" Compared over {row['day_count']} of the {days} days: the others are too young or badly covered.",
            )
        found.append(Sentence(name, text, language.change(rate), tone))
    for why, names in untold.items():
        labels = say(" ; ", "; ").join(cell("measure", name, language=language, zone="") for name in names)
        text = say(f"{labels[:1].upper()}{labels[1:]} : {why}.", f"{labels[:1].upper()}{labels[1:]}: {why}.")
        found.append(Sentence(names[0], text, is_said=False))
    return found


def loud(loudest: Sequence[Row], totals: Row, *, scope: Scope) -> list[Sentence]:
    """A warning where one account makes much of the volume."""
    language = scope.language
    say = language.text
    share = next((row["share"] for row in loudest if row["author_group"] == "first"), None)
    if share is None or share < _LOUD or doubt(totals["coverage_rate"], totals["tweet_count"], language):
        return []
    text = say(
        f"Un seul compte publie {language.percent(share)} de l'ensemble : à regarder avant d'y lire un mouvement du public.",
        f"One account alone posts {language.percent(share)} of it all: look at it before you read a movement of the public.",
    )
    return [Sentence("loud", text, language.percent(share))]


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
    if judged_days and not spiked:
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
        count = language.number(missing)
        text = say(
            f"Pics : pas de verdict pour {count} jour{'s' if missing > 1 else ''} sur {scope.span.days} ({why}).",
            f"Spikes: no verdict for {count} of {scope.span.days} days ({why}).",
        )
        found.append(Sentence("spikes-unknown", text, is_said=False))
    if len(spiked) > len(spoken):
        small = len(spiked) - len(spoken)
        text = say(
            f"Pics : {small} de moins de {LEAST_TWEETS} publications, trop peu pour en dire plus.",
            f"Spikes: {small} of under {LEAST_TWEETS} posts, too few to say more.",
        )
        found.append(Sentence("spikes-small", text, is_said=False))
    return found


def best(
    tweets: Sequence[Row], at_24h: Sequence[Row], growth: Sequence[Row], totals: Row, *, scope: Scope
) -> list[Sentence]:
    """The post that gathered most at 24 hours, its weight, and what the mean were without it; ``growth``: judged."""
    language = scope.language
    say = language.text
    (sums,) = at_24h
    count, whole = sums["measured_tweet_count"], sums["interaction_count_at_24h"]
    why = doubt(totals["coverage_rate"], count, language)
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
    text += _without(first, sums, growth, language)
    return [Sentence("best", text, language.percent(share))]


def _without(first: Row, sums: Row, growth: Sequence[Row], language: Language) -> str:
    """What becomes of a rise of the mean when its first post is taken out; only where both stand on the same posts."""
    say = language.text
    row = next((one for one in growth if one["measure"] == "interactions_per_tweet_at_24h"), None)
    if row is None or row["growth_rate"] is None or row["growth_rate"] < STILL:
        return ""
    count = sums["measured_tweet_count"]
    if row["measured_tweet_count"] != count or count < 2:
        return ""
    rest = (sums["interaction_count_at_24h"] - first["interaction_count_at_24h"]) / (count - 1)
    mean = language.number(rest, digits=1)
    if rest / row["base_value"] - 1 < STILL:
        return say(
            f" Sans elle, la moyenne serait de {mean} : la hausse tient à cette seule publication.",
            f" Without it the mean would be {mean}: the rise is that one post.",
        )
    return say(
        f" Sans elle, la moyenne serait encore de {mean} : la hausse ne tient pas à elle seule.",
        f" Without it the mean would still be {mean}: the rise is more than that one post.",
    )


def emerging(rows: Sequence[Row], totals: Row, base_totals: Sequence[Row], *, scope: Scope) -> list[Sentence]:
    """The hashtags that emerge beside the period compared with, by posts and by accounts."""
    language = scope.language
    say = language.text
    why = doubt(totals["coverage_rate"], totals["tweet_count"], language)
    why = why or next((scope.reason(row["reason_fr"]) for row in rows if row["reason_fr"]), "")
    for base in base_totals:
        why = why or doubt(base["coverage_rate"], base["tweet_count"], language, when=scope.when)
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
            f"Aucun hashtag n'émerge face à la période {scope.when} : aucun n'a pris une part nettement plus grande, par "
            "publications et par comptes à la fois.",
            f"No hashtag emerges beside {scope.when}: none took a clearly larger share, by posts and by accounts at once.",
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
        f"{verb} face à la période {scope.when} : {', '.join(named)}.",
        f"Emerging beside {scope.when}: {', '.join(named)}.",
    )
    return [Sentence("emerging", text, say("Nouveau", "New"), "up")]


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
