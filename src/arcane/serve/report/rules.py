"""What a sentence may stand on, whom it speaks of, and what it is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
