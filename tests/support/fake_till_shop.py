"""What the fake till server sells and keeps: articles, chains of records, and its own idea of what is right.

It checks every hash and every number by itself and notes what is wrong in `faults`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.support.fake_till_returns import check_return

GENESIS = "0" * 64
SLUG, TILL, STORE = "alma", "0199a000-0000-7000-8000-0000000000a1", "0199a000-0000-7000-8000-0000000000b1"
TAXES = [("reduced", "VAT", 70_000), ("standard", "Full 19 %", 190_000)]
CATEGORIES = [("Bakery", 70), ("Drinks", 20), ("Dairy", 250), ("Fruit & veg", 145), ("Household", 200), ("Snacks", 300)]


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def chain_hash(till: str, device: str, record: dict[str, Any]) -> str:
    """Say what a record's hash must be, from the protocol's description alone."""
    fields = [till, device, str(record["seq"])] + [record[k] for k in ("kind", "id", "at", "payload", "prev_hash")]
    parts = [f"{len(one.encode())}:{one}".encode() for one in fields]
    return hashlib.sha256(b"CTJ1\x1f" + b"\x1f".join(parts)).hexdigest()


def ean13(body: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


@dataclass
class Product:
    id: str
    sku: str
    name: str
    price: int
    category: int
    tax: int = 0
    unit: str = "each"
    decimals: int = 0
    barcodes: tuple[str, ...] = ()
    favourite: int = 1
    on_hand: str = "50"
    active: int = 1
    version: int = 1
    low: bool = False
    traits: dict[str, Any] = field(default_factory=dict)


def shelf() -> list[Product]:
    """Make the articles of the mockups, with barcodes that a scanner would accept."""
    rows = [
        ("Sourdough loaf 800 g", 420, 0, 0, "18", ""),
        ("Butter croissant", 160, 0, 0, "3", ""),
        ("Whole milk 1 l", 135, 2, 0, "64", ""),
        ("Greek yoghurt 500 g", 290, 2, 0, "0", ""),
        ("Bananas", 199, 3, 0, "22", "kg"),
        ("Cola 330 ml", 110, 1, 1, "140", ""),
        ("Sparkling water 1.5 l", 89, 1, 1, "96", ""),
        ("Dark chocolate 70 %", 245, 5, 0, "31", ""),
        ("Sea-salt crisps", 185, 5, 0, "44", ""),
        ("Washing-up liquid", 215, 4, 1, "27", ""),
        ("Kitchen roll \u00d74", 375, 4, 1, "19", ""),
        ("Cinnamon bun", 230, 0, 0, "12", ""),
        ("Crème fraîche", 155, 2, 0, "30", ""),
    ]
    return [
        Product(
            id=f"0199a000-0000-7000-9000-{i:012d}",
            sku=f"SKU-{i:04d}",
            name=name,
            price=price,
            category=category,
            tax=tax,
            unit=unit or "each",
            decimals=3 if unit else 0,
            barcodes=(ean13(f"400638133{i:03d}"),),
            on_hand=on_hand,
            low=0 < float(on_hand) <= 5,
        )
        for i, (name, price, category, tax, on_hand, unit) in enumerate(rows)
    ]


@dataclass
class Chain:
    records: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def head(self) -> dict[str, Any]:
        return {"seq": len(self.records), "hash": self.records[-1]["hash"] if self.records else GENESIS}


class FakeShop:
    """One tenant with one till."""

    def __init__(self) -> None:
        self.products = shelf()
        self.version = 1
        self.chains: dict[str, Chain] = {}
        self.claim: dict[str, Any] | None = None
        self.fence = 0
        self.epoch = "1"
        self.shift: dict[str, Any] | None = None
        self.tolerance = 100
        self.left: int | None = None  # what the last close left in the drawer
        self.hidden = False  # only managers see what is over or short
        self.permissions: list[str] = []
        self.currency = ("EUR", 2, 1)
        self.layouts: list[str] = []
        self.settings: dict[str, Any] = {}
        self.allotments: dict[str, Any] = {}
        self.keys: dict[str, Any] | None = None
        self.setups = 0  # so often somebody asked
        self.payments: dict[str, Any] = {}
        self.receipt: dict[str, Any] | None = None
        self.mails: list[dict[str, Any]] = []
        self.offers: dict[str, Any] | None = None
        self.used_coupons: set[str] = set()
        self.standing = "active"
        self.audit_head: dict[str, Any] | None = None
        self.faults: list[str] = []
        self.posts: list[list[int]] = []
        self.exceptions: list[dict[str, str]] = []
        self.lots: list[tuple[str, str | None, str]] = []
        self.pieces: dict[str, str] = {}
        self.elsewhere: list[dict[str, Any]] = []  # sales of other tills
        self.promises: dict[str, dict[str, Any]] = {}
        self.returns: dict[str, Any] = {}

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record for chain in self.chains.values() for record in chain.records]

    @property
    def sales(self) -> list[dict[str, Any]]:
        return [json.loads(record["payload"]) for record in self.records if record["kind"] == "sale"]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(record["payload"]) for record in self.records if record["kind"] == kind]

    def forget_after(self, seq: int) -> None:
        """Lose what was acknowledged, as a server does that is restored from an older copy."""
        for chain in self.chains.values():
            del chain.records[seq:], chain.results[seq:]

    def setup(self) -> dict[str, Any]:
        code, exponent, unit = self.currency
        self.setups += 1
        return {
            "tenant": {
                "id": "t",
                "slug": SLUG,
                "name": "Alma's Corner",
                "currency": code,
                "exponent": exponent,
                "cash_unit": unit,
                "locale": "en",
                "prices_include_tax": True,
                "barcode_layouts": self.layouts,
            },
            "store": {
                "id": STORE,
                "name": "High Street",
                "timezone": "Europe/Berlin",
                "address": "High Street 1\n10115 Berlin",
                "tax_number": "DE123456789",
                "receipt_footer": "Thank you!",
                "day_cutoff_hour": 4,
            },
            "till": {"id": TILL, "code": "T2", "name": "Till 2"},
            "status": self.standing,
            **({"keys": self.keys} if self.keys else {}),
            **({"settings": self.settings} if self.settings else {}),
            **({"allotments": self.allotments} if self.allotments else {}),
            **({"payments": self.payments} if self.payments else {}),
            **({"returns": self.returns} if self.returns else {}),
            **({"receipt": self.receipt} if self.receipt else {}),
            "cashier": {"id": "c", "name": "Anna", "role": "cashier", "permissions": self.permissions},
            "now": now(),
            "recovery_epoch": self.epoch,
        }

    def catalogue(self, since: int) -> dict[str, Any]:
        rows = [one for one in self.products if one.version > since]
        names = {
            "id": "id",
            "sku": "sku",
            "name": "name",
            "price": "price",
            "category": "category",
            "tax_class": "tax",
            "unit": "unit",
            "decimals": "decimals",
            "active": "active",
            "barcodes": "barcodes",
            "favourite": "favourite",
        }
        return {
            "version": self.version,
            "full": since == 0,
            "promotions": self.offers["version"] if self.offers else 0,
            "currency": self.currency[0],
            "prices_include_tax": True,
            "products": {name: [getattr(one, key) for one in rows] for name, key in names.items()},
            "traits": {str(i): one.traits for i, one in enumerate(rows) if one.traits},
            "categories": [{"id": f"cat-{name}", "name": name, "hue": hue} for name, hue in CATEGORIES],
            "tax_classes": [
                {"id": f"tax-{code}", "code": code, "name": name, "rate_micros": rate} for code, name, rate in TAXES
            ],
            "stock": {str(i): one.on_hand for i, one in enumerate(rows)},
            "low": [i for i, one in enumerate(rows) if one.low],
        }

    def run_offers(self, *offers: dict[str, Any], series: Sequence[dict[str, Any]] = ()) -> None:
        """Have these offers from now on; tills hear of it with the next catalogue."""
        plain = {
            "version": 1, "name": "Offer", "priority": 0, "exclusive": True, "coupon": False, "stores": None,
            "groups": None, "starts": None, "ends": None, "windows": [], "least_pieces": 0, "least_spend": 0,
            "times": None, "most": None,
        }  # fmt: skip
        self.version += 1
        kept = [{**plain, "id": f"0199f000-0000-7000-a000-{at:012d}", **one} for at, one in enumerate(offers)]
        told = [{"kind": "made", "expires": None, "offer": kept[0]["id"], **one} for one in series]
        self.offers = {"version": self.version, "offers": kept, "series": told}

    def ingest(self, chain: Chain, device: str, record: dict[str, Any]) -> dict[str, Any]:
        if record["seq"] <= len(chain.records):
            kept, result = chain.records[record["seq"] - 1], chain.results[record["seq"] - 1]
            return {**result, "status": "replayed" if kept == record else "conflict"}
        if record["prev_hash"] != chain.head["hash"] or record["hash"] != chain_hash(TILL, device, record):
            self.faults.append(f"record {record['seq']} is not linked")
        payload = json.loads(record["payload"])
        if record["kind"] == "sale":
            self._check_sale(payload)
        if record["kind"] == "goods_returned":
            self.faults += check_return(self, payload)
        chain.records.append(record)
        answer = self._report(payload) if record["kind"] == "shift_closed" else None
        if record["kind"] == "shift_counted":
            attempt = len([one for one in self.of_kind("shift_counted") if one["shift"] == payload["shift"]])
            variance = payload["counted"] - self._expected(payload["shift"])
            answer = {"attempt": attempt, "recount": attempt == 1 and abs(variance) > self.tolerance}
        if record["kind"] == "shift_opened" and self.left is not None:
            answer = {"id": payload["id"], "left": self.left, "difference": payload["opening_float"] - self.left}
        refused = record["kind"] == "shift_opened" and self.shift is not None
        if refused:
            answer = self.shift
        elif record["kind"] == "shift_opened":
            self.shift = {
                "id": payload["id"],
                "opened_at": record["at"],
                "opening_float": payload["opening_float"],
                "opened_by": "Anna",
            }
        result = {
            "seq": record["seq"],
            "id": record["id"],
            "status": "conflict" if refused else "created",
            "exceptions": self.exceptions,
            "result": answer,
        }
        chain.results.append(result)
        return result

    def _check_sale(self, sale: dict[str, Any]) -> None:
        known = [one["number"] for one in self.sales]
        if sale["number"] != max(known, default=0) + 1:
            self.faults.append(f"number {sale['number']} after {known[-3:]}")
        if sale["id"] in {one["id"] for one in self.sales}:
            self.faults.append(f"sale {sale['id']} twice")
        paid = sum(tender["amount"] - tender["change"] for tender in sale["tenders"])
        if paid != sale["total"] + sale.get("cash_rounding", 0):
            self.faults.append(f"paid {paid} for {sale['total']}")

    def _tenders(self, shift: str) -> dict[str, int]:
        tenders: dict[str, int] = {}
        for tender in (tender for sale in self.sales if sale["shift"] == shift for tender in sale["tenders"]):
            tenders[tender["type"]] = tenders.get(tender["type"], 0) + tender["amount"] - tender["change"]
        return tenders

    def _expected(self, shift: str) -> int:
        moves = self._moved(shift).items()
        moved = sum(amount * (1 if kind in {"pay_in", "float"} else -1) for kind, amount in moves)
        return int((self.shift or {"opening_float": 0})["opening_float"]) + self._tenders(shift).get("cash", 0) + moved

    def _moved(self, shift: str) -> dict[str, int]:
        moved: dict[str, int] = {}
        for one in (one for one in self.of_kind("cash_moved") if one["shift"] == shift):
            moved[one["kind"]] = moved.get(one["kind"], 0) + one["amount"]
        return moved

    def so_far(self, shift: str) -> dict[str, Any]:
        every = [sale for sale in self.sales if sale["shift"] == shift]
        sales = [sale for sale in every if sale.get("kind") != "payment"]
        numbers = [sale["number"] for sale in every] or [None]
        back = [one for one in self.of_kind("goods_returned") if one.get("shift") == shift]
        refunds = sum(one["total"] for one in back)
        return {
            "number": 1,
            "opening_float": (self.shift or {"opening_float": 0})["opening_float"],
            "cash_net": self._tenders(shift).get("cash", 0),
            **self._moved(shift),
            "expected": self._expected(shift),
            "first_number": numbers[0],
            "last_number": numbers[-1],
            "sales": len(sales),
            "total": sum(sale["total"] for sale in sales) - refunds,
            "returns": len(back),
            "down_payments": sum(sale["total"] for sale in every if sale.get("kind") == "payment"),
            "refunds": refunds,
            "tenders": self._tenders(shift),
        }

    def _report(self, payload: dict[str, Any]) -> dict[str, Any]:
        report = self.so_far(payload["id"]) | {"counted": payload["counted"]}
        self.shift = None
        if self.hidden:
            return {name: report[name] for name in ("counted", "number", "sales")}
        return report | {"variance": payload["counted"] - report["expected"]}
