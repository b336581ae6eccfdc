"""The owner's app as the server gives it: installable, one per business, and only what its person may see."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from retail import stock
from retail.analytics.pocket.badges import approvals_for
from retail.identity.approvals import Wanted, ask
from retail.kit.ids import new_id
from retail.runtime.web.assets import ROOT
from retail.stock import Arrival, Document
from tests.identity.test_approvals import act, somebody
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


async def told(site: Site, shop: Shop, role: str = "owner") -> dict[str, Any]:
    visitor = await site.member(shop, role)
    answer = await visitor.get(f"/t/{shop.tenant.slug}/pocket/manifest.webmanifest")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/manifest+json")
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def picture(address: str) -> tuple[str, str, int]:
    """Give a picture's kind, its size and how opaque its corner is."""
    with Image.open(ROOT / address.partition("?")[0].lstrip("/")) as drawn:
        corner = drawn.convert("RGBA").getchannel("A").getpixel((1, 1))
        return (drawn.format or "").lower(), f"{drawn.width}x{drawn.height}", int(corner)  # type: ignore[arg-type]


async def test_the_manifest_is_what_a_browser_installs_and_stays_within_the_business(site: Site, shop: Shop) -> None:
    base, manifest = f"/t/{shop.tenant.slug}", await told(site, shop)
    assert (manifest["name"], manifest["display"]) == (shop.tenant.name, "standalone")
    assert len(manifest["short_name"]) <= 12
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == (
        f"{base}/pocket",
        f"{base}/pocket",
        f"{base}/",
    )
    assert {(one["sizes"], one["purpose"]) for one in manifest["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable"),
    }  # fmt: skip
    for one in [*manifest["icons"], *manifest["screenshots"]]:
        assert picture(one["src"])[:2] == (one["type"].removeprefix("image/"), one["sizes"])
    assert {one["form_factor"] for one in manifest["screenshots"]} == {"wide", "narrow"}
    assert [one["name"] for one in manifest["shortcuts"]] == ["Today", "Stock", "Messages", "Count"]
    visitor = await site.member(shop)
    for one in manifest["shortcuts"]:
        assert one["url"].startswith(f"{base}/pocket"), "the worker answers for it without a network"
        assert (await visitor.get(one["url"], follow_redirects=True)).status_code == 200
    assert manifest["share_target"] | {} == {
        "action": f"{base}/pocket/photo",
        "method": "POST",
        "enctype": "multipart/form-data",
        "params": {"files": [{"name": "photo", "accept": ["image/*"]}]},
    }


def test_a_maskable_mark_fills_its_square_and_the_other_one_does_not() -> None:
    for side in (192, 512):
        assert picture(f"static/icons/app-maskable-{side}.png")[2] == 255
        assert picture(f"static/icons/app-{side}.png")[2] == 0
    small = sum(file.stat().st_size for file in Path(ROOT / "static/icons").glob("app*"))
    assert small < 120_000


async def test_two_businesses_are_two_apps_and_a_stranger_reads_neither_name(site: Site, shop: Shop) -> None:
    other = await open_shop(shop.db)
    assert (await told(site, shop))["id"] != (await told(site, other))["id"]
    stranger = await site.member(other)
    assert (await stranger.get(f"/t/{shop.tenant.slug}/pocket/manifest.webmanifest")).status_code == 404
    assert (await site.visitor().get(f"/t/{shop.tenant.slug}/pocket/manifest.webmanifest")).status_code == 303


async def test_who_may_not_change_the_catalogue_is_offered_no_photo(site: Site, shop: Shop) -> None:
    manifest = await told(site, shop, "viewer")
    assert "share_target" not in manifest
    viewer = await site.member(shop, "viewer")
    assert (await viewer.get(f"/t/{shop.tenant.slug}/pocket/photo")).status_code == 403
    assert (await viewer.get(f"/t/{shop.tenant.slug}/pocket/photo/products?q=loaf")).status_code == 403


async def test_the_worker_may_have_the_app_and_no_page_of_a_till(site: Site, shop: Shop) -> None:
    visitor = site.visitor()
    of = f"/t/{shop.tenant.slug}"
    answer = await visitor.get(f"/office.js?to={of}/notices/browsers")
    assert answer.headers["service-worker-allowed"] == f"{of}/pocket"
    assert answer.headers["cache-control"] == "no-cache"
    assert (await visitor.get("/office.js?to=/notices/browsers")).headers["service-worker-allowed"] == "/pocket"
    for wrong in ("", "?to=/", "?to=https://evil.test/notices/browsers", "?to=/t/x/../../notices/browsers"):
        assert (await visitor.get(f"/office.js{wrong}")).headers["service-worker-allowed"] == "/office.js"


async def test_the_page_for_a_time_without_a_network_holds_nobodys_name_and_no_figure(site: Site, shop: Shop) -> None:
    visitor = await site.member(shop)
    page = (await visitor.get(f"/t/{shop.tenant.slug}/pocket/offline")).text
    assert "No connection" in page
    assert shop.tenant.name not in page
    assert "Owner" not in page
    assert not re.search(r"[€$]\s?\d", page)
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)', page):
        assert (await visitor.get(address)).status_code == 200


@pytest.fixture
async def low(shop: Shop) -> Shop:
    """A shop in which the first product is low and the second isn't."""
    async with shop.db.begin(shop.scope) as tx:
        for ware in shop.products[:2]:
            await tx.execute(
                "UPDATE product SET reorder_point = 5 WHERE tenant_id = $1 AND id = $2", tx.tenant, ware.id
            )
    document = Document(new_id(), shop.store, "", datetime.now(UTC))
    arrivals = [
        Arrival(ware.id, Decimal(quantity), ware.unit_cost)
        for ware, quantity in zip(shop.products, ("2", "60"), strict=False)
    ]
    await shop.db.run(shop.scope, stock.receive, document, arrivals)
    return shop


