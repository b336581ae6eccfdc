"""Pages of customers: added, found, shown with what they bought, merged, refused at the field, exempted."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx

from retail.catalog.taxes.on_tills import taxes_on_tills
from retail.customers.operations import as_wanted, change_customer
from retail.customers.queries import customer
from tests.support.buyers import a_customer
from tests.support.selling import open_counter
from tests.support.web import Site
from tests.support.world import Shop

HEAD = "SELECT version FROM catalogue_head WHERE tenant_id = $1"


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/customers"


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}"\s+value="([^"]*)"', page)
    assert found, name
    return found.group(1)


async def test_a_customer_is_added_found_shown_changed_and_archived(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), home(shop)
    assert "No customers yet" in (await owner.get(at)).text
    data = {"name": "Anna Berg", "phone": "+49 171 2345678", "email": "anna@example.com", "member_card": "20420001",
            "group": "club", "credit_limit": "50.00", "note": "left-handed"}  # fmt: skip
    made = await owner.post(at, data=data)
    assert made.status_code == 303, plain(made)
    there = made.headers["location"]
    counter = await open_counter(shop)
    sale = await counter.sell(customer=there.rsplit("/", 1)[1])
    page = plain(await owner.get(there))
    for told in ("Anna Berg", "+49 171 2345678", "anna@example.com", "20420001", "club", "€50.00", "left-handed", "T1"):
        assert told in page
    assert "Anna Berg" in plain(await owner.get(f"/t/{shop.tenant.slug}/sales/{sale.id}"))
    assert "Anna Berg" in plain(await owner.get(f"{at}?q=0171&group=club"))
    assert "Nothing matches" in plain(await owner.get(f"{at}?q=hansa"))
    form = (await owner.get(f"{there}/edit")).text
    assert 'value="50.00"' in form
    changed = await owner.post(there, data=data | {"note": "", "seen": hidden(form, "seen")})
    assert changed.status_code == 303
    late = await owner.post(there, data=data | {"name": "Anne", "seen": hidden(form, "seen")})
    assert (late.status_code, "Somebody" in late.text or "meanwhile" in late.text) == (422, True)
    assert (await owner.post(f"{there}/archival")).status_code == 303
    assert "Anna Berg" not in plain(await owner.get(at))
    assert "Anna Berg" in plain(await owner.get(f"{at}?show=archived"))
    assert (await owner.post(f"{there}/restoration")).status_code == 303


async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), home(shop)
    await a_customer(shop, member_card="20420001")
    for change, said in (
        ({"name": ""}, "Fill this in."),
        ({"phone": "12"}, "This is no phone number."),
        ({"email": "anna"}, "This is no e-mail address."),
        ({"member_card": "20420001"}, "Another customer has this card."),
        ({"credit_limit": "much"}, "f-credit_limit-error"),
    ):
        refused = await owner.post(at, data={"name": "Berta", "note": "keeps"} | change)
        assert (refused.status_code, said in refused.text, "keeps" in refused.text) == (422, True, True), change
    assert plain(await owner.get(at)).count("Berta") == 0


async def test_who_has_the_same_phone_is_shown_and_merged(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), home(shop)
    one = await a_customer(shop, "Anna", phone="+49 171 2345678")
    two = await a_customer(shop, "A. Berg", phone="0049 171 2345678")
    assert "A. Berg has the same phone number." in plain(await owner.get(f"{at}/{one}"))
    merged = await owner.post(f"{at}/{two}/merging", data={"into": str(one)})
    assert merged.headers["location"].endswith(f"/customers/{one}")
    assert "part of another one" in plain(await owner.get(f"{at}/{two}"))
    assert "same phone" not in plain(await owner.get(f"{at}/{one}"))


async def test_a_customer_is_exempted_from_their_page(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), home(shop)
    anna = await a_customer(shop)
    taxes = f"/t/{shop.tenant.slug}/products/taxes/exemptions"
    assert f'value="{anna}"' in (await owner.get(f"{taxes}?customer={anna}")).text
    done = await owner.post(taxes, data={"customer": str(anna), "reason": "paper 7", "starts_on": "2026-01-01"})
    assert done.status_code == 303
    assert "Anna Berg" in plain(await owner.get(taxes))
    assert "paper 7" in plain(await owner.get(f"{at}/{anna}"))


async def test_tills_hear_whose_exemption_it_is_and_again_when_the_name_changes(site: Site, shop: Shop) -> None:
    owner, anna = await site.member(shop), await a_customer(shop, member_card="20421111")
    taxes = f"/t/{shop.tenant.slug}/products/taxes/exemptions"
    sent = {"customer": str(anna), "reason": "paper 7", "starts_on": "2026-01-01"}
    assert (await owner.post(taxes, data=sent)).status_code == 303
    assert await on_tills(shop) == [(str(anna), "Anna Berg", "20421111")]
    async with shop.db.read(shop.scope) as read:
        before = await read.fetchval(HEAD, read.tenant)
        facts = await customer(read, anna)
    await shop.db.run(shop.scope, change_customer, anna, replace(as_wanted(facts), name="Anna Bach"))
    assert await on_tills(shop) == [(str(anna), "Anna Bach", "20421111")]
    async with shop.db.read(shop.scope) as read:
        after = await read.fetchval(HEAD, read.tenant)
    assert after > before
    await shop.db.run(shop.scope, change_customer, anna, replace(as_wanted(facts), name="Anna Bach", note="likes tea"))
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval(HEAD, read.tenant) == after


async def on_tills(shop: Shop) -> list[tuple[str, str, str]]:
    async with shop.db.read(shop.scope) as read:
        told = (await taxes_on_tills(read, []))["exemptions"]
    return [(one["customer"], one["name"], one["card"]) for one in told]
