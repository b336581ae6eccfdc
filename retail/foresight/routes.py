"""Addresses of the forecasts."""

from __future__ import annotations

from retail.foresight import pages
from retail.foresight.asking import PATH
from retail.identity.permissions import MANAGE_SETTINGS, VIEW_DASHBOARD
from retail.runtime.web.routing import get, post

ROUTES = [
    get(PATH, pages.index, permission=VIEW_DASHBOARD),
    get(f"{PATH}/rows", pages.rows, permission=VIEW_DASHBOARD),
    get(f"{PATH}/supposed", pages.supposed_rows, permission=VIEW_DASHBOARD),
    get(f"{PATH}/models", pages.models, permission=VIEW_DASHBOARD),
    post(f"{PATH}/runs", pages.run, permission=MANAGE_SETTINGS),
]
