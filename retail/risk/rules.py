"""Risk at the till: which acts of a cashier are laid before a person. docs/algorithms/risk.md, 2; pure.

kiosk/till/risk_rules.js is the twin; tests/vectors/risk.json says what both must answer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
KINDS: Final = ("void", "no_sale", "refund", "override")
OUTCOMES: Final = ("none", "reason", "approval", "alert")


@dataclass(frozen=True, slots=True)
class Rule:
    """From how many acts of a kind within how many minutes on something happens, and what."""

    kind: str
    outcome: str
    least: int
    minutes: int

    @property
    def window(self) -> int:
        """Give how far back acts are seen together, in ms; a refund's minutes are those since its sale."""
        return DAY_MS if self.kind == "refund" else self.minutes * MINUTE_MS

    def counts(self, act: Act) -> bool:
        """Claim that an act is one of those that this rule is about."""
        if act.kind != self.kind or act.undone or not act.cashier:
            return False
        return self.kind != "refund" or (act.gap is not None and act.gap <= self.minutes * MINUTE_MS)


@dataclass(frozen=True, slots=True)
class Act:
    """What a cashier did: `at` in ms since 1970, `gap` in ms since the sale that is refunded, None: another's sale."""

    id: str
    kind: str
    cashier: str
    at: int
    gap: int | None = None
    undone: bool = False


def seen(rule: Rule, act: Act, others: Iterable[Act]) -> list[str]:
    """Give the evidence with which a rule fires at an act, oldest first; none where it doesn't."""
    if rule.outcome == "none" or not rule.counts(act):
        return []
    found = {
        one.id: one
        for one in (*others, act)
        if one.cashier == act.cashier and act.at - rule.window < one.at <= act.at and rule.counts(one)
    }
    return [one.id for one in sorted(found.values(), key=_order)] if len(found) >= rule.least else []


def fired(rule: Rule, acts: Sequence[Act]) -> list[tuple[Act, list[str]]]:
    """Give every act at which a rule fires, with its evidence, in the order of time; each id is there once."""
    if rule.outcome == "none":
        return []
    by_cashier: dict[str, list[Act]] = defaultdict(list)
    for act in sorted({one.id: one for one in acts}.values(), key=_order):
        if rule.counts(act):
            by_cashier[act.cashier].append(act)
    found = []
    for own in by_cashier.values():
        times = [act.at for act in own]
        for act in own:
            first, after = bisect_left(times, act.at - rule.window + 1), bisect_left(times, act.at + 1)
            if after - first >= rule.least:
                found.append((act, [one.id for one in own[first:after]]))
    return sorted(found, key=lambda pair: _order(pair[0]))


def runs(fires: Sequence[tuple[Act, Sequence[str]]]) -> int:
    """Count the alerts that a series of firings makes, if none is settled: those that share evidence are one."""
    count, last = 0, dict[str, set[str]]()
    for act, evidence in fires:
        before = last.get(act.cashier)
        if before is None or before.isdisjoint(evidence):
            count, last[act.cashier] = count + 1, set()
        last[act.cashier] |= set(evidence)
    return count


def rules_of(values: Mapping[str, Any]) -> dict[str, Rule]:
    """Give a store's rules by kind, from its settings."""
    return {
        kind: Rule(
            kind,
            str(values[f"risk_{kind}_outcome"]),
            int(values[f"risk_{kind}_least"]),
            int(values[f"risk_{kind}_minutes"]),
        )
        for kind in KINDS
    }


def _order(act: Act) -> tuple[int, str]:
    return act.at, act.id
