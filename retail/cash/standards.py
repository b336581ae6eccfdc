"""How a store wants its cash to be handled, as its settings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from retail.runtime.db import Read
from retail.tenants.queries import this_tenant
from retail.tenants.settings_changes import values

REASONS: Final = {
    "pay_in": "reasons_pay_in",
    "pay_out": "reasons_pay_out",
    "float": "reasons_safe",
    "drop": "reasons_safe",
    "pick_up": "reasons_pick_up",
    "drawer": "reasons_drawer",
}
"""Which setting lists the reasons for what happens at a drawer."""
_REASONS_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class CashRules:
    """A store's rules; amounts in minor units. `drawer_most_minor` 0: a till never asks for a drop."""

    tolerance_minor: int
    variance_for_all: bool
    drawer_most_minor: int
    float_left_minor: int
    reasons: Mapping[str, list[str]]


async def cash_rules(read: Read, store: UUID) -> CashRules:
    """Read a store's rules. Raises NotFound."""
    return rules_of(await values(read, store), await _scale(read))


def rules_of(own: Mapping[str, Any], scale: int) -> CashRules:
    """Make rules of a store's settings; `scale` is how many minor units a unit of the currency has."""
    return CashRules(
        int(own["variance_tolerance"]),
        own["variance_shown"] == "all",
        int(own["drawer_most"]) * scale,
        int(own["float_left"]) * scale,
        {kind: _lines(str(own[key])) for kind, key in REASONS.items()},
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][:_REASONS_MOST]


async def _scale(read: Read) -> int:
    exponent: int = (await this_tenant(read)).money.exponent
    return int(10**exponent)
