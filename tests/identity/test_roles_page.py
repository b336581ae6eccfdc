"""The page of roles: folded, searched, one role at a time, and what was changed since the business began."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from retail.identity.permissions import DISCOUNT, REFUND, TEMPLATES, VIEW_COSTS
from retail.identity.roles import role
from retail.identity.roles_changes import create_role, set_rights
from retail.runtime.tenancy import Right
from tests.support.office import office
from tests.support.web import Site, enrol
from tests.support.world import Shop

__all__ = ["office"]

PHONE = {"width": 390, "height": 844}


def main_of(text: str) -> str:
    return text.partition("<main")[2].partition("</main")[0]


def shown(text: str) -> set[str]:
    return set(re.findall(r'id="may-(\w+)"', text))


async def test_words_and_a_role_narrow_the_table_and_saving_it_leaves_the_rest(site: Site, shop: Shop) -> None:
    owner, page = await site.member(shop), f"/t/{shop.tenant.slug}/roles"
    everything = main_of((await owner.get(page)).text)
    assert shown(everything) >= {"discount", "refund", "view_stock"}
    assert everything.count("<details") == 5
    assert "open>" not in everything, "folded until somebody looks"
    found = main_of((await owner.get(page, params={"q": "discount", "role": "clerk"})).text)
    assert shown(found) == {"discount"}
    assert set(re.findall(r'name="r\.(\w+)\.', found)) == {"clerk"}
    assert re.search(r'id="group-selling" open', found)
    typed = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', found))
    typed |= {"r.clerk.discount": "allowed", "l.clerk.discount": "15"}
    saved = await owner.post(
        f"{page}/table", data={name: value for name, value in typed.items() if name != "was.clerk"}
    )
    assert (saved.status_code, saved.headers["location"]) == (303, f"{page}?q=discount&role=clerk")
    async with site.db.read(shop.scope) as read:
        now = (await role(read, "clerk")).rights
    assert dict(now) == {**TEMPLATES["clerk"], DISCOUNT: Right(limit=1_500)}
    nothing = main_of((await owner.get(page, params={"q": "zebra"})).text)
    assert "No right has these words" in nothing
    assert ">Save<" not in nothing


async def test_a_mistake_is_shown_in_its_opened_group_under_the_same_words(site: Site, shop: Shop) -> None:
    owner, page = await site.member(shop), f"/t/{shop.tenant.slug}/roles"
    form = {"v.clerk": "1", "r.clerk.discount": "allowed", "l.clerk.discount": "120"}
    for more, others in (({}, True), ({"q": "discount"}, False)):
        answer = await owner.post(f"{page}/table", data=form | more)
        assert answer.status_code == 422
        assert re.search(r'id="group-selling" open', answer.text)
        assert ("view_stock" in shown(answer.text)) is others


async def test_what_was_changed_is_summed_up_for_roles_that_every_business_has(site: Site, shop: Shop) -> None:
    owner, page = await site.member(shop), f"/t/{shop.tenant.slug}/roles"
    assert 'id="changed"' not in (await owner.get(page)).text
    async with site.db.begin(shop.scope) as tx:
        clerk = (await role(tx, "clerk")).rights
        await set_rights(
            tx, "clerk", {**clerk, REFUND: Right("approval"), DISCOUNT: Right(limit=1_550), VIEW_COSTS: Right()}
        )
        made = await create_role(tx, "Shift lead", "clerk")
        await set_rights(tx, made.key, {})
    text = main_of((await owner.get(page)).text)
    listed = re.sub(r"<[^>]+>", " ", text.partition('id="changed"')[2].partition("</details>")[0])
    told = [" ".join(line.split()) for line in listed.split("\n") if "at first" in line]
    assert told == [
        "Sales clerk : Give a discount allowed up to 15.5 % at first allowed up to 10 %",
        "Sales clerk : Take goods back and refund needs approval at first allowed up to 50 EUR",
        "Sales clerk : See purchase costs and margins allowed at first denied",
    ]
    assert "2 changed" in text
    assert "1 changed" in text


async def test_on_a_phone_the_page_is_short_and_opens_where_one_taps(office: Page, shop: Shop) -> None:
    await office.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await office.goto(f"/t/{shop.tenant.slug}/roles")
    assert await office.evaluate("document.documentElement.scrollHeight") < 2_000
    assert await office.evaluate("document.documentElement.scrollWidth") == 390
    refund = office.get_by_label("Sales clerk: Take goods back and refund", exact=True)
    await expect(refund).to_be_hidden()
    await office.locator("#group-selling > summary").click()
    await expect(refund).to_be_visible()
    for mark in await office.locator(".rights-group > summary").all():
        box = await mark.bounding_box()
        assert box is not None
        assert box["height"] >= 48


async def test_on_a_phone_removing_somebody_stands_beside_their_name(office: Page, site: Site, shop: Shop) -> None:
    await enrol(site.db, shop.tenant.id, "clerk")
    await office.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await office.goto(f"/t/{shop.tenant.slug}/people")
    for row in await office.locator("tr[id^=member-]").all():
        name, button = await row.locator("th").bounding_box(), await row.locator(".corner button").bounding_box()
        assert name is not None
        assert button is not None
        assert button["y"] <= name["y"] + name["height"] / 2 <= button["y"] + button["height"]
        assert button["x"] + button["width"] <= 390


async def test_the_account_menu_calls_a_role_by_its_name(site: Site, shop: Shop) -> None:
    base = f"/t/{shop.tenant.slug}"
    made = await shop.db.run(shop.scope, create_role, "100% chief", "manager")
    for key, called in (("owner", "Owner"), ("clerk", "Sales clerk"), (made.key, "100% chief")):
        page = (await (await site.member(shop, key)).get(f"{base}/products")).text
        assert f'<span class="muted xs">{called}</span>' in page
