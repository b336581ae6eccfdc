"""Addresses of the forecasts."""

from __future__ import annotations

import retail.foresight.jobs  # noqa: F401 - what pages queue must be known where they run
from retail.foresight import pages, scenario_pages
from retail.foresight.asking import PATH
from retail.foresight.scenario_pages import SCENARIOS
from retail.identity.permissions import EDIT_CATALOGUE, MANAGE_SETTINGS, VIEW_DASHBOARD
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get(PATH, pages.index, permission=VIEW_DASHBOARD),
    get(f"{PATH}/rows", pages.rows, permission=VIEW_DASHBOARD),
    get(f"{PATH}/supposed", pages.supposed_rows, permission=VIEW_DASHBOARD),
    get(f"{PATH}/models", pages.models, permission=VIEW_DASHBOARD),
    get(SCENARIOS, scenario_pages.index, permission=VIEW_DASHBOARD),
    post(SCENARIOS, scenario_pages.keep, permission=EDIT_CATALOGUE),
    get(f"{SCENARIOS}/{{scenario:uuid}}", scenario_pages.show, permission=VIEW_DASHBOARD),
    get(f"{SCENARIOS}/{{scenario:uuid}}/rows", scenario_pages.rows, permission=VIEW_DASHBOARD),
    leads(f"{SCENARIOS}/{{scenario:uuid}}/archive", f"{SCENARIOS}/{{scenario}}", permission=EDIT_CATALOGUE),
    post(f"{SCENARIOS}/{{scenario:uuid}}/archive", scenario_pages.archive, permission=EDIT_CATALOGUE),
    post(f"{PATH}/runs", pages.run, permission=MANAGE_SETTINGS),
]
