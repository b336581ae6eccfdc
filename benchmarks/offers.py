"""A basket of many lines with many offers re-priced on the till: the offers, then the totals with tax, in Chromium.

Beside it the server's part, which is the offers alone.

python -m benchmarks.offers [--lines 200] [--offers 20] [--rounds 300]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from pathlib import Path
from typing import Any

from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.visitor import chromium
from retail.promotions.basket import Item
from retail.promotions.conditions import Occasion
from retail.promotions.rules import Offer, apply_offers
from tests.support.browser import serve_folders

TARGET_MS = 5.0
WARM = 30
ROOT = Path(__file__).resolve().parents[1]
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("percent", {"percent": 1000}),
    ("buy_get", {"buy": 2, "free": 1, "percent": 10_000}),
    ("mix", {"count": 3, "price": 500}),
    ("tiered", {"by": "pieces", "tiers": [{"from": 3, "percent": 500}, {"from": 9, "percent": 1000}]}),
)

_MEASURE = """
async ([items, offers, at, rounds]) => {
  const { applyOffers } = await import("/till/promotions.js");
  const { totalsOf } = await import("/till/totals.js");
  const took = [];
  let off = 0;
  for (let i = 0; i < rounds; i += 1) {
    const changed = [...items];
    const place = i % items.length;
    changed[place] = { ...items[place], quantity: items[place].quantity + 1000 };
    const from = performance.now();
    const { lines } = applyOffers(changed, offers, at);
    const taxed = { taxRate: 190_000, taxCode: "S", discount: null };
    const basket = { lines: changed.map((one, at) => ({ ...one, ...taxed, offers: lines[at] })), discount: null };
    off = totalsOf(basket, true).off;
    took.push(performance.now() - from);
  }
  return { took, off };
}
"""


def plain(lines: int, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Make a basket and offers that compete for its goods: half of them can be combined, all of one rank."""
    dice = random.Random(7)
    items = [
        {"id": f"l{at:03d}", "product": f"p{at % 150:03d}", "quantity": 1000 * dice.randint(1, 4),
         "price": dice.randint(50, 3000), "categories": [f"c{at % 10}"], "tags": [], "weighed": False,
         "type": "goods", "by_hand": False}
        for at in range(lines)
    ]  # fmt: skip
    offers = []
    for at in range(count):
        kind, terms = KINDS[at % len(KINDS)]
        goods = {"categories": [f"c{at % 10}", f"c{(at + 3) % 10}"]}
        offers.append(
            {"id": f"o{at:02d}", "version": 1, "name": f"Offer {at}", "kind": kind, "terms": {"goods": goods, **terms},
             "priority": 0, "exclusive": at % 2 == 0, "coupon": False, "stores": None, "groups": None, "starts": None,
             "ends": None, "windows": [], "least_pieces": 0, "least_spend": 0, "times": None, "most": None}
        )  # fmt: skip
    return items, offers


def on_the_server(items: list[dict[str, Any]], offers: list[dict[str, Any]], rounds: int) -> list[float]:
    """Measure the server's engine; ms."""
    lines = [Item(one["id"], one["product"], one["quantity"], one["price"], one["categories"]) for one in items]
    rules, took = [Offer(**one) for one in offers], []
    for _ in range(rounds):
        began = time.perf_counter()
        apply_offers(lines, rules, Occasion("s", 0, 0, 0))
        took.append((time.perf_counter() - began) * 1000)
    return took


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--offers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=300)
    asked = parser.parse_args()
    busy = load_of_others()
    items, offers = plain(asked.lines, asked.offers)
    at = {"store": "s", "at": 0, "weekday": 0, "minute": 0, "group": "", "coupons": []}
    with serve_folders({"till": ROOT / "kiosk" / "till"}) as origin:
        async with chromium() as browser:
            page = await browser.new_page()
            await page.goto(f"{origin}/")
            found = await page.evaluate(_MEASURE, [items, offers, at, asked.rounds + WARM])
    till = found["took"][WARM:]
    server = on_the_server(items, offers, max(20, asked.rounds // 10))
    show(
        f"A basket of {asked.lines} lines with {asked.offers} offers worked out",
        ("", "p50 ms", "p95 ms", "p99 ms"),
        [
            (title, *(percentile(took, share) for share in (0.5, 0.95, 0.99)))
            for title, took in (("on the till, with totals", till), ("on the server, offers alone", server))
        ],
        note=f"{asked.rounds} times, another line changed each time; {found['off']} taken off. {busy}.",
    )
    met = percentile(till, 0.5) <= TARGET_MS
    verdict("offers, median on the till", met=met, measured=f"{percentile(till, 0.5):.1f} ms", target="<= 5 ms")


if __name__ == "__main__":
    asyncio.run(main())
