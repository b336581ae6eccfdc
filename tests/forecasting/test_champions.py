"""Which model is used, and when none is better than the seasonal naive."""

from __future__ import annotations

import math

from retail.forecasting.champions import choose

NAIVE = {"naive": 1.0}


def test_a_challenger_takes_over_that_is_clearly_better_in_two_of_three_rounds() -> None:
    rounds = [NAIVE | {"ridge": 0.9}, NAIVE | {"ridge": 0.94}, NAIVE | {"ridge": 0.99}]
    made = choose(rounds, "naive", ["ridge"])
    assert (made.model, made.changed, made.better_in, made.rounds) == ("ridge", True, 2, 3)
    assert round(made.gain, 6) == round(1 - (0.9 + 0.94 + 0.99) / 3, 6)


def test_five_percent_alone_is_not_clearly_better() -> None:
    rounds = [NAIVE | {"ridge": 0.95}] * 3
    made = choose(rounds, "naive", ["ridge"])
    assert (made.model, made.changed, made.better_in) == ("naive", False, 0)


def test_one_good_round_is_not_enough() -> None:
    rounds = [NAIVE | {"ridge": 0.1}, NAIVE | {"ridge": 0.96}, NAIVE | {"ridge": 0.96}]
    assert not choose(rounds, "naive", ["ridge"]).changed


def test_the_best_on_average_challenges() -> None:
    rounds = [NAIVE | {"ridge": 0.8, "blend": 0.6}] * 3
    assert choose(rounds, "naive", ["ridge", "blend"]).model == "blend"
    assert choose(rounds, "blend", ["ridge", "naive"]).model == "blend"


def test_what_is_not_known_does_not_count() -> None:
    rounds = [NAIVE | {"ridge": math.nan}, NAIVE, NAIVE | {"ridge": 0.5}]
    made = choose(rounds, "naive", ["ridge"])
    assert (made.model, made.rounds) == ("ridge", 1)
    assert choose([{"ridge": 0.5}], "naive", ["ridge"]).model == "naive"
    assert choose([], "naive", ["ridge"]).model == "naive"
