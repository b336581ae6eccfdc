"""Many products at once: looked at first, changed as they were seen, passed over where not, and brought back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from retail.catalog.changes import jobs, looking, running
from retail.catalog.changes.acts import ACTS, Act
from retail.catalog.changes.errors import CannotUndo
from retail.catalog.changes.running import Choice, Matching, Pick
from retail.catalog.lists.wanted import Wanted
from retail.catalog.operations import Draft, add_category, put_products, remove_category
from retail.catalog.products.limits import PlanFull
from retail.catalog.products.traits import Traits
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.runner import Runner
from tests.support.web import Site
from tests.support.world import Shop, open_shop

_STATE = """
SELECT sku, category_id::text, tax_class_id::text, tags::text, available_from::text, available_until::text, on_sale,
       archived_at IS NOT NULL, reorder_point::text FROM product WHERE tenant_id = $1 ORDER BY sku
"""


async def state(shop: Shop) -> list[tuple[Any, ...]]:
    async with shop.db.read(shop.scope) as read:
        return [tuple(row) for row in await read.fetch(_STATE, read.tenant)]


async def head(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        version: int = await read.fetchval("SELECT version FROM catalogue_head WHERE tenant_id = $1", read.tenant)
    return version


async def everything(shop: Shop, **wanted: object) -> Matching:
    return Matching(Wanted(**wanted), await head(shop))  # type: ignore[arg-type]


async def make(shop: Shop, act: Act, value: Mapping[str, Any], choice: Choice) -> UUID:
    async with shop.db.begin(shop.scope) as tx:
        change = await running.start(tx, act, value, choice)
        await jobs.begin(tx, change)
    return change


async def undo(shop: Shop, change: UUID) -> UUID:
    async with shop.db.begin(shop.scope) as tx:
        undoing = await running.start_undoing(tx, change)
        await jobs.begin(tx, undoing)
    return undoing


async def kept(shop: Shop, change: UUID) -> looking.Kept:
    async with shop.db.read(shop.scope) as read:
        return await looking.change(read, change)


def values(shop: Shop) -> dict[Act, dict[str, Any]]:
    return {
        "archive": {},
        "restore": {},
        "category": {"category_id": None},
        "tax_class": {"tax_class_id": str(shop.reduced)},
        "tags_add": {"tags": ["Organic", "new"]},
        "tags_remove": {"tags": ["NEW"]},
        "schedule": {"available_from": datetime(2030, 1, 1, tzinfo=UTC).isoformat(), "available_until": None},
        "reorder_point": {"reorder_point": "12"},
    }


async def tagged(shop: Shop) -> None:
    """Give the shop a product with tags and one off sale, so that every act has something to do."""
    async with shop.db.begin(shop.scope) as tx:
        traits = Traits(tags=("organic", "New"))
        await put_products(tx, [Draft(new_id(), "A-1", "Tea", shop.standard, 100, traits=traits)])
        await put_products(tx, [Draft(new_id(), "A-2", "Old tea", shop.standard, 100)])
        await tx.execute("UPDATE product SET archived_at = $2 WHERE tenant_id = $1 AND sku = 'A-2'", tx.tenant, tx.now)


@pytest.mark.parametrize("act", ACTS)
async def test_what_was_previewed_is_what_changes_and_the_undoing_leads_back(shop: Shop, act: Act) -> None:
    await tagged(shop)
    before, version = await state(shop), await head(shop)
    choice = await everything(shop, archived=act == "restore")
    async with shop.db.read(shop.scope) as read:
        seen = await looking.preview(read, act, values(shop)[act], choice)
    assert seen.changed > 0
    assert (await state(shop), await head(shop)) == (before, version), "to look changes nothing"
    change = await make(shop, act, values(shop)[act], choice)
    after, made = await state(shop), await kept(shop, change)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == seen.changed == made.changed
    assert (made.state, made.wanted, made.taken, made.passed) == ("done", seen.products, seen.products, 0)
    assert await head(shop) == version + 1, "one version for all"
    undoing = await kept(shop, await undo(shop, change))
    assert await state(shop) == before
    assert (undoing.undoes, undoing.changed, undoing.passed) == (change, made.changed, 0)
    assert (await kept(shop, change)).undone == undoing.id
    with pytest.raises(CannotUndo):
        await undo(shop, change)
    await undo(shop, undoing.id)
    assert await state(shop) == after, "an undoing is a change like any other"
    async with shop.db.read(shop.scope) as read:
        told = await read.fetch(
            """SELECT action, facts ->> 'undoes' AS undoes FROM audit_event
                WHERE tenant_id = $1 AND subject_kind = 'product' AND facts ->> 'at_once' IS NOT NULL ORDER BY id""",
            read.tenant,
        )
    assert len(told) == 3 * made.changed, "each product's own trail has each step"
    assert [row["undoes"] is None for row in told].count(False) == 2 * made.changed


async def test_who_was_touched_meanwhile_is_passed_over_both_ways(shop: Shop) -> None:
    milk, cola = shop.products[1], shop.products[3]
    choice = await everything(shop)
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [Draft(milk.id, milk.sku, "Milk", shop.reduced, 140)])
    change = await make(shop, "reorder_point", {"reorder_point": "9"}, choice)
    made = await kept(shop, change)
    assert (made.wanted, made.changed, made.passed) == (6, 5, 1)
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [Draft(cola.id, cola.sku, "Cola", shop.standard, 120, reorder_point=None)])
    undone = await kept(shop, await undo(shop, change))
    assert (undone.wanted, undone.changed, undone.passed) == (5, 4, 1)
    points = {row[0]: row[-1] for row in await state(shop)}
    assert points == {ware.sku: "5.000" for ware in shop.products} | {milk.sku: None, cola.sku: None}


async def test_a_product_whose_category_is_gone_is_passed_over_by_the_undoing(shop: Shop) -> None:
    other = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await add_category(tx, other, "Other", 10)
    change = await make(shop, "category", {"category_id": str(other)}, await everything(shop))
    async with shop.db.begin(shop.scope) as tx:
        await remove_category(tx, shop.category)
    undone = await kept(shop, await undo(shop, change))
    assert (undone.changed, undone.passed) == (0, 6)
    assert {row[1] for row in await state(shop)} == {str(other)}


async def test_more_than_a_plan_has_room_for_is_refused_and_nothing_is_changed(site: Site, shop: Shop) -> None:
    change = await make(shop, "archive", {}, await everything(shop))
    before = await state(shop)
    async with shop.db.begin(shop.scope) as tx:
        rooms = [Draft(new_id(), f"F-{n:03}", f"Filler {n}", shop.standard, 1) for n in range(500)]
        await put_products(tx, rooms)
    await starter(shop)
    with pytest.raises(PlanFull):
        await undo(shop, change)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    form = {"all": "1", "back": "show=archived", "seen": str(await head(shop)), "act": "restore"}
    answer = await owner.post(f"{home}/changes/made", data=form)
    assert answer.status_code == 422
    assert "Your plan Starter has room for 500 products" in answer.text
    assert [row for row in await state(shop) if not row[0].startswith("F-")] == before


async def starter(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = 'starter' WHERE id = $1", tx.tenant)


async def test_more_than_a_thousand_go_to_the_worker_with_progress_and_can_be_stopped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 4)
    choice = await everything(shop)
    change = await make(shop, "tags_add", {"tags": ["big"]}, choice)
    assert ((await kept(shop, change)).state, (await kept(shop, change)).taken) == ("running", 0)
    with pytest.raises(CannotUndo):
        await undo(shop, change)
    monkeypatch.setattr(running.take, "__defaults__", (4,))
    assert await Runner(shop.db).run(shop.tenant.id, change)
    made = await kept(shop, change)
    assert (made.state, made.taken, made.changed, made.share) == ("done", 6, 6, 100)
    async with shop.db.read(shop.scope) as read:
        actors = await read.fetch(
            "SELECT DISTINCT actor_name FROM audit_event WHERE tenant_id = $1 AND action = 'product.tags_set'",
            read.tenant,
        )
    assert [row[0] for row in actors] == ["Olga Owner"], "the worker acts for who asked"
    other = await make(shop, "tags_add", {"tags": ["more"]}, await everything(shop))
    async with shop.db.begin(shop.scope) as tx:
        assert await running.take(tx, other, 2)
        await running.stop(tx, other)
    assert await Runner(shop.db).run(shop.tenant.id, other)
    halted = await kept(shop, other)
    assert (halted.state, halted.taken, halted.changed) == ("stopped", 2, 2)
    undone = await kept(shop, await undo(shop, other))
    assert undone.changed == 2


async def test_the_page_shows_what_changes_before_it_does(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    page = (await owner.get(f"{home}/changes/new?q=o")).text
    assert "5 products are chosen. All that the list shows, on every page." in page
    form = {"all": "1", "back": "q=o", "seen": str(await head(shop)), "act": "tags_add", "tags": "one, two"}
    looked = (await owner.post(f"{home}/changes/new", data=form)).text
    assert "5 products change." in looked
    assert "Change 5 products" in looked
    assert {row[3] for row in await state(shop)} == {"{}"}
    made = await owner.post(f"{home}/changes/made", data=form)
    assert made.status_code == 303
    shown = (await owner.get(made.headers["location"])).text
    assert "Undo" in shown
    assert [row[3] for row in await state(shop)].count("{one,two}") == 5
    undone = await owner.post(made.headers["location"] + "/undoing")
    assert {row[3] for row in await state(shop)} == {"{}"}
    assert "Undone: Add tags" in (await owner.get(undone.headers["location"])).text
    listed = (await owner.get(f"{home}/changes")).text
    assert listed.count("Add tags") == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"act": ""}, "Pick what to do."),
        ({"act": "explode"}, "Pick one of the choices."),
        ({"act": "tags_add", "tags": " , "}, "Fill this in."),
        ({"act": "tags_add", "tags": "x" * 41}, "Use at most 40 letters for a tag."),
        ({"act": "reorder_point", "reorder_point": "-1"}, "This can&#39;t be below zero."),
        ({"act": "reorder_point", "reorder_point": "2.5"}, "Some of these products are counted in whole pieces."),
        ({"act": "tax_class"}, "Fill this in."),
        ({"act": "category", "new_category": str(new_id())}, "Pick one from the list."),
        (
            {"act": "schedule", "available_from": "2030-01-02T10:00", "available_until": "2030-01-01T10:00"},
            "The end must come after the beginning.",
        ),
        ({"act": "archive", "back": "category=zzz"}, "The list&#39;s address has a wrong filter."),
    ],
)
async def test_a_wrong_form_is_refused_at_its_field(
    site: Site, shop: Shop, wrong: dict[str, str], sentence: str
) -> None:
    owner, before = await site.member(shop), await state(shop)
    form = {"all": "1", "back": "", "seen": str(await head(shop))} | wrong
    answer = await owner.post(f"/t/{shop.tenant.slug}/products/changes/made", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await state(shop) == before
    async with shop.db.read(shop.scope) as read:
        assert await looking.changes(read) == []


async def test_what_is_weighed_takes_a_part_as_its_reorder_point(shop: Shop) -> None:
    fruit = next(one for one in shop.products if one.name == "Bananas")
    change = await make(shop, "reorder_point", {"reorder_point": "2.5"}, [Pick(fruit.id, await head(shop))])
    assert (await kept(shop, change)).changed == 1


async def test_another_business_and_who_may_not_edit_reach_nothing(site: Site, shop: Shop) -> None:
    change = await make(shop, "archive", {}, [Pick(shop.products[0].id, 1_000_000)])
    other = await open_shop(shop.db)
    async with other.db.begin(other.scope) as tx:
        with pytest.raises(NotFound):
            await running.start_undoing(tx, change)
    stranger, viewer = await site.member(other), await site.member(shop, "viewer")
    path = f"/t/{shop.tenant.slug}/products/changes"
    for who, status in ((stranger, 404), (viewer, 403)):
        for address in (path, f"{path}/new", f"{path}/{change}"):
            assert (await who.get(address)).status_code == status, address
        for address in (f"{path}/{change}/undoing", f"{path}/{change}/stop", f"{path}/made"):
            assert (await who.post(address, data={"act": "archive", "all": "1"})).status_code == status
    assert (
        await (await site.member(other)).get(f"/t/{other.tenant.slug}/products/changes/{change}")
    ).status_code == 404


async def test_in_a_browser_ticked_rows_are_changed_and_brought_back(shop: Shop, office: Page) -> None:
    home = f"/t/{shop.tenant.slug}/products"
    await office.goto(home)
    for place in (0, 1):
        await office.locator('input[name="ids"]').nth(place).check()
    await office.get_by_role("button", name="More changes").click()
    await expect(office.locator("main")).to_contain_text("2 products are chosen.")
    await office.get_by_label("What to do").select_option(label="Add tags")
    await office.get_by_label("Tags").fill("fresh, local")
    press = office.get_by_role("button", name="Change 2 products")
    await expect(press).to_be_visible()
    await press.click()
    await office.wait_for_url(re.compile(r"/products/changes/[0-9a-f-]{36}$"))
    await office.get_by_role("button", name="Undo").click()
    await office.locator("dialog[open]").get_by_role("button", name="Undo").click()
    await expect(office.locator("h1")).to_have_text("Undone: Add tags")
    assert {row[3] for row in await state(shop)} == {"{}"}
    assert json.dumps(await state(shop)).count("fresh") == 0
