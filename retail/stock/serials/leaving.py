"""Pieces that leave a shelf of the stockroom: each says which one it is, so that none stays listed that is gone.

Tills never ask here: what was paid for has left, and what it was is found out by looking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.text import _, ngettext
from retail.runtime.db import Tx
from retail.stock.following import begin_to_follow
from retail.stock.queries import Level
from retail.stock.rules import Document, Taken, names_in
from retail.stock.serials.handing import Numbers, change, hand_over, send_off
from retail.stock.serials.rules import SCRAPPED

Levels = Mapping[tuple[UUID, UUID], Level]


async def write_off(tx: Tx, document: Document, goods: Sequence[Taken], levels: Levels) -> None:
    """Write off the pieces among what is taken off the document's shelf; what is added isn't looked at.

    `levels` are locked. Raises Invalid where it isn't said which ones, WrongPiece.
    """
    leaving = [replace(one, quantity=-one.quantity) for one in goods if one.quantity < 0]
    await change(tx, document, await _named(tx, document.store, leaving, levels), SCRAPPED)


async def bring_over(tx: Tx, document: Document, to_store: UUID, goods: Sequence[Taken], levels: Levels) -> None:
    """Put the pieces among `goods` from the document's shelf on that of another store. Raises as write_off()."""
    pieces = await _named(tx, document.store, goods, levels)
    if not pieces:
        return
    await begin_to_follow(tx, to_store, sorted({product for product, _number in pieces}))
    await send_off(tx, document, pieces)
    await hand_over(tx, replace(document, store=to_store), pieces)


async def _named(tx: Tx, store: UUID, goods: Sequence[Taken], levels: Levels) -> Numbers:
    """Give the pieces that leave. What never had a number may leave without one, as much of it as there is."""
    numbers: dict[UUID, list[str]] = {}
    wanted: dict[UUID, Decimal] = {}
    for one in goods:
        if levels[store, one.product].tracking == "serial":
            numbers.setdefault(one.product, []).extend(names_in(one.trace))
            wanted[one.product] = wanted.get(one.product, Decimal(0)) + one.quantity
    if not wanted:
        return []
    await begin_to_follow(tx, store, sorted(wanted))
    rows = await tx.fetch(
        """SELECT product_id, unnamed FROM traced
            WHERE tenant_id = $1 AND store_id = $2 AND product_id = ANY($3::uuid[])""",
        tx.tenant, store, list(wanted),
    )  # fmt: skip
    unnamed = {row["product_id"]: max(row["unnamed"], Decimal(0)) for row in rows}
    for product, many in wanted.items():
        _check(numbers[product], many, unnamed.get(product, Decimal(0)))
    return [(product, number) for product, named in numbers.items() for number in named]


def _check(numbers: Sequence[str], many: Decimal, unnamed: Decimal) -> None:
    if len(set(numbers)) < len(numbers):
        raise Invalid({"serials": [_("Each number may be there once.")]})
    missing = many - len(numbers)
    if missing < 0:
        said = _("There are more serial numbers than pieces. Take some off, or type a larger quantity.")
        raise Invalid({"serials": [said]})
    if missing > unnamed:
        said = ngettext(
            "Say which piece it is: scan %(num)d more serial number.",
            "Say which pieces they are: scan %(num)d more serial numbers.",
            int(missing - unnamed),
        )
        raise Invalid({"serials": [said % {"num": int(missing - unnamed)}]})
