"""`countertop forecast backtest`: its tables, what it assumed of a file, and one plain sentence where it can't."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import pytest

from retail.cli import main


def sales(tmp_path: Path, days: int) -> Path:
    """Two products of a shop, with weekdays, as a program of a German office writes them."""
    lines = ["date;store;product;qty"]
    for at in range(days):
        day = date(2024, 1, 1) + timedelta(days=at)
        for product, level in (("milk", 10.0), ("bread", 20.0)):
            amount = level * (1 + 0.3 * math.sin(day.weekday())) + (at * 7 % 5) / 4
            lines.append(f"{day};A;{product};{amount:.2f}".replace(".", ","))
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_it_says_how_it_read_the_file_and_prints_each_level_to_the_farthest_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forecast", "backtest", "--csv", str(sales(tmp_path, 330))]) == 0
    told = capsys.readouterr().out
    assert "Read as columns between semicolons, decimals behind a comma." in told
    for level in ("Per product", "Per store", "All together"):
        assert level in told
    for days in ("7", "28", "90", "120"):
        assert any(line.split()[1:2] == [days] for line in told.splitlines() if line.startswith("\u2502")), days
    assert told.count("seasonal naive") >= 3 * 4


def test_a_history_too_short_for_the_days_asked_for_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "backtest", "--csv", str(sales(tmp_path, 60)), "--days", "28"]) == 0
    assert "For 28 days the history is too short." in capsys.readouterr().out
    assert main(["forecast", "backtest", "--csv", str(sales(tmp_path, 20))]) == 1
    assert "give at least 42 days" in capsys.readouterr().out


def test_a_missing_file_is_one_sentence_and_a_wrong_line_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forecast", "backtest", "--csv", str(tmp_path / "none.csv")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("There is no file")
    assert ("Errno" in told, told.count("\n")) == (False, 1)
    assert main(["forecast", "backtest", "--csv", str(tmp_path)]) == 2
    assert "Errno" not in capsys.readouterr().err
    path = tmp_path / "odd.csv"
    path.write_text("date;store;product;qty\n2024-01-01;A;x;two\n", encoding="utf-8")
    assert main(["forecast", "backtest", "--csv", str(path)]) == 2
    assert "odd.csv, line 2, column qty: \u201ctwo\u201d isn't a number." in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "121", "many"])
def test_days_ahead_are_from_1_to_120(tmp_path: Path, days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["forecast", "backtest", "--csv", str(tmp_path), "--days", days])
    assert "from 1 to 120" in capsys.readouterr().err
