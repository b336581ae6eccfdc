"""What a store takes: nothing once it is closed, and of what is counted by the piece whole pieces only.

A closed store still gives: waste, corrections downwards, counts of zero and transfers out of it, goods that were on
their way to it when it closed, and transfers out that are called off. All of it brings the store to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read
from retail.stock.errors import StoreIsClosed
from retail.stock.queries import Level
from retail.stock.rules import Move, value_minor

QUANTITY_MOST: Final = Decimal("99999999999.999")
WORTH_MOST: Final = 10**17
"""In minor units: far below what an amount in the books holds, so that sums have room."""


async def refuse_closed(read: Read, store: UUID, field: str = "store") -> None:
    """Refuse to put anything into a store that is closed. Raises StoreIsClosed at the field that named it."""
    closed = await read.fetchval(
        "SELECT name FROM store WHERE tenant_id = $1 AND id = $2 AND archived_at IS NOT NULL", read.tenant, store
    )
    if closed is not None:
        raise StoreIsClosed(closed, field)


def is_whole(quantity: Decimal, decimals: int) -> bool:
    """Claim that a quantity has no more decimals than its product is counted with."""
    return quantity == round(quantity, decimals)


def too_fine(decimals: int) -> str:
    """Say how the product is counted."""
    if decimals == 0:
        return _("This product is counted in whole pieces. Type a whole number.")
    return _("The quantity has too many decimals.")


def refuse_parts(
    levels: Mapping[tuple[UUID, UUID], Level],
    store: UUID,
    goods: Iterable[tuple[UUID, Decimal]],
    *,
    mending: bool = False,
) -> None:
    """Refuse parts of a piece; a till's sale may leave some, and `mending` lets a signed change clear them away.

    `levels` are locked. Raises Invalid.
    """
    for product, quantity in goods:
        level = levels[store, product]
        left = level.on_hand + quantity
        if not is_whole(quantity, level.decimals) and not (mending and is_whole(left, level.decimals)):
            raise Invalid({"quantity": [too_fine(level.decimals)]})


def refuse_heaps(levels: Mapping[tuple[UUID, UUID], Level], moves: Iterable[Move]) -> None:
    """Refuse moves after which a balance (14 digits, 3 of them decimals) or the books couldn't hold what is there.

    `levels` are locked, as they were before. Raises Invalid.
    """
    standing = {key: level.on_hand for key, level in levels.items()}
    worth = 0
    for one in moves:
        on_hand = standing[one.store, one.product] = standing[one.store, one.product] + one.quantity
        worth += abs(value_minor(one.quantity, one.unit_cost))
        if abs(on_hand) > QUANTITY_MOST:
            raise Invalid({"quantity": [_("This is more than any shelf holds. Type a smaller quantity.")]})
    if worth > WORTH_MOST:
        raise Invalid({"quantity": [_("This is worth more than the books can hold. Type a smaller quantity.")]})


async def refuse_parts_of(read: Read, goods: Iterable[tuple[UUID, Decimal]], field: str = "quantity") -> None:
    """Refuse parts of a piece where no balance is held. Raises Invalid."""
    fine = [(product, quantity) for product, quantity in goods if quantity % 1]
    if not fine:
        return
    rows = await read.fetch(
        "SELECT id, decimals FROM product WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        read.tenant,
        [product for product, _quantity in fine],
    )
    decimals = {row["id"]: row["decimals"] for row in rows}
    for product, quantity in fine:
        if product in decimals and not is_whole(quantity, decimals[product]):
            raise Invalid({field: [too_fine(decimals[product])]})
