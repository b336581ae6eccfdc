"""Lists of stock that go out as their pages show them: what moves, lies, waits and is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.automation.columns import said
from retail.automation.exports.order_walks import TO_ORDER
from retail.automation.exports.walking import Begin, Col, Walk, Walked, at_once
from retail.identity.permissions import VIEW_COSTS, VIEW_STOCK
from retail.kit.paging import Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.stock.allotting import queries as allotting
from retail.stock.costing.revaluations import revaluations
from retail.stock.costing.valuation import value_by_product
from retail.stock.lots import queries as lots
from retail.stock.lots.pages import AHEAD
from retail.stock.places import queries as places
from retail.stock.reserving import queries as reserving
from retail.stock.serials import queries as serials
from retail.stock.serials.rules import STATES as PIECE_STATES
from retail.stock.transfers import queries as transfers
from retail.stock.transfers.rules import STATES as TRANSFER_STATES
from retail.stock.value_pages import find, moment, view_asked
from retail.stock.wasting import operations as wasting
from retail.stock.wasting import reasons
from retail.stock.wasting.pages import DAYS as WASTE_DAYS
from retail.tenants import queries as tenants
from retail.tenants.queries import this_tenant

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reservation, and how it stands now."""

    of: reserving.ReservationFacts
    state: str


@dataclass(frozen=True, slots=True)
class _Share:
    """A scarce article, and what one till has of it."""

    of: allotting.ScarceFacts
    till: allotting.TillShare


async def _store(read: Read, asked: Asked) -> UUID | None:
    return asked.one_of("store", {one.id for one in await tenants.stores(read)})


async def _lots(read: Read, asked: Asked) -> Walk:
    store, text, days = await _store(read, asked), asked.search(), asked.option("days", AHEAD)
    today = read.now.astimezone(ZoneInfo((await this_tenant(read)).timezone)).date()
    until = lots.last_day(today, int(days)) if days else None
    return lambda after: lots.lots(read, store=store, text=text, until=until, limit=AT_ONCE, after=after)


async def _places(read: Read, asked: Asked) -> Walk:
    store = await _store(read, asked)
    return at_once(lambda: places.locations(read, store))


async def _place_moves(read: Read, asked: Asked) -> Walk:
    store = await _store(read, asked)
    return lambda after: places.place_moves(read, store=store, limit=AT_ONCE, after=after)


async def _revaluations(read: Read, asked: Asked) -> Walk:
    store, text = await _store(read, asked), asked.search()
    return lambda after: revaluations(read, store=store, text=text, limit=AT_ONCE, after=after)


async def _held(read: Read, asked: Asked) -> Walk:
    known = await places.locations(read, closed=True)
    one = asked.one_of("place", {place.id for place in known})
    shown = [place for place in known if one in {None, place.id}]

    async def found() -> Sequence[_Held]:
        rows: list[_Held] = []
        for place in shown:
            after, more = None, True
            while more:
                page = await places.held(read, place, limit=AT_ONCE, after=after)
                rows += [_Held(place, held) for held in page.items]
                after, more = page.next, page.next is not None
        return rows

    return at_once(found)


@dataclass(frozen=True, slots=True)
class _Held:
    """A product, and the place it lies in."""

    place: places.LocationFacts
    of: places.Held


async def _reservations(read: Read, asked: Asked) -> Walk:
    store, ended, text = await _store(read, asked), asked.option("ended", ("1",)) == "1", asked.search()

    async def walk(after: str | None) -> Page[_Kept]:
        page = await reserving.reservations(read, store=store, live=not ended, text=text, limit=AT_ONCE, after=after)
        return Page([_Kept(one, one.state(read.now)) for one in page.items], page.next)

    return walk


async def _allotments(read: Read, asked: Asked) -> Walk:
    store, text = await _store(read, asked), asked.search()

    async def walk(after: str | None) -> Page[_Share]:
        page = await allotting.articles(read, store=store, text=text, limit=AT_ONCE, after=after)
        return Page([_Share(one, till) for one in page.items for till in one.tills], page.next)

    return walk


async def _serials(read: Read, asked: Asked) -> Walk:
    store, state, number = await _store(read, asked), asked.option("state", PIECE_STATES), asked.search()
    return lambda after: serials.pieces(read, number=number, store=store, state=state, limit=AT_ONCE, after=after)


async def _transfers(read: Read, asked: Asked) -> Walk:
    store, state = await _store(read, asked), asked.option("state", TRANSFER_STATES)
    open_ = asked.option("undecided", ("1",)) == "1"
    return lambda after: transfers.transfers(
        read, store=store, state=state, undecided=open_, limit=AT_ONCE, after=after
    )


async def _waste(read: Read, asked: Asked) -> Walk:
    store = await _store(read, asked)
    why_ = asked.one_of("reason", {reasons.NO_REASON, *(one.id for one in await reasons.reasons(read))})
    days = asked.option("days", WASTE_DAYS)
    since = read.now - timedelta(days=int(days or WASTE_DAYS[0]))
    return lambda after: wasting.written_off(read, store=store, why=why_, since=since, limit=AT_ONCE, after=after)


async def _valuation(read: Read, asked: Asked) -> Walk:
    store, at = await _store(read, asked), moment(asked, (await this_tenant(read)).timezone, read.now)
    return at_once(lambda: value_by_product(read, at, store))


