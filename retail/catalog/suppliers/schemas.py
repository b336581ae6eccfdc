"""What programs send of suppliers; amounts are whole minor units, quantities and costs decimal strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from retail.catalog.schemas import Cost, Exact
from retail.catalog.suppliers.rules import CODE_LENGTH, LENGTHS, LONGEST_LEAD, MOST_MINOR, SUPPLIER_SKU_LENGTH

Days = Annotated[int, Field(ge=0, le=LONGEST_LEAD, strict=True, description="Days from the order to the goods.")]
Minor = Annotated[int, Field(ge=0, le=MOST_MINOR, strict=True, description="Minor units of the supplier's currency.")]
Quantity = Annotated[Decimal, Field(gt=0, le=10**9, max_digits=14, decimal_places=3), Exact]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LENGTHS["name"])]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=CODE_LENGTH)]
Version = Annotated[int, Field(strict=True, ge=0, description="The version it was read at; another one is a conflict.")]
_Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


def _text(name: str) -> Any:  # noqa: ANN401 - a type
    return Annotated[str, StringConstraints(strip_whitespace=True, max_length=LENGTHS[name])]


class _Supplier(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code | None = None
    email: _text("email") | None = None  # type: ignore[valid-type]
    phone: _text("phone") | None = None  # type: ignore[valid-type]
    website: _text("website") | None = None  # type: ignore[valid-type]
    address: _text("address") | None = None  # type: ignore[valid-type]
    currency: Annotated[_Currency, Field(description="Left out: the business's own.")] | None = None
    lead_days: Days | None = None
    min_order: Minor | None = None
    payment_terms: _text("payment_terms") | None = None  # type: ignore[valid-type]
    notes: _text("notes") | None = None  # type: ignore[valid-type]

    def said(self) -> dict[str, Any]:
        """Give what was sent, by the names that the product has; null empties what can be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"id", "version"}}
        empties = {"code", "lead_days", "min_order"}
        kept = {name: value for name, value in sent.items() if value is not None or name in empties}
        if "min_order" in kept:
            kept["min_order_minor"] = kept.pop("min_order")
        return kept


class NewSupplier(_Supplier):
    """A supplier to add."""

    id: UUID | None = None
    name: Name


class SupplierChange(_Supplier):
    """Fields of a supplier to change; those left out stay."""

    version: Version | None = None
    name: Name | None = None


class Terms(BaseModel):
    """On which terms a supplier sells a product; fields left out are empty."""

    model_config = ConfigDict(extra="forbid")

    version: Version | None = None
    supplier_sku: Annotated[str, StringConstraints(strip_whitespace=True, max_length=SUPPLIER_SKU_LENGTH)] = ""
    pack_quantity: Quantity | None = None
    cost: Annotated[Cost, Field(description="Of one unit, in minor units of the supplier's currency.")] | None = None
    min_order_quantity: Quantity | None = None
    lead_days: Days | None = None
    preferred: Annotated[StrictBool, Field(description="Left out: as it is, or where nobody else is.")] | None = None
