"""Pages of codes: barcode rules with a field to try them, SKU letters, the barcodes of one product."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from retail.catalog import operations, queries
from retail.catalog.codes.finding import find
from retail.catalog.codes.rulebook import layout_rules
from retail.kit.barcode import check_digit
from retail.kit.ids import new_id
from retail.sales.setup import setup
from tests.support.axe import violations
from tests.support.web import Site
from tests.support.world import Shop


def ean13(body: str) -> str:
    return body + str(check_digit(body))


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/products"


async def rules(shop: Shop) -> list[tuple[str, str]]:
    async with shop.db.read(shop.scope) as read:
        return [(rule.name, rule.layout.text) for rule in await layout_rules(read)]


async def add(owner: httpx.AsyncClient, shop: Shop, name: str, pattern: str, decimals: str = "") -> httpx.Response:
    return await owner.post(
        f"{home(shop)}/barcode-rules", data={"name": name, "pattern": pattern, "decimals": decimals}
    )


def error_of(page: str, field: str) -> str:
    found = re.search(rf'id="f-{field}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found.group(1) if found else ""


async def audited(shop: Shop, action: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return await read.fetchval(
            "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = $2", read.tenant, action
        )


async def test_rules_are_added_moved_changed_and_removed_and_tills_get_them_in_order(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    assert (await add(owner, shop, "Scale", "21 iiiii wwwww c")).status_code == 303
    assert (await add(owner, shop, "Cheese", "22IIIIIPPPPPC", "0")).status_code == 303
    assert await rules(shop) == [("Scale", "21IIIIIWWWWWC"), ("Cheese", "22IIIIIPPPPPC.0")]
    async with shop.db.read(shop.scope) as read:
        ids = {rule.name: rule.id for rule in await layout_rules(read)}
    path = f"{home(shop)}/barcode-rules/{ids['Cheese']}"
    assert (await owner.post(f"{path}/place", data={"way": "up"})).status_code == 303
    assert [name for name, _text in await rules(shop)] == ["Cheese", "Scale"]
    assert (await owner.post(path, data={"name": "Cheese counter", "pattern": "22IIIIIPPPPPC"})).status_code == 303
    async with shop.db.read(shop.scope) as read:
        told = (await setup(read, shop.till))["tenant"]
    assert (told["barcode_layouts"], told["currency_number"]) == (["22IIIIIPPPPPC", "21IIIIIWWWWWC"], "978")
    assert (await owner.post(f"{path}/removal")).status_code == 303
    assert await rules(shop) == [("Scale", "21IIIIIWWWWWC")]
    for action, count in {"added": 2, "moved": 1, "changed": 1, "removed": 1}.items():
        assert await audited(shop, f"barcode_layout.{action}") == count


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("21IIIIWWWWWC", "A label has 13 digits; this layout has 12."),
        ("40IIIIIWWWWWC", "Begin with 02 or 20 to 29: other numbers belong to the makers of goods."),
        ("210IIIIPPPPPC", "“Scale” stands before it and reads every such label. Move it up, or change one of them."),
        ("29IIIIIWWWWWC", "Your own barcodes begin with 29, and this rule would read them. Choose another beginning."),
        ("", "Fill this in."),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_at_its_field_and_nothing_changes(
    site: Site, shop: Shop, pattern: str, said: str
) -> None:
    owner = await site.member(shop)
    await add(owner, shop, "Scale", "21IIIIIWWWWWC")
    answer = await add(owner, shop, "Other", pattern)
    assert (answer.status_code, error_of(answer.text, "pattern")) == (422, said)
    assert await rules(shop) == [("Scale", "21IIIIIWWWWWC")]
    assert await audited(shop, "barcode_layout.added") == 1


async def test_an_own_beginning_that_a_rule_reads_is_refused(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    await add(owner, shop, "Scale", "21IIIIIWWWWWC")
    refused = await owner.post(f"{home(shop)}/codes", data={"prefix": "21"})
    assert refused.status_code == 422
    assert error_of(refused.text, "prefix").startswith("“Scale” reads codes that begin so.")
    assert (await owner.post(f"{home(shop)}/codes", data={"prefix": "28", "always": "on"})).status_code == 303
    assert (await add(owner, shop, "Other", "29IIIIIWWWWWC")).status_code == 303
    assert await audited(shop, "codes.rule_changed") == 1


async def test_letters_are_refused_at_their_own_field(site: Site, shop: Shop) -> None:
    owner, other = await site.member(shop), new_id()
    await shop.db.run(shop.scope, operations.add_category, other, "Grain", 10)
    at, first, second = f"{home(shop)}/codes/letters", f"letters-{shop.category}", f"letters-{other}"
    answer = await owner.post(at, data={first: "x", second: "gn"})
    assert answer.status_code == 422
    assert (f'id="f-{first}-error"' in answer.text, f'id="f-{second}-error"' in answer.text) == (True, False)
    assert 'value="gn"' in answer.text, "nothing that was typed is lost"
    assert await audited(shop, "codes.letters_changed") == 0
    taken = await owner.post(at, data={first: "fo", second: "FO"})
    assert error_of(taken.text, first) == "The category Grain has these letters. Choose others."
    assert (await owner.post(at, data={first: "fo", second: ""})).status_code == 303, "one has none yet"
    assert await audited(shop, "codes.letters_changed") == 1
    emptied = await owner.post(at, data={first: ""})
    assert (emptied.status_code, f'id="f-{first}-error"' in emptied.text) == (422, True)


async def test_the_field_tells_what_a_scan_means(site: Site, shop: Shop) -> None:
    owner, bananas = await site.member(shop), shop.products[5]
    await add(owner, shop, "Scale", "21IIIIIWWWWWC")
    base = ean13("210001200000")
    await owner.post(f"{home(shop)}/{bananas.id}/barcodes", data={"code": base})

    async def say(code: str) -> str:
        answer = await owner.get(f"{home(shop)}/barcode-rules/reading", params={"code": code})
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))

    label = await say(ean13("210001200762"))
    assert all(part in label for part in ("A label of your own", "read by “Scale”", "Bananas", "0.762 kg"))
    elements = await say(f"(01)0{shop.products[0].barcode}(10)LOT7(17)261231(3103)000762(3922)199")
    for part in ("GS1 elements", "Sourdough", "LOT7", "31 Dec 2026", "€1.99", "(3103)", "Net weight, kg"):
        assert part in elements, part
    assert "A misread: scan it again" in await say("]C1014006")
    assert "Digits that no check digit vouches for" in await say("4006381333932")
    assert "No product on sale has this code." in await say("4006381333931")
    assert "SKU-001" in await say("SKU-001")
    assert "Nothing is sold or changed" in await say(" ")


async def test_a_found_code_says_how_much_of_its_article_there_is(shop: Shop, site: Site) -> None:
    owner, loaf, bananas = await site.member(shop), shop.products[0], shop.products[5]
    await add(owner, shop, "Scale", "21IIIIIWWWWWC")
    await owner.post(f"{home(shop)}/{bananas.id}/barcodes", data={"code": ean13("210001200000")})
    async with shop.db.read(shop.scope) as read:
        told: dict[str, Any] = {
            code: ((found := await find(read, code)).article and found.article.id, found.quantity_milli)
            for code in (
                ean13("210001200762"),
                f"(01)0{loaf.barcode}(30)6",
                f"(01)0{bananas.barcode}(3102)000076",
                "no",
            )
        }
    assert list(told.values()) == [(bananas.id, 762), (loaf.id, 6000), (bananas.id, 760), (None, None)]


async def test_barcodes_are_added_put_first_and_removed_each_with_a_version_for_the_tills(
    site: Site, shop: Shop
) -> None:
    owner, loaf = await site.member(shop), shop.products[0]
    path = f"{home(shop)}/{loaf.id}/barcodes"

    async def now() -> queries.ProductFacts:
        async with shop.db.read(shop.scope) as read:
            return await queries.product(read, loaf.id)

    first = await now()
    assert (await owner.post(path, data={"code": " 9638 5074 "})).status_code == 303
    assert (await owner.post(path, data={"make": "1"})).status_code == 303
    made = (await now()).barcodes
    assert made[:2] == (loaf.barcode, "96385074")
    assert made[2].startswith("299")
    assert (await now()).version == first.version + 2
    page = (await owner.get(path)).text
    place = re.findall(r'action="[^"]*/barcodes/([0-9a-f-]{36})/place"', page)
    assert (await owner.post(f"{path}/{place[0]}/place")).status_code == 303
    assert (await now()).barcodes == ("96385074", loaf.barcode, made[2])
    assert (await owner.post(f"{path}/{place[0]}/removal")).status_code == 303
    assert (await owner.post(f"{path}/{place[0]}/removal")).status_code == 404
    assert (await now()).barcodes == (loaf.barcode, made[2])
    assert await audited(shop, "product.barcodes_changed") == 4


async def test_a_barcode_that_cannot_be_is_refused_at_its_field_and_names_whose_it_is(site: Site, shop: Shop) -> None:
    owner, loaf, milk = await site.member(shop), shop.products[0], shop.products[1]
    await add(owner, shop, "Scale", "21IIIIIWWWWWC")
    path = f"{home(shop)}/{loaf.id}/barcodes"
    for code, said in {
        "4006381333932": "Barcode 4006381333932 has a wrong digit: it should end with 1. Type it again from the label.",
        "036000291453": "Barcode 036000291453 has a wrong digit: it should end with 2. Type it again from the label.",
        "96385075": "Barcode 96385075 has a wrong digit: it should end with 4. Type it again from the label.",
        milk.barcode: f"Barcode {milk.barcode} belongs to “{milk.name}” already. Remove it there first.",
        "0" + milk.barcode: f"Barcode {milk.barcode} belongs to “{milk.name}” already. Remove it there first.",
        loaf.barcode: "This product has that barcode already.",
        ean13("210001200762"): "This is a label with a weight or a price in it. "
        f"Add {ean13('210001200000')}: it finds every label of this article.",
        "": "Fill this in.",
        "x" * 49: "Barcode xxxxxxxxxxxxxxxx… is too long.",
    }.items():
        answer = await owner.post(path, data={"code": code})
        assert (answer.status_code, error_of(answer.text, "code")) == (422, said)
    assert f'href="{home(shop)}/{milk.id}/barcodes"' in (await owner.post(path, data={"code": milk.barcode})).text
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, loaf.id)).barcodes == (loaf.barcode,)
    assert await audited(shop, "product.barcodes_changed") == 0
    for number in range(19):
        await owner.post(path, data={"code": f"own-{number}"})
    assert error_of((await owner.post(path, data={"code": "own-19"})).text, "code").startswith(
        "A product has at most 20"
    )


async def test_a_clerk_changes_no_codes_and_another_business_sees_none(site: Site, shop: Shop) -> None:
    clerk, loaf = await site.member(shop, "clerk"), shop.products[0]
    for path in ("barcode-rules", "codes", f"{loaf.id}/barcodes"):
        assert (await clerk.get(f"{home(shop)}/{path}")).status_code == 403
        assert (await clerk.post(f"{home(shop)}/{path}", data={"code": "x"})).status_code == 403


async def test_in_a_browser_the_field_answers_while_it_is_typed_in(shop: Shop, office: Page) -> None:
    await office.goto(f"{home(shop)}/barcode-rules")
    await office.get_by_role("button", name="Weight in grams").click()
    await expect(office.get_by_role("link", name="Weight in grams")).to_be_visible()
    await office.get_by_label("Scan or type a code").fill(ean13("210001200762"))
    await expect(office.locator("#reading")).to_contain_text("read by “Weight in grams”")
    await expect(office.locator("#reading")).to_contain_text("0.762")
    assert await violations(office) == []
    for path in ("codes", f"{shop.products[0].id}/barcodes"):
        await office.goto(f"{home(shop)}/{path}")
        assert await violations(office) == []