def spots(html: str) -> dict[str, str]:
    parts = re.findall(r'hx-target="#bar-(\w+)"[^>]*>(.*?)</hx-partial>', html, re.DOTALL)
    return {name: "".join(re.findall(r'class="spot num"[^>]*>([^<]*)<', body)) for name, body in parts}


async def test_the_bar_counts_what_waits_for_its_reader(site: Site, low: Shop) -> None:
    shop, at = low, f"/t/{low.tenant.slug}/pocket"
    owner = await site.member(shop)
    assert spots((await owner.get(f"{at}/badges")).text) == {"today": "", "stock": "1", "messages": ""}
    clerk = await somebody(shop, "clerk")
    await shop.db.run(clerk, ask, new_id(), Wanted("discount", shop.store, act(), till=shop.till, reason="Damaged"))
    assert spots((await owner.get(f"{at}/badges")).text)["today"] == "1"
    watched = f"/t/{shop.tenant.slug}/today/watch"
    doors = (await owner.get(watched)).text
    assert re.search(r'id="now-approvals"[^>]*>1<', doors)
    assert re.search(r'id="now-low"[^>]*>1<', doors)
    assert re.search(r'id="now-online"[^>]*>0 of 2<', doors)

    viewer = await site.member(shop, "viewer")
    assert spots((await viewer.get(f"{at}/badges")).text)["today"] == ""
    seen = (await viewer.get(watched)).text
    assert "now-low" in seen
    assert "now-approvals" not in seen


async def test_nobody_is_asked_to_answer_what_they_asked_themselves(shop: Shop) -> None:
    clerk, manager = await somebody(shop, "clerk"), shop.as_role("manager")
    await shop.db.run(clerk, ask, new_id(), Wanted("discount", shop.store, act(), till=shop.till, reason="Damaged"))
    for reader, count in ((manager, 1), (replace(manager, actor=clerk.actor), 0), (shop.as_role("viewer"), 0)):
        async with shop.db.read(reader) as read:
            assert await approvals_for(read) == count


async def test_the_mark_is_told_a_number_and_nothing_else(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    assert (await owner.get(f"/t/{shop.tenant.slug}/pocket/badge")).json() == {"new": 0}


async def test_stock_is_found_by_words_by_sku_and_by_barcode(site: Site, low: Shop) -> None:
    owner, at = await site.member(low), f"/t/{low.tenant.slug}/pocket/stock"
    bread, milk, *_rest = low.products
    listed = (await owner.get(at)).text
    assert bread.name in listed
    assert milk.name not in listed
    for typed in (milk.barcode, "milk"):
        found = (await owner.get(at, params={"q": typed})).text
        part = found.split('id="pocket-found"')[1].split('id="pocket-low"')[0]
        assert milk.name in part
        assert bread.name not in part
        assert "kind=count&amp;code=" in part
    assert "Nothing has that name or code" in (await owner.get(at, params={"q": "zzzz"})).text


async def test_every_quantity_stands_with_its_unit(site: Site, low: Shop) -> None:
    bread, milk, *_rest = low.products
    async with low.db.begin(low.scope) as tx:
        await tx.execute(
            "UPDATE product SET unit = 'kg', decimals = 3 WHERE tenant_id = $1 AND id = $2", tx.tenant, milk.id
        )
    document = Document(new_id(), low.store, "", datetime.now(UTC))
    await low.db.run(low.scope, stock.receive, document, [Arrival(milk.id, Decimal("1.25"), Decimal(90))])
    owner, base = await site.member(low), f"/t/{low.tenant.slug}"
    listed = (await owner.get(f"{base}/pocket/stock")).text
    shown = dict(re.findall(rf'id="low-{low.store}-([0-9a-f-]+)"[^>]*>([^<]+)<', listed))
    assert shown[str(bread.id)].endswith(" pcs left")
    found = (await owner.get(f"{base}/pocket/stock", params={"q": milk.sku})).text
    assert "61.25 kg</b>" in found
    ordered = (await owner.get(f"{base}/pocket/orders")).text
    assert re.search(r"Order \d+ pcs", ordered)
    assert re.search(r"\d pcs left", ordered)


async def test_orders_list_what_is_suggested_and_say_what_comes(site: Site, low: Shop) -> None:
    page = (await (await site.member(low)).get(f"/t/{low.tenant.slug}/pocket/orders")).text
    assert low.products[0].name in page
    assert low.products[1].name not in page
    assert "Orders to suppliers are not written here yet" in page
    main = page.split('id="pocket-orders"')[1].split("<aside")[0]
    assert "<button" not in main
    assert "<form" not in main


async def test_a_photo_goes_to_the_product_by_the_operation_that_there_is(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    found = (await owner.get(f"{base}/pocket/photo/products", params={"q": "loaf"})).text
    [target] = re.findall(r'formaction="([^"]+)"', found)
    assert target == f"{base}/products/{shop.products[0].id}/pictures"
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "JPEG")
    sent = await owner.post(
        target, files={"picture": ("photo.jpg", drawn.getvalue(), "image/jpeg")}, data={"q": "loaf"}
    )
    assert sent.status_code == 303
    async with shop.db.read(shop.scope) as read:
        kept = "SELECT count(*) FROM product_image WHERE tenant_id = $1 AND product_id = $2"
        assert await read.fetchval(kept, read.tenant, shop.products[0].id) == 1
