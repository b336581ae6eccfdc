"""The server's half of tests/vectors/card_numbers.json; tests/kiosk/test_kiosk_cards.py is the till's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retail.kit.cards import holds_card

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "card_numbers.json").read_text())


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"])
def test_a_text_holds_a_cards_number_as_the_table_says(case: dict[str, Any]) -> None:
    assert holds_card(case["text"]) == case["server"]
    assert case["till"] or not case["server"], "the till lets nothing through that the server refuses"
