"""Addresses of identity: SITE outside of any tenant, ROUTES inside of one."""

from __future__ import annotations

from retail.identity.handlers import account, app_codes, confirm, passkeys, people, second_step_rule, sign_in
from retail.identity.permissions import EDIT_PEOPLE, MANAGE_SECURITY, VIEW_PEOPLE
from retail.identity.roles_routes import RIGHTS
from retail.runtime.web.routing import PUBLIC, SIGNED_IN, get, post

SITE = [
    get("/", sign_in.home, permission=PUBLIC),
    get("/sign-in", sign_in.show, permission=PUBLIC),
    post("/sign-in", sign_in.create, permission=PUBLIC),
    get("/sign-in/second", sign_in.show_second, permission=PUBLIC),
    post("/sign-in/second", sign_in.create_second, permission=PUBLIC),
    post("/sign-in/passkey/options", passkeys.ask_to_sign_in, permission=PUBLIC),
    post("/sign-in/passkey", passkeys.sign_in, permission=PUBLIC),
    post("/sign-out", sign_in.destroy, permission=PUBLIC),
    get("/confirm", confirm.show, permission=SIGNED_IN),
    post("/confirm/held", confirm.hold, permission=SIGNED_IN),
    post("/confirm/password", confirm.by_password, permission=SIGNED_IN),
    post("/confirm/code", confirm.by_code, permission=SIGNED_IN),
    post("/confirm/passkey/options", passkeys.ask_to_confirm, permission=SIGNED_IN),
    post("/confirm/passkey", confirm.by_passkey, permission=SIGNED_IN),
    get("/account", account.show, permission=SIGNED_IN),
    get("/account/history", account.history, permission=SIGNED_IN),
    get("/account/sessions", account.sessions, permission=SIGNED_IN),
    post("/account/profile", account.save_profile, permission=SIGNED_IN),
    post("/account/password", account.change_password, permission=SIGNED_IN),
    post("/account/sessions/{session}/end", account.end_one, permission=SIGNED_IN),
    post("/account/sessions/end", account.end_all_others, permission=SIGNED_IN),
    get("/account/app", app_codes.show, permission=SIGNED_IN, confirm=True),
    post("/account/app", app_codes.create, permission=SIGNED_IN, confirm=True),
    post("/account/app/removal", app_codes.remove, permission=SIGNED_IN, confirm=True),
    post("/account/codes", app_codes.make_codes, permission=SIGNED_IN, confirm=True),
    post("/account/passkeys/options", passkeys.ask_to_register, permission=SIGNED_IN, confirm=True),
    post("/account/passkeys", passkeys.register, permission=SIGNED_IN, confirm=True),
    post("/account/passkeys/{passkey}/name", passkeys.rename, permission=SIGNED_IN),
    post("/account/passkeys/{passkey}/removal", passkeys.remove, permission=SIGNED_IN, confirm=True),
]
ROUTES = [
    get("/security/second-step", second_step_rule.show, permission=MANAGE_SECURITY, confirm=True),
    post("/security/second-step", second_step_rule.save, permission=MANAGE_SECURITY, confirm=True),
    get("/people", people.index, permission=VIEW_PEOPLE),
    get("/people/new", people.new, permission=EDIT_PEOPLE, confirm=True),
    post("/people", people.create, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/role", people.change_role, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/departure", people.end, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/disabling", people.disable, permission=EDIT_PEOPLE, confirm=True),
    post("/people/{member}/enabling", people.enable, permission=EDIT_PEOPLE, confirm=True),
    *RIGHTS,
]
