"""Addresses of the catalogue's pages."""

from __future__ import annotations

import retail.catalog.jobs  # noqa: F401 - what pages and programs queue must be known where they run
from retail.catalog import group_pages, handlers, list_pages
from retail.catalog.changes import pages as changes
from retail.catalog.codes.routes import ROUTES as CODES
from retail.catalog.lists import view_pages
from retail.catalog.prices.routes import ROUTES as PRICES
from retail.catalog.products.routes import ROUTES as PRODUCTS
from retail.catalog.suppliers.routes import ROUTES as SUPPLIERS
from retail.catalog.taxes.routes import ROUTES as TAXES
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/products", list_pages.index, permission=VIEW_CATALOGUE),
    get("/products/new", handlers.new, permission=EDIT_CATALOGUE),
    post("/products", handlers.create, permission=EDIT_CATALOGUE),
    get("/products/categories", group_pages.categories, permission=EDIT_CATALOGUE),
    post("/products/categories", group_pages.create_category, permission=EDIT_CATALOGUE),
    get("/products/categories/{id}/edit", group_pages.edit_category, permission=EDIT_CATALOGUE),
    leads("/products/categories/{id}", "/products/categories/{id}/edit", permission=EDIT_CATALOGUE),
    post("/products/categories/{id}", group_pages.update_category, permission=EDIT_CATALOGUE),
    post("/products/categories/{id}/removal", group_pages.remove_category, permission=EDIT_CATALOGUE),
    get("/products/taxes", group_pages.taxes, permission=EDIT_CATALOGUE),
    post("/products/taxes", group_pages.create_tax, permission=EDIT_CATALOGUE),
    *TAXES,
    get("/products/taxes/{id}/edit", group_pages.edit_tax, permission=EDIT_CATALOGUE),
    leads("/products/taxes/{id}", "/products/taxes/{id}/edit", permission=EDIT_CATALOGUE),
    post("/products/taxes/{id}", group_pages.update_tax, permission=EDIT_CATALOGUE),
    post("/products/changes", list_pages.change, permission=EDIT_CATALOGUE),
    get("/products/changes", changes.index, permission=EDIT_CATALOGUE),
    get("/products/changes/new", changes.new, permission=EDIT_CATALOGUE),
    post("/products/changes/new", changes.preview, permission=EDIT_CATALOGUE),
    post("/products/changes/made", changes.create, permission=EDIT_CATALOGUE),
    leads("/products/changes/made", "/products/changes", permission=EDIT_CATALOGUE),
    get("/products/changes/{id:uuid}", changes.show, permission=EDIT_CATALOGUE),
    post("/products/changes/{id:uuid}/stop", changes.stop, permission=EDIT_CATALOGUE),
    post("/products/changes/{id:uuid}/undoing", changes.undo, permission=EDIT_CATALOGUE),
    get("/products/views", view_pages.index, permission=VIEW_CATALOGUE),
    post("/products/views", view_pages.save, permission=VIEW_CATALOGUE),
    post("/products/views/{id:uuid}", view_pages.update, permission=VIEW_CATALOGUE),
    post("/products/views/{id:uuid}/removal", view_pages.remove, permission=VIEW_CATALOGUE),
    *PRODUCTS,
    *CODES,
    *PRICES,
    *SUPPLIERS,
    get("/products/{id:uuid}/edit", handlers.edit, permission=EDIT_CATALOGUE),
    post("/products/{id:uuid}", handlers.update, permission=EDIT_CATALOGUE),
    post("/products/{id:uuid}/archival", handlers.archive, permission=EDIT_CATALOGUE),
    post("/products/{id:uuid}/restoration", handlers.restore, permission=EDIT_CATALOGUE),
]
