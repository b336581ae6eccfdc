"""The pages behind those of the navigation, by name, for the box behind Ctrl+K: each to whoever may open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.audit import EXPORT, VIEW_AUDIT
from retail.identity.permissions import (
    EDIT_CATALOGUE,
    EDIT_CUSTOMERS,
    IMPORT,
    MANAGE_DEVICES,
    MANAGE_SECURITY,
    MANAGE_SETTINGS,
    MOVE_STOCK,
    PRINT_LABELS,
    RUN_SHIFT,
    VIEW_BOOKS,
    VIEW_CATALOGUE,
    VIEW_COSTS,
    VIEW_CUSTOMERS,
    VIEW_DASHBOARD,
    VIEW_SALES,
    VIEW_STOCK,
    VIEW_STORES,
)
from retail.kit.text import _
from retail.runtime.web.context import scope
from retail.runtime.web.responses import render
from retail.runtime.web.routing import SIGNED_IN

Line = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its name; `inside` names the place of the navigation that it belongs to."""

    href: str
    label: str
    icon: str
    inside: str


def _stock() -> list[Line]:
    return [
        ("/stock/counts", _("Counts"), "clipboard-check", VIEW_STOCK),
        ("/stock/counts/new", _("Start a count"), "clipboard-check", MOVE_STOCK),
        ("/stock/transfers", _("Transfers"), "truck", VIEW_STOCK),
        ("/stock/transfers/new", _("New transfer"), "truck", MOVE_STOCK),
        ("/stock/suggestions", _("To order"), "shopping-cart", VIEW_STOCK),
        ("/stock/low", _("Running low"), "triangle-alert", VIEW_STOCK),
        ("/stock/moves", _("Stock moves"), "arrow-up-down", VIEW_STOCK),
        ("/stock/moves/new", _("Move stock"), "arrow-up-down", MOVE_STOCK),
        ("/stock/overview", _("Stock overview"), "chart-line", VIEW_STOCK),
        ("/stock/valuation", _("Value of the stock"), "coins", VIEW_STOCK),
        ("/stock/insights", _("Insights"), "trending-up", VIEW_STOCK),
        ("/stock/waste", _("Waste"), "trash-2", VIEW_STOCK),
        ("/stock/waste/new", _("Write off"), "trash-2", MOVE_STOCK),
        ("/stock/waste/reasons", _("Reasons of waste"), "trash-2", MOVE_STOCK),
        ("/stock/lots", _("Lots"), "calendar", VIEW_STOCK),
        ("/stock/serials", _("Serial numbers"), "scan-barcode", VIEW_STOCK),
        ("/stock/places", _("Places"), "map-pin", VIEW_STOCK),
        ("/stock/reservations", _("Reservations"), "lock", VIEW_STOCK),
        ("/stock/allotments", _("Allotments"), "layers", VIEW_STOCK),
        ("/stock/books", _("Stock and books"), "scale", VIEW_BOOKS),
    ]


def _products() -> list[Line]:
    return [
        ("/products/new", _("New product"), "plus", EDIT_CATALOGUE),
        ("/products/recommendations", _("Bought together"), "layers", VIEW_DASHBOARD),
        ("/products/recommendations/excludes", _("Never suggested"), "circle-x", EDIT_CATALOGUE),
        ("/products/imports", _("Imports"), "upload", IMPORT),
        ("/products/imports/new", _("Import a file"), "upload", IMPORT),
        ("/products/exports", _("Exports: files of lists"), "download", EXPORT),
        ("/products/prices", _("Prices: price lists"), "tag", EDIT_CATALOGUE),
        ("/products/prices/changes", _("Changes of prices"), "history", VIEW_CATALOGUE),
        ("/products/prices/batches", _("Many prices at once"), "percent", EDIT_CATALOGUE),
        ("/products/prices/currencies", _("Rates of exchange"), "coins", EDIT_CATALOGUE),
        ("/products/labels", _("Labels"), "printer", PRINT_LABELS),
        ("/products/categories", _("Categories"), "list", EDIT_CATALOGUE),
        ("/products/families", _("Families"), "layers", EDIT_CATALOGUE),
        ("/products/choices", _("Choices"), "circle-check", EDIT_CATALOGUE),
        ("/products/suppliers", _("Suppliers"), "truck", VIEW_CATALOGUE),
        ("/products/taxes", _("Tax classes"), "percent", EDIT_CATALOGUE),
        ("/products/taxes/positions", _("Fiscal positions"), "percent", EDIT_CATALOGUE),
        ("/products/taxes/exemptions", _("Tax exemptions"), "percent", EDIT_CATALOGUE),
        ("/products/barcode-rules", _("Barcode rules"), "scan-barcode", EDIT_CATALOGUE),
        ("/products/codes", _("Series of SKUs"), "scan-barcode", EDIT_CATALOGUE),
        ("/products/changes", _("Changes and undo"), "history", EDIT_CATALOGUE),
        ("/products/views", _("Kept views"), "funnel", VIEW_CATALOGUE),
    ]


