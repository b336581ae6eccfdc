"""The server's half of tests/vectors/card_numbers.json; tests/kiosk/test_kiosk_cards.py is the till's."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from retail.kit.cards import holds_card, without_cards

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "card_numbers.json").read_text())


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"])
def test_a_text_holds_a_cards_number_as_the_table_says(case: dict[str, Any]) -> None:
    assert holds_card(case["text"]) == case["server"]
    assert case["till"] or not case["server"], "the till lets nothing through that the server refuses"


def test_no_id_and_no_checksum_is_taken_for_a_card_and_cards_beside_them_are_found() -> None:
    chance = random.Random(20_260_301)  # the same ids each time
    like_cards = [_id_that_reads_as_card(chance) for _one in range(3_000)]
    for spelt in like_cards:
        for one in (spelt, spelt.upper(), spelt.replace("-", ""), f'{{"id": "{spelt}"}}', f"till:{spelt}/receipt"):
            assert not holds_card(one), one
            assert without_cards(one) == one
        assert holds_card(f"{spelt} 4111 1111 1111 1111")
        assert without_cards(f"4111111111111111-{spelt}") == f"411111******1111-{spelt}"


def _id_that_reads_as_card(chance: random.Random) -> str:
    """Make an id whose first digits alone are a card's number, as one in ten thousand has them somewhere."""
    begun = f"4{chance.randrange(10**7):07}-{chance.randrange(10**4):04}-{chance.randrange(10**3):03}"
    [number] = [f"{begun}{last}" for last in range(10) if holds_card(f"{begun}{last}")]
    return str(UUID(f"{number}-a{chance.getrandbits(12):03x}-{chance.getrandbits(48):012x}"))
