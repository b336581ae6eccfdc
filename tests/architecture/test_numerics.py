"""Numerics belong to workers and the command line: what answers requests doesn't load them."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sklearn", "scipy", "pandas", "joblib", "holidays", "retail.forecasting.panel", "retail.forecasting.ladder")


@pytest.mark.parametrize("module", ["retail.app", "retail.cli", "retail.forecasting"])
def test_numerics_are_loaded_when_something_is_forecast_and_not_before(module: str) -> None:
    ask = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == []
