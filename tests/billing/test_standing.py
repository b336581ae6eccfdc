"""The one function that decides how a business stands with its bills."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.tenants.standing import HELD, STEPS, Dues, Standing, decide, held_at

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEVERITY = ["trial", "active", *(status for _after, status in STEPS)]
moments = st.integers(-200, 200).map(lambda hours: START + timedelta(hours=hours * 13))
dues = st.builds(
    Dues, trial_ends_at=st.none() | moments, subscribed=st.booleans(), unpaid_since=st.none() | moments
)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "status", "following", "in_days"),
    [
        (-1, "active", "past_due", 0),
        (0, "past_due", "grace", 7),
        (6, "past_due", "grace", 7),
        (7, "grace", "read_only", 14),
        (14, "read_only", "suspended", 28),
        (28, "suspended", "closed", 90),
        (90, "closed", None, None),
    ],
)
def test_the_table_of_an_unpaid_invoice(days: int, status: str, following: str | None, in_days: int | None) -> None:
    found = decide(Dues(None, True, START), START + days * DAY)
    coming = None if in_days is None else START + in_days * DAY
    assert found == Standing(status, START, following, coming)


def test_a_trial_that_nobody_subscribed_after_is_owed_from_its_end_on() -> None:
    trial = Dues(START)
    assert decide(trial, START - DAY) == Standing("trial", START, "past_due", START)
    assert decide(trial, START) == Standing("past_due", START, "grace", START + 7 * DAY)


def test_a_trial_with_a_chosen_plan_becomes_active_by_itself() -> None:
    trial = Dues(START, True)
    assert decide(trial, START - DAY) == Standing("trial", None, "active", START)
    assert decide(trial, START) == Standing("active")
    assert decide(Dues(START, True, START + 14 * DAY), START - DAY).next == "active"


def test_one_paid_invoice_does_not_help_while_an_older_one_is_unpaid() -> None:
    older = Dues(None, True, START)
    assert decide(older, START + 30 * DAY).status == "suspended"
    newer = Dues(None, True, START + 28 * DAY)
    assert decide(newer, START + 30 * DAY).status == "past_due"


@given(dues, moments)
def test_what_comes_next_lies_ahead_and_is_what_comes(known: Dues, now: datetime) -> None:
    found = decide(known, now)
    if found.next is None:
        assert found.next_at is None
        return
    assert found.next_at is not None
    assert found.next_at > now
    assert decide(known, found.next_at).status == found.next
    assert decide(known, found.next_at - timedelta(microseconds=1)).status == found.status


@given(dues, moments, moments)
def test_it_only_gets_worse_while_nothing_is_paid(known: Dues, one: datetime, other: datetime) -> None:
    early, late = sorted((one, other))
    assert SEVERITY.index(decide(known, early).status) <= SEVERITY.index(decide(known, late).status)


@given(dues, moments)
def test_whoever_owes_nothing_is_never_frozen(known: Dues, now: datetime) -> None:
    paid = Dues(known.trial_ends_at, True, None)
    assert decide(paid, now).status in {"trial", "active"}


@given(dues, moments, st.sampled_from(sorted(HELD)))
def test_bills_neither_make_nor_end_what_others_hold(known: Dues, now: datetime, held: str) -> None:
    assert decide(known, now, held).status == held
    assert decide(known, now, "grace") == decide(known, now)


@given(dues, moments)
def test_asked_twice_it_says_the_same(known: Dues, now: datetime) -> None:
    found = decide(known, now)
    assert decide(known, now, found.status) in {found, Standing("closed", found.owed_since)}


@given(dues, moments)
def test_the_banner_names_the_step_that_the_decision_names(known: Dues, now: datetime) -> None:
    found = decide(known, now)
    if found.status in SEVERITY[2:-1]:
        assert held_at(found.status, found.owed_since) == found
    else:
        assert held_at(found.status, found.owed_since).next is None
