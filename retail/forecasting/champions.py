"""Which model is used: one that was clearly better in most of the rounds, else the one that was used before. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

MARGIN: Final = 0.05
MOST_OF: Final = 2 / 3


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to use, and why. errors: mean RMSSE by model. better_in: rounds in which it beat the one before."""

    model: str
    before: str
    errors: Mapping[str, float]
    better_in: int
    rounds: int

    @property
    def changed(self) -> bool:
        """Tell whether another model is used now."""
        return self.model != self.before

    @property
    def gain(self) -> float:
        """Give how much smaller the error of the model is than that of the one before, as a share of that."""
        return 1 - self.errors[self.model] / self.errors[self.before]


def choose(rounds: Sequence[Mapping[str, float]], champion: str, challengers: Collection[str]) -> Choice:
    """Choose by RMSSE, one mapping from model to error a round.

    The best challenger on average takes over if its error is more than 5 % smaller in at least two of three rounds.
    Rounds in which either isn't known don't count; of equal ones the first challenger is taken.
    """
    errors = {model: _mean([one[model] for one in rounds if model in one]) for model in (champion, *challengers)}
    known = [model for model in challengers if np.isfinite(errors[model])]
    if not known or not np.isfinite(errors[champion]):
        return Choice(champion, champion, errors, 0, 0)
    best = min(known, key=lambda model: errors[model])
    both = [one for one in rounds if np.isfinite(one.get(champion, np.nan)) and np.isfinite(one.get(best, np.nan))]
    better = sum(one[best] < (1 - MARGIN) * one[champion] for one in both)
    wins = bool(both) and better >= MOST_OF * len(both)
    return Choice(best if wins else champion, champion, errors, int(better), len(both))


def or_naive(choice: Choice, rounds: Sequence[Mapping[str, float]], naive: str) -> Choice:
    """Give up a model whose error isn't below that of the naive one: a champion of better days is none any more."""
    if choice.model == naive or not choice.errors.get(naive, np.inf) <= choice.errors[choice.model]:
        return choice
    both = [one for one in rounds if naive in one and choice.model in one]
    better = sum(one[naive] <= one[choice.model] for one in both)
    return Choice(naive, choice.before, choice.errors, int(better), len(both))


def _mean(values: Sequence[float]) -> float:
    good = [value for value in values if np.isfinite(value)]
    return float(np.mean(good)) if good else float("nan")
