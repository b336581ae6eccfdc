"""Addresses of the pages on which layouts of tiles are made."""

from __future__ import annotations

from typing import Final

from retail.identity.permissions import MANAGE_SETTINGS
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post
from retail.sales.keys import pages

_ONE: Final = "/tills/layouts/{layout:uuid}"

ROUTES = [
    get("/tills/layouts", pages.index, permission=MANAGE_SETTINGS),
    post("/tills/layouts", pages.create, permission=MANAGE_SETTINGS),
    get(_ONE, pages.show, permission=MANAGE_SETTINGS),
    post(_ONE, pages.update, permission=MANAGE_SETTINGS),
    leads(f"{_ONE}/places", "/tills/layouts/{layout}", permission=MANAGE_SETTINGS),
    post(f"{_ONE}/places", pages.change_places, permission=MANAGE_SETTINGS),
    leads(f"{_ONE}/archive", "/tills/layouts/{layout}", permission=MANAGE_SETTINGS),
    post(f"{_ONE}/archive", pages.archive, permission=MANAGE_SETTINGS),
]
