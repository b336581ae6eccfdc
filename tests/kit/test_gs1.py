"""The server's half of tests/vectors/gs1.json; tests/kiosk/test_kiosk_gs1.py is the till's."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.barcode import right_digit, value_check_digit
from retail.kit.gs1 import (
    GS,
    Identifier,
    NotGs1,
    check_digit,
    day_of,
    element_string,
    elements,
    from_brackets,
    from_link,
    identifiers,
)
from retail.kit.gs1_table import TABLE

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "gs1.json").read_text())


def pairs(text: str) -> list[list[str]]:
    return [[element.ai, element.text] for element in elements(text)]


@pytest.mark.parametrize("case", VECTORS["strings"], ids=lambda case: case["name"])
def test_an_element_string_is_read_or_refused_as_the_table_says(case: dict[str, Any]) -> None:
    if "elements" in case:
        assert pairs(case["text"]) == case["elements"]
        return
    with pytest.raises(NotGs1) as refused:
        elements(case["text"])
    assert [refused.value.wrong, refused.value.ai] == [case["wrong"], case["ai"]]


@pytest.mark.parametrize("case", VECTORS["links"], ids=lambda case: case["text"])
def test_a_link_holds_elements_or_is_refused(case: dict[str, Any]) -> None:
    if "elements" in case:
        assert pairs(from_link(case["text"])) == case["elements"]
        return
    with pytest.raises(NotGs1) as refused:
        from_link(case["text"])
    assert [refused.value.wrong, refused.value.ai] == [case["wrong"], case["ai"]]


@pytest.mark.parametrize(("text", "year", "day"), VECTORS["days"])
def test_the_century_and_the_last_day_of_a_month_follow_from_the_year(text: str, year: int, day: str | None) -> None:
    assert day_of(text, year) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(("value", "digit"), VECTORS["value_check_digits"])
def test_a_price_or_weight_has_its_own_check_digit(value: str, digit: int) -> None:
    assert value_check_digit(value) == digit


def test_the_till_has_the_same_table() -> None:
    script = (ROOT / "kiosk" / "till" / "gs1_table.js").read_text()
    assert script.partition("`")[2].rpartition("`")[0] == TABLE


def test_no_identifier_begins_with_another_one() -> None:
    known = identifiers()
    assert [ai for ai in known for short in (ai[:2], ai[:3]) if short != ai and short in known] == []
    assert len(known) == 522


def test_identifiers_of_one_beginning_are_all_of_a_known_length_or_none() -> None:
    """GS1 General Specifications, figure 7.8.5-2: a reader must know by two digits whether a separator will come."""
    beginnings = {"00", "01", "02", "11", "12", "13", "15", "16", "17", "20", *map(str, range(31, 37)), "41"}
    for identifier in identifiers().values():
        assert identifier.fixed == (identifier.ai[:2] in beginnings), identifier.ai
        total = {"00": 20, "01": 16, "02": 16, "20": 4, "41": 16} | dict.fromkeys(map(str, range(11, 18)), 8)
        if identifier.fixed:
            assert len(identifier.ai) + identifier.most == total.get(identifier.ai[:2], 10)


def test_brackets_below_a_symbol_are_read_like_the_symbol() -> None:
    assert from_brackets("(01)04006381333931 (10)LOT7 (17)261231") == f"010400638133393110LOT7{GS}17261231"
    for wrong in ("04006381333931", "(01)04006381333932", "x(01)04006381333931", "(04)1"):
        with pytest.raises(NotGs1):
            from_brackets(wrong)


def _data(identifier: Identifier) -> st.SearchStrategy[str]:
    sets = {"n": "0123456789", "x": "ABCabc019-./_", "y": "ABC019-/#", "z": "ABCabc019_-="}
    drawn = []
    for part in identifier.parts:
        if part.kind == "c":
            body = st.text("0123456789", min_size=part.most - 1, max_size=part.most - 1)
            drawn.append(body.map(lambda text: text + str(check_digit(text))))
        elif part.kind in {"d", "D"}:
            drawn.append(st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%y%m%d}"))
        elif part.kind in {"t", "h"}:
            drawn.append(st.just("1230" if part.kind == "t" else "26123123"))
        else:
            drawn.append(st.text(sets[part.characters], min_size=part.least, max_size=part.most))
    return st.tuples(*drawn).map("".join)


ANY = st.sampled_from(sorted(identifiers().values(), key=lambda one: one.ai))
PAIRS = st.lists(
    ANY.flatmap(lambda one: st.tuples(st.just(one.ai), _data(one))),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one[0],
)


@given(PAIRS)
def test_what_was_written_is_read_again(wanted: list[tuple[str, str]]) -> None:
    assert pairs(element_string(wanted)) == [list(pair) for pair in wanted]


@given(st.text(alphabet="0123456789AZ\x1d", max_size=40))
def test_any_text_is_read_or_refused_and_what_was_read_writes_the_same_data(text: str) -> None:
    try:
        found = elements(text)
    except NotGs1:
        return
    again = element_string([(element.ai, element.text) for element in found])
    assert elements(again) == found


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, off: int) -> None:
    code = body[:12] + str(check_digit(body[:12]))
    wrong = code[:place] + str((int(code[place]) + off) % 10) + code[place + 1 :]
    assert right_digit(code) is None
    assert right_digit(wrong) == check_digit(wrong[:-1])
