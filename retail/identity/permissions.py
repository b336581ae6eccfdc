"""The table of permissions: the one source for routes, roles, pages, the API, the documentation and the tests alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from retail.audit import EXPORT, VIEW_AUDIT
from retail.kit.text import _
from retail.runtime.tenancy import Right

SELL: Final = "sell"
HOLD_SALE: Final = "hold_sale"
DISCOUNT: Final = "discount"
OVERRIDE_PRICE: Final = "override_price"
VOID_LINE: Final = "void_line"
VOID_SALE: Final = "void_sale"
REFUND: Final = "refund"
OPEN_DRAWER: Final = "open_drawer"
SELL_BEYOND: Final = "sell_beyond"
PAY_OUT: Final = "pay_out"
RUN_SHIFT: Final = "run_shift"
APPROVE: Final = "approve"
VIEW_DASHBOARD: Final = "view_dashboard"
VIEW_SALES: Final = "view_sales"
VIEW_SHIFTS: Final = "view_shifts"
SETTLE_EXCEPTIONS: Final = "settle_exceptions"
VIEW_BOOKS: Final = "view_books"
VIEW_COSTS: Final = "view_costs"
VIEW_CATALOGUE: Final = "view_catalogue"
EDIT_CATALOGUE: Final = "edit_catalogue"
IMPORT: Final = "import"
PRINT_LABELS: Final = "print_labels"
VIEW_STOCK: Final = "view_stock"
MOVE_STOCK: Final = "move_stock"
COUNT_STOCK: Final = "count_stock"
FINISH_COUNT: Final = "finish_count"
RESERVE_STOCK: Final = "reserve_stock"
SETTLE_TRANSFERS: Final = "settle_transfers"
VIEW_CUSTOMERS: Final = "view_customers"
EDIT_CUSTOMERS: Final = "edit_customers"
VIEW_STORES: Final = "view_stores"
EDIT_STORES: Final = "edit_stores"
VIEW_PEOPLE: Final = "view_people"
EDIT_PEOPLE: Final = "edit_people"
MANAGE_ROLES: Final = "manage_roles"
MANAGE_DEVICES: Final = "manage_devices"
MANAGE_SETTINGS: Final = "manage_settings"
MANAGE_SECURITY: Final = "manage_security"
MANAGE_TOKENS: Final = "manage_tokens"
ERASE_PEOPLE: Final = "erase_people"
MANAGE_BILLING: Final = "manage_billing"
RUN_CHECKS: Final = "run_checks"


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that somebody may do.

    `limit` says what an amount of it is measured in: "percent" in basis points, "money" in minor units. `sensitive`
    ones ask for a person who has just proved who they are. `per_store` ones may be had in one store alone; the others
    concern the whole business and are never given for a store. `asks`: its operations ask for an approval themselves
    (Scope.decide), so its pages open for whoever needs one; elsewhere "needs approval" keeps the door shut.
    """

    name: str
    label: str
    group: str
    limit: Literal["percent", "money"] | None = None
    sensitive: bool = False
    per_store: bool = True
    asks: bool = False

    @property
    def words(self) -> str:
        """Say what it lets somebody do."""
        return _(self.label)


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


GROUPS: Final[dict[str, str]] = {
    "selling": _said("Selling"),
    "money": _said("Money and figures"),
    "goods": _said("Goods"),
    "business": _said("Business"),
    "safety": _said("People and safety"),
}

