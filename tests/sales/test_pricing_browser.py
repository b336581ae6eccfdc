"""The till's engine, in a real Chromium under the product's policy, gives the same as the server's to the last unit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail.kit.money import allocate, currency, mul_div
from retail.sales.rules import PRICING_VERSION
from tests.sales.pricing_cases import (
    Basket,
    assert_adds_up,
    assert_nothing_is_negative,
    baskets,
    figures,
    folded,
    mirrored,
    mixed_baskets,
    priced,
    turned,
)

Engine = Callable[..., Awaitable[Any]]
# A call into the browser costs more than a hundred baskets, so each example is a batch of them.
BATCHES = settings(
    max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                                                          HealthCheck.large_base_example]
)  # fmt: skip
BATCH = st.lists(baskets(), min_size=25, max_size=25)
MIXED_BATCH = st.lists(mixed_baskets(), min_size=25, max_size=25)


def plain(figured: Any) -> list[Any]:
    return list(figured)


async def test_every_case_of_the_vectors_comes_out_the_same(till_engine: Engine) -> None:
    outcome = await till_engine("differences")
    assert outcome == {"version": PRICING_VERSION, "ran": 2515 + 500 + 300, "wrong": []}
    assert await till_engine("version") == PRICING_VERSION


@BATCHES
@given(batch=BATCH)
async def test_baskets_nobody_thought_of_come_out_the_same_and_add_up(till_engine: Engine, batch: list[Basket]) -> None:
    answers = await till_engine("baskets", batch)
    assert answers == [plain(figures(priced(basket))) for basket in batch]
    for basket, answer in zip(batch, answers, strict=True):
        assert_adds_up(basket, answer)
        assert_nothing_is_negative(answer)


@BATCHES
@given(batch=MIXED_BATCH)
async def test_returning_everything_undoes_the_sale_on_the_till_too(till_engine: Engine, batch: list[Basket]) -> None:
    answers = await till_engine("baskets", batch)
    assert answers == [plain(figures(priced(basket))) for basket in batch]
    undone = await till_engine("baskets", [mirrored(basket) for basket in batch])
    assert undone == [plain(turned(answer)) for answer in answers]
    again = await till_engine("baskets", [folded(*pair) for pair in zip(batch, answers, strict=True)])
    assert again == answers


@BATCHES
@given(batch=BATCH, data=st.data())
async def test_partial_returns_on_the_till_add_up_to_what_was_paid(
    till_engine: Engine, batch: list[Basket], data: st.DataObject
) -> None:
    cases = []
    for basket in batch:
        for line in priced(basket).lines[:2]:
            stops = sorted(
                data.draw(st.sets(st.integers(0, line.quantity_milli), max_size=2)) | {0, line.quantity_milli}
            )
            pieces = list(pairwise(stops))
            if line.quantity_milli:
                cases.append([basket[0], [line.quantity_milli, line.amount, line.discount, line.tax], pieces, line.net])
    answers = await till_engine("returns", [case[:3] for case in cases])
    for (_, (_, amount, discount, tax), _, net), pieces in zip(cases, answers, strict=True):
        assert [-sum(column) for column in zip(*pieces, strict=True)] == [amount, discount, net, tax]
        assert max(map(max, pieces)) <= 0


numbers = st.integers(0, 1000) | st.integers(0, 2**26) | st.integers(0, 10**15)


@BATCHES
@given(
    cases=st.lists(st.tuples(numbers, numbers, st.integers(1, 6_000_000) | st.integers(1, 10**15)), min_size=60),
    near=st.lists(st.tuples(st.integers(2**25, 2**27), st.integers(2**24, 2**26), st.integers(1, 10**6)), min_size=60),
)
async def test_the_fast_division_equals_the_exact_one(
    till_engine: Engine, cases: list[tuple[int, int, int]], near: list[tuple[int, int, int]]
) -> None:
    carried = [case for case in cases + near if case[0] * case[1] // case[2] < 2**53]
    assert await till_engine("firstDifference", carried) is None
    signed = [(sign * a, b, c) for a, b, c in carried for sign in (1, -1) if mul_div(a, b, c) < 2**53 - 1]
    assert await till_engine("rounded", signed) == [mul_div(*case) for case in signed]


@BATCHES
@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=8)), min_size=40
    )
)
async def test_sharing_out_is_the_same_on_both_sides(till_engine: Engine, cases: list[tuple[int, list[int]]]) -> None:
    assert await till_engine("shared", cases) == [allocate(*case) for case in cases]


async def test_the_till_refuses_what_the_server_refuses(till_engine: Engine) -> None:
    refused = [
        [True, 0, [[1000, 10**15 + 1, 0, 0, "z"]]],
        [True, 0, [[2000, 10**15, 0, 0, "z"]]],
        [True, 0, [[1000, 100, 0, -1, "z"]]],
        [True, 0, [[1000, 100, 0, 5_000_001, "z"]]],
        [True, 0, [[1000, 1.5, 0, 0, "z"]]],
        [True, 0, [[1000, 100, 0.5, 0, "z"]]],
    ]
    assert await till_engine("baskets", refused) == ["OutOfRange"] * len(refused)


async def test_the_till_wants_to_know_whether_prices_include_tax(till_engine: Engine) -> None:
    assert await till_engine("baskets", [[None, 0, [[1000, 100, 0, 0, "z"]]]]) == ["TypeError"]


async def test_quantities_are_read_exactly_or_not_at_all(till_engine: Engine) -> None:
    texts = ["0.762", "3", "3.000", "-1.5", "0", "-0", "12.30", "0.7621", "1e3", "", ".5", "1.", "NaN", " 1", "1,5"]
    read = ["0.762", "3", "3", "-1.5", "0", "0", "12.3", *["RangeError"] * 8]
    assert await till_engine("quantities", texts) == read


@pytest.mark.parametrize(
    ("due", "code", "offers"),
    [
        (1337, "EUR", [1337, 1500, 2000, 5000, 10_000]),
        (1337, "CHF", [1335, 2000, 5000, 10_000, 20_000]),
        (2000, "EUR", [2000, 5000, 10_000, 20_000]),
        (13_700, "EUR", [13_700, 14_000, 15_000, 20_000]),
        (137, "USD", [137, 200, 500, 1000, 2000]),
        (2874, "JPY", [2874, 3000, 4000, 5000, 10_000]),
        (1230, "KWD", [1230, 1250, 1500, 2000, 5000]),
        (10_490, "SEK", [10_500, 12_000, 15_000, 20_000, 50_000]),
        (4700, "PYG", [4700, 5000, 6000, 10_000, 20_000]),
        (2, "CHF", []),
        (0, "EUR", []),
        (-500, "EUR", []),
    ],
)
async def test_quick_cash_offers_what_people_hand_over(
    till_engine: Engine, due: int, code: str, offers: list[int]
) -> None:
    money = currency(code)
    setup = {"code": money.code, "exponent": money.exponent, "cash_unit": money.cash_unit}
    assert await till_engine("quickCash", [[due, setup]]) == [offers]


async def test_change_is_what_is_over_and_never_negative(till_engine: Engine) -> None:
    assert await till_engine("changes", [[270, 1000], [1000, 1000], [1000, 400]]) == [
        {"change": 730, "missing": 0},
        {"change": 0, "missing": 0},
        {"change": 0, "missing": 600},
    ]


async def test_cash_for_returns_is_the_same_on_the_till(till_engine: Engine) -> None:
    assert await till_engine("returnCash", [[0, 333, 5], [333, 667, 5], [667, 1002, 5]]) == [335, 330, 335]


async def test_money_is_written_with_the_currency_s_own_decimals(till_engine: Engine) -> None:
    cases = [
        (123_450, "EUR", 2, "de"),
        (-5, "USD", 2, "en"),
        (1980, "JPY", 0, "en"),
        (1250, "KWD", 3, "en"),
        (100, "RSD", 2, "en"),
    ]
    written = await till_engine("written", [[m, {"code": code, "exponent": e}, locale] for m, code, e, locale in cases])
    assert written == ["1.234,50\u00a0€", "-$0.05", "¥1,980", "KWD\u00a01.250", "RSD\u00a01.00"]
    most = await till_engine("written", [[10**15 - 1, {"code": "EUR", "exponent": 2}, "en"]])
    assert most == ["€9,999,999,999,999.99"]


async def test_a_typed_amount_is_read_exactly_or_not_at_all(till_engine: Engine) -> None:
    euro, yen = {"exponent": 2}, {"exponent": 0}
    cases = [["12,5", euro], ["12.50", euro], [".5", euro], ["-3", euro], [" 7 ", euro], ["-0", euro], ["5", yen]]
    assert await till_engine("read", cases) == [1250, 1250, 50, -300, 700, 0, 5]
    refused = [
        ["12.345", euro],
        ["", euro],
        [".", euro],
        ["1e3", euro],
        ["1,2.3", euro],
        ["0.5", yen],
        ["9" * 16, euro],
    ]
    assert await till_engine("read", refused) == [None] * len(refused)
