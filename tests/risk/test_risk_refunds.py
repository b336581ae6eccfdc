"""What a till says of a refund soon after a sale of one's own: who sold is on the receipt, why is on the return."""

from __future__ import annotations

import json

from retail.kit.ids import new_id
from retail.runtime.relay import Relay
from retail.sales.return_finding import Sought, receipts
from tests.risk.test_risk_alerts import heard
from tests.support.device import Device
from tests.support.world import Shop


async def test_a_refund_that_says_why_is_explained_and_one_that_does_not_is_not(shop: Shop, relay: Relay) -> None:
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    wanted = {}
    for number, why in ((1, None), (2, "Scanned by mistake")):
        sold = device.counter.sale((shop.products[0], 1))
        device.write("sale", sold)
        line = {"id": sold["lines"][0]["id"], "product": sold["lines"][0]["product"], "quantity": "1",
                "unit_price": 420}  # fmt: skip
        back = {"id": str(new_id()), "shift": str(device.counter.shift), "number": number, "sale": sold["id"],
                "lines": [line], "tenders": [{"type": "cash", "amount": 420}], "total": 420,
                "reason": 'Broken, "why":"no"'} | ({"why": why} if why else {})  # fmt: skip
        device.write("goods_returned", json.dumps(back, separators=(",", ":")), back["id"])
        wanted[back["id"]] = why is not None
    assert {one.status for one in (await device.deliver()).answers} == {"created"}
    await heard(shop, relay)
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT id, explained FROM risk_act WHERE tenant_id = $1 AND kind = 'refund'", read.tenant
        )
        [receipt] = await receipts(read, shop.till, Sought(number="1"))
    assert {str(row["id"]): row["explained"] for row in rows} == wanted
    assert receipt["cashier"] == shop.scope.actor.id
