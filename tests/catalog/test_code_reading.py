"""The server's half of tests/vectors/scans.json (test_kiosk_gs1.py is the till's), and the rules of layouts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retail.catalog.codes.layouts import hidden_by, layout_of, layout_problem, overlaps
from retail.catalog.codes.reading import Terms, read_scan

SCANS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "scans.json").read_text())


@pytest.mark.parametrize("case", SCANS, ids=lambda case: case["name"])
def test_a_scan_means_what_the_table_says(case: dict[str, Any]) -> None:
    layouts = [layout_of(text) for text in case["layouts"]]
    assert [layout_problem(text) for text in case["layouts"]] == [""] * len(layouts)
    found = read_scan(case["text"], Terms(layouts, case["exponent"], case["currency"], case["year"]))
    wanted = case["reading"]
    assert found.misread == (wanted["kind"] == "misread")
    if found.misread:
        return
    assert {
        "kind": "code",
        "code": found.code,
        "candidates": list(found.candidates),
        "measures": found.measures,
        "price": found.price_minor,
        "sure": found.sure,
        "lot": found.lot,
        "serial": found.serial,
        "useBy": found.use_by.isoformat() if found.use_by else None,
    } == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("21IIIIIWWWWW", "Write digits, then a letter"),
        ("21iiiiiwwwwwc", "Write digits, then a letter"),
        ("IIIIIIIWWWWWC", "Write digits, then a letter"),
        ("21IIIIWWWWWC", "has 12"),
        ("21IIIIIIWWWWWC", "has 14"),
        ("40IIIIIWWWWWC", "Begin with 02 or 20 to 29"),
        ("21WWWWWWWWWWC", "article with I"),
        ("21IIWWIIWWWWC", "article with I"),
        ("21IIIIIXXXXXC", "weight with W"),
        ("21IIIIWWPPPPC", "weight with W"),
        ("21IIIIVVPPPPC", "V, the digit"),
        ("21IIIVPPPPPPC", "V, the digit"),
        ("21IIIIIWWWWWC.5", "at most 4"),
    ],
)
def test_a_layout_that_makes_no_sense_is_named_in_a_sentence(text: str, said: str) -> None:
    assert said in layout_problem(text)


@pytest.mark.parametrize(
    "text", ["21IIIIIWWWWWC", "02IIIIIVPPPPC", "201IIIIVPPPPC", "29XIIIIPPPPPC.0", "28PPPPPVIIIIC"]
)
def test_a_layout_that_makes_sense_has_no_problem(text: str) -> None:
    assert layout_problem(text) == ""
    assert layout_of(text).text == text


def test_a_layout_that_never_has_its_turn_is_noticed() -> None:
    wide, narrow, verified = layout_of("21IIIIIWWWWWC"), layout_of("210IIIIPPPPPC"), layout_of("21IIIIIVPPPPC")
    assert hidden_by(narrow, [wide]) is wide
    assert hidden_by(wide, [narrow]) is None
    assert hidden_by(wide, [verified]) is None


def test_a_prefix_that_a_layout_reads_is_noticed() -> None:
    layout = layout_of("210IIIIPPPPPC")
    assert overlaps(layout, "21")
    assert overlaps(layout, "210")
    assert not overlaps(layout, "211")
    assert not overlaps(layout, "29")
