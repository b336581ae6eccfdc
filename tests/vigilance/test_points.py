"""A receipt's score is a sum that can be explained: the same facts give the same, and worse facts never less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.money import currency, format_money
from retail.sales.risk_words import in_short, level_words, reason_words
from retail.sales.risks import CHOICES, Reason, Risk
from retail.vigilance.points import Facts, Fired, Habit, Usual, facts_json, score

STORE = Usual(
    sales=4000, refunds=60, discounts=120, sale_marks=(4_000, 9_000, 12_000), refund_marks=(2_000, 3_000, 5_000),
    discount_marks=(200, 300, 500), hours=dict.fromkeys(range(9, 19), 400), tenders={"cash": 2500, "card": 1500},
)  # fmt: skip
PLAIN = Facts(refund=False, amount=1_250, hour=11, tenders=frozenset({"cash"}), lines=3)


def told(facts: Facts, usual: Usual = STORE) -> dict[str, int]:
    return {one.code: one.points for one in score(facts, usual).reasons}


def test_a_plain_sale_has_no_points() -> None:
    assert (score(PLAIN, STORE).points, told(PLAIN), score(PLAIN, STORE).level()) == (0, {}, "low")


def test_the_worked_example_of_the_documentation() -> None:
    """docs/algorithms/risk.md, 7: Ben takes 60.00 back without a receipt, in cash, at half past seven."""
    refund = Facts(
        refund=True, amount=6_000, hour=19, tenders=frozenset({"cash"}), lines=1, blind=True,
        habits=(Habit("refund_blind", Decimal("4.2"), Decimal("0.0004")),),
    )  # fmt: skip
    assert told(refund) == {"blind": 30, "blind_cash": 15, "amount": 15, "habit": 15, "hour": 10}
    assert (score(refund, STORE).points, score(refund, STORE).level()) == (85, "high")
    assert (score(PLAIN, STORE).points, told(replace(PLAIN, hour=19))) == (0, {"hour": 10})


@pytest.mark.parametrize(
    ("change", "code", "points"),
    [
        ({"fired": (Fired("override"),)}, "rule", 20),
        ({"below_cost": True}, "below_cost", 25),
        ({"voided": 2}, "voids", 20),
        ({"late_voids": 1}, "late_voids", 15),
        ({"amount": 4_001}, "amount", 5),
        ({"amount": 9_001}, "amount", 10),
        ({"by_hand": 210, "listed": 1_000}, "discount", 8),
        ({"by_hand": 510, "listed": 1_000}, "discount", 20),
        ({"hour": 3}, "hour", 10),
        ({"tenders": frozenset({"gift_card"})}, "tender", 5),
        ({"refund": True, "own": True}, "own", 10),
        ({"refund": True, "cash_for": "card"}, "other_tender", 15),
        ({"habits": (Habit("price", Decimal(2), Decimal("0.004")),)}, "habit", 8),
    ],
)
def test_each_part_alone(change: dict[str, Any], code: str, points: int) -> None:
    assert told(replace(PLAIN, **change)) == {code: points}


def test_an_unanswered_rule_weighs_more() -> None:
    assert told(replace(PLAIN, fired=(Fired("override", answered=False),))) == {"rule": 20, "unanswered": 15}


def test_a_young_store_is_compared_with_nothing_but_plain_shares_of_a_price() -> None:
    young = Usual(sales=12, sale_marks=(100, 100, 100), hours={11: 12}, tenders={"card": 12})
    assert told(replace(PLAIN, amount=900_000, hour=3, by_hand=100, listed=1_000), young) == {}
    assert told(replace(PLAIN, by_hand=201, listed=1_000), Usual()) == {"discount": 8}


def test_the_parts_are_what_the_score_is_but_never_more_than_a_hundred() -> None:
    everything = Facts(
        refund=True, amount=99_999, hour=3, tenders=frozenset({"cash"}), lines=1, voided=5, late_voids=2,
        fired=(Fired("refund", answered=False), Fired("override")), blind=True, own=True, cash_for="card",
    )  # fmt: skip
    found = score(everything, STORE)
    assert (found.points, sum(one.points for one in found.reasons) > 100) == (100, True)
    assert [one.points for one in found.reasons] == sorted((one.points for one in found.reasons), reverse=True)


seen = st.builds(
    Facts,
    refund=st.booleans(),
    amount=st.integers(0, 20_000),
    hour=st.integers(0, 23),
    by_hand=st.integers(0, 2_000),
    listed=st.integers(2_000, 20_000),
    below_cost=st.booleans(),
    tenders=st.frozensets(st.sampled_from(["cash", "card", "gift_card"]), min_size=1),
    lines=st.integers(1, 9),
    voided=st.integers(0, 9),
    late_voids=st.integers(0, 3),
    fired=st.lists(st.builds(Fired, st.sampled_from(["refund", "override"]), st.booleans()), max_size=2).map(tuple),
    blind=st.booleans(),
    own=st.booleans(),
    cash_for=st.sampled_from(["", "card"]),
    habits=st.lists(
        st.builds(
            Habit,
            st.sampled_from(["refund", "discount", "price"]),
            st.decimals("1.0", "9.0", places=1),
            st.decimals("0", "0.01", places=6),
        ),
        max_size=3,
    ).map(tuple),
)
WORSE: list[dict[str, Any]] = [
    {"below_cost": True}, {"blind": True}, {"own": True}, {"cash_for": "card"},
]  # fmt: skip


@given(seen)
def test_the_same_facts_give_the_same_score_within_bounds(facts: Facts) -> None:
    first, again = score(facts, STORE), score(facts, STORE)
    assert first == again
    assert 0 <= first.points <= 100
    assert first.points == min(100, sum(one.points for one in first.reasons))
    assert all(one.points > 0 for one in first.reasons)


@given(seen, st.integers(0, 5_000), st.integers(0, 3))
def test_more_of_anything_never_lowers_the_score(facts: Facts, more: int, times: int) -> None:
    points = score(facts, STORE).points
    for worse in (
        {"amount": facts.amount + more},
        {"by_hand": facts.by_hand + more},
        {"voided": facts.voided + times},
        {"late_voids": facts.late_voids + times},
        {"fired": (*facts.fired, *[Fired("override", answered=False)] * times)},
        {"habits": (*facts.habits, *[Habit("discount", Decimal(9), Decimal("0.0001"))] * times)},
        *WORSE,
    ):
        assert score(replace(facts, **worse), STORE).points >= points


@given(seen)
def test_every_reason_is_a_sentence_of_its_own(facts: Facts) -> None:
    reasons = score(facts, STORE).reasons
    said = [reason_words(one, lambda minor: format_money(minor, currency("EUR"), "en")) for one in reasons]
    assert all(one.endswith(".") and "%(" not in one for one in said)
    kept = facts_json(reasons)
    assert [(one["code"], one["points"]) for one in kept] == [(one.code, one.points) for one in reasons]


def test_how_high_it_is_is_said_and_so_is_that_nobody_looked() -> None:
    risk = Risk(12, "low", (Reason("hour", 10, {"hour": 3, "often": 0}),), datetime.now(UTC), None)
    assert in_short(risk) == "Risk: 12 of 100, low"
    assert in_short(None) == "Not looked at yet"
    assert [level_words(one) for one in CHOICES] == ["High", "Middle", "Low", "Not looked at yet"]
