"""Categories are dragged in a real browser, by mouse and finger, also further than the screen shows; or go by key."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from playwright.async_api import Page

from tests.catalog.test_category_tree import add, tree
from tests.support.web import Site
from tests.support.world import Shop

MANY = [f"Group {number:02}" for number in range(24)]


async def opened(site: Site, shop: Shop, office: Page, *names: str) -> dict[str, str]:
    ids = await add(site, shop, *names)
    await office.goto(f"/t/{shop.tenant.slug}/products/categories")
    return ids


async def box(page: Page, selector: str) -> dict[str, float]:
    found = await page.locator(selector).bounding_box()
    assert found is not None
    return dict(found)


async def drag(page: Page, of: str, to: str, part: float, steps: int = 5) -> None:
    """Drag a row by its handle to a part of another row's height: 0 its upper edge, 1 its lower one."""
    await page.locator(f"#branch-{of} [data-grip]").hover()
    await page.mouse.down()
    row = await box(page, f"#branch-{to}")
    await page.mouse.move(row["x"] + 40, row["y"] + row["height"] * part, steps=steps)


class Finger:
    """A finger on a page's glass."""

    def __init__(self, session: Any) -> None:
        self.session = session

    async def put(self, x: float, y: float) -> None:
        await self._touch("touchStart", [{"x": x, "y": y}])

    async def move(self, x: float, y: float) -> None:
        await self._touch("touchMove", [{"x": x, "y": y}])

    async def lift(self) -> None:
        await self._touch("touchEnd", [])

    async def _touch(self, what: str, points: list[dict[str, float]]) -> None:
        await self.session.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})


async def moved(page: Page, id: str, parent: str, follows: str) -> None:
    """Wait until a row lies in another one and comes after one."""
    await page.wait_for_selector(f"#branch-{follows} + #branch-{id}[data-parent='{parent}']")


async def test_a_row_is_dropped_before_and_after_others_and_escape_leaves_it(
    site: Site, shop: Shop, office: Page
) -> None:
    wrong: list[str] = []
    office.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    ids = await opened(site, shop, office, "Drinks", "Beer", "Wine")
    await drag(office, ids["Wine"], ids["Drinks"], 0.1)
    await office.mouse.up()
    await moved(office, ids["Wine"], "", ids["Groceries"])
    assert await tree(shop) == ["Groceries", "Wine", "Drinks", "Beer"]
    await drag(office, ids["Groceries"], ids["Beer"], 0.9)
    await office.mouse.up()
    await moved(office, ids["Groceries"], "", ids["Beer"])
    assert await tree(shop) == ["Wine", "Drinks", "Beer", "Groceries"]
    await drag(office, ids["Wine"], ids["Beer"], 0.5)
    assert await office.locator(".branch.inside").count() == 1
    await office.keyboard.press("Escape")
    await office.mouse.up()
    assert await office.locator(".branch.inside, .branch.dragged").count() == 0
    assert await tree(shop) == ["Wine", "Drinks", "Beer", "Groceries"]
    await drag(office, ids["Wine"], ids["Wine"], 0.5)  # on itself
    await office.mouse.up()
    assert await tree(shop) == ["Wine", "Drinks", "Beer", "Groceries"]
    assert wrong == []


LINE = """([name, side]) => {
  const row = document.querySelector(name);
  return Math.round(parseFloat(getComputedStyle(row, side).insetInlineStart));
}"""
PADDING = "(row) => Math.round(parseFloat(getComputedStyle(row).paddingInlineStart))"


async def test_the_line_is_as_deep_as_the_row_will_lie(site: Site, shop: Shop, office: Page) -> None:
    ids = await add(site, shop, "Drinks", "Beer", "Wine")
    owner = await site.member(shop)
    place = f"/t/{shop.tenant.slug}/products/categories/{ids['Beer']}/place"
    assert (await owner.post(place, data={"parent": ids["Drinks"], "before": ""})).status_code in {200, 303}
    await office.goto(f"/t/{shop.tenant.slug}/products/categories")
    deep = await office.locator(f"#branch-{ids['Beer']}").evaluate(PADDING)
    assert deep > 0
    # before the inner row: as deep; after its parent: at the top, beneath all that is in it; inside another: one deeper
    for to, part, side, marked, indent in (
        ("Beer", 0.1, "before", "Beer", deep), ("Drinks", 0.9, "after", "Beer", 0),
        ("Drinks", 0.5, "after", "Beer", deep),
    ):  # fmt: skip
        await drag(office, ids["Wine"], ids[to], part)
        assert await office.evaluate(LINE, [f"#branch-{ids[marked]}.{side}", f"::{side}"]) == indent, (to, part)
        await office.keyboard.press("Escape")
        await office.mouse.up()


