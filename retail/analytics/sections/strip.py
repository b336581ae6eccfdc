"""The strip of tabs over the sections of analytics."""

from __future__ import annotations

from retail.kit.text import _


def strip(current: str) -> list[dict[str, object]]:
    """Give the sections as tabs, addresses without the tenant's prefix; `current` is the address of the one shown."""
    sections = (
        (_("Overview"), "/analytics"),
        (_("Sales"), "/analytics/sales"),
        (_("Forecast"), "/analytics/forecast"),
        (_("Customers"), "/analytics/customers"),
        (_("Products"), "/analytics/products"),
    )
    return [{"label": label, "href": href, "current": href == current} for label, href in sections]
