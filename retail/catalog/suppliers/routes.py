"""Addresses of suppliers and of what they sell."""

from __future__ import annotations

from retail.catalog.suppliers import pages, supply_pages
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.runtime.web.routing import get, post

_SUPPLIER = "/products/suppliers/{id:uuid}"
_SUPPLY = "/products/{id:uuid}/suppliers/{supplier:uuid}"

ROUTES = [
    get("/products/suppliers", pages.index, permission=VIEW_CATALOGUE),
    get("/products/suppliers/new", pages.new, permission=EDIT_CATALOGUE),
    post("/products/suppliers", pages.create, permission=EDIT_CATALOGUE),
    get(_SUPPLIER, pages.show, permission=VIEW_CATALOGUE),
    get(f"{_SUPPLIER}/edit", pages.edit, permission=EDIT_CATALOGUE),
    post(_SUPPLIER, pages.update, permission=EDIT_CATALOGUE),
    post(f"{_SUPPLIER}/archival", pages.archive, permission=EDIT_CATALOGUE),
    post(f"{_SUPPLIER}/restoration", pages.restore, permission=EDIT_CATALOGUE),
    get("/products/{id:uuid}/suppliers/new", supply_pages.choose, permission=EDIT_CATALOGUE),
    get(_SUPPLY, supply_pages.edit, permission=EDIT_CATALOGUE),
    post(_SUPPLY, supply_pages.update, permission=EDIT_CATALOGUE),
    post(f"{_SUPPLY}/removal", supply_pages.remove, permission=EDIT_CATALOGUE),
    post(f"{_SUPPLY}/preference", supply_pages.prefer, permission=EDIT_CATALOGUE),
]
