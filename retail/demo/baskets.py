"""What the demo's customers put into their baskets, how they pay, and what they bring back; pure but for its chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from retail.demo.premises import CUTOFF_HOUR, TIMEZONE, Premises, Shop
from retail.demo.shelves import KILO_MILLI, Shelves
from retail.kit.money import mul_div
from retail.kit.quantity import MILLI
from retail.runtime.tenancy import Actor
from retail.sales import refund
from retail.sales.assess import Seller, Terms, assess
from retail.sales.documents import ReturnIn, SaleIn, SaleLineIn, StoredSale, TenderIn
from retail.sales.oddities import CASH
from retail.sales.past import id_at, part_of

_SIZES: Final = tuple(range(1, 13))
_SIZE_WEIGHTS: Final = (24, 20, 15, 11, 9, 7, 5, 3.5, 2.5, 1.5, 1, 0.5)
USUAL_SIZE: Final = sum(size * weight for size, weight in zip(_SIZES, _SIZE_WEIGHTS, strict=True)) / sum(_SIZE_WEIGHTS)
_QUANTITIES: Final = (1, 2, 3, 4, 6)
_QUANTITY_WEIGHTS: Final = (82, 13, 3, 1, 1)
_NOTES: Final = (500, 1_000, 2_000, 5_000, 10_000)
_DISCOUNTED: Final = 0.03


@dataclass(frozen=True, slots=True)
class Counter:
    """Where and by whom a sale is rung up."""

    shop: Shop
    till: UUID
    shift: UUID
    cashier: Actor


@dataclass(slots=True)
class Customers:
    """The people who come into one store."""

    premises: Premises
    shelves: Shelves
    chance: random.Random

    def buy(
        self, counter: Counter, number: int, at: datetime, weights: Sequence[float], *, haggled: bool = False
    ) -> StoredSale | None:
        """Fill a basket from the shelves and pay for it; None where nothing that was wanted is there.

        Where somebody `haggled` the clerk typed another price, and a remark says so.
        """
        id = id_at(at, self.chance.getrandbits(74))
        lines = self._fill(id, weights)
        if not lines:
            return None
        if haggled:
            cheaper = replace(lines[0], unit_price=mul_div(lines[0].unit_price, 9, 10), discount=0)
            lines = (cheaper, *lines[1:])
        tenant = self.premises.tenant
        total = sum(mul_div(line.quantity_milli, line.unit_price, MILLI) - line.discount for line in lines)
        given = SaleIn(
            id,
            counter.till,
            counter.shift,
            number,
            at,
            "",
            lines,
            self._pay(total),
            total,
            0,
            sha256(id.bytes).digest(),
        )
        stored = assess(
            given,
            counter.shop.spot,
            self.premises.wares,
            tax_classes=(),
            terms=Terms(tenant.currency, tenant.prices_include_tax, tenant.cash_unit_minor),
            seller=Seller(counter.cashier.id, counter.cashier.name, at),
        )
        return stored if haggled else replace(stored, remarks=())

    def bring_back(self, counter: Counter, number: int, at: datetime, sold: StoredSale) -> StoredSale:
        """Bring one line of a sale back, all of it; paid out as it was paid."""
        line = self.chance.choice(sold.lines)
        priced = refund.work_out(sold, {}, {line.id: line.quantity_milli})
        cash = all(tender.type == CASH for tender in sold.tenders)
        paid = () if cash else (TenderIn(sold.tenders[0].type, -priced.total),)
        id = id_at(at, self.chance.getrandbits(74))
        back = ReturnIn(
            id, counter.till, counter.shift, {line.id: line.quantity_milli}, paid, sha256(id.bytes).digest()
        )
        desk = refund.Desk(
            counter.till, counter.shop.id, TIMEZONE, CUTOFF_HOUR, self.premises.tenant.cash_unit_minor, counter.shift
        )
        self.shelves.on_hand[self.premises.ids.index(line.product)] += line.quantity_milli if line.product else 0
        seller = Seller(counter.cashier.id, counter.cashier.name, at)
        return refund.document(refund.Refund(back, sold, {}, priced, 0), desk, number, seller)

    def _fill(self, sale: UUID, weights: Sequence[float]) -> tuple[SaleLineIn, ...]:
        size = self.chance.choices(_SIZES, _SIZE_WEIGHTS)[0]
        wanted = dict.fromkeys(self.chance.choices(range(len(weights)), cum_weights=weights, k=size))
        lines = []
        for place in wanted:
            one = self.premises.articles[place]
            if one.unit == "each":
                milli = MILLI * self.chance.choices(_QUANTITIES, _QUANTITY_WEIGHTS)[0]
            else:
                milli = round(self.chance.triangular(90, 1_900, KILO_MILLI / 2))
            if milli > self.shelves.on_hand[place]:
                continue
            self.shelves.on_hand[place] -= milli
            discount = 0
            if self.chance.random() < _DISCOUNTED:
                off = self.chance.choice((10, 20, 30))
                discount = mul_div(mul_div(milli, one.price_minor, MILLI), off, 100)
            lines.append(
                SaleLineIn(part_of(sale, place + 1), self.premises.ids[place], milli, one.price_minor, discount)
            )
        return tuple(lines)

    def _pay(self, total: int) -> tuple[TenderIn, ...]:
        """Pay by card, more often the more it is, or in cash: exactly, or with the next notes."""
        if self.chance.random() < (0.42 if total < 1_000 else 0.68):
            return (TenderIn("card", total, 0, f"{self.chance.randrange(10**6):06d}"),)
        if self.chance.random() < 0.3:
            return (TenderIn(CASH, total),)
        note = self.chance.choice(_NOTES[:3] if total < 2_000 else _NOTES[2:])
        handed = -(-total // note) * note
        return (TenderIn(CASH, handed, handed - total),)
