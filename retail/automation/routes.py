"""Addresses of imports and exports."""

from __future__ import annotations

from retail.audit import EXPORT
from retail.automation.exports import pages as exports
from retail.automation.exports.lists import LISTS
from retail.automation.files.reading import MOST_BYTES
from retail.automation.imports import pages as imports
from retail.identity.permissions import IMPORT
from retail.runtime.web.routing import get, post

_FORM_BYTES = MOST_BYTES + 64 * 1024

_AT = {
    "products": "/products/export", "prices": "/products/prices/export", "stock": "/stock/export",
    "suppliers": "/products/suppliers/export", "supplier_products": "/products/suppliers/products/export",
    "moves": "/stock/moves/export", "sales": "/sales/export", "journal": "/ledger/export",
}  # fmt: skip

ROUTES = [
    *(get(_AT[name], exports.fetch(name), permission=one.permission, also=EXPORT) for name, one in LISTS.items()),
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
