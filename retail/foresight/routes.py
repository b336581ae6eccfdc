"""Addresses of the forecasts."""

from __future__ import annotations

import retail.foresight.jobs  # noqa: F401 - what pages queue must be known where they run
from retail.foresight import pages
from retail.identity.permissions import MANAGE_SETTINGS, VIEW_DASHBOARD
from retail.runtime.web.routing import get, post

ROUTES = [
    get(pages.PATH, pages.index, permission=VIEW_DASHBOARD),
    get(f"{pages.PATH}/rows", pages.rows, permission=VIEW_DASHBOARD),
    get(f"{pages.PATH}/models", pages.models, permission=VIEW_DASHBOARD),
    post(f"{pages.PATH}/runs", pages.run, permission=MANAGE_SETTINGS),
]
