"""The server describes receipts as the referee does, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from retail.sales.receipts.blocks import BLOCKS_VERSION, blocks
from tests.vectors.make_receipt_vectors import CASES, FILE, document


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_of_receipts_is_what_the_referee_makes(vectors: dict[str, Any]) -> None:
    assert FILE.read_text(encoding="utf-8") == document()
    assert vectors["version"] == BLOCKS_VERSION
    assert len(vectors["cases"]) == CASES


def test_every_receipt_has_the_blocks_of_the_referee(vectors: dict[str, Any]) -> None:
    for case in vectors["cases"]:
        made = blocks(case["facts"], case["template"], copy=case["copy"], gift=case["gift"])
        assert made == case["blocks"], case


def test_a_gift_receipt_has_no_amount_anywhere(vectors: dict[str, Any]) -> None:
    gifts = [case for case in vectors["cases"] if case["gift"]]
    assert len(gifts) >= 15
    for case in gifts:
        text = json.dumps(blocks(case["facts"], case["template"], gift=True))
        assert not any(f'"{name}":' in text for name in ("amount", "price", "off", "base", "tax")), text
