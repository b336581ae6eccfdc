"""What notifications of stock say."""

from __future__ import annotations

from retail.identity.permissions import VIEW_STOCK
from retail.kit.text import _, ngettext
from retail.notifications.queries import Notification
from retail.notifications.saying import UNKNOWN, Said, day, quantity
from retail.runtime.tenancy import TenantFacts


def stock_low(one: Notification, facts: TenantFacts) -> Said:
    """Say that a product runs low, or how many are low by new reorder points."""
    if one.facts.get("products"):
        return _many_low(int(one.facts["products"]), one.store_name)
    told = {
        "product": one.product_name or _("A product"),
        "store": one.store_name or UNKNOWN,
        "on_hand": quantity(one.facts.get("on_hand"), facts),
        "point": quantity(one.facts.get("reorder_point"), facts),
    }
    text = _("%(product)s is running low in %(store)s: %(on_hand)s left, to reorder at %(point)s.") % told
    return Said(text, (), *_to_stock(one))


def _many_low(many: int, store: str | None) -> Said:
    told = {"num": many, "store": store}
    if store:
        text = ngettext(
            "%(num)d product is low in %(store)s by its new reorder point.",
            "%(num)d products are low in %(store)s by their new reorder points.",
            many,
        )
    else:
        text = ngettext(
            "%(num)d product is low by its new reorder point, in several stores.",
            "%(num)d products are low by their new reorder points, in several stores.",
            many,
        )
    return Said(text % told, (), "/stock?low=1", _("What is low"), VIEW_STOCK)


def stock_out(one: Notification, _facts: TenantFacts) -> Said:
    """Say that a product is sold out."""
    told = {"product": one.product_name or _("A product"), "store": one.store_name or UNKNOWN}
    return Said(_("%(product)s is sold out in %(store)s.") % told, (), *_to_stock(one))


def expiring(one: Notification, facts: TenantFacts) -> Said:
    """Say until when goods of a lot keep."""
    told = {
        "on_hand": quantity(one.facts.get("on_hand"), facts),
        "product": one.product_name or _("a product"),
        "lot": one.facts.get("lot") or UNKNOWN,
        "store": one.store_name or UNKNOWN,
        "day": day(one.facts.get("expires_on"), facts),
    }
    text = _("%(on_hand)s of %(product)s (lot %(lot)s) in %(store)s keep until %(day)s.") % told
    return Said(text, (), "/stock/lots", _("Open lots"), VIEW_STOCK)


def _to_stock(one: Notification) -> tuple[str, str, str]:
    return f"/stock/{one.subject}", _("Open its stock"), VIEW_STOCK


def forecast_off(one: Notification, facts: TenantFacts) -> Said:
    """Say that a product sold otherwise than forecast."""
    told = {
        "product": one.product_name or _("A product"),
        "store": one.store_name or UNKNOWN,
        "sold": quantity(one.facts.get("sold"), facts),
        "expected": quantity(one.facts.get("expected"), facts),
    }
    text = _("%(product)s sold %(sold)s in %(store)s, and the forecast was %(expected)s.") % told
    return Said(text, (), *_to_stock(one))
