"""Drafts of products out of what programs send: what was said over what there is, refused by field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from retail.catalog import operations, queries
from retail.catalog.products.programs import merged_traits
from retail.catalog.rules import MEASURED, UNITS, barcode_problem
from retail.catalog.schemas import TRAITS, NewProduct, NewVariant, ProductChange
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Forbidden, Invalid, NotFound
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope

Sent = ProductChange | NewProduct | NewVariant

_CLEARABLE: Final = {"category", "reorder_point"}
_OTHERWISE: Final = TRAITS | {"id", "price", "barcodes", "version", "options"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a product may refer to."""

    tax_classes: Collection[UUID]
    categories: Collection[UUID]


def merged(draft: operations.Draft, change: Sent) -> operations.Draft:
    """Put what was sent over a draft; what was left out stays."""
    given = {name: getattr(change, name) for name in change.model_fields_set - _OTHERWISE}
    if change.price is not None:
        given["price_minor"] = change.price
    if change.barcodes is not None:
        given["barcodes"] = tuple(dict.fromkeys(code.strip() for code in change.barcodes))
    made = replace(draft, **{name: value for name, value in given.items() if value is not None or name in _CLEARABLE})
    traits = merged_traits(made.traits, change)
    return replace(made, decimals=3 if made.unit in MEASURED else 0, traits=traits)


async def known(read: Read) -> Known:
    """Give the tax classes and categories that there are."""
    taxes, groups = await queries.tax_classes(read), await queries.categories(read)
    return Known({one.id for one in taxes}, {one.id for one in groups})


def draft_problems(draft: operations.Draft, there: Known) -> dict[str, list[str]]:
    """Say what in a draft refers to nothing, by field; {} where all is there."""
    errors: dict[str, list[str]] = {}
    if draft.tax_class not in there.tax_classes:
        errors["tax_class"] = ["There is no such tax class."]
    if draft.category is not None and draft.category not in there.categories:
        errors["category"] = ["There is no such category."]
    if draft.unit not in UNITS:
        errors["unit"] = [f"The unit must be one of {', '.join(UNITS)}."]
    problems = [problem for problem in map(barcode_problem, draft.barcodes) if problem]
    if problems:
        errors["barcodes"] = problems
    return errors


async def checked(read: Read, draft: operations.Draft) -> operations.Draft:
    """Refuse what refers to nothing, with a sentence per field. Raises Invalid."""
    errors = draft_problems(draft, await known(read))
    if errors:
        raise Invalid(errors)
    return draft


def draft_of(product: queries.ProductFacts) -> operations.Draft:
    """Give a stored product as a draft. Raises NotFound for one that is no longer sold."""
    if product.archived_at is not None:
        raise NotFound("product")
    return operations.Draft(
        id=product.id,
        sku=product.sku,
        name=product.name,
        tax_class=product.tax_class,
        price_minor=product.price_minor,
        category=product.category,
        barcodes=product.barcodes,
        unit=product.unit,
        decimals=product.decimals,
        unit_cost=product.unit_cost,
        reorder_point=product.reorder_point,
        favourite=product.favourite,
    )


def require_costs(scope: Scope, change: Sent) -> None:
    """Let nobody set blindly what they may not see. Raises Forbidden."""
    if change.unit_cost is not None and not scope.holds(VIEW_COSTS):
        raise Forbidden(VIEW_COSTS)
