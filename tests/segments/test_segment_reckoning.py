"""How customers stood, clusters, risks, cohorts and moves: small cases by hand, and what holds of all of them."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.customers.segmented import SEGMENTS
from retail.segments import churn, clusters, reckoning, rules
from retail.segments.clusters import Model
from retail.segments.history import Stand, Visits, fifths, scores, stand
from retail.segments.reckoning import Found

TODAY = date(2026, 11, 20).toordinal()
Row = tuple[int, int, int, int]
"""Who, how many days ago, receipts, spent."""
PASTS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 400), st.integers(0, 3), st.integers(-500, 5_000)),
    max_size=60, unique_by=lambda row: row[:2],
)  # fmt: skip


def visits(rows: Sequence[Row], people: int = 0) -> Visits:
    """Make visits of rows, in whatever order they come."""
    ordered = sorted((who, TODAY - ago, sales, spend) for who, ago, sales, spend in rows)
    columns = [np.array([row[at] for row in ordered], dtype=np.int64) for at in range(4)]
    return Visits(people or max((row[0] for row in ordered), default=-1) + 1, *columns)


def a_shop(people: int = 120, seed: int = 3) -> Visits:
    """Make up a shop with a year of visits."""
    chance = random.Random(seed)
    rows: dict[tuple[int, int], Row] = {}
    for who in range(people):
        pause, spend = chance.choice((7, 14, 30, 60, 120)), chance.choice((500, 1_500, 6_000))
        ago = chance.randint(0, pause * chance.choice((1, 1, 1, 4)))
        while ago <= 365:
            rows[who, ago] = (who, ago, 1, spend + chance.randint(0, 400))
            ago += max(1, round(chance.gauss(pause, pause / 4)))
    return visits(list(rows.values()), people)


def told(found: Found) -> list[Any]:
    """Give all of a find as plain values."""
    assert found.of is not None
    assert found.scores is not None
    columns = [found.of.who, found.of.visits, found.of.spend, found.of.interval, *found.scores]
    return [
        found.segments, [one.tolist() for one in columns], None if found.risk is None else found.risk.tolist(),
        None if found.value is None else found.value.tolist(), found.model, found.valued, found.tested, found.cohorts,
        found.moves,
    ]  # fmt: skip


def test_how_a_customer_stands_by_hand() -> None:
    of = stand(visits([(0, 40, 1, 300), (0, 30, 2, 500), (0, 10, 1, 200), (0, 5, 0, -100), (1, 7, 1, 50)]), TODAY)
    assert of.visits.tolist() == [3, 1]
    assert of.sales.tolist() == [4, 1]
    assert of.spend.tolist() == [900, 50]
    assert (of.age.tolist(), of.silence.tolist()) == ([40, 7], [10, 7])
    assert of.pause == 15  # of 10 and 20
    assert of.interval.tolist() == [(15 * 2 + 15 * 3) / 5, 15.0]


def test_what_comes_later_is_not_known_before() -> None:
    rows = [(0, 40, 1, 300), (0, 10, 1, 200), (1, 20, 1, 50)]
    of = stand(visits(rows), TODAY - 15)
    assert (of.who.tolist(), of.visits.tolist(), of.spend.tolist()) == ([0, 1], [1, 1], [300, 50])
    assert stand(visits(rows), TODAY - 30).who.tolist() == [0]
    assert len(stand(visits(rows), TODAY - 50)) == 0


def test_fifths_by_hand_and_equal_ones_are_equal() -> None:
    assert fifths(np.array([10, 20, 30, 40, 50])).tolist() == [1, 2, 3, 4, 5]
    assert fifths(np.array([7, 7, 7, 7])).tolist() == [1, 1, 1, 1]
    assert fifths(np.array([1, 1, 1, 9])).tolist() == [1, 1, 1, 4]


@settings(max_examples=80, deadline=None)
@given(values=st.lists(st.integers(0, 50), min_size=1, max_size=60), chance=st.randoms(use_true_random=False))
def test_fifths_never_turn_the_order_and_the_order_of_rows_changes_nothing(
    values: list[int], chance: random.Random
) -> None:
    found = dict(zip(values, fifths(np.array(values)).tolist(), strict=True))
    assert [found[one] for one in sorted(found)] == sorted(found[one] for one in sorted(found))
    assert set(found.values()) <= {1, 2, 3, 4, 5}
    mixed = chance.sample(values, len(values))
    assert dict(zip(mixed, fifths(np.array(mixed)).tolist(), strict=True)) == found


@settings(max_examples=80, deadline=None)
@given(rows=PASTS)
def test_a_stand_is_what_a_loop_over_the_visits_finds(rows: list[Row]) -> None:
    of = stand(visits(rows, 12), TODAY)
    came = sorted({who for who, _ago, sales, _spend in rows if sales})
    assert of.who.tolist() == came
    for place, who in enumerate(came):
        own = [row for row in rows if row[0] == who]
        days = sorted(TODAY - ago for _who, ago, sales, _spend in own if sales)
        assert of.visits[place] == len(days)
        assert (of.first[place], of.last[place]) == (days[0], days[-1])
        assert of.spend[place] == max(0, sum(row[3] for row in own))
        pauses = [later - before for before, later in pairwise(days)]
        own_median = float(np.median(pauses)) if pauses else 0.0
        many = len(pauses)
        assert of.interval[place] == pytest.approx((own_median * many + of.pause * 3) / (many + 3))
    assert all(1 <= one <= 5 for column in scores(of) for one in column.tolist())


def test_clusters_are_named_by_rule() -> None:
    centres = np.array([[0.2, 0.1, 0.0], [-1.0, 1.5, 1.4], [1.3, -0.9, -0.8], [-0.4, 0.4, 0.5], [0.1, -0.2, -0.1]])
    assert clusters.named(centres) == ("active", "vip", "at_risk", "loyal", "active")
    assert clusters.named(np.zeros((4, 3))) == ("vip", "at_risk", "loyal", "active")


def test_new_and_lost_are_told_by_rule() -> None:
    rows = [(0, 5, 1, 100), (1, 5, 1, 100), (1, 30, 1, 100), (2, 300, 1, 100), (3, 300, 1, 9_000), (3, 170, 1, 9_000)]
    model = Model(date(2026, 11, 20), 120.0, (0,) * 3, (99,) * 3, (0,) * 3, (1,) * 3, ((0, 0, 0),), ("active",), 0.0)
    of = stand(visits(rows), TODAY)
    assert clusters.segments(model, of) == ["new", "new", "lost", "active"], "the last one comes every hundred days"
    assert of.interval[3] * rules.OWN_PAUSES > 170


def test_a_model_comes_back_from_its_text_to_the_bit() -> None:
    import json

    of = stand(a_shop(), TODAY)
    model = clusters.fit(of)
    again = Model.of_json(json.loads(json.dumps(model.as_json())))
    assert again == model
    assert clusters.segments(again, of) == clusters.segments(model, of)
    assert 4 <= len(model.names) <= 6
    assert {"vip", "loyal", "at_risk", "active"} == set(model.names)


def test_a_model_holds_for_a_week() -> None:
    known = a_shop()
    model = clusters.fit(stand(known, TODAY - 6))
    assert reckoning.reckon(known, TODAY, model, backwards=False).model is model
    old = clusters.fit(stand(known, TODAY - 7))
    assert reckoning.reckon(known, TODAY, old, backwards=False).model is not old


def test_everybody_alike_is_active_and_not_told_apart_by_chance() -> None:
    rows = [(who, ago, 1, 500) for who in range(40) for ago in (5, 35, 65, 95)]
    assert set(reckoning.reckon(visits(rows), TODAY, None, backwards=False).segments) == {"active"}


def test_the_same_visits_give_the_same_numbers() -> None:
    assert told(reckoning.reckon(a_shop(), TODAY, None, backwards=True)) == told(
        reckoning.reckon(a_shop(), TODAY, None, backwards=True)
    )


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_shop_everybody_has_one_segment_and_figures_within_bounds(seed: int) -> None:
    found = reckoning.reckon(a_shop(90, seed), TODAY, None, backwards=True)
    assert found.of is not None
    assert found.risk is not None
    assert len(found.segments) == len(found.of) == len(found.risk)
    assert set(found.segments) <= set(SEGMENTS)
    assert ((found.risk > 0) & (found.risk < 1)).all()
    assert found.value is None or (found.value >= 0).all()
    names: dict[int, Any] = {}
    for who, _on, was, became in found.moves:
        assert was != became
        assert names.get(who, was) == was, "a move begins where the one before ended"
        names[who] = became
    now = dict(zip(found.of.who.tolist(), found.segments, strict=True))
    assert all(now[who] == became for who, became in names.items())


def test_who_waits_longer_has_the_higher_risk() -> None:
    known = a_shop(200)
    habit = churn.learn(known, TODAY, TODAY - 365)
    assert habit is not None
    of = stand(known, TODAY)
    same = Stand(
        TODAY, of.who[:9], np.full(9, 4), np.full(9, 4), np.full(9, 100), np.full(9, TODAY - 300),
        TODAY - np.arange(0, 180, 20), np.full(9, 20.0), 20.0, 90.0,
    )  # fmt: skip
    risk = habit.risk(same).tolist()
    assert risk == sorted(risk)
    assert risk[0] < 0.3 < risk[-1]
    tested = churn.tested(known, TODAY, TODAY - 365)
    assert tested is not None
    assert tested.auc > 0.6


def test_risks_need_a_history() -> None:
    known = a_shop()
    assert churn.learn(known, TODAY, TODAY - 119) is None
    assert churn.learn(known, TODAY, TODAY - 120) is not None
    assert churn.tested(known, TODAY, TODAY - 209) is None
    assert churn.tested(known, TODAY, TODAY - 210) is not None


def test_cohorts_by_hand() -> None:
    days = {"sep": 80, "sep-later": 70, "oct": 40, "nov": 5}  # 1, 11 September, 11 October, 15 November
    rows = [(0, days["sep"], 1, 1), (0, days["sep-later"], 1, 1), (0, days["nov"], 1, 1), (1, days["sep"], 1, 1),
            (1, days["oct"], 1, 1), (2, days["oct"], 1, 1), (3, days["nov"], 0, -5)]  # fmt: skip
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    assert reckoning.cohorts(visits(rows), TODAY) == [
        (september, 0, 2, 2), (september, 1, 2, 1), (september, 2, 2, 1), (october, 0, 1, 1), (october, 1, 1, 0),
    ]  # fmt: skip


def test_little_is_told_as_little() -> None:
    few = reckoning.reckon(visits([(who, 100, 1, 5) for who in range(29)]), TODAY, None, backwards=True)
    assert (few.standing, few.customers, few.of, few.moves) == ("few", 29, None, [])
    short = reckoning.reckon(visits([(who, 59, 1, 5) for who in range(40)]), TODAY, None, backwards=True)
    assert (short.standing, short.history) == ("short", 59)
    assert reckoning.reckon(visits([], 3), TODAY, None, backwards=True).standing == "few"


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
