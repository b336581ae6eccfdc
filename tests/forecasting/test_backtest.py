"""Rolling origins: what is known at each, what is scored, and the command that shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retail.cli import main
from retail.forecasting.backtest import Level, chosen, origins, rolling, scores, seen_before
from retail.forecasting.ladder import Model
from tests.forecasting.shapes import noisy, small


def test_origins_lie_four_weeks_apart_and_have_all_their_days_behind_them() -> None:
    assert origins(800) == ([654, 682, 710], 90)
    assert origins(800, horizon=120) == ([624, 652, 680], 120)
    assert origins(290, horizon=120) == ([144, 172, 200], 90)
    assert origins(200) == ([116, 144, 172], 28)
    assert origins(42) == ([21, 28, 35], 7)
    assert origins(41) == ([], 0)
    assert origins(20) == ([], 0)


def test_a_round_knows_nothing_of_what_came() -> None:
    whole = noisy(4, 120, ahead=0)
    changed = small(np.where(np.arange(120) < 92, whole.quantity, 500.0), ahead=0, promo=whole.promo)
    one, other = next(rolling(whole, [92], 28)), next(rolling(changed, [92], 28))
    for model, said in one.by_model.items():
        assert np.array_equal(said, other.by_model[model])
    assert other.sold.tolist() == [[500.0] * 28] * 4


def test_closed_days_and_days_out_of_stock_are_not_scored() -> None:
    opened, in_stock = np.ones(120, dtype=bool), np.ones((4, 120), dtype=bool)
    opened[95] = in_stock[:, 96] = False
    whole = noisy(4, 120, ahead=0)
    told = small(whole.quantity, ahead=0, open=opened, in_stock=in_stock)
    sold = next(rolling(told, [92], 28)).sold
    assert np.isnan(sold[:, 3:5]).all()
    assert np.isfinite(np.delete(sold, [3, 4], axis=1)).all()


def test_only_errors_of_days_that_are_over_are_seen() -> None:
    rounds = list(rolling(noisy(4, 120, ahead=0), [64, 78, 92], 28))
    first, second = seen_before(rounds[:2], 92, Model.NAIVE)
    assert np.isfinite(first.scaled).all(axis=0).tolist() == [True] * 28
    assert np.isfinite(second.scaled).all(axis=0).tolist() == [True] * 14 + [False] * 14
    assert seen_before([], 92, Model.NAIVE) == []


def test_levels_above_sum_means_and_never_medians() -> None:
    rounds = list(rolling(noisy(4, 120, ahead=0), [64, 92], 28))
    found = {level: scores(rounds, level) for level in Level}
    total = {one.model for one in found[Level.TOTAL]}
    assert Model.MEDIAN not in total
    assert Model.CHART not in total
    assert {Model.NAIVE, Model.ORDER, Model.RIDGE} <= total
    by_hand = rounds[1].by_model[Model.ORDER].sum(axis=0)[:7].sum() / rounds[1].sold.sum(axis=0)[:7].sum() - 1
    score = next(s for s in found[Level.TOTAL] if (s.origin, s.model, s.horizon) == (92, Model.ORDER, 7))
    assert score.bias == pytest.approx(by_hand)
    assert np.isnan(next(s for s in found[Level.TOTAL] if s.origin == 64).cover)  # nothing before it to go by


def test_what_repeats_week_by_week_is_left_to_the_naive() -> None:
    week = [5.0, 1, 2, 3, 4, 9, 7]
    rounds = list(rolling(small([week * 30] * 3, ahead=0), [126, 154, 182], 28))
    assert chosen(scores(rounds, Level.PRODUCT), Model.CHART).model == str(Model.NAIVE)


def shop(folder: Path, days: int) -> Path:
    whole = noisy(2, days, ahead=0)
    lines = ["date,store,product,qty,promo"]
    for at, key in enumerate(whole.keys):
        lines += [
            f"{np.datetime64(whole.first) + day},{key.store},{key.product},{whole.quantity[at, day]:g},"
            f"{int(whole.promo[at, day])}"
            for day in range(days)
        ]
    path = folder / "shop.csv"
    path.write_text("\n".join(lines))
    return path


def test_the_command_shows_errors_and_what_would_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "backtest", "--csv", str(shop(tmp_path, 200)), "--country", "IT"]) == 0
    said = capsys.readouterr().out
    assert "2 series, 200 days from 2024-01-01." in said
    assert "Forecast 28 days from 3 days of the past" in said
    for title in ("Per product", "Per store", "All together"):
        assert title in said
    assert said.count("seasonal naive") >= 6
    assert "For charts per product: " in said
    assert "below that of the seasonal naive" in said


def test_the_command_says_when_nothing_beats_the_naive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "even.csv"
    days = [f"{np.datetime64('2024-01-01') + day},A,x,{(5, 1, 2, 3, 4, 9, 7)[day % 7]}" for day in range(200)]
    path.write_text("\n".join(["date,store,product,qty", *days]))
    assert main(["forecast", "backtest", "--csv", str(path)]) == 0
    assert "No model beats the seasonal naive for charts per product: it would be used." in capsys.readouterr().out


def test_the_command_refuses_wrong_and_short_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("date,store,product,qty\n2024-01-01,A,x,many\n")
    assert main(["forecast", "backtest", "--csv", str(path)]) == 2
    assert capsys.readouterr().err == (
        "wrong.csv, line 2, column qty: “many” isn't a number. Write it as 12 or 12.5.\n"
    )
    assert main(["forecast", "backtest", "--csv", str(shop(tmp_path, 20))]) == 1
    assert "The history is too short: give at least 42 days" in capsys.readouterr().out
