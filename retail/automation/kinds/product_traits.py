"""The traits among a row's columns, and how they become a product's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from retail.catalog.products.traits import Part, Traits

TRAITS: Final = frozenset(
    {
        "kind", "parts", "open_price", "min_age", "deposit", "tags", "attributes", "notes", "available_from",
        "available_until", "tracking", "content", "choices",
    }
)  # fmt: skip


def traits_of(full: Mapping[str, Any], ids: Mapping[str, UUID], choices: Mapping[str, tuple[UUID, str]]) -> Traits:
    """Make the traits of a row's values; `ids` has the parts' and the deposit's by SKU."""
    milli, unit = full.get("content") or (None, None)
    return Traits(
        full["kind"],
        tuple(Part(ids[sku], amount) for sku, amount in full["parts"]),
        bool(full.get("open_price")),
        full.get("min_age"),
        ids.get(full["deposit"]),
        tuple(full.get("tags") or ()),
        dict(full.get("attributes") or ()),
        full.get("notes") or "",
        full.get("available_from"),
        full.get("available_until"),
        full.get("tracking") or "none",
        milli,
        unit,
        tuple(choices[name.lower()][0] for name in full.get("choices") or () if name.lower() in choices),
    )
