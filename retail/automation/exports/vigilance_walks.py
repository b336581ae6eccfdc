"""Cashiers beside each other, and the records behind the numbers, as they go out."""

from __future__ import annotations

from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import AT_ONCE, Col, Walk, Walked
from retail.identity.permissions import SETTLE_EXCEPTIONS, VIEW_DASHBOARD
from retail.risk.exceptions import KINDS, exceptional
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.vigilance.asking import records_in, wanted_in
from retail.vigilance.files import rows
from retail.vigilance.unusual import unusual_days
from retail.vigilance.unusual_pages import wanted_in as unusual_in


async def _cashiers(read: Read, asked: Asked) -> Walk:
    wanted = await wanted_in(read, asked)
    return lambda after: rows(read, wanted, limit=AT_ONCE, after=after)


async def _records(read: Read, asked: Asked) -> Walk:
    wanted = await records_in(read, asked)
    return lambda after: exceptional(read, wanted, limit=AT_ONCE, after=after)


async def _unusual(read: Read, asked: Asked) -> Walk:
    wanted = await unusual_in(read, asked)
    return lambda after: unusual_days(read, wanted, limit=AT_ONCE, after=after)


def _of(kind: str) -> tuple[Col, ...]:
    return tuple(Col(f"{kind}{part}", "plain", f"figures.{kind}{part}") for part in ("", "_expected", "_times"))


VIGILANT: Final[dict[str, Walked]] = {
    "cashiers": Walked(
        said("Cashiers beside each other"), SETTLE_EXCEPTIONS,
        (Col("store", at="of.store_name"), Col("cashier", at="of.cashier_name"), Col("first_day", "plain", "first"),
         Col("last_day", "plain", "last"), Col("sales", "plain", "of.sales"), Col("items", "plain", "of.items"),
         Col("average_sale", "money", "of.basket"), Col("average_sale_times", "plain", "beside"),
         *(column for kind in KINDS for column in _of(kind))),
        _cashiers,
    ),
    "unusual": Walked(
        said("Unusual days"), VIEW_DASHBOARD,
        (Col("day", "plain"), Col("store", at="store_name"), Col("hours", "plain", "hour"),
         Col("sold", "money"), Col("expected", "money"), Col("usual_from", "money", "low"),
         Col("usual_to", "money", "high"), Col("severity"), Col("state"), Col("note"), Col("decided_by"),
         Col("decided_at", "moment"), Col("id", "plain")),
        _unusual,
    ),
    "till-exceptions": Walked(
        said("Records out of the ordinary"), SETTLE_EXCEPTIONS,
        (Col("record", "plain", "id"), Col("kind"), Col("store", at="store_name"), Col("till", at="till_code"),
         Col("cashier", at="cashier_name"), Col("occurred_at", "moment"), Col("number", "plain"),
         Col("amount", "money", "amount_minor")),
        _records,
    ),
}  # fmt: skip
