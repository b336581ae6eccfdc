"""Offers from their making to what a sale keeps of them: what a till took off is worked out again with its own set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.promotions import codes, coupons, offers, reading
from retail.promotions.coupons import Series
from retail.promotions.errors import TakesNoCoupons, WrongState
from retail.promotions.facts import OfferFacts
from retail.promotions.sets import set_for_till
from retail.sales.documents import Outcome
from retail.sales.queries import stored_sale
from tests.identity.test_approvals import somebody
from tests.support.selling import Counter, open_counter
from tests.support.world import Shop

LOAF = 420


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


async def running(shop: Shop, kind: str = "percent", **changes: Any) -> OfferFacts:
    """Make an offer and start it: 20 % off everything unless told otherwise."""
    terms = changes.pop("terms", {"goods": {}, "percent": 2000})
    made = await shop.db.run(shop.scope, offers.create, OfferFacts(new_id(), "Autumn", kind, terms, **changes))
    return await shop.db.run(shop.scope, offers.turn, made.id, "running")


async def version(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return (await set_for_till(read, shop.store))["version"]


def sold(counter: Counter, taken: Sequence[tuple[OfferFacts, int]], own: int = 0, **changes: Any) -> dict[str, Any]:
    """Make a sale of a loaf with what offers took off it, and something by hand."""
    off = sum(amount for _, amount in taken) + own
    line = {
        "id": str(new_id()), "product": str(counter.shop.products[0].id), "quantity": "1", "unit_price": LOAF,
        "discount": off,
        "offers": [{"offer": str(of.id), "version": of.version, "amount": amount} for of, amount in taken],
    }  # fmt: skip
    paid = [{"type": "cash", "amount": LOAF - off, "change": 0}]
    return counter.sale(line, occurred_at=changes.pop("occurred_at", now()), total=LOAF - off, tenders=paid, **changes)


def odd(outcome: Outcome) -> list[tuple[str, dict[str, Any]]]:
    """Give what is odd about offers and discounts; the test's clock and stock don't matter."""
    assert outcome.sale is not None, outcome.errors
    of = ("offer_mismatch", "coupon_used_twice", "coupon_unknown", "approval_missing")
    return [(one.code, dict(one.facts)) for one in outcome.sale.remarks if one.code in of]


async def test_what_an_offer_took_off_is_kept_by_line_and_needs_no_approval(shop: Shop) -> None:
    counter, clerk, of = await open_counter(shop), await somebody(shop, "clerk"), await running(shop)
    body = sold(counter, [(of, 84)], promotions=await version(shop))
    outcome = (await counter.send(body, scope=clerk))[0]
    assert (outcome.status, odd(outcome)) == ("created", [])
    assert outcome.sale is not None
    async with shop.db.read(shop.scope) as read:
        again = await stored_sale(read, outcome.sale.id)
        done = await reading.done(read, of.id)
    assert again.lines[0].offers == outcome.sale.lines[0].offers
    assert [(one.offer, one.amount, one.name) for one in again.lines[0].offers] == [(of.id, 84, "Autumn")]
    assert again.lines[0].own_discount == 0
    assert (again.discount, again.total, done.sales, done.given_minor) == (84, 336, 1, 84)


async def test_a_discount_by_hand_on_top_is_the_cashiers_own(shop: Shop) -> None:
    counter, clerk, of = await open_counter(shop), await somebody(shop, "clerk"), await running(shop)
    fine = (await counter.send(sold(counter, [(of, 84)], 33, promotions=await version(shop)), scope=clerk))[0]
    assert odd(fine) == []
    much = (await counter.send(sold(counter, [(of, 84)], 100, promotions=await version(shop)), scope=clerk))[0]
    [(code, facts)] = odd(much)
    assert (code, facts["permission"], facts["amount"]) == ("approval_missing", "discount", 2962)


async def test_a_till_can_pass_no_discount_of_its_own_off_as_an_offers(shop: Shop) -> None:
    counter, clerk, of = await open_counter(shop), await somebody(shop, "clerk"), await running(shop)
    more = (await counter.send(sold(counter, [(of, 300)], promotions=await version(shop)), scope=clerk))[0]
    found = dict(odd(more))
    assert found["offer_mismatch"] == {"taken": 300, "computed": 84}
    assert found["approval_missing"]["amount"] == 6414  # 216 of the 336 that the offer leaves
    unknown = OfferFacts(new_id(), "None", "percent", {}, 1)
    other = (await counter.send(sold(counter, [(unknown, 84)]), scope=clerk))[0]
    assert [code for code, _ in odd(other)] == ["offer_mismatch"], "under a wrong name, but as much as was due"
    assert other.sale is not None
    assert other.sale.lines[0].offers == ()


async def test_a_till_without_a_network_sells_by_the_offers_that_it_knew(shop: Shop) -> None:
    counter, of = await open_counter(shop), await running(shop)
    known = await version(shop)
    await shop.db.run(shop.scope, offers.turn, of.id, "ended")
    assert odd((await counter.send(sold(counter, [(of, 84)], promotions=known)))[0]) == []
    late = (await counter.send(sold(counter, [(of, 84)], promotions=await version(shop))))[0]
    assert odd(late) == [("offer_mismatch", {"taken": 84, "computed": 0})]


async def test_happy_hour_holds_a_while_for_who_stands_at_the_counter(shop: Shop) -> None:
    zone = {"days": list(range(7)), "from": 18 * 60, "to": 19 * 60}
    counter, of = await open_counter(shop), await running(shop, windows=[zone])
    at = datetime(2026, 11, 20, 18, 10, tzinfo=UTC)  # 19:10 in Berlin
    known = await version(shop)
    outcomes = [
        (await counter.send(sold(counter, [(of, 84)], promotions=known, occurred_at=moment.isoformat())))[0]
        for moment in (at, at + timedelta(minutes=20))
    ]
    assert [bool(odd(one)) for one in outcomes] == [False, True]


async def test_a_sale_that_says_nothing_of_offers_is_left_alone(shop: Shop) -> None:
    counter = await open_counter(shop)
    await running(shop)
    assert odd(await counter.sell(shop.products[0])) == []


async def with_coupon(shop: Shop, **facts: Any) -> tuple[OfferFacts, Series, str]:
    of = await running(shop, coupon=True)
    wanted = Series(new_id(), of.id, "made", "SUM", **({"uses": 1, "expires_at": None} | facts))
    series = await shop.db.run(shop.scope, coupons.make_series, wanted, 3)
    async with shop.db.read(shop.scope) as read:
        [first, *_rest] = (await reading.codes_of(read, series.id)).items
    return of, series, first.code


async def test_a_single_use_code_that_two_tills_took_at_once_is_told_of_once(shop: Shop) -> None:
    of, _series, code = await with_coupon(shop)
    one, two = await open_counter(shop), await open_counter(shop, shop.second_till)
    known = await version(shop)
    bodies = [sold(counter, [(of, 84)], promotions=known, coupons=[code.lower()]) for counter in (one, two)]
    outcomes = [a for [a] in await asyncio.gather(one.send(bodies[0]), two.send(bodies[1]))]
    told = sorted(code for outcome in outcomes for code, _ in odd(outcome))
    assert told == ["coupon_used_twice"]
    assert [(await one.send(bodies[0]))[0].status] == ["replayed"]
    async with shop.db.read(shop.scope) as read:
        judged = await coupons.check(read, code)
        uses = await read.fetchval("SELECT count(*) FROM coupon_use WHERE tenant_id = $1", read.tenant)
    assert (judged.why, judged.used, uses) == ("used", 2, 2)


async def test_a_code_says_what_is_wrong_with_it(shop: Shop) -> None:
    of, series, code = await with_coupon(shop)
    wrong = code[:-2] + ("2" if code[-2] != "2" else "3") + code[-1]
    async with shop.db.read(shop.scope) as read:
        good = await coupons.check(read, codes.written(code, "SUM").lower())
        assert (good.offer, good.why) == (of.id, "")
        assert [(await coupons.check(read, one)).why for one in (wrong, "NOTHING", "***")] == [
            "misread", "unknown", "unknown"
        ]  # fmt: skip
    await shop.db.run(shop.scope, offers.turn, of.id, "paused")
    async with shop.db.read(shop.scope) as read:
        assert (await coupons.check(read, code)).why == "offer"
    await shop.db.run(shop.scope, coupons.close_series, series.id)
    async with shop.db.read(shop.scope) as read:
        assert (await coupons.check(read, code)).why == "closed"
    counter = await open_counter(shop)
    outcome = (await counter.send(sold(counter, [], coupons=["NOTHING"])))[0]
    assert odd(outcome) == [("coupon_unknown", {"coupon": "NOTHING"})]


async def test_coupons_are_refused_with_a_sentence_where_they_make_no_sense(shop: Shop) -> None:
    of = await running(shop)
    series = Series(new_id(), of.id, "made", "SUM", 1, None)
    with pytest.raises(TakesNoCoupons):
        await shop.db.run(shop.scope, coupons.make_series, series, 3)
    of, _series, _code = await with_coupon(shop)
    for prefix, count in (("SUM", 1), ("s-1", 1), ("X", 1), ("OK", 0)):
        with pytest.raises(Invalid):
            await shop.db.run(shop.scope, coupons.make_series, Series(new_id(), of.id, "made", prefix, 1, None), count)
    async with shop.db.read(shop.scope) as read:
        assert len(await coupons.series_of(read, of.id)) == 1


async def test_the_set_of_a_store_changes_only_when_a_running_offer_does(shop: Shop) -> None:
    before = await version(shop)
    draft = await shop.db.run(
        shop.scope, offers.create, OfferFacts(new_id(), "Later", "percent", {"goods": {}, "percent": 100})
    )
    assert await version(shop) == before
    of = await running(shop, stores=[shop.store], terms={"goods": {"tags": ["autumn"]}, "percent": 100})
    async with shop.db.read(shop.scope) as read:
        here, elsewhere = await set_for_till(read, shop.store), await set_for_till(read, UUID(int=1))
        tags = await read.fetchval("SELECT offer_tags FROM catalogue_head WHERE tenant_id = $1", read.tenant)
    assert ([one["id"] for one in here["offers"]], elsewhere["offers"], tags) == ([str(of.id)], [], ["autumn"])
    await shop.db.run(shop.scope, offers.discard, draft.id)
    with pytest.raises(WrongState):
        await shop.db.run(shop.scope, offers.discard, of.id)
    ended = await shop.db.run(shop.scope, offers.turn, of.id, "ended")
    with pytest.raises(WrongState):
        await shop.db.run(shop.scope, offers.turn, ended.id, "running")
    copy = await shop.db.run(shop.scope, offers.duplicate, of.id, new_id())
    assert (copy.state, copy.terms, copy.version) == ("draft", of.terms, 1)
    async with shop.db.read(shop.scope) as read:
        actions = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND subject_kind = 'offer' ORDER BY id",
            read.tenant,
        )
    assert [row["action"] for row in actions] == [
        "offer.created", "offer.created", "offer.started", "offer.discarded", "offer.ended", "offer.created"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "terms", "field"),
    [
        ("percent", {"goods": {}, "percent": 10_001}, "terms.percent"),
        ("percent", {"percent": 100}, "terms.goods"),
        ("percent", {"goods": {"products": ["x"]}, "percent": 100}, "terms.goods.products"),
        ("percent", {"goods": {"colour": ["x"]}, "percent": 100}, "terms.goods.colour"),
        ("percent", {"goods": {}, "percent": 100, "price": 3}, "terms.price"),
        ("mix", {"goods": {}, "count": 1, "price": 3}, "terms.count"),
        ("meal", {"slots": [{"name": "a", "goods": {"tags": ["x"]}}], "price": 3}, "terms.slots"),
        ("meal", {"slots": [{"goods": {}}, {"goods": {"tags": ["x"]}}], "price": 3}, "terms.slots.0.goods"),
        ("tiered", {"goods": {}, "by": "pieces", "tiers": [{"from": 2, "percent": 5}, {"from": 2, "percent": 9}]},
         "terms.tiers.1.from"),
        ("tiered", {"goods": {}, "by": "pieces", "tiers": [{"from": 2, "percent": 5}, {"from": 3, "amount": 9}]},
         "terms.tiers.1.percent"),
        ("basket", {"goods": {}, "from": 10, "percent": 5, "amount": 5}, "terms.percent"),
        ("magic", {}, "kind"),
    ],
)  # fmt: skip
async def test_terms_that_make_no_sense_are_refused_at_their_field(
    shop: Shop, kind: str, terms: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, offers.create, OfferFacts(new_id(), "Odd", kind, json.loads(json.dumps(terms))))
    assert field in wrong.value.errors
    async with shop.db.read(shop.scope) as read:
        assert (await reading.offers(read)).items == []
