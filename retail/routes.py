"""The site map: every feature's addresses, and the places that the navigation shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.routing import BaseRoute

from retail.analytics.pocket.routes import SITE as WITHOUT_NETWORK
from retail.analytics.routes import ROUTES as ANALYTICS
from retail.audit import VIEW_AUDIT
from retail.audit.routes import ROUTES as AUDIT
from retail.automation.routes import ROUTES as AUTOMATION
from retail.billing.routes import ROUTES as BILLING
from retail.billing.routes import SITE as BILLS
from retail.cash.routes import ROUTES as CASH
from retail.catalog.routes import ROUTES as CATALOG
from retail.comms.routes import ROUTES as COMMS
from retail.comms.routes import SITE as ANNOUNCEMENTS
from retail.console.routes import SITE as CONSOLE
from retail.customers.routes import ROUTES as CUSTOMERS
from retail.foresight.routes import ROUTES as FORESIGHT
from retail.identity.approval_routes import ROUTES as APPROVALS
from retail.identity.device_routes import ROUTES as DEVICES
from retail.identity.entry_routes import ROUTES as ENTRY
from retail.identity.entry_routes import SITE as WAYS_IN
from retail.identity.permissions import (
    APPROVE,
    ERASE_PEOPLE,
    MANAGE_BILLING,
    MANAGE_DEVICES,
    MANAGE_SECURITY,
    MANAGE_SETTINGS,
    MANAGE_TOKENS,
    SETTLE_EXCEPTIONS,
    VIEW_BOOKS,
    VIEW_CATALOGUE,
    VIEW_CUSTOMERS,
    VIEW_DASHBOARD,
    VIEW_PEOPLE,
    VIEW_SALES,
    VIEW_SHIFTS,
    VIEW_STOCK,
    VIEW_STORES,
)
from retail.identity.routes import ROUTES as IDENTITY
from retail.identity.routes import SITE as SIGN_IN
from retail.identity.token_routes import ROUTES as TOKENS
from retail.identity.token_routes import SITE as PROGRAMS
from retail.kit.text import _
from retail.ledger.routes import ROUTES as LEDGER
from retail.life.routes import ROUTES as LIFE
from retail.life.routes import SITE as OPENINGS
from retail.notifications.routes import ROUTES as NOTIFICATIONS
from retail.privacy.routes import ROUTES as PRIVACY
from retail.privacy.routes import SITE as OWN_DATA
from retail.promotions.routes import ROUTES as PROMOTIONS
from retail.recommending.routes import ROUTES as RECOMMENDING
from retail.risk.routes import ROUTES as RISK
from retail.runtime.web.context import edge
from retail.runtime.web.routing import SIGNED_IN
from retail.sales.routes import ROUTES as SALES
from retail.sales.routes import SITE as RECEIPTS
from retail.stock.routes import ROUTES as STOCK
from retail.stock.stockroom_routes import ROUTES as STOCKROOM
from retail.tenants.routes import ROUTES as TENANTS
from retail.value.routes import ROUTES as VALUE
from retail.vigilance.routes import ROUTES as VIGILANCE

SITE: Final[list[BaseRoute]] = [
    *SIGN_IN,
    *WAYS_IN,
    *PROGRAMS,
    *OWN_DATA,
    *OPENINGS,
    *RECEIPTS,
    *BILLS,
    *CONSOLE,
    *ANNOUNCEMENTS,
    *WITHOUT_NETWORK,
]
TENANT: Final[list[BaseRoute]] = [
    *AUTOMATION, *ANALYTICS, *CUSTOMERS, *VALUE, *SALES, *CATALOG, *PROMOTIONS, *RISK, *STOCK, *STOCKROOM, *CASH,
    *RECOMMENDING, *FORESIGHT, *VIGILANCE, *LEDGER, *TENANTS, *LIFE, *ENTRY, *IDENTITY, *AUDIT, *DEVICES, *TOKENS,
    *PRIVACY, *APPROVALS, *COMMS, *NOTIFICATIONS, *BILLING,
]  # fmt: skip


_COUNTED: Final = {"/exceptions": "/exceptions/waiting", "/messages": "/messages/unread"}


_BESIDE: Final = {"/messages": ("/news", "/shift-notes")}
"""Pages that are found on another place's tabs."""

_IN_POCKET: Final = {
    "/pocket": "/",
    "/pocket/stock": "/stock",
    "/pocket/orders": "/stock",
    "/pocket/messages": "/messages",
}
"""Pages that the owner's app has at addresses of its own, and the place where the back office has them."""


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the navigation."""

    label: str
    icon: str
    href: str
    current: bool
    group: str | None = None
    counted: str | None = None
    """The address of the number that stands beside it; the browser fetches it, so no page waits for it."""


def _own_places(at: str) -> list[Place]:
    """Give the pages of somebody's own account, which belong to no business, and the way back to work."""
    sessions = at in {"/account/sessions", "/account/history"}
    return [
        Place(_("Start"), "house", "/", current=False),
        Place(_("Account"), "circle-user-round", "/account", at == "/account"),
        Place(_("Sign-ins"), "history", "/account/history", sessions),
        Place(_("Your data"), "lock", "/account/data", at == "/account/data"),
    ]


