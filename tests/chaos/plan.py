"""What a run will suffer, drawn from its seed before it begins: the same seed draws the same blows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("web", "worker", "postgres", "redis", "freeze", "till", "browser", "cut", "hang", "lose", "repeat", "slow")
AT_DELIVERY = {"web", "postgres", "freeze", "till", "cut", "hang"}
"""Blows that may wait for a delivery to pass by, so that they fall into the middle of a request."""
WAYS = {
    "web": ("one", "all"),
    "freeze": ("web", "web", "worker", "redis"),
    "postgres": ("all", "postmaster", "backend"),
    "till": ("whole", "torn"),
    "cut": ("one", "all"),
    "hang": ("one", "all"),
    "slow": ("one", "all"),
}


@dataclass(frozen=True)
class Run:
    """What was asked for. `browsers` of the tills are real pages. `slack_s` is how long what broke may stay away."""

    seed: int
    tills: int
    sales: int
    blows: int
    browsers: int
    pace: tuple[float, float] = (0.3, 2.5)
    slack_s: float = 3.0
    stretch: float = 6.0
    """How many times as long one in six outages lasts: longer than a till waits for an answer."""
    timeout_s: float = 10.0
    patience_s: float = 5.0
    webs: int = 2
    fsync: bool = True

    @property
    def virtual(self) -> int:
        return self.tills - self.browsers

    @property
    def by_browser(self) -> int:
        """How many sales each page makes: a page is slower than a till without one."""
        return max(4, self.sales // (self.tills * 3)) if self.browsers else 0

    def quota(self, till: int) -> int:
        """How many sales a virtual till makes."""
        left = self.sales - self.by_browser * self.browsers
        return left // self.virtual + (till < left % self.virtual)


@dataclass(frozen=True)
class Blow:
    """One blow: due when so many sales are paid, `wait_s` later, and undone (where it is) after `for_s`.

    `at_delivery`: it also waits until a delivery passes by. `target` counts tills; which of them depends on the kind.
    """

    place: int
    kind: str
    way: str
    after: int
    wait_s: float
    for_s: float
    at_delivery: bool
    target: int
    amount: int

    def __str__(self) -> str:
        way = f" ({self.way})" if self.way else ""
        when = f"after sale {self.after}{' in a delivery' if self.at_delivery else ''}"
        return f"{self.kind}{way} {when}, for {self.for_s:.2f} s, target {self.target}, amount {self.amount}"


def blows(run: Run) -> Sequence[Blow]:
    """Draw them. Each kind comes once before any comes twice."""
    chance = random.Random(f"chaos {run.seed}")
    kinds = [kind for kind in KINDS if kind != "browser" or run.browsers]
    deck: list[str] = []
    made = []
    for place in range(run.blows):
        if not deck:
            deck = chance.sample(kinds, len(kinds))
            if run.blows < len(kinds) and place == 0:
                deck.sort(
                    key=lambda kind: kind not in {"slow", "hang", "freeze", "repeat"}
                )  # a short run does without these first
        kind = deck.pop()
        after = (place + 1) * run.sales // (run.blows + 2)
        made.append(
            Blow(
                place,
                kind,
                chance.choice(WAYS.get(kind, ("",))),
                max(1, after + chance.randint(-2, 2)),
                chance.uniform(0, 0.2),
                chance.uniform(0.1, run.slack_s) * (run.stretch if chance.random() < 1 / 6 else 1),
                kind in AT_DELIVERY and chance.random() < 0.7,
                chance.randrange(run.tills),
                chance.randint(1, 4),
            )
        )
    return made
