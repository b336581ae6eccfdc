"""The sections of analytics, as a row of links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

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


_CARRIED: Final = ("period", "on", "from", "to", "against", "store", "region", "category", "product")
_LONGEST: Final = 100


def strip(current: str, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """List the sections, `current` marked; each keeps what most of them know of what this address asks for."""
    given = [(name, asked[name]) for name in _CARRIED if asked.get(name)]
    query = urlencode([(name, value) for name, value in given if len(value) <= _LONGEST])
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