def places(request: Request) -> list[Place]:
    """Give the navigation of whoever asks: the pages of this tenant that they may open, else the operator's."""
    here = edge(request)
    if here.scope is None:
        at = request.url.path
        if here.person is None:
            return []
        if not here.person.operator:
            return _own_places(at)
        return [
            Place(_("Overview"), "house", "/platform", at == "/platform"),
            Place(_("Businesses"), "store", "/platform/businesses", at.startswith("/platform/businesses")),
            Place(_("News"), "message-square", "/platform/announcements", at.startswith("/platform/announcements")),
            Place(
                _("Messages"),
                "mail",
                "/platform/messages",
                at.startswith("/platform/messages"),
                counted="/platform/messages/unread",
            ),
            Place(_("Accounts"), "users", "/platform/people", at.startswith("/platform/people")),
            Place(_("Invoices"), "file-text", "/platform/invoices", at.startswith("/platform/invoices")),
            Place(_("Coupons"), "percent", "/platform/coupons", at.startswith("/platform/coupons")),
            Place(_("Mail"), "mail", "/platform/mail", at.startswith("/platform/mail")),
            Place(_("Security"), "shield-check", "/platform/security", at.startswith("/platform/security")),
            Place(_("Switches"), "settings", "/platform/switches", at.startswith("/platform/switches")),
            Place(_("Errors"), "circle-alert", "/platform/errors", at.startswith("/platform/errors")),
            Place(_("Jobs"), "clock", "/platform/jobs", at.startswith("/platform/jobs")),
            Place(_("Audit trail"), "history", "/platform/audit", at == "/platform/audit"),
        ]
    trade, goods, money, business = _("Trade"), _("Goods"), _("Money"), _("Business")
    wanted = [
        ("/", _("Today"), "house", VIEW_DASHBOARD, trade),
        ("/analytics", _("Analytics"), "chart-line", VIEW_DASHBOARD, trade),
        ("/reports", _("Reports"), "file-text", VIEW_DASHBOARD, trade),
        ("/tills", _("Tills"), "calculator", VIEW_STORES, trade),
        ("/sales", _("Sales"), "receipt-text", VIEW_SALES, trade),
        ("/exceptions", _("Needs a look"), "inbox", VIEW_SALES, trade),
        ("/customers", _("Customers"), "user", VIEW_CUSTOMERS, trade),
        ("/gift-cards", _("Gift cards"), "gift", VIEW_CUSTOMERS, trade),
        ("/approvals", _("Approvals"), "circle-check", APPROVE, trade),
        ("/messages", _("Messages"), "message-square", SIGNED_IN, trade),
        ("/shifts", _("Shifts"), "vault", VIEW_SHIFTS, trade),
        ("/risk", _("Loss prevention"), "shield-check", SETTLE_EXCEPTIONS, trade),
        ("/products", _("Products"), "tag", VIEW_CATALOGUE, goods),
        ("/promotions", _("Promotions"), "percent", VIEW_CATALOGUE, goods),
        ("/stock", _("Stock"), "boxes", VIEW_STOCK, goods),
        ("/ledger", _("Books"), "book-open", VIEW_BOOKS, money),
        ("/stores", _("Stores"), "store", VIEW_STORES, business),
        ("/devices", _("Devices"), "monitor", MANAGE_DEVICES, business),
        ("/people", _("People"), "users", VIEW_PEOPLE, business),
        ("/roles", _("Roles"), "shield-check", VIEW_PEOPLE, business),
        ("/audit", _("Audit trail"), "history", VIEW_AUDIT, business),
        ("/tokens", _("Programs"), "key-round", MANAGE_TOKENS, business),
        ("/privacy", _("Personal data"), "lock", ERASE_PEOPLE, business),
        ("/security", _("Security"), "shield-check", MANAGE_SECURITY, business),
        ("/settings", _("Settings"), "settings", MANAGE_SETTINGS, business),
        ("/billing", _("Subscription"), "wallet", MANAGE_BILLING, business),
    ]
    path = request.url.path.removeprefix(f"/t/{here.slug}")
    path = _IN_POCKET.get(path, path)
    return [
        Place(
            label,
            icon,
            here.base + to,
            path == to or (to != "/" and path.startswith((to + "/", *_BESIDE.get(to, ())))),
            group,
            here.base + _COUNTED[to] if to in _COUNTED else None,
        )
        for to, label, icon, permission, group in wanted
        if permission == SIGNED_IN or here.scope.may(permission)
    ]
