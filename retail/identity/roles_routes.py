"""Addresses of roles and grants."""

from __future__ import annotations

from retail.identity.handlers import members, roles
from retail.identity.permissions import EDIT_PEOPLE, MANAGE_ROLES, VIEW_PEOPLE
from retail.runtime.web.routing import get, post

RIGHTS = [
    get("/roles", roles.index, permission=VIEW_PEOPLE),
    post("/roles", roles.create, permission=MANAGE_ROLES, confirm=True),
    post("/roles/table", roles.change, permission=MANAGE_ROLES, confirm=True),
    get("/roles/{role}", roles.show, permission=VIEW_PEOPLE),
    post("/roles/{role}/name", roles.rename, permission=MANAGE_ROLES, confirm=True),
    post("/roles/{role}/removal", roles.remove, permission=MANAGE_ROLES, confirm=True),
    get("/people/{member}", members.show, permission=VIEW_PEOPLE),
    post("/people/{member}/place", members.place, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/grants", members.grant, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/grants/{grant}/end", members.end, permission=EDIT_PEOPLE, confirm=True),
]
