"""One sentence of what to look at, and how several are ranked. docs/algorithms/insights.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

MOST: Final = 6
"""So many stand on the overview."""
_LEAST_PART: Final = 500
"""What is less than a five-hundredth of the revenue isn't told."""


@dataclass(frozen=True, slots=True)
class Insight:
    """A sentence, the money at stake in minor units, where the evidence is, and what can be done.

    `words` is the sentence with places for its facts, as in "%(name)s fell", `facts` what stands there: the two are
    apart so that somebody else may word the one without ever being told the other.
    """

    kind: str
    words: str
    facts: Mapping[str, str]
    at_stake: int
    evidence: str
    action: str
    action_words: str
    needs: str
    """The permission that the action asks for."""
    said: str = ""
    """Other words for the same facts, with their places in braces."""

    @property
    def sentence(self) -> str:
        """Give the whole sentence."""
        if not self.said:
            return self.words % self.facts
        whole = self.said
        for name, fact in self.facts.items():
            whole = whole.replace(f"{{{name}}}", fact)
        return whole


def ranked(found: Iterable[Insight], revenue: int) -> list[Insight]:
    """Put the most money first and leave out what is small beside the revenue, in minor units."""
    least = max(1, revenue // _LEAST_PART)
    return sorted((one for one in found if one.at_stake >= least), key=lambda one: (-one.at_stake, one.words, one.kind))
