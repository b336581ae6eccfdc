"""How buyers answer a price, and what would be if: the worked examples of docs/algorithms/foresight.md, and edges."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from uuid import uuid4

import pytest

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.responses import USUAL, Happening, Response, is_usable, responses, without_own
from retail.foresight.supposing import Levers, Line, Plain, cover, suppose
from retail.foresight.supposing_words import cover_words, lever_words

FIRST = date(2026, 11, 23)
LOAF, MILK, BREAD = uuid4(), uuid4(), uuid4()
EXAMPLE = Happening(LOAF, BREAD, 0.8, before=100, after=140, others_before=1000, others_after=1000)


def test_one_price_change_by_hand() -> None:
    assert EXAMPLE.told == pytest.approx(-1.50, abs=0.005)
    assert EXAMPLE.variance == pytest.approx(1.60, abs=0.005)
    found = responses([EXAMPLE])
    assert found[NOBODY].elasticity == pytest.approx(-1.85, abs=0.005)
    assert found[NOBODY].spread == pytest.approx(0.83, abs=0.005)
    assert found[LOAF].elasticity == pytest.approx(-1.69, abs=0.005)
    assert found[LOAF].spread == pytest.approx(0.85, abs=0.005)
    assert (found[LOAF].changes, found[LOAF].offers, found[LOAF].of_others) == (1, 0, 0)


def test_a_season_that_lifts_everything_is_no_answer_to_the_price() -> None:
    lifted = Happening(LOAF, BREAD, 0.8, before=100, after=200, others_before=1000, others_after=2000)
    assert lifted.told == pytest.approx(0.0, abs=0.05)


def test_without_any_change_it_is_what_is_usual_and_with_many_it_is_what_was_seen() -> None:
    assert responses([]) == {NOBODY: Response()}
    chance = random.Random(7)

    def changed(elasticity: float) -> Happening:
        ratio = chance.choice((0.8, 0.9, 1.1, 1.25))
        after = 400 * ratio**elasticity * math.exp(chance.gauss(0, 0.2))
        return Happening(LOAF, BREAD, ratio, 400, after, 9000, 9000)

    found = responses([changed(-3.2) for _time in range(60)])[LOAF]
    assert found.elasticity == pytest.approx(-3.2, abs=0.4)
    assert found.spread < 0.4
    few = responses([changed(-3.2) for _time in range(2)])[LOAF]
    assert USUAL > few.elasticity > -3.2, "two changes are drawn to what is usual"
    assert few.spread > found.spread


def test_no_product_is_said_to_sell_more_because_it_is_dearer() -> None:
    odd = [Happening(LOAF, BREAD, 1.25, 400, 900, 9000, 9000) for _time in range(50)]
    assert responses(odd)[LOAF].elasticity == 0.0


def test_a_product_whose_price_never_moved_answers_as_the_others_and_less_surely() -> None:
    found = responses([EXAMPLE])
    own = without_own(found[NOBODY])
    assert own.elasticity == found[NOBODY].elasticity
    assert own.spread > found[NOBODY].spread
    assert (own.changes, own.of_others) == (0, 1)


def test_small_moves_and_products_that_sold_nothing_teach_nothing() -> None:
    assert not is_usable(1.01, 100)
    assert not is_usable(0.8, 0)
    assert not is_usable(0, 100)
    assert is_usable(0.97, 1)


def plain(days: int = 5, *, bounds: bool = True) -> Plain:
    units, money = [10.0] * days, [2000.0] * days
    if not bounds:
        return Plain(FIRST, Line(money), Line(units), 120.0, 0.1)
    return Plain(
        FIRST,
        Line(money, [1600.0] * days, [2600.0] * days),
        Line(units, [8.0] * days, [13.0] * days),
        120.0,
        0.1,
    )


def test_an_offer_of_a_fifth_by_hand() -> None:
    levers = Levers(off=20, off_from=FIRST + timedelta(days=1), off_to=FIRST + timedelta(days=2))
    made = suppose(plain(), levers, Response(-2.0, 0.5))
    assert made.units.likely == pytest.approx([10, 15.625, 15.625, 10, 10])
    assert made.revenue.likely == pytest.approx([2000, 2500, 2500, 2000, 2000])
    assert made.margin is not None
    assert made.margin.likely == pytest.approx([600, 375, 375, 600, 600])
    assert (made.units.low, made.units.high) != (None, None)
    low, high = made.units.low or [], made.units.high or []
    assert (low[0], high[0]) == pytest.approx((8, 13)), "days without the offer are as they were"
    assert (low[1], high[1]) == pytest.approx((11.87, 20.89), abs=0.01)


def test_nothing_supposed_is_the_plain_forecast() -> None:
    made, was = suppose(plain(), Levers(lead=3), Response()), plain()
    assert (made.units, made.revenue) == (was.units, was.revenue)
    assert not Levers(lead=3).changes_something


def test_closed_days_sell_nothing_and_growth_holds_on_the_others() -> None:
    made = suppose(plain(), Levers(closed=(FIRST,), growth=10), Response())
    assert made.units.likely == pytest.approx([0, 11, 11, 11, 11])
    assert made.revenue.high is not None
    assert made.revenue.high[0] == 0
    assert made.revenue.high[1] == pytest.approx(2860)


def test_a_dearer_price_and_an_offer_on_top_of_it_multiply() -> None:
    levers = Levers(price=25, off=20)
    assert levers.price_on(FIRST) == pytest.approx(1.0)
    assert suppose(plain(), levers, Response()).units.likely == pytest.approx([10.0] * 5)


def test_without_bounds_and_without_costs_there_are_none_to_show() -> None:
    made = suppose(plain(bounds=False), Levers(price=10), Response())
    assert (made.units.low, made.revenue.high) == (None, None)
    assert suppose(Plain(FIRST, Line([1.0]), Line([1.0])), Levers(), Response()).margin is None


def test_a_margin_below_zero_has_its_bounds_the_right_way_round() -> None:
    made = suppose(plain(), Levers(off=50), Response(-2.0, 0.5))
    assert made.margin is not None
    assert made.margin.low is not None
    assert made.margin.high is not None
    assert made.margin.likely[0] < 0
    assert made.margin.low[0] < made.margin.likely[0] < made.margin.high[0]


def test_when_goods_run_out_and_when_to_order_by_hand() -> None:
    lasts = cover(plain(20).units, FIRST, 45, lead=3)
    assert lasts.first == FIRST
    assert (lasts.gone, lasts.gone_early) == (FIRST + timedelta(days=4), FIRST + timedelta(days=3))
    assert (lasts.order_by, lasts.order_early) == (FIRST + timedelta(days=1), FIRST)
    assert lasts.point == pytest.approx(30 + 3 * math.sqrt(3))
    assert cover(plain().units, FIRST, 1000, lead=3).gone is None


def test_levers_are_stored_and_read_back() -> None:
    levers = Levers(-5, 20, FIRST, None, (FIRST,), 3, 7)
    assert Levers.from_kept(levers.kept()) == levers


def test_whole_groups_answer_less_than_their_products() -> None:
    wide = Response(-2.0, 0.5).for_all_of_it()
    assert wide.elasticity == pytest.approx(-0.6)
    assert wide.spread == pytest.approx(0.25)


def test_no_day_to_order_lies_in_the_past_and_one_day_is_one() -> None:
    units = plain(20).units
    short = cover(units, FIRST, 5, lead=1)
    (_there, order, left) = cover_words((short, short, 1), "en")
    assert order.startswith("Order today: with 1 day of lead time goods come on Tuesday")
    assert left.endswith("should be left for 1 day.")
    late = cover(units, FIRST, 25, lead=9)
    words = " ".join(cover_words((late, late, 9), "en"))
    assert "with 9 days of lead time goods come on Wednesday" in words
    assert "order by" not in words
    lasts = cover(units, FIRST, 95, lead=2)
    assert "With 2 days of lead time, order by" in " ".join(cover_words((lasts, lasts, 2), "en"))
    assert lever_words(Levers(lead=1), "en") == ["1 day of lead time"]
