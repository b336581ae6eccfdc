"""What programs send: strict about kinds, so that "1.00" never becomes one cent, and refused in plain sentences."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from retail.catalog.products.variants import MOST_OPTIONS, MOST_VARIANTS
from retail.catalog.products.variants import NAME_LENGTH as OPTION_LENGTH
from retail.kit.quantity import LINE_MOST, is_plain
from retail.kit.text import _

MOST_MINOR: Final = 100_000_000
MOST_RATE: Final = 1_000_000
LAST_HUE: Final = 359
LAST_PLACE: Final = 9999
_BOUNDS: Final = {"price": MOST_MINOR, "rate_micros": MOST_RATE, "hue": LAST_HUE, "position": LAST_PLACE}


def _whole(value: object, field: ValidationInfo) -> object:
    """Let whole numbers between zero and the field's most through; not 1.0, not "1", not true. None is left out."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("whole", "{said}", {"said": _("Send a whole number, not a text or a decimal.")})
    most = _BOUNDS.get(field.field_name or "", 2**62)
    if not 0 <= value <= most:
        said = _("The number must lie between 0 and %(most)d.") % {"most": most}
        raise PydanticCustomError("bounds", "{said}", {"said": said})
    return value


def _cost(value: object) -> object:
    """Let decimals through that were written as plain strings or whole numbers, not as "1e3".

    A binary fraction is never quite the cost.
    """
    if isinstance(value, float | bool) or (isinstance(value, str) and not is_plain(value)):
        said = _('Send a decimal as a string such as "1.25".')
        raise PydanticCustomError("decimal", "{said}", {"said": said})
    return value


def _one_line(value: str) -> str:
    """Let texts through that every till and label can show in a line: no line breaks, NULs or other controls."""
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value):
        said = _("Write it in one line, without line breaks, tabs or other signs that nobody sees.")
        raise PydanticCustomError("one_line", "{said}", {"said": said})
    return value


OneLine = AfterValidator(_one_line)
Whole = BeforeValidator(_whole)
Exact = BeforeValidator(_cost)
Price = Annotated[int, Field(ge=0, le=MOST_MINOR, description="Minor units."), Whole]
Rate = Annotated[int, Field(ge=0, le=MOST_RATE, description="Millionths: 70000 is 7 %."), Whole]
Hue = Annotated[int, Field(ge=0, le=LAST_HUE, description="Degrees."), Whole]
Place = Annotated[int, Field(ge=0, le=LAST_PLACE, description="Lower comes first."), Whole]
Cost = Annotated[Decimal, Field(ge=0, le=10**9, max_digits=18, decimal_places=6), Exact]
Threshold = Annotated[Decimal, Field(ge=0, le=LINE_MOST, max_digits=14, decimal_places=3), Exact]
Sku = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), OneLine]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160), OneLine]
ShortName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), OneLine]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20), OneLine]


Version = Annotated[str, Field(max_length=64, description="The version it was read at; another one now is a conflict.")]


class Strict(BaseModel):
    """What has just its own fields: one that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *names: str) -> dict[str, Any]:
        """Give those of the fields that were sent with a value."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


class PartIn(Strict):
    """A product in a kit, and how many of it are in one."""

    product: UUID
    quantity: Annotated[Decimal, Field(gt=0, le=100_000, max_digits=14, decimal_places=3), Exact]


class ContentIn(Strict):
    """How much is in one, for the unit price."""

    amount: Annotated[Decimal, Field(gt=0, le=10**6, max_digits=14, decimal_places=3), Exact]
    unit: Annotated[str, Field(max_length=10)]


_Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), OneLine]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), OneLine]


