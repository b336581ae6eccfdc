"""A form that asks for approvals counts like a till that asks: then it says so, and what was typed stays."""

from __future__ import annotations

from retail.kit.ids import new_id
from retail.runtime.web.limits import LIMITS
from tests.support.selling import open_counter
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def test_a_form_asks_as_often_as_the_limit_says(site: Site, shop: Shop) -> None:
    counter = await open_counter(shop)
    clerk = await site.member(shop, "clerk")
    path = f"/t/{shop.tenant.slug}/shifts/{counter.shift}/cash-moves"

    async def pay_out(amount: str) -> tuple[int, str]:
        form = {"id": str(new_id()), "kind": "pay_out", "amount": amount, "reason": "Window cleaner"}
        answer = await clerk.post(path, data=form)
        return answer.status_code, answer.text

    most = LIMITS["approval"].tries
    for _question in range(most):
        status, text = await pay_out("60.00")
        assert (status, "It is asked for" in text) == (403, True), text
    status, text = await pay_out("61.00")
    assert status == 429
    assert "Window cleaner" in text
    assert "61.00" in text
    assert "Too many tries" in text
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM approval") == most
        assert await read.fetchval("SELECT count(*) FROM cash_move WHERE kind = 'pay_out'") == 0
