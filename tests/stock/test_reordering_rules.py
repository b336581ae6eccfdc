"""How much to order: enough, in whole packs, not less than the supplier takes, and only when it is time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from retail.kit.ids import new_id
from retail.stock.reordering.pages import why
from retail.stock.reordering.queries import Suggested
from retail.stock.reordering.rules import Ending, Need, point_of, runs_out_on, suggest

D = Decimal
TODAY = date(2026, 11, 20)


def ordered(need: Need) -> Decimal | None:
    found = suggest(need)
    return found.order if found else None


def test_the_worked_table() -> None:
    packs = Need(D(6), reorder_point=D(6), target=D(20), pack_quantity=D(6), minimum_order=D(12))
    assert ordered(packs) == D(18)
    by_pace = Need(D(2), D("1.5"), safety_stock=D(3), lead_days=2)
    assert (point_of(by_pace), ordered(by_pace)) == (D(6), D(25))
    assert ordered(Need(D(5), reorder_point=D(5), pack_quantity=D(12))) == D(12)


def said(need: Need) -> str:
    made = suggest(need)
    assert made is not None
    return why(Suggested(new_id(), "SKU", "Tea", "each", new_id(), "Shop", D(50), need, made, Ending(None)))


def test_what_is_counted_in_pieces_is_explained_in_pieces() -> None:
    need = Need(D(4), D("2.238"))
    assert (point_of(need), ordered(need)) == (D("6.714"), D(35))
    assert said(need).startswith("4 left, reorder at 6. Fills up to 39: what sells")
    assert said(replace(need, decimals=3)).startswith("4 left, reorder at 6.714. Fills up to 38.046: what sells")


def test_what_is_on_its_way_counts_and_what_is_promised_does_not() -> None:
    low = Need(D(2), reorder_point=D(5), target=D(10))
    assert ordered(low) == D(8)
    assert suggest(Need(D(2), reorder_point=D(5), target=D(10), incoming=D(4))) is None
    assert ordered(Need(D(7), reorder_point=D(5), target=D(10), reserved=D(3))) == D(6)


def test_the_minimum_raises_an_order_and_says_so() -> None:
    found = suggest(Need(D(4), reorder_point=D(5), target=D(6), minimum_order=D(10)))
    assert found is not None
    assert (found.order, found.wanted, found.raised_to_minimum) == (D(10), D(2), True)


def test_of_what_nothing_is_known_nothing_is_ordered() -> None:
    assert suggest(Need(D(0))) is None
    assert suggest(Need(D(-3))) is None


def test_it_runs_out_on_a_day() -> None:
    assert runs_out_on(Need(D(10), D(3)), TODAY) == date(2026, 11, 23)
    assert runs_out_on(Need(D(0), D(3)), TODAY) == TODAY
    assert runs_out_on(Need(D(10)), TODAY) is None


AMOUNT = st.integers(0, 500).map(D)
MAYBE = st.none() | st.integers(1, 500).map(D)


NEEDS = st.builds(
    Need, AMOUNT, st.decimals(0, 50, places=2), MAYBE, MAYBE, MAYBE, st.none() | st.integers(0, 60), MAYBE, MAYBE
)


@given(NEEDS)
def test_an_order_is_in_packs_reaches_what_is_wanted_and_the_minimum(need: Need) -> None:
    found = suggest(need)
    if found is None:
        return
    pack, least = need.pack_quantity or D(1), need.minimum_order or D(0)
    assert need.position <= found.point
    assert found.order % pack == 0
    assert found.order >= max(found.wanted, least)
    assert found.order - max(found.wanted, least) < pack, "not a pack more than needed"
