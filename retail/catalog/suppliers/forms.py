"""The forms of a supplier and of its terms for a product: from what was typed, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from babel.numbers import format_decimal

from retail.catalog.forms import exact_cost
from retail.catalog.suppliers.operations import tidied
from retail.catalog.suppliers.queries import SupplierFacts, SupplyFacts
from retail.catalog.suppliers.rules import (
    LENGTHS,
    LONGEST_LEAD,
    MOST_MINOR,
    Supplier,
    Supply,
    problems,
    supply_problems,
)
from retail.kit.money import Currency, currency, format_cost, major
from retail.kit.quantity import format_field, locale_of
from retail.runtime.web.forms import Fields
from retail.tenants.countries import CURRENCIES


def supplier_in(fields: Fields) -> Supplier:
    """Read a supplier's form. Raises Invalid with a sentence per field."""
    texts = {name: fields.text(name, most, required=name == "name") for name, most in LENGTHS.items()}
    code = fields.choice("currency", CURRENCIES)
    least = fields.money("min_order", currency(code), required=False, most=MOST_MINOR) if code else 0
    made = Supplier(
        currency=code,
        lead_days=_days(fields),
        min_order_minor=least if fields.raw("min_order").strip() else None,
        **texts | {"code": texts["code"] or None},  # type: ignore[arg-type]
    )
    _file(fields, problems(tidied(made)))
    fields.check()
    return made


def supplier_values(facts: SupplierFacts, locale: str) -> dict[str, str]:
    """Give a supplier as its form holds it."""
    least = facts.min_order_minor
    return {name: getattr(facts, name) or "" for name in LENGTHS} | {
        "currency": facts.currency,
        "lead_days": "" if facts.lead_days is None else str(facts.lead_days),
        "min_order": "" if least is None else _typed(least, currency(facts.currency), locale),
    }


def supply_in(fields: Fields, of: Supply, money: Currency, *, with_cost: bool) -> Supply:
    """Read the form of a product's terms; without the right to see costs the cost stays. Raises Invalid."""
    pack, least = (
        fields.quantity("pack_quantity", required=False),
        fields.quantity("min_order_quantity", required=False),
    )
    made = replace(
        of,
        supplier_sku=fields.text("supplier_sku", 60),
        pack_quantity=pack if fields.raw("pack_quantity").strip() else None,
        min_order_quantity=least if fields.raw("min_order_quantity").strip() else None,
        lead_days=_days(fields),
        cost=exact_cost(fields, "cost", money) if with_cost else of.cost,
        preferred=fields.flag("preferred"),
    )
    _file(fields, supply_problems(made))
    fields.check()
    return made


def supply_values(facts: SupplyFacts, locale: str, *, with_cost: bool) -> dict[str, str]:
    """Give a product's terms as their form holds them."""
    shown = {"cost": cost_typed(facts.cost, facts.currency, locale)} if with_cost else {}
    return shown | {
        "supplier_sku": facts.supplier_sku,
        "pack_quantity": _quantity(facts.pack_quantity, locale),
        "min_order_quantity": _quantity(facts.min_order_quantity, locale),
        "lead_days": "" if facts.own_lead_days is None else str(facts.own_lead_days),
        "preferred": "on" if facts.preferred else "",
    }


def cost_typed(cost: Decimal | None, code: str, locale: str) -> str:
    """Write a cost in its currency's own units, as a form holds it."""
    return "" if cost is None else format_field(cost.scaleb(-currency(code).exponent), locale)


def cost_words(cost: Decimal | None, code: str, locale: str) -> str:
    """Write a cost for people, with the finer parts that it has; '' where there is none."""
    return "" if cost is None else format_cost(cost, currency(code), locale)


def with_costs(found: Sequence[SupplyFacts], locale: str) -> list[tuple[SupplyFacts, str]]:
    """Give terms with their costs as people read them."""
    return [(one, cost_words(one.cost, one.currency, locale)) for one in found]


def _days(fields: Fields) -> int | None:
    typed = fields.whole("lead_days", required=False, least=0, most=LONGEST_LEAD)
    return typed if fields.raw("lead_days").strip() else None


def _file(fields: Fields, wrong: dict[str, list[str]]) -> None:
    """File what the rules say where reading the field said nothing yet."""
    for name, sentences in wrong.items():
        if name not in fields.errors:
            fields.errors[name] = sentences


def _quantity(value: Decimal | None, locale: str) -> str:
    return "" if value is None else format_field(value, locale)


def _typed(minor: int, money: Currency, locale: str) -> str:
    pattern = "0." + "0" * money.exponent if money.exponent else "0"
    written: str = format_decimal(major(minor, money), format=pattern, locale=locale_of(locale))
    return written
