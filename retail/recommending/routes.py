"""Addresses of the pages of recommendations."""

from __future__ import annotations

from retail.identity.permissions import EDIT_CATALOGUE, VIEW_DASHBOARD
from retail.recommending import pages
from retail.recommending.pages import EXCLUDES, PATH
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get(PATH, pages.index, permission=VIEW_DASHBOARD),
    leads(f"{PATH}/runs", PATH, permission=VIEW_DASHBOARD),
    post(f"{PATH}/runs", pages.work_out, permission=EDIT_CATALOGUE),
    get(EXCLUDES, pages.excludes, permission=EDIT_CATALOGUE),
    post(EXCLUDES, pages.exclude, permission=EDIT_CATALOGUE),
    leads(f"{EXCLUDES}/{{exclude:uuid}}/removal", EXCLUDES, permission=EDIT_CATALOGUE),
    post(f"{EXCLUDES}/{{exclude:uuid}}/removal", pages.take_back, permission=EDIT_CATALOGUE),
]
