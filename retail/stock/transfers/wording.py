"""What the page of a transfer says: the ways to decide about a difference, and whom to ask for the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from retail.identity.holders import who_may
from retail.identity.permissions import MOVE_STOCK, permission
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read
from retail.stock.errors import NotEnoughStock
from retail.stock.transfers.queries import TransferFacts
from retail.stock.transfers.rules import SHELF, Line


def decision_words(transfer: TransferFacts) -> dict[str, list[tuple[str, str]]]:
    """Name the decisions about what is missing or broken, and about what is too many (`surplus`)."""
    return {
        "decisions": [
            ("shelf", _("It never left: put the sender's shelf right")),
            ("sender", _("%(store)s bears it") % {"store": transfer.from_name}),
            ("receiver", _("%(store)s bears it") % {"store": transfer.to_name}),
        ],
        "surplus": [
            ("shelf", _("More was sent than written down: take it off the sender's shelf")),
            ("sender", _("Found: a gain in the books of %(store)s") % {"store": transfer.from_name}),
            ("receiver", _("Found: a gain in the books of %(store)s") % {"store": transfer.to_name}),
        ],
    }


def at_line(short: NotEnoughStock, lines: Sequence[Line], verdicts: Mapping[UUID, str]) -> Invalid:
    """Say at the line whose goods the sender's shelf lacks that it does: a transfer may have a hundred of them."""
    taking = [one.id for one in lines if one.product == short.product and verdicts.get(one.id) == SHELF]
    return Invalid({f"line-{taking[0]}" if taking else "": [short.sentence()]})


async def whom_to_ask(read: Read, transfer: TransferFacts) -> dict[str, Any]:
    """Name the right that the next step of a transfer takes, and for who lacks it some of those who have it."""
    store = {"draft": transfer.from_store, "sent": transfer.to_store}.get(transfer.state)
    lacks = store is not None and not read.scope.may_in(MOVE_STOCK, store)
    people = await who_may(read, MOVE_STOCK, store) if store and lacks else []
    return {"right": permission(MOVE_STOCK).words, "people": people}
