"""Builders of stored value: cards issued at the desk, customers who may owe, keys, and what checks say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

from retail.kit.ids import new_id
from retail.ledger.checks import checks as ledger_checks
from retail.runtime.keys import Keyring
from retail.value import queries
from retail.value.checks import checks
from retail.value.desk import Issue, issue
from retail.value.operations import account_of
from retail.value.queries import AccountFacts
from retail.value.rules import ACCOUNT
from tests.support.buyers import a_customer
from tests.support.world import Shop


async def keys_in(folder: Path) -> Keyring:
    """Give a keyring of its own."""
    return await asyncio.to_thread(Keyring.open, SimpleNamespace(data_dir=folder), {})


async def a_card(shop: Shop, keyring: Keyring, minor: int = 5_000, means: str = "cash") -> tuple[UUID, str]:
    """Issue a gift card; gives its id and code."""
    card = Issue(new_id(), shop.store, minor, means, None, "" if means else "a gift")
    return card.id, await shop.db.run(shop.scope, issue, keyring, card)


async def who_may_owe(shop: Shop, limit_minor: int = 5_000) -> tuple[UUID, UUID]:
    """Add a customer with a credit limit; gives their id and their account."""
    id = await a_customer(shop, credit_limit_minor=limit_minor)
    return id, await shop.db.run(shop.scope, account_of, id, ACCOUNT)


async def facts(shop: Shop, account: UUID) -> AccountFacts:
    """Read an account."""
    async with shop.db.read(shop.scope) as read:
        return await queries.account(read, account)


async def balance(shop: Shop, account: UUID) -> int:
    """Read what is on an account."""
    return (await facts(shop, account)).balance_minor


async def wrong(shop: Shop) -> list[str]:
    """Give what the checks of stored value and of the books find."""
    async with shop.db.read(shop.scope) as read:
        return [one.detail for one in [*await checks(read), *await ledger_checks(read)] if not one.ok]
