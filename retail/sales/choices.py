"""What was chosen with an article of a sale: extra cheese, no onions; read, priced and written; pure.

A till says what was chosen and at which price; the price that counts is the catalogue's, where it knows the choice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from retail.kit.money import MAX_MINOR
from retail.sales.members import clean

MOST: Final = 40
_NAME_MOST: Final = 160
_QUANTITY_MOST: Final = 99


@dataclass(frozen=True, slots=True)
class Choice:
    """Something chosen: `price` in minor units for one of it, `quantity` of it with each piece of the article."""

    id: UUID
    name: str
    price: int
    quantity: int = 1


def read_choices(given: object) -> tuple[Choice, ...]:
    """Read the choices of a line; what is none is left out, and the price that it made is remarked on."""
    found = [_choice(one) for one in given[:MOST]] if isinstance(given, list) else []
    return tuple(one for one in found if one is not None)


def added(choices: Sequence[Choice], prices: Mapping[UUID, int]) -> int:
    """Add up what choices cost with one piece, at the catalogue's `prices` where they are known; below zero: less."""
    return sum(prices.get(one.id, one.price) * one.quantity for one in choices)


def choices_json(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """Write choices as the API and the database have them."""
    return [{"id": str(one.id), "name": one.name, "price": one.price, "quantity": one.quantity} for one in choices]


def choices_of(text: str | None) -> tuple[Choice, ...]:
    """Read choices as they were stored."""
    return read_choices(json.loads(text)) if text else ()


def _choice(given: object) -> Choice | None:
    if not isinstance(given, dict):
        return None
    id, name, price, quantity = (given.get(key) for key in ("id", "name", "price", "quantity"))
    quantity = 1 if quantity is None else quantity
    fits = type(price) is int and abs(price) <= MAX_MINOR and type(quantity) is int and 1 <= quantity <= _QUANTITY_MOST
    if not (fits and isinstance(id, str) and isinstance(name, str)):
        return None
    try:
        return Choice(UUID(id), clean(name)[:_NAME_MOST], int(str(price)), int(str(quantity)))
    except ValueError:
        return None
