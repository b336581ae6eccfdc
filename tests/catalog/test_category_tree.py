"""Categories lie in each other, at most five deep and never in a ring, and are moved by hand, finger and key."""

from __future__ import annotations

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Page

from retail.catalog import queries
from retail.catalog.products.tree import (
    DEEPEST,
    STEPS,
    Spot,
    Step,
    above,
    below,
    in_order,
    place_problem,
    spot_of,
    stuck,
)
from retail.catalog.snapshot import snapshot
from tests.support.web import Site
from tests.support.world import Shop

HTMX = {"HX-Request": "true"}


async def tree(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [f"{'  ' * one.depth}{one.name}" for one in await queries.categories(read)]


async def add(site: Site, shop: Shop, *names: str) -> dict[str, str]:
    owner = await site.member(shop)
    for name in names:
        assert (
            await owner.post(f"/t/{shop.tenant.slug}/products/categories", data={"name": name, "hue": "55"})
        ).status_code == 303
    async with shop.db.read(shop.scope) as read:
        return {one.name: str(one.id) for one in await queries.categories(read)}


async def test_a_category_is_moved_by_steps_and_by_dragging(site: Site, shop: Shop) -> None:
    ids = await add(site, shop, "Drinks", "Beer", "Wine")
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/categories"

    async def step(name: str, how: str) -> None:
        answer = await owner.post(f"{home}/{ids[name]}/place", data={"step": how}, headers=HTMX)
        assert answer.status_code == 200
        assert answer.text.strip().startswith('<ul id="tree"')

    assert await tree(shop) == ["Groceries", "Drinks", "Beer", "Wine"]
    await step("Beer", "into")
    await step("Wine", "into")
    assert await tree(shop) == ["Groceries", "Drinks", "  Beer", "  Wine"]
    await step("Wine", "up")
    await step("Drinks", "up")
    await step("Drinks", "up")  # nowhere to go: it stays
    assert await tree(shop) == ["Drinks", "  Wine", "  Beer", "Groceries"]
    await step("Wine", "out")
    assert await tree(shop) == ["Drinks", "  Beer", "Wine", "Groceries"]
    dragged = {"parent": ids["Drinks"], "before": ids["Beer"]}
    assert (await owner.post(f"{home}/{ids['Groceries']}/place", data=dragged, headers=HTMX)).status_code == 200
    assert await tree(shop) == ["Drinks", "  Groceries", "  Beer", "Wine"]
    async with shop.db.read(shop.scope) as read:
        copy = await snapshot(read, 0)
        wanted = queries.Wanted(category=UUID(ids["Drinks"]))
        inside = await queries.products(read, wanted, limit=50, after=None)
    assert [(one["name"], one["parent"]) for one in copy["categories"]][1] == ("Groceries", ids["Drinks"])
    assert len(inside.items) == 6


async def test_a_step_that_leads_nowhere_says_why(site: Site, shop: Shop) -> None:
    ids = await add(site, shop, "Drinks")
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/categories"
    page = (await owner.get(home)).text
    dead = {id: re.search(r'aria-disabled="true"[^>]*title="([^"]*)"', part) for id, part in buttons(page).items()}
    top, last = ids["Groceries"], ids["Drinks"]
    assert {id: found[1] for id, found in dead.items() if found} == {
        f"up-{top}": "It is the first one here.", f"into-{top}": "There is none above it here.",
        f"out-{top}": "It lies in no other one.",
        f"down-{last}": "It is the last one here.", f"out-{last}": "It lies in no other one.",
    }  # fmt: skip
    answer = await owner.post(f"{home}/{top}/place", data={"step": "up"}, headers=HTMX)
    assert (answer.status_code, "It is the first one here." in answer.headers["HX-Trigger"]) == (200, True)
    answer = await owner.post(f"{home}/{top}/place", data={"step": "down"}, headers=HTMX)
    assert "HX-Trigger" not in answer.headers


def buttons(page: str) -> dict[str, str]:
    found = re.findall(r"<button class=\"btn icon-only quiet\".*?</button>", page, re.DOTALL)
    return {re.search(r'id="([^"]+)"', one)[1]: one for one in found}  # type: ignore[index]


async def test_how_many_a_category_has_is_how_many_its_list_shows(site: Site, shop: Shop) -> None:
    ids = await add(site, shop, "Drinks", "Beer")
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE category SET parent_id = $2 WHERE id = $1", UUID(ids["Beer"]), UUID(ids["Drinks"]))
        for at, name in ((0, "Drinks"), (1, "Beer"), (2, "Beer")):
            await tx.execute("UPDATE product SET category_id = $2 WHERE id = $1", shop.products[at].id, UUID(ids[name]))
        await tx.execute("UPDATE product SET archived_at = now() WHERE id = $1", shop.products[2].id)
    async with shop.db.read(shop.scope) as read:
        said = await queries.products_listed(read)
        shown = {
            id: len((await queries.products(read, queries.Wanted(category=UUID(id)), limit=50, after=None)).items)
            for id in ids.values()
        }
    assert {str(id): many for id, many in said.items()} == shown
    assert [shown[ids[name]] for name in ("Groceries", "Drinks", "Beer")] == [3, 2, 1]
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/categories"
    counted = dict(re.findall(r'products\?category=([0-9a-f-]+)">(\d+) product', (await owner.get(home)).text))
    assert {id: int(many) for id, many in counted.items()} == shown
    assert "2 products on sale" in (await owner.get(f"{home}/{ids['Drinks']}/edit")).text


async def test_rings_and_depths_are_refused_and_nothing_moves(site: Site, shop: Shop) -> None:
    names = ["One", "Two", "Three", "Four", "Five", "Six"]
    ids = await add(site, shop, *names)
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/categories"
    for inner, outer in zip(names[1:5], names, strict=False):
        moved = await owner.post(f"{home}/{ids[inner]}/place", data={"parent": ids[outer]}, headers=HTMX)
        assert moved.status_code == 200
    before = await tree(shop)
    for name, parent, sentence in (
        ("One", "One", "A category can't lie in itself"),
        ("One", "Four", "A category can't lie in itself"),
        ("Six", "Five", "Categories lie at most 5 deep"),
    ):
        refused = await owner.post(f"{home}/{ids[name]}/place", data={"parent": ids[parent]}, headers=HTMX)
        assert refused.status_code == 422
        assert sentence in refused.headers["HX-Trigger"] + refused.text
        form = {"name": name, "hue": "55", "parent": ids[parent]}
        at_field = await owner.post(f"{home}/{ids[name]}", data=form)
        assert at_field.status_code == 422
        assert 'id="f-parent-error"' in at_field.text
    assert await tree(shop) == before
    kept = await owner.post(f"{home}/{ids['One']}/removal")
    assert kept.status_code == 303
    assert await tree(shop) == before


async def test_in_a_browser_a_row_is_dragged_into_another(site: Site, shop: Shop, office: Page) -> None:
    ids = await add(site, shop, "Drinks", "Beer")
    await office.goto(f"/t/{shop.tenant.slug}/products/categories")
    grip = office.locator(f"#branch-{ids['Beer']} [data-grip]")
    target = await office.locator(f"#branch-{ids['Drinks']}").bounding_box()
    assert target is not None
    await grip.hover()
    await office.mouse.down()
    await office.mouse.move(target["x"] + 30, target["y"] + target["height"] / 2, steps=5)
    await office.mouse.up()
    await office.wait_for_selector(f"#branch-{ids['Beer']}[data-parent='{ids['Drinks']}']")
    assert await tree(shop) == ["Groceries", "Drinks", "  Beer"]
    await office.locator(f"#up-{ids['Drinks']}").focus()
    await office.keyboard.press("Enter")
    await office.wait_for_selector(f"#tree > li:first-child[data-branch='{ids['Drinks']}']")
    assert await office.evaluate("document.activeElement.id") == f"up-{ids['Drinks']}"


ids = [UUID(int=at) for at in range(1, 9)]
moves = st.lists(
    st.tuples(st.sampled_from(ids), st.one_of(st.sampled_from(STEPS), st.none(), st.sampled_from(ids))), max_size=30
)


@given(moves)
def test_whatever_is_moved_the_tree_stays_one_and_shallow(made: list[tuple[UUID, Step | UUID | None]]) -> None:
    parents: dict[UUID, UUID | None] = dict.fromkeys(ids)
    siblings: dict[UUID | None, list[UUID]] = {None: list(ids)}
    for id, how in made:
        spot = spot_of(how, id, parents, siblings) if isinstance(how, str) else Spot(how)
        if spot is None or place_problem(id, spot.parent, parents):
            continue
        siblings[parents[id]].remove(id)
        there = siblings.setdefault(spot.parent, [])
        there.insert(there.index(spot.before) if spot.before in there else len(there), id)
        parents[id] = spot.parent
    dead = stuck(parents, siblings)
    for id in ids:
        for step in STEPS:
            spot = spot_of(step, id, parents, siblings)
            assert (step in dead[id]) == (spot is None or bool(place_problem(id, spot.parent, parents)))
    shown = in_order(siblings)
    assert sorted(one for one, _depth in shown) == sorted(ids)
    assert all(depth < DEEPEST for _one, depth in shown)
    assert all(id not in above(id, parents) for id in ids)
    assert all(id in below(parent, parents) for id, parent in parents.items() if parent)
