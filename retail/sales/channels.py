"""Live sales: the dashboard and the list hear of a sale as it is stored, a till that it was taken over."""

from __future__ import annotations

from typing import Final

from retail.identity.permissions import SELL, VIEW_SALES
from retail.runtime.realtime.channels import ANY_MEMBER, Channel, Facts
from retail.sales.events import (
    ExceptionFound,
    ExceptionReopened,
    ExceptionResolved,
    HeldChanged,
    KeysChanged,
    SaleCompleted,
    TillTakenOver,
)


def _sold(event: SaleCompleted) -> Facts:
    return {
        "sale": str(event.sale),
        "kind": event.kind,
        "store": str(event.store),
        "till": str(event.till),
        "number": event.number,
        "total": event.total_minor,
        "exceptions": event.exceptions,
    }


def _taken_over(event: TillTakenOver) -> Facts:
    return {"fence": event.fence, "label": event.label}


def _resolved(event: ExceptionResolved | ExceptionReopened) -> Facts:
    return {"exception": str(event.exception), "code": event.code, "store": str(event.store)}


def _found(event: ExceptionFound) -> Facts:
    return {"till": str(event.till), "codes": event.codes, "store": str(event.store)}


CHANNELS: Final = [
    Channel(SaleCompleted, "sales", "sale.completed", VIEW_SALES, facts=_sold, by_store=True),
    Channel(ExceptionResolved, "sales", "exception.resolved", VIEW_SALES, facts=_resolved, by_store=True),
    Channel(ExceptionReopened, "sales", "exception.reopened", VIEW_SALES, facts=_resolved, by_store=True),
    Channel(ExceptionFound, "sales", "exception.found", VIEW_SALES, facts=_found, by_store=True),
    Channel(HeldChanged, "held:{store}", "held.changed", SELL),
    Channel(KeysChanged, "settings", "keys.changed", ANY_MEMBER),
    Channel(TillTakenOver, "till:{till}", "till.taken_over", SELL, facts=_taken_over, of_all_stores=True),
]
