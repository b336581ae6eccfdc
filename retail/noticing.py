"""Which events of the features post which notices: the one list that lies above all of them.

A notice is a row that knows no permissions; who is told of it, and how, is said in retail/notifications/kinds.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from retail.cash.events import ShiftEnded, ShiftOpened
from retail.cash.standards import cash_rules
from retail.comms import news
from retail.comms.events import AnnouncementConfirmed, AnnouncementEnded, AnnouncementPublished, MessageSent, ThreadRead
from retail.comms.readers import people_of
from retail.identity.events import DeviceRevokedNow
from retail.notifications import tills_away
from retail.notifications.operations import mark_told
from retail.runtime.db import Tx
from retail.runtime.notices import post_notice
from retail.runtime.outbox import Event
from retail.sales.events import SaleCompleted
from retail.stock.events import RulesBroughtBack, RulesMarkedLow, StockChanged, StockFellLow
from retail.tenants.queries import this_tenant
from retail.tenants.settings_changes import values

One = TypeVar("One", bound=Event)
Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]

_ARRIVAL: Final = """
SELECT id FROM stock_move WHERE tenant_id = $1 AND store_id = $2 AND product_id = $3 AND quantity > 0
 ORDER BY occurred_at DESC, id DESC LIMIT 1"""
_TELL_MORE: Final = """
UPDATE notice SET facts = jsonb_set(facts, '{products}', to_jsonb((facts ->> 'products')::bigint + $3))
 WHERE tenant_id = $1 AND kind = 'stock_low' AND key = $2"""
_OPEN: Final = "SELECT archived_at IS NULL FROM store WHERE tenant_id = $1 AND id = $2"
_REVOKED: Final = """
SELECT d.name, t.store_id FROM device d LEFT JOIN till t ON t.tenant_id = d.tenant_id AND t.id = d.till_id
 WHERE d.tenant_id = $1 AND d.id = $2"""

_MEMBERS: Final = "SELECT person_id FROM membership WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY person_id"
_WAITED: Final = """
SELECT n.person_id FROM notification n JOIN notice e ON e.tenant_id = n.tenant_id AND e.id = n.notice_id
 WHERE n.tenant_id = $1 AND n.kind = 'message' AND e.subject_id = $2 AND n.read_at IS NULL AND n.person_id = ANY ($3)"""
_READ_IT: Final = """
SELECT m.reader_id FROM thread_mark m JOIN thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id
 WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.read_at >= t.last_at"""


def _each(event: type[One], post: Callable[[Tx, One], Awaitable[None]]) -> Reaction:
    async def react(tx: Tx, events: Sequence[Event]) -> None:
        for one in events:
            if isinstance(one, event):
                await post(tx, one)

    return react


async def _low(tx: Tx, event: StockFellLow) -> None:
    """Tell of what runs low; what is gone altogether is told as such, and a closed store orders nothing."""
    if not await tx.fetchval(_OPEN, tx.tenant, event.store):
        return
    if event.on_hand > 0 or await _last_arrival(tx, event.store, event.product) is None:
        await post_notice(
            tx, "stock_low", subject=event.product, store=event.store, on_hand=event.on_hand,
            reorder_point=event.reorder_point,
        )  # fmt: skip


async def _out(tx: Tx, event: StockChanged) -> None:
    """Tell of what ran out, once after each arrival; of goods that never came nobody knows how many there are."""
    if event.by_rule:
        return
    for one in event.levels:
        if not one["low"] or Decimal(str(one["available"])) > 0:
            continue
        product = UUID(str(one["product"]))
        arrival = await _last_arrival(tx, event.store, product)
        if arrival is not None:
            await post_notice(tx, "stock_out", subject=product, store=event.store, key=f"{product} {arrival}")


async def _low_by_rules(tx: Tx, event: RulesMarkedLow) -> None:
    """Tell in one of what is low by new reorder points; a large change comes in parts, and its notice grows."""
    key = None if event.change is None else f"change {event.change}"
    told = await post_notice(tx, "stock_low", subject=event.change, store=event.store, key=key, products=event.products)
    if told is None:
        await tx.execute(_TELL_MORE, tx.tenant, key, event.products)


async def _brought_back(tx: Tx, event: RulesBroughtBack) -> None:
    await mark_told(tx, ["stock_low"], event.change)


async def _last_arrival(tx: Tx, store: UUID, product: UUID) -> UUID | None:
    """Give the newest move that brought the product there; None: there was none."""
    found: UUID | None = await tx.fetchval(_ARRIVAL, tx.tenant, store, product)
    return found


async def _refund(tx: Tx, event: SaleCompleted) -> None:
    """Tell of a return that pays back as much as the store says is worth a word."""
    if event.kind != "return":
        return
    scale = 10 ** (await this_tenant(tx)).money.exponent
    least = int((await values(tx, event.store))["refund_told"]) * scale
    if 0 < least <= -event.total_minor:
        key = str(event.sale)
        await post_notice(
            tx, "big_refund", subject=event.sale, store=event.store, key=key, amount_minor=-event.total_minor
        )


async def _variance(tx: Tx, event: ShiftEnded) -> None:
    """Tell of a drawer that was over or short by more than the store calls small."""
    if abs(event.variance_minor) > (await cash_rules(tx, event.store)).tolerance_minor:
        till = await tx.fetchval("SELECT name FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, event.till)
        await post_notice(
            tx, "variance_found", subject=event.shift, store=event.store, key=str(event.shift), till=till,
            variance_minor=event.variance_minor,
        )  # fmt: skip


async def _revoked(tx: Tx, event: DeviceRevokedNow) -> None:
    row = await tx.fetchrow(_REVOKED, tx.tenant, event.device)
    if row is not None:
        key = str(event.device)
        await post_notice(tx, "device_revoked", subject=event.device, store=row["store_id"], key=key, name=row["name"])


async def _message(tx: Tx, event: MessageSent) -> None:
    """Tell those who may read it and didn't write it; whom an unread one of the thread waits for isn't told again."""
    people = [one for one in await people_of(tx, event.thread) if one != event.author]
    rows = await tx.fetch(_WAITED, tx.tenant, event.thread, people)
    fresh = sorted(set(people) - {row["person_id"] for row in rows})
    if fresh:
        name = await tx.fetchval(
            "SELECT author_name FROM thread_message WHERE tenant_id = $1 AND id = $2", tx.tenant, event.message
        )
        await post_notice(
            tx, "message", subject=event.thread, people=fresh, key=str(event.message), by=event.author_kind, name=name
        )


async def _thread_read(tx: Tx, event: ThreadRead) -> None:
    """Whoever has read a thread needn't be told of it any more."""
    rows = await tx.fetch(_READ_IT, tx.tenant, event.thread)
    await mark_told(tx, ["message"], event.thread, [row["reader_id"] for row in rows])


