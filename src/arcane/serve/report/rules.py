"""What a sentence may stand on, whom it speaks of, and what it is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.filters import Span
from arcane.serve.dashboard.wording import reason
from arcane.serve.language import Language
from arcane.serve.report.against import base_days, base_name

LEAST_TWEETS: Final = 30
LEAST_COVERAGE: Final = 0.95
STILL: Final = 0.05  # a change below it is called none


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
        """The days compared with, behind a figure; empty where nothing is."""
        return base_days(self.span, self.base, self.language) if self.base is not None else ""

    @property
    def other(self) -> str:
        """The period compared with, as a noun; empty where nothing is."""
        return base_name(self.span, self.base, self.language) if self.base is not None else ""

    @property
    def paired_days(self) -> int:
        """Days of the period that have one to face."""
        return min(self.span.days, self.base.days) if self.base is not None else 0

    def reason(self, text: str) -> str:
        """A view's own, in the reader's words, with the days compared with by their dates."""
        found = reason(text, self.language)
        if not self.language.is_french:
            return found.replace("the base period", self.other)
        return found.replace("la période de comparaison", self.other)


def tone(rate: float) -> str:
    """up, down, or flat where the change is too small to be called one."""
    return "flat" if abs(rate) < STILL else "up" if rate > 0 else "down"


def doubt(coverage_rate: float | None, tweet_count: int, language: Language, *, other: str = "") -> str:
    """Why nothing is said of these posts; empty where something may be. ``other``: a period that is not the report's."""
    say = language.text
    on, of, over = (f" sur {other}", f" of {other}", f" in {other}") if other else ("", "", "")
    if coverage_rate is None:
        return say(f"la couverture est inconnue{on}", f"coverage{of} is unknown")
    if coverage_rate < LEAST_COVERAGE:
        rate, least = language.percent(coverage_rate), language.percent(LEAST_COVERAGE, digits=0)
        return say(
            f"la couverture n'est que de {rate}{on} (il en faut {least})",
            f"coverage{of} is only {rate} (it takes {least})",
        )
    if tweet_count < LEAST_TWEETS:
        count = language.number(tweet_count)
        return say(
            f"{count} publication{'s' if tweet_count > 1 else ''} seulement{on} (il en faut {LEAST_TWEETS})",
            f"only {count} post{'s' if tweet_count != 1 else ''}{over} (it takes {LEAST_TWEETS})",
        )
    return ""


def sliver(measured_count: int, tweet_count: int, language: Language) -> str:
    """Why nothing is said of all posts by those measured at 24 hours; empty where they are more than half."""
    if measured_count * 2 > tweet_count:
        return ""
    measured, whole = language.number(measured_count), language.number(tweet_count)
    return language.text(
        f"{measured} des {whole} publications seulement sont mesurées à 24 h d'âge (il en faut plus de la moitié)",
        f"only {measured} of {whole} posts are measured at 24 h of age (it takes more than half)",
    )


def at_equal_age(at_24h: Sequence[Row]) -> tuple[int, float]:
    """Of a row a day: how many posts are measured at 24 hours, and what they had gathered by then."""
    measured = [row for row in at_24h if row["measured_tweet_count"]]
    return (
        sum(row["measured_tweet_count"] for row in measured),
        sum(row["interaction_count_at_24h"] for row in measured),
    )
