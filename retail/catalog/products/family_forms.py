"""From a family's form to its options, the places of its matrix and the drafts of the ticked ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from retail.catalog.codes.skus import small
from retail.catalog.errors import BarcodeTaken
from retail.catalog.forms import MOST_PRICE_MINOR
from retail.catalog.operations import Draft
from retail.catalog.prices.forms import typed_money
from retail.catalog.products.families import FamilyFacts, Usual, Variant
from retail.catalog.products.variants import (
    Choice,
    Option,
    combinations,
    key_of,
    read_options,
    variant_name,
    variant_sku,
)
from retail.catalog.rules import barcode_problem
from retail.kit.barcode import normalise
from retail.kit.ids import new_id
from retail.kit.money import Currency
from retail.kit.text import _
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.forms import Fields

_MADE: Final = "make."
_SKU: Final = "sku."
_PRICE: Final = "price."
_BARCODE: Final = "barcode."


@dataclass(frozen=True, slots=True)
class Picked:
    """What a variant may be taxed as and sorted under, and which products have the typed barcodes (normalised)."""

    tax_classes: Collection[UUID]
    categories: Collection[UUID]
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A place in the matrix: what is typed for it, or the variant that is there already."""

    key: str
    words: str
    sku: str
    price: str
    barcode: str
    made: bool
    there: Variant | None = None


def options_in(fields: Fields, known: FamilyFacts | None) -> list[Option]:
    """Read the options; those of a family that is there stay as they are, only their values grow."""
    options, wrong = read_options(fields.text("options", 4000))
    for sentence in wrong:
        fields.error("options", sentence)
    if known and not wrong and [one.name for one in options] != list(known.options):
        said = _("This family's options are %(names)s. Write down values of just these, in this order.")
        fields.error("options", said % {"names": ", ".join(known.options)})
    return options


def usual_values(usual: Usual | None, facts: TenantFacts) -> dict[str, str]:
    """Write what most variants of a family have as its form's fields; {} of a family without any."""
    if usual is None:
        return {}
    return {
        "tax_class": str(usual.tax_class),
        "category": str(usual.category or ""),
        "price": typed_money(usual.price_minor, facts.money, facts.locale),
    }


def rows_of(fields: Fields, known: FamilyFacts | None, options: Sequence[Option]) -> list[Row]:
    """Give every place of the matrix, filled in as typed, or as the family's own fields have it."""
    if not options or fields.errors.get("options"):
        return []
    names = [one.name for one in options]
    there = {key_of(one.choice, names): one for one in (known.variants if known else ())}
    base, price, again = fields.raw("sku").strip(), fields.raw("price").strip(), fields.flag("drawn")
    rows = []
    for choice in combinations(options):
        key = key_of(choice, names)
        typed = f"{_SKU}{key}" in fields
        rows.append(
            Row(
                key,
                " / ".join(choice.values()),
                fields.raw(f"{_SKU}{key}") if typed else variant_sku(base, choice),
                fields.raw(f"{_PRICE}{key}") if typed else price,
                fields.raw(f"{_BARCODE}{key}"),
                fields.flag(f"{_MADE}{key}") if typed and again else True,
                there.get(key),
            )
        )
    return rows


def ticked(  # noqa: PLR0917 - what a matrix is read with
    fields: Fields,
    made: FamilyFacts,
    options: Sequence[Option],
    picked: Picked,
    money: Currency,
    known: FamilyFacts | None = None,
) -> list[tuple[Draft, Choice]]:
    """Read the ticked places of the matrix as drafts. Raises Invalid with the sentences of all fields."""
    names = [one.name for one in options]
    there = {key_of(one.choice, names) for one in (known.variants if known else ())}
    wanted: list[Choice] = [one for one in combinations(options) if _is_ticked(fields, one, names)] if options else []
    wanted = [one for one in wanted if key_of(one, names) not in there]
    tax, group = fields.uuid("tax_class", required=bool(wanted)), fields.uuid("category", required=False)
    for name, chosen, all_of in (("tax_class", tax, picked.tax_classes), ("category", group, picked.categories)):
        if chosen is not None and chosen not in all_of:
            fields.error(name, _("Pick one from the list."))
    if not wanted and known is None and not fields.errors:
        fields.error("options", _("Show the variants first, and tick at least one."))
    usual = Draft(UUID(int=0), "", made.name, tax or UUID(int=0), 0, group)
    drafts = [(_draft(fields, usual, one, key_of(one, names), money), one) for one in wanted]
    _refuse_shared(fields, [key_of(one, names) for one in wanted], picked.owners)
    fields.check()
    return drafts


def codes_in(fields: Fields) -> list[str]:
    """Give the barcodes that are typed anywhere in the matrix."""
    return [typed.strip() for name, typed in fields.values.items() if name.startswith(_BARCODE) and typed.strip()]


def _refuse_shared(fields: Fields, keys: Sequence[str], owners: Mapping[str, str]) -> None:
    """Say at the later one what two variants share, and at its field whose a barcode is already."""
    skus: set[str] = set()
    codes: set[str] = set()
    for key in keys:
        sku, code = fields.raw(f"{_SKU}{key}").strip(), fields.raw(f"{_BARCODE}{key}").strip()
        if sku and small(sku) in skus:
            said = _("Two variants have SKU %(sku)s. Give each one its own.")
            fields.error(f"{_SKU}{key}", said % {"sku": sku})
        if code and normalise(code) in owners:
            taken = BarcodeTaken(code, owners[normalise(code)])
            fields.error(f"{_BARCODE}{key}", taken.sentence())
        elif code and normalise(code) in codes:
            said = _("Two variants have barcode %(code)s. Give each one its own.")
            fields.error(f"{_BARCODE}{key}", said % {"code": code})
        skus.add(small(sku))
        codes.add(normalise(code))


def sku_field(fields: Fields, sku: str) -> str:
    """Name the field of the matrix that a SKU was typed in; '' where it was given by the house."""
    return next((name for name, typed in fields.values.items() if name.startswith(_SKU) and typed.strip() == sku), "")


def _is_ticked(fields: Fields, choice: Choice, names: Sequence[str]) -> bool:
    return fields.flag(f"{_MADE}{key_of(choice, names)}")


def _draft(fields: Fields, usual: Draft, choice: Choice, key: str, money: Currency) -> Draft:
    code = fields.text(f"{_BARCODE}{key}", 48)
    problem = barcode_problem(code) if code else ""
    if problem:
        fields.error(f"{_BARCODE}{key}", problem)
    price = f"{_PRICE}{key}"
    return replace(
        usual,
        id=new_id(),
        sku=fields.text(f"{_SKU}{key}", 60),
        name=variant_name(usual.name, choice),
        price_minor=fields.money(price if price in fields else "price", money, most=MOST_PRICE_MINOR),
        barcodes=(code,) if code else (),
    )
