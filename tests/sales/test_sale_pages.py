"""Pages and the API of sales, through the whole application."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from retail.catalog.taxes.keeping import put_parts
from retail.catalog.taxes.rules import Part
from retail.kit.ids import new_id
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def till(shop: Shop) -> Counter:
    """An open till."""
    return await open_counter(shop)


@pytest.fixture
async def owner(site: Site, shop: Shop) -> httpx.AsyncClient:
    """The owner's browser."""
    return await site.member(shop)


def api(shop: Shop, path: str) -> str:
    return f"/t/{shop.tenant.slug}/api/v1{path}"


def page(shop: Shop, path: str) -> str:
    return f"/t/{shop.tenant.slug}{path}"


async def test_a_sale_over_http_is_created_replayed_and_refused(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    body = till.sale((shop.products[1], 2))
    created = await owner.post(api(shop, "/sales"), json=body)
    assert created.status_code == 201
    assert created.json()["taxes"] == [{"code": "R", "rate_micros": 70_000, "base": 252, "tax": 18}]
    again = await owner.post(api(shop, "/sales"), content=json.dumps(body, indent=2))
    assert (again.status_code, again.json()) == (200, created.json())
    other = await owner.post(api(shop, "/sales"), json=body | {"total": 1})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert other.headers["content-type"].startswith("application/problem+json")
    bad = await owner.post(api(shop, "/sales"), content=b'{"id": 1e400, "total": 1e999999999999}')
    assert (bad.status_code, "id" in bad.json()["errors"]) == (422, True)
    assert (await owner.post(api(shop, "/sales"), content=b"{")).status_code == 422
    shown = await owner.get(api(shop, f"/sales/{body['id']}"))
    assert shown.json() == created.json() | {"risk": None}, "nobody has looked at it yet"
    assert (await owner.get(api(shop, f"/sales/{new_id()}"))).status_code == 404


@pytest.mark.parametrize("value", [0, -1, 2**31, 2**53, 2**63, 10**400, 0.5, "x", None, [], True])
@pytest.mark.parametrize(
    "where", ["number", "total", "unit_price", "discount", "quantity", "amount", "change", "cash_rounding"]
)
async def test_no_figure_breaks_the_server(owner: httpx.AsyncClient, till: Counter, where: str, value: Any) -> None:
    body = till.sale()
    if where in {"unit_price", "discount", "quantity"}:
        body["lines"][0][where] = value
    elif where in {"amount", "change"}:
        body["tenders"][0][where] = value
    else:
        body[where] = value
    answer = await owner.post(api(till.shop, "/sales"), json=body)
    assert answer.status_code in {201, 422}


async def test_a_batch_over_http_answers_each_item(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    good = till.sale()
    sent = {"sales": [good, {"id": "x"}, good, good | {"customer": "x"}, till.sale(tenders=[])]}
    answer = await owner.post(api(shop, "/sales/batch"), json=sent)
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [item["status"] for item in items] == ["created", "invalid", "replayed", "conflict", "invalid"]
    assert [item["id"] for item in items][:2] == [good["id"], "x"]
    for wrong in ({}, {"sales": []}, {"sales": [{}] * 501}, []):
        assert (await owner.post(api(shop, "/sales/batch"), json=wrong)).status_code == 422


async def test_sales_are_listed_page_by_page_and_for_syncing(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    ids = [str((await till.sell()).id) for _ in range(5)]
    seen: list[str] = []
    after = ""
    while after is not None:
        answer = (await owner.get(api(shop, f"/sales?limit=2{after and f'&after={after}'}"))).json()
        seen += [item["id"] for item in answer["items"]]
        after = answer["next"]
    assert sorted(seen) == sorted(ids)
    synced = (await owner.get(api(shop, f"/sales?updated_since=2020-01-01T00:00:00Z&till={till.till}"))).json()
    assert [item["id"] for item in synced["items"]] == ids
    nothing = (await owner.get(api(shop, f"/sales?shift={new_id()}"))).json()
    assert nothing == {"items": [], "next": None}


async def test_returns_and_closing_over_http(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    sold = await till.sell((shop.products[0], 2))
    assert sold.sale is not None
    body = {
        "id": str(new_id()), "till": str(till.till), "shift": str(till.shift),
        "lines": [{"line": str(sold.sale.lines[0].id), "quantity": "1"}], "tenders": [{"type": "cash", "amount": 420}],
    }  # fmt: skip
    done = await owner.post(api(shop, f"/sales/{sold.id}/returns"), json=body)
    assert (done.status_code, done.json()["total"], done.json()["original"]) == (201, -420, str(sold.id))
    assert (await owner.post(api(shop, f"/sales/{sold.id}/returns"), json=body)).status_code == 200
    more = body | {"id": str(new_id()), "lines": [{"line": str(sold.sale.lines[0].id), "quantity": "2"}]}
    refused = await owner.post(api(shop, f"/sales/{sold.id}/returns"), json=more)
    assert (refused.status_code, refused.json()["code"], refused.json()["left"]) == (409, "over_return", "1.000")
    closed = await owner.post(api(shop, f"/shifts/{till.shift}/closure"), json={"counted": 10_400})
    assert closed.status_code == 201
    z = closed.json()
    assert (z["expected"], z["counted"], z["variance"], z["first_number"], z["last_number"]) == (
        10_420,
        10_400,
        -20,
        1,
        1,
    )
    again = await owner.post(api(shop, f"/shifts/{till.shift}/closure"), json={"counted": 10_400})
    assert (again.status_code, again.json()) == (200, z)
    other = await owner.post(api(shop, f"/shifts/{till.shift}/closure"), json={"counted": 10_401})
    assert (other.status_code, other.json()["code"]) == (409, "shift_closed")
    late = await owner.post(api(shop, f"/sales/{sold.id}/returns"), json=body | {"id": str(new_id())})
    assert (late.status_code, late.json()["code"]) == (409, "shift_closed")


async def test_the_tills_protocol_over_http(owner: httpx.AsyncClient, shop: Shop) -> None:
    from dataclasses import asdict

    from tests.support.device import Device

    device = Device(shop, shop.till)
    told = (await owner.get(api(shop, f"/tills/{shop.till}/setup"))).json()
    assert (told["till"]["code"], told["tenant"]["slug"]) == ("T1", shop.tenant.slug)
    wanted = {"device": str(device.id), "label": "Counter", "take_over": False}
    claim = (await owner.post(api(shop, f"/tills/{shop.till}/claims"), json=wanted)).json()
    assert claim == {"fence": 1, "seq": 0, "hash": "0" * 64, "next_number": 1, "shift": None}
    other = await owner.post(
        api(shop, f"/tills/{shop.till}/claims"), json=wanted | {"device": str(new_id()), "label": "Other"}
    )
    assert (other.status_code, other.json()["code"], other.json()["label"]) == (409, "till_in_use", "Counter")
    device.open_shift()
    device.sell({"product": str(shop.products[0].id), "quantity": "1", "unit_price": 1})
    delivery = {"device": str(device.id), "fence": 1, "records": [asdict(one) for one in device.records]}
    answer = await owner.post(api(shop, f"/tills/{shop.till}/journal"), json=delivery)
    results = answer.json()["results"]
    assert (answer.status_code, [one["status"] for one in results]) == (200, ["created", "created"])
    assert results[1]["exceptions"][0]["detail"] == "Sourdough loaf 800 g was sold at €0.01; the price list says €4.20."
    gap = await owner.post(
        api(shop, f"/tills/{shop.till}/journal"),
        json=delivery | {"records": [asdict(device.sell()), asdict(device.sell())][1:]},
    )
    assert (gap.status_code, gap.json()["code"], gap.json()["expected_seq"]) == (409, "journal_gap", 3)
    taken = wanted | {"device": str(new_id()), "label": "Other", "take_over": True}
    assert (await owner.post(api(shop, f"/tills/{shop.till}/claims"), json=taken)).json()["fence"] == 2
    late = await owner.post(
        api(shop, f"/tills/{shop.till}/journal"), json=delivery | {"records": [asdict(one) for one in device.records]}
    )
    assert (late.status_code, late.json()["code"], late.json()["label"]) == (409, "till_taken_over", "Other")
    assert [one["status"] for one in late.json()["results"]] == ["replayed", "replayed", "created", "created"]


async def test_the_list_finds_receipts_and_marks_them(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    sold = await till.sell()
    await till.sell(number=7)
    listed = await owner.get(page(shop, "/sales"))
    assert listed.status_code == 200
    assert "T1-000001" in listed.text
    assert "T1-000007" in listed.text
    assert "Needs a look" in listed.text
    found = await owner.get(page(shop, "/sales?q=t1-1"))
    assert "T1-000001" in found.text
    assert "T1-000007" not in found.text
    for nothing in ("q=T9-1", "q=zebra", "from=2030-01-01", "show=return", f"store={shop.second_store}"):
        assert "Nothing matches" in (await owner.get(page(shop, f"/sales?{nothing}"))).text
    wrong = await owner.get(page(shop, "/sales?store=x"))
    assert (wrong.status_code, wrong.text.count("Pick one from the list.")) == (422, 1)
    assert str(sold.id) in (await owner.get(page(shop, "/sales?from=2026-11-20&to=2026-11-20&show=exceptions"))).text


async def test_goods_come_back_on_the_sales_page(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    sold = await till.sell((shop.products[0], 3))
    assert sold.sale is not None
    line = sold.sale.lines[0].id
    shown = await owner.get(page(shop, f"/sales/{sold.id}"))
    assert shown.status_code == 200
    assert "Take goods back" in shown.text
    form = {"id": str(new_id()), "till": str(till.till), "method": "card", f"back-{line}": "2"}
    done = await owner.post(page(shop, f"/sales/{sold.id}/returns"), data=form)
    assert done.status_code == 303
    back = await owner.get(done.headers["location"])
    assert "T1-R000001" in back.text
    booked = await owner.get(re.search(r'href="([^"]*/ledger/entries/[^"]*)"', shown.text)[1])  # type: ignore[index]
    assert f'href="{page(shop, f"/sales/{sold.id}")}" class="num">T1-000001</a>' in booked.text
    assert "-€8.40" in back.text
    too_much = await owner.post(page(shop, f"/sales/{sold.id}/returns"), data=form | {"id": str(new_id())})
    assert too_much.status_code == 409
    assert f'id="f-back-{line}-error"' in too_much.text
    assert "Only 1 of this line can still come back" in too_much.text
    nothing = await owner.post(
        page(shop, f"/sales/{sold.id}/returns"), data={"id": str(new_id()), "till": str(till.till), "method": "cash"}
    )
    assert nothing.status_code == 422
    paper = await owner.get(page(shop, f"/sales/{sold.id}/receipt"))
    assert "€12.60" in paper.text
    assert "receipt.css" in paper.text


async def test_the_parts_of_a_tax_stand_on_the_sale_and_on_its_receipt(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    await shop.db.run(shop.scope, put_parts, shop.reduced, [Part("CGST", 90_000), Part("SGST", 90_000)])
    sold = await till.sell((shop.products[2], 1))
    assert sold.sale is not None
    of = [part.tax for part in sold.sale.taxes[0].parts]
    assert (len(of), sum(of)) == (2, sold.sale.tax)
    for address in (f"/sales/{sold.id}", f"/sales/{sold.id}/receipt"):
        shown = (await owner.get(page(shop, address))).text
        for name, amount in zip(("CGST 9 %", "SGST 9 %"), of, strict=True):
            cell = rf"<(?:th|span)[^>]*>{name}</(?:th|span)>\s*(?:<td></td>)?<(?:td|span)[^>]*>€0.{amount:02}</"
            assert re.search(cell, shown), (name, shown)


async def test_an_exception_is_settled_with_a_note(owner: httpx.AsyncClient, till: Counter, site: Site) -> None:
    import re

    shop = till.shop
    await till.sell(number=7)
    listed = await owner.get(page(shop, "/exceptions?code=number_gap"))
    assert "The receipt before number 7 has not arrived." in listed.text
    found = re.search(r"/exceptions/([0-9a-f-]{36})/resolution", listed.text)
    assert found is not None
    address = page(shop, f"/exceptions/{found[1]}/resolution")
    clerk = await site.member(shop, "clerk")
    seen = await clerk.get(page(shop, "/exceptions"))
    assert "The receipt before number 7 has not arrived." in seen.text
    assert "/resolution" not in seen.text
    assert (await clerk.post(address, data={"note": "Mine"})).status_code == 403
    manager = await site.member(shop, "manager")
    assert "/resolution" in (await manager.get(page(shop, "/exceptions"))).text
    assert (await owner.post(address, data={"note": " "})).status_code == 422
    assert (await owner.post(address, data={"note": "Void"})).status_code == 303
    assert "Nothing needs a look" in (await owner.get(page(shop, "/exceptions?code=number_gap"))).text
    assert "Void" in (await owner.get(page(shop, "/exceptions?show=settled"))).text


async def test_who_may_not_see_or_sell_is_turned_away(site: Site, till: Counter) -> None:
    shop = till.shop
    viewer, clerk, nobody = await site.member(shop, "viewer"), await site.member(shop, "clerk"), site.visitor()
    body = till.sale()
    assert (await viewer.post(api(shop, "/sales"), json=body)).status_code == 403
    assert (await nobody.post(api(shop, "/sales"), json=body)).status_code == 401
    assert (await clerk.post(api(shop, "/sales"), json=body)).status_code == 201
    assert (await viewer.get(api(shop, f"/sales/{body['id']}"))).status_code == 200
    assert "Take goods back" not in (await viewer.get(page(shop, f"/sales/{body['id']}"))).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-1", "Type a quantity above zero."),
        ("0.5", "Sourdough loaf 800 g is sold by the piece. Type a whole number."),
        ("1e0", "Type a quantity with at most three decimals"),
        ("\u0663", "Type a quantity with at most three decimals"),
        ("2000000", "This is more than any shelf holds. Type a smaller quantity."),
    ],
)
async def test_what_is_wrong_with_a_quantity_that_comes_back_is_said_at_its_field(
    owner: httpx.AsyncClient, till: Counter, typed: str, said: str
) -> None:
    shop = till.shop
    sold = await till.sell((shop.products[0], 3))
    assert sold.sale is not None
    line = sold.sale.lines[0].id
    form = {"id": str(new_id()), "till": str(till.till), "method": "cash", f"back-{line}": typed}
    refused = await owner.post(page(shop, f"/sales/{sold.id}/returns"), data=form)
    assert refused.status_code == 422
    at_field = refused.text.partition(f'id="f-back-{line}-error"')[2].partition("</p>")[0]
    assert said in at_field
    assert "Type how much of a line comes back" not in refused.text
    assert (await owner.get(api(shop, f"/sales/{form['id']}"))).status_code == 404


async def test_the_addresses_of_forms_lead_back(owner: httpx.AsyncClient, till: Counter) -> None:
    sold = await till.sell()
    led = await owner.get(page(till.shop, f"/sales/{sold.id}/returns"))
    assert (led.status_code, led.headers["location"]) == (303, page(till.shop, f"/sales/{sold.id}"))
    led = await owner.get(page(till.shop, f"/exceptions/{new_id()}/resolution"))
    assert (led.status_code, led.headers["location"]) == (303, page(till.shop, "/exceptions"))


@pytest.mark.parametrize("quantity", ["1e3", "1E0", "\u0663", "1_0", "+1", " 1"])
async def test_quantities_of_a_sale_and_of_a_return_are_written_in_plain_digits(
    owner: httpx.AsyncClient, till: Counter, quantity: str
) -> None:
    shop = till.shop
    body = till.sale((shop.products[0], 2))
    assert (await owner.post(api(shop, "/sales"), json=body)).status_code == 201
    back = {
        "id": str(new_id()),
        "till": str(till.till),
        "lines": [{"line": body["lines"][0]["id"], "quantity": quantity}],
    }
    odd = till.sale({"product": str(shop.products[0].id), "quantity": "1", "unit_price": 420})
    odd["lines"][0]["quantity"] = quantity
    for path, sent in (("/sales", odd), (f"/sales/{body['id']}/returns", back)):
        refused = await owner.post(api(shop, path), json=sent)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["lines.0.quantity"])
    number = json.dumps(odd).replace(json.dumps(quantity), "1e3")
    assert (await owner.post(api(shop, "/sales"), content=number)).status_code == 422


async def test_members_that_nobody_knows_are_kept_out_and_named(owner: httpx.AsyncClient, till: Counter) -> None:
    shop = till.shop
    body = till.sale({"name": "Ribbon", "quantity": "1", "unit_price": 100}) | {"colour": "red"}
    body["lines"][0]["dicount"] = 1
    body["tenders"][0]["tipp"] = 5
    ignored = ["colour", "lines.0.dicount", "tenders.0.tipp"]
    first = await owner.post(api(shop, "/sales"), json=body, headers={"Idempotency-Key": "a"})
    assert (first.status_code, first.json()["ignored"], first.json()["exceptions"]) == (201, ignored, [])
    again = await owner.post(api(shop, "/sales"), json=body, headers={"Idempotency-Key": "b"})
    assert (again.status_code, again.json()) == (200, first.json())
    other = till.sale()
    answer = await owner.post(api(shop, "/sales/batch"), json={"sales": [body, other]})
    assert [item.get("ignored") for item in answer.json()["items"]] == [ignored, None]


async def test_a_wrong_clock_is_told_in_the_shops_own_time(owner: httpx.AsyncClient, till: Counter) -> None:
    await till.sell(occurred_at="2031-01-01T00:00:00Z")
    listed = (await owner.get(page(till.shop, "/exceptions?code=clock_skew"))).text
    assert "2031-01-01T" not in listed
    assert "1 Jan 2031, 01:00" in listed or "Jan 1, 2031, 1:00" in listed
