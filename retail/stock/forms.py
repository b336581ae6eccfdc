"""What people type about stock, read into documents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.kit.money import Currency
from retail.kit.quantity import Ambiguous, is_plain, plain_number
from retail.kit.text import _
from retail.runtime.web.forms import Fields
from retail.stock.serials.rules import numbers_in

FORM_KINDS: Final = ("receipt", "adjustment", "waste", "count", "transfer")
LEAVING_KINDS: Final = frozenset({"adjustment", "waste", "transfer"})
REASON_MOST: Final = 200
SERIALS_LENGTH: Final = 40_000
_COST_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class MoveForm:
    """One move as the form says it; `unit_cost` is in minor units, None where it was left empty.

    `serials`: which pieces leave. `why`: a reason of the shop's list for waste; `reason` is a note beside it then.
    """

    id: UUID
    kind: str
    store: UUID
    to_store: UUID | None
    code: str
    quantity: Decimal
    unit_cost: Decimal | None
    reason: str
    serials: tuple[str, ...] = ()
    why: UUID | None = None


def read_move(fields: Fields, currency: Currency) -> MoveForm:
    """Read the move form. Raises Invalid with the sentences of all fields."""
    kind = fields.choice("kind", FORM_KINDS, required=True)
    store = fields.uuid("store")
    to_store = fields.uuid("to_store", required=kind == "transfer")
    code = fields.scan("code", required=True)
    quantity = fields.quantity("quantity")
    unit_cost = read_unit_cost(fields, currency) if kind == "receipt" else None
    why = fields.uuid("waste_reason", required=False) if kind == "waste" else None
    said = kind == "adjustment" or (kind == "waste" and why is None)
    reason = fields.text("reason", REASON_MOST, required=said)
    serials = tuple(numbers_in(fields.text("serials", SERIALS_LENGTH))) if kind in LEAVING_KINDS else ()
    if kind not in {"adjustment", "count"} and quantity <= 0 and "quantity" not in fields.errors:
        fields.error("quantity", _("Type a quantity above zero."))
    fields.check()
    assert store is not None  # noqa: S101 - check() has refused a missing store
    return MoveForm(
        fields.uuid("id", required=False) or new_id(),
        kind,
        store,
        to_store,
        code,
        quantity,
        unit_cost,
        reason,
        serials,
        why,
    )


def read_unit_cost(fields: Fields, currency: Currency) -> Decimal | None:
    """Read what one unit costs, in major units with more decimals than the currency has: 0.8433 EUR is 84.33."""
    written = fields.text("unit_cost", _COST_LENGTH)
    if not written:
        return None
    try:
        typed = plain_number(written, fields.locale)
    except Ambiguous as either:
        fields.error("unit_cost", str(either))
        return None
    minor = Decimal(typed if is_plain(typed) else -1).scaleb(currency.exponent)
    if minor < 0 or minor.scaleb(6) % 1 or minor >= 10**12:
        fields.error("unit_cost", _("Type what one unit costs, like 0.8433."))
        return None
    return minor
