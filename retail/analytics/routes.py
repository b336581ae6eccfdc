"""Addresses of the page Today and of its parts, and of lists as files."""

from __future__ import annotations

from retail.analytics import customer_page, customers_pages, finding, going, handlers, product_page
from retail.analytics.customers_pages import MOVES, PATH
from retail.analytics.pocket.routes import ROUTES as POCKET
from retail.analytics.sections import pages as sections
from retail.analytics.sections.insights import pages as insights
from retail.identity.permissions import EDIT_CUSTOMERS, VIEW_CATALOGUE, VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import SIGNED_IN, get, post

ROUTES = [
    get("/", handlers.index, permission=SIGNED_IN),
    get("/search", finding.find, permission=VIEW_CATALOGUE),
    get("/pages", going.show, permission=SIGNED_IN),
    get("/today/regions", handlers.regions, permission=VIEW_DASHBOARD),
    get("/today/watch", handlers.watch, permission=VIEW_DASHBOARD),
    get("/today/revenue", handlers.revenue, permission=VIEW_DASHBOARD),
    get("/products/{id:uuid}", product_page.show, permission=VIEW_CATALOGUE),
    get("/products/{id:uuid}/sold", product_page.sold, permission=VIEW_DASHBOARD),
    get("/customers/{id:uuid}", customer_page.show, permission=VIEW_CUSTOMERS),
    *(
        get(path, handler, permission=VIEW_DASHBOARD, also=VIEW_CUSTOMERS)
        for path, handler in (
            (PATH, customers_pages.index),
            (MOVES, customers_pages.moves),
            (f"{PATH}/moved", customers_pages.moved),
            (f"{PATH}/cohorts", customers_pages.cohorts),
            (f"{PATH}/hours", customers_pages.rhythm),
        )
    ),
    leads(f"{PATH}/runs", PATH, permission=VIEW_DASHBOARD),
    post(f"{PATH}/runs", customers_pages.work_out, permission=EDIT_CUSTOMERS),
    get("/analytics", sections.section("overview"), permission=VIEW_DASHBOARD),
    get("/analytics/insights", insights.show, permission=VIEW_DASHBOARD),
    leads("/analytics/insights/words", "/analytics/insights", permission=VIEW_DASHBOARD),
    post("/analytics/insights/words", insights.in_other_words, permission=VIEW_DASHBOARD),
    get("/analytics/sales", sections.section("sales"), permission=VIEW_DASHBOARD),
    get("/analytics/products", sections.section("products"), permission=VIEW_DASHBOARD),
    get("/analytics/charts/{name}", sections.chart, permission=VIEW_DASHBOARD),
    *POCKET,
]
