"""Two shops that both trade: whatever one of them asks for, in every way there is, it never meets a word of the other.

Every text of the other shop carries a mark, every id of it is asked for at every address; the answers must be those of
an id that nobody has, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from retail import stock
from retail.identity.tokens import create_token
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.sales.closing import close as close_counter
from retail.stock import Arrival, Document
from tests.support.database import Clone
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, enrol, make_site, session
from tests.support.world import Shop, open_shop
from tests.tenancy.test_routes_and_walls import OF_TENANT, Door

LINKS = re.compile(r'(?:href|hx-get|action|data-href)="(/[^"#]*)"')
REFERENCE = re.compile(r"[0-9a-f]{32}")
MOST_PAGES = 400


@dataclass
class Side:
    """One of the two shops, with its owner's browser and a program's token."""

    shop: Shop
    mark: str
    browser: httpx.AsyncClient
    program: httpx.AsyncClient

    @property
    def base(self) -> str:
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
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
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
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
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
    closed = await open_counter(shop, shop.second_till)
    await closed.sell()
    await close(closed)
    async with db.begin(shop.scope) as tx:
        token = await create_token(tx, role="owner", name=f"{mark} program")
    person, _email, secret = await enrol(db, shop.tenant.id, "owner")
    await enrol(db, shop.tenant.id, "clerk")
    await rename(db, shop, mark)
    return Side(
        replace(shop, tenant=replace(shop.tenant, name=f"{mark} trading")),
        mark,
        site.visitor(secret or await session(db, person)),
        site.visitor(Authorization=f"Bearer {token}"),
    )


def counter_time(shop: Shop) -> Any:
    return shop.db.clock.now()


async def trade(counter: Counter, mark: str) -> None:
    await counter.sell(customer=f"{mark} customer")
    odd = {"id": str(new_id()), "product": None, "name": f"{mark} thing", "quantity": "1", "unit_price": 100,
           "discount": 0, "tax_class": "S"}  # fmt: skip
    await counter.send(counter.sale(odd))
    await counter.sell((counter.shop.products[3], "30"))  # below zero: an exception, a notice


async def close(counter: Counter) -> None:
    await counter.shop.db.run(counter.shop.scope, close_counter, counter.shift, 1, None, counter_time(counter.shop))


async def rename(db: Database, shop: Shop, mark: str) -> None:
    """Put the mark into every name that a page could show."""
    async with db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET name = $2 WHERE id = $1", tx.tenant, f"{mark} trading")
        for table in ("product", "category", "tax_class", "store", "till", "membership"):
            await tx.execute(f"UPDATE {table} SET name = $2 || ' ' || name WHERE tenant_id = $1", tx.tenant, mark)


@pytest.fixture(scope="module")
async def town(db: Database, clone: Clone) -> AsyncIterator[Town]:
    site = make_site(db)
    admin = await asyncpg.connect(clone.admin_url)
    ours = await settle_in(db, site, f"ours{new_id().hex[-8:]}")
    theirs = await settle_in(db, site, f"theirs{new_id().hex[-8:]}")
    yield Town(site, ours, theirs, admin)
    await admin.close()
    await site.close()


def of_theirs(town: Town, text: str, known: dict[str, set[str]]) -> list[str]:
    """Give what of the other shop is in a text: its mark, its slug, any of its ids."""
    words = {town.theirs.mark, town.theirs.shop.tenant.slug, str(town.theirs.shop.tenant.id)}
    return sorted(word for word in words.union(*known.values()) if word in text)


async def crawl(side: Side) -> dict[str, str]:
    """Follow every link of a shop's pages from its first one; gives the texts by address."""
    waiting, seen = [f"{side.base}/"], {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop()
        if path in seen:
            continue
        answer = await side.browser.get(path)
        seen[path] = answer.text
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in LINKS.findall(answer.text):
            to = urljoin(path, link.replace("&amp;", "&"))
            if urlsplit(to).path.startswith(side.base) and "sign-out" not in to:
                waiting.append(to)
    return seen


async def test_every_page_that_links_lead_to_tells_of_one_shop_only(town: Town) -> None:
    known = await town.ids(town.theirs.shop.tenant.id)
    pages = await crawl(town.ours)
    assert len(pages) > 60
    assert {path: found for path, text in pages.items() if (found := of_theirs(town, text, known))} == {}
    assert sum(town.ours.mark in text for text in pages.values()) > 20, "the marks are there to be seen"


def slots(door: Door) -> list[str]:
    return re.findall(r"\{([^}:]+)(?::[^}]+)?\}", door.path.removeprefix("/t/{slug}"))


READS = [door for door in OF_TENANT if door.verb == "GET"]


async def test_every_list_and_file_of_the_api_tells_of_one_shop_only(town: Town) -> None:
    known = await town.ids(town.theirs.shop.tenant.id)
    looked = 0
    for door in READS:
        if slots(door) or not door.api:
            continue
        path = door.path.removeprefix("/t/{slug}")
        for address in (path, f"{path}?limit=500", f"{path}?store={town.theirs.shop.store}&q={town.theirs.mark}"):
            answer = await town.ours.program.get(address)
            assert answer.status_code < 500, address
            text = answer.text.replace(town.theirs.mark, "") if "q=" in address else answer.text
            text = text.replace(str(town.theirs.shop.store), "") if "store=" in address else text
            assert of_theirs(town, text, known) == [], address
            looked += 1
    assert looked > 40


async def test_an_id_of_the_other_shop_answers_as_one_that_nobody_has(town: Town) -> None:
    known = await town.ids(town.theirs.shop.tenant.id)
    asked = 0
    for door in READS:
        if not slots(door):
            continue
        who = town.ours.program if door.api else town.ours.browser
        base = "" if door.api else town.ours.base
        path = door.path.removeprefix("/t/{slug}")

        def at(id: str, path: str = path, base: str = base) -> str:
            return base + re.sub(r"\{[^}]+\}", id, path)

        nobody = str(new_id())
        expected = await who.get(at(nobody))
        for id in sorted({min(of_table) for of_table in known.values() if of_table}):
            answer = await who.get(at(id))
            assert answer.status_code == expected.status_code, (door.path, id)
            same = REFERENCE.sub("", answer.text.replace(id, "")) == REFERENCE.sub(
                "", expected.text.replace(nobody, "")
            )
            assert same, (door.path, id)
            asked += 1
    assert asked > 200


async def test_no_write_with_an_id_of_the_other_shop_changes_anything_there(town: Town) -> None:
    known = await town.ids(town.theirs.shop.tenant.id)
    before = await town.fingerprint(town.theirs.shop.tenant.id)
    asked = 0
    for door in OF_TENANT:
        if door.verb == "GET" or "sign-out" in door.path:
            continue
        who = town.ours.program if door.api else town.ours.browser
        base = "" if door.api else town.ours.base
        for id in sorted({min(of_table) for of_table in known.values() if of_table}):
            path = base + re.sub(r"\{[^}]+\}", id, door.path.removeprefix("/t/{slug}"))
            theirs = {name: id for name in ("id", "product", "store", "till", "shift", "member", "category", "ids")}
            body: dict[str, Any] = {"json": theirs | {"tenant_id": str(town.theirs.shop.tenant.id)}}
            if not door.api:
                body = {"data": theirs | {"role": "owner", "name": "x", "kind": "waste", "quantity": "1"}}
            answer = await who.request(door.verb, path, **({} if door.verb == "DELETE" else body))
            assert answer.status_code not in range(500, 600), (door.verb, path, answer.text[:300])
            asked += 1
            if not slots(door):
                break
    assert asked > 100
    assert await town.fingerprint(town.theirs.shop.tenant.id) == before
