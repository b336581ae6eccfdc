"""What a role may do. The table here is the source for routes, pages, the API and the tests alike."""

from __future__ import annotations

from typing import Final

from retail.audit import VIEW_AUDIT

VIEW_DASHBOARD: Final = "view_dashboard"
VIEW_SALES: Final = "view_sales"
SELL: Final = "sell"
REFUND: Final = "refund"
VIEW_CATALOGUE: Final = "view_catalogue"
EDIT_CATALOGUE: Final = "edit_catalogue"
VIEW_STOCK: Final = "view_stock"
MOVE_STOCK: Final = "move_stock"
VIEW_BOOKS: Final = "view_books"
VIEW_SHIFTS: Final = "view_shifts"
RUN_SHIFT: Final = "run_shift"
VIEW_PEOPLE: Final = "view_people"
EDIT_PEOPLE: Final = "edit_people"
VIEW_STORES: Final = "view_stores"
EDIT_STORES: Final = "edit_stores"
SETTLE_EXCEPTIONS: Final = "settle_exceptions"
RUN_CHECKS: Final = "run_checks"
IMPORT: Final = "import"

VIEWS: Final = frozenset(
    {
        VIEW_DASHBOARD,
        VIEW_SALES,
        VIEW_CATALOGUE,
        VIEW_STOCK,
        VIEW_BOOKS,
        VIEW_SHIFTS,
        VIEW_PEOPLE,
        VIEW_STORES,
        VIEW_AUDIT,
    }
)
ALL: Final = VIEWS | {
    SELL,
    REFUND,
    SETTLE_EXCEPTIONS,
    EDIT_CATALOGUE,
    MOVE_STOCK,
    RUN_SHIFT,
    EDIT_PEOPLE,
    EDIT_STORES,
    RUN_CHECKS,
    IMPORT,
}

# Managers have EDIT_PEOPLE too; that they leave owners alone is a rule of the people's operations.
ROLES: Final[dict[str, frozenset[str]]] = {
    "owner": ALL,
    "manager": ALL,
    "clerk": frozenset({SELL, REFUND, VIEW_SALES, VIEW_CATALOGUE, VIEW_STOCK, RUN_SHIFT, VIEW_STORES}),
    "viewer": VIEWS,
}
