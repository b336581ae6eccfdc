"""Errors of demand over some days together: by hand, and mixed of a product's own and those of all."""

from __future__ import annotations

import numpy as np
import pytest

from retail.forecasting.ordering import errors, quantiles

NAN = float("nan")


def test_errors_of_spans_by_hand() -> None:
    said = np.array([[1.0, 1.0, 2.0, 0.5]])
    sold = np.array([[3.0, 0.0, 2.0, NAN]])
    found = errors(said, sold, 2)
    assert found[0] == pytest.approx([1 / np.sqrt(2.5), -1 / np.sqrt(3.5), 0.0])
    assert errors(said, sold, 4)[0] == pytest.approx([1 / np.sqrt(4.5)]), "the day that isn't scored counts on no side"


def test_a_span_begins_up_to_four_weeks_after_the_forecast() -> None:
    assert errors(np.ones((2, 90)), np.ones((2, 90)), 10).shape == (2, 29)
    assert errors(np.ones((2, 90)), np.ones((2, 90)), 80).shape == (2, 11)


def test_own_errors_weigh_by_how_many_spans_there_were() -> None:
    found = np.array([[2.0] * 4, [0.0] * 4, [NAN] * 4])
    made = quantiles(found, [0.5], np.array([30.0, 15.0, 0.0]))
    assert made[:, 0] == pytest.approx([0.7 * 2 + 0.3 * 1, 0.65 * 1, 1.0])


def test_quantiles_rise_with_their_share() -> None:
    chance = np.random.default_rng(3)
    made = quantiles(chance.normal(size=(7, 40)), [0.1, 0.5, 0.9], np.full(7, 9.0))
    assert (np.diff(made, axis=1) >= 0).all()


def test_without_an_error_there_is_nothing_to_say() -> None:
    with pytest.raises(ValueError, match="at least one error"):
        quantiles(np.array([[NAN]]), [0.5], np.array([0.0]))
