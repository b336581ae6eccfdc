"""The demo's drawers: opened with a float, relieved of notes in the afternoon, counted in the evening.

The rows are what the operations of retail.cash write, for many shifts in a statement instead of one at a time.
"""

from __future__ import annotations

import json
import random
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from retail.cash.rules import (
    CashMove,
    Shift,
    Takings,
    closing_postings,
    counted_from,
    float_postings,
    move_postings,
    report_of,
)
from retail.demo.premises import Shop
from retail.ledger import Entry, Posting, post
from retail.runtime.db import Tx
from retail.runtime.tenancy import Actor
from retail.sales.assess import net
from retail.sales.documents import StoredSale
from retail.sales.oddities import CASH
from retail.sales.past import id_at, in_the_past

FLOAT_MINOR: Final = 15_000
_MOST_MINOR: Final = 30_000
_STEP_MINOR: Final = 5_000
_DENOMINATIONS: Final = (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
_VARIANCES: Final = (5, 10, 20, 50, 100, 200, 500, 1_000)
_ERRANDS: Final = (("Window cleaner", 2_500), ("Parcel tape", 690), ("Flowers for the counter", 1_250))


@dataclass(slots=True)
class Drawer:
    """One till's shift of a day: its sales, and the cash that moved without one. `closes` is None while it is open."""

    shop: Shop
    shift: Shift
    cashier: Actor
    closes: datetime | None
    sales: list[StoredSale] = field(default_factory=list)
    moves: list[CashMove] = field(default_factory=list)
    counted: int = 0

    def relieve(self, at: datetime, chance: random.Random) -> None:
        """Bring the notes to the safe where too many gathered, and now and then pay for an errand."""
        held = FLOAT_MINOR + _cash([sale for sale in self.sales if sale.occurred_at < at])
        if held > _MOST_MINOR:
            amount = (held - FLOAT_MINOR) // _STEP_MINOR * _STEP_MINOR
            self.moves.append(self._move("drop", amount, "Notes to the safe", at, chance))
        elif held > FLOAT_MINOR and chance.random() < 0.03:
            errand, amount = chance.choice(_ERRANDS)
            self.moves.append(self._move("pay_out", amount, errand, at, chance))

    def count(self, chance: random.Random) -> None:
        """Count the drawer: mostly right, at times off by a coin or two."""
        off = 0 if chance.random() < 0.8 else chance.choice(_VARIANCES) * chance.choice((-1, -1, 1))
        self.counted = max(0, self.expected + off)

    @property
    def expected(self) -> int:
        """What should be in the drawer."""
        return int(report_of(self.shift, self.takings, self._sums(), 0)["expected"])

    @property
    def takings(self) -> Takings:
        """What the shift sold and took, as retail.sales.closing adds it up."""
        sold = [sale for sale in self.sales if sale.kind == "sale"]
        back = [sale for sale in self.sales if sale.kind == "return"]
        by_tender: Tally[str] = Tally()
        taxes: dict[tuple[str, int], list[int]] = {}
        for sale in self.sales:
            for tender in sale.tenders:
                by_tender[tender.type] += tender.net
            for tax in sale.taxes:
                sums = taxes.setdefault((tax.code, tax.rate_micros), [0, 0])
                sums[0] += tax.base
                sums[1] += tax.tax
        return Takings(
            len(sold),
            len(back),
            sum(sale.total for sale in self.sales),
            sum(sale.tax for sale in self.sales),
            min((sale.number for sale in sold), default=None),
            max((sale.number for sale in sold), default=None),
            by_tender[CASH],
            dict(sorted(by_tender.items())),
            -sum(sale.total for sale in back),
            sum(sale.cash_rounding for sale in self.sales),
            [
                {"code": code, "rate_micros": rate, "base": base, "tax": tax}
                for (code, rate), (base, tax) in sorted(taxes.items(), key=lambda one: (-one[0][1], one[0][0]))
            ],
            sum(sale.discount for sale in self.sales),
        )

    def entries(self, currency: str, chance: random.Random) -> list[Entry]:
        """Give the entries of float, cash moves and count; what changes nothing leaves none."""
        made = [("shift_opened", self.shift.id, self.shift.opened_at, "Float", float_postings(FLOAT_MINOR))]
        made += [
            (f"cash_{one.kind}", one.id, one.occurred_at, one.reason, move_postings(one.kind, one.amount_minor))
            for one in self.moves
        ]
        if self.closes:
            made.append(
                ("shift_closed", self.shift.id, self.closes, "Count", closing_postings(self.expected, self.counted))
            )
        return [
            Entry(
                id_at(at, chance.getrandbits(74)),
                self.shop.id,
                kind,
                source,
                at,
                self.shift.business_date,
                currency,
                memo,
                postings,
            )
            for kind, source, at, memo, postings in made
            if any(posting.amount_minor for posting in postings)
        ]

    def report(self) -> dict[str, Any]:
        """Write the Z report."""
        report = report_of(self.shift, self.takings, self._sums(), 0)
        closed = self.closes.isoformat() if self.closes else None
        variance = self.counted - report["expected"]
        return report | {
            "counted": self.counted, "variance": variance, "closed_at": closed, "closed_by": self.cashier.name,
        }  # fmt: skip

    def _sums(self) -> dict[str, int]:
        sums: Tally[str] = Tally()
        for move in self.moves:
            sums[move.kind] += move.amount_minor
        return dict(sums)

    def _move(self, kind: str, amount: int, reason: str, at: datetime, chance: random.Random) -> CashMove:
        return CashMove(id_at(at, chance.getrandbits(74)), self.shift.id, kind, amount, reason, self.cashier.name, at)


def pieces(amount: int) -> dict[str, int]:
    """Lay an amount out in notes and coins, the largest first."""
    laid: dict[str, int] = {}
    for value in _DENOMINATIONS:
        number, amount = divmod(amount, value)
        if number:
            laid[str(value)] = number
    if counted_from(laid) + amount != counted_from(laid):
        raise ValueError("a euro amount always comes down to cents")
    return laid


async def store_shifts(tx: Tx, drawers: Sequence[Drawer]) -> None:
    """Write the shifts, closed where they are; sales may refer to them then."""
    await tx.execute(
        """INSERT INTO shift (tenant_id, id, store_id, till_id, number, business_date, opened_at, opened_by,
                              opened_by_name, opening_float_minor, closed_at)
           SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::date[], $7::timestamptz[],
                                    $8::uuid[], $9::text[], $10::bigint[], $11::timestamptz[])""",
        tx.tenant,
        *_columns(
            [
                (
                    one.shift.id,
                    one.shop.id,
                    one.shift.till,
                    one.shift.number,
                    one.shift.business_date,
                    one.shift.opened_at,
                    one.cashier.id,
                    one.cashier.name,
                    FLOAT_MINOR,
                    one.closes,
                )
                for one in drawers
            ],
            10,
        ),
    )


async def store_cash(tx: Tx, drawers: Sequence[Drawer], currency: str, chance: random.Random) -> None:
    """Write cash moves and Z reports, and post floats, moves and counts."""
    await tx.execute(
        """INSERT INTO cash_move (tenant_id, id, shift_id, kind, amount_minor, reason, actor_id, actor_name,
                                  occurred_at, created_at)
           SELECT $1, u.*, u.at FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::uuid[],
                                            $8::text[], $9::timestamptz[])
                  AS u (id, shift, kind, amount, reason, actor, name, at)""",
        tx.tenant,
        *_columns(
            [
                (
                    move.id,
                    move.shift,
                    move.kind,
                    move.amount_minor,
                    move.reason,
                    one.cashier.id,
                    move.actor_name,
                    move.occurred_at,
                )
                for one in drawers
                for move in one.moves
            ],
            8,
        ),
    )
    await tx.execute(
        """INSERT INTO z_report (tenant_id, shift_id, counted_minor, expected_minor, variance_minor, denominations,
                                 report, closed_at, closed_by, closed_by_name)
           SELECT $1, u.shift, u.counted, u.expected, u.counted - u.expected, u.pieces::jsonb, u.report::jsonb, u.at,
                  u.person, u.name
             FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[], $8::uuid[],
                         $9::text[]) AS u (shift, counted, expected, pieces, report, at, person, name)""",
        tx.tenant,
        *_columns(
            [
                (
                    one.shift.id,
                    one.counted,
                    one.expected,
                    json.dumps(pieces(one.counted)),
                    json.dumps(one.report()),
                    one.closes,
                    one.cashier.id,
                    one.cashier.name,
                )
                for one in drawers
                if one.closes
            ],
            8,
        ),
    )
    await post(tx, [entry for one in drawers for entry in one.entries(currency, chance)])


async def fill_safe(tx: Tx, shop: Shop, amount: int, at: datetime, currency: str, chance: random.Random) -> None:  # noqa: PLR0917
    """Put the owner's money into a store's safe before the first day."""
    id = id_at(at, chance.getrandbits(74))
    postings = (Posting("safe", amount), Posting("opening", -amount))
    quiet = in_the_past(tx, tx.actor, at)
    await post(quiet, [Entry(id, shop.id, "opening", id, at, at.date(), currency, "Owner's money", postings)])


def _cash(sales: Sequence[StoredSale]) -> int:
    return sum(net([tender for tender in sale.tenders if tender.type == CASH]) for sale in sales)


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
