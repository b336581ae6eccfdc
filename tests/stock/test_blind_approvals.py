"""Approvals of blind counts: who approves sees what differs, who asked doesn't."""

from __future__ import annotations

from retail import stock
from retail.identity.roles_changes import set_rights
from retail.kit.ids import new_id
from retail.runtime.tenancy import Right
from retail.stock import Arrival
from tests.support.stockroom import D, document
from tests.support.web import Site, role_with, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def stocked(shop: Shop, quantity: str) -> None:
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(shop.products[0].id, D(quantity), D(50))])


async def test_who_counts_blind_asks_for_an_approval_without_being_told_for_what(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    api = f"{home(shop)}/api/v1"
    new = {"store": str(shop.store), "name": "Friday", "blind": True, "areas": [{"name": "Floor"}]}
    made = (await owner.post(f"{api}/stock/counts", json=new)).json()
    ware, area = shop.products[0], made["areas"][0]["id"]
    entry = {"id": str(new_id()), "product": str(ware.id), "area": area, "quantity": "3", "mode": "set"}
    assert (await clerk.post(f"{api}/stock/counts/{made['id']}/entries", json={"entries": [entry]})).status_code == 201
    needed = (await clerk.post(f"{api}/stock/counts/{made['id']}/closure", json={})).json()
    assert (needed["code"], needed["permission"], needed["amount"]) == ("approval_needed", "finish_count", None)
    asked = await clerk.post(f"{home(shop)}/stock/counts/{made['id']}/closure", data={})
    id = asked.text.split("/approvals/")[1][:36]
    told, known = (await clerk.get(f"{api}/approvals/{id}")).json(), (await owner.get(f"{api}/approvals/{id}")).json()
    assert (told["state"], told["reason"], told["asked_by"]) == ("asked", "Friday", known["asked_by"])
    assert (told["lines"], told["total"], told["amount"], told["hash"]) == ([], None, None, "")
    assert [(one["name"], one["quantity"], one["amount"]) for one in known["lines"]] == [(ware.name, "-7", -350)]
    assert (known["total"], known["amount"], len(known["hash"])) == (-350, 350, 64)
    assert (await owner.post(f"{api}/approvals/{id}/answer", json={"decision": "granted"})).status_code == 200
    told = (await clerk.get(f"{api}/approvals/{id}")).json()
    assert (told["state"], told["lines"], told["amount"]) == ("granted", [], None)
    done = await clerk.post(f"{home(shop)}/stock/counts/{made['id']}/closure", data={"approval": id})
    assert done.status_code == 303
    told = (await clerk.get(f"{api}/approvals/{id}")).json()
    assert (told["state"], told["total"]) == ("used", -350), "it is finished: the page of the count says it too"


async def test_a_manager_who_counts_blind_sees_their_own_request_without_figures(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    role = await role_with(shop.db, shop.tenant.id, "view_stock", "count_stock", "approve")
    free = ("view_stock", "count_stock", "approve", "export")
    rights = {name: Right() for name in free} | {"finish_count": Right(limit=0)}
    await shop.db.run(shop.scope, set_rights, role, rights)
    counter = await site.member(shop, role)
    new = {"store": str(shop.store), "name": "Friday", "blind": True, "areas": [{"name": "Floor"}]}
    made = (await owner.post(f"{home(shop)}/api/v1/stock/counts", json=new)).json()
    entry = {"id": str(new_id()), "product": str(shop.products[0].id), "area": made["areas"][0]["id"]}
    body = {"entries": [entry | {"quantity": "3", "mode": "set"}]}
    entries = f"{home(shop)}/api/v1/stock/counts/{made['id']}/entries"
    assert (await counter.post(entries, json=body)).status_code == 201
    await counter.post(f"{home(shop)}/stock/counts/{made['id']}/closure", data={})
    for who, seen in ((counter, False), (owner, True)):
        page = (await who.get(f"{home(shop)}/approvals")).text
        assert ("Friday" in page, shop.products[0].name in page, "3.50" in page) == (True, seen, seen)
        taken = (await who.get(f"{home(shop)}/approvals/export?format=csv")).text
        assert "3.50" not in taken, "what waits isn't in the file"
    id = (await owner.get(f"{home(shop)}/api/v1/approvals")).json()["waiting"][0]["id"]
    said = {"decision": "refused", "answer": "Count again"}
    assert (await owner.post(f"{home(shop)}/api/v1/approvals/{id}/answer", json=said)).status_code == 200
    for who, seen in ((counter, False), (owner, True)):
        taken = (await who.get(f"{home(shop)}/approvals/export?format=csv")).text
        assert ("finish_count" in taken, "3.50" in taken) == (True, seen)
