"""Addresses of the pages of taxes beside their rates now."""

from __future__ import annotations

from retail.catalog.taxes import pages
from retail.identity.permissions import EDIT_CATALOGUE
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/products/taxes/positions", pages.positions, permission=EDIT_CATALOGUE),
    post("/products/taxes/positions", pages.put_position, permission=EDIT_CATALOGUE),
    get("/products/taxes/positions/{id}", pages.edit_position, permission=EDIT_CATALOGUE),
    post("/products/taxes/positions/{id}", pages.put_position, permission=EDIT_CATALOGUE),
    post("/products/taxes/positions/{id}/removal", pages.archive_position, permission=EDIT_CATALOGUE),
    get("/products/taxes/exemptions", pages.exemptions, permission=EDIT_CATALOGUE),
    post("/products/taxes/exemptions", pages.exempt, permission=EDIT_CATALOGUE),
    post("/products/taxes/exemptions/{id}/ending", pages.end_exemption, permission=EDIT_CATALOGUE),
    get("/products/taxes/{id}/rates", pages.show, permission=EDIT_CATALOGUE),
    post("/products/taxes/{id}/rates", pages.date_rate, permission=EDIT_CATALOGUE),
    post("/products/taxes/{id}/rates/{rate}/removal", pages.undate_rate, permission=EDIT_CATALOGUE),
    leads("/products/taxes/{id}/parts", "/products/taxes/{id}/rates", permission=EDIT_CATALOGUE),
    get("/products/taxes/{id}/parts/preview", pages.preview_parts, permission=EDIT_CATALOGUE),
    post("/products/taxes/{id}/parts", pages.put_parts, permission=EDIT_CATALOGUE),
]
