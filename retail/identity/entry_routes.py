"""Addresses of the ways in: invitations, resets, single sign-on, networks, and whom to tell of a weakness."""

from __future__ import annotations

from retail.identity.handlers import factor_resets, invitations, resets, security, security_txt, sso
from retail.identity.permissions import EDIT_PEOPLE, MANAGE_SECURITY, VIEW_PEOPLE
from retail.runtime.web.routing import PUBLIC, get, post

SITE = [
    get("/invitation", invitations.show, permission=PUBLIC),
    post("/invitation", invitations.accept, permission=PUBLIC),
    get("/password/forgotten", resets.new, permission=PUBLIC),
    post("/password/forgotten", resets.create, permission=PUBLIC),
    get("/password/reset", resets.show, permission=PUBLIC),
    post("/password/reset", resets.update, permission=PUBLIC),
    get("/sign-in/sso", sso.new, permission=PUBLIC),
    get("/sign-in/sso/{slug}", sso.show, permission=PUBLIC),
    get("/sign-in/sso/{slug}/start", sso.start, permission=PUBLIC),
    get("/sign-in/sso/{slug}/callback", sso.callback, permission=PUBLIC),
    get("/.well-known/security.txt", security_txt.show, permission=PUBLIC),
]
ROUTES = [
    get("/people/invitations/new", invitations.new, permission=EDIT_PEOPLE, confirm=True),
    post("/people/invitations", invitations.create, permission=EDIT_PEOPLE, confirm=True),
    post("/people/invitations/{invitation}/sending", invitations.send_again, permission=EDIT_PEOPLE, confirm=True),
    post("/people/invitations/{invitation}/withdrawal", invitations.withdraw, permission=EDIT_PEOPLE, confirm=True),
    get("/people/{member}/second-step/removal", factor_resets.new, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/second-step/removal", factor_resets.create, permission=EDIT_PEOPLE, confirm=True),
    post("/people/second-steps/{reset}/confirmation", factor_resets.confirm, permission=EDIT_PEOPLE, confirm=True),
    post("/people/second-steps/{reset}/refusal", factor_resets.refuse, permission=VIEW_PEOPLE),
    get("/security", security.index, permission=MANAGE_SECURITY, confirm=True),
    post("/security/networks", security.set_networks, permission=MANAGE_SECURITY, confirm=True),
    post("/security/sso", security.set_sso, permission=MANAGE_SECURITY, confirm=True),
    post("/security/sso/removal", security.remove_sso, permission=MANAGE_SECURITY, confirm=True),
    get("/security/sso/test", security.test_sso, permission=MANAGE_SECURITY, confirm=True),
]
