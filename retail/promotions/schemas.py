"""What programs send of offers and coupons; amounts are whole minor units, percentages basis points."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictInt

from retail.promotions.facts import OfferFacts

_MAY_BE_EMPTY: Final = {"stores", "groups", "starts_at", "ends_at", "times", "most"}


class _Offer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    terms: Annotated[dict[str, Any], Field(description="By kind: docs/algorithms/promotions.md, section 2.")] | None = (
        None
    )
    priority: Annotated[StrictInt, Field(description="The higher goes first.")] | None = None
    exclusive: Annotated[StrictBool, Field(description="Takes only what nobody has taken.")] | None = None
    coupon: Annotated[StrictBool, Field(description="Only with a coupon.")] | None = None
    stores: Annotated[list[UUID], Field(max_length=5000, description="Null: all of them.")] | None = None
    groups: Annotated[list[str], Field(max_length=50, description="Of customers; null: everybody.")] | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    windows: (
        Annotated[
            list[dict[str, Any]], Field(description="[{days: [0 is Monday], from, to}], minutes of the store's day.")
        ]
        | None
    ) = None
    least_pieces: StrictInt | None = None
    least_spend: StrictInt | None = None
    times: StrictInt | None = None
    most: StrictInt | None = None

    def over(self, before: OfferFacts) -> OfferFacts:
        """Give an offer with what was sent; null empties what can be empty, what is left out stays."""
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"id", "version"}}
        kept = {name: value for name, value in sent.items() if value is not None or name in _MAY_BE_EMPTY}
        return replace(before, **kept)


class NewOffer(_Offer):
    """An offer to make, as a draft."""

    id: UUID | None = None
    name: str
    kind: str


class OfferChange(_Offer):
    """What becomes of an offer; `version` is the one that was read."""

    name: str | None = None
    kind: str | None = None
    version: int | None = None


class OfferState(BaseModel):
    """Starting, pausing or ending."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["running", "paused", "ended"]
    version: int | None = None


class NewSeries(BaseModel):
    """Coupons to make: `count` codes that begin with `prefix`, or one word for all."""

    model_config = ConfigDict(extra="forbid")
    id: UUID | None = None
    offer: UUID
    kind: Literal["made", "word"] = "made"
    prefix: Annotated[str, Field(max_length=40)]
    count: StrictInt = 1
    uses: Annotated[StrictInt | None, Field(description="How often each code can be used; null: without a bound.")] = 1
    expires_at: AwareDatetime | None = None


class CouponAsked(BaseModel):
    """A code that somebody holds in their hand."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(min_length=1, max_length=80)]
