"""What promotions.md guarantees (section 4), for baskets and offers that nobody thought of; the till's engine too."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail.promotions.basket import Item
from retail.promotions.conditions import Occasion
from retail.promotions.rules import Offer, apply_offers
from tests.promotions.promotion_cases import Plain, cases, figures, vectors, worked_out, worth
from tests.vectors.make_promotion_vectors import DEFAULTS, some_item

Case = tuple[list[Plain], list[Plain], Plain]
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(cases())
def test_no_line_costs_less_than_nothing_and_what_is_taken_adds_up(case: Case) -> None:
    outcome = worked_out(*case)
    for plain, line in zip(case[0], outcome.lines, strict=True):
        assert all(one.amount > 0 for one in line)
        assert sum(one.amount for one in line) <= worth([plain])
        assert not line or (plain["type"] not in {"deposit", "gift_card"} and not plain["by_hand"])
    for verdict in outcome.verdicts:
        taken = [one.amount for line in outcome.lines for one in line if one.offer == verdict.offer]
        assert (sum(taken), verdict.state == "used") == (verdict.amount, bool(taken))


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_of_offers_changes_nothing(case: Case, dice: random.Random) -> None:
    items, offers, at = case
    order = list(range(len(items)))
    dice.shuffle(order)
    once, again = worked_out(items, offers, at), worked_out([items[i] for i in order], offers[::-1], at)
    assert [once.lines[i] for i in order] == list(again.lines)
    assert once.verdicts == again.verdicts[::-1]


@MANY
@given(cases(most_offers=1))
def test_one_more_thing_never_costs_more_than_its_price(case: Case) -> None:
    items, offers, at = case
    more = {**some_item(random.Random(len(items) * 7 + at["minute"]), 99), "id": "l99"}
    assert worked_out([*items, more], offers, at).amount >= worked_out(items, offers, at).amount


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_pieces_may_stand_in_any_number_of_lines_where_offers_are_exclusive(case: Case, dice: random.Random) -> None:
    items, offers, at = case
    alone = [{**offer, "exclusive": True} for offer in offers]
    split: list[Plain] = []
    for one in items:
        if one["quantity"] % 1000 or one["quantity"] == 1000 or one["weighed"]:
            split.append(one)
        else:
            part = 1000 * dice.randint(1, one["quantity"] // 1000 - 1)
            split += [{**one, "quantity": part}, {**one, "id": f"{one['id']}x", "quantity": one["quantity"] - part}]
    assert worked_out(split, alone, at).amount == worked_out(items, alone, at).amount


def test_of_so_many_pieces_those_from_which_most_comes_off_are_taken() -> None:
    by_weight = {"type": "goods", "by_hand": False, "categories": ["c"], "tags": [], "price": 250}
    cheese = {**by_weight, "id": "l0", "product": "t", "quantity": 2179, "weighed": True}
    box = {**by_weight, "id": "l1", "product": "q", "quantity": 1000, "price": 9_900, "weighed": False}
    offer = {"id": "o0", "kind": "amount", "terms": {"goods": {"categories": ["c"]}, "amount": 250}, "times": 1}
    at = {"store": "u", "at": 500, "weekday": 2, "minute": 26, "group": "g", "coupons": []}
    assert worked_out([cheese], [offer], at).amount == 545
    assert worked_out([cheese, box], [offer], at).amount == 545, "the box is dearer, and would save 2.50"


@MANY
@given(cases())
def test_an_exclusive_offer_shares_its_pieces_with_nobody(case: Case) -> None:
    items, offers, at = case
    single = [{**one, "quantity": min(one["quantity"], 1000)} for one in items]
    exclusive = {offer["id"] for offer in offers if offer.get("exclusive", True)}
    for line in worked_out(single, offers, at).lines:
        assert len(line) <= 1 or not exclusive & {one.offer for one in line}


@FEW
@given(st.lists(cases(), min_size=60, max_size=60))
async def test_the_till_takes_off_the_same(till_offers: Callable[..., Awaitable[Any]], batch: list[Case]) -> None:
    assert await till_offers("baskets", batch, DEFAULTS) == [figures(worked_out(*case)) for case in batch]


async def test_every_case_of_the_vectors_comes_out_the_same_on_the_till(
    till_offers: Callable[..., Awaitable[Any]],
) -> None:
    ran = len(vectors()["cases"])
    assert await till_offers("differences") == {"version": ["1", "1"], "ran": ran, "wrong": []}


def test_a_million_pieces_take_no_longer_than_one() -> None:
    goods: dict[str, Any] = {"goods": {}}
    terms: dict[str, dict[str, Any]] = {
        "mix": {**goods, "count": 3, "price": 500},
        "buy_get": {**goods, "buy": 2, "free": 1, "percent": 10_000},
        "meal": {"slots": [goods, goods], "price": 300},
        "percent": {**goods, "percent": 1000},
    }
    items = [Item("a", "p", 999_999_000, 199), Item("b", "q", 1_000_000_000, 249)]
    for kind, one in terms.items():
        outcome = apply_offers(items, [Offer("o", 1, "", kind, one)], Occasion("s", 0, 0, 0))
        assert 0 < outcome.amount < 999_999 * 199 + 1_000_000 * 249
