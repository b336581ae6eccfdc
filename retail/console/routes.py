"""Addresses of the operator."""

from __future__ import annotations

from retail.console import (
    audit_pages,
    billing_pages,
    business_pages,
    coupon_pages,
    mail_pages,
    note_pages,
    overview,
    people_pages,
    rescue,
    silent_pages,
)
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import OPERATOR, get, post, websocket

SITE = [
    get("/platform", overview.index, permission=OPERATOR),
    websocket(overview.LIVE, overview.overview_socket, permission=OPERATOR),
    get("/platform/businesses", business_pages.index, permission=OPERATOR),
    post("/platform/businesses", business_pages.create, permission=OPERATOR, confirm=True),
    get("/platform/businesses/new", business_pages.new, permission=OPERATOR),
    get("/platform/businesses/{slug}", business_pages.show, permission=OPERATOR),
    post("/platform/businesses/{slug}/closing", business_pages.close, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/reopening", business_pages.reopen, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/freeze", business_pages.freeze, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/thaw", business_pages.thaw, permission=OPERATOR, confirm=True),
    leads("/platform/businesses/{slug}/notes", "/platform/businesses/{slug}", permission=OPERATOR),
    post("/platform/businesses/{slug}/notes", note_pages.create, permission=OPERATOR),
    post("/platform/businesses/{slug}/plan", billing_pages.update_plan, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/payments", billing_pages.note_transfer, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/exports", business_pages.export, permission=OPERATOR, confirm=True),
    get(
        "/platform/businesses/{slug}/exports/{export:uuid}",
        business_pages.fetch_export,
        permission=OPERATOR,
        confirm=True,
    ),
    get("/platform/coupons", coupon_pages.index, permission=OPERATOR),
    post("/platform/coupons", coupon_pages.create, permission=OPERATOR, confirm=True),
    post("/platform/coupons/{code}/end", coupon_pages.end, permission=OPERATOR, confirm=True),
    get("/platform/audit", audit_pages.index, permission=OPERATOR),
    get("/platform/people", people_pages.index, permission=OPERATOR),
    post("/platform/people/disabling", people_pages.disable, permission=OPERATOR, confirm=True),
    post("/platform/people/enabling", people_pages.enable, permission=OPERATOR, confirm=True),
    leads("/platform/people/invitations", "/platform/people", permission=OPERATOR),
    post("/platform/people/invitations", people_pages.invite, permission=OPERATOR, confirm=True),
    leads("/platform/people/erasure", "/platform/people", permission=OPERATOR),
    post("/platform/people/erasure", people_pages.erase, permission=OPERATOR, confirm=True),
    get("/platform/mail", mail_pages.index, permission=OPERATOR),
    get("/platform/mail/silent", silent_pages.index, permission=OPERATOR),
    post("/platform/mail/silent", silent_pages.create, permission=OPERATOR, confirm=True),
    post("/platform/mail/silent/{channel}/{name}/removal", silent_pages.remove, permission=OPERATOR, confirm=True),
    get("/platform/mail/{mail}", mail_pages.show, permission=OPERATOR),
    get("/platform/businesses/{slug}/rescue", rescue.show, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/networks-opening", rescue.open_networks, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/second-steps", rescue.ask_factor_reset, permission=OPERATOR, confirm=True),
]
