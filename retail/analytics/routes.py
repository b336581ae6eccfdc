"""Addresses of the page Today and of its parts, and of lists as files."""

from __future__ import annotations

from retail.analytics import finding, going, handlers, product_page
from retail.analytics.pocket.routes import ROUTES as POCKET
from retail.analytics.sections import pages as sections
from retail.identity.permissions import VIEW_CATALOGUE, VIEW_DASHBOARD
from retail.runtime.web.routing import SIGNED_IN, get

ROUTES = [
    get("/", handlers.index, permission=SIGNED_IN),
    get("/search", finding.find, permission=VIEW_CATALOGUE),
    get("/pages", going.show, permission=SIGNED_IN),
    get("/today/regions", handlers.regions, permission=VIEW_DASHBOARD),
    get("/today/watch", handlers.watch, permission=VIEW_DASHBOARD),
    get("/today/revenue", handlers.revenue, permission=VIEW_DASHBOARD),
    get("/products/{id:uuid}", product_page.show, permission=VIEW_CATALOGUE),
    get("/products/{id:uuid}/sold", product_page.sold, permission=VIEW_DASHBOARD),
    get("/analytics", sections.section("overview"), permission=VIEW_DASHBOARD),
    get("/analytics/sales", sections.section("sales"), permission=VIEW_DASHBOARD),
    get("/analytics/products", sections.section("products"), permission=VIEW_DASHBOARD),
    get("/analytics/charts/{name}", sections.chart, permission=VIEW_DASHBOARD),
    *POCKET,
]
