"""The server's engine gives what exact fractions give, case by case."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from retail.sales.rules import PRICING_VERSION, SoldLine, cash_due, line_cost, return_lines
from tests.sales.pricing_cases import figures, priced
from tests.vectors.make_pricing_vectors import FILE, document


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_generator_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == document()


def test_there_are_enough_cases_and_they_are_of_this_version(vectors: dict[str, Any]) -> None:
    assert vectors["version"] == PRICING_VERSION
    assert [len(vectors[name]) for name in ("baskets", "returns", "cash", "costs")] == [2515, 500, 300, 200]


def test_every_basket_is_priced_as_by_fractions(vectors: dict[str, Any]) -> None:
    for inclusive, discount, asked, *expected in vectors["baskets"]:
        assert list(figures(priced((bool(inclusive), discount, asked)))) == expected, (inclusive, discount, asked)


def test_every_return_gives_back_as_by_fractions(vectors: dict[str, Any]) -> None:
    for inclusive, (quantity, amount, discount, tax, cost), pieces in vectors["returns"]:
        for before, after, expected in pieces:
            sold = SoldLine("x", quantity, 1, amount, discount, tax, 1, "t", cost, before)
            [line] = return_lines([sold], {"x": after - before}, prices_include_tax=bool(inclusive)).lines
            assert [line.amount, line.discount, line.net, line.tax, line.cost] == expected, (sold, after)


def test_all_cash_is_rounded_as_by_fractions(vectors: dict[str, Any]) -> None:
    for total, part, unit, expected in vectors["cash"]:
        due = cash_due(total, part, unit)
        assert [due.cash, due.rounding, due.due] == expected, (total, part, unit)


def test_every_cost_is_as_by_fractions(vectors: dict[str, Any]) -> None:
    for unit_cost, quantity, expected in vectors["costs"]:
        assert line_cost(Decimal(unit_cost), quantity) == expected, (unit_cost, quantity)
