"""Moving average and layers, as whole numbers; pure. docs/algorithms/costing.md, 2 and 3.

Quantities are in thousandths (milli), unit costs in millionths of a minor unit (micros); their product, in billionths
of a minor unit (nano), is exact. What a step makes of the goods' worth beyond what the moves said is its revaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final
from uuid import UUID

from retail.kit.money import mul_div

AVERAGE: Final = "average"
FIFO: Final = "fifo"
METHODS: Final = (AVERAGE, FIFO)
NANO: Final = 10**9


@dataclass(frozen=True, slots=True)
class Flow:
    """A move's quantity, signed, and the unit cost it was recorded at."""

    milli: int
    micros: int
    move: UUID | None = None

    @property
    def nano(self) -> int:
        """What it brings or takes, at its own cost."""
        return self.milli * self.micros


@dataclass(frozen=True, slots=True)
class Layer:
    """Goods of one arrival that are still here; below zero: goods that left before anybody received them."""

    milli: int
    micros: int
    move: UUID | None = None

    @property
    def nano(self) -> int:
        """What they are worth."""
        return self.milli * self.micros


@dataclass(frozen=True, slots=True)
class Pool:
    """What a store has of a product: how many, what the next one costs, what all are worth; `layers` oldest first."""

    milli: int
    micros: int
    nano: int
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A pool after some moves, and what it became worth beyond what these moves said."""

    pool: Pool
    revaluation: int


def settled(method: str, before: Pool, flows: Sequence[Flow]) -> Settled:
    """Let moves pass through a pool, in their order. after.nano = before.nano + sum of flows + revaluation, always."""
    after = _by_layers(before, flows) if method == FIFO else _by_average(before, flows)
    return Settled(after, after.nano - before.nano - sum(flow.nano for flow in flows))


def average_micros(kept: int, old: int, arrived: int, new: int) -> int:
    """Give the mean of two unit costs, weighted by quantity; what is below zero has no weight."""
    kept = max(kept, 0)
    return old if kept + arrived <= 0 else mul_div(kept * old + arrived * new, 1, kept + arrived)


def _by_average(before: Pool, flows: Sequence[Flow]) -> Pool:
    milli, micros = before.milli, before.micros
    if before.layers and milli > 0:  # until now by layers: from here on each piece costs the mean of what is there
        micros = max(mul_div(before.nano, 1, milli), 0)
    for flow in flows:
        if flow.milli > 0:
            micros = average_micros(milli, micros, flow.milli, flow.micros)
        milli += flow.milli
    return Pool(milli, micros, milli * micros)


def _by_layers(before: Pool, flows: Sequence[Flow]) -> Pool:
    layers = opened(before)
    last = before.micros
    for flow in flows:
        layers, last = _taken(layers, flow, last) if flow.milli < 0 else (_laid(layers, flow), last)
    milli, nano = sum(layer.milli for layer in layers), sum(layer.nano for layer in layers)
    return Pool(milli, next_cost(layers, last), nano, tuple(layers))


def opened(before: Pool) -> list[Layer]:
    """Give a pool's layers; what they don't account for is one layer more, the oldest, at the pool's unit cost."""
    missing = before.milli - sum(layer.milli for layer in before.layers)
    layers = list(before.layers)
    if not missing:
        return layers
    if any(layer.milli * missing < 0 for layer in layers):  # layers that can't be the pool's: begin anew
        return [Layer(before.milli, before.micros)] if before.milli else []
    return [Layer(missing, before.micros), *layers]


def next_cost(layers: Sequence[Layer], last: int) -> int:
    """Give what the next piece costs: the oldest layer's cost, or the last one known where nothing is there."""
    return layers[0].micros if layers and layers[0].milli > 0 else last


def _laid(layers: list[Layer], flow: Flow) -> list[Layer]:
    """Put arrived goods on top; they first make up for what had left before."""
    left, rest = flow.milli, []
    for layer in layers:
        made_up = min(left, max(-layer.milli, 0))
        left -= made_up
        if layer.milli + made_up:
            rest.append(replace(layer, milli=layer.milli + made_up))
    return [*rest, Layer(left, flow.micros, flow.move)] if left else rest


def _taken(layers: list[Layer], flow: Flow, last: int) -> tuple[list[Layer], int]:
    """Take goods from the oldest layers; what isn't there is owed, at the cost that was recorded."""
    wanted, rest = -flow.milli, []
    for layer in layers:
        taken = min(wanted, max(layer.milli, 0))
        wanted -= taken
        last = layer.micros if taken else last
        if layer.milli - taken:
            rest.append(replace(layer, milli=layer.milli - taken))
    return [*rest, Layer(-wanted, flow.micros, flow.move)] if wanted else rest, last


def taken_cost(pool: Pool, milli: int) -> int:
    """Give the mean unit cost, in micros, of the goods that leave next; those that aren't there cost the next cost."""
    if milli <= 0 or not pool.layers:
        return pool.micros
    wanted, nano = milli, 0
    for layer in pool.layers:
        taken = min(wanted, max(layer.milli, 0))
        nano += taken * layer.micros
        wanted -= taken
    return mul_div(nano + wanted * pool.micros, 1, milli)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a corrected cost of a receipt changes, in nano: what is still here, and what is gone already."""

    here: int
    gone: int


def corrected(received: int, still_here: int, old: int, new: int) -> Correction:
    """Split the difference between two unit costs of a receipt: `still_here` milli of `received` are not sold yet."""
    here = min(max(still_here, 0), received)
    return Correction(here * (new - old), (received - here) * (new - old))


def rounded(amounts: Sequence[int]) -> list[int]:
    """Round amounts in nano to minor units so that their sum is the rounded sum."""
    heights = [mul_div(total, 1, NANO) for total in accumulate(amounts)]
    return [here - before for here, before in zip(heights, [0, *heights], strict=False)]
