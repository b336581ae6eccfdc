"""The worked tables of docs/algorithms/pricing.md, and what the rules refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail.sales.rules import (
    CashDue,
    LineIn,
    OutOfRange,
    OverReturn,
    SoldLine,
    TaxTotal,
    cash_due,
    line_cost,
    price_basket,
    return_cash,
    return_lines,
)
from tests.sales.pricing_cases import Row, figures, priced

MILK: Row = (3000, 135, 135, 70_000, "reduced")
WINE: Row = (1000, 799, 0, 190_000, "standard")
APPLES: Row = (762, 299, 0, 70_000, "reduced")


def sold(**changes: object) -> SoldLine:
    facts = {
        "id": "x", "quantity_milli": 3000, "unit_price": 400, "amount": 1200, "discount": 200, "tax": 65,
        "rate_micros": 70_000, "tax_code": "reduced", "cost": 700, "returned_milli": 0,
    }  # fmt: skip
    return SoldLine(**(facts | changes))  # type: ignore[arg-type]


def test_prices_with_tax_two_rates_a_discount_and_a_weighed_article() -> None:
    lines, taxes, sums = figures(priced((True, 0, [MILK, WINE, APPLES])))
    assert lines == [[405, 135, 252, 18], [799, 0, 671, 128], [228, 0, 213, 15]]
    assert taxes == [["reduced", 70_000, 465, 33], ["standard", 190_000, 671, 128]]
    assert sums == [1432, 135, 1136, 161, 1297]


def test_a_tie_goes_to_the_first_lines() -> None:
    document = priced((True, 0, [(1000, 100, 0, 70_000, "reduced")] * 3))
    assert [line.tax for line in document.lines] == [7, 7, 6]
    assert document.taxes == (TaxTotal("reduced", 70_000, 280, 20),)


def test_prices_without_tax_add_it_on_top() -> None:
    shirt, mug, bread = (2000, 1250, 0, 88_750, "t"), (1000, 399, 0, 88_750, "t"), (1000, 549, 0, 0, "food")
    document = priced((False, 0, [shirt, mug, bread]))
    assert [line.gross for line in document.lines] == [2722, 434, 549]
    assert (document.subtotal, document.tax, document.total) == (3448, 257, 3705)


@pytest.mark.parametrize(
    ("discount", "lines", "discounts", "taxes", "total"),
    [
        (100, [(1000, price, 0, 70_000, "r") for price in (333, 333, 334)], [33, 33, 34], [20, 20, 19], 900),
        (100, [(1000, 500, 0, 190_000, "s")] * 3, [34, 33, 33], [74, 75, 75], 1400),
        (500, [(1000, 1999, 0, 190_000, "s"), (2000, 349, 98, 70_000, "r")], [385, 213], [258, 32], 2099),
        (1200, [(1000, 400, 0, 190_000, "s"), (1000, 600, 0, 190_000, "s")], [400, 600], [0, 0], 0),
    ],
)
def test_a_basket_discount_is_shared_by_largest_remainder(
    discount: int, lines: list[Row], discounts: list[int], taxes: list[int], total: int
) -> None:
    document = priced((True, discount, lines))
    assert [line.discount for line in document.lines] == discounts
    assert [line.tax for line in document.lines] == taxes
    assert document.total == total


def test_goods_that_come_back_in_the_same_basket_bring_their_tax_back() -> None:
    document = priced((True, 0, [(1000, 2500, 0, 190_000, "s"), (-1000, 1999, 0, 190_000, "s")]))
    assert [line.tax for line in document.lines] == [399, -319]
    assert (document.total, document.tax) == (501, 80)


def test_a_basket_discount_leaves_lines_that_come_back_alone() -> None:
    document = priced((True, 100, [(1000, 500, 0, 0, "z"), (-1000, 300, 0, 0, "z")]))
    assert [line.discount for line in document.lines] == [100, 0]


@pytest.mark.parametrize(
    ("inclusive", "discount", "lines", "taxes", "total"),
    [
        (True, 0, [(1000, 1980, 0, 100_000, "s"), (3000, 298, 0, 80_000, "r")], [(1800, 180), (828, 66)], 2874),
        (False, 0, [(1000, 1980, 0, 100_000, "s"), (3000, 298, 0, 80_000, "r")], [(1980, 198), (894, 72)], 3144),
        (False, 100, [(1000, 1250, 0, 50_000, "s"), (762, 2345, 0, 50_000, "s")], [(2937, 147)], 3084),
    ],
)
def test_yen_and_dinars_are_priced_by_the_same_rules(
    inclusive: bool, discount: int, lines: list[Row], taxes: list[tuple[int, int]], total: int
) -> None:
    document = priced((inclusive, discount, lines))
    assert [(tax.base, tax.tax) for tax in document.taxes] == taxes
    assert document.total == total


@pytest.mark.parametrize(
    ("quantity", "price", "asked", "used"),
    [(1000, 500, 500, 500), (1000, 500, 507, 500), (1000, 500, -3, 0), (-1000, 500, -100, -100), (1000, 0, 100, 0)],
)
def test_a_discount_is_cut_to_its_line(quantity: int, price: int, asked: int, used: int) -> None:
    [line] = priced((True, 0, [(quantity, price, asked, 70_000, "r")])).lines
    assert (line.discount, line.gross) == (used, quantity * price // 1000 - used)


def test_an_empty_basket_costs_nothing() -> None:
    assert figures(priced((True, 50, []))) == ([], [], [0, 0, 0, 0, 0])


def test_the_same_code_at_two_rates_is_two_taxes() -> None:
    document = priced((True, 0, [(1000, 100, 0, 70_000, "vat"), (1000, 100, 0, 77_000, "vat")]))
    assert [(tax.code, tax.rate_micros) for tax in document.taxes] == [("vat", 70_000), ("vat", 77_000)]


@pytest.mark.parametrize(
    "line",
    [
        LineIn(1, 1000, 10**15 + 1, 0, 0, "z"),
        LineIn(1, 2000, 10**15, 0, 0, "z"),
        LineIn(1, -2000, 10**15, 0, 0, "z"),
        LineIn(1, 1000, 100, 0, -1, "z"),
        LineIn(1, 1000, 100, 0, 5_000_001, "z"),
    ],
)
def test_what_javascript_could_not_carry_is_refused(line: LineIn) -> None:
    with pytest.raises(OutOfRange):
        price_basket([line], prices_include_tax=True)


@pytest.mark.parametrize(
    ("total", "part", "unit", "expected"),
    [
        (1002, 1002, 5, (1000, -2, 1000)),
        (1003, 1003, 5, (1005, 2, 1005)),
        (1002, 502, 5, (500, -2, 1000)),
        (1002, 500, 5, (500, 0, 1002)),
        (1002, 0, 5, (0, 0, 1002)),
        (2, 2, 5, (0, -2, 0)),
        (-1002, -1002, 5, (-1000, 2, -1000)),
        (1237, 1237, 10, (1240, 3, 1240)),
        (104_950, 104_950, 100, (105_000, 50, 105_000)),
    ],
)
def test_only_the_cash_part_is_rounded(total: int, part: int, unit: int, expected: tuple[int, int, int]) -> None:
    assert cash_due(total, part, unit) == CashDue(*expected)


@pytest.mark.parametrize(("total", "part"), [(1000, 1001), (1000, -1), (-1000, 1), (-1000, -1001)])
def test_a_cash_part_outside_the_total_is_refused(total: int, part: int) -> None:
    with pytest.raises(ValueError, match="not a part of the total"):
        cash_due(total, part, 5)


def test_three_brought_back_one_by_one_give_back_what_was_paid() -> None:
    pieces = [
        return_lines([sold(returned_milli=back)], {"x": 1000}, prices_include_tax=True).lines[0]
        for back in (0, 1000, 2000)
    ]
    assert [(-piece.gross, -piece.tax, -piece.cost) for piece in pieces] == [
        (333, 22, 233),
        (334, 21, 234),
        (333, 22, 233),
    ]
    assert [(piece.quantity_milli, piece.amount) for piece in pieces] == [(-1000, -400)] * 3


def test_a_return_adds_up_its_lines_per_rate() -> None:
    other = sold(id="y", quantity_milli=762, amount=228, discount=0, tax=15, cost=64)
    document = return_lines([sold(), other], {"y": 762, "x": 3000}, prices_include_tax=True)
    assert document.taxes == (TaxTotal("reduced", 70_000, -1148, -80),)
    assert (document.total, [line.id for line in document.lines]) == (-1228, ["x", "y"])


@pytest.mark.parametrize(
    ("line", "quantity"),
    [
        (sold(), 3001),
        (sold(returned_milli=2000), 1001),
        (sold(returned_milli=3000), 1),
        (sold(), 0),
        (sold(), -1000),
        (sold(quantity_milli=-3000, amount=-1200, discount=-200, tax=-65), 1000),
        (sold(quantity_milli=-3000, amount=-1200, discount=-200, tax=-65), -1000),
    ],
)
def test_more_than_was_sold_never_comes_back(line: SoldLine, quantity: int) -> None:
    with pytest.raises(OverReturn):
        return_lines([line], {"x": quantity}, prices_include_tax=True)


@pytest.mark.parametrize("quantities", [{}, {"unknown": 1000}, {"x": 1000, "unknown": 1000}])
def test_a_return_names_lines_of_its_sale(quantities: dict[str, int]) -> None:
    with pytest.raises(OverReturn):
        return_lines([sold()], quantities, prices_include_tax=True)  # type: ignore[arg-type]


def test_cash_for_returns_adds_up_to_the_rounded_cash_of_the_sale() -> None:
    assert [return_cash(0, 333, 5), return_cash(333, 667, 5), return_cash(667, 1002, 5)] == [335, 330, 335]
    assert cash_due(1002, 1002, 5).cash == 1000


def test_the_cost_of_goods_is_rounded_once() -> None:
    assert line_cost(Decimal("84.3333"), 762) == 64
    assert line_cost(Decimal("0.5"), 1000) == 1
    assert line_cost(Decimal("0.5"), -1000) == -1
    with pytest.raises(ValueError, match="six decimals"):
        line_cost(Decimal("0.0000001"), 1000)
