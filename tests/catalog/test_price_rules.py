"""Which price holds, and when it turns: exact cases, and properties over random lists and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.catalog.prices.rules import (
    BILLION,
    Occasion,
    Offer,
    PriceList,
    Terms,
    holds,
    in_own_money,
    overlap,
    rank,
    resolve,
    week_of,
)
from retail.catalog.prices.windows import EVERY_DAY, Window, next_turn, turns
from retail.kit.money import currency

BERLIN = ZoneInfo("Europe/Berlin")
ALT, HAF = UUID(int=1), UUID(int=2)
EUR = Terms(currency("EUR"), prices_include_tax=True)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=BERLIN)  # a Friday


def price_list(number: int, *, priority: int = 0, window: Window = Window(), **kwargs: object) -> PriceList:
    values: dict[str, object] = {"currency": "EUR", "includes_tax": None, "stores": None, "group": None} | kwargs
    return PriceList(UUID(int=100 + number), f"List {number}", window=window, priority=priority, **values)  # type: ignore[arg-type]


def test_a_product_without_lists_costs_its_own_price() -> None:
    assert resolve(420, [], Occasion(ALT, NOON), EUR, 70_000).price_minor == 420


def test_a_higher_priority_goes_before_a_lower_price() -> None:
    offers = [Offer(price_list(1, priority=1), 300), Offer(price_list(2, priority=5), 399)]
    found = resolve(420, offers, Occasion(ALT, NOON), EUR, 70_000)
    assert (found.price_minor, found.of) == (399, offers[1].of)
    assert [(step.of.name, step.verdict) for step in found.steps] == [("List 2", "chosen"), ("List 1", "outranked")]


def test_of_equal_priority_the_narrower_list_goes_first_then_the_lower_price() -> None:
    wide, narrow = Offer(price_list(1), 100), Offer(price_list(2, stores=frozenset({ALT})), 380)
    assert resolve(420, [wide, narrow], Occasion(ALT, NOON), EUR, 0).price_minor == 380
    group = Offer(price_list(3, group="staff"), 390)
    assert resolve(420, [wide, narrow, group], Occasion(ALT, NOON, "staff"), EUR, 0).price_minor == 390
    assert (
        resolve(420, [Offer(price_list(1), 400), Offer(price_list(2), 399)], Occasion(ALT, NOON), EUR, 0).price_minor
        == 399
    )


def test_each_list_that_does_not_hold_says_why() -> None:
    offers = [
        Offer(price_list(1, stores=frozenset({HAF})), 1),
        Offer(price_list(2, group="staff"), 2),
        Offer(price_list(3, window=Window(weekdays=0b100_0000)), 3),
        Offer(price_list(4), 4, min_milli=6000),
        Offer(price_list(5, currency="USD"), 5),
    ]
    found = resolve(420, offers, Occasion(ALT, NOON, quantity_milli=5999), EUR, 0)
    assert (found.price_minor, found.of) == (420, None)
    assert {step.of.id.int - 100: step.verdict for step in found.steps} == {
        1: "other_store",
        2: "other_group",
        3: "closed",
        4: "quantity",
        5: "no_rate",
    }


def test_the_largest_quantity_that_is_reached_sets_the_price() -> None:
    of = price_list(1)
    offers = [Offer(of, 400), Offer(of, 350, 6000), Offer(of, 300, 12_000)]
    asked = [0, 5999, 6000, 11_999, 12_000]
    assert [resolve(420, offers, Occasion(ALT, NOON, None, n), EUR, 0).price_minor for n in asked] == [
        400,
        400,
        350,
        350,
        300,
    ]


def test_a_list_without_tax_gets_the_tax_of_the_product_on_top() -> None:
    net = Offer(price_list(1, includes_tax=False), 1000)
    assert in_own_money(net, EUR, NOON.date(), 70_000) == 1070
    gross = Offer(price_list(1, includes_tax=True), 1070)
    assert in_own_money(gross, Terms(currency("EUR"), prices_include_tax=False), NOON.date(), 70_000) == 1000


def test_a_foreign_list_takes_the_rate_of_the_day() -> None:
    rates = {
        "USD": [(date(2026, 1, 1), 900_000_000), (date(2026, 11, 20), 920_000_000)],
        "JPY": [(date(2026, 1, 1), 6_250_000)],
    }
    terms = Terms(currency("EUR"), prices_include_tax=True, rates=rates)
    dollars = Offer(price_list(1, currency="USD"), 1000)
    assert in_own_money(dollars, terms, date(2026, 11, 19), 0) == 900
    assert in_own_money(dollars, terms, date(2026, 11, 20), 0) == 920
    assert in_own_money(dollars, terms, date(2025, 12, 31), 0) is None
    assert in_own_money(Offer(price_list(1, currency="JPY"), 1000), terms, date(2026, 2, 1), 0) == 625


def test_a_window_past_midnight_belongs_to_the_day_it_opened_on() -> None:
    late = Window(weekdays=0b001_0000, from_minute=22 * 60, to_minute=2 * 60)  # Fridays from 22 to 2
    friday = datetime(2026, 11, 20, tzinfo=BERLIN)
    at = {hours: late.is_open(friday + timedelta(hours=hours)) for hours in (1, 21, 22, 25, 26, 46, 49)}
    assert at == {1: False, 21: False, 22: True, 25: True, 26: False, 46: False, 49: False}


def test_a_window_of_days_turns_at_the_stores_midnight() -> None:
    window = Window(date(2026, 12, 1), date(2026, 12, 24))
    begins = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert list(turns(window, BERLIN, NOON.astimezone(UTC), 9)) == [begins, datetime(2026, 12, 24, 23, tzinfo=UTC)]


def test_an_hour_that_the_clock_leaves_out_opens_the_window_when_it_is_put_forward() -> None:
    window = Window(from_minute=150, to_minute=300)  # 2:30 to 5:00; on 29 March 2026 there is no 2:30 in Berlin
    first = next_turn(window, BERLIN, datetime(2026, 3, 28, 22, tzinfo=UTC))
    assert first == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 3:00 on the new clock


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Window(), Window(), True),
        (Window(date(2026, 1, 1), date(2026, 1, 31)), Window(date(2026, 2, 1)), False),
        (Window(weekdays=0b1), Window(weekdays=0b10), False),
        (
            Window(weekdays=0b1, from_minute=1320, to_minute=120),
            Window(weekdays=0b10, from_minute=60, to_minute=180),
            True,
        ),
        (
            Window(weekdays=0b1000000, from_minute=1320, to_minute=120),
            Window(weekdays=0b1, from_minute=0, to_minute=60),
            True,
        ),
        (Window(from_minute=540, to_minute=600), Window(from_minute=600, to_minute=660), False),
    ],
)
def test_lists_overlap_where_some_hour_belongs_to_both(one: Window, other: Window, expected: bool) -> None:
    assert overlap(price_list(1, window=one), price_list(2, window=other)) is expected
    assert overlap(price_list(1, window=one), price_list(2, window=other, priority=1)) is False


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
minutes = st.integers(0, 1439)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    starts, ends = draw(st.none() | days), draw(st.none() | days)
    if starts and ends and ends < starts:
        starts, ends = ends, starts
    hours = draw(st.none() | st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1]))
    return Window(starts, ends, draw(st.integers(1, EVERY_DAY)), *(hours or (None, None)))


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"])


@given(windows(), zones, moments, st.lists(st.integers(0, 40 * 24 * 60), min_size=1, max_size=20))
def test_between_two_turns_nothing_changes(window: Window, zone: str, after: datetime, steps: list[int]) -> None:
    place = ZoneInfo(zone)
    turn = next_turn(window, place, after)
    was = window.is_open(after.astimezone(place))
    for step in steps:
        moment = after + timedelta(minutes=step)
        if turn is None or moment < turn:
            open_then = window.is_open(moment.astimezone(place))
            assert open_then == was, (turn, moment)
    if turn is not None:
        assert turn > after
        assert window.is_open(turn.astimezone(place)) != was


@given(windows(), st.integers(0, 6), minutes)
def test_the_week_of_a_window_is_what_it_is_open_in(window: Window, day: int, minute: int) -> None:
    pattern = Window(weekdays=window.weekdays, from_minute=window.from_minute, to_minute=window.to_minute)
    local = datetime(2026, 6, 1 + day, minute // 60, minute % 60, tzinfo=UTC)  # 1 June 2026 is a Monday
    assert bool(week_of(pattern) >> (day * 1440 + minute) & 1) == pattern.is_open(local)


@st.composite
def lists(draw: st.DrawFn) -> list[Offer]:
    made = []
    for number in range(draw(st.integers(0, 6))):
        of = price_list(
            number,
            priority=draw(st.integers(0, 2)),
            window=draw(windows()),
            stores=draw(st.none() | st.sampled_from([frozenset({ALT}), frozenset({HAF}), frozenset({ALT, HAF})])),
            group=draw(st.none() | st.sampled_from(["staff", "trade"])),
            currency=draw(st.sampled_from(["EUR", "USD", "GBP"])),
            includes_tax=draw(st.sampled_from([None, True, False])),
        )
        made += [
            Offer(of, draw(st.integers(0, 10**8)), least)
            for least in draw(st.sets(st.sampled_from([0, 6000]), min_size=1))
        ]
    return made


@given(lists(), moments, st.sampled_from([None, "staff"]), st.integers(0, 9000), st.randoms(use_true_random=False))
def test_the_answer_is_the_first_of_those_that_hold_in_whatever_order_they_come(
    offers: list[Offer], at: datetime, group: str | None, quantity: int, random: object
) -> None:
    terms = Terms(currency("EUR"), prices_include_tax=True, rates={"USD": [(date(2026, 6, 1), 920_000_000)]})
    occasion = Occasion(ALT, at.astimezone(BERLIN), group, quantity)
    found = resolve(500, offers, occasion, terms, 190_000)
    shuffled = list(offers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = resolve(500, shuffled, occasion, terms, 190_000)
    assert (again.price_minor, again.of) == (found.price_minor, found.of)
    held = [offer for offer in offers if holds(offer.of, occasion) and offer.min_milli <= quantity]
    priced = [(offer, in_own_money(offer, terms, occasion.local.date(), 190_000)) for offer in held]
    usable = [(offer, price) for offer, price in priced if price is not None]
    if found.of is None:
        assert (usable, found.price_minor) == ([], 500)
    else:
        best = {}
        for offer, price in sorted(usable, key=lambda one: one[0].min_milli):
            best[offer.of.id] = rank(offer.of, price)
        assert rank(found.of, found.price_minor) == min(best.values())
    assert len(found.steps) == len({offer.of.id for offer in offers})
    assert [step.verdict for step in found.steps].count("chosen") == (found.of is not None)


def test_a_rate_of_one_changes_nothing() -> None:
    terms = Terms(currency("EUR"), prices_include_tax=True, rates={"GBP": [(date(2026, 1, 1), BILLION)]})
    assert in_own_money(Offer(price_list(1, currency="GBP"), 123), terms, date(2026, 1, 1), 0) == 123
