"""The sections of analytics, as a row of links."""

from __future__ import annotations

from typing import Any, Final

from retail.kit.text import _

PATHS: Final = {
    "overview": "/analytics",
    "insights": "/analytics/insights",
    "sales": "/analytics/sales",
    "forecast": "/analytics/forecast",
    "unusual": "/analytics/unusual",
    "customers": "/analytics/customers",
    "products": "/analytics/products",
}


def strip(current: str, query: str = "") -> list[dict[str, Any]]:
    """List the sections, `current` marked; `query` is what each keeps of the address."""
    names = {
        "overview": _("Overview"),
        "insights": _("Insights"),
        "sales": _("Sales"),
        "forecast": _("Forecast"),
        "unusual": _("Unusual"),
        "customers": _("Customers"),
        "products": _("Products"),
    }
    kept = f"?{query}" if query else ""
    return [{"label": names[name], "href": path + kept, "current": name == current} for name, path in PATHS.items()]
