"""Addresses of the catalogue's pages."""

from __future__ import annotations

from retail.catalog import handlers
from retail.catalog.imports import MOST_BYTES
from retail.identity.permissions import EDIT_CATALOGUE, IMPORT, VIEW_CATALOGUE
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/products", handlers.index, permission=VIEW_CATALOGUE),
    get("/products/new", handlers.new, permission=EDIT_CATALOGUE),
    post("/products", handlers.create, permission=EDIT_CATALOGUE),
    get("/products/imports/new", handlers.new_import, permission=IMPORT),
    post("/products/imports", handlers.create_import, permission=IMPORT, most_bytes=MOST_BYTES),
    get("/products/{id}/edit", handlers.edit, permission=EDIT_CATALOGUE),
    post("/products/{id}", handlers.update, permission=EDIT_CATALOGUE),
    post("/products/{id}/archival", handlers.archive, permission=EDIT_CATALOGUE),
]
