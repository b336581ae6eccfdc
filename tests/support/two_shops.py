"""Two shops that both trade, and somebody of one of them who asks for everything of the other in every way there is.

Every text of the other shop carries a mark; every id of it can be asked for at every address.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import ndiff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import asyncpg
import httpx

from retail import stock
from retail.identity.permissions import ROLES as BUILT_IN
from retail.identity.tokens import create_token
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.sales.closing import close as close_counter
from retail.stock import Arrival, Document
from retail.value import Use, account_of
from retail.value.desk import adjust
from retail.value.rules import STORE_CREDIT
from tests.support.buyers import a_customer
from tests.support.doors import Door, slots
from tests.support.selling import Counter, open_counter
from tests.support.values import a_card, keys_in
from tests.support.vendors import a_supplier, sells
from tests.support.web import AnyPace, Site, enrol, make_site
from tests.support.world import Shop, open_shop

LINKS: Final = re.compile(r'(?:href|hx-get|action|data-href)="(/[^"#]*)"')
REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
MOST_PAGES: Final = 400
ROLES: Final = ("owner", "manager", "clerk", "viewer")


@dataclass
class Side:
    """One of the two shops, with a browser of a member of each role and a program's token of the owners' role."""

    shop: Shop
    mark: str
    browsers: dict[str, httpx.AsyncClient]
    program: httpx.AsyncClient

    @property
    def browser(self) -> httpx.AsyncClient:
        """Give the owner's browser."""
        return self.browsers["owner"]

    @property
    def base(self) -> str:
        """Give the prefix of the shop's addresses."""
        return f"/t/{self.shop.tenant.slug}"


@dataclass
class Town:
    """Both shops, and the database as its administrator sees it."""

    site: Site
    ours: Side
    theirs: Side
    admin: asyncpg.Connection

    async def ids(self, tenant: UUID) -> dict[str, set[str]]:
        """Give every id of a shop's rows, by table."""
        tables = await self.admin.fetch(
            """SELECT c.relname FROM pg_class c
                 JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
                 JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'id' AND i.atttypid = 'uuid'::regtype
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"""
        )
        found = {}
        for (table,) in tables:
            rows = await self.admin.fetch(f"SELECT id FROM {table} WHERE tenant_id = $1", tenant)
            found[table] = {str(row["id"]) for row in rows}
        return found

    async def fingerprint(self, tenant: UUID) -> dict[str, str]:
        """Give a hash of all rows of a shop, by table; tables that only keep time of live pages are left out."""
        tables = await self.admin.fetch(
            """SELECT c.relname FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"""
        )
        return {
            table: await self.admin.fetchval(
                f"SELECT md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) FROM {table} r"
                " WHERE tenant_id = $1",
                tenant,
            )
            for (table,) in tables
        }


async def settle_in(db: Database, site: Site, mark: str) -> Side:
    """Open a shop whose every text carries a mark, and let it trade: sales, a return, stock, shifts, people."""
    shop = await open_shop(db)
    counter = await open_counter(shop)
    await db.run(
        shop.scope,
        stock.receive,
        Document(new_id(), shop.store, f"{mark} delivery", counter_time(shop)),
        [Arrival(ware.id, Decimal(20), Decimal(50)) for ware in shop.products[:3]],
    )
    await trade(counter, mark)
    await sells(shop, await a_supplier(shop, "Mill", code="M1", email="mill@shop.example"), cost=Decimal(80))
    anna = await a_customer(shop, phone="+49 171 2345678", email="anna@shop.example", member_card="20420001")
    await counter.sell(customer=str(anna))
    await settle_value(shop, anna)
    closed = await open_counter(shop, shop.second_till)
    await closed.sell()
    await close(closed)
    async with db.begin(shop.scope) as tx:
        token = await create_token(tx, role="owner", name=f"{mark} program")
    browsers = {role: site.visitor((await enrol(db, shop.tenant.id, role))[2]) for role in ROLES}
    await rename(db, shop, mark)
    return Side(
        replace(shop, tenant=replace(shop.tenant, name=f"{mark} trading")),
        mark,
        browsers,
        site.visitor(Authorization=f"Bearer {token}"),
    )


async def settle_value(shop: Shop, customer: UUID) -> None:
    """Let somebody have a gift card, and a customer store credit."""
    with TemporaryDirectory() as folder:
        await a_card(shop, await keys_in(Path(folder)))
    credit = await shop.db.run(shop.scope, account_of, customer, STORE_CREDIT)
    async with shop.db.begin(shop.scope) as tx:
        await adjust(tx, Use(credit, 300, new_id(), None, "waited"), shop.store, up=True)


def counter_time(shop: Shop) -> Any:
    """Give the time by the shop's clock."""
    return shop.db.clock.now()


async def trade(counter: Counter, mark: str) -> None:
    """Sell a marked thing, and one more than there is."""
    await counter.sell(customer=f"{mark} customer")
    odd = {"id": str(new_id()), "product": None, "name": f"{mark} thing", "quantity": "1", "unit_price": 100,
           "discount": 0, "tax_class": "S"}  # fmt: skip
    await counter.send(counter.sale(odd))
    await counter.sell((counter.shop.products[3], "30"))  # below zero: an exception, a notice