async def test_what_lies_too_deep_stays_where_it_was_and_says_why(site: Site, shop: Shop, office: Page) -> None:
    names = ["One", "Two", "Three", "Four", "Five", "Six"]
    ids = await add(site, shop, *names)
    owner = await site.member(shop)
    for below, name in pairwise(names[:5]):
        place = f"/t/{shop.tenant.slug}/products/categories/{ids[name]}/place"
        assert (await owner.post(place, data={"parent": ids[below], "before": ""})).status_code in {200, 303}
    await office.goto(f"/t/{shop.tenant.slug}/products/categories")
    before = await tree(shop)
    await drag(office, ids["Six"], ids["Five"], 0.5)
    await office.mouse.up()
    await office.get_by_text("at most 5 deep").first.wait_for()
    assert await tree(shop) == before


async def test_a_row_is_dragged_further_than_the_screen_shows(site: Site, shop: Shop, office: Page) -> None:
    await office.set_viewport_size({"width": 900, "height": 500})
    ids = await opened(site, shop, office, *MANY)
    last = ids[MANY[-1]]
    await office.locator(f"#branch-{ids['Groceries']} [data-grip]").hover()
    await office.mouse.down()
    await office.mouse.move(300, 495, steps=5)
    await office.wait_for_function(
        "(id) => document.getElementById(id).getBoundingClientRect().bottom <= innerHeight", arg=f"branch-{last}"
    )
    await office.wait_for_selector(f"#branch-{last}.after")  # held at the edge, it is aimed at the last one
    await office.mouse.up()
    await moved(office, ids["Groceries"], "", last)
    assert (await tree(shop))[-1] == "Groceries"


async def test_a_finger_drags_by_the_handle(site: Site, shop: Shop, office: Page) -> None:
    await office.set_viewport_size({"width": 390, "height": 700})
    ids = await opened(site, shop, office, "Drinks", "Beer")
    finger = Finger(await office.context.new_cdp_session(office))
    await finger.session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    await office.locator("#tree").scroll_into_view_if_needed()
    grip, target = (
        await box(office, f"#branch-{ids['Beer']} [data-grip]"),
        await box(office, f"#branch-{ids['Drinks']}"),
    )
    await finger.put(grip["x"] + 10, grip["y"] + 20)
    for part in (0.9, 0.7, 0.5):
        await finger.move(grip["x"] + 12, target["y"] + target["height"] * part)
    await office.wait_for_selector(f"#branch-{ids['Drinks']}.inside")
    await finger.lift()
    await office.wait_for_selector(f"#branch-{ids['Beer']}[data-parent='{ids['Drinks']}']")
    assert await tree(shop) == ["Groceries", "Drinks", "  Beer"]


async def test_every_step_goes_by_key_and_the_focus_stays_with_the_row(site: Site, shop: Shop, office: Page) -> None:
    ids = await opened(site, shop, office, "Drinks", "Beer", "Wine")

    async def press(step: str, name: str, wanted: list[str]) -> None:
        button = f"{step}-{ids[name]}"
        await office.locator(f"#{button}").focus()
        async with office.expect_response(lambda answer: answer.url.endswith("/place")):
            await office.keyboard.press("Enter")
        await office.wait_for_function("(id) => document.activeElement.id === id", arg=button)
        assert await tree(shop) == wanted
        said.append((await office.locator("#tree-said").text_content() or "").strip())

    said: list[str] = []
    await press("into", "Beer", ["Groceries", "Drinks", "  Beer", "Wine"])
    await press("into", "Wine", ["Groceries", "Drinks", "  Beer", "  Wine"])
    await press("up", "Wine", ["Groceries", "Drinks", "  Wine", "  Beer"])
    await press("down", "Wine", ["Groceries", "Drinks", "  Beer", "  Wine"])
    await press("out", "Beer", ["Groceries", "Drinks", "  Wine", "Beer"])
    await press("down", "Groceries", ["Drinks", "  Wine", "Groceries", "Beer"])
    assert said == [
        "Beer is number 1 of 1 in Drinks.", "Wine is number 2 of 2 in Drinks.", "Wine is number 1 of 2 in Drinks.",
        "Wine is number 2 of 2 in Drinks.", "Beer is number 3 of 3 at the top.",
        "Groceries is number 2 of 3 at the top.",
    ]  # fmt: skip
    assert await office.locator("#tree-said").get_attribute("role") == "status"
