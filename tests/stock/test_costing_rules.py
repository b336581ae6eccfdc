"""Costs: what is left is worth what is not gone yet, by either method, whatever moves in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.stock.costing.rules import (
    AVERAGE,
    FIFO,
    METHODS,
    NANO,
    Flow,
    Layer,
    Pool,
    corrected,
    rounded,
    settled,
    taken_cost,
)
from retail.stock.costing.settling import exact, nano

EMPTY = Pool(0, 0, 0)
FLOWS = st.lists(
    st.builds(
        Flow,
        st.integers(-5_000, 5_000).filter(bool),
        st.sampled_from([0, 1, 999_999, 41_500_000, 50_000_000, 150_500_000]) | st.integers(0, 10**9),
    ),
    max_size=30,
)


def pieces(*flows: tuple[float, float]) -> list[Flow]:
    return [Flow(int(quantity * 1000), int(cost * 10**6)) for quantity, cost in flows]


def minor(nanos: int) -> Decimal:
    return Decimal(nanos) / NANO


@pytest.mark.parametrize("method", METHODS)
@given(flows=FLOWS)
def test_value_is_conserved(method: str, flows: Sequence[Flow]) -> None:
    whole = settled(method, EMPTY, flows)
    assert whole.pool.milli == sum(flow.milli for flow in flows)
    assert whole.pool.nano == sum(flow.nano for flow in flows) + whole.revaluation
    if whole.pool.milli == 0:
        assert whole.pool.nano == 0, "an empty shelf is worth nothing"
    if whole.pool.milli > 0:
        assert whole.pool.nano >= 0


@pytest.mark.parametrize("method", METHODS)
@given(flows=FLOWS, cut=st.integers(0, 30))
def test_it_does_not_matter_how_many_moves_are_folded_at_once(method: str, flows: Sequence[Flow], cut: int) -> None:
    whole = settled(method, EMPTY, flows)
    first = settled(method, EMPTY, flows[:cut])
    second = settled(method, first.pool, flows[cut:])
    assert second.pool == whole.pool
    assert first.revaluation + second.revaluation == whole.revaluation


@given(flows=FLOWS)
def test_layers_lie_in_their_order_and_are_all_there_or_all_owed(flows: Sequence[Flow]) -> None:
    pool = settled(FIFO, EMPTY, flows).pool
    assert sum(layer.milli for layer in pool.layers) == pool.milli
    assert len({layer.milli > 0 for layer in pool.layers}) <= 1
    assert all(layer.milli for layer in pool.layers)


@given(flows=FLOWS)
def test_layers_are_an_oracles_queue_of_single_thousandths(flows: Sequence[Flow]) -> None:
    """The slow way: every thousandth is a piece of its own in a queue."""
    small = [Flow(flow.milli // 200 or 1, flow.micros) for flow in flows]
    here: list[int] = []
    owed: list[int] = []
    for flow in small:
        for _ in range(abs(flow.milli)):
            if flow.milli > 0:
                _ = owed.pop(0) if owed else here.append(flow.micros)
            else:
                _ = here.pop(0) if here else owed.append(flow.micros)
    pool = settled(FIFO, EMPTY, small).pool
    assert pool.nano == sum(here) - sum(owed)


@given(flows=FLOWS, methods=st.lists(st.sampled_from(METHODS), min_size=30, max_size=30))
def test_changing_the_method_loses_nothing(flows: Sequence[Flow], methods: Sequence[str]) -> None:
    pool, revalued = EMPTY, 0
    for method, flow in zip(methods, flows, strict=False):
        step = settled(method, pool, [flow])
        pool, revalued = step.pool, revalued + step.revaluation
    assert pool.nano == sum(flow.nano for flow in flows) + revalued
    assert pool.milli == sum(flow.milli for flow in flows)


def test_the_worked_table_of_the_average() -> None:
    bought = settled(AVERAGE, EMPTY, pieces((10, 50), (20, 41.5)))
    assert (bought.pool.micros, minor(bought.pool.nano)) == (44_333_333, Decimal("1329.99999"))
    assert minor(bought.revaluation) == Decimal("-0.00001")
    sold = settled(AVERAGE, bought.pool, [Flow(-12_000, 44_333_333)])
    assert (sold.revaluation, sold.pool.micros) == (0, 44_333_333)


def test_what_was_sold_before_it_came_is_revalued_when_its_cost_is_known() -> None:
    for method in METHODS:
        below = settled(method, EMPTY, pieces((2, 100), (-5, 100)))
        assert (below.pool.milli, minor(below.pool.nano), below.revaluation) == (-3_000, -300, 0)
        came = settled(method, below.pool, pieces((10, 150.5)))
        assert (came.pool.milli, minor(came.pool.nano)) == (7_000, Decimal("1053.5"))
        assert minor(came.revaluation) == Decimal("-151.5"), "three of them left at 100 and cost 150.5"


def test_the_worked_table_of_layers() -> None:
    bought = settled(FIFO, EMPTY, pieces((10, 50), (20, 41.5)))
    assert (bought.pool.micros, minor(bought.pool.nano), bought.revaluation) == (50_000_000, 1330, 0)
    sold = settled(FIFO, bought.pool, [Flow(-12_000, 50_000_000)])  # the till knew only the next cost
    assert minor(sold.pool.nano) == 747
    assert minor(sold.revaluation) == 17, "two of the twelve cost 41.5, not 50"
    assert sold.pool.layers == (Layer(18_000, 41_500_000),)
    assert sold.pool.micros == 41_500_000


def test_a_document_takes_goods_at_what_their_layers_cost() -> None:
    pool = settled(FIFO, EMPTY, pieces((10, 50), (20, 41.5))).pool
    cost = taken_cost(pool, 12_000)
    assert cost == 48_583_333  # (10 x 50 + 2 x 41.5) / 12
    assert abs(settled(FIFO, pool, [Flow(-12_000, cost)]).revaluation) < NANO


def test_a_corrected_cost_is_split_between_what_is_here_and_what_is_gone() -> None:
    split = corrected(10_000, 4_000, 50_000_000, 52_000_000)
    assert (minor(split.here), minor(split.gone)) == (8, 12)
    assert corrected(10_000, -3_000, 50_000_000, 52_000_000).here == 0
    assert corrected(10_000, 40_000, 50_000_000, 52_000_000).gone == 0


@given(st.lists(st.integers(-(10**13), 10**13), max_size=20))
def test_rounding_many_amounts_keeps_their_rounded_sum(amounts: Sequence[int]) -> None:
    total = Decimal(sum(amounts)) / NANO
    assert abs(sum(rounded(amounts)) - total) <= Decimal("0.5")
    assert all(abs(whole - Decimal(one) / NANO) <= 1 for whole, one in zip(rounded(amounts), amounts, strict=True))


@given(st.integers(-(10**27), 10**27))
def test_a_worth_loses_no_digit_on_its_way_to_the_database(nanos: int) -> None:
    assert nano(exact(nanos)) == nanos
