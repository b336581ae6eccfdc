"""What is wrong with a field stands at it, for eyes and for screen readers: named by it, and marked as wrong."""

from __future__ import annotations

import re

import pytest

from retail.kit.money import MAX_MINOR, AmountTooLarge, currency, parse_money
from retail.runtime.web.forms import Fields
from tests.support.shelves import lines_of, sent, stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

EURO = currency("EUR")
HUGE = "99999999999999999999"


def tied(page: str, name: str) -> str:
    """Give the sentences that the field of this name is described by; it is marked as wrong."""
    found = re.search(rf'<(?:input|select|textarea)[^>]*\sname="{re.escape(name)}"[^>]*>', page)
    assert found, name
    assert 'aria-invalid="true"' in found[0], name
    about = re.search(r'aria-describedby="([^"]+)"', found[0])
    assert about, name
    ids = [one for one in about[1].split() if one.endswith("-error")]
    sentences = [re.search(rf'<p class="error" id="{re.escape(one)}">(.*?)</p>', page, re.S) for one in ids]
    return " ".join(re.sub(r"<[^>]+>", "", one[1]).strip() for one in sentences if one)


@pytest.mark.parametrize(
    ("typed", "most", "said"),
    [
        (HUGE, 10**8, "The most is €1,000,000.00."),
        (HUGE, None, "The most is €10,000,000,000,000.00."),
        (f"-{HUGE}", 10**8, "This can't be below zero."),
        ("1000000.01", 10**8, "The most is €1,000,000.00."),
        ("12.345", 10**8, "Type an amount like 12.34."),
    ],
)
def test_an_amount_whose_form_is_right_is_told_its_range(typed: str, most: int | None, said: str) -> None:
    fields = Fields({"price": typed})
    fields.money("price", EURO, most=most)
    assert fields.errors == {"price": [said]}


def test_an_amount_beyond_what_is_counted_is_one_nevertheless() -> None:
    assert parse_money("10000000000000", EURO, "en") == MAX_MINOR
    with pytest.raises(AmountTooLarge, match=r"The most is 10000000000000\.00\."):
        parse_money("10000000000000.01", EURO, "en")
    with pytest.raises(AmountTooLarge, match=r"The least is -10000000000000\.00\."):
        parse_money(f"-{HUGE}", EURO, "en")


async def test_a_price_far_beyond_all_prices_says_the_most(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    form = {"name": "Tea", "sku": "TEA-1", "price": HUGE, "tax_class": str(shop.reduced), "unit": "each"}
    page = await owner.post(f"/t/{shop.tenant.slug}/products", data=form)
    assert (page.status_code, tied(page.text, "price")) == (422, "The most is €1,000,000.00.")


async def test_what_is_wrong_with_a_delivery_is_named_by_its_quantities(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    [line] = await lines_of(shop, id)
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/transfers/{id}"
    arrived, damaged = f"arrived-{line.line.id}", f"damaged-{line.line.id}"
    page = await owner.post(f"{at}/receipt", data={arrived: "six", damaged: "1"})
    assert page.status_code == 422
    sentence = tied(page.text, arrived)
    assert sentence
    assert page.text.count('aria-invalid="true"') == 1, "what is broken is right"
    page = await owner.post(f"{at}/receipt", data={arrived: "6", damaged: "one"})
    assert tied(page.text, damaged) == sentence
    await owner.post(f"{at}/receipt", data={arrived: "4", damaged: "1"})
    page = await owner.post(f"{at}/decision", data={"reason": "looked twice"})
    assert tied(page.text, f"line-{line.line.id}") == "Pick who bears this difference."


async def test_what_is_wrong_with_a_file_is_named_by_its_field(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    files = {"file": ("a.csv", b"\n", "text/csv")}
    page = await owner.post(f"/t/{shop.tenant.slug}/products/imports", data={"kind": "products"}, files=files)
    assert (page.status_code, tied(page.text, "file")) == (422, "The file is empty.")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
async def test_what_is_wrong_with_options_is_named_by_their_field(
    shop: Shop, site: Site, headers: dict[str, str]
) -> None:
    owner = await site.member(shop)
    form = {"name": "T-shirt", "options": "Size", "tax_class": str(shop.standard)}
    at = f"/t/{shop.tenant.slug}/products/families/matrix"
    page = await owner.post(at, data=form, headers=headers)
    assert page.status_code == 422
    assert tied(page.text, "options").startswith("Write an option and its values")
    assert page.text.count("Write an option and its values") == 1
    assert ("hx-swap-oob" in page.text) is bool(headers), "the matrix that comes alone brings the options along"
    right = await owner.post(at, data=form | {"options": "Size: S, M"}, headers=headers)
    assert (right.status_code, "Size: S, M" in right.text, "aria-invalid" in right.text) == (200, True, False)


async def test_what_a_plan_costs_is_asked_of_the_server_also_without_an_address(shop: Shop, site: Site) -> None:
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/billing"
    button = re.search(r"<button[^>]*>(?:(?!</button>).)*See what it costs", (await owner.get(at)).text, re.S)
    assert button
    assert "formnovalidate" in button[0], "the browser would keep it back with a bubble"
    form = {"plan": "starter", "cycle": "month", "company": "Corner & Co", "address": "", "country": "DE", "tax_id": ""}
    page = await owner.post(f"{at}/preview", data=form)
    assert (page.status_code, tied(page.text, "address")) == (422, "Fill this in.")
