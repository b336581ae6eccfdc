"""The form of a customer: from what was typed, and back."""

from __future__ import annotations

from babel.numbers import format_decimal

from retail.customers.queries import CustomerFacts
from retail.customers.rules import LENGTHS, MOST_MINOR, Customer, problems, tidied
from retail.kit.money import Currency, major
from retail.kit.quantity import locale_of
from retail.runtime.web.forms import Fields


def customer_in(fields: Fields, money: Currency, country: str) -> Customer:
    """Read a customer's form. Raises Invalid with a sentence per field."""
    texts = {name: fields.text(name, most, required=name == "name") for name, most in LENGTHS.items()}
    limit = fields.money("credit_limit", money, required=False, most=MOST_MINOR)
    made = tidied(Customer(credit_limit_minor=limit, **texts))
    for name, sentences in problems(made, country).items():
        if name not in fields.errors:
            fields.errors[name] = sentences
    fields.check()
    return made


def customer_values(facts: CustomerFacts, money: Currency, locale: str) -> dict[str, str]:
    """Give a customer as its form holds it."""
    limit = facts.credit_limit_minor
    pattern = "0." + "0" * money.exponent if money.exponent else "0"
    typed = format_decimal(major(limit, money), format=pattern, locale=locale_of(locale)) if limit else ""
    return {name: getattr(facts, name) or "" for name in LENGTHS} | {"credit_limit": typed}
