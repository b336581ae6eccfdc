"""Numbers stand before the form of the noun that they ask for."""

from __future__ import annotations

import pytest

from retail.foresight.supposing import Levers
from retail.foresight.supposing_words import lever_words
from retail.recommending.rules import Together
from retail.recommending.words import support_words
from retail.risk.words import why


@pytest.mark.parametrize(("minutes", "said"), [(1, "in 1 minute on"), (60, "in 60 minutes on")])
@pytest.mark.parametrize("kind", ["void", "no_sale", "override"])
def test_minutes_of_a_rule(kind: str, minutes: int, said: str) -> None:
    assert said in why(kind, 2, minutes)


def test_days_of_lead_time_and_baskets() -> None:
    assert lever_words(Levers(lead=1), "en") == ["1 day of lead time"]
    assert lever_words(Levers(lead=3), "en") == ["3 days of lead time"]
    assert support_words(Together(1, 1, 1, 1), "en") == "in 1 of 1 basket"
    assert support_words(Together(1, 3, 1, 3), "en") == "in 1 of 3 baskets"
