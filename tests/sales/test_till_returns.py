"""Goods that come back at a till: worked out from their sale, credited where they were paid, never counted twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.identity.approval_errors import ApprovalNotNeeded
from retail.identity.approvals import Wanted, answer, ask
from retail.identity.permissions import REFUND
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.ledger.checks import checks as ledger_checks
from retail.runtime.db import Tx
from retail.sales.checks import checks
from retail.sales.documents import StoredSale
from retail.sales.errors import NotReturnable, OverReturned
from retail.sales.holds import promise, release
from retail.sales.members import Reader
from retail.sales.queries import stored_sale
from retail.sales.return_finding import Sought, receipts
from retail.sales.return_reading import read_till_return
from retail.sales.returns import return_goods
from retail.sales.till_returns import take_return
from retail.stock import Arrival, Document, receive
from retail.tenants.settings_changes import change
from retail.value.checks import checks as value_checks
from tests.identity.test_approvals import somebody
from tests.support.buyers import a_customer
from tests.support.device import Device
from tests.support.selling import AT, Counter, open_counter
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


def back_of(counter: Counter, sold: StoredSale | None, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make a return as a till sends it: of these lines, paid out in cash."""
    total = more.get("total", sum(one["worth"] for one in lines))
    return {
        "id": str(new_id()),
        "shift": str(counter.shift),
        "number": 1,
        "sale": str(sold.id) if sold else None,
        "lines": [{name: value for name, value in one.items() if name != "worth"} for one in lines],
        "tenders": [{"type": "cash", "amount": total}],
        "total": total,
        "reason": "Too small",
        **more,
    }


def of_line(sold: StoredSale, at: int, quantity: int, worth: int, **more: Any) -> dict[str, Any]:
    line = sold.lines[at]
    return {
        "id": str(line.id), "product": str(line.product), "name": line.name, "quantity": str(quantity),
        "unit_price": line.unit_price, "discount": line.unit_price * quantity - worth, "worth": worth, **more,
    }  # fmt: skip


async def take(shop: Shop, body: dict[str, Any], till: UUID | None = None) -> StoredSale:
    async def run(tx: Tx) -> StoredSale:
        return await take_return(tx, read_till_return(Reader(body), till or shop.till, AT))

    return await shop.db.run(shop.scope, run)


async def sold_three(counter: Counter, **more: Any) -> StoredSale:
    """Three loaves at 4.20, 2.60 off: ten euros, which three can't share evenly."""
    line = {"product": str(counter.shop.products[0].id), "quantity": "3", "unit_price": 420, "discount": 260}
    outcome = await counter.sell(line, **more)
    assert outcome.sale is not None
    return outcome.sale


def codes(sale: StoredSale) -> list[str]:
    return [one.code for one in sale.remarks]


