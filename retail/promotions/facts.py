"""An offer as it is kept, and as the tills and the engine have it; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.promotions.conditions import millis
from retail.promotions.rules import Offer
from retail.runtime.db import Row

STATES: Final = ("draft", "running", "paused", "ended")


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer with its state; None for stores and groups is all of them, for moments and limits without a bound."""

    id: UUID
    name: str
    kind: str
    terms: Mapping[str, Any]
    version: int = 0
    state: str = "draft"
    priority: int = 0
    exclusive: bool = True
    coupon: bool = False
    stores: Sequence[UUID] | None = None
    groups: Sequence[str] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    windows: Sequence[Mapping[str, Any]] = ()
    least_pieces: int = 0
    least_spend: int = 0
    times: int | None = None
    most: int | None = None
    updated_at: datetime | None = None

    def standing(self, now: datetime) -> str:
        """Say what it is at a moment: its state, or of a running one whether it is still to come or over."""
        if self.state == "running" and self.starts_at is not None and self.starts_at > now:
            return "to_come"
        return "over" if self.state == "running" and self.ends_at is not None and self.ends_at <= now else self.state

    def wire(self) -> dict[str, Any]:
        """Give it as the tills and the engine have it."""
        return {
            "id": str(self.id),
            "version": self.version,
            "name": self.name,
            "kind": self.kind,
            "terms": dict(self.terms),
            "priority": self.priority,
            "exclusive": self.exclusive,
            "coupon": self.coupon,
            "stores": None if self.stores is None else [str(one) for one in self.stores],
            "groups": None if self.groups is None else list(self.groups),
            "starts": None if self.starts_at is None else millis(self.starts_at),
            "ends": None if self.ends_at is None else millis(self.ends_at),
            "windows": [dict(one) for one in self.windows],
            "least_pieces": self.least_pieces,
            "least_spend": self.least_spend,
            "times": self.times,
            "most": self.most,
        }


def facts_of(row: Row) -> OfferFacts:
    """Read a row of the table."""
    return OfferFacts(
        row["id"],
        row["name"],
        row["kind"],
        json.loads(row["terms"]),
        row["version"],
        row["state"],
        row["priority"],
        row["exclusive"],
        row["coupon"],
        row["store_ids"],
        row["customer_groups"],
        row["starts_at"],
        row["ends_at"],
        json.loads(row["windows"]),
        row["least_pieces"],
        row["least_spend_minor"],
        row["times"],
        row["most_minor"],
        row["updated_at"],
    )


def engine_offer(wire: Mapping[str, Any]) -> Offer:
    """Give the engine what the tills have; members of a newer version are passed over."""
    known = Offer.__dataclass_fields__.keys()
    return Offer(**{name: value for name, value in wire.items() if name in known})
