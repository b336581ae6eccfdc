"""Which pages the app answers for without a network, beside its own: all of the business but the tills', in sections.

A browser gives a page to the worker with the longest scope that fits, and the till's own (scope /) must keep those of
the tills. A scope can't leave an address out: so each section of the back office is a scope of its own, and `tills` is
none of them.
"""

from __future__ import annotations

import re
from typing import Final

from retail.analytics.pocket.manifest import AT

SECTIONS: Final = (
    "analytics", "approvals", "audit", "billing", "customers", "devices", "exceptions", "exports", "first-steps",
    "gift-cards", "ledger", "messages", "news", "notices", "payments", "people", "privacy", "products", "promotions",
    "receipts", "reports", "risk", "roles", "sales", "search", "security", "settings", "shift-notes", "shifts", "stock",
    "stores", "tokens", "voids",
)  # fmt: skip
"""The first words of the addresses of a business's pages."""
OWN: Final = ("account", "platform")
"""Pages of no business, which have a worker each at the bare host: somebody's own account, and the operator's pages."""
LEFT_OUT: Final = frozenset({"", "tills", "today", "logo", "pages", "pocket"})
"""Those that stay with others: Today at the bare address and the tills' pages (both have doors in /pocket), parts of
a page, pictures, and the app itself, for which its own worker stands."""
_SUBSCRIBING: Final = re.compile(r"((?:/t/[a-z0-9-]+)?)/notices/browsers")


def allowed(to: str, section: str) -> str:
    """Give the widest scope that a worker may have which was asked for by these parameters; none is its own address."""
    if not to and section in OWN:
        return f"/{section}"
    of = _SUBSCRIBING.fullmatch(to)
    if of is None or (section and section not in SECTIONS):
        return "/office.js"
    return f"{of[1]}/{section}" if section else f"{of[1]}{AT}"
