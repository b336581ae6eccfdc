"""What programs and tills send of customers; amounts are whole minor units."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from retail.customers.rules import LENGTHS, MOST_MINOR

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LENGTHS["name"])]
Version = Annotated[int, Field(strict=True, ge=0, description="The version it was read at; another one is a conflict.")]
_Limit = Annotated[int, Field(ge=0, le=MOST_MINOR, strict=True, description="What they may owe, in minor units.")]


def _text(name: str) -> Any:  # noqa: ANN401 - a type
    return Annotated[str, StringConstraints(strip_whitespace=True, max_length=LENGTHS[name])]


class _Customer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: _text("phone") | None = None  # type: ignore[valid-type]
    email: _text("email") | None = None  # type: ignore[valid-type]
    member_card: _text("member_card") | None = None  # type: ignore[valid-type]
    group: _text("group") | None = None  # type: ignore[valid-type]
    note: _text("note") | None = None  # type: ignore[valid-type]
    credit_limit: _Limit | None = None

    def said(self) -> dict[str, Any]:
        """Give what was sent, by the names that the product has; null empties what can be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"id", "version"}}
        empties = {"member_card", "group"}
        kept = {name: value for name, value in sent.items() if value is not None or name in empties}
        if "credit_limit" in kept:
            kept["credit_limit_minor"] = kept.pop("credit_limit")
        return kept


class NewCustomer(_Customer):
    """A customer to add; the same id with the same facts again changes nothing."""

    id: UUID | None = None
    name: Name


class CustomerChange(_Customer):
    """Fields of a customer to change; those left out stay."""

    version: Version | None = None
    name: Name | None = None


class TillCustomer(BaseModel):
    """Somebody new at the till."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name: Name
    phone: _text("phone") = ""  # type: ignore[valid-type]


class Merging(BaseModel):
    """Which customer another one becomes part of."""

    model_config = ConfigDict(extra="forbid")

    into: UUID
