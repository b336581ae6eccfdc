"""The charts that are kept are the charts that Altair draws."""

from __future__ import annotations

import importlib.util
import json
import sys
import warnings
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_charts", ROOT / "scripts" / "draw_charts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Altair's own imports say is not ours to mend
        spec.loader.exec_module(module)
    return module


def test_every_chart_that_is_kept_is_what_altair_draws(drawing: ModuleType) -> None:
    assert {path.stem for path in drawing.CHARTS.glob("*.json")} == set(drawing.SHAPES)
    for name in drawing.SHAPES:
        kept = (drawing.CHARTS / f"{name}.json").read_text()
        assert json.loads(kept) == json.loads(drawing.compiled(name)), f"run `make charts`: {name} has changed"


def test_a_chart_takes_its_colours_from_the_page_and_its_rows_apart(drawing: ModuleType) -> None:
    for name in drawing.SHAPES:
        spec = json.loads((drawing.CHARTS / f"{name}.json").read_text())
        assert {"name": "live"} in spec["data"]
        assert "#" not in json.dumps({key: spec.get(key, []) for key in ("marks", "axes", "scales")})


def test_the_product_does_not_load_altair() -> None:
    import retail.app  # noqa: F401

    sources = [path for path in (ROOT / "retail").rglob("*.py") if "altair" in path.read_text()]
    assert sources == []
    assert "retail.analytics.handlers" in sys.modules
