"""How a transaction begins: it says whose rows it sees, in the same round trip."""

from __future__ import annotations

from typing import Final

from retail.runtime.tenancy import Scope

NOBODYS: Final = "BEGIN; SET LOCAL app.tenant_id = ''; SET LOCAL app.stores = ''"
"""Begins a transaction that sees no business's rows, whatever somebody left behind on the connection."""


def opening(begin: str, scope: Scope) -> str:
    """Give what begins a transaction and says whose rows it sees: one round trip.

    Both are always said: behind a pooler the connection is shared with programs that may have left a setting on it.
    """
    stores = "" if scope.stores is None else f"{{{','.join(map(str, sorted(scope.stores)))}}}"
    return f"{begin}; SET LOCAL app.tenant_id = '{scope.tenant}'; SET LOCAL app.stores = '{stores}'"
