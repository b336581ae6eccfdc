"""The rules of risk, by the vectors that the till runs too, and by what must hold whatever the acts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.risk.rules import DAY_MS, KINDS, MINUTE_MS, Act, Rule, fired, rules_of, runs, seen
from retail.tenants.settings import SETTINGS

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors/risk.json").read_text())["cases"]

ACTS = st.lists(
    st.builds(
        Act,
        id=st.integers(0, 60).map(str),
        kind=st.sampled_from(KINDS),
        cashier=st.sampled_from(["ada", "ben", ""]),
        at=st.integers(0, 40 * MINUTE_MS),
        gap=st.none() | st.integers(0, 90 * MINUTE_MS),
        undone=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda act: act.id,
)
RULES = st.builds(
    Rule,
    kind=st.sampled_from(KINDS),
    outcome=st.sampled_from(["none", "alert"]),
    least=st.integers(1, 6),
    minutes=st.integers(1, 60),
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vectors(case: dict[str, Any]) -> None:
    act, others = Act(**case["act"]), [Act(**one) for one in case["others"]]
    assert seen(Rule(**case["rule"]), act, others) == case["seen"]


@given(RULES, ACTS)
def test_the_fast_way_over_many_acts_says_the_same_as_one_by_one(rule: Rule, acts: list[Act]) -> None:
    slow = {act.id: evidence for act in acts if (evidence := seen(rule, act, acts))}
    assert {act.id: evidence for act, evidence in fired(rule, acts)} == slow


@given(RULES, ACTS, st.randoms())
def test_the_order_in_which_acts_arrive_changes_nothing(rule: Rule, acts: list[Act], chance: Any) -> None:
    shuffled = list(acts)
    chance.shuffle(shuffled)
    assert fired(rule, shuffled) == fired(rule, acts)


@given(RULES, ACTS)
def test_evidence_holds_the_act_its_cashiers_alone_and_enough(rule: Rule, acts: list[Act]) -> None:
    by_id = {act.id: act for act in acts}
    for act, evidence in fired(rule, acts):
        assert evidence[-1] == act.id or by_id[evidence[-1]].at == act.at
        assert act.id in evidence
        assert len(evidence) >= rule.least
        assert {by_id[id].cashier for id in evidence} == {act.cashier}
        assert all(act.at - by_id[id].at < DAY_MS for id in evidence)


@given(ACTS)
def test_a_tighter_rule_never_asks_less(acts: list[Act]) -> None:
    loose, tight = Rule("no_sale", "alert", 3, 10), Rule("no_sale", "alert", 2, 10)
    assert len(fired(tight, acts)) >= len(fired(loose, acts))
    assert runs(fired(loose, acts)) <= len(fired(loose, acts))


def test_ten_acts_that_hang_together_are_one_alert_and_a_pause_begins_another() -> None:
    acts = [Act(str(n), "no_sale", "ada", n * MINUTE_MS) for n in (*range(10), *range(200, 204))]
    found = fired(Rule("no_sale", "alert", 3, 60), acts)
    assert (len(found), runs(found)) == (8 + 2, 2)


def test_every_kind_has_its_settings_and_their_defaults_are_a_rule() -> None:
    rules = rules_of({one.key: one.default for one in SETTINGS})
    assert set(rules) == set(KINDS)
    assert {rule.outcome for rule in rules.values()} == {"alert"}
    assert [(rule.least, rule.minutes) for rule in rules.values()] == [(2, 60), (4, 60), (1, 30), (6, 60)]
