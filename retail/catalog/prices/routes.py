"""Addresses of the pages of prices."""

from __future__ import annotations

from retail.catalog.prices import batch_pages, change_pages, list_pages, rate_pages
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/products/prices", list_pages.index, permission=EDIT_CATALOGUE),
    get("/products/prices/lists/new", list_pages.new, permission=EDIT_CATALOGUE),
    leads("/products/prices/lists", "/products/prices/lists/new", permission=EDIT_CATALOGUE),
    post("/products/prices/lists", list_pages.create, permission=EDIT_CATALOGUE),
    get("/products/prices/lists/{id}", list_pages.show, permission=EDIT_CATALOGUE),
    post("/products/prices/lists/{id}", list_pages.update, permission=EDIT_CATALOGUE),
    post("/products/prices/lists/{id}/removal", list_pages.remove, permission=EDIT_CATALOGUE),
    leads("/products/prices/lists/{id}/prices", "/products/prices/lists/{id}", permission=EDIT_CATALOGUE),
    post("/products/prices/lists/{id}/prices", list_pages.put_price, permission=EDIT_CATALOGUE),
    get("/products/prices/changes", change_pages.index, permission=VIEW_CATALOGUE),
    post("/products/prices/changes/{id}/removal", change_pages.undo, permission=EDIT_CATALOGUE),
    get("/products/prices/batches", batch_pages.index, permission=EDIT_CATALOGUE),
    get("/products/prices/batches/new", batch_pages.new, permission=EDIT_CATALOGUE),
    get("/products/prices/batches/preview", batch_pages.preview, permission=EDIT_CATALOGUE),
    post("/products/prices/batches", batch_pages.create, permission=EDIT_CATALOGUE),
    get("/products/prices/batches/{id}", batch_pages.show, permission=EDIT_CATALOGUE),
    post("/products/prices/batches/{id}/undoing", batch_pages.undo, permission=EDIT_CATALOGUE),
    get("/products/prices/currencies", rate_pages.index, permission=EDIT_CATALOGUE),
    post("/products/prices/currencies", rate_pages.create, permission=EDIT_CATALOGUE),
    post("/products/prices/currencies/{id}/removal", rate_pages.remove, permission=EDIT_CATALOGUE),
    get("/products/{id:uuid}/prices", change_pages.of_product, permission=VIEW_CATALOGUE),
    post("/products/{id:uuid}/prices", change_pages.schedule, permission=EDIT_CATALOGUE),
]
