"""Which days, which method, which figures: docs/algorithms/also-bought.md, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail.recommending.rules import Together, method, pair, window
from retail.recommending.words import lift_words, support_words

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(("sales", "days"), [(0, 365), (100_000, 365), (100_001, 90)])
def test_a_year_is_read_or_a_quarter_where_that_is_enough(sales: int, days: int) -> None:
    assert window(TODAY, sales).first == TODAY - timedelta(days=days)
    assert window(TODAY, sales).last == TODAY


@pytest.mark.parametrize(
    ("baskets", "products", "way"),
    [(499, 10, "cosine"), (500, 10, "ease"), (500, 5_000, "ease"), (500, 5_001, "both"), (499, 9_000, "cosine")],
)
def test_the_method_follows_from_how_many_there_are(baskets: int, products: int, way: str) -> None:
    assert method(baskets, products) == way


def test_figures_of_the_worked_table() -> None:
    butter = Together(4, 6, 4, 8)
    assert (butter.lift, butter.share) == (Decimal("1.33"), Decimal("0.6667"))
    assert Together(2, 6, 4, 8).lift == Decimal("0.67")
    assert Together(1, 4, 4, 8).lift == Decimal("0.50")
    assert Together(0, 0, 0, 0).lift == Together(0, 0, 0, 0).share == 0


@pytest.mark.parametrize(
    ("together", "words"),
    [
        (Together(8, 100, 10, 100), "less often than by chance"),
        (Together(10, 100, 10, 100), "about as often as by chance"),
        (Together(132, 900, 150, 3477), "3.4 times as often as by chance"),
        (Together(10, 10, 10, 1_234), "123 times as often as by chance"),
    ],
)
def test_a_lift_is_said_in_words(together: Together, words: str) -> None:
    assert lift_words(together, "en-GB") == words


def test_support_is_said_of_the_baskets_with_the_product() -> None:
    assert support_words(Together(132, 900, 150, 3477), "en-GB") == "in 132 of 900 baskets"
    assert support_words(Together(1320, 9000, 1500, 34770), "en-GB") == "in 1,320 of 9,000 baskets"


def test_a_pair_is_kept_once_however_it_was_said() -> None:
    one, two = UUID(int=1), UUID(int=2)
    assert pair(one, two) == pair(two, one) == (one, two)
    assert pair(two, None) == (two, None)
