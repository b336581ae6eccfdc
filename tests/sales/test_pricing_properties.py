"""The guarantees of docs/algorithms/pricing.md, for the server's engine, on baskets nobody thought of."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from retail.sales.rules import SoldLine, cash_due, return_cash, return_lines
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

BRIEF = settings(max_examples=200, deadline=None)


@BRIEF
@given(baskets() | mixed_baskets())
def test_lines_add_up_to_taxes_and_total(basket: Basket) -> None:
    assert_adds_up(basket, figures(priced(basket)))


@BRIEF
@given(baskets())
def test_a_sale_is_never_negative(basket: Basket) -> None:
    assert_nothing_is_negative(figures(priced(basket)))


@BRIEF
@given(baskets() | mixed_baskets())
def test_returning_everything_undoes_the_sale_line_by_line(basket: Basket) -> None:
    assert figures(priced(mirrored(basket))) == turned(figures(priced(basket)))


@BRIEF
@given(baskets() | mixed_baskets())
def test_a_stored_sale_prices_to_itself(basket: Basket) -> None:
    figured = figures(priced(basket))
    assert figures(priced(folded(basket, figured))) == figured


@BRIEF
@given(baskets(), st.data())
def test_partial_returns_add_up_to_exactly_what_was_paid(basket: Basket, data: st.DataObject) -> None:
    sale = priced(basket)
    for line in sale.lines:
        if not line.quantity_milli:
            continue
        cuts = data.draw(st.sets(st.integers(1, line.quantity_milli), max_size=4)) | {line.quantity_milli}
        back, before = [0] * 6, 0
        for after in sorted(cuts):
            sold = SoldLine(
                line.id, line.quantity_milli, line.unit_price, line.amount, line.discount, line.tax,
                line.rate_micros, line.tax_code, 777, before,
            )  # fmt: skip
            [piece] = return_lines([sold], {line.id: after - before}, prices_include_tax=basket[0]).lines
            part = [piece.amount, piece.discount, piece.net, piece.tax, piece.gross, piece.cost]
            assert max(part) <= 0
            assert piece.net + piece.tax == piece.gross
            back = [so_far - figure for so_far, figure in zip(back, part, strict=True)]
            before = after
        assert back == [line.amount, line.discount, line.net, line.tax, line.gross, 777]


@BRIEF
@given(st.integers(0, 10**6), st.sets(st.integers(0, 10**6), max_size=4), st.sampled_from([1, 5, 10, 50, 100]))
def test_cash_returns_pay_out_exactly_the_cash_taken(total: int, cuts: set[int], unit: int) -> None:
    stops = sorted({cut for cut in cuts if cut <= total} | {0, total})
    paid = [return_cash(a, b, unit) for a, b in pairwise(stops)]
    assert sum(paid) == cash_due(total, total, unit).cash
    assert all(payment >= 0 and payment % unit == 0 for payment in paid)


@BRIEF
@given(st.integers(-(10**6), 10**6), st.sampled_from([1, 5, 10, 50, 100]))
def test_cash_rounding_is_never_more_than_half_a_coin(total: int, unit: int) -> None:
    due = cash_due(total, total, unit)
    assert due.cash % unit == 0
    assert abs(due.rounding) * 2 <= unit
    assert due.due == total + due.rounding