async def _published(tx: Tx, event: AnnouncementPublished) -> None:
    """Tell every member; what is over by now isn't news."""
    found = next((one for one in await news.current(tx, None) if one.id == event.announcement), None)
    if found is not None:
        kind = "news_urgent" if event.importance == "urgent" else "news"
        rows = await tx.fetch(_MEMBERS, tx.tenant)
        done = (await news.confirmed_by(tx, [found.id])).get(found.id, [])
        people = [row["person_id"] for row in rows if row["person_id"] not in done]
        await post_notice(tx, kind, subject=found.id, people=people, key=str(found.id), title=found.title)


async def _confirmed(tx: Tx, event: AnnouncementConfirmed) -> None:
    await mark_told(tx, ["news", "news_urgent"], event.announcement, [event.person])


async def _ended(tx: Tx, event: AnnouncementEnded) -> None:
    await mark_told(tx, ["news", "news_urgent"], event.announcement)


async def _opened(tx: Tx, event: ShiftOpened) -> None:
    await tills_away.watch(tx, event.till, event.shift)


NOTICED: Final[Mapping[type[Event], Reaction]] = {
    StockFellLow: _each(StockFellLow, _low),
    StockChanged: _each(StockChanged, _out),
    RulesMarkedLow: _each(RulesMarkedLow, _low_by_rules),
    RulesBroughtBack: _each(RulesBroughtBack, _brought_back),
    SaleCompleted: _each(SaleCompleted, _refund),
    ShiftEnded: _each(ShiftEnded, _variance),
    DeviceRevokedNow: _each(DeviceRevokedNow, _revoked),
    ShiftOpened: _each(ShiftOpened, _opened),
    MessageSent: _each(MessageSent, _message),
    ThreadRead: _each(ThreadRead, _thread_read),
    AnnouncementPublished: _each(AnnouncementPublished, _published),
    AnnouncementConfirmed: _each(AnnouncementConfirmed, _confirmed),
    AnnouncementEnded: _each(AnnouncementEnded, _ended),
}
