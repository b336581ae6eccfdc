"""Receipts of the server: the public page, copies, letters, the template with its preview, what tills are told."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from retail.kit.ids import new_id
from retail.sales.receipts.facts import receipt_of
from retail.sales.receipts.links import linked, make_link
from retail.sales.setup import setup
from tests.support.letters import letters_to
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
def token() -> str:
    """A token as a till makes it."""
    return secrets.token_urlsafe(16)


@pytest.fixture
async def till(shop: Shop) -> Counter:
    """An open till."""
    return await open_counter(shop)


@pytest.fixture
async def owner(site: Site, shop: Shop) -> httpx.AsyncClient:
    """The owner's browser."""
    return await site.member(shop)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def sell(owner: httpx.AsyncClient, till: Counter, **more: Any) -> dict[str, Any]:
    body = till.sale((till.shop.products[1], 2)) | more
    answer = await owner.post(f"/t/{till.shop.tenant.slug}/api/v1/sales", json=body)
    assert answer.status_code == 201, answer.text
    return body


async def test_the_page_behind_a_token_shows_the_receipt_and_nobodys_name(
    token: str, owner: httpx.AsyncClient, site: Site, till: Counter
) -> None:
    sold = await sell(owner, till, receipt_link=hash_of(token))
    stranger = site.visitor()
    page = await stranger.get(f"/r/{token}")
    assert page.status_code == 200
    async with till.shop.db.read(till.shop.scope) as read:
        receipt = await receipt_of(read, UUID(sold["id"]))
    assert receipt.sale.lines[0].name in page.text
    assert str(receipt.facts["label"]) in page.text
    assert receipt.sale.cashier_name
    assert receipt.sale.cashier_name not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["cache-control"] == "no-store"


async def test_every_other_address_says_the_same_and_says_what_to_do(
    token: str, owner: httpx.AsyncClient, site: Site, till: Counter
) -> None:
    await sell(owner, till, receipt_link=hash_of(token))
    stranger = site.visitor()
    asked = [token[::-1], "x", "A" * 22, token + "A", "..%2f" + token]
    answers = [await stranger.get(f"/r/{one}") for one in asked[:4]]
    assert {one.status_code for one in answers} == {404}
    assert len({re.sub(r"/r/[^\"]+", "", one.text) for one in answers}) == 1
    assert "the shop may not have sent it yet" in answers[0].text
    assert answers[0].headers["referrer-policy"] == "no-referrer"


async def test_a_page_opens_once_the_sale_arrives_and_is_over_after_its_days(
    token: str, owner: httpx.AsyncClient, site: Site, till: Counter
) -> None:
    stranger = site.visitor()
    assert (await stranger.get(f"/r/{token}")).status_code == 404
    await sell(owner, till, receipt_link=hash_of(token))
    assert (await stranger.get(f"/r/{token}")).status_code == 200
    shop, old = till.shop, token[::-1]
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "INSERT INTO receipt_link (tenant_id, token_hash, sale_id, created_at) SELECT $1, $2, id, $3 FROM sale"
            " WHERE tenant_id = $1",
            tx.tenant,
            bytes.fromhex(hash_of(old)),
            tx.now - timedelta(days=91),
        )
    assert (await stranger.get(f"/r/{old}")).status_code == 404


@pytest.mark.parametrize("odd", ["", "zz", 7, None, hash_of("k3y").upper(), hash_of("k3y") + "00", ["x"]])
async def test_a_hash_that_is_none_opens_nothing_and_refuses_no_sale(
    owner: httpx.AsyncClient, till: Counter, odd: object
) -> None:
    await sell(owner, till, receipt_link=odd)
    shop = till.shop
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM receipt_link WHERE tenant_id = $1", shop.tenant.id) == 0


async def test_a_token_of_another_business_keeps_its_first_receipt(
    token: str, till: Counter, owner: httpx.AsyncClient
) -> None:
    first = await sell(owner, till, receipt_link=hash_of(token))
    again = await sell(owner, till, receipt_link=hash_of(token))
    assert first["id"] != again["id"]
    async with till.shop.db.platform() as unit:
        found = await linked(unit, token)
    assert found is not None
    assert (found.tenant, found.sale) == (till.shop.tenant.id, UUID(first["id"]))


async def test_the_database_holds_no_token_that_opens_a_page(till: Counter, owner: httpx.AsyncClient) -> None:
    sold = await sell(owner, till)
    async with till.shop.db.begin(till.shop.scope) as tx:
        path = await make_link(tx, UUID(sold["id"]))
    token = path.removeprefix("/r/")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)
    async with till.shop.db.read(till.shop.scope) as read:
        rows = await read.fetch("SELECT l::text AS row FROM receipt_link l WHERE tenant_id = $1", read.tenant)
    assert rows
    assert not any(token in row["row"] for row in rows)


async def test_a_copy_in_the_back_office_is_numbered_and_on_the_trail(owner: httpx.AsyncClient, till: Counter) -> None:
    sold = await sell(owner, till)
    page = f"/t/{till.shop.tenant.slug}/sales/{sold['id']}/receipt"
    shown = await owner.get(page)
    assert "COPY" not in shown.text
    id = new_id()
    for wanted, key in ((1, id), (1, id), (2, new_id())):
        answer = await owner.post(f"{page}/copies", data={"id": str(key)})
        assert answer.headers["location"].endswith(f"?copy={wanted}")
    assert "COPY 2" in (await owner.get(f"{page}?copy=2")).text
    async with till.shop.db.read(till.shop.scope) as read:
        facts = await read.fetch(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'receipt.copied' ORDER BY id", read.tenant
        )
    assert [json.loads(one["facts"])["n"] for one in facts] == [1, 2]


