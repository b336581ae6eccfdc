"""The list of people: page by page in every order, searched and narrowed, on its page and for programs."""

from __future__ import annotations

import pytest

from retail.identity.disabling import disable_member
from retail.identity.operations import NewMember, add_member
from retail.identity.people_list import ORDERS, listed_members
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from tests.support.web import PASSWORD_HASH, Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def staff(shop: Shop, count: int) -> list[str]:
    """Take on clerks and viewers by turns; gives their names."""
    names = [f"{letter} Person" for letter in "hGfEdCbA"[:count]]
    for place, name in enumerate(names):
        draft = NewMember(f"{new_id().hex}@shop.example", name, ("clerk", "viewer")[place % 2], PASSWORD_HASH)
        await shop.db.run(shop.scope, add_member, draft)
    return names


async def walk(shop: Shop, asked: str, **narrowed: str) -> list[str]:
    """Follow the pages of two to the end."""
    names, after = [], None
    order = ORDERS.named(asked)
    assert order is not None
    while True:
        async with shop.db.read(shop.scope) as read:
            page = await listed_members(read, limit=2, after=after, order=order, **narrowed)
        assert len(page.items) <= 2
        names += [one.name for one in page.items]
        after = page.next
        if after is None:
            return names


async def test_the_pages_hold_everybody_once_in_every_order(shop: Shop) -> None:
    added = await staff(shop, 7)
    async with shop.db.read(shop.scope) as read:
        everybody = {row["name"] for row in await read.fetch("SELECT name FROM membership WHERE ended_at IS NULL")}
    assert set(added) <= everybody
    for order in ORDERS:
        for way in (order, order.turned):
            assert sorted(await walk(shop, way.asked)) == sorted(everybody), way.asked
    by_name = [name for name in await walk(shop, "name") if name in added]
    assert by_name == sorted(added, key=str.casefold)
    assert (await walk(shop, "role"))[-3:] == sorted(added[1::2], key=str.casefold)


async def test_the_list_is_searched_and_narrowed(shop: Shop) -> None:
    await staff(shop, 4)
    assert await walk(shop, "name", q="f pers") == ["f Person"]
    assert await walk(shop, "name", q="%") == []
    assert await walk(shop, "name", role="viewer", q="Person") == ["E Person", "G Person"]
    assert await walk(shop, "name", state="disabled") == []


async def test_a_cursor_of_another_order_is_refused(shop: Shop) -> None:
    await staff(shop, 4)
    async with shop.db.read(shop.scope) as read:
        page = await listed_members(read, limit=1)
        for wrong in (page.next, "nonsense"):
            with pytest.raises(Invalid):
                await listed_members(read, after=wrong, order=ORDERS["name"])


async def test_the_page_shows_fifty_and_leads_on(site: Site, shop: Shop) -> None:
    owner, people = await site.member(shop), f"/t/{shop.tenant.slug}/people"
    for number in range(60):
        draft = NewMember(f"{new_id().hex}@shop.example", f"Person {number:02}", "viewer", PASSWORD_HASH)
        await shop.db.run(shop.scope, add_member, draft)
    first = (await owner.get(f"{people}?q=Person")).text
    assert first.count('id="member-') == 50
    assert "Person 49" in first
    assert "Person 50" not in first
    after = first.split("after=")[1].split('"')[0].replace("&amp;", "&")
    second = (await owner.get(f"{people}?q=Person&after={after}")).text
    assert second.count('id="member-') == 10
    assert "Person 59" in second


async def test_who_is_disabled_has_a_list_of_its_own(site: Site, shop: Shop) -> None:
    owner, people = await site.member(shop), f"/t/{shop.tenant.slug}/people"
    await staff(shop, 2)
    assert "Nobody is disabled" in (await owner.get(f"{people}?show=disabled")).text
    async with shop.db.read(shop.scope) as read:
        (gone,) = (await listed_members(read, q="h Person")).items
    await shop.db.run(shop.scope, disable_member, gone.id)
    working = (await owner.get(people)).text
    assert "Disabled (1)" in working
    assert "h Person" not in working
    disabled = (await owner.get(f"{people}?show=disabled")).text
    assert f"/people/{gone.id}/enabling" in disabled
    assert "G Person" not in disabled
    wrong = await owner.get(f"{people}?show=everybody")
    assert (wrong.status_code, "Nothing is shown yet" in wrong.text) == (422, True)


async def test_programs_get_people_page_by_page(site: Site, shop: Shop) -> None:
    owner, people = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/people"
    names = await staff(shop, 5)
    found, after = [], ""
    while after is not None:
        answer = (
            await owner.get(people, params={"limit": "2", "q": "Person"} | ({"after": after} if after else {}))
        ).json()
        assert len(answer["items"]) <= 2
        found += [one["name"] for one in answer["items"]]
        after = answer["next"]
    assert sorted(found) == sorted(names)
    assert (await owner.get(people, params={"after": "x"})).status_code == 422
    assert (await owner.get(people, params={"state": "x"})).status_code == 422
    assert (await owner.get(people, params={"state": "disabled"})).json() == {"items": [], "next": None}