PERMISSIONS: Final[tuple[Permission, ...]] = (
    Permission(SELL, _said("Sell at a till"), "selling"),
    Permission(HOLD_SALE, _said("Put a sale aside and take it up again"), "selling"),
    Permission(DISCOUNT, _said("Give a discount"), "selling", limit="percent", asks=True),
    Permission(OVERRIDE_PRICE, _said("Sell at another price than the set one"), "selling", asks=True),
    Permission(VOID_LINE, _said("Remove a line from an open sale"), "selling", asks=True),
    Permission(VOID_SALE, _said("Cancel a sale before it is paid"), "selling", asks=True),
    Permission(REFUND, _said("Take goods back and refund"), "selling", limit="money", asks=True),
    Permission(OPEN_DRAWER, _said("Open the cash drawer without a sale"), "selling", asks=True),
    Permission(PAY_OUT, _said("Pay cash out of the drawer"), "selling", limit="money", asks=True),
    Permission(SELL_BEYOND, _said("Sell on beyond a limit without the network"), "selling", asks=True),
    Permission(RUN_SHIFT, _said("Open, count and close a shift"), "selling"),
    Permission(APPROVE, _said("Approve what others may not do alone"), "selling"),
    Permission(VIEW_DASHBOARD, _said("See today's figures"), "money"),
    Permission(VIEW_SALES, _said("See sales and receipts"), "money"),
    Permission(SETTLE_EXCEPTIONS, _said("Settle what tills report as unusual"), "money"),
    Permission(VIEW_SHIFTS, _said("See shifts and cash counts"), "money"),
    Permission(VIEW_BOOKS, _said("See the books"), "money"),
    Permission(VIEW_COSTS, _said("See purchase costs and margins"), "money"),
    Permission(EXPORT, _said("Take lists out as files"), "money"),
    Permission(VIEW_CATALOGUE, _said("See products and prices"), "goods"),
    Permission(EDIT_CATALOGUE, _said("Change products, prices and taxes"), "goods", per_store=False),
    Permission(IMPORT, _said("Import files"), "goods", per_store=False),
    Permission(PRINT_LABELS, _said("Print labels"), "goods"),
    Permission(VIEW_STOCK, _said("See stock"), "goods"),
    Permission(MOVE_STOCK, _said("Receive, count, transfer and write off stock"), "goods"),
    Permission(COUNT_STOCK, _said("Count the shelves"), "goods"),
    Permission(FINISH_COUNT, _said("Finish a count and correct the stock by it"), "goods", limit="money", asks=True),
    Permission(RESERVE_STOCK, _said("Reserve goods for somebody"), "goods"),
    Permission(SETTLE_TRANSFERS, _said("Decide who bears what got lost between stores"), "goods"),
    Permission(VIEW_CUSTOMERS, _said("Look customers up"), "business"),
    Permission(
        EDIT_CUSTOMERS, _said("Change customers, their credit and their gift cards"), "business", per_store=False
    ),
    Permission(VIEW_STORES, _said("See stores and tills"), "business"),
    Permission(EDIT_STORES, _said("Open and change stores and tills"), "business", per_store=False),
    Permission(MANAGE_SETTINGS, _said("Change the business's settings"), "business", per_store=False),
    Permission(MANAGE_BILLING, _said("Choose the plan and pay its bills"), "business", per_store=False),
    Permission(RUN_CHECKS, _said("Check the books and stock against their records"), "business", per_store=False),
    Permission(VIEW_PEOPLE, _said("See who works here"), "safety", per_store=False),
    Permission(EDIT_PEOPLE, _said("Add people, give them roles, let them go"), "safety", per_store=False),
    Permission(MANAGE_ROLES, _said("Change what roles may do"), "safety", sensitive=True, per_store=False),
    Permission(MANAGE_DEVICES, _said("Enrol and block devices"), "safety", sensitive=True),
    Permission(MANAGE_TOKENS, _said("Give programs access"), "safety", sensitive=True, per_store=False),
    Permission(MANAGE_SECURITY, _said("Set the rules of signing in"), "safety", sensitive=True, per_store=False),
    Permission(ERASE_PEOPLE, _said("Erase somebody's personal data"), "safety", sensitive=True, per_store=False),
    Permission(VIEW_AUDIT, _said("See who did what"), "safety", per_store=False),
)

_BY_NAME: Final = {one.name: one for one in PERMISSIONS}
ALL: Final = frozenset(_BY_NAME)
PER_STORE: Final = frozenset(one.name for one in PERMISSIONS if one.per_store)
ASKS: Final = frozenset(one.name for one in PERMISSIONS if one.asks)
VIEWS: Final = frozenset(name for name in ALL if name.startswith("view_"))
OWNERS_KEEP: Final = frozenset({VIEW_PEOPLE, EDIT_PEOPLE, MANAGE_ROLES, MANAGE_SECURITY})
"""What an owner can't lose: without these nobody could give a right back."""

_FREE: Final = Right()
_ASKED: Final = Right("approval")

TEMPLATES: Final[Mapping[str, Mapping[str, Right]]] = {
    "owner": dict.fromkeys(ALL, _FREE),
    "manager": dict.fromkeys(ALL - {MANAGE_BILLING, MANAGE_ROLES, MANAGE_SECURITY, MANAGE_TOKENS, ERASE_PEOPLE}, _FREE),
    "clerk": {
        **dict.fromkeys(
            (
                *(SELL, HOLD_SALE, VOID_LINE, OPEN_DRAWER, RUN_SHIFT, VIEW_SALES, VIEW_CATALOGUE, VIEW_STOCK),
                *(RESERVE_STOCK, PRINT_LABELS, VIEW_STORES, VIEW_CUSTOMERS),
            ),
            _FREE,
        ),
        DISCOUNT: Right(limit=1_000),
        REFUND: Right(limit=5_000),
        PAY_OUT: Right(limit=5_000),
        COUNT_STOCK: _FREE,
        FINISH_COUNT: _ASKED,
        OVERRIDE_PRICE: _ASKED,
        SELL_BEYOND: _ASKED,
        VOID_SALE: _ASKED,
    },
    "viewer": dict.fromkeys(VIEWS | {EXPORT}, _FREE),
}
"""The roles that every business begins with; each business may change its own. Money is in hundredths of a unit."""

ROLES: Final[dict[str, frozenset[str]]] = {key: frozenset(rights) for key, rights in TEMPLATES.items()}


def permission(name: str) -> Permission:
    """Give a permission of the table. Raises KeyError for one that isn't in it."""
    return _BY_NAME[name]
