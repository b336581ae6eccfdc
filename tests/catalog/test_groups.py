"""Categories and tax classes: made, changed and removed by people and programs; the tills hear of each change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page

from retail.catalog import queries
from retail.catalog.rules import percent, read_percent, tax_words
from retail.catalog.snapshot import snapshot
from retail.kit.ids import new_id
from retail.runtime.tenancy import Scope
from retail.tenants.operations import open_tenant
from tests.support.axe import violations
from tests.support.web import Site
from tests.support.world import Shop


async def till_copy(shop: Shop) -> dict[str, Any]:
    async with shop.db.read(shop.scope) as read:
        return await snapshot(read, 0)


async def audits(shop: Shop, action: str) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT facts::text FROM audit_event WHERE tenant_id = $1 AND action = $2 ORDER BY id", read.tenant, action
        )
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("text", "micros"),
    [("7", 70_000), ("5,5", 55_000), ("19 %", 190_000), ("0.0001", 1), ("100", 1_000_000), ("0", 0)],
)
def test_a_rate_is_read_as_people_type_it(text: str, micros: int) -> None:
    assert read_percent(text) == micros
    assert read_percent(percent(micros)) == micros


@pytest.mark.parametrize("text", ["", "x", "-1", "101", "100.0001", "1.00001", "1e1", "1.2.3", "²"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    assert read_percent(text) is None


async def test_a_category_is_added_renamed_moved_and_removed(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/categories"
    version = (await till_copy(shop))["version"]
    assert (await owner.post(home, data={"name": "Pets", "hue": "55"})).status_code == 303
    twice = await owner.post(home, data={"name": "pets", "hue": "55"})
    assert twice.status_code == 422
    assert "Another category has this name in the same place." in twice.text
    copy = await till_copy(shop)
    assert copy["version"] == version + 1
    assert [(one["name"], one["hue"]) for one in copy["categories"]] == [("Groceries", 120), ("Pets", 55)]
    pets = copy["categories"][1]["id"]
    assert (await owner.get(f"{home}/{pets}/edit")).status_code == 200
    wrong = await owner.post(f"{home}/{pets}", data={"name": "", "hue": "360"})
    assert wrong.status_code == 422
    changed = await owner.post(f"{home}/{pets}", data={"name": "Animals", "hue": "25", "position": "0"})
    assert changed.status_code == 303
    assert [one["name"] for one in (await till_copy(shop))["categories"]] == ["Animals", "Groceries"]
    await owner.post(f"{home}/{shop.category}/removal")
    page = await owner.get(home)
    assert "6 products are in this category" in page.text
    await owner.post(f"{home}/{pets}/removal")
    assert [one["name"] for one in (await till_copy(shop))["categories"]] == ["Groceries"]
    assert len(await audits(shop, "category.removed")) == 1


async def test_a_rate_that_products_carry_changes_only_when_confirmed(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/taxes"
    assert (await owner.post(home, data={"name": "Zero", "code": "Z", "rate": "0"})).status_code == 303
    twice = await owner.post(home, data={"name": "Zero", "code": "z", "rate": "0"})
    assert (twice.status_code, "Another tax class has this code." in twice.text) == (422, True)
    version = (await till_copy(shop))["version"]
    form = {"name": "Reduced", "rate": "8.5"}
    refused = await owner.post(f"{home}/{shop.reduced}", data=form)
    assert (refused.status_code, "Products carry this rate." in refused.text) == (422, True)
    assert (await till_copy(shop))["version"] == version
    assert (await owner.post(f"{home}/{shop.reduced}", data=form | {"sure": "on"})).status_code == 303
    copy = await till_copy(shop)
    assert copy["version"] == version + 1
    assert [(one["code"], one["name"], one["rate_micros"]) for one in copy["tax_classes"]] == [
        ("R", "Reduced", 85_000),
        ("S", "Standard 19 %", 190_000),
        ("Z", "Zero", 0),
    ]
    (facts,) = await audits(shop, "tax_class.changed")
    assert "70000" in facts
    assert "85000" in facts


async def test_programs_put_categories_into_others_and_back_to_the_top(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    api = f"/t/{shop.tenant.slug}/api/v1/categories"
    inside = await owner.post(api, json={"name": "Tea", "hue": 55, "parent": str(shop.category)})
    assert inside.status_code == 201, inside.text
    assert (inside.json()["parent"], inside.json()["depth"]) == (str(shop.category), 1)
    tea, read_at = f"{api}/{inside.json()['id']}", inside.json()["version"]
    for parent, status in ((str(new_id()), 422), (inside.json()["id"], 422), ("top", 422)):
        refused = await owner.patch(tea, json={"parent": parent})
        assert (refused.status_code, list(refused.json()["errors"])) == (status, ["parent"])
    assert (await owner.post(api, json={"name": "Mate", "hue": 5, "parent": str(new_id())})).status_code == 422
    kept = await owner.patch(tea, json={"hue": 25})
    assert (kept.json()["parent"], kept.json()["hue"]) == (str(shop.category), 25)
    stale = await owner.patch(tea, json={"parent": None, "version": read_at})
    assert stale.status_code == 409
    top = await owner.patch(tea, json={"parent": None, "version": kept.json()["version"]})
    assert (top.status_code, top.json()["parent"], top.json()["depth"]) == (200, None, 0)
    listed = (await owner.get(api)).json()["items"]
    assert [(one["name"], one["depth"]) for one in listed] == [("Groceries", 0), ("Tea", 0)]
    back = await owner.patch(tea, json={"parent": str(shop.category)})
    assert back.json()["version"] == next(
        one["version"] for one in (await owner.get(api)).json()["items"] if one["name"] == "Tea"
    )


async def test_programs_make_and_change_categories_and_tax_classes(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    api = f"/t/{shop.tenant.slug}/api/v1"
    key = {"Idempotency-Key": str(new_id())}
    made = await owner.post(f"{api}/categories", json={"name": "Pets", "hue": 55}, headers=key)
    again = await owner.post(f"{api}/categories", json={"name": "Pets", "hue": 55}, headers=key)
    assert (made.status_code, again.status_code) == (201, 200)
    version = made.json()["version"]
    told = {
        "id": made.json()["id"],
        "name": "Pets",
        "hue": 55,
        "position": 2,
        "parent": None,
        "depth": 0,
        "version": version,
    }
    assert made.json() == again.json() == told
    pets = made.json()["id"]
    assert (await owner.post(f"{api}/categories", json={"name": "PETS", "hue": 1})).json()["code"] == "category_taken"
    assert (await owner.post(f"{api}/categories", json={"name": " ", "hue": "1"})).status_code == 422
    assert (await owner.patch(f"{api}/categories/{pets}", json={"hue": 25})).json()["hue"] == 25
    assert (await owner.patch(f"{api}/categories/{new_id()}", json={"hue": 25})).status_code == 404
    assert (await owner.delete(f"{api}/categories/{shop.category}")).json()["products"] == 6
    assert (await owner.delete(f"{api}/categories/{pets}")).status_code == 204
    tax = await owner.post(f"{api}/tax-classes", json={"code": "Z", "name": "Zero", "rate_micros": 0})
    assert tax.status_code == 201
    same = await owner.post(f"{api}/tax-classes", json={"code": "z", "name": "Zero", "rate_micros": 0})
    assert (same.status_code, same.json()["code"]) == (409, "tax_code_taken")
    for wrong in (70_000.5, "70000", True, 1_000_001, -1):
        refused = await owner.patch(f"{api}/tax-classes/{shop.reduced}", json={"rate_micros": wrong})
        assert refused.status_code == 422
    changed = await owner.patch(f"{api}/tax-classes/{shop.reduced}", json={"rate_micros": 85_000})
    assert (changed.json()["rate_micros"], changed.json()["name"]) == (85_000, "Reduced 7 %")
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, shop.products[0].id)).rate_micros == 85_000


async def test_a_clerk_changes_neither(site: Site, shop: Shop) -> None:
    clerk = await site.member(shop, "clerk")
    home = f"/t/{shop.tenant.slug}"
    before = await till_copy(shop)
    assert (
        await clerk.post(f"{home}/products/taxes", data={"name": "Zero", "code": "Z", "rate": "0"})
    ).status_code == 403
    assert (await clerk.post(f"{home}/api/v1/categories", json={"name": "Pets", "hue": 5})).status_code == 403
    assert await till_copy(shop) == before


async def test_the_pages_have_no_barriers_and_a_rate_is_changed_by_hand(shop: Shop, office: Page) -> None:
    home = f"/t/{shop.tenant.slug}/products"
    wrong: list[str] = []
    for path in ("categories", f"categories/{shop.category}/edit", "taxes", f"taxes/{shop.reduced}/edit", "new"):
        answer = await office.goto(f"{home}/{path}")
        assert answer is not None
        assert answer.status == 200
        wrong += await violations(office)
    assert wrong == []
    await office.goto(f"{home}/taxes/{shop.reduced}/edit")
    await office.fill("#f-rate", "5,5")
    await office.click("form.card button.primary")
    await office.wait_for_selector("#f-rate-error")
    assert await office.evaluate("document.activeElement.id") == "f-rate"
    await office.check("#f-sure")
    await office.click("form.card button.primary")
    await office.wait_for_url("**/products/taxes")
    assert [one["rate_micros"] for one in (await till_copy(shop))["tax_classes"]] == [55_000, 190_000]


async def test_a_shop_without_tax_classes_is_led_to_them(site: Site, shop: Shop) -> None:
    id = new_id()
    fresh = replace(shop, tenant=replace(shop.tenant, id=id, slug=f"t{id.hex}"))
    await shop.db.run(Scope.system(id), open_tenant, fresh.tenant)
    owner = await site.member(fresh)
    home = f"/t/{fresh.tenant.slug}/products"
    page = await owner.get(f"{home}/new")
    assert "A product needs a tax class, and there is none yet." in page.text
    assert f'href="{home}/taxes"' in page.text
    assert (await owner.post(f"{home}/taxes", data={"name": "Standard", "code": "S", "rate": "20"})).status_code == 303
    assert "there is none yet" not in (await owner.get(f"{home}/new")).text


@pytest.mark.parametrize(
    ("name", "rate_now", "words"),
    [
        ("Reduced 7 %", 70_000, "Reduced 7 %"),
        ("7%", 70_000, "7%"),
        ("Reduced", 70_000, "Reduced 7 %"),
        ("Rate 17 %", 70_000, "Rate 17 % 7 %"),
        ("Reduced 8 %", 80_000, "7 %"),
        ("", None, "7 %"),
    ],
)
def test_a_tax_is_named_on_paper_with_its_rate_said_once(name: str, rate_now: int | None, words: str) -> None:
    assert tax_words(70_000, name, rate_now) == words
