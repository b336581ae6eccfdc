"""The server's engine takes off what the referee takes off, case by case."""

from __future__ import annotations

from collections import Counter

from retail.promotions.rules import PROMOTIONS_VERSION
from tests.promotions.promotion_cases import figures, vectors, worked_out
from tests.vectors.make_promotion_vectors import CASES, FILE, KINDS, document


def test_the_file_of_promotions_is_what_the_referee_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == document()


def test_every_kind_and_every_verdict_is_among_the_cases() -> None:
    found = vectors()
    used: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for case in found["cases"]:
        for offer, (state, *_) in zip(case["offers"], case["verdicts"], strict=True):
            states[state] += 1
            used[offer["kind"]] += state == "used"
    assert found["version"] == PROMOTIONS_VERSION
    assert len(found["cases"]) == CASES
    assert set(states) == {"used", "time", "store", "group", "coupon", "goods", "few", "taken", "none"}
    assert min(used[kind] for kind in KINDS) >= 20, used


def test_every_basket_comes_out_as_piece_by_piece() -> None:
    for case in vectors()["cases"]:
        outcome = figures(worked_out(case["items"], case["offers"], case["at"]))
        assert outcome == {"lines": case["lines"], "verdicts": case["verdicts"]}, case
