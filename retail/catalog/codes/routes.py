"""Addresses of the pages of codes and labels."""

from __future__ import annotations

from retail.catalog.codes import barcode_pages, rule_pages
from retail.catalog.labels import pages as label_pages
from retail.identity.permissions import EDIT_CATALOGUE, PRINT_LABELS
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/products/barcode-rules", rule_pages.index, permission=EDIT_CATALOGUE),
    get("/products/barcode-rules/reading", rule_pages.reading, permission=EDIT_CATALOGUE),
    post("/products/barcode-rules", rule_pages.create, permission=EDIT_CATALOGUE),
    get("/products/barcode-rules/{id}/edit", rule_pages.edit, permission=EDIT_CATALOGUE),
    leads("/products/barcode-rules/{id}", "/products/barcode-rules/{id}/edit", permission=EDIT_CATALOGUE),
    post("/products/barcode-rules/{id}", rule_pages.update, permission=EDIT_CATALOGUE),
    post("/products/barcode-rules/{id}/place", rule_pages.move, permission=EDIT_CATALOGUE),
    post("/products/barcode-rules/{id}/removal", rule_pages.remove, permission=EDIT_CATALOGUE),
    get("/products/codes", rule_pages.series, permission=EDIT_CATALOGUE),
    post("/products/codes", rule_pages.update_rule, permission=EDIT_CATALOGUE),
    post("/products/codes/letters", rule_pages.update_letters, permission=EDIT_CATALOGUE),
    get("/products/labels", label_pages.index, permission=PRINT_LABELS),
    post("/products/labels", label_pages.create, permission=PRINT_LABELS),
    get("/products/labels/new", label_pages.new, permission=PRINT_LABELS),
    get("/products/labels/preview", label_pages.preview, permission=PRINT_LABELS),
    get("/products/labels/preview.svg", label_pages.image, permission=PRINT_LABELS),
    post("/products/labels/removal", label_pages.remove, permission=PRINT_LABELS),
    get("/products/{id}/barcodes", barcode_pages.index, permission=EDIT_CATALOGUE),
    post("/products/{id}/barcodes", barcode_pages.create, permission=EDIT_CATALOGUE),
    post("/products/{id}/barcodes/{barcode}/removal", barcode_pages.remove, permission=EDIT_CATALOGUE),
    post("/products/{id}/barcodes/{barcode}/place", barcode_pages.put_first, permission=EDIT_CATALOGUE),
]
