"""Pages and API of counts, waste, value and reordering, as people and programs use them."""

from __future__ import annotations

import re
from uuid import UUID

from httpx import AsyncClient

from retail import stock
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT, cut
from retail.stock import Arrival
from retail.stock.counts.listing import picked
from retail.stock.counts.queries import Line
from tests.support.stockroom import D, balances, count, document, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop, Ware, open_shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def stocked(shop: Shop, *quantities: str) -> None:
    goods = [Arrival(ware.id, D(many), D(50)) for ware, many in zip(shop.products, quantities, strict=False)]
    await shop.db.run(shop.scope, stock.receive, document(shop), goods)


async def test_a_count_from_its_start_to_its_end(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", "4")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    assert (await owner.get(f"{home(shop)}/stock/counts/new")).status_code == 200
    wrong = await owner.post(
        f"{home(shop)}/stock/counts",
        data={"store": str(shop.store), "kind": "cycle", "name": "", "uncounted": "keep", "areas": "Floor"},
    )
    assert wrong.status_code == 422
    assert "Give the count a name" in wrong.text
    form = {
        "store": str(shop.store),
        "kind": "full",
        "name": "Friday",
        "uncounted": "keep",
        "areas": "Floor\nCellar",
        "blind": "on",
        "recount": "1",
    }
    made = await owner.post(f"{home(shop)}/stock/counts", data=form)
    assert made.status_code == 303
    entries = made.headers["location"]
    page = await clerk.get(entries)
    assert page.status_code == 200
    area = re.search(r'<option value="([0-9a-f-]{36})"', page.text)
    assert area
    ware = shop.products[0]
    scan = {"code": ware.barcode, "quantity": "", "mode": "add", "area": area[1]}
    said = await clerk.post(entries, data=scan, headers={"HX-Request": "true"})
    assert (said.status_code, "counted so far" in said.text) == (200, True)
    assert "should be there" not in said.text, "it is a blind count"
    unknown = await clerk.post(entries, data=scan | {"code": "nothing like it"})
    assert (unknown.status_code, "No product has this name" in unknown.text) == (422, True)
    several = await clerk.post(entries, data=scan | {"code": "o"})
    assert (several.status_code, "Tap the one you have" in several.text) == (422, True)
    below = await clerk.post(entries, data=scan | {"mode": "set", "quantity": "-2"})
    assert (below.status_code, "can&#39;t be below zero" in below.text) == (422, True)
    assert await count(shop, "stock_count_entry") == 1
    assert (await clerk.post(entries, data=scan | {"mode": "set", "quantity": "7"})).status_code == 303
    at = entries.removesuffix("/entries")
    blind = await clerk.get(at)
    assert "Should be" not in blind.text
    shown = await owner.get(at)
    assert ("Should be" in shown.text, "should be counted again" in shown.text) == (False, True)
    assert ware.sku in (await owner.get(f"{at}?show=again")).text, "the filter has what the page says"
    refused = await owner.post(f"{at}/closure", data={})
    assert refused.status_code == 303, "so loading the page again sends nothing again"
    told = await owner.get(refused.headers["location"])
    assert ("Count it again first" in told.text, "Count them again" in told.text) == (True, True)
    blindly = await clerk.get((await clerk.post(f"{at}/closure", data={})).headers["location"])
    assert ("ask a manager" in blindly.text, "Count them again</" in blindly.text) == (True, False)
    assert (await owner.post(f"{at}/recounts", data={})).status_code == 303
    await clerk.post(entries, data=scan | {"mode": "set", "quantity": "8"})
    asked = await clerk.post(f"{at}/closure", data={})
    assert (asked.status_code, "It is asked for" in asked.text) == (403, True)
    assert await on_hand(shop) == D(10)
    assert (await owner.post(f"{at}/closure", data={})).status_code == 303
    assert await on_hand(shop) == D(8)
    over = await clerk.post(entries, data=scan)
    assert (over.status_code, "is finished already" in over.text) == (409, True)
    listed = await owner.get(f"{home(shop)}/stock/counts?state=finished")
    assert "Friday" in listed.text
    foreign = await site.member(await open_shop(shop.db))
    assert (await foreign.get(at)).status_code in {403, 404}


async def test_who_counts_blind_is_not_told_what_is_off(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", "4")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    form = {"store": str(shop.store), "kind": "full", "name": "Friday", "uncounted": "keep", "areas": "Floor"}
    made = await owner.post(f"{home(shop)}/stock/counts", data=form | {"blind": "on", "recount": "0.10"})
    entries = made.headers["location"]
    at = entries.removesuffix("/entries")
    area = (await clerk.get(entries)).text.split('name="area" value="')[1][:36]
    for ware, found in ((shop.products[0], "7"), (shop.products[1], "4")):
        scan = {"code": ware.sku, "quantity": found, "mode": "set", "area": area}
        assert (await clerk.post(entries, data=scan)).status_code == 303
    for path in (at, f"{at}?show=differing"):
        page = (await clerk.get(path)).text
        assert ("Differing" in page, "Count again" in page, "differs by a lot" in page) == (False, False, False), path
        assert shop.products[0].sku in page
        assert shop.products[1].sku in page, "what agrees is listed with what differs"
    asked = await clerk.post(f"{at}/recounts", data={})
    assert asked.status_code == 422
    assert await count(shop, "stock_count_line WHERE round > 1") == 0
    seen = (await owner.get(f"{at}?show=differing")).text
    assert ("Differing" in seen, shop.products[0].sku in seen, shop.products[1].sku in seen) == (False, True, True)
    assert (await clerk.post(f"{at}/recounts", data={"ids": str(shop.products[0].id)})).status_code == 303


async def test_a_finished_count_begins_with_what_differs(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", "4")
    owner = await site.member(shop)
    form = {"store": str(shop.store), "kind": "full", "name": "Friday", "uncounted": "keep", "areas": "Floor"}
    at = (await owner.post(f"{home(shop)}/stock/counts", data=form)).headers["location"].removesuffix("/entries")
    area = (await owner.get(f"{at}/entries")).text.split('name="area" value="')[1][:36]
    off, right = shop.products[:2]
    for ware, found in ((off, "7"), (right, "4")):
        entry = {"code": ware.sku, "quantity": found, "mode": "set", "area": area}
        assert (await owner.post(f"{at}/entries", data=entry)).status_code == 303
    assert await told(owner, at, off, right) == (True, True), "all, while it is counted"
    assert (await owner.post(f"{at}/closure", data={})).status_code == 303
    assert await told(owner, at, off, right) == (True, False)
    assert await told(owner, f"{at}?show=all", off, right) == (True, True)
    assert await told(owner, f"{at}?show=all&q={right.sku}", off, right) == (False, True)
    file = f"{home(shop)}/stock/counts/lines/export?format=json&count={at.rpartition('/')[2]}"
    [row] = (await owner.get(file)).json()
    assert (row["sku"], row["counted"], row["expected"], row["difference"]) == (off.sku, "7", "10", "-3")
    assert len((await owner.get(f"{file}&show=all")).json()) == 2
    assert (await owner.get(file.replace("count=", "count=0"))).status_code == 422
    foreign = await site.member(await open_shop(shop.db))
    assert (await foreign.get(file)).status_code in {403, 404}


async def told(who: AsyncClient, at: str, *wares: Ware) -> tuple[bool, ...]:
    page = (await who.get(at)).text.partition('id="lines"')[2]
    return tuple(f">{ware.name}<" in page for ware in wares)


async def test_the_file_of_a_blind_count_says_no_more_than_its_page(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    form = {"store": str(shop.store), "kind": "full", "name": "Blind", "uncounted": "keep", "areas": "Floor"}
    made = await owner.post(f"{home(shop)}/stock/counts", data=form | {"blind": "on"})
    at = made.headers["location"].removesuffix("/entries")
    area = (await owner.get(f"{at}/entries")).text.split('name="area" value="')[1][:36]
    entry = {"code": shop.products[0].sku, "quantity": "7", "mode": "set", "area": area}
    assert (await owner.post(f"{at}/entries", data=entry)).status_code == 303
    file = f"{home(shop)}/stock/counts/lines/export?format=json"
    one = f"{file}&count={at.rpartition('/')[2]}"
    for path in (file, one, f"{one}&show=differing"):
        rows = (await owner.get(path)).json()
        assert [row["sku"] for row in rows if row["counted"]] == [shop.products[0].sku], path
        assert {(row["expected"], row["difference"], row["value"]) for row in rows} == {(None, None, None)}, path


async def test_a_long_count_has_pages(shop: Shop, site: Site) -> None:
    many = DEFAULT_LIMIT + 3
    lines = [Line(new_id(), f"Ware {n}", f"W-{n}", "piece", 0, 1, None) for n in range(many)]
    first = cut(picked(lines, "all"), lambda line: line.product, DEFAULT_LIMIT, None)
    last = cut(picked(lines, "all"), lambda line: line.product, DEFAULT_LIMIT, first.next)
    assert [*first.items, *last.items] == lines
    assert [line.sku for line in picked(lines, "open", {lines[52].product})] == ["W-52"]


async def test_programs_count_too(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    api = f"{home(shop)}/api/v1/stock/counts"
    made = await owner.post(api, json={"store": str(shop.store), "name": "Robot", "areas": [{"name": "Floor"}]})
    assert made.status_code == 201
    body = made.json()
    entry = {
        "id": str(new_id()),
        "product": str(shop.products[0].id),
        "area": body["areas"][0]["id"],
        "quantity": "9",
        "mode": "set",
    }
    for status, recorded in ((201, 1), (200, 0)):
        sent = await owner.post(f"{api}/{body['id']}/entries", json={"entries": [entry]})
        assert (sent.status_code, sent.json()["recorded"]) == (status, recorded)
    done = await owner.post(f"{api}/{body['id']}/closure", json={})
    assert (done.status_code, done.json()["state"], done.json()["variance"]) == (200, "finished", -50)
    again = await owner.post(f"{api}/{body['id']}/closure", json={})
    assert (again.status_code, again.json()["code"]) == (409, "count_over")
    assert len((await owner.get(f"{api}?state=finished")).json()["items"]) == 1


async def test_programs_are_told_the_products_page_by_page(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", "4")
    owner = await site.member(shop)
    new = {"store": str(shop.store), "name": "Robot", "areas": [{"name": "Floor"}]}
    made = (await owner.post(f"{home(shop)}/api/v1/stock/counts", json=new)).json()
    at = f"{home(shop)}/api/v1/stock/counts/{made['id']}"
    area, ware = made["areas"][0]["id"], shop.products[0]
    entry = {"id": str(new_id()), "product": str(ware.id), "area": area, "quantity": "7", "mode": "set"}
    assert (await owner.post(f"{at}/entries", json={"entries": [entry]})).status_code == 201
    first = (await owner.get(f"{at}/lines", params={"limit": 1})).json()
    last = (await owner.get(f"{at}/lines", params={"limit": 1, "after": first["next"]})).json()
    every = (await owner.get(f"{at}/lines")).json()
    assert (len(first["items"]), last["next"], every["next"]) == (1, None, None)
    assert every["items"] == [*first["items"], *last["items"]]
    assert {one["sku"]: one["variance"] for one in every["items"]} == {ware.sku: "-3", shop.products[1].sku: None}
    assert (made["products"], "lines" in (await owner.get(at)).json()) == (2, False)
    assert (await owner.get(f"{at}/lines", params={"after": "nonsense"})).status_code == 422


async def test_programs_have_products_counted_again(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", "4")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    new = {"store": str(shop.store), "name": "Robot", "blind": True, "recount": 100, "areas": [{"name": "Floor"}]}
    made = (await owner.post(f"{home(shop)}/api/v1/stock/counts", json=new)).json()
    at, area = f"{home(shop)}/api/v1/stock/counts/{made['id']}", made["areas"][0]["id"]
    ids = [str(one.id) for one in shop.products[:2]]

    def entry(product: str, quantity: str, mode: str = "set") -> dict[str, str]:
        return {"id": str(new_id()), "product": product, "area": area, "quantity": quantity, "mode": mode}

    body = {"entries": [entry(ids[0], "7"), entry(ids[1], "4")]}
    assert (await owner.post(f"{at}/entries", json=body)).status_code == 201
    for who, told in ((owner, ids[:1]), (clerk, [])):
        refused = await who.post(f"{at}/closure", json={})
        said = refused.json()
        assert (refused.status_code, said["code"], said["count"], said["products"]) == (409, "count_again", 1, told)
    for again in (1, 0):
        begun = await owner.post(f"{at}/rounds", json={"products": ids[:1]})
        assert (begun.status_code, begun.json()["again"]) == (200, again)
    lines = (await owner.get(f"{at}/lines")).json()["items"]
    assert {one["product"]: one["round"] for one in lines if one["product"] in ids} == {
        ids[0]: 2,
        ids[1]: 1,
    }
    assert (await owner.post(f"{at}/entries", json={"entries": [entry(ids[0], "7")]})).status_code == 201
    assert (await owner.post(f"{at}/closure", json={})).json()["variance"] == -150
    assert (await owner.post(f"{at}/rounds", json={"products": ids[:1]})).json()["code"] == "count_over"


async def test_a_blind_count_that_was_cancelled_tells_no_more_than_before(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    new = {"store": str(shop.store), "name": "Robot", "blind": True, "areas": [{"name": "Floor"}]}
    made = (await owner.post(f"{home(shop)}/api/v1/stock/counts", json=new)).json()
    page, at = f"{home(shop)}/stock/counts/{made['id']}", f"{home(shop)}/api/v1/stock/counts/{made['id']}"
    ware = str(shop.products[0].id)
    entry = {"id": str(new_id()), "product": ware, "area": made["areas"][0]["id"], "quantity": "7", "mode": "set"}
    assert (await clerk.post(f"{at}/entries", json={"entries": [entry]})).status_code == 201
    assert (await owner.post(f"{page}/cancellation")).status_code == 303
    for who, expected, variance in ((clerk, None, None), (owner, "10", "-3")):
        told = next(one for one in (await who.get(f"{at}/lines")).json()["items"] if one["product"] == ware)
        assert (told["counted"], told["expected"], told["variance"]) == ("7", expected, variance)
        assert ("Should be" in (await who.get(page)).text) is (expected is not None)


async def test_nobody_takes_off_what_was_not_counted(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", "4")
    owner = await site.member(shop)
    new = {"store": str(shop.store), "name": "Robot", "areas": [{"name": "Floor"}, {"name": "Cellar", "sells": False}]}
    made = (await owner.post(f"{home(shop)}/api/v1/stock/counts", json=new)).json()
    floor, cellar = (one["id"] for one in made["areas"])
    product = str(shop.products[0].id)

    async def send(*found: tuple[str, str, str]) -> tuple[int, list[str]]:
        entries = [
            {"id": str(new_id()), "product": product, "area": area, "quantity": quantity, "mode": mode}
            for area, quantity, mode in found
        ]
        answer = await owner.post(f"{home(shop)}/api/v1/stock/counts/{made['id']}/entries", json={"entries": entries})
        return answer.status_code, list(answer.json().get("errors", ()))

    assert await send((floor, "-5", "add")) == (422, ["entries.0.quantity"])
    assert await send((cellar, "9", "add")) == (201, [])
    elsewhere = await send((cellar, "1", "add"), (floor, "-1", "add"))
    assert elsewhere == (422, ["entries.1.quantity"]), "each area by itself"
    assert await send((floor, "3", "set")) == (201, [])
    assert await send((floor, "-4", "add")) == (422, ["entries.0.quantity"])
    assert await send((floor, "-3", "add")) == (201, [])
    assert await send((floor, "1", "add"), (floor, "0.5", "set")) == (422, ["entries.1.quantity"]), "whole pieces"
    assert await count(shop, "stock_count_entry") == 3
    form = {"code": shop.products[0].sku, "quantity": "-1", "mode": "add", "area": floor}
    page = await owner.post(f"{home(shop)}/stock/counts/{made['id']}/entries", data=form)
    assert (page.status_code, "More is taken off than was counted" in page.text) == (422, True)


async def test_waste_has_a_reason_of_the_shops_own_and_is_posted_to_its_account(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    page = await owner.get(f"{home(shop)}/stock/waste/new")
    reasons = {name: id for id, name in re.findall(r'<option value="([0-9a-f-]{36})"\s*>([^<]+)<', page.text)}
    assert "Out of date" in reasons
    form = {
        "store": str(shop.store),
        "code": shop.products[0].sku,
        "quantity": "2",
        "reason": reasons["Out of date"],
        "note": "mould",
    }
    assert (await owner.post(f"{home(shop)}/stock/waste", data=form)).status_code == 303
    assert (await balances(shop))["waste_expired"] == 100
    listed = await owner.get(f"{home(shop)}/stock/waste")
    assert ("mould" in listed.text, "€1.00" in listed.text) == (True, True)
    for wrong, said in (
        ({"quantity": "99"}, "Only 8 on hand"),
        ({"quantity": "0"}, "above zero"),
        ({"code": "zzz"}, "No product has this SKU"),
    ):
        refused = await owner.post(f"{home(shop)}/stock/waste", data=form | wrong)
        assert (refused.status_code in {409, 422}, said in refused.text) == (True, True)
    assert await on_hand(shop) == D(8)
    named = await owner.post(
        f"{home(shop)}/stock/waste/reasons", data={"id": str(new_id()), "name": "Mice", "purpose": "theft"}
    )
    assert named.status_code == 303
    twice = await owner.post(
        f"{home(shop)}/stock/waste/reasons", data={"id": str(new_id()), "name": "Mice", "purpose": "theft"}
    )
    assert (twice.status_code, "of this name already" in twice.text) == (422, True)


async def test_a_rule_decides_when_and_how_much(shop: Shop, site: Site) -> None:
    await stocked(shop, "6", "40")
    owner = await site.member(shop)
    ware = shop.products[0]
    rules = f"{home(shop)}/stock/{ware.id}/rules"
    assert (await owner.get(rules)).status_code == 200
    nothing = await owner.get(f"{home(shop)}/stock/suggestions")
    assert "Nothing to order" in nothing.text
    mine = {
        "store": str(shop.store),
        "version": "0",
        "reorder_point": "6",
        "target": "20",
        "pack_quantity": "6",
        "minimum_order": "12",
    }
    wrong = await owner.post(rules, data=mine | {"target": "3"})
    assert (wrong.status_code, "at least the reorder point" in wrong.text) == (422, True)
    assert (await owner.post(rules, data=mine)).status_code == 303
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET unit = 'kg' WHERE tenant_id = $1 AND id = $2", tx.tenant, ware.id)
    page = await owner.get(f"{home(shop)}/stock/suggestions")
    assert '<b>18</b> <span class="muted">kg</span>' in page.text, "what is ordered has its unit as what is there"
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET unit = 'each' WHERE tenant_id = $1 AND id = $2", tx.tenant, ware.id)
    page = await owner.get(f"{home(shop)}/stock/suggestions")
    assert ("<b>18</b>" in page.text, "3 packs of 6." in page.text) == (True, True)
    late = await owner.post(rules, data=mine)
    assert (late.status_code, "Somebody else has changed this rule" in late.text) == (409, True)
    low = await owner.get(f"{home(shop)}/stock?low=1")
    assert ware.name in low.text, "low at once, by its store's own rule"
    file = await owner.get(f"{home(shop)}/stock/suggestions/export")
    assert file.text.splitlines()[1].startswith("SKU-001,Sourdough loaf 800 g,Altstadt,6,18,each")


async def test_the_value_of_a_moment_and_what_lies_there(shop: Shop, site: Site) -> None:
    await stocked(shop, "6", "40")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    page = await owner.get(f"{home(shop)}/stock/valuation")
    assert (page.status_code, "€23.00" in page.text) == (200, True)
    before = await owner.get(f"{home(shop)}/stock/valuation?at=2020-01-31T18:00")
    assert (before.status_code, "€0.00" in before.text) == (200, True)
    for wrong in ("at=yesterday", "at=2999-01-01T00:00", f"store={new_id()}"):
        assert (await owner.get(f"{home(shop)}/stock/valuation?{wrong}")).status_code == 422
    file = await owner.get(f"{home(shop)}/stock/valuation/export")
    assert file.text.splitlines()[1] == "SKU-002,Whole milk 1 l,Altstadt,40,each,0.5,20.00"
    for view in ("dead", "classes", "turnover"):
        assert (await owner.get(f"{home(shop)}/stock/insights?view={view}")).status_code == 200
        assert (await owner.get(f"{home(shop)}/stock/insights/{view}/export")).status_code == 200
    assert (await owner.get(f"{home(shop)}/stock/overview")).status_code == 200
    for path in ("valuation", "insights", "valuation/export"):
        assert (await clerk.get(f"{home(shop)}/stock/{path}")).status_code == 403


async def test_a_cost_is_corrected_on_its_page(shop: Shop, site: Site) -> None:
    await stocked(shop, "6")
    owner = await site.member(shop)
    async with shop.db.read(shop.scope) as read:
        move: UUID = await read.fetchval("SELECT id FROM stock_move")
    path = f"{home(shop)}/stock/moves/{move}/cost"
    assert "0.5 EUR" in (await owner.get(path)).text
    for wrong in ({"unit_cost": "0.5", "reason": "x"}, {"unit_cost": "abc", "reason": "x"}, {"unit_cost": "0.6"}):
        assert (await owner.post(path, data=wrong)).status_code == 422
    done = await owner.post(path, data={"unit_cost": "0,60", "reason": "the bill"})
    assert done.status_code == 303
    assert (await balances(shop))["stock"] == 360


async def test_a_count_of_a_store_that_was_closed_meanwhile_says_so(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    new = {"store": str(shop.store), "name": "Friday", "areas": [{"name": "Floor"}]}
    made = (await owner.post(f"{home(shop)}/api/v1/stock/counts", json=new)).json()
    entries = f"{home(shop)}/stock/counts/{made['id']}/entries"
    assert "Friday" in (await owner.get(f"{home(shop)}/pocket/stock")).text
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.store)
    scan = {"code": shop.products[0].barcode, "quantity": "3", "mode": "add", "area": made["areas"][0]["id"]}
    refused = await owner.post(entries, data=scan, headers={"HX-Request": "true"})
    assert refused.status_code in {409, 422}
    assert "is closed. Pick a store that is open" in refused.text
    assert await count(shop, "stock_count_entry") == 0
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = NULL WHERE id = $1", shop.store)
    assert (await owner.post(entries, data=scan)).status_code == 303
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.store)
    unfinished = await owner.post(f"{home(shop)}/stock/counts/{made['id']}/closure", data={})
    assert (unfinished.status_code, "is closed. Pick a store that is open" in unfinished.text) == (409, True)
    assert await on_hand(shop) == D(10)
    assert "Friday" not in (await owner.get(f"{home(shop)}/pocket/stock")).text
