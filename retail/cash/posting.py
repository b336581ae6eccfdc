"""What happens at a drawer, put into the books."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from retail.cash.rules import Postings, Shift
from retail.kit.ids import new_id
from retail.ledger import Entry, post
from retail.ledger.queries import place
from retail.runtime.db import Tx


async def post_drawer(
    tx: Tx, shift: Shift, kind: str, source: UUID, *, at: datetime, memo: str, postings: Postings
) -> None:
    """Post what happened at a drawer; a float or count of zero that changes nothing leaves no entry."""
    if not any(posting.amount_minor for posting in postings):
        return
    books = await place(tx, shift.store)
    await post(
        tx,
        [Entry(new_id(), shift.store, kind, source, at, books.business_date(at), books.currency, memo, postings)],
    )
