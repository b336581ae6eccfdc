"""Two forms of the same thing meet: what one never touched is the other's, what both changed is shown side by side."""

from __future__ import annotations

import pytest

from retail.runtime.web.meeting import Met, meet, packed, unpacked, was_in

WAS = {"name": "Milk", "price": "1.35", "barcodes": "1\n2", "favourite": "on"}


@pytest.mark.parametrize(
    ("typed", "now", "values", "stored"),
    [
        ({"price": "1.50"}, {}, {"price": "1.50"}, {}),
        ({}, {"name": "Fresh milk"}, {"name": "Fresh milk"}, {"name": "Fresh milk"}),
        (
            {"price": "1.50"},
            {"price": "1.40", "name": "Fresh"},
            {"price": "1.50", "name": "Fresh"},
            {"price": "1.40", "name": "Fresh"},
        ),
        ({"price": "1.50"}, {"price": "1.50"}, {"price": "1.50"}, {"price": "1.50"}),
        ({"barcodes": "1\r\n2 "}, {"barcodes": "3"}, {"barcodes": "3"}, {"barcodes": "3"}),
        ({"favourite": ""}, {}, {"favourite": ""}, {}),
        ({"name": ""}, {"name": "Fresh"}, {"name": ""}, {"name": "Fresh"}),
    ],
)
def test_what_was_typed_meets_what_is_stored_and_only_the_others_changes_are_marked(
    typed: dict[str, str], now: dict[str, str], values: dict[str, str], stored: dict[str, str]
) -> None:
    found = meet(WAS | typed, WAS, WAS | now)
    assert found == Met(WAS | now | values, stored, {name: WAS[name] for name in stored})


def test_without_knowing_what_was_there_everything_counts_as_touched() -> None:
    assert meet({"name": "Typed"}, {}, {"name": "Stored", "code": "T1"}) == Met(
        {"name": "Typed", "code": ""}, {"name": "Stored", "code": "T1"}
    )


def test_a_form_carries_what_was_there() -> None:
    assert was_in({"was.name": "Milk", "name": "Cream"}) == {"name": "Milk"}
    assert unpacked(packed(WAS)) == WAS
    assert [unpacked(text) for text in ("", "{", "[1]", '{"a":1}')] == [{}, {}, {}, {}]
