"""What was counted: areas add up, a total replaces what was before, and goods leave through the sales floor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from retail.kit.ids import new_id
from retail.stock.counts.rules import Counting, Outcome, net_and_gross, tally, to_recount

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LOAF, FLOOR, CELLAR = new_id(), new_id(), new_id()


def found(quantity: str, minutes: int = 0, area: object = FLOOR, mode: str = "add", turn: int = 1) -> Counting:
    return Counting(LOAF, area, turn, mode, D(quantity), AT + timedelta(minutes=minutes))  # type: ignore[arg-type]


def counted(*entries: Counting, turn: int = 1) -> tuple[Decimal, int]:
    one = tally(entries, {LOAF: turn}, frozenset({FLOOR}))[LOAF]
    return one.quantity, (one.at - AT) // timedelta(minutes=1)


def test_scans_add_up_and_areas_too() -> None:
    assert counted(found("1"), found("1", 1), found("5", 2, CELLAR), found("-1", 3)) == (D(6), 3)


def test_a_total_replaces_what_was_found_in_its_area_before() -> None:
    assert counted(found("7"), found("4", 1, CELLAR), found("5", 2, mode="set"), found("1", 3)) == (D(10), 3)


def test_the_ledger_is_compared_at_the_moment_the_sales_floor_was_counted() -> None:
    assert counted(found("3", 4), found("10", 9, CELLAR)) == (D(13), 4)
    assert counted(found("10", 9, CELLAR)) == (D(10), 9), "no floor: the last moment"


def test_a_second_round_throws_the_first_away() -> None:
    assert counted(found("7"), found("9", 5, turn=2), turn=2) == (D(9), 5)
    assert tally([found("7")], {LOAF: 2}, frozenset()) == {}, "nobody has counted it again yet"


def test_less_than_nothing_is_nothing() -> None:
    assert counted(found("-3"), found("5", 1, CELLAR)) == (D(5), 0)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=20), st.randoms())
def test_single_scans_come_to_the_same_in_any_order(pieces: Sequence[int], chance: object) -> None:
    entries = [found(str(piece), at) for at, piece in enumerate(pieces)]
    mixed = list(entries)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert counted(*mixed) == counted(*entries) == (D(sum(pieces)), len(pieces) - 1)


def outcome(variance: int, cost: str = "50", turn: int = 1) -> Outcome:
    return Outcome(new_id(), D(10 + variance), D(10), D(cost), AT, turn)


def test_only_what_differs_by_more_than_the_threshold_is_counted_again_and_once() -> None:
    over, under, second = outcome(-3), outcome(2), outcome(-9, turn=2)
    assert to_recount([over, under, second], 100) == [over]
    assert to_recount([over, under, second], None) == []
    assert to_recount([outcome(-2)], 100) == [], "as much as the threshold is not above it"


def test_what_is_missing_and_what_is_too_much_do_not_hide_each_other() -> None:
    assert net_and_gross([outcome(-3), outcome(3)]) == (0, 300)
