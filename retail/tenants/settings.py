"""The table of settings: the one source for pages, validation, the documentation and the tests alike.

A setting has a kind, a default, and where it may be set: for the business, for a store, or for both, where a
store's own value wins. `column` names where a value lives that the product reads every day; the others
are rows of `setting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.tenants.countries import CURRENCIES
from retail.tenants.receipt_settings import RECEIPT
from retail.tenants.risk_settings import RISK
from retail.tenants.setting import Setting, Value, said
from retail.tenants.stock_settings import STOCK
from retail.tenants.till_settings import CASH, TILL

GROUPS: Final[dict[str, str]] = {
    "profile": said("Business profile"),
    "place": said("Language and place"),
    "money": said("Money and tax"),
    "receipt": said("Receipts"),
    "till": said("Tills"),
    "cash": said("Cash"),
    "risk": said("Loss prevention"),
    "stock": said("Stock"),
    "figures": said("Figures"),
    "store": said("The store"),
}

SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("name", "profile", said("Name"), said("What people see on every page and receipt."), "text",
            column="name", most=120, required=True),
    Setting("legal_name", "profile", said("Legal name"),
            said("As it is registered; for invoices and reports."), "text", most=200),
    Setting("business_address", "profile", said("Address"),
            said("Where the business is registered, for letters and invoices."), "lines"),
    Setting("registration", "profile", said("Tax number"),
            said("The number under which the business pays tax."), "text", most=40),
    Setting("contact_email", "profile", said("E-mail for customers"),
            said("Where customers write to."), "text", most=254),
    Setting("locale", "place", said("Language"),
            said("The language of pages and receipts, and how amounts and dates are written."), "language",
            default="en", column="locale", required=True),
    Setting("till_language", "place", said("Language of the tills"),
            said("What is read at the tills. Each till can have another one, under This till."), "choice",
            default="same", scope="both", choices=("same", "en", "de", "fr", "es", "ar"),
            words=(said("As the pages"), "English", "Deutsch", "Français", "Español", "العربية"), required=True),
    Setting("timezone", "place", said("Time zone"),
            said("The clock of reports over all stores. Each store has its own as well."), "zone",
            default="UTC", column="timezone", required=True),
    Setting("currency", "money", said("Currency"),
            said("All prices and books are in it. It can't be changed once something was sold."), "currency",
            default="EUR", column="currency", required=True, until_sold=True),
    Setting("prices_include_tax", "money", said("Prices include tax"),
            said("Whether the price on the shelf is what is paid. It can't be changed once something was sold."),
            "flag", default=True, column="prices_include_tax", until_sold=True),
    Setting("cash_unit_minor", "money", said("Smallest coin"),
            said("Cash totals are rounded to it, in hundredths: 5 where there are no coins below 5 cents."), "choice",
            default=1, column="cash_unit_minor", choices=("1", "5", "10", "20", "50", "100"), required=True),
    *RECEIPT,
    *TILL,
    *CASH,
    *RISK,
    *STOCK,
    Setting("insights_worded", "figures", said("Insights in other words"),
            said("A language model may word what to look at, when somebody presses for it. It is given sentences"
                 " without names and figures. Works where the operator has connected one."), "flag", default=False),
    Setting("store_name", "store", said("Name"), said("What people see of this store."), "text", scope="store",
            column="name", most=80, required=True),
    Setting("address", "store", said("Address"), said("Stands on the receipt."), "lines", scope="store",
            column="address"),
    Setting("region", "store", said("Region"), said("Stores of one region can be looked at together."), "text",
            scope="store", column="region", most=80),
    Setting("tax_number", "store", said("Tax number"),
            said("Stands on the receipt; a store may have one of its own."), "text", scope="store",
            column="tax_number", most=40),
    Setting("store_timezone", "store", said("Time zone"), said("The clock on this store's wall."), "zone",
            scope="store", column="timezone", default="UTC", required=True),
    Setting("day_cutoff_hour", "store", said("Day starts at"),
            said("Sales before this hour count for the day before."), "whole", default=4, scope="store",
            column="day_cutoff_hour", least=0, most=12, unit=said("o'clock"), required=True),
)  # fmt: skip

_BY_KEY: Final[Mapping[str, Setting]] = {one.key: one for one in SETTINGS}
OF_BUSINESS: Final = tuple(one for one in SETTINGS if one.for_business)
OF_STORE: Final = tuple(one for one in SETTINGS if one.for_store)


def choice_words(one: Setting) -> list[tuple[str, str]]:
    """Give the values of a choice, each as people read it."""
    return [(value, _(words)) for value, words in zip(one.choices, one.words or one.choices, strict=True)]


def setting(key: str) -> Setting:
    """Give a setting of the table. Raises KeyError for one that isn't in it."""
    return _BY_KEY[key]


@lru_cache
def languages() -> tuple[str, ...]:
    """Give the languages that amounts and dates can be written in, as locales like de-AT."""
    wanted = (
        "cs da de de-AT de-CH el en en-AU en-CA en-GB en-IE en-IN en-NZ en-US en-ZA es es-MX et fi fr fr-BE fr-CA fr-CH"
        " hr hu it it-CH ja lt lv nb nl nl-BE pl pt pt-BR ro sk sl sv tr uk ar he"
    )
    return tuple(wanted.split())


def language_words(locale: str) -> str:
    """Name a language in itself."""
    try:
        return str(Locale.parse(locale, sep="-").get_display_name() or locale)
    except (UnknownLocaleError, ValueError):
        return locale


def read_value(one: Setting, typed: str) -> Value:
    """Read what somebody typed for a setting. Raises Invalid with the sentence under the setting's key."""
    text = typed.replace("\r\n", "\n").strip()
    wrong = _wrong(one, text)
    if wrong:
        raise Invalid({one.key: [wrong]})
    if one.kind == "flag":
        return text not in {"", "off", "false", "0"}
    if one.kind == "whole" or isinstance(one.default, int):
        return int(text or 0)
    return text


def _wrong(one: Setting, text: str) -> str:
    """Say what is wrong with a text, '' where nothing is."""
    if one.required and one.kind != "flag" and not text:
        return _("Fill this in.")
    if one.kind == "whole":
        if not text.isascii() or not text.isdigit():
            return _("Type a whole number.")
        if not one.least <= int(text) <= one.most:
            return _("Type a number from %(least)d to %(most)d.") % {"least": one.least, "most": one.most}
    if one.kind in {"text", "lines"}:
        if len(text) > one.most:
            return _("Use at most %(most)d characters.") % {"most": one.most}
        if any(not (c.isprintable() or (c == "\n" and one.kind == "lines")) for c in text):
            return _("This holds a character that can't be shown. Type it again.")
    known = options(one)
    return _("Pick one of the choices.") if known is not None and text not in known else ""


def options(one: Setting) -> frozenset[str] | None:
    """Give the values that a setting may have; None where it isn't a choice."""
    if one.kind == "zone":
        return frozenset(available_timezones())
    if one.kind == "language":
        return frozenset(languages())
    if one.kind == "currency":
        return frozenset(CURRENCIES)
    return frozenset(one.choices) if one.kind == "choice" else None


def shown(one: Setting, value: Value) -> str:
    """Write a value for people."""
    if one.kind == "flag":
        return _("yes") if value else _("no")
    if one.kind == "language":
        return language_words(str(value))
    if one.words and str(value) in one.choices:
        return _(one.words[one.choices.index(str(value))])
    return f"{value} {_(one.unit)}" if one.unit else str(value)
