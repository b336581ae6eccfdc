"""A hundred thousand products: finding one by code and by letters, a new till's copy, and a change that reaches tills.

    python -m benchmarks.catalogue [--products 100000] [--tills 50]

By code: the product behind a barcode through the product's own unit of work, and the same row by one join in raw SQL,
as the application's role in a transaction of its own; in turns. Search: words as they are typed, letter by letter
(names, SKUs, codes, what there isn't, slips), over HTTP to the list's page with its session, rights and rendering; and
the same letters in raw SQL. A new till: the whole catalogue over HTTP, gzip; beside it the same rows read in raw SQL.
A delta: a hundred prices change, and each till hears of it over its socket and fetches what changed; the clock starts
before the change's commit and stops when the last till has it.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
import websockets

from benchmarks.support.load import Driver, Requests, request
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import median, percentile, show, verdict
from benchmarks.support.usage import load_of_others
from retail.catalog import operations as catalog
from retail.catalog import queries
from retail.catalog.lists.wanted import Wanted
from retail.identity.tokens import create_token
from tests.support.web import enrol
from tests.support.world import Shop, ean13, open_shop

CODE_TIMES: Final = 3.0
SEARCH_MS: Final = 50.0
SNAPSHOT_SECONDS: Final = 5.0
SNAPSHOT_MB: Final = 10.0
DELTA_SECONDS: Final = 2.0
PEOPLE: Final = 16
LOOKUPS: Final = 300
PRICES: Final = 100
_WORDS_OF_KINDS: Final = (
    "chocolate milk bread butter cheese sausage shampoo candle Vollkornbrot notebook battery cable lemonade coffee tea"
    " honey mustard pasta rice flour sugar salt pepper olive tomato cucumber apple banana orange grape detergent towel"
)
_WORDS_OF_SORTS: Final = (
    "organic whole fresh dark light spicy sweet salted smoked roasted frozen small large family classic mild"
)
_WORDS_OF_MAKERS: Final = (
    "Alpina Bergmann Castello Delmonte Eckart Fontana Garland Hansen Iversen Jansen Keller Lombardi Moreau"
)
_KINDS, _SORTS, _MAKERS = (words.split() for words in (_WORDS_OF_KINDS, _WORDS_OF_SORTS, _WORDS_OF_MAKERS))

_PRODUCTS: Final = """
INSERT INTO product (tenant_id, id, sku, name, category_id, tax_class_id, price_minor, unit, decimals, unit_cost,
                     favourite, version, created_at, updated_at)
SELECT $1, gen_random_uuid(), 'SKU-' || chr(65 + n % 26) || chr(65 + n / 26 % 26) || '26' || lpad(n::text, 6, '0'),
       ($6::text[])[1 + n / 7 % cardinality($6)] || ' ' || ($5::text[])[1 + n % cardinality($5)] || ' '
         || ($4::text[])[1 + n / 3 % cardinality($4)] || ' ' || n % 97 * 10 || ' g',
       $2, $3, 100 + n % 5000, 'each', 0, 50, false, 1, now(), now()
  FROM generate_series(1, $7::integer) AS n
"""
_CODES: Final = """
INSERT INTO barcode (tenant_id, id, product_id, code, normalised, position)
SELECT p.tenant_id, gen_random_uuid(), p.id, u.code, lpad(u.code, 14, '0'), 0
  FROM unnest($2::text[]) WITH ORDINALITY AS u (code, n)
  JOIN product p ON p.tenant_id = $1 AND right(p.sku, 6) = lpad(u.n::text, 6, '0') AND p.sku LIKE 'SKU-____%'
 WHERE length(p.sku) = 14
"""
_WORDS: Final = """
INSERT INTO search_word (tenant_id, word) SELECT $1, w FROM unnest($2::text[]) AS w ON CONFLICT DO NOTHING
"""
_RAW_CODE: Final = """
SELECT p.* FROM barcode b JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
 WHERE b.tenant_id = $1 AND b.normalised = $2
