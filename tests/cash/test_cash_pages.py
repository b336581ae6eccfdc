"""Pages and API of shifts: the list, the shift, its Z report on paper, cash moves, repeats."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from retail import cash
from retail.cash import Takings
from retail.cash.queries import cash_moves, drawer_minor
from retail.kit.ids import new_id
from retail.runtime.tenancy import Scope
from retail.sales.closing import close
from retail.sales.jobs import supplement
from tests.support.selling import open_counter
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def opened(shop: Shop) -> uuid.UUID:
    id = new_id()
    await shop.db.run(shop.scope, cash.open_shift, id, shop.till, 10_000, AT)
    return id


async def test_an_open_shift_takes_cash_moves_on_its_page(shop: Shop, site: Site) -> None:
    id, owner = await opened(shop), await site.member(shop)
    assert "Record cash" in (await owner.get(f"{home(shop)}/shifts/{id}")).text
    form = {"id": str(new_id()), "kind": "pay_out", "amount": "3.50", "reason": "Milk for the staff"}
    for _ in range(2):
        answer = await owner.post(f"{home(shop)}/shifts/{id}/cash-moves", data=form)
        assert answer.status_code == 303
    page = await owner.get(f"{home(shop)}/shifts/{id}")
    assert page.text.count("Milk for the staff") == 1
    refused = await owner.post(f"{home(shop)}/shifts/{id}/cash-moves", data=form | {"id": "", "amount": "0"})
    assert refused.status_code == 422
    assert 'value="Milk for the staff"' in refused.text


async def test_an_open_shift_prints_what_it_has_come_to_and_is_not_changed_by_it(shop: Shop, site: Site) -> None:
    owner, till = await site.member(shop), await open_counter(shop)
    bread, _milk, _chocolate, cola, *_rest = shop.products
    await till.send(
        till.sale(bread, cola),
        till.sale(bread, tenders=[{"type": "card", "amount": 420}]),
    )
    await shop.db.run(shop.scope, cash.move_cash, new_id(), till.shift, "pay_out", 350, "Milk for the staff", AT)
    address = f"{home(shop)}/shifts/{till.shift}"
    for page in (f"{home(shop)}/shifts", address):
        assert f'href="{address}/x"' in (await owner.get(page)).text
    paper = await owner.get(f"{address}/x")
    assert paper.status_code == 200
    for words in ("X report \u2013 not final", "As of", "1\u20132", "€9.50", "Reduced 7 %", "Standard 19 %", "€101.80"):
        assert words in paper.text, words
    for words in ("Counted", "Over or short", "R 7 %"):
        assert words not in paper.text, words
    early = await owner.get(f"{address}/z")
    assert (early.status_code, early.headers["location"]) == (303, f"{address}/x")
    assert "This shift is still open" in (await owner.get(f"{address}/x")).text
    async with shop.db.read(shop.scope) as read:
        assert (await cash.shift(read, till.shift)).closed_at is None
    await shop.db.run(shop.scope, cash.close_shift, till.shift, 10_180, None, AT, Takings())
    late = await owner.get(f"{address}/x")
    assert (late.status_code, late.headers["location"]) == (303, f"{address}/z")
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(f"{address}/x")).status_code == 403


async def test_no_more_leaves_a_drawer_than_it_holds(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    till = await open_counter(shop)
    await till.send(
        till.sale(tenders=[{"type": "cash", "amount": 500, "change": 80}]),
        till.sale(tenders=[{"type": "card", "amount": 420}]),
    )
    address, api = (f"{home(shop)}{base}/shifts/{till.shift}/cash-moves" for base in ("", "/api/v1"))

    async def move(kind: str, amount: int, **changes: str) -> int:
        body = {"id": str(new_id()), "kind": kind, "amount": amount, "reason": "Bank"} | changes
        return (await owner.post(api, json=body)).status_code

    page = await owner.post(address, data={"kind": "drop", "amount": "104.21", "reason": "Bank"})
    assert (page.status_code, "There is less than this in the drawer." in page.text) == (422, True)
    assert await move("pay_out", 10_421) == 422
    assert await move("pay_in", 10**11 + 1) == 422
    assert await move("pay_in", 79) == 201
    last = str(new_id())
    assert await move("drop", 10_499, id=last) == 201
    assert await move("drop", 10_499, id=last) == 200
    assert await move("drop", 1) == 422
    async with shop.db.read(shop.scope) as read:
        assert await drawer_minor(read, till.shift) == 0
        assert len(await cash_moves(read, till.shift)) == 2


async def test_a_closed_shift_shows_its_report_and_prints_it(shop: Shop, site: Site) -> None:
    id, owner = await opened(shop), await site.member(shop)
    taxes = [{"code": "R", "rate_micros": 70_000, "base": 2150, "tax": 200}]
    takings = Takings(
        sales=3,
        total_minor=2350,
        first_number=17,
        last_number=19,
        cash_net_minor=1500,
        by_tender={"cash": 1500, "card": 850},
        taxes=taxes,
    )
    await shop.db.run(shop.scope, cash.open_drawer, new_id(), id, "Change for a guest", AT)
    await shop.db.run(shop.scope, cash.close_shift, id, 11_450, {"5000": 2, "50": 29}, AT, takings)
    page = await owner.get(f"{home(shop)}/shifts/{id}")
    assert page.status_code == 200
    for words in (
        "Short",
        "€115.00",
        "€114.50",
        "-€0.50",
        "Receipts 17 to 19",
        "Tax: Reduced 7 %",
        "Change for a guest",
    ):
        assert words in page.text, words
    assert "Record cash" not in page.text
    paper = await owner.get(f"{home(shop)}/shifts/{id}/z")
    assert paper.status_code == 200
    said = " ".join(paper.text.split())
    for words in ("Z report 1, till T1", "17\u201319", "29 \u00d7 €0.50", "Reduced 7 %", "€23.50", "-€0.50 short"):
        assert words in said, words
    late = {"id": str(new_id()), "kind": "drop", "amount": "1", "reason": "Late"}
    answer = await owner.post(f"{home(shop)}/shifts/{id}/cash-moves", data=late)
    assert answer.status_code == 409
    assert "This shift is closed." in answer.text


async def test_the_list_narrows_by_its_address(shop: Shop, site: Site) -> None:
    id, owner = await opened(shop), await site.member(shop)
    assert "T1 · 1" in (await owner.get(f"{home(shop)}/shifts")).text
    assert "T1 · 1" in (await owner.get(f"{home(shop)}/shifts?state=open&store={shop.store}")).text
    assert "Nothing matches" in (await owner.get(f"{home(shop)}/shifts?state=differs")).text
    await shop.db.run(shop.scope, cash.close_shift, id, 9_999, None, AT, Takings())
    assert "T1 · 1" in (await owner.get(f"{home(shop)}/shifts?state=differs")).text


async def test_shifts_sort_by_opening_and_by_what_was_short(shop: Shop, site: Site) -> None:
    first = await opened(shop)
    await shop.db.run(shop.scope, cash.close_shift, first, 9_000, None, AT, Takings())
    second, owner = await opened(shop), await site.member(shop)
    for query, ids in (
        ("", [second, first]),
        ("?sort=opened", [first, second]),
        ("?sort=difference", [first, second]),
        ("?sort=-difference", [second, first]),
    ):
        text = (await owner.get(f"{home(shop)}/shifts{query}")).text
        assert [text.index(f"/shifts/{id}") for id in ids] == sorted(text.index(f"/shifts/{id}") for id in ids), query


async def test_the_api_opens_a_shift_once_and_names_the_open_one(shop: Shop, site: Site) -> None:
    clerk, id = await site.member(shop, "clerk"), new_id()
    body = {"id": str(id), "till": str(shop.till), "opening_float": 10_000}
    first = await clerk.post(f"{home(shop)}/api/v1/shifts", json=body)
    again = await clerk.post(f"{home(shop)}/api/v1/shifts", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["status"], first.json()["number"], first.json()["opening_float"]) == ("open", 1, 10_000)
    second = await clerk.post(f"{home(shop)}/api/v1/shifts", json=body | {"id": str(new_id())})
    assert (second.status_code, second.json()["code"], second.json()["shift"]) == (409, "shift_open", str(id))
    other = await clerk.post(f"{home(shop)}/api/v1/shifts", json=body | {"opening_float": 1})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_the_api_moves_cash_and_shows_the_shift(shop: Shop, site: Site) -> None:
    clerk, id, move = await site.member(shop, "clerk"), await opened(shop), str(new_id())
    address = f"{home(shop)}/api/v1/shifts/{id}"
    body = {"id": move, "kind": "drop", "amount": 2500, "reason": "Safe"}
    first = await clerk.post(f"{address}/cash-moves", json=body)
    again = await clerk.post(f"{address}/cash-moves", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    wrong = await clerk.post(f"{address}/cash-moves", json=body | {"id": str(new_id()), "amount": 0})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["amount"])
    shown = (await clerk.get(address)).json()
    assert [(one["id"], one["kind"], one["amount"]) for one in shown["cash_moves"]] == [(move, "drop", 2500)]
    assert shown["z_report"] is None
    await shop.db.run(shop.scope, cash.close_shift, id, 7_500, None, AT, Takings())
    viewer = await site.member(shop, "viewer")
    closed = (await viewer.get(address)).json()
    assert (closed["status"], closed["z_report"]["expected"], closed["z_report"]["variance"]) == ("closed", 7_500, 0)
    late = await clerk.post(f"{address}/cash-moves", json=body | {"id": str(new_id())})
    assert (late.status_code, late.json()["code"]) == (409, "shift_closed")


async def test_another_businesss_shift_is_not_found(shop: Shop, site: Site) -> None:
    other = await open_shop(shop.db)
    id, owner = await opened(other), await site.member(shop)
    for path in (f"/shifts/{id}", f"/shifts/{id}/z", f"/shifts/{id}/x", f"/api/v1/shifts/{id}"):
        assert (await owner.get(home(shop) + path)).status_code == 404


async def test_a_shift_on_a_till_that_nobody_knows_is_refused_at_the_field(shop: Shop, site: Site) -> None:
    other = await open_shop(shop.db)
    clerk = await site.member(shop, "clerk")
    for till in (new_id(), other.till):
        body = {"id": str(new_id()), "till": str(till), "opening_float": 0}
        refused = await clerk.post(f"{home(shop)}/api/v1/shifts", json=body)
        assert (refused.status_code, refused.json()["errors"]) == (422, {"till": ["We don't know this till."]})
        assert (await clerk.get(f"{home(shop)}/api/v1/shifts/{body['id']}")).status_code == 404


async def test_a_variance_is_explained_listed_and_accepted_by_who_may_settle(shop: Shop, site: Site) -> None:
    owner, till = await site.member(shop), await open_counter(shop)
    await till.sell(tenders=[{"type": "card", "amount": 420}])
    closure = f"{home(shop)}/api/v1/shifts/{till.shift}"
    counted = {"id": str(new_id()), "counted": 10_420}
    told = await owner.post(f"{closure}/counts", json=counted)
    assert (told.status_code, told.json()) == (201, {"id": counted["id"], "attempt": 1, "recount": True})
    assert (await owner.post(f"{closure}/counts", json=counted)).status_code == 200
    x = (await owner.get(f"{closure}/x")).json()
    assert (x["expected"], x["sales"], x["cashiers"][0]["total"]) == (10_000, 1, 420)
    z = (await owner.post(f"{closure}/closure", json={"counted": 10_420, "left": 10_000})).json()
    assert {name: z[name] for name in ("expected", "counted", "variance", "first_number", "last_number")} == {
        "expected": 10_000, "counted": 10_420, "variance": 420, "first_number": 1, "last_number": 1,
    }  # fmt: skip
    assert (await owner.get(f"{closure}/x")).status_code == 409
    address, clue = f"{home(shop)}/shifts/{till.shift}", "Receipt 1: €4.20 was rung up as card"
    for page in (address, f"{address}/z", f"{home(shop)}/shifts", f"{home(shop)}/shifts?state=waits"):
        assert clue in (await owner.get(page)).text, page
    form = {"id": str(new_id()), "cause": "other", "note": " "}
    refused = await owner.post(f"{address}/acceptances", data=form)
    assert (refused.status_code, "Say in a few words what it was." in refused.text) == (422, True)
    clerk = await site.member(shop, "clerk")
    assert (await clerk.post(f"{address}/acceptances", data=form | {"cause": "tender"})).status_code == 403
    assert (await owner.post(f"{address}/acceptances", data=form | {"cause": "tender"})).status_code == 303
    page = (await owner.get(address)).text
    assert "Accepted by" in page
    assert "Asked to count once more" in page
    assert clue not in (await owner.get(f"{home(shop)}/shifts?state=waits")).text
    assert "Accepted" in (await owner.get(f"{home(shop)}/shifts?state=differs&till={till.till}")).text


async def test_a_supplement_has_a_paper_of_its_own(shop: Shop, site: Site) -> None:
    owner, till = await site.member(shop), await open_counter(shop)
    await shop.db.run(shop.scope, close, till.shift, 10_420, None, AT)
    await till.sell()
    await shop.db.run(Scope.system(shop.tenant.id), supplement, till.shift)
    address = f"{home(shop)}/shifts/{till.shift}"
    page = (await owner.get(address)).text
    assert "Z 1 / supplement 1" in page
    assert "With the late sales it is €0.00." in page
    paper = (await owner.get(f"{address}/supplement")).text
    for words in ("Z 1 / supplement 1", "€104.20", "Sealed:", "Sold by this till so far"):
        assert words in paper, words
    assert "See Z 1 / supplement 1" in (await owner.get(f"{address}/z")).text
    assert (await owner.get(f"{address}/supplement?number=2")).status_code == 404
    assert "1 supplement" in (await owner.get(f"{home(shop)}/shifts")).text


async def test_a_float_may_be_told_by_pieces(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    new = {"id": str(new_id()), "till": str(shop.till), "opening_float": 150, "denominations": {"50": 3}}
    shops = f"{home(shop)}/api/v1/shifts"
    assert (await owner.post(shops, json=new | {"denominations": {"50": 2}})).status_code == 422
    answer = await owner.post(shops, json=new)
    assert (answer.status_code, answer.json()["opening_denominations"]) == (201, {"50": 3})
    assert "3 \u00d7 €0.50" in (await owner.get(f"{home(shop)}/shifts/{new['id']}")).text
