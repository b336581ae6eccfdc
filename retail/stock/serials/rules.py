"""What may become of a piece; pure."""

from __future__ import annotations

from typing import Final

IN_STOCK: Final = "in_stock"
IN_TRANSIT: Final = "in_transit"
SOLD: Final = "sold"
RETURNED: Final = "returned"
SCRAPPED: Final = "scrapped"

STATES: Final = (IN_STOCK, IN_TRANSIT, SOLD, RETURNED, SCRAPPED)
HERE: Final = frozenset({IN_STOCK, RETURNED})
"""Pieces that lie in a store: they are what its balance counts."""

NEXT: Final[dict[str | None, frozenset[str]]] = {
    None: frozenset({IN_STOCK}),
    IN_STOCK: frozenset({SOLD, SCRAPPED, IN_TRANSIT}),
    IN_TRANSIT: frozenset({IN_STOCK, SCRAPPED}),
    SOLD: frozenset({RETURNED}),
    RETURNED: frozenset({IN_STOCK, SOLD, SCRAPPED, IN_TRANSIT}),
    SCRAPPED: frozenset(),
}
"""What each state may become; None: a number that nobody has seen yet."""


def may_become(before: str | None, state: str) -> bool:
    """Claim that a piece may change so."""
    return state in NEXT[before]


def numbers_in(typed: str) -> list[str]:
    """Read the numbers that were scanned one after the other, a line each; a number that comes twice counts once."""
    return list(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))
