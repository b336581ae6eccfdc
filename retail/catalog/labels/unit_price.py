"""What a kilogram or a litre costs, as shelf labels must say in many countries (EU: directive 98/6/EC). Pure."""

from __future__ import annotations

from typing import Final

from retail.kit.money import mul_div

_BASES: Final = {
    "g": ("kg", 1_000_000),
    "kg": ("kg", 1_000),
    "ml": ("l", 1_000_000),
    "cl": ("l", 100_000),
    "l": ("l", 1_000),
    "cm": ("m", 100_000),
    "m": ("m", 1_000),
    "m2": ("m2", 1_000),
    "each": ("each", 1_000),
}
"""The unit that prices are compared in, and how many thousandths of the content's unit make one of it."""


def unit_price(price_minor: int, content_milli: int | None, content_unit: str | None) -> tuple[int, str] | None:
    """Give the price of one kg, l, m, m2 or piece, in minor units, and which; `content_milli` is in thousandths.

    None where it isn't known what is in it, or it is just one.
    """
    if not content_milli or content_unit not in _BASES:
        return None
    base, one = _BASES[content_unit]
    return None if content_milli == one else (mul_div(price_minor, one, content_milli), base)
