"""How a sale is taxed on its day: dated rates, parts of a tax, other ways to tax, who is exempt; pure.

docs/algorithms/taxes.md. A till says which way and which exemption; what they mean is looked up, never taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from retail.catalog.taxes.rules import MILLION, Exemption, Part, PartTotal, parts_at, rate_at, split
from retail.kit.money import mul_div
from retail.sales.documents import SaleIn
from retail.sales.remarks import Remark


@dataclass(frozen=True, slots=True)
class TaxClass:
    """A kind of tax; what has no product falls under one of them."""

    code: str
    rate_micros: int


@dataclass(frozen=True, slots=True)
class Taxing:
    """What is known of taxes beside each product's class: rates by class and day, and parts by class.

    `parts_by_day` has the parts of each dated rate, () of one without; they go before `parts`, the class's own. Of the
    ways to tax (class -> class that it is taxed as) and of the exemptions only those that the sales name.
    """

    rates: Mapping[str, Sequence[tuple[date, int]]] = field(default_factory=dict)
    parts: Mapping[str, Sequence[Part]] = field(default_factory=dict)
    positions: Mapping[UUID, Mapping[str, TaxClass]] = field(default_factory=dict)
    exemptions: Mapping[UUID, Exemption] = field(default_factory=dict)
    parts_by_day: Mapping[str, Sequence[tuple[date, Sequence[Part]]]] = field(default_factory=dict)

    def way(self, sale: SaleIn, day: date) -> Way:
        """Give the way in which a sale of a day is taxed, with what is off about it."""
        remarks = []
        position = sale.fiscal_position if sale.fiscal_position in self.positions else None
        if sale.fiscal_position is not None and position is None:
            remarks.append(Remark("unknown_taxing", {"position": str(sale.fiscal_position)}))
        exemption = self.exemptions.get(sale.exemption) if sale.exemption else None
        holds = exemption is not None and exemption.holds(sale.customer, day)
        if sale.exemption is not None and not holds:
            remarks.append(Remark("exemption_refused", {"exemption": str(sale.exemption)}))
        mapping = self.positions[position] if position else {}
        return Way(self.rates, day, mapping, position, exemption if holds else None, tuple(remarks))

    def split(self, code: str, tax: int, day: date) -> tuple[PartTotal, ...]:
        """Share the tax of a class over its parts on a day; () where it has none, or nothing was taxed."""
        parts = parts_at(self.parts_by_day.get(code, ()), day, self.parts.get(code, ()))
        return tuple(split(tax, parts)) if parts and tax else ()


@dataclass(frozen=True, slots=True)
class Way:
    """How one sale is taxed. `position` and `exemption` are those that hold."""

    rates: Mapping[str, Sequence[tuple[date, int]]]
    day: date
    mapping: Mapping[str, TaxClass]
    position: UUID | None
    exemption: Exemption | None
    remarks: tuple[Remark, ...]

    def tax(self, own: TaxClass) -> TaxClass:
        """Give what a product of a class is taxed as: mapped, at the day's rate; at none for who is exempt."""
        taxed = self.mapping.get(own.code, own)
        if self.exemption is not None and self.exemption.tax_class in {None, taxed.code}:
            return TaxClass(taxed.code, 0)
        history = self.rates.get(taxed.code)
        return TaxClass(taxed.code, rate_at(history, self.day, taxed.rate_micros)) if history else taxed

    def price(self, listed: int, own: TaxClass, *, prices_include_tax: bool) -> int:
        """Give what one costs here: an exempt customer pays the price without the tax that stands in it."""
        if self.exemption is None or not prices_include_tax or self.tax(own).rate_micros:
            return listed
        taxed = self.mapping.get(own.code, own)
        rate = rate_at(self.rates.get(taxed.code, ()), self.day, taxed.rate_micros)
        return mul_div(listed, MILLION, MILLION + rate)


PLAIN: Final = Taxing()
