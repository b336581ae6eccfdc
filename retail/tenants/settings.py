"""The table of settings: the one source for pages, validation, the documentation and the tests alike.

A setting has a kind, a default, and where it may be set: for the business, for a store, or for both, where a
store's own value wins. `column` names where a value lives that the product reads every day; the others
are rows of `setting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from retail.identity.device_rules import LOCK_MINUTES
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.tenants.countries import CURRENCIES
from retail.tenants.risk_settings import RISK

Value = str | int | bool
Kind = Literal["text", "lines", "whole", "flag", "choice", "zone", "language", "currency"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a business can set. `least` and `most` bound a number, `most` also a text's length.

    `until_sold`: refused once something was sold, since every price and every entry of the books would change meaning.
    """

    key: str
    group: str
    label: str
    sentence: str
    kind: Kind
    default: Value = ""
    scope: Literal["business", "store", "both"] = "business"
    column: str = ""
    least: int = 0
    most: int = 300
    unit: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    required: bool = False
    until_sold: bool = False

    @property
    def for_business(self) -> bool:
        """Claim that the business sets it."""
        return self.scope != "store"

    @property
    def for_store(self) -> bool:
        """Claim that a store sets it."""
        return self.scope != "business"


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


GROUPS: Final[dict[str, str]] = {
    "profile": _said("Business profile"),
    "place": _said("Language and place"),
    "money": _said("Money and tax"),
    "receipt": _said("Receipts"),
    "till": _said("Tills"),
    "cash": _said("Cash"),
    "risk": _said("Loss prevention"),
    "stock": _said("Stock"),
    "store": _said("The store"),
}

THEN: Final = ("warn", "manager", "stop")
"""What a till does at a limit: say so, ask a manager, or take no new payment. An open sale is always finished."""
_THEN: Final = _said("What the till does then. A sale that is being paid is always finished.")
_THEN_WORDS: Final = (_said("Warn"), _said("Ask a manager"), _said("Stop new sales"))
_REASONS: Final = _said("One a line, at most eight, for the buttons at the till. Empty: the usual ones.")

_SHOWN: Final = (_said("Shown"), _said("Left out"))