"""
_RAW_SEARCH: Final = """
SELECT id, name, sku, price_minor FROM product
 WHERE tenant_id = $1 AND archived_at IS NULL AND strpos(search_text, $2) > 0 ORDER BY sort_name, id LIMIT 50
"""
_RAW_ALL: Final = """
SELECT p.id, p.sku, p.name, p.price_minor, array_agg(b.normalised) FROM product p
  LEFT JOIN barcode b ON b.tenant_id = p.tenant_id AND b.product_id = p.id
 WHERE p.tenant_id = $1 AND p.archived_at IS NULL GROUP BY p.tenant_id, p.id
"""


@dataclass
class World:
    """A business with its products."""

    shop: Shop
    codes: list[str]
    secrets: list[str]
    token: str

    @property
    def home(self) -> str:
        """Give where its pages are."""
        return f"/t/{self.shop.tenant.slug}"


async def build(on: Stage, products: int) -> World:
    """Make a business with so many products, each with a code."""
    shop = await open_shop(on.db)
    tenant = shop.tenant.id
    codes = [ean13(100_000_000 + n) for n in range(products)]
    words = sorted({word.lower() for word in (*_KINDS, *_SORTS, *_MAKERS)})
    async with on.admin() as conn:
        await conn.execute(
            _PRODUCTS, tenant, shop.category, shop.standard, _KINDS, _SORTS, _MAKERS, products, timeout=None
        )
        await conn.execute(_CODES, tenant, codes, timeout=None)
        await conn.execute(_WORDS, tenant, [word for word in words if len(word) >= 4])
        await conn.execute("VACUUM ANALYZE product")  # as the database does by itself in the minute after an import
        await conn.execute("VACUUM ANALYZE barcode")
    secrets = [(await enrol(on.db, tenant, "owner"))[2] for _ in range(PEOPLE)]
    async with on.db.begin(shop.scope) as tx:
        token = await create_token(tx, role="owner", name="benchmark")
    return World(shop, codes, secrets, token)


async def timed(work: Awaitable[object]) -> float:
    """Give the milliseconds that something takes."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1e3


async def by_code(on: Stage, world: World) -> tuple[list[float], list[float]]:
    """Look products up by code, in turns with raw SQL; ms each."""
    ours, raw = [], []
    chance = random.Random(3)

    async def own(code: str) -> None:
        async with on.db.read(world.shop.scope) as read:
            page = await queries.products(read, Wanted(barcode=code), limit=1, after=None)
        if len(page.items) != 1:
            raise RuntimeError(f"{code} is not found")

    async def plain(code: str) -> None:
        async with on.db.read(world.shop.scope) as read:
            if len(await read.fetch(_RAW_CODE, read.tenant, code.zfill(14))) != 1:
                raise RuntimeError(f"{code} is not found")

    for code in chance.choices(world.codes, k=LOOKUPS):
        ours.append(await timed(own(code)))
        raw.append(await timed(plain(code)))
    return ours[20:], raw[20:]


def typed(world: World) -> list[str]:
    """Make what people type, letter by letter from the second on."""
    chance = random.Random(4)
    whole = [
        *(chance.choice(_KINDS).lower() for _ in range(10)),
        *(f"{chance.choice(_MAKERS)} {chance.choice(_SORTS)}".lower() for _ in range(6)),
        *(f"26{chance.randrange(len(world.codes)):06d}" for _ in range(4)),
        "kornbrot", "zzzz nothing", "xylophone",
    ]  # fmt: skip
    letters = [text[:length] for text in whole for length in range(2, len(text) + 1)]
    return [*letters, *chance.choices(world.codes, k=10), "choclate", "bananna", "musatrd", "lemonadde"]


