"""Lists of trade, money and people that go out as their pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.audit import VIEW_AUDIT
from retail.audit import queries as audit
from retail.audit.handlers import wanted_in as trail_in
from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked, at_once
from retail.billing import queries as billing
from retail.cash import listing as shifts
from retail.cash.handlers import STATES as SHIFT_STATES
from retail.identity import approval_queries, device_queries, people_list
from retail.identity.permissions import (
    APPROVE,
    MANAGE_BILLING,
    MANAGE_DEVICES,
    MANAGE_SETTINGS,
    SETTLE_EXCEPTIONS,
    VIEW_BOOKS,
    VIEW_DASHBOARD,
    VIEW_PEOPLE,
    VIEW_SALES,
    VIEW_SHIFTS,
    VIEW_STORES,
)
from retail.identity.roles import role_names
from retail.ledger import queries as ledger
from retail.notifications import queries as notices
from retail.notifications.kinds import KINDS as NOTICE_KINDS
from retail.payments.queries import listed as payments
from retail.payments.rules import OUTCOMES
from retail.risk import queries as risk
from retail.risk.pages import wanted_in as risk_in
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.sales import listing as sales
from retail.sales.keys import layouts
from retail.sales.list_pages import wanted_in as sales_in
from retail.sales.remarks import CODES
from retail.sales.risks import sight_of
from retail.sales.void_pages import KINDS as VOID_KINDS
from retail.sales.voids import voids
from retail.tenants import queries as tenants
from retail.tenants.queries import this_tenant

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Till:
    """A till, and what it is doing."""

    of: tenants.TillFacts
    state: tenants.TillState | None

    @property
    def device(self) -> str | None:
        """Name the device that has it."""
        return self.state.device_label if self.state else None

    @property
    def last_contact(self) -> object:
        """Give when it was last heard of."""
        return self.state.last_contact if self.state else None


async def _receipts(read: Read, asked: Asked) -> Walk:
    sight = sight_of(read.scope)
    wanted = sales_in(asked, await tenants.stores(read), await tenants.tills(read), sight)
    order = asked.order(sales.ORDERS if sight else sales.PLAIN_ORDERS)
    return lambda after: sales.sales(read, wanted, limit=AT_ONCE, after=after, order=order)


async def _voids(read: Read, asked: Asked) -> Walk:
    store = asked.one_of("store", {one.id for one in await tenants.stores(read)})
    kind = asked.option("kind", VOID_KINDS)
    return lambda after: voids(read, store=store, kind=kind, limit=AT_ONCE, after=after)


async def _payments(read: Read, asked: Asked) -> Walk:
    store = asked.one_of("store", {one.id for one in await tenants.stores(read)})
    outcome = asked.option("outcome", OUTCOMES)
    return lambda after: payments(read, store=store, outcome=outcome, limit=AT_ONCE, after=after)


async def _exceptions(read: Read, asked: Asked) -> Walk:
    code, settled = asked.option("code", CODES), asked.option("show", ("settled",)) == "settled"
    store = asked.one_of("store", {one.id for one in await tenants.stores(read)})
    till = asked.one_of("till", {one.id for one in await tenants.tills(read)})
    return lambda after: sales.exceptions(
        read, settled=settled, code=code, store=store, till=till, limit=AT_ONCE, after=after
    )


async def _shifts(read: Read, asked: Asked) -> Walk:
    first, last = asked.period()
    wanted: dict[str, Any] = {
        "store": asked.one_of("store", {one.id for one in await tenants.stores(read)}),
        "till": asked.one_of("till", {one.id for one in await tenants.tills(read)}),
        "state": asked.option("state", SHIFT_STATES),
        "first_day": first,
        "last_day": last,
        "order": asked.order(shifts.ORDERS),
    }
    return lambda after: shifts.shifts(read, limit=AT_ONCE, after=after, **wanted)


async def _accounts(read: Read, asked: Asked) -> Walk:
    period = ledger.Period(*asked.period())
    return at_once(lambda: ledger.accounts(read, period))


async def _people(read: Read, asked: Asked) -> Walk:
    q, order = asked.search(), asked.order(people_list.ORDERS)
    role = asked.option("role", await role_names(read))
    state = asked.option("show", people_list.STATES) or people_list.STATES[0]
    return lambda after: people_list.listed_members(
        read, q=q, role=role, state=state, limit=AT_ONCE, after=after, order=order
    )


async def _approvals(read: Read, _asked: Asked) -> Walk:
    return lambda after: approval_queries.answered_as_told(read, limit=AT_ONCE, after=after)


async def _devices(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: device_queries.devices(read))


async def _stores(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: tenants.stores(read))


async def _tills(read: Read, _asked: Asked) -> Walk:
    async def found() -> Sequence[_Till]:
        states = await tenants.till_states(read)
        return [_Till(one, states.get(one.id)) for one in await tenants.tills(read)]

    return at_once(found)


async def _invoices(read: Read, _asked: Asked) -> Walk:
    return lambda after: billing.invoices(read, limit=AT_ONCE, after=after)


async def _layouts(read: Read, asked: Asked) -> Walk:
    text = asked.search()
    return at_once(lambda: layouts.listed(read, text))


async def _notices(read: Read, asked: Asked) -> Walk:
    kind, new = asked.option("kind", NOTICE_KINDS), asked.flag("new")
    me = read.actor.id or UUID(int=0)  # a program of nobody has none
    return lambda after: notices.notifications(read, me, limit=AT_ONCE, after=after, kind=kind, new=new)


async def _risk(read: Read, asked: Asked) -> Walk:
    wanted = await risk_in(read, asked)
    return lambda after: risk.alerts(read, wanted, limit=AT_ONCE, after=after)


async def _audit(read: Read, asked: Asked) -> Walk:
    zone = ZoneInfo((await this_tenant(read)).timezone)
    wanted = trail_in(asked, zone, await audit.people(read), await audit.actions(read))
    return lambda after: audit.events(read, wanted, after=after, limit=AT_ONCE)


BUSINESS: Final[dict[str, Walked]] = {
    "receipts": Walked(
        said("Receipts"), VIEW_SALES,
        (Col("sale", "plain", "id"), Col("kind"), Col("number", "plain"), Col("till", at="till_code"),
         Col("store", at="store_name"), Col("occurred_at", "moment"), Col("cashier", at="cashier_name"),
         Col("lines", "plain"), Col("total", "money", "total_minor"), Col("needs_a_look", "plain", "exceptions"),
         Col("risk"), Col("risk_points", "plain", "points")),
        _receipts,
    ),
    "voids": Walked(
        said("Voids"), VIEW_SALES,
        (Col("void", "plain", "id"), Col("kind"), Col("store", at="store_name"), Col("till", at="till_code"),
         Col("cashier", at="cashier_name"), Col("reason"), Col("amount", "money", "amount_minor"),
         Col("occurred_at", "moment"), Col("undone_at", "moment"), Col("approved_by"), Col("lines", "facts")),
        _voids,
    ),
    "payments": Walked(
        said("Card payments"), VIEW_SALES,
        (Col("payment", "plain", "id"), Col("sale", "plain", "basket"), Col("number", "plain"), Col("type"),
         Col("terminal"), Col("store", at="store_name"), Col("till", at="till_code"), Col("cashier", at="cashier_name"),
         Col("amount", "money", "amount_minor"), Col("tip", "money", "tip_minor"), Col("started_at", "moment"),
         Col("state", at="paid.state"), Col("approved", "money", "paid.approved_minor"),
         Col("reference", at="paid.reference")),
        _payments,
    ),
    "risk": Walked(
        said("Loss prevention"), SETTLE_EXCEPTIONS,
        (Col("alert", "plain", "id"), Col("kind"), Col("store", at="store_name"), Col("cashier", at="cashier_name"),
         Col("occurred_at", "moment"), Col("acts", "plain"), Col("amount", "money", "amount_minor"), Col("outcome"),
         Col("least", "plain"), Col("minutes", "plain"), Col("state"), Col("note"), Col("decided_by"),
         Col("decided_at", "moment")),
        _risk,
    ),
    "exceptions": Walked(
        said("Needs a look"), VIEW_SALES,
        (Col("exception", "plain", "id"), Col("code", at="remark.code"), Col("facts", "facts", "remark.facts"),
         Col("sale", "plain"), Col("number", "plain"), Col("till", at="till_code"), Col("store", at="store_name"),
         Col("created_at", "moment"), Col("resolved_at", "moment"), Col("resolved_by"), Col("resolution"),
         Col("fix")),
        _exceptions,
    ),
    "invoices": Walked(
        said("Invoices of the subscription"), MANAGE_BILLING,
        (Col("number", "plain"), Col("issued_at", "moment"), Col("due_at", "moment"), Col("first_day", "plain",
         "period_first"), Col("last_day", "plain", "period_last"), Col("plan"), Col("paid", at="cycle"),
         Col("currency"), Col("net", "plain"), Col("tax", "plain"), Col("total", "plain"), Col("open", "plain")),
        _invoices,
    ),
    "shifts": Walked(
        said("Shifts"), VIEW_SHIFTS,
        (Col("shift", "plain", "shift.id"), Col("number", "plain", "shift.number"), Col("till", at="shift.till_code"),
         Col("store", at="shift.store_name"), Col("business_date", "plain", "shift.business_date"),
         Col("opened_at", "moment", "shift.opened_at"), Col("opened_by", at="shift.opened_by_name"),
         Col("closed_at", "moment", "shift.closed_at"), Col("float", "money", "shift.opening_float_minor"),
         Col("expected", "money", "expected_minor"), Col("counted", "money", "counted_minor"),
         Col("difference", "money", "variance_minor")),
        _shifts,
    ),
    "accounts": Walked(
        said("Books"), VIEW_BOOKS,
        (Col("code", "plain"), Col("account", at="name"), Col("kind"), Col("debit", "money", "debit_minor"),
         Col("credit", "money", "credit_minor"), Col("balance", "money", "balance_minor")),
        _accounts,
    ),
    "people": Walked(
        said("People"), VIEW_PEOPLE,
        (Col("name"), Col("email"), Col("role"), Col("everywhere", "flag"), Col("since", "moment", "created_at"),
         Col("ended_at", "moment")),
        _people,
    ),
    "approvals": Walked(
        said("Approvals"), APPROVE,
        (Col("approval", "plain", "id"), Col("permission"), Col("amount", "money"), Col("store", at="store_name"),
         Col("till", at="till_name"), Col("reason"), Col("asked_by", at="asked_by_name"), Col("asked_at", "moment"),
         Col("state"), Col("decided_by", at="decided_by_name"), Col("decided_at", "moment"), Col("answer")),
        _approvals,
    ),
    "devices": Walked(
        said("Devices"), MANAGE_DEVICES,
        (Col("name"), Col("till", at="till_code"), Col("store", at="store_name"), Col("enrolled_at", "moment"),
         Col("enrolled_by"), Col("seen_at", "moment"), Col("revoked_at", "moment"), Col("revoked_by")),
        _devices,
    ),
    "stores": Walked(
        said("Stores"), VIEW_STORES,
        (Col("code"), Col("name"), Col("address"), Col("tax_number"), Col("timezone"),
         Col("day_cutoff_hour", "plain"), Col("archived_at", "moment")),
        _stores,
    ),
    "tills": Walked(
        said("Tills"), VIEW_STORES,
        (Col("code", at="of.code"), Col("name", at="of.name"), Col("store", at="of.store_name"), Col("device"),
         Col("last_contact", "moment"), Col("retired_at", "moment", "of.retired_at")),
        _tills,
    ),
    "layouts": Walked(
        said("Layouts of tiles"), MANAGE_SETTINGS,
        (Col("name", at="of.name"), Col("used_by"), Col("version", "plain", "of.version"),
         Col("saved_at", "moment", "of.saved_at"), Col("saved_by", at="of.saved_by"),
         Col("archived_at", "moment", "of.archived_at")),
        _layouts,
    ),
    "notices": Walked(
        said("Notices"), VIEW_DASHBOARD,
        (Col("kind", "plain"), Col("product", at="product_name"), Col("store", at="store_name"), Col("facts", "facts"),
         Col("created_at", "moment"), Col("read_at", "moment"), Col("notice", "plain", "id")),
        _notices,
    ),
    "audit": Walked(
        said("Audit trail"), VIEW_AUDIT,
        (Col("at", "moment"), Col("actor_kind"), Col("actor_id", "plain"), Col("actor_name"), Col("action"),
         Col("subject_kind"), Col("subject_id", "plain"), Col("facts", "facts"), Col("ip"),
         Col("device", "plain", "device_id"), Col("session", "plain", "session_id"), Col("request_id"),
         Col("id", "plain")),
        _audit,
    ),
}  # fmt: skip
