"""How counters come to their final values: each tweet and video at a pace of its own.

Half of all are done within hours; the others take a day or so, a few of them weeks. Some of the most liked have a
second wave days later. Where asked, a share of the tweets loses a little again, as likes are taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.floating[Any]]
_QUICK_S: Final = 2_400.0  # median time constant of those done within hours
_SLOW_S: Final = 64_800.0  # and of the others: 63 % after 18 hours
_WAVE_S: Final = 43_200.0  # of a second wave
_LOSS_S: Final = 172_800.0  # of what is taken back
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Growth:
    """One entry a tweet, or a video, in every column."""

    pace_s: Floats  # time constant of the first wave
    wave_share: Floats  # of the final value, 0 without a second wave
    wave_s: Floats  # age at which the second wave begins
    loss: Floats  # share taken back in the end

    @classmethod
    def draw(cls, random: np.random.Generator, finals: Floats, *, shrinking_rate: float = 0.0) -> Growth:
        """For things with these final counts."""
        n = len(finals)
        is_quick = random.random(n) < 0.5
        pace = np.where(is_quick, random.lognormal(np.log(_QUICK_S), 0.6, n), random.lognormal(np.log(_SLOW_S), 1.1, n))
        is_viral = (finals > np.quantile(finals, 0.95)) & (random.random(n) < 0.4)
        shrinks = random.random(n) < shrinking_rate
        return cls(
            pace_s=pace.astype(np.float32),
            wave_share=np.where(is_viral, random.uniform(0.2, 0.6, n), 0).astype(np.float32),
            wave_s=(random.uniform(2, 6, n) * _DAY_S).astype(np.float32),
            loss=np.where(shrinks, random.uniform(0.01, 0.05, n), 0).astype(np.float32),
        )

    def share(self, places: Ints, age_s: Numbers) -> Numbers:
        """Share of the final value that was ever reached at these ages, 0 to 1. It only grows."""
        first: Numbers = -np.expm1(-age_s / self.pace_s[places])
        wave = self.wave_share[places]
        if not wave.any():
            return first
        second = -np.expm1(-np.maximum(age_s - self.wave_s[places], 0) / _WAVE_S)
        found: Numbers = (1 - wave) * first + wave * second
        return found

    def kept(self, places: Ints, age_s: Numbers) -> Numbers:
        """Share of what was reached that nobody has taken back at these ages."""
        found: Numbers = 1 + self.loss[places] * np.expm1(-age_s / _LOSS_S)
        return found
