"""What is to be printed: the products with their copies, the paper, and how; made into compositions. Reads, no page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.labels.composing import LabelText, Mark, Style, TooNarrow, compose
from retail.catalog.labels.formats import Format
from retail.catalog.labels.shelf import LabelFacts
from retail.catalog.labels.symbols import Kind
from retail.catalog.labels.typeface import lacks
from retail.catalog.labels.unit_price import unit_price
from retail.kit.errors import Invalid
from retail.kit.money import format_money
from retail.kit.text import _, ngettext
from retail.runtime.tenancy import TenantFacts

MOST_PRODUCTS: Final = 500
MOST_LABELS: Final = 1_000
MOST_COPIES: Final = 200
_SAID: Final = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """How labels are printed. `start` is the first free place of a sheet, from 0."""

    paper: Format
    style: Style
    kind: Kind
    start: int = 0


def text_of(facts: LabelFacts, tenant: TenantFacts) -> LabelText:
    """Write out what a label says, in the way of the business's locale."""
    money = tenant.money
    price = format_money(facts.price_minor, money, tenant.locale)
    per = unit_price(facts.price_minor, facts.content_milli, facts.content_unit)
    along = format_money(facts.deposit_minor, money, tenant.locale) if facts.deposit_minor else ""
    deposit = _("+ deposit %(price)s") % {"price": along} if along else ""
    if facts.unit != "each":
        return LabelText(facts.name, facts.code, facts.sku, f"{price} / {_unit(facts.unit)}", deposit=deposit)
    if per is None:
        return LabelText(facts.name, facts.code, facts.sku, price, deposit=deposit)
    minor, base = per
    said = _("1 %(unit)s = %(price)s") % {"unit": _unit(base), "price": format_money(minor, money, tenant.locale)}
    return LabelText(facts.name, facts.code, facts.sku, price, said, deposit)


def _unit(unit: str) -> str:
    return {"m2": "m\u00b2", "each": _("piece")}.get(unit, unit)


def composed(
    facts: Sequence[LabelFacts], copies: Mapping[UUID, int], wish: Wish, tenant: TenantFacts
) -> list[list[Mark]]:
    """Arrange all labels, each product's as often as it is wanted. Raises Invalid, with the products that don't fit."""
    count = sum(copies.get(one.id, 1) for one in facts)
    if not count:
        raise Invalid({"": [_("Nothing to print: set the copies of at least one product.")]})
    if count > MOST_LABELS:
        said = _("These are %(count)d labels. Print at most %(most)d at once.")
        raise Invalid({"": [said % {"count": count, "most": MOST_LABELS}]})
    made: list[list[Mark]] = []
    narrow: list[str] = []
    for one in facts:
        if not (often := copies.get(one.id, 1)):
            continue
        try:
            made += [compose(text_of(one, tenant), wish.paper, wish.style, wish.kind)] * often
        except TooNarrow:
            narrow.append(one.name)
    if narrow:
        said = ngettext(
            "The code of %(names)s is too wide for this label. Pick a larger one, or a QR code.",
            "The codes of %(num)d products are too wide for this label, such as %(names)s. Pick a larger one, or QR.",
            len(narrow),
        )
        raise Invalid({"format": [said % {"num": len(narrow), "names": ", ".join(narrow[:_SAID])}]})
    return made


def unprintable(facts: Sequence[LabelFacts]) -> list[tuple[str, str]]:
    """Give the names that have signs which the typeface lacks, with those signs."""
    return [(one.name, missing) for one in facts if (missing := lacks(one.name))]
