"""What happens at a virtual till, one record after the other: drawn from the seed and from what is on its disk already.

A till that was killed goes on where its disk ends, and draws what it would have drawn.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.chaos.paper import FIRST, Disk, Entry, new_id

FLOAT = 10_000
_REASONS = ("Change for the market stall", "Wrong drawer — looked twice", "Käse & Brot")


@dataclass(frozen=True)
class Goods:
    """An article: price in minor units for one piece or one kilogram."""

    id: str
    price: int
    weighed: bool


@dataclass(frozen=True)
class Wanted:
    """What a till shall do: so many sales in so many shifts, the last of them closed or left open."""

    till: str
    cashier: str
    seed: str
    sales: int
    shifts: int
    closes: bool
    goods: Sequence[Goods]


@dataclass(frozen=True)
class Happening:
    """What the next record says."""

    kind: str
    id: str
    payload: dict[str, Any]


def at_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def amount(milli: int, price: int) -> int:
    """Give what a quantity costs, half a cent rounded up."""
    return (milli * price * 2 + 1000) // 2000


def milli_of(quantity: str) -> int:
    """Read a quantity, such as 0.762, in thousandths."""
    whole, _, part = quantity.partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])


def cash_of(sale: dict[str, Any]) -> int:
    """Give what a sale brought into the drawer."""
    return sum(one["amount"] - one.get("change", 0) for one in sale["tenders"] if one["type"] == "cash")


class Counter:
    """The state of a till as its disk tells it, and what comes next."""

    def __init__(self, wanted: Wanted, disk: Disk) -> None:
        self.wanted, self.disk = wanted, disk
        self.shift = ""
        self.shifts = self.sold = self.sold_here = self.cash = 0
        self.counted: int | None = None
        for entry in disk.entries:
            self._saw(entry)

    def _saw(self, entry: Entry) -> None:
        said = entry.document
        match entry.kind:
            case "shift_opened":
                self.shift, self.cash, self.sold_here = entry.id, said["opening_float"], 0
                self.shifts += 1
            case "sale":
                self.sold, self.sold_here = self.sold + 1, self.sold_here + 1
                self.cash += cash_of(said)
            case "cash_moved":
                self.cash += said["amount"] if said["kind"] == "pay_in" else -said["amount"]
            case "shift_counted":
                self.counted = said["counted"]
            case "shift_closed":
                self.shift, self.counted = "", None

    def write(self, entry: Entry) -> None:
        """Put a record on the disk; when this returns it has happened."""
        self.disk.append(entry)
        self._saw(entry)

    def next(self) -> Happening | None:
        """Tell what happens next; None where the day is over."""
        wanted, chance = self.wanted, random.Random(f"{self.wanted.seed}:{len(self.disk.entries)}")
        over = self.sold >= wanted.sales
        if not self.shift:
            return None if over else self._opening()
        last = self.shifts >= wanted.shifts
        if self.counted is not None:
            return self._said("shift_closed", self.shift, counted=self.counted, left=0)
        if over and last and not wanted.closes:
            return None
        if over or (not last and self.sold_here >= -(-wanted.sales // wanted.shifts)):
            off = chance.choice((0, 0, 0, -50, 20))
            return self._said("shift_counted", new_id(), shift=self.shift, counted=self.cash + off)
        if chance.random() < 0.06:
            return self._beside(chance)
        return self._sale(chance)

    def _said(self, kind: str, id: str, /, **payload: Any) -> Happening:
        return Happening(kind, id, {"id": id, **payload, "cashier": self.wanted.cashier})

    def _opening(self) -> Happening:
        return self._said("shift_opened", new_id(), till=self.wanted.till, opening_float=FLOAT)

    def _beside(self, chance: random.Random) -> Happening:
        reason = chance.choice(_REASONS)
        if chance.random() < 0.5:
            return self._said("drawer_opened", new_id(), shift=self.shift, reason=reason)
        kind = chance.choice(("pay_in", "drop"))
        return self._said(
            "cash_moved", new_id(), shift=self.shift, kind=kind, amount=chance.randint(100, 900), reason=reason
        )

    def _sale(self, chance: random.Random) -> Happening:
        lines = [self._line(chance) for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5)))]
        total = sum(amount(milli_of(line["quantity"]), line["unit_price"]) for line in lines)
        return self._said(
            "sale", new_id(), till=self.wanted.till, shift=self.shift, number=self.sold + 1, occurred_at=at_now(),
            customer=None, lines=lines, tenders=_tenders(chance, total), total=total,
        )  # fmt: skip

    def _line(self, chance: random.Random) -> dict[str, Any]:
        goods = chance.choice(self.wanted.goods)
        quantity = f"0.{chance.randint(100, 999)}" if goods.weighed else str(chance.choice((1, 1, 1, 2, 3)))
        return {
            "id": new_id(), "product": goods.id, "quantity": quantity, "unit_price": goods.price, "discount": 0,
        }  # fmt: skip


def _tenders(chance: random.Random, total: int) -> list[dict[str, Any]]:
    way = chance.choice(("exact", "change", "change", "card", "both"))
    if way == "change":
        given = -(-total // 500) * 500
        return [{"type": "cash", "amount": given, "change": given - total}]
    if way == "card":
        return [{"type": "card", "amount": total, "change": 0}]
    if way == "both" and total > 1:
        half = chance.randint(1, total - 1)
        return [{"type": "card", "amount": half, "change": 0}, {"type": "cash", "amount": total - half, "change": 0}]
    return [{"type": "cash", "amount": total, "change": 0}]


def draft(disk: Disk, happening: Happening) -> Entry:
    """Write a happening as the disk's next record; it still lacks hash and signature."""
    before = disk.entries[-1] if disk.entries else None
    text = json.dumps(happening.payload, ensure_ascii=False, separators=(",", ":"))
    seq, prev = (before.seq + 1, before.hash) if before else (1, FIRST)
    return Entry(seq, happening.kind, happening.id, at_now(), text, prev)
