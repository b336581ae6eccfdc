"""Kept goods over HTTP: tills keep, list and read them; the office sees, prolongs and cancels them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.sales.layaways import queries
from retail.sales.layaways.jobs import tell_overdue
from tests.sales.test_layaways import failed, kept, new, now, pay, payment, promised
from tests.support.buyers import a_customer
from tests.support.selling import open_counter
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def test_a_till_keeps_lists_and_reads_them(site: Site, shop: Shop) -> None:
    await stocked(shop, "5")
    clerk = await site.member(shop, "clerk")
    at = f"{home(shop)}/api/v1/tills/{shop.till}/layaways"
    terms = await clerk.get(f"{at}/terms")
    assert terms.json() == {"percent_least": 20, "days": 30, "percent_fee": 0}
    body = new(shop, await a_customer(shop))
    first, again = await clerk.post(at, json=body), await clerk.post(at, json=body)
    assert (first.status_code, again.status_code) == (201, 200), first.text
    told = first.json()["layaway"]
    assert (told["number"], told["state"], told["total"], told["paid"], told["due"], told["least"], told["lines"]) == (
        "L-1", "open", 1200, 0, 1200, 240, 1,
    )  # fmt: skip
    assert told["basket"] == body["basket"]
    short = await clerk.post(at, json=new(shop, await a_customer(shop, "Ben")))
    assert (short.status_code, short.json()["code"]) == (409, "not_available")
    wrong = await clerk.post(at, json=body | {"id": str(new_id()), "until": "x"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["until"])
    other = await clerk.post(at, json=body | {"total": 5})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    listed = await clerk.get(f"{at}?q=berg")
    assert [one["id"] for one in listed.json()["items"]] == [body["id"]]
    assert (await clerk.get(f"{at}/{body['id']}")).json()["layaway"]["payments"] == []
    assert (await clerk.get(f"{at}/{new_id()}")).status_code == 404


async def test_programs_list_them_and_payments_are_no_sales(site: Site, shop: Shop) -> None:
    one = await kept(shop)
    made = await pay(shop, payment(await open_counter(shop), one.id, 500))
    owner, at = await site.member(shop), f"{home(shop)}/api/v1"
    [listed] = (await owner.get(f"{at}/layaways?state=open")).json()["items"]
    assert (listed["number"], listed["paid"], listed["due"]) == ("L-1", 500, 700)
    whole = (await owner.get(f"{at}/layaways/{one.id}")).json()
    assert [(each["kind"], each["amount"]) for each in whole["payments"]] == [("payment", 500)]
    assert (await owner.get(f"{at}/sales")).json()["items"] == []
    assert (await owner.get(f"{at}/sales/{made.id}")).status_code == 404


async def test_the_office_sees_them_prolongs_and_cancels_onto_store_credit(site: Site, shop: Shop) -> None:
    one = await kept(shop)
    made = await pay(shop, payment(await open_counter(shop), one.id, 500))
    owner, at = await site.member(shop), f"{home(shop)}/sales/layaways"
    for page in (at, f"{at}?q=L-1&state=open", f"{home(shop)}/customers/{one.customer}"):
        assert "L-1" in (await owner.get(page)).text, page
    assert "Nothing matches" in (await owner.get(f"{at}?state=overdue")).text
    there = f"{at}/{one.id}"
    shown = (await owner.get(there)).text
    assert "€7.00" in shown
    assert f"/sales/{made.id}" in shown
    assert "L-1" in (await owner.get(f"{home(shop)}/sales/{made.id}")).text
    later = one.until + timedelta(days=9)
    assert (await owner.post(f"{there}/until", data={"until": "2020-01-01"})).status_code == 422
    assert (await owner.post(f"{there}/until", data={"until": later.isoformat()})).status_code == 303
    assert (await now(shop, one.id)).until == later
    form = {"id": str(new_id()), "way": "credit", "fee": "9", "reason": "changed their mind"}
    assert (await owner.post(f"{there}/cancellation", data=form)).status_code == 422
    for _ in range(2):
        assert (await owner.post(f"{there}/cancellation", data=form | {"fee": "0.50"})).status_code == 303
    after = await now(shop, one.id)
    assert (after.state, after.fee, after.balance, await promised(shop)) == ("cancelled", 50, 0, 0)
    again = await owner.post(f"{there}/cancellation", data=form | {"id": str(new_id()), "fee": ""})
    assert again.status_code == 409
    assert (await owner.post(f"{there}/until", data={"until": later.isoformat()})).status_code == 409
    assert await failed(shop) == []


async def test_the_office_keeps_what_was_paid(site: Site, shop: Shop) -> None:
    one = await kept(shop)
    await pay(shop, payment(await open_counter(shop), one.id, 500))
    owner = await site.member(shop)
    form = {"id": str(new_id()), "way": "keep", "fee": "", "reason": "never came"}
    there = f"{home(shop)}/sales/layaways/{one.id}"
    assert (await owner.post(f"{there}/cancellation", data=form | {"reason": ""})).status_code == 422
    assert (await owner.post(f"{there}/cancellation", data=form)).status_code == 303
    assert ((await now(shop, one.id)).fee, (await now(shop, one.id)).balance) == (500, 0)
    assert await failed(shop) == []


async def test_who_may_not_refund_cancels_nothing(site: Site, shop: Shop) -> None:
    one = await kept(shop)
    member = await site.member(shop, "viewer")
    form = {"id": str(new_id()), "way": "keep", "fee": "", "reason": "x"}
    refused = await member.post(f"{home(shop)}/sales/layaways/{one.id}/cancellation", data=form)
    assert refused.status_code == 403
    assert (await now(shop, one.id)).state == "open"


async def test_the_list_goes_out_as_a_file(site: Site, shop: Shop) -> None:
    await kept(shop)
    owner = await site.member(shop)
    file = await owner.get(f"{home(shop)}/sales/layaways/export?format=csv")
    assert file.status_code == 200
    assert "L-1" in file.text


async def test_what_is_overdue_is_told_once_and_stays_reserved(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await kept(shop)
    monkeypatch.setattr(shop.db, "clock", FixedClock(shop.db.clock.now() + timedelta(days=100)))
    assert await shop.db.run(shop.scope, tell_overdue) == 1
    assert await shop.db.run(shop.scope, tell_overdue) == 0
    assert (await now(shop, one.id)).overdue
    assert await promised(shop) == 3
    async with shop.db.read(shop.scope) as read:
        kinds = await read.fetch("SELECT kind FROM notice WHERE tenant_id = $1", read.tenant)
        late = await queries.layaways(read, queries.Wanted(state="overdue"), limit=5)
    assert [row["kind"] for row in kinds] == ["layaway_overdue"]
    assert [each.id for each in late.items] == [one.id]