async def search(on: Stage, world: World, driver: Driver) -> tuple[list[float], list[float]]:
    """Type into the list's search; ms of each answer, and of the same letters in raw SQL."""
    texts = typed(world)
    asked = [
        request(
            "GET",
            f"{world.home}/products?q={quote(text)}",
            Cookie=f"s={world.secrets[at % PEOPLE]}",
            HX_Request="true",
        )
        for at, text in enumerate(texts)
    ]
    outcome = await driver.drive(on.port, [Requests(asked)])
    if set(outcome.statuses) != {"200"}:
        raise RuntimeError(outcome.odd[:400])
    async with on.admin() as conn:
        raw = [await timed(conn.fetch(_RAW_SEARCH, world.shop.tenant.id, text)) for text in texts]
    return outcome.latencies, raw


async def snapshot(on: Stage, world: World) -> tuple[list[float], float, float]:
    """Fetch the whole catalogue as a new till does; seconds each, MB as sent, and the seconds of raw SQL."""
    headers = {"Authorization": f"Bearer {world.token}", "Accept-Encoding": "gzip"}
    took = []
    async with httpx.AsyncClient(base_url=on.origin, timeout=120) as client:
        for _ in range(3):
            began = time.perf_counter()
            async with client.stream("GET", "/api/v1/catalogue?since=0", headers=headers) as answer:
                sent = b"".join([piece async for piece in answer.aiter_raw()])
            took.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(sent[:300])
    whole = json.loads(gzip.decompress(sent) if answer.headers.get("content-encoding") == "gzip" else sent)
    if len(whole["products"]["id"]) < len(world.codes):
        raise RuntimeError("products are missing")
    async with on.admin() as conn:
        raw = await timed(conn.fetch(_RAW_ALL, world.shop.tenant.id, timeout=None)) / 1e3
    return took, len(sent) / 1e6, raw


class Crowd:
    """Tills that listen, and fetch what changed when they hear of it."""

    def __init__(self, on: Stage, known: int, wanted: int) -> None:
        self.on, self.known, self.wanted = on, known, wanted
        self.opened = asyncio.Semaphore(0)
        self.began = 0.0
        self.arrived: list[float] = []

    async def till(self, token: str) -> None:
        """Listen until the change is heard of, and fetch it."""
        headers = {"Authorization": f"Bearer {token}"}
        address = f"ws://127.0.0.1:{self.on.port}/api/v1/events"
        async with (
            httpx.AsyncClient(base_url=self.on.origin, timeout=60) as client,
            websockets.connect(address) as socket,
        ):
            await socket.send(json.dumps({"token": token, "topics": ["catalogue"], "since": None}))
            await socket.recv()
            self.opened.release()
            while json.loads(await socket.recv()).get("type") != "catalogue.changed":
                pass
            answer = (await client.get(f"/api/v1/catalogue?since={self.known}", headers=headers)).json()
            if len(answer["products"]["id"]) != self.wanted:
                raise RuntimeError(f"{len(answer['products']['id'])} products came")
            self.arrived.append(time.perf_counter() - self.began)


async def delta(on: Stage, world: World, tills: int) -> tuple[list[float], float]:
    """Change a hundred prices; seconds until each till has them, and the ms of one such answer alone."""
    async with on.db.begin(world.shop.scope) as tx:
        tokens = [await create_token(tx, role="owner", name=f"till {n}") for n in range(tills)]
    async with on.db.read(world.shop.scope) as read:
        known: int = await read.fetchval("SELECT version FROM catalogue_head WHERE tenant_id = $1", read.tenant)
        chosen = (await queries.products(read, Wanted(text="chocolate"), limit=PRICES, after=None)).items
    await on.settle()
    crowd = Crowd(on, known, len(chosen))
    running = [asyncio.create_task(crowd.till(token)) for token in tokens]
    for _ in running:
        await crowd.opened.acquire()
    await asyncio.sleep(1)
    drafts = [_dearer(one) for one in chosen]
    crowd.began = time.perf_counter()
    await on.db.run(world.shop.scope, catalog.put_products, drafts)
    await asyncio.gather(*running)
    headers = {"Authorization": f"Bearer {world.token}"}
    async with httpx.AsyncClient(base_url=on.origin) as client:
        alone = await timed(client.get(f"/api/v1/catalogue?since={known}", headers=headers))
    return crowd.arrived, alone