async def all_is_well(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        made = [*await checks(read), *await value_checks(read), *await ledger_checks(read)]
    assert [one for one in made if not one.ok] == []


async def posted(shop: Shop, sale: UUID) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT a.purpose, sum(l.amount_minor)::bigint AS amount FROM journal_entry e
                 JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                WHERE e.tenant_id = $1 AND e.source_id = $2 GROUP BY 1""",
            read.tenant,
            sale,
        )
    return {row["purpose"]: row["amount"] for row in rows}


async def on_hand(shop: Shop, at: int = 0) -> int:
    async with shop.db.read(shop.scope) as read:
        sql = "SELECT coalesce(sum(quantity), 0) FROM stock_move WHERE tenant_id = $1 AND product_id = $2"
        return int(await read.fetchval(sql, read.tenant, shop.products[at].id))


async def test_pieces_come_back_one_by_one_and_together_give_back_what_was_paid(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    worths = [333, 334, 333]
    made = [
        await take(
            shop, back_of(counter, sold, of_line(sold, 0, 1, worth, returned_before_milli=at * 1000), number=at + 1)
        )
        for at, worth in enumerate(worths)
    ]
    assert [one.total for one in made] == [-333, -334, -333]
    assert [codes(one) for one in made] == [[], [], []]
    assert sum(one.total for one in made) == -sold.total
    await all_is_well(shop)


async def test_the_same_return_again_is_the_same_return(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    body = back_of(counter, sold, of_line(sold, 0, 1, 333))
    first, second = await take(shop, body), await take(shop, body)
    assert first.id == second.id
    assert (await posted(shop, first.id))["cash"] == -333
    await all_is_well(shop)


async def test_goods_back_at_two_tills_without_a_network_are_told_with_both_names(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    first = await take(shop, back_of(counter, sold, of_line(sold, 0, 3, 1000)))
    second = await take(shop, back_of(counter, sold, of_line(sold, 0, 2, 667), number=2))
    assert (first.total, second.total, second.lines[0].returned_before_milli) == (-1000, -667, 3000)
    (told,) = [one for one in second.remarks if one.code == "returned_twice"]
    assert "refund_not_as_paid" not in codes(second)  # what is paid beyond follows from the first, and accuses nobody
    assert told.facts["number"].endswith("-R000002")
    assert "-R000001" in told.facts["others"]
    assert told.facts["cashier"] in told.sentence(str)
    assert (await posted(shop, second.id))["cash"] == -667
    await all_is_well(shop)


async def test_what_is_promised_to_one_till_is_refused_to_another_and_to_the_office(
    shop: Shop, counter: Counter
) -> None:
    sold = await sold_three(counter)
    line, mine = sold.lines[0].id, new_id()
    await shop.db.run(shop.scope, promise, shop.till, mine, sold.id, {line: 2000})
    with pytest.raises(OverReturned) as refused:
        await shop.db.run(shop.scope, promise, shop.till, new_id(), sold.id, {line: 2000})
    assert refused.value.left == 1
    code = await shop.db.run(shop.scope, lambda tx: tx.fetchval("SELECT code FROM till WHERE id = $1", shop.till))
    assert refused.value.sentence() == (
        f"Somebody at till {code} is taking some of it back now: only 1 is left. Ask there first."
    )
    from tests.races.test_sale_races import bring

    with pytest.raises(OverReturned):
        await shop.db.run(shop.scope, return_goods, sold.id, bring(counter, line, 2000))
    await shop.db.run(shop.scope, promise, shop.till, mine, sold.id, {line: 3000})  # renewed, not added
    await shop.db.run(shop.scope, release, shop.till, mine)
    await shop.db.run(shop.scope, return_goods, sold.id, bring(counter, line, 2000))
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, promise, shop.till, mine, sold.id, {new_id(): 1000})


async def test_what_is_promised_is_told_apart_from_what_is_back_with_the_till_the_cashier_and_its_end(
    shop: Shop, counter: Counter
) -> None:
    sold = await sold_three(counter)
    line, mine = sold.lines[0].id, new_id()
    other = await shop.db.run(shop.scope, lambda tx: tx.fetchval("SELECT code FROM till WHERE id = $1", shop.till))
    until = await shop.db.run(shop.scope, promise, shop.till, mine, sold.id, {line: 2000})

    async def told(asking: UUID) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        async with shop.db.read(shop.scope) as read:
            [found] = await receipts(read, asking, Sought(sale=sold.id))
        return found["lines"][0], found["promises"]

    first, [begun] = await told(shop.till)
    assert (first["returned"], first["promised"]) == ("0", "2")
    assert begun == {
        "id": mine, "till": other, "cashier": "", "own": True, "until": until, "lines": {str(line): "2"},
    }  # fmt: skip
    assert not (await told(new_id()))[1][0]["own"]
    await shop.db.run(
        shop.scope, lambda tx: tx.execute("UPDATE return_hold SET expires_at = $2 WHERE id = $1", mine, tx.now)
    )
    assert ((await told(new_id()))[0]["promised"], (await told(new_id()))[1]) == ("0", [])
    await shop.db.run(shop.scope, promise, shop.till, new_id(), sold.id, {line: 3000})  # over: anybody may go on


async def test_a_return_ends_its_promise_and_a_return_itself_is_not_promised(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    body = back_of(counter, sold, of_line(sold, 0, 2, 667))
    await shop.db.run(shop.scope, promise, shop.till, UUID(body["id"]), sold.id, {sold.lines[0].id: 2000})
    made = await take(shop, body)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM return_hold WHERE tenant_id = $1", read.tenant) == 0
    with pytest.raises(NotReturnable):
        await shop.db.run(shop.scope, promise, shop.till, new_id(), made.id, {made.lines[0].id: 1000})


async def test_store_credit_is_given_to_the_customer_who_is_named(shop: Shop, counter: Counter) -> None:
    who = await a_customer(shop)
    sold = await sold_three(counter, customer=str(who))
    body = back_of(counter, sold, of_line(sold, 0, 3, 1000), tenders=[{"type": "store_credit", "amount": 1000}])
    made = await take(shop, body)
    assert (codes(made), made.tenders[0].value is not None) == ([], True)
    assert (await posted(shop, made.id))["store_credit"] == -1000
    await all_is_well(shop)


async def test_credit_for_nobody_is_told_and_the_books_still_balance(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    body = back_of(counter, sold, of_line(sold, 0, 3, 1000), tenders=[{"type": "gift_card", "amount": 1000}])
    made = await take(shop, body)
    assert "refund_not_credited" in codes(made)
    await all_is_well(shop)


async def test_cash_for_what_was_paid_by_card_is_told_unless_the_business_allows_it(
    shop: Shop, counter: Counter
) -> None:
    sold = await sold_three(counter, tenders=[{"type": "card", "amount": 1000, "change": 0}])
    made = await take(shop, back_of(counter, sold, of_line(sold, 0, 1, 333)))
    assert codes(made) == ["refund_not_as_paid"]
    await shop.db.run(shop.scope, change, {"refunds_in_cash": "any"})
    again = await take(shop, back_of(counter, sold, of_line(sold, 0, 1, 334, returned_before_milli=1000), number=2))
    assert codes(again) == []


async def test_cash_for_what_was_paid_by_card_is_told_also_where_goods_came_back_twice(
    shop: Shop, counter: Counter
) -> None:
    sold = await sold_three(counter, tenders=[{"type": "card", "amount": 1000, "change": 0}])
    await take(shop, back_of(counter, sold, of_line(sold, 0, 1, 333)))
    second = await take(shop, back_of(counter, sold, of_line(sold, 0, 3, 1000), number=2))
    assert codes(second) == ["returned_twice", "refund_not_as_paid"]


@pytest.mark.parametrize(
    ("policy", "means", "told"),
    [
        ("no", "store_credit", ["return_without_receipt"]),
        ("store_credit", "store_credit", []),
        ("store_credit", "cash", ["return_without_receipt"]),
        ("approval", "cash", []),
    ],
)
async def test_goods_without_a_receipt_go_by_the_policy(
    shop: Shop, counter: Counter, policy: str, means: str, told: list[str]
) -> None:
    await shop.db.run(shop.scope, change, {"returns_without_receipt": policy})
    ware, who = shop.products[0], await a_customer(shop)
    line = {"id": str(new_id()), "product": str(ware.id), "quantity": "2", "unit_price": 420, "worth": 840}
    before = await on_hand(shop)
    body = back_of(counter, None, line, tenders=[{"type": means, "amount": 840}], customer=str(who))
    made = await take(shop, body)
    assert (made.original, made.total, codes(made), await on_hand(shop) - before) == (None, -840, told, 2)
    assert (made.lines[0].original_line, made.kind) == (None, "return")
    async with shop.db.read(shop.scope) as read:
        note = await read.fetchrow("SELECT basis, reason FROM return_note WHERE tenant_id = $1", read.tenant)
    assert tuple(note or ()) == ("none", "Too small")
    await all_is_well(shop)


async def test_what_must_be_approved_is_asked_for_within_the_limit_too_and_then_nothing_is_remarked(
    shop: Shop, counter: Counter
) -> None:
    await shop.db.run(shop.scope, change, {"returns_without_receipt": "approval"})
    clerk = await somebody(shop, "clerk")
    line = {"id": str(new_id()), "product": str(shop.products[0].id), "quantity": "1", "unit_price": 420, "worth": 420}

    async def take_as_clerk(body: dict[str, Any]) -> StoredSale:
        async def run(tx: Tx) -> StoredSale:
            return await take_return(tx, read_till_return(Reader(body), shop.till, AT))

        return await shop.db.run(clerk, run)

    alone = await take_as_clerk(back_of(counter, None, line))
    assert codes(alone) == ["approval_missing"]
    body = back_of(counter, None, line | {"id": str(new_id())}, number=2)
    back = read_till_return(Reader(body), shop.till, AT)
    wanted = Wanted(REFUND, shop.store, back.act, 420, shop.till, "Too small")
    with pytest.raises(ApprovalNotNeeded):
        await shop.db.run(clerk, ask, new_id(), wanted)
    asked = await shop.db.run(clerk, ask, new_id(), replace(wanted, risky=True))
    await shop.db.run(shop.scope, answer, asked.id, granted=True)
    made = await take_as_clerk(body | {"approvals": [{"id": str(asked.id), "permission": "refund"}]})
    assert codes(made) == []


async def test_a_return_of_a_sale_that_nobody_knows_is_stored_and_told(shop: Shop, counter: Counter) -> None:
    line = {"id": str(new_id()), "product": str(shop.products[0].id), "quantity": "1", "unit_price": 420, "worth": 420}
    made = await take(shop, back_of(counter, None, line, sale=str(new_id())))
    assert (codes(made), made.total) == (["return_of_unknown"], -420)
    await all_is_well(shop)


async def test_waste_leaves_the_shelf_again(shop: Shop, counter: Counter) -> None:
    arrived = Document(new_id(), shop.store, "", AT)
    await shop.db.run(shop.scope, receive, arrived, [Arrival(shop.products[0].id, Decimal(9), Decimal(100))])
    sold = await sold_three(counter)
    before = await on_hand(shop)
    await take(shop, back_of(counter, sold, of_line(sold, 0, 2, 667, condition="waste")))
    assert await on_hand(shop) == before
    async with shop.db.read(shop.scope) as read:
        kinds = await read.fetch("SELECT kind FROM stock_move WHERE tenant_id = $1 ORDER BY kind", read.tenant)
    assert {"return", "waste"} <= {row["kind"] for row in kinds}
    await all_is_well(shop)


async def test_an_exchange_is_a_pair_that_comes_out_even(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    new = counter.sale(
        (shop.products[0], 3),
        tenders=[{"type": "exchange", "amount": 1000, "change": 0}, {"type": "cash", "amount": 260, "change": 0}],
    )
    body = back_of(counter, sold, of_line(sold, 0, 3, 1000), tenders=[{"type": "exchange", "amount": 1000}],
                   exchange=new["id"])  # fmt: skip
    made = await take(shop, body)
    (bought,) = await counter.send(new)
    assert bought.sale is not None
    assert (codes(made), codes(bought.sale)) == ([], [])
    assert (await posted(shop, made.id))["exchange"] + (await posted(shop, bought.id))["exchange"] == 0
    await all_is_well(shop)


async def test_a_sale_in_exchange_for_nothing_is_told(shop: Shop, counter: Counter) -> None:
    outcome = await counter.sell(tenders=[{"type": "exchange", "amount": 420, "change": 0}])
    assert outcome.sale is not None
    assert "exchange_open" in codes(outcome.sale)


async def test_a_receipt_is_found_by_its_number_its_id_and_its_slip(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter, tenders=[{"type": "card", "amount": 1000, "change": 0, "reference": "P-77C4D1"}])
    await take(shop, back_of(counter, sold, of_line(sold, 0, 1, 333), tenders=[{"type": "card", "amount": 333}]))

    async def found(**sought: Any) -> list[Any]:
        async with shop.db.read(shop.scope) as read:
            return [one["id"] for one in await receipts(read, shop.till, Sought(**sought))]

    async with shop.db.read(shop.scope) as read:
        (one,) = await receipts(read, shop.till, Sought(sale=sold.id))
    assert await found(number=one["label"]) == await found(number="1") == [sold.id]
    assert await found(card="c4d1", day=sold.business_date, amount=1000) == [sold.id]
    assert await found(card="C4D2", day=sold.business_date) == []
    assert (one["lines"][0]["returned"], one["tenders"][0]["back"], one["lines"][0]["amount"]) == ("1", 333, 1260)


async def test_more_than_was_sold_in_one_go_is_stored_as_unknown(shop: Shop, counter: Counter) -> None:
    sold = await sold_three(counter)
    made = await take(shop, back_of(counter, sold, of_line(sold, 0, 4, 1680)))
    assert (codes(made), made.original) == (["return_of_unknown"], None)
    assert (await stored_sale_of(shop, made.id)).total == -1680


async def stored_sale_of(shop: Shop, id: UUID) -> StoredSale:
    async with shop.db.read(shop.scope) as read:
        return await stored_sale(read, id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": []},
        {"total": -1},
        {"tenders": [{"type": "cash", "amount": -5}]},
        {"number": 0},
        {"lines": [{"product": None, "quantity": "1"}]},
        {"sale": "no id"},
    ],
)
def test_what_is_no_return_is_refused_with_a_sentence(wrong: dict[str, Any]) -> None:
    body = {
        "id": str(new_id()), "number": 1, "total": 5, "tenders": [],
        "lines": [{"id": str(new_id()), "name": "Bun", "quantity": "1", "unit_price": 5}],
    }  # fmt: skip
    read_till_return(Reader(body), new_id(), AT)
    with pytest.raises(Invalid):
        read_till_return(Reader(body | wrong), new_id(), AT)


async def test_a_till_asks_over_http_and_the_office_sees_both_sides(site: Site, shop: Shop, counter: Counter) -> None:
    owner = await site.member(shop)
    base = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}"
    sold = await sold_three(counter)
    found = (await owner.get(f"{base}/receipts", params={"number": "1"})).json()["items"]
    assert [one["id"] for one in found] == [str(sold.id)]
    assert (await owner.get(f"{base}/receipts", params={"card": "1234"})).status_code == 422
    line, mine = str(sold.lines[0].id), new_id()
    wanted = {"sale": str(sold.id), "lines": {line: 3000}}
    promised = await owner.put(f"{base}/returns/{mine}/promise", json=wanted)
    assert (promised.status_code, promised.json()["next"]) == (200, 1)
    [now] = (await owner.get(f"{base}/receipts", params={"number": "1"})).json()["items"]
    [begun] = now["promises"]
    assert (begun["id"], begun["own"], begun["lines"]) == (str(mine), True, {line: "3"})
    sql = "SELECT m.name FROM return_hold h JOIN membership m ON m.person_id = h.cashier_id WHERE h.id = $1"
    assert begun["cashier"] == await shop.db.run(shop.scope, lambda tx: tx.fetchval(sql, mine)) != ""
    refused = await owner.put(f"{base}/returns/{new_id()}/promise", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "over_return")
    assert (await owner.post(f"{base}/returns/{mine}/withdrawal", json={})).status_code == 200
    new = counter.sale((shop.products[0], 3), tenders=[
        {"type": "exchange", "amount": 1000, "change": 0}, {"type": "cash", "amount": 260, "change": 0}])  # fmt: skip
    back = back_of(counter, sold, of_line(sold, 0, 3, 1000, condition="waste"), exchange=new["id"],
                   tenders=[{"type": "exchange", "amount": 1000}])  # fmt: skip
    made = await take(shop, back)
    await counter.send(new)
    page = (await owner.get(f"/t/{shop.tenant.slug}/sales/{made.id}")).text
    for text in ("Why: Too small", "be sold again: Sourdough", f"/sales/{sold.id}", f"/sales/{new['id']}"):
        assert text in page
    assert f"/sales/{made.id}" in (await owner.get(f"/t/{shop.tenant.slug}/sales/{sold.id}")).text
    assert f"/sales/{made.id}" in (await owner.get(f"/t/{shop.tenant.slug}/sales/{new['id']}")).text
    loose = {"id": str(new_id()), "product": str(shop.products[0].id), "quantity": "1", "unit_price": 420, "worth": 420}
    without = await take(shop, back_of(counter, None, loose, number=2))
    assert "without a receipt" in (await owner.get(f"/t/{shop.tenant.slug}/sales/{without.id}")).text


async def test_a_stranger_at_the_door_finds_no_receipts(site: Site, shop: Shop, counter: Counter) -> None:
    nobody = site.visitor()
    path = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/receipts?number=1"
    assert (await nobody.get(path)).status_code in {401, 403, 404}


async def test_a_journal_brings_a_return_once_and_answers_with_what_is_off(shop: Shop) -> None:
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    sold = device.counter.sale((shop.products[0], 2))
    device.write("sale", sold)
    line = {"id": sold["lines"][0]["id"], "product": sold["lines"][0]["product"], "quantity": "2", "unit_price": 420}
    body = {"id": str(new_id()), "shift": str(device.counter.shift), "number": 1, "sale": sold["id"], "lines": [line],
            "tenders": [{"type": "cash", "amount": 840}], "total": 840, "reason": "Broken"}  # fmt: skip
    device.write("goods_returned", body)
    device.write("goods_returned", body | {"id": str(new_id()), "number": 2})
    device.write("goods_returned", {"id": str(new_id()), "number": "x"})
    received = await device.deliver()
    assert [one.status for one in received.answers] == ["created"] * 4 + ["invalid"]
    assert [one["code"] for one in received.answers[3].exceptions] == ["returned_twice"]
    assert (received.answers[2].result or {})["total"] == -840
    again = await device.deliver()
    assert [one.status for one in again.answers] == ["replayed"] * 4 + ["invalid"]
    async with shop.db.read(shop.scope) as read:
        assert (
            await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1 AND kind = 'return'", read.tenant) == 2
        )
