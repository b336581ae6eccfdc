"""What customers will spend: the formulas against published figures, and against made-up customers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from retail.segments import lifetime, reckoning, rules
from retail.segments.history import Stand, Visits, stand
from retail.segments.lifetime import Coming, Spending, expected_spend, expected_visits, fit_coming, fit_spending

CDNOW = Coming(0.243, 4.414, 0.793, 2.426)
"""Published parameters of the CDNOW customers, in weeks."""
CDNOW_SPEND = Spending(6.25, 3.74, 15.44)
TODAY = date(2026, 11, 20).toordinal()


def one(*values: float) -> list[np.ndarray]:
    return [np.array([value]) for value in values]


def test_the_published_customer_of_cdnow() -> None:
    """Fader, Hardie, Lee: a customer with 2 repeats, the last after 30.43 of 38.86 weeks, is expected 1.226 times."""
    assert expected_visits(CDNOW, 39.0, *one(2, 30.43, 38.86))[0] == pytest.approx(1.226, abs=0.001)
    assert expected_spend(CDNOW_SPEND, *one(2, 22.35))[0] == pytest.approx(24.66, abs=0.01)


def test_longer_is_more_and_silence_is_less() -> None:
    soon, later = (expected_visits(CDNOW, days, *one(4, 30, 38.86))[0] for days in (10.0, 40.0))
    assert 0 < soon < later
    silent, lately = (expected_visits(CDNOW, 39.0, *one(4, last, 38.86))[0] for last in (5, 38))
    assert silent < lately


def made_up(people: int, days: int, of: Coming, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make up histories by the model itself: repeats, recency, age."""
    chance = np.random.default_rng(seed)
    rates = chance.gamma(of.r, 1 / of.alpha, people)
    drops = chance.beta(of.a, of.b, people)
    ages = chance.uniform(days / 2, days, people)
    repeats, recency = np.zeros(people), np.zeros(people)
    for who in range(people):
        at = 0.0
        while True:
            at += chance.exponential(1 / rates[who])
            if at > ages[who]:
                break
            repeats[who], recency[who] = repeats[who] + 1, at
            if chance.random() < drops[who]:
                break
    return repeats, recency, ages


def test_the_parameters_of_made_up_customers_are_found_again() -> None:
    wanted = Coming(0.8, 30.0, 0.9, 3.0)
    found = fit_coming(*made_up(6_000, 400, wanted))
    assert (found.r, found.alpha) == (pytest.approx(0.8, rel=0.1), pytest.approx(30, rel=0.1))
    assert found.a / (found.a + found.b) == pytest.approx(0.9 / 3.9, rel=0.15)


def test_the_spending_of_made_up_customers_is_found_again() -> None:
    chance = np.random.default_rng(8)
    many = chance.integers(2, 20, 5_000).astype(float)
    scales = chance.gamma(4.0, 1 / 60.0, 5_000)
    means = chance.gamma(3.0 * many, 1 / (scales * many))
    found = fit_spending(many, means)
    told = expected_spend(found, many, means)
    assert told.mean() == pytest.approx(means.mean(), rel=0.05)
    assert (found.p, found.q) == (pytest.approx(3, rel=0.15), pytest.approx(4, rel=0.15))


def test_who_comes_once_spends_like_everybody_and_who_comes_often_like_themselves() -> None:
    everybody = 15.44 * 6.25 / 2.74
    once, often = (expected_spend(CDNOW_SPEND, *one(many, 100.0))[0] for many in (1, 1_000))
    assert everybody < once < often
    assert often == pytest.approx(100, rel=0.01)


def a_stand(**changes: object) -> Stand:
    known = {
        "day": TODAY, "who": np.arange(2), "visits": np.array([5, 1]), "sales": np.array([5, 1]),
        "spend": np.array([5_000, 100]), "first": np.array([TODAY - 100, TODAY - 3]),
        "last": np.array([TODAY - 5, TODAY - 3]), "interval": np.array([20.0, 20.0]), "pause": 20.0, "silent": 90.0,
    }  # fmt: skip
    return Stand(**(known | changes))  # type: ignore[arg-type]


def test_the_simple_methods_by_hand() -> None:
    assert lifetime.worth("last", a_stand(), 90, np.array([700, 0])).tolist() == [700.0, 0.0]
    assert lifetime.worth("rate", a_stand(), 90, np.array([0, 0])).tolist() == [4_500.0, 300.0]


def a_shop(people: int) -> Visits:
    """Make up a shop of a year in which everybody has a rhythm."""
    rows = []
    for who in range(people):
        pause = 5 + who % 20
        rows += [(who, TODAY - ago, 1, 1_000 + 10 * who) for ago in range(who % pause, 365, pause)]
    columns = [np.array(column, dtype=np.int64) for column in zip(*sorted(rows), strict=True)]
    return Visits(people, *columns)


def test_the_method_that_is_least_wrong_on_the_last_days_is_used() -> None:
    steady = reckoning.value_test(a_shop(80), TODAY, TODAY - 365)
    assert steady is not None
    assert steady.days == 90
    assert steady.error <= steady.floor
    then = stand(a_shop(80), TODAY - 90)
    errors = {}
    for method in rules.METHODS:
        lately = a_shop(80).spent_in(TODAY - 179, TODAY - 90)[then.who]
        came = a_shop(80).spent_in(TODAY - 89, TODAY)[then.who]
        errors[method] = np.abs(lifetime.worth(method, then, 90, lately) - came).mean()
    assert steady.method == min(errors, key=lambda one: errors[one])
    assert steady.error == round(errors[steady.method])
    assert steady.floor == round(errors["last"])


def test_a_backtest_looks_at_nothing_that_came_after_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = reckoning.worth

    def watched(method: rules.Method, of: Stand, days: int, lately: np.ndarray) -> np.ndarray:
        seen.append(int(of.last.max()))
        return real(method, of, days, lately)

    monkeypatch.setattr(reckoning, "worth", watched)
    whole = reckoning.value_test(a_shop(80), TODAY, TODAY - 365)
    assert whole is not None
    assert len(seen) == len(rules.METHODS)
    assert max(seen) <= TODAY - 90


def test_too_few_who_came_twice_are_told_nothing() -> None:
    assert reckoning.value_test(a_shop(49), TODAY, TODAY - 365) is None
    assert reckoning.value_test(a_shop(80), TODAY, TODAY - 179) is None


def test_of_a_large_business_the_parameters_are_of_every_nth(monkeypatch: pytest.MonkeyPatch) -> None:
    known = stand(a_shop(80), TODAY)
    lately = np.zeros(80, dtype=np.int64)
    whole = lifetime.worth("bgnbd", known, 90, lately)
    monkeypatch.setattr(lifetime, "FITTED_ON", 40)
    part = lifetime.worth("bgnbd", known, 90, lately)
    assert len(part) == len(whole) == 80
    assert part.sum() == pytest.approx(whole.sum(), rel=0.3)
