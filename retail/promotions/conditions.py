"""When, where and for whom an offer holds: docs/algorithms/promotions.md, section 2; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from retail.promotions.rules import Offer

WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where, when and for whom a basket is priced; `weekday` (0 is Monday) and `minute` are on the store's clock.

    `coupons` are the offers that the sale has a coupon for.
    """

    store: str
    at: int
    weekday: int
    minute: int
    group: str = ""
    coupons: Sequence[str] = ()


def occasion_at(store: str, timezone: str, moment: datetime, group: str = "", coupons: Sequence[str] = ()) -> Occasion:
    """Make the occasion of a moment in a store."""
    local = moment.astimezone(ZoneInfo(timezone))
    return Occasion(store, millis(moment), local.weekday(), local.hour * 60 + local.minute, group, coupons)


def millis(moment: datetime) -> int:
    """Give a moment in milliseconds since 1970, exactly."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def barred(offer: Offer, occasion: Occasion) -> str:
    """Say what keeps an offer from holding at all: time, store, group or coupon; "" where nothing does."""
    if offer.stores is not None and occasion.store not in offer.stores:
        return "store"
    if not _in_time(offer, occasion):
        return "time"
    if offer.groups is not None and occasion.group not in offer.groups:
        return "group"
    if offer.coupon and offer.id not in occasion.coupons:
        return "coupon"
    return ""


def _in_time(offer: Offer, occasion: Occasion) -> bool:
    if offer.starts is not None and occasion.at < offer.starts:
        return False
    if offer.ends is not None and occasion.at >= offer.ends:
        return False
    return not offer.windows or any(_is_open(window, occasion) for window in offer.windows)


def _is_open(window: Mapping[str, Any], occasion: Occasion) -> bool:
    begin, end, days = window["from"], window["to"], window["days"]
    if begin < end:
        return begin <= occasion.minute < end and occasion.weekday in days
    if occasion.minute >= begin:
        return occasion.weekday in days
    return occasion.minute < end and (occasion.weekday - 1) % WEEK in days