def _part(key: str, label: str, sentence: str, default: str = "shown") -> Setting:
    """Make the setting of a part of the receipt that may be left out."""
    return Setting(key, "receipt", label, sentence, "choice", default=default, scope="both",
                   choices=("shown", "hidden"), words=_SHOWN, required=True)  # fmt: skip


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("name", "profile", _said("Name"), _said("What people see on every page and receipt."), "text",
            column="name", most=120, required=True),
    Setting("legal_name", "profile", _said("Legal name"),
            _said("As it is registered; for invoices and reports."), "text", most=200),
    Setting("business_address", "profile", _said("Address"),
            _said("Where the business is registered, for letters and invoices."), "lines"),
    Setting("registration", "profile", _said("Tax number"),
            _said("The number under which the business pays tax."), "text", most=40),
    Setting("contact_email", "profile", _said("E-mail for customers"),
            _said("Where customers write to."), "text", most=254),
    Setting("locale", "place", _said("Language"),
            _said("The language of pages and receipts, and how amounts and dates are written."), "language",
            default="en", column="locale", required=True),
    Setting("till_language", "place", _said("Language of the tills"),
            _said("What is read at the tills. Each till can have another one, under This till."), "choice",
            default="same", scope="both", choices=("same", "en", "de", "fr", "es", "ar"),
            words=(_said("As the pages"), "English", "Deutsch", "Français", "Español", "العربية"), required=True),
    Setting("timezone", "place", _said("Time zone"),
            _said("The clock of reports over all stores. Each store has its own as well."), "zone",
            default="UTC", column="timezone", required=True),
    Setting("currency", "money", _said("Currency"),
            _said("All prices and books are in it. It can't be changed once something was sold."), "currency",
            default="EUR", column="currency", required=True, until_sold=True),
    Setting("prices_include_tax", "money", _said("Prices include tax"),
            _said("Whether the price on the shelf is what is paid. It can't be changed once something was sold."),
            "flag", default=True, column="prices_include_tax", until_sold=True),
    Setting("cash_unit_minor", "money", _said("Smallest coin"),
            _said("Cash totals are rounded to it, in hundredths: 5 where there are no coins below 5 cents."), "choice",
            default=1, column="cash_unit_minor", choices=("1", "5", "10", "20", "50", "100"), required=True),
    Setting("receipt_paper", "receipt", _said("Paper"),
            _said("What this browser and the tills print on, unless a till has a printer of its own."), "choice",
            default="80", scope="both", choices=("80", "58", "a4"),
            words=(_said("80 mm roll"), _said("58 mm roll"), _said("A4 sheets")), required=True),
    Setting("receipt_heading", "receipt", _said("Lines under the name"),
            _said("A slogan, a phone number, opening hours."), "lines", scope="both"),
    _part("receipt_logo", _said("Logo"), _said("Above the name.")),
    _part("receipt_address", _said("Address of the store"), _said("Most countries ask for it.")),
    _part("receipt_tax_number", _said("Tax number of the store"), _said("Most countries ask for it.")),
    _part("receipt_cashier", _said("Who served"), _said("The cashier's name. Never on the public page.")),
    _part("receipt_customer", _said("Name of the customer"), _said("Never on the public page.")),
    _part("receipt_saved", _said("What the customer saved"), _said("Where an offer was used.")),
    _part("receipt_barcode", _said("Barcode of the number"), _said("So that a return finds it by a scan.")),
    _part("receipt_qr", _said("QR code"), _said("It opens the receipt on the customer's phone.")),
    Setting("receipt_page_days", "receipt", _said("Receipts stay on the web for"),
            _said("Who has the code of a receipt can open it for so long."), "whole", default=90, scope="both",
            least=1, most=3_650, unit=_said("days"), required=True),
    Setting("receipt_note", "receipt", _said("Last line of the receipt"),
            _said("For every store that has no line of its own."), "lines"),
    Setting("receipt_footer", "receipt", _said("Last line of the receipt"),
            _said("Stands on this store's receipts; empty: as the business has it."), "lines", scope="store",
            column="receipt_footer"),
    Setting("idle_lock_minutes", "till", _said("Lock an idle till after"),
            _said("On an enrolled device somebody types their PIN again after so long untouched; the sale stays."),
            "whole", default=LOCK_MINUTES, scope="both", least=1, most=60, unit=_said("minutes"), required=True),
    Setting("offline_hours", "till", _said("Sell without a network for"),
            _said("After so long the till asks for a connection before the next sale; what was sold is kept."), "whole",
            default=72, scope="both", least=1, most=168, unit=_said("hours"), required=True),
    Setting("offline_hours_then", "till", _said("After that time"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("offline_sales", "till", _said("Sales without a network"),
            _said("After so many unsent sales the till asks for a connection before the next one."), "whole",
            default=500, scope="both", least=10, most=5_000, unit=_said("sales"), required=True),
    Setting("offline_sales_then", "till", _said("After so many sales"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("offline_sale_most", "till", _said("Largest sale without a network"),
            _said("In whole units of the currency. A larger one waits for the connection; 0: no limit."), "whole",
            default=0, scope="both", most=1_000_000, required=True),
    Setting("offline_sale_then", "till", _said("A larger sale"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("offline_total_most", "till", _said("All sales without a network"),
            _said("In whole units of the currency: what the unsent sales of a till may come to together; 0: no limit."),
            "whole", default=0, scope="both", most=10_000_000, required=True),
    Setting("offline_total_then", "till", _said("Beyond that sum"), _THEN, "choice", default="stop", scope="both",
            choices=THEN, words=_THEN_WORDS, required=True),
    Setting("held_days", "till", _said("Keep sales on hold for"),
            _said("So many days after the one on which they were put aside; what nobody came back for is then cancelled"
                  " and listed as a void. 0: until the end of the day."), "whole",
            default=0, scope="both", most=30, unit=_said("days"), required=True),
    Setting("card_terminal", "till", _said("Card terminal"),
            _said("How tills take cards. By hand: the cashier types the amount into a terminal that stands beside. The"
                  " practice terminal takes no money: for trying and for training."), "choice", default="manual",
            scope="both", choices=("manual", "simulator"), words=(_said("By hand"), _said("Practice terminal")),
            required=True),
    Setting("returns_without_receipt", "till", _said("Goods without a receipt"),
            _said("Whether tills take goods back that come without a receipt: not at all; for store credit alone; or in"
                  " any way, when somebody who may has approved it. Their price is today's."), "choice",
            default="store_credit", scope="both", choices=("no", "store_credit", "approval"),
            words=(_said("Not taken back"), _said("For store credit"), _said("With approval")), required=True),
    Setting("refunds_in_cash", "till", _said("Refunds in cash"),
            _said("A refund goes back the way it was paid. In cash goes out no more than was paid so, or as much as the"
                  " cashier decides."), "choice", default="as_paid", scope="both", choices=("as_paid", "any"),
            words=(_said("As it was paid"), _said("As the cashier decides")), required=True),
    Setting("tips", "till", _said("Tips"),
            _said("Tills ask for a tip before payment. It is owed to the staff, and never revenue."), "flag",
            default=False, scope="both"),
    Setting("foreign_cash", "till", _said("Cash of other currencies"),
            _said("Tills take notes of every currency that has a rate of exchange, and give change in the own one."),
            "flag", default=False, scope="both"),
    Setting("variance_tolerance", "cash", _said("Small difference"),
            _said("In the smallest unit of the currency: 100 is 1.00. Up to it a count closes the shift; beyond it the"
                  " till asks once for another count."), "whole", default=100, scope="both", most=1_000_000,
            required=True),
    Setting("variance_shown", "cash", _said("Who sees what is over or short"),
            _said("After closing. Before the count nobody at the till sees what is expected."), "choice",
            default="all", scope="both", choices=("all", "managers"),
            words=(_said("Everybody at the till"), _said("Only who may look at shifts")), required=True),
    Setting("float_left", "cash", _said("Float that stays in the drawer"),
            _said("In whole units of the currency. What is counted above it goes to the safe; 0: all of it does."),
            "whole", default=0, scope="both", most=100_000, required=True),
    Setting("drawer_most", "cash", _said("Most cash in a drawer"),
            _said("In whole units of the currency. With more the till asks to drop some to the safe; 0: never."),
            "whole", default=0, scope="both", most=1_000_000, required=True),
    Setting("reasons_pay_in", "cash", _said("Reasons for cash in"), _REASONS, "lines", scope="both"),
    Setting("reasons_pay_out", "cash", _said("Reasons for cash out"), _REASONS, "lines", scope="both"),
    Setting("reasons_safe", "cash", _said("Reasons for moving cash between drawer and safe"), _REASONS, "lines",
            scope="both"),
    Setting("reasons_pick_up", "cash", _said("Reasons for a pick-up"), _REASONS, "lines", scope="both"),
    Setting("reasons_drawer", "cash", _said("Reasons for opening the drawer without a sale"), _REASONS, "lines",
            scope="both"),
    Setting("coupons_offline", "till", _said("Coupons without a network"),
            _said("Whether a code was used before can't be asked then; one used twice is told of once it arrives."),
            "choice", default="refuse", scope="both", choices=("refuse", "accept"),
            words=(_said("Don't take them"), _said("Take those that look right")), required=True),
    Setting("customer_card_prefix", "till", _said("Customer cards begin with"),
            _said("The first digits of your customer cards, so that a till without a network knows a card from an"
                  " article; empty: cards are known with a network only."), "text", scope="both", most=12),
    *(Setting(**one) for one in RISK),
    Setting("costing", "stock", _said("What goods cost"),
            _said("By average: each piece costs the mean of what is there. First in, first out: the oldest goods leave"
                  " first, at what they cost. A change holds from now on."), "choice", default="average",
            choices=("average", "fifo"), words=(_said("By average"), _said("First in, first out")), required=True),
    Setting("negative_stock", "stock", _said("More is sold than there is"),
            _said("What a till with a network does before payment. What is paid for is always taken in."), "choice",
            default="allow", scope="both", choices=("allow", "block"),
            words=(_said("Sell it, and note it for a count"), _said("Don't sell it")), required=True),
    Setting("named_goods", "till", _said("Lots and serial numbers at the till"),
            _said("Of goods that are followed by lot or by piece, the till asks for what their label says."), "choice",
            default="reason", scope="both", choices=("must", "reason", "free"),
            words=(_said("Needed before payment"), _said("May be left out with a reason"),
                   _said("Only taken from a scan")), required=True),
    Setting("store_name", "store", _said("Name"), _said("What people see of this store."), "text", scope="store",
            column="name", most=80, required=True),
    Setting("address", "store", _said("Address"), _said("Stands on the receipt."), "lines", scope="store",
            column="address"),
    Setting("tax_number", "store", _said("Tax number"),
            _said("Stands on the receipt; a store may have one of its own."), "text", scope="store",
            column="tax_number", most=40),
    Setting("store_timezone", "store", _said("Time zone"), _said("The clock on this store's wall."), "zone",
            scope="store", column="timezone", default="UTC", required=True),
    Setting("day_cutoff_hour", "store", _said("Day starts at"),
            _said("Sales before this hour count for the day before."), "whole", default=4, scope="store",
            column="day_cutoff_hour", least=0, most=12, unit=_said("o'clock"), required=True),
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
