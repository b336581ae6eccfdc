"""Rules of tenants, stores and tills."""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-Z0-9-]{1,12}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")


def code_is_valid(code: str) -> bool:
    """Claim that a store or till may have this code; it stands on receipts."""
    return _CODE.fullmatch(code) is not None


def slug_is_valid(slug: str) -> bool:
    """Claim that a business may be reached under this address: it must also work as a host name."""
    return _SLUG.fullmatch(slug) is not None
