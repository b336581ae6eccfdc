"""A device at a till: writes the same journal as kiosk/till/journal.js, in Python."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from retail.kit.ids import new_id
from retail.sales.chain import GENESIS, Record, hash_of
from retail.sales.claims import Claim, claim_till
from retail.sales.journal import Received, receive
from retail.sales.payloads import read_delivery
from tests.support.selling import AT, Counter
from tests.support.world import Shop


class Device:
    """A device with a claim on a till and a journal of its own."""

    def __init__(self, shop: Shop, till: UUID) -> None:
        self.shop = shop
        self.till = till
        self.id = new_id()
        self.fence = 0
        self.records: list[Record] = []
        self.counter = Counter(shop, till, new_id())

    async def claim(self, *, take_over: bool = False) -> Claim:
        """Claim the till."""
        claim = await self.shop.db.run(
            self.shop.scope, claim_till, self.till, self.id, f"Device {self.id.hex[-4:]}", take_over=take_over
        )
        self.fence = claim.fence
        return claim

    def write(self, kind: str, payload: dict[str, Any] | str, id: str | None = None) -> Record:
        """Append a record to the journal."""
        last = self.records[-1] if self.records else None
        text = payload if isinstance(payload, str) else json.dumps(payload)
        own = id or (payload["id"] if isinstance(payload, dict) else str(new_id()))
        record = Record(
            last.seq + 1 if last else 1, kind, own, AT.isoformat(), text, last.hash if last else GENESIS, ""
        )
        record = replace(record, hash=hash_of(self.till, self.id, record))
        self.records.append(record)
        return record

    def open_shift(self, opening_float: int = 10_000) -> Record:
        """Write that the shift was opened."""
        return self.write(
            "shift_opened", {"id": str(self.counter.shift), "till": str(self.till), "opening_float": opening_float}
        )

    def sell(self, *lines: Any, **changes: Any) -> Record:
        """Write a sale."""
        return self.write("sale", self.counter.sale(*lines, **changes))

    async def deliver(self, *records: Record, fence: int | None = None) -> Received:
        """Send records, all of them unless some are named."""
        sent = [asdict(record) for record in records or self.records]
        document = {"device": str(self.id), "fence": self.fence if fence is None else fence, "records": sent}
        return await self.shop.db.run(self.shop.scope, receive, self.till, read_delivery(document))
