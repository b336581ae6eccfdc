"""Baskets for property tests, one plain form of figures for both engines, and the promises that hold for all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from retail.sales.rules import LineIn, Priced, price_basket

RATES = st.sampled_from(
    [("standard", 190_000), ("reduced", 70_000), ("zero", 0), ("city", 88_750), ("odd", 333_333), ("old", 190_000)]
)
PRICES = st.integers(0, 250) | st.integers(0, 50_000) | st.integers(0, 10**9)
QUANTITIES = st.integers(1, 12).map(lambda units: units * 1000) | st.integers(0, 30_000)

Row = tuple[int, int, int, int, str]
Basket = tuple[bool, int, list[Row]]
Figures = tuple[list[list[int]], list[list[Any]], list[int]]


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Draw a line: quantity, price, discount, rate, code."""
    quantity, price = draw(QUANTITIES), draw(PRICES)
    amount = quantity * price // 1000
    discount = draw(st.just(0) | st.integers(0, amount + 2) | st.just(amount))
    code, rate = draw(RATES)
    return quantity, price, discount, rate, code


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    """Draw a sale: prices with tax?, basket discount, lines. Some lines are repeated, so that ties happen."""
    lines = draw(st.lists(rows(), min_size=1, max_size=6))
    if draw(st.booleans()):
        lines = lines + lines[:3]
    worth = sum(row[0] * row[1] // 1000 for row in lines)
    return draw(st.booleans()), draw(st.just(0) | st.integers(0, worth + 5)), lines


@st.composite
def mixed_baskets(draw: st.DrawFn) -> Basket:
    """Draw a basket in which goods may also come back."""
    inclusive, discount, lines = draw(baskets())
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=len(lines), max_size=len(lines)))
    turned = [(s * row[0], row[1], s * row[2], *row[3:]) for s, row in zip(signs, lines, strict=True)]
    return inclusive, draw(st.sampled_from([1, -1])) * discount, turned


def lines_in(rows: list[Row]) -> list[LineIn]:
    """Make the engine's lines, with their index as id."""
    return [LineIn(index, *row) for index, row in enumerate(rows)]


def priced(basket: Basket) -> Priced:
    """Price a basket with the server's engine."""
    inclusive, discount, lines = basket
    return price_basket(lines_in(lines), prices_include_tax=inclusive, basket_discount=discount)


def figures(document: Priced) -> Figures:
    """Give a priced document in the plain form of the vectors."""
    return (
        [[line.amount, line.discount, line.net, line.tax] for line in document.lines],
        [[tax.code, tax.rate_micros, tax.base, tax.tax] for tax in document.taxes],
        [document.amount, document.discount, document.subtotal, document.tax, document.total],
    )


def mirrored(basket: Basket) -> Basket:
    """Turn the sign of every quantity and discount: the return of all of it."""
    inclusive, discount, lines = basket
    return inclusive, -discount, [(-row[0], row[1], -row[2], *row[3:]) for row in lines]


def turned(figured: Any) -> Any:
    """Turn the sign of every figure; rates stay."""
    lines, taxes, sums = figured
    return (
        [[-figure for figure in line] for line in lines],
        [[code, rate, -base, -tax] for code, rate, base, tax in taxes],
        [-figure for figure in sums],
    )


def folded(basket: Basket, figured: Any) -> Basket:
    """Put the basket discount into the lines, as a sale is stored."""
    inclusive, _, lines = basket
    return inclusive, 0, [(*row[:2], line[1], *row[3:]) for row, line in zip(lines, figured[0], strict=True)]


def assert_adds_up(basket: Basket, figured: Any) -> None:
    """Check guarantees 1, 2 and 6 of pricing.md."""
    inclusive, _, asked = basket
    lines, taxes, (amount, discount, subtotal, tax, total) = figured
    assert [sum(line[i] for line in lines) for i in range(4)] == [amount, discount, subtotal, tax]
    assert [sum(group[i] for group in taxes) for i in (2, 3)] == [subtotal, tax]
    assert subtotal + tax == total
    assert {(row[4], row[3]) for row in asked} == {(code, rate) for code, rate, *_ in taxes}
    for line_amount, line_discount, net, line_tax in lines:
        assert min(0, line_amount) <= line_discount <= max(0, line_amount)
        assert line_amount - line_discount == (net + line_tax if inclusive else net)
    if inclusive:
        assert total == amount - discount


def assert_nothing_is_negative(figured: Any) -> None:
    """Check guarantee 3 of pricing.md."""
    lines, taxes, sums = figured
    assert min([figure for line in lines for figure in line] + sums + [x for t in taxes for x in t[2:]]) >= 0
