"""Pages of prices: lists, changes, many at once, rates of exchange, a product's prices; refusals at the field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from retail.catalog.prices import reading
from retail.identity.permissions import VIEW_CATALOGUE
from tests.support.web import Site
from tests.support.world import Shop


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/products"


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def error_of(page: str, id: str) -> str:
    found = re.search(rf'id="{id}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found.group(1) if found else ""


def seen_in(page: httpx.Response) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page.text)
    assert found is not None, plain(page)
    return found[1]


async def unchanged(shop: Shop) -> bool:
    async with shop.db.read(shop.scope) as read:
        changes = await read.fetchval("SELECT count(*) FROM price_change WHERE tenant_id = $1", read.tenant)
    return bool(changes == 0)


async def made(owner: httpx.AsyncClient, shop: Shop, **changes: str) -> str:
    data = {"name": "Happy hour", "currency": "EUR", "priority": "5"} | changes
    answer = await owner.post(f"{home(shop)}/prices/lists", data=data)
    assert answer.status_code == 303, plain(answer)
    return answer.headers["location"]


async def test_a_list_is_made_priced_shown_changed_and_taken_out(site: Site, shop: Shop) -> None:
    owner, loaf = await site.member(shop), shop.products[0]
    assert "No price lists yet" in (await owner.get(f"{home(shop)}/prices")).text
    at = await made(owner, shop, some_stores="on", **{f"store.{shop.store}": "on"})
    priced = await owner.post(f"{at}/prices", data={"code": loaf.sku, "price": "3.99"})
    assert priced.status_code == 303
    page = plain(await owner.get(at))
    assert "Sourdough loaf 800 g" in page
    assert "€3.99" in page
    assert "Altstadt" in plain(await owner.get(f"{home(shop)}/prices"))
    own = plain(await owner.get(f"{home(shop)}/{loaf.id}/prices"))
    assert "Altstadt €3.99" in own
    assert "Hafen €4.20" in own
    changed = await owner.post(
        at, data={"name": "Evening", "currency": "EUR", "priority": "5", "from_time": "17:00", "to_time": "19:00"}
    )
    assert changed.status_code == 303
    assert "Evening" in plain(await owner.get(f"{home(shop)}/prices"))
    assert (await owner.post(f"{at}/prices", data={"code": loaf.sku, "gone": "on"})).status_code == 303
    assert "It has no prices yet" in plain(await owner.get(at))
    nothing = await owner.post(f"{at}/prices", data={"code": loaf.sku, "gone": "on"})
    assert nothing.status_code == 422
    assert "The list has no price for it" in plain(nothing)
    assert (await owner.post(f"{at}/removal")).status_code == 303
    assert "This list was taken out" in plain(await owner.get(at))
    assert (await owner.post(at, data={"name": "Back"})).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": ""}, "f-name", "Fill this in."),
        ({"ends_on": "2026-01-01", "starts_on": "2026-02-01"}, "f-ends_on", "The last day lies before the first."),
        ({"from_time": "17:00"}, "f-to_time", "Fill in both hours, or neither."),
        ({"priority": "1000"}, "f-priority", "The most is 999."),
        ({"currency": "CHF"}, "f-currency", "There is no rate of exchange for CHF yet."),
    ],
)
async def test_a_list_that_cannot_be_is_refused_at_its_field(
    site: Site, shop: Shop, changes: dict[str, str], field: str, said: str
) -> None:
    owner = await site.member(shop)
    answer = await owner.post(f"{home(shop)}/prices/lists", data={"name": "X", "currency": "EUR"} | changes)
    assert answer.status_code == 422
    assert error_of(answer.text, field).startswith(said)
    way = f'href="{home(shop)}/prices/currencies" target="_blank"'
    assert (way in answer.text) is (field == "f-currency"), "it opens beside the form, which keeps what was typed"
    async with shop.db.read(shop.scope) as read:
        assert await reading.price_lists(read) == []


async def test_many_prices_are_looked_at_changed_and_undone(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"{home(shop)}/prices/batches"
    assert "Nothing changed at once yet" in plain(await owner.get(base))
    asked = {"kind": "percent", "value": "5", "ending": ".99"}
    looked = plain(await owner.get(f"{base}/preview", params=asked))
    assert "5 prices change" in looked
    assert "€4.20 €4.99" in looked, "3.99 is nearer to 4.41, and lower than it was"
    assert "€4.20" in plain(await owner.get(f"{home(shop)}"))
    looked_at = await owner.post(base, data=asked | {"reason": "Autumn"})
    assert "Change 5 prices" in plain(looked_at)
    assert "comes to other prices" not in plain(looked_at)
    done = await owner.post(base, data=asked | {"reason": "Autumn", "seen": seen_in(looked_at)})
    assert done.status_code == 303
    at = done.headers["location"]
    late = await owner.post(base, data=asked | {"seen": seen_in(looked_at)})
    assert (late.status_code, "Nothing was changed: it comes to other prices" in plain(late)) == (409, True)
    trail = plain(await owner.get(f"{home(shop)}/{shop.products[0].id}")).split("What each store asks")[1]
    assert "€4.99 €4.20" in trail, "the page of the product knows of a change of many"
    assert "Sourdough loaf 800 g" in plain(await owner.get(at))
    assert "+5 %, ending .99" in plain(await owner.get(base))
    undone = await owner.post(f"{at}/undoing")
    assert undone.status_code == 303
    assert "undone" in plain(await owner.get(at))
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT price_minor FROM product WHERE id = $1", shop.products[0].id) == 420
    assert "Undone" in plain(await owner.get(f"{home(shop)}/prices/changes"))


async def test_enter_in_a_field_shows_the_new_prices_and_changes_none(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"{home(shop)}/prices/batches"
    form = (await owner.get(f"{base}/new")).text.partition('id="batch-form"')[2]
    first = re.findall(r"<button[^>]*>(.*?)</button>", form, re.DOTALL)[0]
    assert "Show the new prices" in first
    asked = {"kind": "percent", "value": "-90", "q": "sourdough"}
    for stale in {}, {"seen": ""}, {"seen": "1"}:
        answer = await owner.post(base, data=asked | stale)
        assert answer.status_code == (409 if stale.get("seen") else 200)
        assert await unchanged(shop)
    narrow = await owner.post(base, data=asked | {"q": "sourdough"})
    assert "Change 1 price" in plain(narrow)
    assert "every product on sale" not in plain(narrow)
    wide = await owner.post(base, data=asked | {"q": "", "seen": seen_in(narrow)})
    assert (wide.status_code, await unchanged(shop)) == (409, True)
    assert "This is about every product on sale." in plain(wide)


async def test_what_was_shown_is_what_is_changed(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"{home(shop)}/prices/batches"
    asked = {"kind": "percent", "value": "5", "q": "sourdough"}
    looked = await owner.post(base, data=asked)
    await owner.post(f"{home(shop)}/{shop.products[0].id}/prices", data={"price": "9.00"})
    again = await owner.post(base, data=asked | {"seen": seen_in(looked)})
    assert again.status_code == 409
    assert "€9.00 €9.45" in plain(again)
    assert (await owner.post(base, data=asked | {"seen": seen_in(again)})).status_code == 303


async def test_a_cut_that_raises_a_price_is_flagged_and_a_raise_never_lowers_one(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"{home(shop)}/prices/batches"
    await owner.post(f"{home(shop)}/{shop.products[0].id}/prices", data={"price": "0.80"})
    asked = {"kind": "percent", "value": "-5", "ending": ".99", "q": "sourdough"}
    said = plain(await owner.get(f"{base}/preview", params=asked))
    assert "1 price rises though the rule lowers" in said
    assert "€0.80 €0.99" in said
    calm = plain(await owner.get(f"{base}/preview", params=asked | {"ending": ""}))
    assert "though the rule" not in calm
    await owner.post(f"{home(shop)}/{shop.products[0].id}/prices", data={"price": "1.10"})
    risen = plain(await owner.get(f"{base}/preview", params=asked | {"value": "5"}))
    assert ("€1.10 €1.99" in risen, "though the rule" in risen) == (True, False)
    assert "1 price moves by more than twice what the rule says" in risen
    assert "more than twice €1.10" in risen, "the row is marked"
    mild = plain(await owner.get(f"{base}/preview", params=asked | {"value": "5", "ending": ""}))
    assert "more than twice" not in mild


async def test_no_price_becomes_nothing_unless_that_is_ticked(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"{home(shop)}/prices/batches"
    asked = {"kind": "percent", "value": "-100", "q": "sourdough"}
    looked = await owner.post(base, data=asked)
    assert "1 price would become 0. It stays as it is" in plain(looked)
    assert ("Change 1 price" in plain(looked), await unchanged(shop)) == (False, True)
    meant = await owner.post(base, data=asked | {"free": "on"})
    assert ("Change 1 price" in plain(meant), "would become 0." in plain(meant)) == (True, False)
    sent = await owner.post(base, data=asked | {"seen": seen_in(meant)})
    assert (sent.status_code, await unchanged(shop)) == (409, True)
    assert (await owner.post(base, data=asked | {"free": "on", "seen": seen_in(meant)})).status_code == 303
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT price_minor FROM product WHERE id = $1", shop.products[0].id) == 0


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"value": ""}, "f-value", "Fill this in."),
        ({"value": "five"}, "f-value", "Type a number"),
        ({"value": "-101"}, "f-value", "A price can&#39;t fall by more than 100 %."),
        ({"kind": "margin", "value": "100"}, "f-value", "Type a margin between 0 and 99."),
        ({"at": "2020-01-01T10:00"}, "f-at", "This moment is over."),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_and_no_price_changes(
    site: Site, shop: Shop, changes: dict[str, str], field: str, said: str
) -> None:
    owner = await site.member(shop)
    answer = await owner.post(f"{home(shop)}/prices/batches", data={"kind": "percent", "value": "5"} | changes)
    assert answer.status_code == 422
    assert error_of(answer.text, field).startswith(said)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM price_change WHERE tenant_id = $1", read.tenant) == 0


async def test_a_price_is_planned_on_the_products_page_and_taken_back(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/{shop.products[0].id}/prices"
    soon = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert (await owner.post(at, data={"price": "4.50", "at": soon, "reason": "Flour"})).status_code == 303
    page = await owner.get(at)
    assert "to come" in plain(page)
    waiting = await owner.get(f"{home(shop)}/prices/changes?show=waiting")
    assert "€4.50" in plain(waiting)
    back = re.search(r'action="([^"]*/changes/[^"]*/removal)"', page.text)
    assert back is not None
    assert (await owner.post(back[1], data={"product": str(shop.products[0].id)})).status_code == 303
    assert "Nothing to come" in plain(await owner.get(f"{home(shop)}/prices/changes?show=waiting"))
    wrong = await owner.post(at, data={"price": "-1"})
    assert (wrong.status_code, error_of(wrong.text, "f-price")) == (422, "This can&#39;t be below zero.")


async def test_one_price_becomes_nothing_only_where_that_is_ticked(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/{shop.products[0].id}/prices"
    refused = await owner.post(at, data={"price": "0", "reason": "Gift"})
    assert (refused.status_code, error_of(refused.text, "f-price")) == (
        422, "Tick that it may cost nothing, or type a price."
    )  # fmt: skip
    assert 'name="free"' in refused.text
    assert (await owner.post(at, data={"price": "0", "reason": "Gift", "free": "on"})).status_code == 303
    page = plain(await owner.get(at))
    assert "Its own price is €0.00" in page
    assert "Gift" in page


async def test_a_price_set_at_once_stands_in_the_history_as_changed_on_the_product(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/{shop.products[0].id}/prices"
    assert (await owner.post(at, data={"price": "4.50"})).status_code == 303
    page = plain(await owner.get(at))
    assert "On the product" in page
    assert "Planned" not in page


async def test_a_list_in_another_currency_is_left_out_of_many_at_once_with_the_reason(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/prices/batches/new"
    assert "another currency" not in plain(await owner.get(at))
    rate = {"currency": "CHF", "rate": "1.05", "starts_on": "2026-01-01"}
    assert (await owner.post(f"{home(shop)}/prices/currencies", data=rate)).status_code == 303
    await made(owner, shop, name="Zurich", currency="CHF")
    assert "Not in Zurich: a list in another currency" in plain(await owner.get(at))


async def test_a_rate_of_exchange_is_set_and_taken_out(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/prices/currencies"
    sent = {"currency": "CHF", "rate": "1.05", "starts_on": "2026-01-01"}
    assert (await owner.post(at, data=sent)).status_code == 303
    page = await owner.get(at)
    assert "CHF 1.05" in plain(page)
    for changes, field in ({"currency": "EUR"}, "f-currency"), ({"rate": "0"}, "f-rate"), ({"rate": "x"}, "f-rate"):
        answer = await owner.post(at, data=sent | changes)
        assert (answer.status_code, bool(error_of(answer.text, field))) == (422, True)
    out = re.search(r'action="([^"]*/currencies/[^"]*/removal)"', page.text)
    assert out is not None
    assert (await owner.post(out[1])).status_code == 303
    assert "No rates yet" in plain(await owner.get(at))


async def test_who_may_not_see_costs_sees_no_margin_and_who_may_not_edit_changes_nothing(
    site: Site, shop: Shop
) -> None:
    at = f"{home(shop)}/{shop.products[0].id}/prices"
    assert "Margin" in plain(await (await site.member(shop)).get(at))
    clerk = await site.member(shop, "clerk")
    assert VIEW_CATALOGUE in shop.as_role("clerk").permissions
    page = await clerk.get(at)
    assert page.status_code == 200
    assert "Margin" not in plain(page)
    assert (await clerk.post(at, data={"price": "1"})).status_code == 403
    assert (await clerk.get(f"{home(shop)}/prices/batches/preview?kind=margin&value=1")).status_code == 403
