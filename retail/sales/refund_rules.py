"""What a business allows for goods that come back, and how a return is worked out that others got before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.sales.documents import StoredSale, TenderIn
from retail.sales.oddities import CASH, EXCHANGE
from retail.sales.refund import work_out
from retail.sales.remarks import Remark
from retail.sales.rules import Priced

STORE_CREDIT: Final = "store_credit"

# Notes of another currency go back in the own one; goods in exchange were worth what was paid for them.
_IN_CASH: Final = """
SELECT coalesce(sum(t.amount_minor - t.change_minor) FILTER (WHERE s.id = $2
                  AND t.type IN ('cash', 'foreign_cash', 'exchange', 'down_payment')), 0)::bigint AS paid,
       coalesce(-sum(t.amount_minor - t.change_minor) FILTER (WHERE s.original_id = $2
                  AND t.type = 'cash'), 0)::bigint AS back
  FROM sale s JOIN tender t ON t.tenant_id = $1 AND t.sale_id = s.id
 WHERE s.tenant_id = $1 AND (s.id = $2 OR s.original_id = $2)
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether goods come back without a receipt ("no", "store_credit", "approval"), and what may go out in cash."""

    without_receipt: str
    any_in_cash: bool

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Policy:
        """Read it off a store's settings."""
        return cls(str(settings["returns_without_receipt"]), settings["refunds_in_cash"] == "any")

    @property
    def approval(self) -> bool:
        """Claim that goods without a receipt need somebody's approval."""
        return self.without_receipt == "approval"

    def allows(self, tenders: Sequence[TenderIn]) -> bool:
        """Claim that goods without a receipt may be paid for so."""
        if self.without_receipt == "no":
            return False
        return self.approval or all(one.type in {STORE_CREDIT, EXCHANGE} for one in tenders)


def over_returned(sold: StoredSale, standing: Mapping[UUID, int], wanted: Mapping[UUID, int]) -> list[UUID]:
    """Name the lines of which more would be back than was sold, or that the sale doesn't have; thousandths."""
    lines = {line.id: line.quantity_milli for line in sold.lines}
    return [id for id, milli in wanted.items() if standing.get(id, 0) + milli > lines.get(id, 0)]


def priced_as_believed(
    sold: StoredSale, standing: Mapping[UUID, int], wanted: Mapping[UUID, int], before: Mapping[UUID, int]
) -> tuple[dict[UUID, int], Priced]:
    """Work a return out from what is back; where that leaves too little, from what the till took to be back.

    Gives the standing that was used, in thousandths. The lines are on the sale and no line is wanted beyond it.
    """
    lines = {line.id: line.quantity_milli for line in sold.lines}
    used = dict(standing)
    for id, milli in wanted.items():
        most = lines[id] - milli
        if used.get(id, 0) > most:
            used[id] = min(before.get(id, 0), most)
    return used, work_out(sold, used, wanted)


async def cash_beyond(read: Read, made: StoredSale, policy: Policy, *, alone: bool = False) -> list[Remark]:
    """Remark where more went back in cash than was paid so, and the business doesn't allow that.

    `alone` leaves out what went back before: of goods that came back twice another remark says that already.
    """
    cash = -sum(one.net for one in made.tenders if one.type == CASH)
    if policy.any_in_cash or cash <= 0 or made.original is None:
        return []
    row = await read.fetchrow(_IN_CASH, read.tenant, made.original)
    due = max(row["paid"] - (0 if alone else row["back"]), 0) if row else 0
    # what rounding to coins adds is nobody's doing
    if cash - max(0, made.cash_rounding * -1) <= due:
        return []
    return [Remark("refund_not_as_paid", {"amount": cash, "due": due, "cashier": made.cashier_name})]