class _Product(Strict):
    barcodes: Annotated[list[str], Field(max_length=20)] | None = None
    category: UUID | None = None
    unit: str | None = None
    unit_cost: Cost | None = None
    reorder_point: Threshold | None = None
    favourite: StrictBool | None = None
    kind: Annotated[str, Field(max_length=10)] | None = None
    parts: Annotated[list[PartIn], Field(max_length=50)] | None = None
    open_price: StrictBool | None = None
    min_age: Annotated[int, Field(ge=1, le=99)] | None = None
    deposit: UUID | None = None
    tags: Annotated[list[_Tag], Field(max_length=30)] | None = None
    attributes: Annotated[dict[_Tag, _Words], Field(max_length=40)] | None = None
    notes: Annotated[str, Field(max_length=2000)] | None = None
    available_from: AwareDatetime | None = None
    available_until: AwareDatetime | None = None
    tracking: Annotated[str, Field(max_length=10)] | None = None
    content: ContentIn | None = None
    modifier_groups: Annotated[list[UUID], Field(max_length=20)] | None = None


TRAITS: Final = frozenset(
    {
        "kind", "parts", "open_price", "min_age", "deposit", "tags", "attributes", "notes", "available_from",
        "available_until", "tracking", "content", "modifier_groups",
    }
)  # fmt: skip
"""Fields of a product that say what it is beyond its name and price."""


class ProductChange(_Product):
    """Fields of a product to change; those left out stay."""

    sku: Sku | None = None
    name: Name | None = None
    price: Price | None = None
    tax_class: UUID | None = None
    version: Annotated[int, Field(description="The version it was read at; another one now is a conflict.")] | None = (
        Field(default=None, strict=True)
    )


class NewProduct(_Product):
    """A product to put on sale."""

    id: UUID | None = None
    sku: Annotated[Sku, Field(description="Left out: the next number of the product's category.")] = ""
    name: Name
    price: Price
    tax_class: UUID


def _unparted(value: str) -> str:
    """Let options through that files and forms, which part them by these signs, give back as they are."""
    if set(value) & set(",|="):
        said = _("Leave out these signs: , | = They part options from each other in files and forms.")
        raise PydanticCustomError("unparted", "{said}", {"said": said})
    return value


def _no_colon(value: str) -> str:
    """Let names of options through that a form gives back as they are."""
    if ":" in value:
        raise PydanticCustomError("unparted", "{said}", {"said": _("Leave out the colon.")})
    return value


_Value = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=OPTION_LENGTH), OneLine,
    AfterValidator(_unparted),
]  # fmt: skip
_Option = Annotated[_Value, AfterValidator(_no_colon)]
_FamilyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), OneLine]
Choices = Annotated[
    dict[str, _Value],
    Field(min_length=1, max_length=MOST_OPTIONS, description='One value of each option: {"Size": "M"}.'),
]


class NewVariant(_Product):
    """A product to put on sale as a variant of a family."""

    id: UUID | None = None
    options: Choices
    sku: Annotated[Sku, Field(description="Left out: the next number of the product's category.")] = ""
    name: Annotated[Name, Field(description="Left out: the family's name and the values.")] | None = None
    price: Price
    tax_class: UUID


class NewFamily(Strict):
    """A family to make, with its variants; more can be added."""

    id: UUID | None = None
    name: _FamilyName
    options: Annotated[list[_Option], Field(min_length=1, max_length=MOST_OPTIONS, description="Such as Size, Colour.")]
    variants: Annotated[list[NewVariant], Field(max_length=MOST_VARIANTS)] = []


class FamilyChange(Strict):
    """Another name of a family. Its options stay as they are."""

    version: Version | None = None
    name: _FamilyName | None = None


class Joining(Strict):
    """A product that is there becomes a variant, or one with other values."""

    options: Choices


class NewCategory(Strict):
    """A category to add; without a position it is the last one."""

    id: UUID | None = None
    name: ShortName
    hue: Hue
    position: Place | None = None
    parent: Annotated[UUID | None, Field(description="The category it lies in; none is the top.")] = None


class CategoryChange(Strict):
    """Fields of a category to change; those left out stay."""

    version: Version | None = None
    name: ShortName | None = None
    hue: Hue | None = None
    position: Place | None = None
    parent: Annotated[UUID | None, Field(description="The category it moves into; null moves it to the top.")] = None
