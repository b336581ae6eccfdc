"""Pages of sales."""

from __future__ import annotations

from retail.identity.permissions import MANAGE_SETTINGS, REFUND, VIEW_SALES, VIEW_SHIFTS
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import PUBLIC, get, post
from retail.sales import handlers, list_pages, payment_pages, shift_pages, void_pages
from retail.sales.inbox.routes import ROUTES as INBOX
from retail.sales.keys.routes import ROUTES as KEYS
from retail.sales.layaways import pages as layaways
from retail.sales.receipts import pages, template_pages

SITE = [get("/r/{token}", pages.show_public, permission=PUBLIC)]

ROUTES = [
    get("/sales", list_pages.index, permission=VIEW_SALES),
    get("/sales/news", list_pages.news, permission=VIEW_SALES),
    get("/sales/{sale:uuid}", handlers.show, permission=VIEW_SALES),
    get("/sales/{sale:uuid}/receipt", pages.show, permission=VIEW_SALES),
    leads("/sales/{sale:uuid}/receipt/copies", "/sales/{sale}/receipt", permission=VIEW_SALES),
    post("/sales/{sale:uuid}/receipt/copies", pages.create_copy, permission=VIEW_SALES),
    leads("/sales/{sale:uuid}/returns", "/sales/{sale}", permission=VIEW_SALES),
    post("/sales/{sale:uuid}/returns", handlers.create_return, permission=REFUND),
    get("/receipts/template", template_pages.show, permission=MANAGE_SETTINGS),
    post("/receipts/template", template_pages.save, permission=MANAGE_SETTINGS),
    leads("/receipts/template/preview", "/receipts/template", permission=MANAGE_SETTINGS),
    post("/receipts/template/preview", template_pages.preview, permission=MANAGE_SETTINGS),
    get("/shifts/{shift:uuid}/x", shift_pages.x_report, permission=VIEW_SHIFTS),
    get("/sales/layaways", layaways.index, permission=VIEW_SALES),
    get("/sales/layaways/{layaway:uuid}", layaways.show, permission=VIEW_SALES),
    leads("/sales/layaways/{layaway:uuid}/until", "/sales/layaways/{layaway}", permission=VIEW_SALES),
    post("/sales/layaways/{layaway:uuid}/until", layaways.until, permission=REFUND),
    leads("/sales/layaways/{layaway:uuid}/cancellation", "/sales/layaways/{layaway}", permission=VIEW_SALES),
    post("/sales/layaways/{layaway:uuid}/cancellation", layaways.cancellation, permission=REFUND),
    get("/voids", void_pages.index, permission=VIEW_SALES),
    get("/payments", payment_pages.index, permission=VIEW_SALES),
    *INBOX,
    *KEYS,
]
