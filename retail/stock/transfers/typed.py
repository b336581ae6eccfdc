"""What stands typed in the rows of a transfer's page goes along with whatever is done next, so none of it is lost.

Beside each field stands, as "was-" and its name, what the page showed there: where nobody typed, what somebody else did
meanwhile isn't undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.quantity import format_field, format_quantity
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.forms import Fields
from retail.stock.members import called, renamed
from retail.stock.transfers.operations import Wanted, put_line
from retail.stock.transfers.receiving import Found
from retail.stock.transfers.rules import Line

_ROWS: Final = ("quantity-", "arrived-", "damaged-")
_WAS: Final = "was-"
_SCAN: Final = ("code", "quantity")


def kept(values: Mapping[str, str]) -> dict[str, str]:
    """Leave of a form what somebody typed: nothing of the rows that stand as the page showed them."""
    return {
        name: value
        for name, value in values.items()
        if not name.startswith(_WAS) and (not name.startswith(_ROWS) or value != values.get(f"{_WAS}{name}", ""))
    }


async def put_typed(tx: Tx, transfer: UUID, fields: Fields, lines: Sequence[Line], *, whole: bool) -> None:
    """Have a draft hold the quantities that were typed in its rows; where not `whole`, empty ones are left for later.

    Raises Invalid at the row, and as put_line().
    """
    names = {line: f"quantity-{line.id}" for line in lines if f"quantity-{line.id}" in kept(fields.values)}
    typed = {line: fields.quantity(name) for line, name in names.items() if whole or fields.raw(name).strip()}
    fields.check()
    for line, quantity in typed.items():
        with renamed(called({"quantity": names[line], "code": names[line]})):
            await put_line(tx, transfer, Wanted(line.product, quantity, line.trace))


def check_arrived(fields: Fields) -> None:
    """Raise Invalid at the rows of a delivery in which no quantity stands; what is empty is still to be typed."""
    for name, value in kept(fields.values).items():
        if name.startswith(_ROWS) and value.strip():
            fields.quantity(name)
    fields.check()


def after_scan(fields: Fields, line: UUID, quantity: Decimal) -> dict[str, str]:
    """Give what stays typed on the page of a delivery of which so much of a line was scanned in: it is added there."""
    name = f"arrived-{line}"
    stays = {one: value for one, value in kept(fields.values).items() if one not in _SCAN}
    if stays.get(name, "").strip():
        stays[name] = format_field(fields.quantity(name) + quantity, fields.locale)
    else:
        stays.pop(name, None)
    return stays


def ask_about_more(lines: Sequence[Line], found: Mapping[UUID, Found], locale: str) -> None:
    """Raise Invalid where more arrived than was sent: mostly it was typed wrongly, so it is asked once."""
    more = {}
    for line in lines:
        came = found.get(line.id, Found(line.sound, line.broken))
        if came.arrived + came.damaged > line.quantity:
            more[line.id] = came.arrived + came.damaged - line.quantity
    said = _("%(many)s more than were sent. Count again, or tick below that so many arrived.")
    errors = {f"arrived-{line}": [said % {"many": format_quantity(many, locale)}] for line, many in more.items()}
    if errors:
        raise Invalid(errors | {"beyond": [_("More arrived than was sent.")]})
