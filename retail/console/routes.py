"""Addresses of the operator."""

from __future__ import annotations

from retail.console import (
    audit_pages,
    billing_pages,
    business_pages,
    coupon_pages,
    look_pages,
    mail_pages,
    people_pages,
    rescue,
    silent_pages,
)
from retail.runtime.web.routing import OPERATOR, get, post

SITE = [
    get("/platform", business_pages.index, permission=OPERATOR),
    post("/platform/businesses", business_pages.create, permission=OPERATOR, confirm=True),
    get("/platform/businesses/new", business_pages.new, permission=OPERATOR),
    get("/platform/businesses/{slug}", business_pages.show, permission=OPERATOR),
    post("/platform/businesses/{slug}/closing", business_pages.close, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/reopening", business_pages.reopen, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/freeze", business_pages.freeze, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/thaw", business_pages.thaw, permission=OPERATOR, confirm=True),
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
    get("/platform/mail", mail_pages.index, permission=OPERATOR),
    get("/platform/mail/silent", silent_pages.index, permission=OPERATOR),
    post("/platform/mail/silent", silent_pages.create, permission=OPERATOR, confirm=True),
    post("/platform/mail/silent/{channel}/{name}/removal", silent_pages.remove, permission=OPERATOR, confirm=True),
    get("/platform/mail/{mail}", mail_pages.show, permission=OPERATOR),
    get("/platform/businesses/{slug}/look", look_pages.new, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/look", look_pages.create, permission=OPERATOR, confirm=True),
    post("/platform/look/stop", look_pages.stop, permission=OPERATOR),
    get("/platform/businesses/{slug}/rescue", rescue.show, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/networks-opening", rescue.open_networks, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/second-steps", rescue.ask_factor_reset, permission=OPERATOR, confirm=True),
]
