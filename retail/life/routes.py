"""Addresses of a business's life: SITE before there is one, ROUTES inside of it."""

from __future__ import annotations

from retail.identity.permissions import EDIT_STORES, MANAGE_SECURITY, VIEW_STORES
from retail.life import jobs, pages, sign_up_pages, till_pages
from retail.runtime.web.routing import PUBLIC, get, post

JOBS = (jobs.export_business, jobs.close_business, jobs.close_unpaid, jobs.erase_business)
"""What the pages queue: a web process has to know these jobs' names, though a worker runs them."""

SITE = [
    get("/sign-up", sign_up_pages.new, permission=PUBLIC),
    post("/sign-up", sign_up_pages.create, permission=PUBLIC),
    get("/sign-up/confirmation", sign_up_pages.show, permission=PUBLIC),
    post("/sign-up/confirmation", sign_up_pages.confirm, permission=PUBLIC),
]
ROUTES = [
    get("/first-steps", pages.show_first_steps, permission=VIEW_STORES),
    get("/exports", pages.show_exports, permission=MANAGE_SECURITY),
    post("/exports", pages.create_export, permission=MANAGE_SECURITY, confirm=True),
    get("/exports/{export:uuid}", pages.fetch_export, permission=MANAGE_SECURITY, confirm=True),
    get("/tills/{till:uuid}", till_pages.show, permission=VIEW_STORES),
    post("/tills/{till:uuid}", till_pages.save, permission=EDIT_STORES),
    post("/tills/{till:uuid}/retirement", till_pages.retire, permission=EDIT_STORES),
]
