"""Parts of a tax add up exactly, compound ones stand on the others, rates have dates, exemptions end."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.catalog.taxes.rules import (
    Exemption,
    Part,
    PartTotal,
    effective_parts,
    exempt_classes,
    mapped,
    rate_at,
    returned,
    split,
    whole_rate,
)

GST = (Part("CGST", 90_000), Part("SGST", 90_000))
QUEBEC = (Part("GST", 50_000), Part("QST", 95_000, compound=True))


def test_parts_side_by_side_add_their_rates() -> None:
    assert whole_rate(GST) == 180_000
    assert whole_rate((Part("IGST", 180_000),)) == 180_000


def test_a_compound_part_is_a_tax_on_the_tax_too() -> None:
    assert whole_rate(QUEBEC) == 149_750  # 5 % + 9.5 % of 105 %


@pytest.mark.parametrize(
    ("tax", "expected"), [(1800, [900, 900]), (15, [8, 7]), (1, [1, 0]), (0, [0, 0]), (-15, [-8, -7])]
)
def test_an_odd_unit_goes_to_the_first_of_equal_parts(tax: int, expected: list[int]) -> None:
    assert [part.tax for part in split(tax, GST)] == expected


def test_compound_parts_share_by_what_they_really_take() -> None:
    assert [part.tax for part in split(14_975, QUEBEC)] == [5000, 9975]


parts = st.lists(
    st.builds(Part, st.sampled_from(["A", "B", "C"]), st.integers(0, 400_000), st.booleans()), min_size=1, max_size=4
).filter(lambda some: any(part.rate_micros for part in some))


@given(parts, st.integers(-(10**12), 10**12))
def test_parts_always_add_up_and_each_is_its_share_rounded(some: list[Part], tax: int) -> None:
    shares = split(tax, some)
    exact = effective_parts(some)
    assert sum(part.tax for part in shares) == tax
    for share, quota in zip(shares, exact, strict=True):
        assert abs(share.tax - tax * quota / sum(exact)) < 1


@given(parts, st.integers(0, 10**9), st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_returns_give_each_part_back_to_the_last_unit(some: list[Part], tax: int, cuts: list[int]) -> None:
    sold = split(tax, some)
    marks = [0, *sorted(tax * cut // 100 for cut in cuts), tax]
    before = [0] * len(sold)
    for last, now in pairwise(marks):
        back = returned(sold, before, last - now)
        assert sum(part.tax for part in back) == last - now
        before = [was + part.tax for was, part in zip(before, back, strict=True)]
    assert before == [-part.tax for part in sold]


def test_a_rate_holds_from_its_day_on() -> None:
    history = [(date(2020, 7, 1), 160_000), (date(2021, 1, 1), 190_000)]
    asked = [date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1)]
    assert [rate_at(history, day, 190_000) for day in asked] == [190_000, 160_000, 160_000, 190_000]


def test_an_exemption_holds_on_its_days_for_its_customer() -> None:
    some = [
        Exemption(UUID(int=1), "embassy", None, date(2026, 1, 1), date(2026, 12, 31)),
        Exemption(UUID(int=2), "clinic", "R", date(2026, 6, 1), None),
    ]
    assert exempt_classes(some, "embassy", date(2026, 12, 31)) == {None}
    assert exempt_classes(some, "embassy", date(2027, 1, 1)) == set()
    assert exempt_classes(some, "clinic", date(2026, 5, 31)) == set()
    assert exempt_classes(some, "clinic", date(2030, 1, 1)) == {"R"}
    assert exempt_classes(some, "nobody", date(2026, 6, 6)) == set()


def test_a_position_maps_what_it_names() -> None:
    assert [mapped({"S": "R"}, code) for code in ("S", "R", "Z")] == ["R", "R", "Z"]


def test_a_tax_of_nothing_has_parts_of_nothing() -> None:
    assert split(0, (Part("A", 0),)) == [PartTotal("A", 0, 0)]
