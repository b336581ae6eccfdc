"""Lists about customers that go out: what one of them bought, gift cards, and the moves of stored value."""

from __future__ import annotations

from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import AT_ONCE, Col, Walk, Walked
from retail.customers.queries import merged_ids
from retail.identity.permissions import VIEW_CUSTOMERS, VIEW_SALES
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.sales import listing
from retail.sales.layaways import queries as layaways
from retail.sales.layaways.pages import wanted_in as layaways_in
from retail.value import queries
from retail.value.pages import wanted_in


async def _bought(read: Read, asked: Asked) -> Walk:
    customer = asked.uuid("customer", required=False)
    ids = await merged_ids(read, customer) if customer else []
    wanted = listing.Wanted(customers=frozenset(ids))
    return lambda after: listing.sales(read, wanted, limit=AT_ONCE, after=after)


async def _cards(read: Read, asked: Asked) -> Walk:
    wanted = wanted_in(asked)
    return lambda after: queries.cards(read, wanted, limit=AT_ONCE, after=after)


async def _moves(read: Read, asked: Asked) -> Walk:
    card, customer = asked.uuid("card", required=False), asked.uuid("customer", required=False)
    of = None
    if card or customer:
        accounts = await queries.accounts_of(read, customer) if customer else []
        of = [*([card] if card else []), *(one.id for one in accounts)]
    return lambda after: queries.statement(read, of, limit=AT_ONCE, after=after)


async def _layaways(read: Read, asked: Asked) -> Walk:
    wanted = await layaways_in(read, asked)
    return lambda after: layaways.layaways(read, wanted, limit=AT_ONCE, after=after)


OF_CUSTOMERS: Final[dict[str, Walked]] = {
    "bought": Walked(
        said("What a customer bought"), VIEW_SALES,
        (Col("sale", "plain", "id"), Col("kind"), Col("number", "plain"), Col("till", at="till_code"),
         Col("store", at="store_name"), Col("occurred_at", "moment"), Col("lines", "plain"),
         Col("total", "money", "total_minor")),
        _bought,
    ),
    "layaways": Walked(
        said("Kept goods"), VIEW_SALES,
        (Col("layaway", "plain", "id"), Col("number", at="label"), Col("store", at="store_name"), Col("state"),
         Col("customer", at="customer_name"), Col("what"), Col("until", "plain"), Col("overdue", "flag"),
         Col("total", "money"), Col("paid", "money"), Col("due", "money"), Col("fee", "money"), Col("note"),
         Col("created_at", "moment"), Col("ended_at", "moment")),
        _layaways,
    ),
    "gift-cards": Walked(
        said("Gift cards"), VIEW_CUSTOMERS,
        (Col("card", "plain", "id"), Col("last_four"), Col("balance", "money", "balance_minor"),
         Col("created_at", "moment"), Col("expires_on", "plain"), Col("blocked_at", "moment")),
        _cards,
    ),
    "value-moves": Walked(
        said("Moves of stored value"), VIEW_CUSTOMERS,
        (Col("move", "plain", "id"), Col("account", "plain"), Col("cause"), Col("amount", "money", "amount_minor"),
         Col("lacking", "money", "lacking_minor"), Col("balance_after", "money", "balance_after_minor"),
         Col("sale", "plain"), Col("reason"), Col("by", at="actor_name"), Col("at", "moment")),
        _moves,
    ),
}  # fmt: skip