async def test_a_gift_receipt_has_no_price_on_it(owner: httpx.AsyncClient, till: Counter) -> None:
    sold = await sell(owner, till)
    page = await owner.get(f"/t/{till.shop.tenant.slug}/sales/{sold['id']}/receipt?gift=1")
    assert "GIFT RECEIPT" in page.text
    assert "€" not in page.text


async def test_a_letter_goes_once_with_a_link_of_its_own(owner: httpx.AsyncClient, site: Site, till: Counter) -> None:
    sold, id = await sell(owner, till), str(new_id())
    address = f"anna.{new_id().hex[:8]}@example.com"
    api = f"/t/{till.shop.tenant.slug}/api/v1/sales"
    asked = {"id": id, "address": address}
    assert (await owner.post(f"{api}/{new_id()}/mails", json=asked)).status_code == 404
    assert (await owner.post(f"{api}/{sold['id']}/mails", json=asked)).status_code == 201
    assert (await owner.post(f"{api}/{sold['id']}/mails", json=asked)).status_code == 200
    [letter] = await letters_to(till.shop.db, address, "receipt")
    assert letter.secret
    path = letter.secret[letter.secret.index("/r/") :]
    assert (await site.visitor().get(path)).status_code == 200
    async with till.shop.db.read(till.shop.scope) as read:
        rows = await read.fetch("SELECT c::text AS row FROM receipt_copy c WHERE tenant_id = $1", read.tenant)
        trail = await read.fetch(
            "SELECT facts::text AS row FROM audit_event WHERE tenant_id = $1 AND action = 'receipt.mailed'", read.tenant
        )
    assert len(rows) == len(trail) == 1
    assert address not in rows[0]["row"] + trail[0]["row"]


async def test_an_address_that_is_two_is_refused_and_nothing_is_noted(owner: httpx.AsyncClient, till: Counter) -> None:
    sold = await sell(owner, till)
    url = f"/t/{till.shop.tenant.slug}/api/v1/sales/{sold['id']}/mails"
    answer = await owner.post(url, json={"id": str(new_id()), "address": "a@b.example, c@d.example"})
    assert answer.status_code == 422
    async with till.shop.db.read(till.shop.scope) as read:
        for table in ("receipt_copy", "receipt_link"):
            assert await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", read.tenant) == 0


async def test_tills_are_told_the_template_of_their_store(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    async with shop.db.read(shop.scope) as read:
        told = (await setup(read, shop.till, "abc"))["receipt"]
    assert (told["paper"], told["logo"], told["template"]["qr"]) == ("80", "abc", True)
    changed = {"receipt_qr": "hidden", "receipt_heading": "Bread since 1931", "receipt_paper": "58"}
    answer = await owner.post(f"/t/{shop.tenant.slug}/settings", data=changed)
    assert answer.status_code == 303
    async with shop.db.read(shop.scope) as read:
        told = (await setup(read, shop.till))["receipt"]
    assert (told["paper"], told["template"]["qr"], told["template"]["heading"]) == ("58", False, "Bread since 1931")


async def test_the_template_is_previewed_as_typed_and_stored_only_when_saved(
    owner: httpx.AsyncClient, till: Counter
) -> None:
    page = f"/t/{till.shop.tenant.slug}/receipts/template"
    shown = await owner.get(page)
    assert shown.status_code == 200
    assert 'id="receipt-preview"' in shown.text
    typed = {"receipt_heading": "Bread since 1931", "receipt_barcode": "hidden", "receipt_paper": "58"}
    seen = await owner.post(f"{page}/preview", data=typed)
    assert "Bread since 1931" in seen.text
    assert 'data-form="58"' in seen.text
    assert "T1-000017</figcaption>" not in seen.text
    assert "Bread since 1931" not in (await owner.get(page)).text
    assert (await owner.post(page, data=typed)).status_code == 303
    assert "Bread since 1931" in (await owner.get(page)).text


async def test_a_store_has_a_receipt_of_its_own_and_may_give_it_back(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    page = f"/t/{shop.tenant.slug}/receipts/template?store={shop.store}"
    typed = {"receipt_heading": "Only here", "receipt_qr": "hidden", "receipt_footer": "Come again"}
    assert (await owner.post(page, data=typed)).status_code == 303
    async with shop.db.read(shop.scope) as read:
        told = (await setup(read, shop.till))["receipt"]["template"]
    assert (told["heading"], told["qr"], told["footer"], told["barcode"]) == ("Only here", False, "Come again", True)
    assert "Only here" not in (await owner.get(f"/t/{shop.tenant.slug}/receipts/template")).text
    assert (await owner.post(page, data={"receipt_heading": "", "receipt_qr": ""})).status_code == 303
    async with shop.db.read(shop.scope) as read:
        told = (await setup(read, shop.till))["receipt"]["template"]
    assert (told["heading"], told["qr"]) == ("", True)


async def test_what_is_typed_wrong_comes_back_and_is_not_stored(owner: httpx.AsyncClient, till: Counter) -> None:
    page = f"/t/{till.shop.tenant.slug}/receipts/template"
    answer = await owner.post(page, data={"receipt_page_days": "0", "receipt_heading": "Kept"})
    assert answer.status_code == 422
    assert "Kept" in answer.text
    async with till.shop.db.read(till.shop.scope) as read:
        assert (await setup(read, till.till))["receipt"]["template"]["heading"] == ""