async def close(counter: Counter) -> None:
    """Close the counter's shift."""
    await counter.shop.db.run(counter.shop.scope, close_counter, counter.shift, 1, None, counter_time(counter.shop))


async def rename(db: Database, shop: Shop, mark: str) -> None:
    """Put the mark into every name that a page could show."""
    async with db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET name = $2 WHERE id = $1", tx.tenant, f"{mark} trading")
        for table in ("product", "category", "tax_class", "store", "till", "membership", "supplier", "customer"):
            await tx.execute(f"UPDATE {table} SET name = $2 || ' ' || name WHERE tenant_id = $1", tx.tenant, mark)


@asynccontextmanager
async def open_town(db: Database, admin_url: str) -> AsyncIterator[Town]:
    """Let two shops trade on one database; `admin_url` sees past the walls."""
    site = make_site(db)
    site.app.state.process.paces = AnyPace()
    admin = await asyncpg.connect(admin_url)
    try:
        ours = await settle_in(db, site, f"ours{new_id().hex[-8:]}")
        theirs = await settle_in(db, site, f"theirs{new_id().hex[-8:]}")
        yield Town(site, ours, theirs, admin)
    finally:
        await admin.close()
        await site.close()


def of_theirs(town: Town, text: str, known: dict[str, set[str]]) -> list[str]:
    """Give what of the other shop is in a text: its mark, its slug, any of its ids."""
    words = {town.theirs.mark, town.theirs.shop.tenant.slug, str(town.theirs.shop.tenant.id)}
    return sorted(word for word in words.union(*known.values()) if word in text)


def chosen(known: dict[str, set[str]], each: int = 1) -> list[str]:
    """Choose so many ids of every table that has any."""
    return sorted({id for of_table in known.values() for id in sorted(of_table)[:each]})


async def crawl(side: Side, role: str = "owner") -> dict[str, str]:
    """Follow every link of a shop's pages from its first one, as a role; gives the texts by address."""
    waiting, seen = [f"{side.base}/"], {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop()
        if path in seen:
            continue
        answer = await side.browsers[role].get(path)
        seen[path] = answer.text
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in LINKS.findall(answer.text):
            to = urljoin(path, link.replace("&amp;", "&"))
            if urlsplit(to).path.startswith(side.base) and "sign-out" not in to:
                waiting.append(to)
    return seen


@dataclass
class Asked:
    """What was tried, and where the answer told more than that nobody has such an id."""

    routes: int = 0
    tried: int = 0
    leaks: list[str] = field(default_factory=list)


def _who(town: Town, door: Door, role: str) -> tuple[httpx.AsyncClient, str]:
    """Choose who knocks: the owner's program at the API, browsers elsewhere and as every other role."""
    if door.api and role == "owner":
        return town.ours.program, door.path.removeprefix("/t/{slug}")
    return town.ours.browsers[role], town.ours.base + door.path.removeprefix("/t/{slug}")


def _at(path: str, id: str) -> str:
    return re.sub(r"\{[^}]+\}", id, path)


async def read_with_ids(town: Town, reads: Sequence[Door], ids: Sequence[str], role: str = "owner") -> Asked:
    """Ask each address for each id of the other shop; answers must be those for an id that nobody has.

    Where the role lacks a right the guard refuses before anybody looks at the id: there one id is asked for at each
    address, another one at each.
    """
    found = Asked()
    for place, door in enumerate(door for door in reads if slots(door)):
        who, path = _who(town, door, role)
        found.routes += 1
        nobody = str(new_id())
        expected = await who.get(_at(path, nobody))
        told = REFERENCE.sub("", expected.text.replace(nobody, ""))
        refused = expected.status_code == 403 and bool(door.rights - set(BUILT_IN[role]))
        for id in [ids[place % len(ids)]] if refused else ids:
            answer = await who.get(_at(path, id))
            found.tried += 1
            said = REFERENCE.sub("", answer.text.replace(id, ""))
            if answer.status_code != expected.status_code or said != told:
                more = " | ".join(line for line in ndiff(told.splitlines(), said.splitlines()) if line[0] in "+-")
                found.leaks.append(f"{role} {door.path} {id} {answer.status_code} {more[:500]}")
    return found


async def write_with_ids(town: Town, writes: Sequence[Door], ids: Sequence[str], role: str = "owner") -> Asked:
    """Send each change with each id of the other shop in address and body; `leaks` are answers that are faults of ours.

    Whether anything changed there is for the caller to compare (`Town.fingerprint`).
    """
    found = Asked()
    for door in writes:
        if "sign-out" in door.path:
            continue
        who, path = _who(town, door, role)
        found.routes += 1
        for id in ids:
            theirs = dict.fromkeys(("id", "product", "store", "till", "shift", "member", "category", "ids"), id)
            body: dict[str, Any] = {"json": theirs | {"tenant_id": str(town.theirs.shop.tenant.id)}}
            if not door.api:
                body = {"data": theirs | {"role": "owner", "name": "x", "kind": "waste", "quantity": "1"}}
            answer = await who.request(door.verb, _at(path, id), **({} if door.verb == "DELETE" else body))
            found.tried += 1
            if answer.status_code >= 500:
                found.leaks.append(f"{role} {door.verb} {door.path} {id} {answer.status_code} {answer.text[:300]}")
            if not slots(door):
                break
    return found
