"""Addresses of families, choices, pictures and of moving categories about."""

from __future__ import annotations

from retail.catalog import group_pages
from retail.catalog.products import family_pages, modifier_pages, picture_pages
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post
from retail.runtime.web.uploads import FORM_BYTES

ROUTES = [
    get("/products/families", family_pages.index, permission=EDIT_CATALOGUE),
    get("/products/families/new", family_pages.new, permission=EDIT_CATALOGUE),
    post("/products/families", family_pages.create, permission=EDIT_CATALOGUE),
    post("/products/families/matrix", family_pages.matrix, permission=EDIT_CATALOGUE),
    get("/products/families/{id}", family_pages.show, permission=EDIT_CATALOGUE),
    post("/products/families/{id}", family_pages.update, permission=EDIT_CATALOGUE),
    post("/products/families/{id}/members", family_pages.adopt, permission=EDIT_CATALOGUE),
    post("/products/families/{id}/leavings", family_pages.leave, permission=EDIT_CATALOGUE),
    post("/products/families/{id}/removal", family_pages.remove, permission=EDIT_CATALOGUE),
    get("/products/choices", modifier_pages.index, permission=EDIT_CATALOGUE),
    post("/products/choices", modifier_pages.create, permission=EDIT_CATALOGUE),
    get("/products/choices/{id}/edit", modifier_pages.edit, permission=EDIT_CATALOGUE),
    leads("/products/choices/{id}", "/products/choices/{id}/edit", permission=EDIT_CATALOGUE),
    post("/products/choices/{id}", modifier_pages.update, permission=EDIT_CATALOGUE),
    post("/products/choices/{id}/removal", modifier_pages.remove, permission=EDIT_CATALOGUE),
    get("/products/parts", modifier_pages.parts, permission=EDIT_CATALOGUE),
    post("/products/categories/{id}/place", group_pages.place_category, permission=EDIT_CATALOGUE),
    get("/products/pictures/{name}-{side:int}.webp", picture_pages.show, permission=VIEW_CATALOGUE),
    post("/products/{id}/pictures", picture_pages.add, permission=EDIT_CATALOGUE, most_bytes=FORM_BYTES),
    post("/products/{id}/pictures/{picture}/first", picture_pages.put_first, permission=EDIT_CATALOGUE),
    post("/products/{id}/pictures/{picture}/removal", picture_pages.remove, permission=EDIT_CATALOGUE),
]
