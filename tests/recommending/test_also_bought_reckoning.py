"""Neighbours from baskets: small cases by hand, and what holds of all baskets there are."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.recommending import rules
from retail.recommending.reckoning import Neighbours, neighbours

BREAD, BUTTER, MILK, BAG = range(4)
SHOP = [{BREAD, BUTTER}] * 3 + [{BREAD, BUTTER, MILK}, {BREAD}, {MILK}, {MILK}, {BREAD, MILK}]
BASKETS = st.lists(st.sets(st.integers(0, 11), max_size=7), max_size=60)


def reckon(baskets: Sequence[Sequence[int] | set[int]], items: int = 12, **more: Any) -> Neighbours:
    lines = [(place, item) for place, basket in enumerate(baskets) for item in basket]
    basket, item = (np.array([line[at] for line in lines], dtype=np.int64) for at in (0, 1))
    return neighbours(basket, item, items, **more)


def rows(found: Neighbours) -> list[tuple[int, ...]]:
    columns = (found.item, found.other, found.place, found.score, found.together, found.baskets, found.other_baskets)
    return [tuple(int(value) for value in row) for row in zip(*columns, strict=True)]


@pytest.fixture
def by_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LEAST_BASKETS", 1)


def test_the_worked_table_by_cosine() -> None:
    found = reckon(SHOP)
    both = 3 / log(3) + 1 / log(4)
    cosine = round(both / sqrt((both + 1 / log(2) + 1 / log(3)) * both) * 1e6)
    assert (found.method, found.all_baskets, found.left_out, found.products) == ("cosine", 8, 0, 3)
    assert rows(found) == [(BREAD, BUTTER, 1, cosine, 4, 6, 4), (BUTTER, BREAD, 1, cosine, 4, 4, 6)]
    assert cosine == 771149


@pytest.mark.usefixtures("by_ease")
def test_two_products_by_ease_are_what_the_formula_gives() -> None:
    found = reckon([{0, 1}] * 30 + [{0}] * 10 + [{1}] * 20)
    # G = [[240, 30], [30, 250]]; P = G^-1 is [[250, -30], [-30, 240]] / d; B[0,1] = 30 / 240, B[1,0] = 30 / 250
    scores = {(one, other): score for one, other, _place, score, *_rest in rows(found)}
    assert (found.method, scores) == ("ease", {(0, 1): 125_000, (1, 0): 120_000})


@pytest.mark.usefixtures("by_ease")
def test_what_is_in_every_basket_is_no_neighbour_because_of_that() -> None:
    baskets = [{BREAD, BUTTER, BAG}] * 400 + [{MILK, BAG}] * 400
    best = {one: other for one, other, place, *_rest in rows(reckon(baskets)) if place == 1}
    assert (best[BREAD], best[BUTTER]) == (BUTTER, BREAD)


def test_a_pair_counts_from_three_baskets_on() -> None:
    assert rows(reckon([{0, 1}] * 2 + [{0}, {1}])) == []
    assert len(rows(reckon([{0, 1}] * 3))) == 2


def test_a_large_basket_counts_as_one_of_forty() -> None:
    """Eighty products, each weight halved: the cosine of two that were in nothing else is the same, 1."""
    big = [set(range(80))] * 3
    found = reckon(big + [{0}] * 3, items=80, kept=100)
    scores = {(one, other): score for one, other, _place, score, *_rest in rows(found)}
    weight, alone = 0.5 / log(81), 1 / log(2)
    assert scores[1, 2] == 1_000_000
    assert scores[1, 0] == round(3 * weight / sqrt(3 * weight * (3 * weight + 3 * alone)) * 1e6)


def test_a_basket_of_more_than_a_thousand_products_is_left_out() -> None:
    found = reckon([set(range(1001))] * 3 + [{0, 1}] * 3, items=1001)
    assert (found.left_out, found.all_baskets, found.products, len(found)) == (3, 3, 2, 2)


def test_nothing_comes_of_nothing() -> None:
    for nothing in ([], [{0}], [set(), set()]):
        assert len(reckon(nothing)) == 0


@pytest.mark.parametrize("most", [1, 3, 5])
def test_beyond_the_first_products_cosine_goes_on(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LEAST_BASKETS", 1)
    monkeypatch.setattr(rules, "MOST_BY_EASE", most)
    chance = random.Random(7)
    baskets = [set(chance.sample(range(8), 4)) for _ in range(80)]
    found = reckon(baskets, items=8)
    assert found.method == "both"
    order = sorted(range(8), key=lambda one: (-sum(one in basket for basket in baskets), one))
    reached = {row[0] for row in rows(found)}
    assert set(order[most:]) <= reached, "the cosine gives every other product its neighbours"


@pytest.mark.parametrize("way", ["cosine", "ease"])
@settings(max_examples=60, deadline=None)
@given(baskets=BASKETS, chance=st.randoms(use_true_random=False))
def test_no_product_is_its_own_neighbour_and_the_order_of_baskets_changes_nothing(
    way: str, baskets: list[set[int]], chance: random.Random
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "LEAST_BASKETS", 1 if way == "ease" else 10**9)
        found = reckon(baskets)
        shuffled = [chance.sample(sorted(basket), len(basket)) for basket in chance.sample(baskets, len(baskets))]
        assert rows(reckon(shuffled)) == rows(found)
        doubled = [[*basket, *basket] for basket in baskets]
        assert rows(reckon(doubled)) == rows(found)
    for one, other, place, score, together, of_one, of_other in rows(found):
        assert one != other
        assert 1 <= place <= rules.NEIGHBOURS
        assert score > 0
        assert together == sum({one, other} <= basket for basket in baskets) >= rules.LEAST_TOGETHER
        assert (of_one, of_other) == tuple(sum(item in basket for basket in baskets) for item in (one, other))


@settings(max_examples=40, deadline=None)
@given(baskets=BASKETS, kept=st.integers(1, 4))
def test_places_follow_the_scores_and_ranks_are_all_different(baskets: list[set[int]], kept: int) -> None:
    found = reckon(baskets, kept=kept)
    told = rows(found)
    assert sorted(found.ranks().tolist()) == list(range(1, len(told) + 1))
    ranked = [told[place] for place in np.argsort(found.ranks())]
    assert [row[3] for row in ranked] == sorted((row[3] for row in told), reverse=True)
    for one in {row[0] for row in told}:
        of_one = [row for row in told if row[0] == one]
        assert [row[2] for row in of_one] == list(range(1, len(of_one) + 1))
        assert len(of_one) <= kept
        assert [(-row[3], -row[4]) for row in of_one] == sorted((-row[3], -row[4]) for row in of_one)


_LOADED = """
import sys
from retail.app import create_app
from retail.live import projections
from retail.settings import Settings
create_app(Settings(environment="test")); projections()
print(sorted({"scipy", "pandas", "sklearn", "threadpoolctl"} & set(sys.modules)))
"""


def test_a_web_process_never_loads_what_only_the_worker_reckons_with() -> None:
    run = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
