"""The vectors' plain form and the server's engine; baskets and offers for property tests."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from retail.promotions.basket import Item
from retail.promotions.conditions import Occasion
from retail.promotions.rules import Offer, Outcome, apply_offers
from tests.vectors.make_promotion_vectors import DEFAULTS, FILE, KINDS, some_item, some_offer

Plain = Mapping[str, Any]


def vectors() -> dict[str, Any]:
    """Read the file."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def item_of(plain: Plain) -> Item:
    """Make the engine's line."""
    return Item(
        plain["id"], plain["product"], plain["quantity"], plain["price"], plain["categories"], plain["tags"],
        plain["weighed"], plain["type"], plain["by_hand"],
    )  # fmt: skip


def worked_out(items: Sequence[Plain], offers: Sequence[Plain], at: Plain) -> Outcome:
    """Work a basket out with the server's engine."""
    full = [Offer(**{**DEFAULTS, **offer}) for offer in offers]
    return apply_offers([item_of(one) for one in items], full, Occasion(**at))


def figures(outcome: Outcome) -> dict[str, Any]:
    """Give an outcome in the plain form of the vectors."""
    return {
        "lines": [[[one.offer, one.amount] for one in line] for line in outcome.lines],
        "verdicts": [[one.state, one.amount, one.missing_pieces, one.missing_spend] for one in outcome.verdicts],
    }


@st.composite
def cases(draw: st.DrawFn, most_offers: int = 4) -> tuple[list[Plain], list[Plain], Plain]:
    """Draw a basket, offers and an occasion."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    items = [some_item(dice, at) for at in range(dice.randint(1, 7))]
    offers = [some_offer(dice, at, dice.choice(KINDS)) for at in range(dice.randint(1, most_offers))]
    at = {"store": "u", "at": 500, "weekday": dice.randint(0, 6), "minute": dice.randint(0, 1439), "group": "g",
          "coupons": [one["id"] for one in offers]}  # fmt: skip
    return items, offers, at


def worth(items: Sequence[Plain]) -> int:
    """Give what a basket costs before offers."""
    return sum((2 * one["quantity"] * one["price"] + 1000) // 2000 for one in items)
