"""Rates with dates, taxes made of parts, who need not pay them, and how a sale is taxed elsewhere; pure.

docs/algorithms/taxes.md. Rates are millionths (70000 is 7 %), amounts whole minor units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final
from uuid import UUID

from retail.kit.money import allocate

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a tax: its name on paper, its rate, and whether the parts before it are taxed as well (compound)."""

    name: str
    rate_micros: int
    compound: bool = False


@dataclass(frozen=True, slots=True)
class PartTotal:
    """What a part of a tax came to on a document."""

    name: str
    rate_micros: int
    tax: int


@dataclass(frozen=True, slots=True)
class Exemption:
    """A customer who need not pay a tax class, or none (`tax_class` None), from a day to a day (both inside)."""

    id: UUID
    customer: str
    tax_class: str | None
    starts_on: date
    ends_on: date | None

    def holds(self, customer: str, day: date) -> bool:
        """Tell whether it holds for a customer on a day."""
        return self.customer == customer and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def effective_parts(parts: Sequence[Part]) -> list[Fraction]:
    """Give what each part takes of the price without tax; a compound part also takes of the parts before it."""
    taken: list[Fraction] = []
    for part in parts:
        base = 1 + sum(taken) if part.compound else Fraction(1)
        taken.append(Fraction(part.rate_micros, MILLION) * base)
    return taken


def whole_rate(parts: Sequence[Part]) -> int:
    """Give the rate of all parts together, to the millionth, halves up."""
    exact = sum(effective_parts(parts), Fraction(0)) * MILLION
    return int((2 * exact.numerator + exact.denominator) // (2 * exact.denominator))


def split(tax: int, parts: Sequence[Part]) -> list[PartTotal]:
    """Share a document's tax of one class over its parts: largest remainder, so that they add up to it exactly."""
    exact = effective_parts(parts)
    together = 1
    for share in exact:
        together = together * share.denominator
    weights = [int(share * together) for share in exact]
    shares = allocate(tax, weights) if any(weights) else [0] * len(parts)
    return [PartTotal(part.name, part.rate_micros, share) for part, share in zip(parts, shares, strict=True)]


def returned(sold: Sequence[PartTotal], back_before: Sequence[int], tax: int) -> list[PartTotal]:
    """Share the tax of a return over the parts of the sale's tax: what comes back in all is what was sold.

    `back_before` is what earlier returns gave back of each part, `tax` what this one does; both at or below zero.
    """
    weights = [abs(part.tax) for part in sold]
    all_back = allocate(sum(back_before) + tax, weights) if any(weights) else [0] * len(sold)
    return [
        PartTotal(part.name, part.rate_micros, now - before)
        for part, now, before in zip(sold, all_back, back_before, strict=True)
    ]


def rate_at(history: Sequence[tuple[date, int]], day: date, otherwise: int) -> int:
    """Give the rate that holds on a day on the store's calendar; `otherwise` before the first dated one."""
    return next((rate for begins, rate in reversed(history) if begins <= day), otherwise)


def parts_at(history: Sequence[tuple[date, Sequence[Part]]], day: date, otherwise: Sequence[Part]) -> Sequence[Part]:
    """Give the parts of the rate that holds on a day of the store's; `otherwise` before the first dated one."""
    return next((parts for begins, parts in reversed(history) if begins <= day), otherwise)


def exempt_classes(exemptions: Sequence[Exemption], customer: str, day: date) -> frozenset[str | None]:
    """Give the classes that a customer need not pay on a day; None among them stands for all."""
    return frozenset(one.tax_class for one in exemptions if one.holds(customer, day))


def mapped(mapping: Mapping[str, str], code: str) -> str:
    """Give the class that a fiscal position taxes a class as; its own where the position says nothing of it."""
    return mapping.get(code, code)
