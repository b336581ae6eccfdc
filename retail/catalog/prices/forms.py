"""Forms of prices: what people typed becomes lists, rules, choices and moments; what is wrong is filed at its field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from retail.catalog.prices.lists import MOST_PRIORITY
from retail.catalog.prices.reckoning import KINDS, MOST_PRICE_MINOR, Kind, Rule, endings
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.surveying import Choice, Plan
from retail.catalog.prices.windows import EVERY_DAY, Window
from retail.kit.money import Currency, major
from retail.kit.quantity import locale_of
from retail.kit.text import _
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.forms import Fields
from retail.tenants.countries import CURRENCIES

GROUP_LENGTH: Final = 40
NAME_LENGTH: Final = 80
REASON_LENGTH: Final = 200
_BASIS: Final = 100
_MOST_BASIS: Final = 100_000
_BILLION: Final = 10**9
_MOST_RATE: Final = 10**15


def list_in(fields: Fields, id: UUID, facts: TenantFacts, stores: Collection[UUID]) -> PriceList:
    """Read a price list; what is wrong with it as a whole is found when it is put. Raises Invalid."""
    name = fields.text("name", NAME_LENGTH, required=True)
    code = fields.choice("currency", CURRENCIES, required=False) or facts.currency
    taxed = fields.choice("includes_tax", ("", "yes", "no"), required=False)
    chosen = frozenset(store for store in stores if fields.flag(f"store.{store}"))
    everywhere = not fields.flag("some_stores")
    days = sum(1 << day for day in range(7) if fields.flag(f"day.{day}"))
    window = Window(
        fields.day("starts_on", required=False),
        fields.day("ends_on", required=False),
        days or EVERY_DAY,
        _minute(fields, "from_time"),
        _minute(fields, "to_time"),
    )
    priority = fields.whole("priority", required=False, least=0, most=MOST_PRIORITY)
    group = fields.text("group", GROUP_LENGTH)
    fields.check()
    return PriceList(
        id,
        name,
        code,
        {"yes": True, "no": False}.get(taxed),
        None if everywhere else chosen,
        group or None,
        window,
        priority,
    )


def values_of_list(of: PriceList) -> dict[str, str]:
    """Write a price list as its form holds it."""
    window = of.window
    days = {f"day.{day}": "on" if window.weekdays >> day & 1 else "" for day in range(7)}
    return (
        days
        | {f"store.{store}": "on" for store in of.stores or ()}
        | {
            "name": of.name,
            "currency": of.currency,
            "includes_tax": {None: "", True: "yes", False: "no"}[of.includes_tax],
            "some_stores": "on" if of.stores is not None else "",
            "group": of.group or "",
            "starts_on": window.starts_on.isoformat() if window.starts_on else "",
            "ends_on": window.ends_on.isoformat() if window.ends_on else "",
            "from_time": _clock(window.from_minute),
            "to_time": _clock(window.to_minute),
            "priority": str(of.priority),
        }
    )


def plan_in(
    fields: Fields,
    facts: TenantFacts,
    categories: Collection[UUID],
    lists: Collection[UUID],
    kinds: Collection[Kind] = KINDS,
) -> Plan:
    """Read a rule and which products it is about. Raises Invalid."""
    kind = cast("Kind", fields.choice("kind", kinds) or "percent")
    if kind in {"amount", "exact"}:
        least = None if kind == "amount" else 0
        value = fields.money("value", facts.money, least=least, most=MOST_PRICE_MINOR)
    else:
        value = _basis(fields, "value")
        if kind == "margin" and not 0 <= value < 100 * _BASIS:
            fields.error("value", _("Type a margin between 0 and 99."))
        if kind == "percent" and value < -100 * _BASIS:
            fields.error("value", _("A price can't fall by more than 100 %."))
    known = endings(facts.money)
    ending = known.get(fields.choice("ending", known, required=False))
    category = fields.uuid("category", required=False)
    if category is not None and category not in categories:
        fields.error("category", _("Pick one from the list."))
    of = fields.uuid("list", required=False)
    if of is not None and of not in lists:
        fields.error("list", _("Pick one from the list."))
    choice = Choice(fields.text("q", 100), category, fields.text("tag", 40))
    fields.check()
    return Plan(Rule(kind, value, ending, fields.flag("free")), choice, of)


def moment_in(fields: Fields, name: str, timezone: str) -> datetime | None:
    """Read a moment on the business's own clock; None where nothing was typed."""
    typed = fields.text(name, 16)
    if not typed:
        return None
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        fields.error(name, _("Pick a day and a time."))
        return None
    if local.tzinfo is not None:
        fields.error(name, _("Pick a day and a time."))
        return None
    return local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def rate_in(fields: Fields, name: str) -> int:
    """Read a rate of exchange with up to nine decimals, in billionths."""
    number = _decimal(fields, name)
    if number is None:
        return 0
    billionths = number * _BILLION
    if billionths != int(billionths) or not 1 <= billionths <= _MOST_RATE:
        fields.error(name, _("Type a rate above zero with at most nine decimals, such as 0.9215."))
        return 0
    return int(billionths)


def rate_text(billionths: int) -> str:
    """Write a rate of exchange as a person types it."""
    return f"{Decimal(billionths).scaleb(-9).normalize():f}"


def typed_money(minor: int, money: Currency, locale: str) -> str:
    """Write an amount as a person of this locale would type it, without the currency."""
    pattern = "0." + "0" * money.exponent if money.exponent else "0"
    written: str = format_decimal(major(minor, money), format=pattern, locale=locale_of(locale))
    return written


def basis_text(points: int) -> str:
    """Write basis points as a percentage: 1050 is "10.5"."""
    return f"{Decimal(points).scaleb(-2).normalize():f}"


def days_of(values: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Name the days of the week with their fields, and whether each is ticked; all are where none is."""
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    none = not any(values.get(f"day.{day}") for day in range(7))
    return [(f"day.{day}", name, none or bool(values.get(f"day.{day}"))) for day, name in enumerate(names)]


def _basis(fields: Fields, name: str) -> int:
    number = _decimal(fields, name)
    if number is None:
        return 0
    points = number * _BASIS
    if points != int(points) or abs(points) > _MOST_BASIS:
        fields.error(name, _("Type a percentage with at most two decimals, such as 5 or -2.5."))
        return 0
    return int(points)


def _decimal(fields: Fields, name: str) -> Decimal | None:
    typed = fields.text(name, 20, required=True).removesuffix("%").replace(",", ".").replace("\u2212", "-").strip()
    if not typed:
        return None
    try:
        number = Decimal(typed)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not typed.isascii():
        fields.error(name, _("Type a number, such as 5 or -2.5."))
        return None
    return number


def _minute(fields: Fields, name: str) -> int | None:
    typed = fields.text(name, 8)
    if not typed:
        return None
    try:
        clock = time.fromisoformat(typed)
    except ValueError:
        fields.error(name, _("Pick a time."))
        return None
    return clock.hour * 60 + clock.minute


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60 % 24:02d}:{minute % 60:02d}"
