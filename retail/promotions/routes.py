"""Addresses of the pages of promotions."""

from __future__ import annotations

from retail.audit import EXPORT
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.promotions import coupon_pages, pages
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/promotions", pages.index, permission=VIEW_CATALOGUE),
    get("/promotions/new", pages.new, permission=EDIT_CATALOGUE),
    get("/promotions/example", pages.show_example, permission=EDIT_CATALOGUE),
    post("/promotions", pages.create, permission=EDIT_CATALOGUE),
    get("/promotions/{id}", pages.show, permission=VIEW_CATALOGUE),
    post("/promotions/{id}", pages.update, permission=EDIT_CATALOGUE),
    post("/promotions/{id}/state", pages.turn, permission=EDIT_CATALOGUE),
    post("/promotions/{id}/copies", pages.duplicate, permission=EDIT_CATALOGUE),
    post("/promotions/{id}/removal", pages.discard, permission=EDIT_CATALOGUE),
    get("/promotions/{id}/coupons", coupon_pages.index, permission=EDIT_CATALOGUE),
    post("/promotions/{id}/coupons", coupon_pages.create, permission=EDIT_CATALOGUE),
    get("/promotions/{id}/coupons/{series}/export", coupon_pages.export, permission=EDIT_CATALOGUE, also=EXPORT),
    post("/promotions/{id}/coupons/{series}/closing", coupon_pages.close, permission=EDIT_CATALOGUE),
    leads("/promotions/{id}/trials", "/promotions/{id}", permission=VIEW_CATALOGUE),
    post("/promotions/{id}/trials", coupon_pages.start_trial, permission=EDIT_CATALOGUE),
    get("/promotions/{id}/trials/{trial}", coupon_pages.show_trial, permission=EDIT_CATALOGUE),
    post("/promotions/{id}/trials/{trial}/stopping", coupon_pages.stop_trial, permission=EDIT_CATALOGUE),
]
