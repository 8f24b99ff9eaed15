"""How a period changed, in sentences; and how it stands where a change is not known. Pure.

The rows of ``growth`` are judged first: tiles and tables are made of the same rows, and no rate is anywhere that no
sentence may stand on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.answers import cell
from arcane.serve.dashboard.wording import handle, legible
from arcane.serve.language import Language
from arcane.serve.report.against import over
from arcane.serve.report.carried import Calm, Without
from arcane.serve.report.rules import LEAST_TWEETS, Scope, Sentence, at_equal_age, doubt, sliver, tone

_LOUD: Final = 0.1  # of all posts, by one account
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
                f"{count} jours seulement sur {days} peuvent être comparés à cet âge"
                if count > 1
                else f"1 jour seulement sur {days} peut être comparé à cet âge",
                f"only {count} of {days} days can be compared at that age",
            )
        return doubt(row["coverage_rate"], row["measured_tweet_count"], language) or doubt(
            row["base_coverage_rate"], row["base_measured_tweet_count"], language, other=scope.other
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
        count, whole = at_equal_age(at_24h)
        why = doubt(totals["coverage_rate"], count, language) or sliver(count, totals["tweet_count"], language)
        if not why:
            mean, measured = language.number(whole / count, digits=1), language.number(count)
            text = say(
                f"Chaque publication recueille en moyenne {mean} interactions à 24 h d'âge ({measured} publications mesurées).",
                f"Each post gathers {mean} interactions on average at 24 h of age ({measured} posts measured).",
            )
            found.append(Sentence("mean", text, mean))
    return found


def changes(
    growth: Sequence[Row], *, calm: Calm | None = None, without: Without | None = None, scope: Scope
) -> list[Sentence]:
    """What rose and what fell, against which days; ``growth``: judged. ``calm``: how volume changed away from spikes;
    ``without``: what a mean that rose at 24 hours is without its first post: what carries a change stands right behind
    it. What has the same reason not to be told is told together."""
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
        turn = tone(rate)
        shown = [
            language.percent(row[one], digits=2)
            if name == "engagement_rate"
            else language.number(row[one], digits=digits)
            for one in ("value", "base_value")
        ]
        opening = {"up": rose, "down": fell, "flat": stood}[turn]
        behind = ""
        if calm is not None and name == "tweet_count":
            opening, behind, turn = _by_spikes(turn, calm, language), _away(calm, scope), "flat"
        elif calm is not None and name == "author_count":
            behind, turn = _among(calm, scope), "flat"
        elif without is not None and name == "interactions_per_tweet_at_24h":
            behind, turn = _tried(without, language), turn if without.is_still_up else "flat"
        text = say(f"{opening} : {shown[0]} {unit}".rstrip(), f"{opening}: {shown[0]} {unit}".rstrip())
        text += say(f", contre {shown[1]} {scope.when}.", f", against {shown[1]} {over(scope.when, language)}.")
        if row["day_count"] < days:
            text += say(
                f" Comparaison sur {row['day_count']} des {days} jours : les autres sont trop récents ou mal couverts.",
                f" Compared over {row['day_count']} of the {days} days: the others are too young or badly covered.",
            )
        found.append(Sentence(name, text + behind, language.change(rate), turn))
    for why, names in untold.items():
        labels = say(" ; ", "; ").join(cell("measure", name, language=language, zone="") for name in names)
        text = say(f"{labels[:1].upper()}{labels[1:]} : {why}.", f"{labels[:1].upper()}{labels[1:]}: {why}.")
        found.append(Sentence(names[0], text, is_said=False))
    return found


def _by_spikes(turn: str, calm: Calm, language: Language) -> str:
    """How volume changed in all, where its days without spikes tell another story, or too little."""
    say = language.text
    count = len(calm.spikes if turn == "up" else calm.base_spikes)
    spikes = say("un pic" if count == 1 else "des pics", "a spike" if count == 1 else "spikes")
    if calm.rate is not None and count and turn == "up":
        return say(f"Le volume ne monte que par {spikes}", f"Volume rises by {spikes} alone")
    if calm.rate is not None and count and turn == "down":
        return say(f"Le volume ne recule que face à {spikes}", f"Volume falls beside {spikes} alone")
    (rose, fell, stood, _), (up, down, flat, _), _ = _MEASURES["tweet_count"]
    opening = {"up": say(rose, up), "down": say(fell, down), "flat": say(stood, flat)}[turn]
    return opening + say(", pics compris", ", spikes included")


def _away(calm: Calm, scope: Scope) -> str:
    """What the days do that are no spike and face none."""
    language, count = scope.language, calm.day_count
    say = language.text
    opening = say(f" Sans {_dated(calm, scope)}, ", f" Without {_dated(calm, scope)}, ")
    if calm.rate is None:
        return opening + say(
            f"il reste moins de {LEAST_TWEETS} publications d'un côté ou de l'autre : trop peu pour en juger.",
            f"fewer than {LEAST_TWEETS} posts are left on one side or the other: too few to judge.",
        )
    days = say(
        f"les {count} autres jours" if count > 1 else "le seul autre jour",
        f"the {count} other days" if count > 1 else "the only other day",
    )
    by = language.percent(abs(calm.rate))
    are = count > 1
    return (
        opening
        + {
            "up": say(f"{days} monte{'nt' if are else ''} de {by}.", f"{days} rise{'' if are else 's'} by {by}."),
            "down": say(f"{days} baisse{'nt' if are else ''} de {by}.", f"{days} fall{'' if are else 's'} by {by}."),
            "flat": say(
                f"{days} ne bouge{'nt' if are else ''} guère ({language.change(calm.rate)}).",
                f"{days} hardly move{'' if are else 's'} ({language.change(calm.rate)}).",
            ),
        }[tone(calm.rate)]
    )


def _among(calm: Calm, scope: Scope) -> str:
    """Accounts of several days do not add up: what they are without spikes is not known."""
    dated, one = _dated(calm, scope), len((*calm.spikes, *calm.base_spikes)) == 1
    return scope.language.text(
        f" {dated[:1].upper()}{dated[1:]}, y {'est' if one else 'sont'} compris.",
        f" {dated}, {'is' if one else 'are'} included.",
    )


def _dated(calm: Calm, scope: Scope) -> str:
    """le 19 novembre, un pic; with its year where it is another than the report's."""
    language, year = scope.language, scope.span.last.year
    article = "le " if language.is_french else ""
    spikes = sorted((*calm.spikes, *calm.base_spikes))
    days = [article + language.day(one, has_year=one.year != year) for one in spikes]
    if len(days) == 1:
        return days[0] + language.text(", un pic", ", a spike")
    return f"{', '.join(days[:-1])} {language.text('et', 'and')} {days[-1]}" + language.text(", des pics", ", spikes")


def _tried(without: Without, language: Language) -> str:
    """A mean that rose, without its first post."""
    first, mean = without.first, language.number(without.mean, digits=1)
    who, on = legible(handle(first["username"])), language.day(first["local_date"], has_year=False)
    if without.is_still_up:
        return language.text(
            f" Sans la première, de {who} le {on}, la moyenne serait encore de {mean} : la hausse ne tient pas à elle seule.",
            f" Without the first, by {who} on {on}, the mean would still be {mean}: the rise is more than that one post.",
        )
    return language.text(
        f" Sans la première, de {who} le {on}, la moyenne serait de {mean} : la hausse tient à cette seule publication.",
        f" Without the first, by {who} on {on}, the mean would be {mean}: the rise is that one post.",
    )


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
