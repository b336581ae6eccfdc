"""Addresses of billing: the owner's pages, and where the payment provider tells of payments."""

from __future__ import annotations

from retail.billing import card_pages, invoice_pages, jobs, pages, preview_pages, webhooks
from retail.identity.permissions import MANAGE_BILLING
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import PUBLIC, SIGNED_IN, get, post

JOBS = (
    jobs.run_hourly, jobs.follow, jobs.send, jobs.remind, jobs.renewal, jobs.last, jobs.charge, jobs.forget_card,
)  # fmt: skip
"""What is queued from elsewhere: every process has to know these jobs' names."""

SITE = [post("/stripe-events", webhooks.stripe, permission=PUBLIC, most_bytes=webhooks.MOST_BYTES)]
ROUTES = [
    get("/billing", pages.index, permission=MANAGE_BILLING),
    get("/billing/standing", pages.standing, permission=SIGNED_IN),
    leads("/billing/preview", "/billing", permission=MANAGE_BILLING),
    post("/billing/preview", preview_pages.preview, permission=MANAGE_BILLING),
    post("/billing/subscription", pages.subscribe, permission=MANAGE_BILLING),
    post("/billing/plan", pages.change_plan, permission=MANAGE_BILLING),
    post("/billing/coupon", pages.take_coupon, permission=MANAGE_BILLING),
    post("/billing/buyer", pages.change_buyer, permission=MANAGE_BILLING),
    post("/billing/card", card_pages.keep, permission=MANAGE_BILLING),
    post("/billing/card/removal", card_pages.remove, permission=MANAGE_BILLING),
    get("/billing/invoices/{invoice:uuid}", invoice_pages.invoice, permission=MANAGE_BILLING),
    get("/billing/invoices/{invoice:uuid}/pdf", invoice_pages.paper, permission=MANAGE_BILLING),
    post("/billing/invoices/{invoice:uuid}/checkout", invoice_pages.pay, permission=MANAGE_BILLING),
]
