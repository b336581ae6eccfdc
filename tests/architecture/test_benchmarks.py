"""Every benchmark can be started, and those that need no browser run through on a tiny size."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.support.stage import Stage, stage

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
TINY = {
    "catalogue": ["--products", "400", "--tills", "2"],
    "also_bought": ["--data", "none", "--products", "60", "--sales", "900", "--asked", "4"],
    "what_if": ["--lines", "2000", "--asks", "3"],
    "segments": ["--data", "none", "--customers", "60", "--small", "40", "--reads", "2"],
    "sales_batch": ["--sales", "16", "--rounds", "1"],
    "sales_http": ["--seconds", "1", "--rounds", "1", "--clients", "2"],
    "sale_cost": ["--sales", "40", "--rounds", "1"],
    "dashboard": ["--lines", "2000", "--reads", "3"],
    "analytics": ["--lines", "2000", "--reads", "3"],
    "identity": ["--requests", "20", "--rounds", "1", "--seconds", "3", "--sign-ins", "2", "--ids", "0"],
    "soak": ["--minutes", "0", "--seconds", "0.5"],
    "stock_hot_product": ["--seconds", "0.3", "--writers", "2"],
    "stock_valuation": ["--moves", "500"],
    "import_products": ["--rows", "50"],
    "backlog": ["--sales", "150", "--beat", "0.05"],
    "billing_run": ["--businesses", "30"],
    "freeze": ["--rounds", "1", "--sockets", "5", "--pages", "0"],
    "console": [
        *(
            "--rounds",
            "1",
            "--sales",
            "4",
            "--dashboards",
            "9",
            "--sockets",
            "10",
            "--per-second",
            "5",
            "--seconds",
            "1",
        )
    ],
}

Staged = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="module")
async def one_stage() -> AsyncIterator[Staged]:
    """Start the servers once for all of them."""
    async with stage() as made:

        @asynccontextmanager
        async def again(**_wanted: int) -> AsyncIterator[Stage]:
            yield made

        yield again


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_says_how_it_is_run(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert f"python -m benchmarks.{name}" in inspect.getdoc(module)
    assert callable(module.main)


@pytest.mark.parametrize("name", sorted(TINY))
async def test_a_benchmark_runs_through(
    name: str, one_stage: Staged, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module: Any = importlib.import_module(f"benchmarks.{name}")
    monkeypatch.setattr(sys, "argv", [name, *TINY[name]])
    monkeypatch.setattr(module, "stage", one_stage)
    monkeypatch.setattr(module, "FEW", 500, raising=False)
    monkeypatch.setattr(module, "WARM_SECONDS", 0.2, raising=False)
    await module.main()
    assert capsys.readouterr().out.strip()