def _trade() -> list[tuple[str, list[Line]]]:
    return [
        (_("Sales"), [
            ("/voids", _("Voids"), "circle-x", VIEW_SALES),
            ("/payments", _("Card payments"), "credit-card", VIEW_SALES),
        ]),
        (_("Promotions"), [("/promotions/new", _("New offer"), "percent", EDIT_CATALOGUE)]),
        (_("Customers"), [
            ("/customers/new", _("New customer"), "user-plus", EDIT_CUSTOMERS),
            ("/analytics/customers", _("Segments of customers"), "users", VIEW_DASHBOARD),
        ]),
        (_("Gift cards"), [("/gift-cards/new", _("New gift card"), "gift", EDIT_CUSTOMERS)]),
        (_("Messages"), [
            ("/news", _("News"), "message-square", SIGNED_IN),
            ("/shift-notes", _("Shift notes"), "clipboard-list", RUN_SHIFT),
            ("/messages/new", _("Write"), "pencil", SIGNED_IN),
        ]),
        (_("Notices"), [
            ("/notices", _("Notices"), "bell", SIGNED_IN),
            ("/notices/settings", _("How you are told"), "bell", SIGNED_IN),
        ]),
    ]  # fmt: skip


def _business() -> list[tuple[str, list[Line]]]:
    return [
        (_("Books"), [("/ledger/entries", _("Journal"), "book-open", VIEW_BOOKS)]),
        (_("Devices"), [("/devices/cashiers", _("PINs and badges"), "key-round", MANAGE_DEVICES)]),
        (_("Audit trail"), [("/audit/proof", _("Proof of the audit trail"), "shield-check", VIEW_AUDIT)]),
        (_("Security"), [("/security/second-step", _("Second step at sign-in"), "shield-check", MANAGE_SECURITY)]),
        (_("Settings"), [
            ("/receipts/template", _("Receipt"), "printer", MANAGE_SETTINGS),
            ("/tills/layouts", _("Layouts of tiles"), "layers", MANAGE_SETTINGS),
            ("/risk/rules", _("Rules of loss prevention"), "shield-check", MANAGE_SETTINGS),
            ("/logo", _("Logo"), "image", MANAGE_SETTINGS),
            ("/settings/history", _("History of settings"), "history", MANAGE_SETTINGS),
            ("/first-steps", _("First steps"), "list", VIEW_STORES),
            ("/exports", _("Take everything out"), "download", MANAGE_SECURITY),
        ]),
    ]  # fmt: skip


ALSO: Final = {
    "/stock/valuation": VIEW_COSTS, "/stock/insights": VIEW_COSTS, "/analytics/customers": VIEW_CUSTOMERS,
}  # fmt: skip
"""Pages that ask for a second permission."""


def lines() -> list[tuple[str, Line]]:
    """Give every page with the place that it belongs to: its address, name, icon and the permission it asks for."""
    groups = [(_("Stock"), _stock()), (_("Products"), _products()), *_trade(), *_business()]
    return [(inside, line) for inside, of in groups for line in of]


async def show(request: Request) -> Response:
    """Answer links to the pages that whoever asks may open."""
    asker = scope(request)
    found = [
        Page(href, label, icon, inside)
        for inside, (href, label, icon, permission) in lines()
        if (permission == SIGNED_IN or asker.may(permission)) and (href not in ALSO or asker.may(ALSO[href]))
    ]
    return render(request, "analytics/pages.html", pages=found)
