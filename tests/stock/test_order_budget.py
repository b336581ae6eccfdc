"""Ordering within a budget: the money goes where it saves the most margin, in whole packs, and the rest is told."""

from __future__ import annotations

import csv
import io
import random
from decimal import Decimal

from retail.stock.reordering.budget import WEIGHTS, Bought, Candidate, cases, short, spend
from retail.stock.reordering.queries import suggestions
from retail.stock.reordering.rules import Need, suggest
from retail.stock.reordering.spending import within
from retail.stock.rules import value_minor
from tests.stock.test_ordering_by_forecast import foreseen
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal


def candidate(need: Need, cost: int, margin: int) -> Candidate:
    made = suggest(need)
    assert made is not None
    return Candidate(need, made, D(cost), D(margin))


def test_what_is_missing_on_average_is_that_of_the_cases() -> None:
    assert sum(WEIGHTS) == 1
    sells = cases(Need(D(0), D(1), lead_days=2))
    assert sells[3] == 16
    assert short(sells, D(0)) == sum((w * one for w, one in zip(WEIGHTS, sells, strict=True)), D(0))
    assert short(sells, max(sells)) == 0
    assert cases(Need(D(0))) == [D(0)] * 11


def test_the_money_goes_where_it_saves_the_most_margin() -> None:
    # Both sell one a day and are gone; the second brings more for the same money.
    weak, strong = (candidate(Need(D(0), D(1), lead_days=2), 100, margin) for margin in (50, 70))
    assert weak.suggestion.order == strong.suggestion.order == 16
    one, other = spend([weak, strong], 1600)
    assert other.quantity > one.quantity > 0
    assert one.cost_minor + other.cost_minor == 1600
    assert one.least_minor is not None
    first, second = spend([weak, strong], 3200)
    assert (first, second) == (Bought(D(16), 1600, 0), Bought(D(16), 1600, 0))


def test_packs_and_the_least_that_can_be_ordered_are_kept_and_what_fits_goes_on() -> None:
    packed = candidate(Need(D(0), D(1), lead_days=2, pack_quantity=D(6), minimum_order=D(12)), 100, 900)
    small = candidate(Need(D(0), D(1), lead_days=2), 10, 1)
    assert packed.suggestion.order == 18
    left, taken = spend([packed, small], 1199)
    assert (left.quantity, left.cost_minor, left.least_minor, left.left_minor) == (D(0), 0, 1200, 1199)
    assert (taken.quantity, taken.cost_minor) == (D(16), 160), "the dear one leaves what is left to others"
    part, _small = spend([packed, small], 1700)
    assert (part.quantity, part.least_minor) == (D(12), 600)


def test_of_a_portion_that_is_too_dear_as_many_pieces_as_fit_are_taken() -> None:
    (one,) = spend([candidate(Need(D(0), D(10), lead_days=6), 100, 50)], 2550)
    assert (one.quantity, one.cost_minor, one.least_minor, one.left_minor) == (D(25), 2500, 100, 50)


def test_what_brings_nothing_comes_last_and_what_costs_nothing_is_taken_at_once() -> None:
    loss, free, good = (
        candidate(Need(D(0), D(1), lead_days=2), cost, margin) for cost, margin in ((10, -5), (0, 0), (10, 5))
    )
    found = spend([loss, free, good], 160)
    assert [one.quantity for one in found] == [D(0), D(16), D(16)]


def test_never_more_is_spent_never_more_is_ordered_and_twice_is_the_same() -> None:
    chance = random.Random(7)
    lines = []
    for _line in range(60):
        need = Need(
            D(chance.randint(0, 3)), D(chance.randint(1, 40)), lead_days=chance.randint(1, 9),
            pack_quantity=chance.choice([None, D(6), D("2.5")]), minimum_order=chance.choice([None, D(24)]),
            decimals=chance.choice([0, 3]),
        )  # fmt: skip
        if suggest(need) is not None:
            lines.append(candidate(need, chance.randint(0, 900), chance.randint(-50, 900)))
    whole = sum(value_minor(one.suggestion.order, one.unit_cost) for one in lines)
    for budget in (1, 5_000, whole // 3, whole):
        found = spend(lines, budget)
        assert sum(one.cost_minor for one in found) <= budget
        assert spend(lines, budget) == found
        for line, one in zip(lines, found, strict=True):
            assert one.cost_minor == value_minor(one.quantity, line.unit_cost)
            assert (one.least_minor is None) == (one.quantity == line.suggestion.order)
            if line.need.pack_quantity:
                assert one.quantity % line.need.pack_quantity == 0
            assert one.quantity == 0 or one.quantity >= (line.need.minimum_order or 0)
    assert all(one.least_minor is None for one in spend(lines, whole))


async def test_the_page_the_file_and_programs_say_what_a_budget_buys(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    await stocked(shop, "12")
    await foreseen(shop, 0, 4)
    (item,) = (await owner.get(f"{base}/api/v1/stock/suggestions")).json()["items"]
    assert (item["order"], item["in_budget"]) == ("67", None)
    budget = item["cost"] // 2
    (told,) = (await owner.get(f"{base}/api/v1/stock/suggestions", params={"budget": budget})).json()["items"]
    bought = told["in_budget"]
    assert 0 < bought["cost"] <= budget
    assert D(bought["order"]) < 67
    assert bought["left_out_why"].startswith(f"Cut from 67 to {bought['order']}: the next portion costs ")
    typed = f"{budget / 100:.2f}"
    page = (await owner.get(f"{base}/stock/suggestions", params={"budget": typed})).text
    assert ("Within the budget of" in page, bought["left_out_why"][:20] in page) == (True, True)
    (row,) = csv.DictReader(
        io.StringIO(
            (await owner.get(f"{base}/stock/suggestions/export", params={"budget": typed, "format": "csv"})).text
        )
    )
    assert (row["in_budget"], row["left_out"]) == (bought["order"], bought["left_out_why"])
    wrong = await owner.get(f"{base}/stock/suggestions", params={"budget": "much"})
    assert (wrong.status_code, "f-budget-error" in wrong.text) == (422, True)
    assert (await owner.get(f"{base}/api/v1/stock/suggestions", params={"budget": 0})).status_code == 422


async def test_a_budget_is_for_who_may_see_costs(site: Site, shop: Shop) -> None:
    clerk, base = await site.holder(shop, "view_stock"), f"/t/{shop.tenant.slug}"
    assert (await clerk.get(f"{base}/api/v1/stock/suggestions", params={"budget": 5})).status_code == 403
    page = await clerk.get(f"{base}/stock/suggestions", params={"budget": "5"})
    assert (page.status_code, "Budget" in page.text) == (200, False)


async def test_what_is_left_out_loses_the_margin_of_the_price_without_tax(shop: Shop) -> None:
    await stocked(shop, "12")
    await foreseen(shop, 0, 4)
    async with shop.db.read(shop.scope) as read:
        (one,) = await suggestions(read)
        plan = await within(read, [one], 1)
    ware = shop.products[0]
    margin = D(ware.price_minor * 1_000_000) / (1_000_000 + ware.rate_micros) - one.unit_cost
    sells = cases(one.need)
    missing = short(sells, one.need.position) - short(sells, one.need.position + one.suggestion.order)
    assert missing > 50
    least = value_minor(D(1), one.unit_cost)
    assert plan == {(shop.store, ware.id): Bought(D(0), 0, int((margin * missing).to_integral_value()), least, 1)}
