"""Addresses of identity: SITE outside of any tenant, ROUTES inside of one."""

from __future__ import annotations

from retail.identity.handlers import people, sign_in
from retail.identity.permissions import EDIT_PEOPLE, VIEW_PEOPLE
from retail.identity.roles_routes import RIGHTS
from retail.runtime.web.routing import PUBLIC, get, post

SITE = [
    get("/", sign_in.home, permission=PUBLIC),
    get("/sign-in", sign_in.show, permission=PUBLIC),
    post("/sign-in", sign_in.create, permission=PUBLIC),
    post("/sign-out", sign_in.destroy, permission=PUBLIC),
]
ROUTES = [
    get("/people", people.index, permission=VIEW_PEOPLE),
    get("/people/new", people.new, permission=EDIT_PEOPLE),
    post("/people", people.create, permission=EDIT_PEOPLE),
    post("/people/{member}/role", people.change_role, permission=EDIT_PEOPLE),
    post("/people/{member}/departure", people.end, permission=EDIT_PEOPLE),
    *RIGHTS,
]
