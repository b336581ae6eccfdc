"""Jobs of people's data."""

from __future__ import annotations

from retail.privacy.erasing import erase, erase_customers, erase_from_platform
from retail.privacy.exports import make_export
from retail.privacy.retention import retain

__all__ = ["erase", "erase_customers", "erase_from_platform", "make_export", "retain"]
