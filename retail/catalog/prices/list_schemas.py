"""What programs send of price lists; amounts are whole minor units of the list's currency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from retail.catalog.prices.forms import GROUP_LENGTH, NAME_LENGTH
from retail.catalog.prices.lists import MOST_PRICES
from retail.catalog.prices.reckoning import MOST_PRICE_MINOR
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.windows import DAY_MINUTES
from retail.catalog.schemas import OneLine, Version

Minor = Annotated[int, Field(ge=0, le=MOST_PRICE_MINOR, strict=True, description="Minor units.")]
Quantity = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=10, decimal_places=3)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH), OneLine]
_Group = Annotated[str, StringConstraints(strip_whitespace=True, max_length=GROUP_LENGTH), OneLine]
_Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
_Weekday = Annotated[int, Field(ge=0, le=6, strict=True)]
_MAY_BE_EMPTY: Final = {"includes_tax", "stores", "group", "starts_on", "ends_on", "from_minute", "to_minute"}
_OF_WINDOW: Final = {"starts_on", "ends_on", "weekdays", "from_minute", "to_minute"}


class Asked(BaseModel):
    """What a list asks for a product from a quantity on; without a price it asks nothing any more."""

    model_config = ConfigDict(extra="forbid")
    product: UUID
    price: Minor | None
    min_quantity: Quantity = Decimal(0)


class Prices(BaseModel):
    """Prices of a list; those not named stay."""

    model_config = ConfigDict(extra="forbid")
    prices: Annotated[list[Asked], Field(min_length=1, max_length=MOST_PRICES)]
    reason: Annotated[str, Field(max_length=200)] = ""


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid")

    currency: Annotated[_Currency, Field(description="Left out: the business's own.")] | None = None
    includes_tax: Annotated[StrictBool, Field(description="Null: as the business's own prices do.")] | None = None
    stores: Annotated[list[UUID], Field(max_length=5000, description="Null: all of them.")] | None = None
    group: Annotated[_Group, Field(description="Of customers; null: everybody.")] | None = None
    priority: Annotated[int, Field(strict=True, description="Of two lists the higher goes first.")] | None = None
    starts_on: Annotated[date, Field(description="The first day.")] | None = None
    ends_on: Annotated[date, Field(description="The last day, included.")] | None = None
    weekdays: Annotated[list[_Weekday], Field(max_length=7, description="0 is Monday.")] | None = None
    from_minute: Annotated[int, Field(ge=0, lt=DAY_MINUTES, strict=True, description="Of the store's day.")] | None = (
        None
    )
    to_minute: Annotated[int, Field(ge=0, le=DAY_MINUTES, strict=True, description="Not included.")] | None = None

    def over(self, before: PriceList) -> dict[str, Any]:
        """Give what was sent as fields of a list, over those of another; null empties what can be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"id", "version"}}
        kept = {name: value for name, value in sent.items() if value is not None or name in _MAY_BE_EMPTY}
        if "stores" in kept and kept["stores"] is not None:
            kept["stores"] = frozenset(kept["stores"])
        if "group" in kept:
            kept["group"] = kept["group"] or None
        if "weekdays" in kept:
            kept["weekdays"] = sum(1 << day for day in set(kept["weekdays"]))
        window = {name: kept.pop(name) for name in _OF_WINDOW & kept.keys()}
        return kept | {"window": replace(before.window, **window)}


class NewList(_List):
    """A price list to make; what is left out narrows nothing."""

    id: UUID | None = None
    name: Name


class ListChange(_List):
    """Fields of a price list to change; those left out stay."""

    version: Version | None = None
    name: Name | None = None
