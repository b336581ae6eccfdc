"""What an approval is bound to, and how large a discount is: the till's vectors too, and what must hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.identity.approval_rules import Act, ActLine, act_hash, asks_of, percent, plain_percent
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.runtime.tenancy import Actor, Right, Scope

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/approvals.json").read_text())


def act_of(given: dict[str, Any]) -> Act:
    lines = [
        ActLine(
            UUID(one["id"]),
            UUID(one["product"]) if one["product"] else None,
            one["quantity_milli"],
            one["unit_price"],
            one["discount"],
            one.get("list_price"),
            one.get("off", 0),
        )
        for one in given["lines"]
    ]
    return Act(UUID(given["id"]), given["discount"], lines)


def test_percents_are_as_the_vectors_say() -> None:
    assert [percent(off, amount) for off, amount, _wanted in VECTORS["percents"]] == [
        wanted for _off, _amount, wanted in VECTORS["percents"]
    ]


def test_acts_have_the_hashes_and_take_the_rights_of_the_vectors() -> None:
    for one in VECTORS["acts"]:
        assert (act_hash(act_of(one["act"])), asks_of(act_of(one["act"]))) == (one["hash"], one["asks"]), one["name"]


def test_decisions_are_as_the_vectors_say() -> None:
    for right, amount, wanted in VECTORS["decisions"]:
        rights = {"discount": Right(**right), "sell": Right()} if right else {"sell": Right()}
        scope = Scope(new_id(), Actor("person", new_id(), "Anna"), frozenset(rights), rights=rights)
        assert scope.decide("discount", amount) == wanted, (right, amount)


@given(st.integers(1, 10**9), st.integers(0, 10_000))
def test_a_discount_of_a_percentage_is_never_more_than_that_percentage(amount: int, basis_points: int) -> None:
    off = mul_div(amount, basis_points, 10_000)
    assert percent(off, amount) <= basis_points
    assert mul_div(amount, percent(off, amount), 10_000) >= off


@given(st.integers(0, 5), st.integers(-5, 5).filter(bool))
def test_whatever_is_changed_has_another_hash(place: int, by: int) -> None:
    line = ActLine(UUID(int=1), UUID(int=2), 1000, 420, 42, 500)
    act = Act(UUID(int=3), 10, [line])
    changed = [
        Act(UUID(int=3 + abs(by)), 10, [line]),
        Act(UUID(int=3), 10 + by, [line]),
        Act(UUID(int=3), 10, [ActLine(line.id, line.product, 1000 + by, 420, 42, 500)]),
        Act(UUID(int=3), 10, [ActLine(line.id, line.product, 1000, 420 + by, 42, 500)]),
        Act(UUID(int=3), 10, [ActLine(line.id, line.product, 1000, 420, 42 + by, 500)]),
        Act(UUID(int=3), 10, [line, line]),
    ][place]
    assert act_hash(changed) != act_hash(act)


@pytest.mark.parametrize("basis_points", [500, 1000, 1250, 1500, 2000, 5000, 10_000])
@pytest.mark.parametrize("price", [135, 420, 719, 1260, 99_999])
def test_the_percentage_that_is_shown_makes_the_same_discount_and_is_what_was_typed(
    basis_points: int, price: int
) -> None:
    off = mul_div(price, basis_points, 10_000)
    for act in (
        Act(UUID(int=1), off, [ActLine(UUID(int=2), None, 1000, price, off)]),
        Act(UUID(int=1), 0, [ActLine(UUID(int=2), None, 1000, price, off)]),
    ):
        shown = plain_percent(act)
        assert mul_div(price, shown, 10_000) == off
        assert shown == basis_points or basis_points % 100
