"""Reading a return as a till's journal tells it: what came back, of which sale, and how it was paid out.

A line says twice what it is: which sold line it is of, and what it was worth by itself. So goods of a sale that nobody
here knows, and goods without a receipt, are worked out like a sale that runs backwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.approval_rules import Act, ActLine
from retail.kit.cards import without_cards
from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.sales.documents import ProofIn, ReturnIn, SaleIn, TenderIn
from retail.sales.line_reading import distinct, read_line, read_tender
from retail.sales.members import Reader, clean
from retail.sales.reading import MAX_LINES, MAX_OWN_NUMBER, MAX_TENDERS, body_hash, read_proofs
from retail.stock.rules import NOTHING_NAMED

REASON_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class TillReturn:
    """A return that has happened at a till.

    `goods` are its lines as if they were sold, their ids those of the sold lines where `sale` is named; `before` how
    much of each the till took to be back already (thousandths); `wasted` the lines that can't be sold again;
    `tenders` what was paid out, above zero, `customers` whose store credit each is, by place; `total` and
    `cash_rounding` as the till worked them out, above zero where money went out.
    """

    goods: SaleIn
    sale: UUID | None
    before: Mapping[UUID, int]
    wasted: frozenset[UUID]
    tenders: tuple[TenderIn, ...]
    total: int
    cash_rounding: int
    reason: str
    exchange: UUID | None
    proofs: tuple[ProofIn, ...]

    @property
    def id(self) -> UUID:
        """Name the return."""
        return self.goods.id

    @property
    def quantities(self) -> Mapping[UUID, int]:
        """Say how much of each line came back, in thousandths."""
        return {line.id: line.quantity_milli for line in self.goods.lines}

    @property
    def act(self) -> Act:
        """Give it as approvals see it: which lines, how much of each."""
        return Act(self.id, 0, [ActLine(line.id, None, line.quantity_milli, 0) for line in self.goods.lines])

    @property
    def plain(self) -> ReturnIn:
        """Give it as a return that is worked out from its receipt."""
        named = {line.id: line.named for line in self.goods.lines if line.named is not NOTHING_NAMED}
        return ReturnIn(
            self.id, self.goods.till, self.goods.shift, self.quantities, (), self.goods.body_hash, None, named
        )


def read_till_return(read: Reader, till: UUID, at: datetime) -> TillReturn:
    """Read a journal's return; its figures are bounded, its words cut. Raises Invalid for what is none."""
    lines = distinct(read.items("lines", read_line, MAX_LINES, least=1))
    given = [one if isinstance(one, dict) else {} for one in read.of["lines"]] if not read.errors else []
    told = {line.id: one for line, one in zip(lines, given, strict=False)}
    total = read.whole("total", 0, MAX_MINOR)
    rounding = read.amount("cash_rounding")
    tenders = tuple(read.items("tenders", _paid_out, MAX_TENDERS)) if read.of.get("tenders") is not None else ()
    goods = SaleIn(
        read.uuid("id"), till, read.optional_uuid("shift"), read.whole("number", 1, MAX_OWN_NUMBER), at,
        read.customer("customer"), tuple(replace(line, offers=()) for line in lines), (TenderIn("card", total),),
        total, 0, body_hash(read.of),
    )  # fmt: skip
    found = TillReturn(
        goods,
        read.optional_uuid("sale"),
        {id: _before(one) for id, one in told.items()},
        frozenset(id for id, one in told.items() if one.get("condition") == "waste"),
        tenders,
        total,
        rounding,
        _reason(read.of.get("reason")),
        read.optional_uuid("exchange"),
        read_proofs(read.of),
    )
    read.check()
    return found


def _paid_out(read: Reader) -> TenderIn:
    paid = read_tender(read)
    if paid.amount <= 0 or paid.change:
        read.wrong("amount", _("What is paid out is above zero, and no change comes back of it."))
    return replace(paid, tip=0, foreign=None)


def _before(line: Mapping[str, object]) -> int:
    given = line.get("returned_before_milli")
    return given if type(given) is int and 0 <= given <= MAX_MINOR else 0


def _reason(given: object) -> str:
    """Keep why, in the shop's words: a return without a reason is one all the same."""
    return without_cards(clean(given).strip())[:REASON_MOST] if isinstance(given, str) else ""