def _dearer(one: Any) -> catalog.Draft:  # noqa: ANN401 - ProductFacts
    return catalog.Draft(
        one.id, one.sku, one.name, one.tax_class, one.price_minor + 5, one.category, one.barcodes, one.unit
    )


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--tills", type=int, default=50)
    asked = parser.parse_args()
    busy, driver = load_of_others(), Driver()
    try:
        async with stage() as on:
            world = await build(on, asked.products)
            codes = await by_code(on, world)
            before = on.cpu()
            letters = await search(on, world, driver)
            between = on.cpu()
            whole = await snapshot(on, world)
            spent = _spent(before, between, len(letters[0])), _spent(between, on.cpu(), len(whole[0]))
            seen = Seen(codes, letters, whole, await delta(on, world, asked.tills), *spent)
    finally:
        driver.close()
    tell(seen, asked, busy)


@dataclass
class Seen:
    """What was measured: ours and what stands beside it."""

    by_code: tuple[list[float], list[float]]
    search: tuple[list[float], list[float]]
    snapshot: tuple[list[float], float, float]
    delta: tuple[list[float], float]
    cpu_of_search: dict[str, float]
    cpu_of_snapshot: dict[str, float]


def _spent(before: dict[str, float], after: dict[str, float], times: int) -> dict[str, float]:
    """Give the ms of processor that each part took for one of so many; raw SQL beside it counts for the database."""
    return {name: (after[name] - before[name]) * 1e3 / times for name in ("web", "database")}


def tell(seen: Seen, asked: argparse.Namespace, busy: str) -> None:
    """Print the table and the verdicts."""
    (ours, raw), (found, floor), (took, size, rows), (arrived, alone) = (
        seen.by_code, seen.search, seen.snapshot, seen.delta,
    )  # fmt: skip
    whole, reached = [seconds * 1e3 for seconds in took], [seconds * 1e3 for seconds in arrived]
    show(
        f"{asked.products:,} products",
        ("", "p50 ms", "p95 ms", "beside it, p50 ms", "p95 ms"),
        [
            ("by barcode; one join", *_pair(ours), *_pair(raw)),
            ("search as it is typed, the page; raw SQL", *_pair(found), *_pair(floor)),
            (f"whole catalogue to a till, {size:.1f} MB; its rows", *_pair(whole), rows * 1e3, ""),
            (f"{PRICES} prices at {asked.tills} tills; one answer", *_pair(reached), alone, ""),
        ],
        note=f"Processor: a search {_cpu(seen.cpu_of_search)}; a whole catalogue {_cpu(seen.cpu_of_snapshot)};"
        f" the database's with what stands beside it. {busy}",
    )
    times, p95, slowest, last = median(ours) / median(raw), percentile(found, 0.95), max(took), max(arrived)
    verdict("by barcode, median", met=times <= CODE_TIMES, measured=f"{times:.1f} times", target="<= 3 times")
    verdict("search, p95", met=p95 <= SEARCH_MS, measured=f"{p95:.0f} ms", target="<= 50 ms")
    small = slowest <= SNAPSHOT_SECONDS and size <= SNAPSHOT_MB
    verdict("catalogue", met=small, measured=f"{slowest:.1f} s, {size:.1f} MB", target="<= 5 s and <= 10 MB")
    verdict("prices at the last till", met=last <= DELTA_SECONDS, measured=f"{last:.2f} s", target="<= 2 s")


def _cpu(spent: dict[str, float]) -> str:
    return ", ".join(f"{name} {ms:,.0f} ms" for name, ms in spent.items())


def _pair(values: list[float]) -> tuple[float, float]:
    return percentile(values, 0.5), percentile(values, 0.95)


if __name__ == "__main__":
    asyncio.run(main())