def _insight(view: str) -> Begin:
    async def begin(read: Read, asked: Asked) -> Walk:
        _view, days, store = view_asked(asked, await tenants.stores(read))
        return at_once(lambda: find(view, read, store, days, None))

    return begin


_GOODS: Final = (Col("sku"), Col("name"))
STOCK: Final[dict[str, Walked]] = {
    "lots": Walked(
        said("Lots"), VIEW_STOCK,
        (Col("lot", at="code"), *_GOODS, Col("store", at="store_name"), Col("expires_on", "plain"),
         Col("received_at", "moment"), Col("on_hand", "quantity"), Col("unit"), Col("value", "worth", "worth_minor")),
        _lots,
    ),
    "places": Walked(
        said("Places"), VIEW_STOCK,
        (Col("place", at="name"), Col("store", at="store_name"), Col("kind"), Col("products", "plain")),
        _places,
    ),
    "place-moves": Walked(
        said("Moves between places"), VIEW_STOCK,
        (Col("move", "plain", "id"), Col("occurred_at", "moment", "at"), Col("store", at="store_name"), *_GOODS,
         Col("from", at="from_name"), Col("to", at="to_name"), Col("quantity", "quantity"), Col("unit"), Col("reason"),
         Col("by", at="actor_name")),
        _place_moves,
    ),
    "revaluations": Walked(
        said("Revaluations of stock"), VIEW_COSTS,
        (Col("revaluation", "plain", "id"), Col("occurred_at", "moment"), Col("store", at="store_name"), *_GOODS,
         Col("cause"), Col("value", "worth", "posted_minor"), Col("unit_cost", "cost"), Col("reason"),
         Col("by", at="actor_name")),
        _revaluations,
    ),
    "held": Walked(
        said("What lies in places"), VIEW_STOCK,
        (Col("store", at="place.store_name"), Col("place", at="place.name"), Col("sku", at="of.sku"),
         Col("name", at="of.name"), Col("on_hand", "quantity", "of.on_hand"), Col("unit", at="of.unit")),
        _held,
    ),
    "reservations": Walked(
        said("Reservations"), VIEW_STOCK,
        (Col("reservation", "plain", "of.id"), Col("store", at="of.store_name"), Col("sku", at="of.sku"),
         Col("name", at="of.name"), Col("quantity", "quantity", "of.quantity"), Col("unit", at="of.unit"),
         Col("note", at="of.note"), Col("state"), Col("created_at", "moment", "of.created_at"),
         Col("expires_at", "moment", "of.expires_at"), Col("released_at", "moment", "of.released_at"),
         Col("by", at="of.created_by")),
        _reservations,
    ),
    "allotments": Walked(
        said("Allotments"), VIEW_STOCK,
        (Col("store", at="of.store_name"), Col("sku", at="of.sku"), Col("name", at="of.name"),
         Col("on_hand", "quantity", "of.on_hand"), Col("reserved", "quantity", "of.reserved"),
         Col("unit", at="of.unit"), Col("shared_by", at="of.shared_by"), Col("till", at="till.name"),
         Col("share", "quantity", "till.share"), Col("sold_while_away", "quantity", "till.late")),
        _allotments,
    ),
    "serials": Walked(
        said("Serial numbers"), VIEW_STOCK,
        (Col("number"), *_GOODS, Col("state"), Col("store", at="store_name"), Col("created_at", "moment"),
         Col("updated_at", "moment")),
        _serials,
    ),
    "transfers": Walked(
        said("Transfers"), VIEW_STOCK,
        (Col("number", "plain"), Col("from", at="from_name"), Col("to", at="to_name"), Col("state"), Col("note"),
         Col("created_at", "moment"), Col("sent_at", "moment"), Col("received_at", "moment"), Col("lines", "plain"),
         Col("pieces", "quantity"), Col("value", "worth", "worth_minor"), Col("undecided", "flag")),
        _transfers,
    ),
    "waste": Walked(
        said("Waste"), VIEW_STOCK,
        (Col("document", "plain", "id"), Col("occurred_at", "moment"), Col("store", at="store_name"), Col("reason"),
         Col("goods"), Col("note"), Col("cost", "worth", "cost_minor"), Col("by", at="actor_name")),
        _waste,
    ),
    "to-order": TO_ORDER,
    "stock-value": Walked(
        said("Value of the stock"), VIEW_COSTS,
        (*_GOODS, Col("store", at="store_name"), Col("on_hand", "quantity"), Col("unit"), Col("unit_cost", "cost"),
         Col("value", "worth", "value_minor")),
        _valuation,
    ),
    "stock-dead": Walked(
        said("Dead stock"), VIEW_COSTS,
        (*_GOODS, Col("store", at="store_name"), Col("on_hand", "quantity"), Col("value", "worth"),
         Col("last_sold", "plain")),
        _insight("dead"),
    ),
    "stock-classes": Walked(
        said("ABC classes"), VIEW_COSTS,
        (*_GOODS, Col("class", at="abc"), Col("revenue", "money"), Col("share", "share"), Col("value", "worth")),
        _insight("classes"),
    ),
    "stock-turnover": Walked(
        said("Turnover"), VIEW_COSTS,
        (*_GOODS, Col("sold_at_cost", "worth", "cost"), Col("margin", "worth"), Col("average_stock", "worth", "lay"),
         Col("turns_per_year", "plain", "turns"), Col("days", "plain", "lasts")),
        _insight("turnover"),
    ),
}  # fmt: skip
