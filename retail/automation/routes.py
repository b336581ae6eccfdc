"""Addresses of imports and exports."""

from __future__ import annotations

from retail.audit import EXPORT
from retail.automation.exports import pages as exports
from retail.automation.exports.lists import LISTS, rights_of
from retail.automation.imports import pages as imports
from retail.automation.imports.files import MOST_ZIP
from retail.automation.reports.routes import ROUTES as REPORTS
from retail.identity.permissions import IMPORT
from retail.runtime.web.routing import get, post

_FORM_BYTES = MOST_ZIP + 64 * 1024

AT = {
    "products": "/products/export", "products-pictures": "/products/pictures/export",
    "forecast": "/analytics/forecast/export",
    "forecast-scenarios": "/analytics/forecast/scenarios/export",
    "forecast-models": "/analytics/forecast/models/export",
    "figures": "/analytics/figures/export",
    "reports": "/reports/export",
    "also-bought": "/products/recommendations/export",
    "never-suggested": "/products/recommendations/excludes/export",
    "prices": "/products/prices/export", "stock": "/stock/export",
    "suppliers": "/products/suppliers/export", "supplier_products": "/products/suppliers/products/export",
    "customers": "/customers/export", "bought": "/customers/sales/export",
    "gift-cards": "/gift-cards/export", "value-moves": "/gift-cards/moves/export",
    "moves": "/stock/moves/export", "sales": "/sales/export", "journal": "/ledger/entries/export",
    "categories": "/products/categories/export", "families": "/products/families/export",
    "choices": "/products/choices/export", "taxes": "/products/taxes/export",
    "exemptions": "/products/taxes/exemptions/export", "exchange-rates": "/products/prices/currencies/export",
    "price-lists": "/products/prices/lists/export", "list-prices": "/products/prices/lists/prices/export",
    "price-changes": "/products/prices/changes/export", "price-batches": "/products/prices/batches/export",
    "bulk-changes": "/products/changes/export", "labels": "/products/labels/export",
    "counts": "/stock/counts/export", "counted": "/stock/counts/lines/export",
    "lots": "/stock/lots/export", "places": "/stock/places/export",
    "revaluations": "/stock/revaluations/export",
    "place-moves": "/stock/places/moves/export", "held": "/stock/places/held/export",
    "reservations": "/stock/reservations/export", "allotments": "/stock/allotments/export",
    "serials": "/stock/serials/export",
    "transfers": "/stock/transfers/export", "waste": "/stock/waste/export", "to-order": "/stock/suggestions/export",
    "stock-value": "/stock/valuation/export", "stock-dead": "/stock/insights/dead/export",
    "stock-classes": "/stock/insights/classes/export", "stock-turnover": "/stock/insights/turnover/export",
    "receipts": "/sales/receipts/export", "layaways": "/sales/layaways/export",
    "voids": "/voids/export", "exceptions": "/exceptions/export",
    "payments": "/payments/export", "invoices": "/billing/invoices/export", "risk": "/risk/export",
    "cashiers": "/risk/cashiers/export", "unusual": "/analytics/unusual/export",
    "till-exceptions": "/risk/exceptions/export",
    "shifts": "/shifts/export", "accounts": "/ledger/export", "people": "/people/export",
    "approvals": "/approvals/export", "devices": "/devices/export", "stores": "/stores/export",
    "tills": "/tills/export", "layouts": "/tills/layouts/export", "audit": "/audit/export",
    "notices": "/notices/export",
    "segments": "/analytics/customers/export", "segment-moves": "/analytics/customers/moves/export",
    "cohorts": "/analytics/customers/cohorts/export",
}  # fmt: skip

ROUTES = [
    *REPORTS,
    *(
        get(AT[name], exports.fetch(name), permission=one.permission, also=" ".join((EXPORT, *rights_of(one)[1:])))
        for name, one in LISTS.items()
    ),
    post("/products/labels/files", exports.print_due, permission=EXPORT),
    get("/products/exports", exports.index, permission=EXPORT),
    post("/products/exports", exports.create, permission=EXPORT),
    get("/products/exports/{id:uuid}", exports.download, permission=EXPORT),
    post("/products/exports/{id:uuid}/cancellation", exports.cancel, permission=EXPORT),
    get("/products/imports", imports.index, permission=IMPORT),
    get("/products/imports/new", imports.new, permission=IMPORT),
    get("/products/imports/columns", imports.columns, permission=IMPORT),
    post("/products/imports", imports.create, permission=IMPORT, most_bytes=_FORM_BYTES),
    get("/products/imports/{id:uuid}", imports.show, permission=IMPORT),
    get("/products/imports/{id:uuid}/report", imports.report, permission=IMPORT),
    post("/products/imports/{id:uuid}/columns", imports.name_columns, permission=IMPORT),
    post("/products/imports/{id:uuid}/storing", imports.store, permission=IMPORT),
    post("/products/imports/{id:uuid}/cancellation", imports.cancel, permission=IMPORT),
]
