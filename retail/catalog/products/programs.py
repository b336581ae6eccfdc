"""Traits as programs send and get them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from retail.catalog.products.traits import PLAIN, Part, Traits
from retail.catalog.schemas import TRAITS, NewProduct, NewVariant, ProductChange
from retail.kit.quantity import quantity_text, to_milli

_LEFT_EMPTY = {"min_age", "deposit", "available_from", "available_until"}
"""Fields that null empties; null of the others leaves them as they are."""


def merged_traits(before: Traits | None, change: ProductChange | NewProduct | NewVariant) -> Traits | None:
    """Put what was sent of the traits over those there are; None where there are none and nothing was sent."""
    sent = {name: getattr(change, name) for name in change.model_fields_set & TRAITS}
    given = {name: value for name, value in sent.items() if value is not None or name in _LEFT_EMPTY}
    if not sent:
        return before
    if "parts" in given:
        given["parts"] = tuple(Part(one.product, one.quantity) for one in given["parts"])
    for name in ("tags", "modifier_groups"):
        if name in given:
            given[name] = tuple(dict.fromkeys(given[name]))
    if "content" in sent:
        content = given.pop("content", None)
        given["content_milli"] = to_milli(content.amount) if content else None
        given["content_unit"] = content.unit if content else None
    return replace(before or PLAIN, **given)


def trait_facts(traits: Traits) -> dict[str, Any]:
    """Give the traits as the API shows them."""
    content = None
    if traits.content_milli and traits.content_unit:
        content = {"amount": quantity_text(traits.content_milli), "unit": traits.content_unit}
    return {
        "kind": traits.kind,
        "parts": [{"product": one.product, "quantity": quantity_text(to_milli(one.quantity))} for one in traits.parts],
        "open_price": traits.open_price,
        "min_age": traits.min_age,
        "deposit": traits.deposit,
        "tags": list(traits.tags),
        "attributes": dict(traits.attributes),
        "notes": traits.notes,
        "available_from": traits.available_from,
        "available_until": traits.available_until,
        "tracking": traits.tracking,
        "content": content,
        "modifier_groups": list(traits.modifier_groups),
    }
