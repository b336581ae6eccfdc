"""The judge's questions about money and goods: books, stock, and the reports of the drawers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.chaos.basket import cash_of, milli_of
from tests.chaos.ledger import Ledger, Row
from tests.chaos.paper import Entry

if TYPE_CHECKING:
    from tests.chaos.judge import Witness

_SIGNS = {"pay_in": 1, "float": 1, "pay_out": -1, "drop": -1, "pick_up": -1}


def books(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    """Each sale has one entry, which comes to zero and says what was paid with and what was earned."""
    entries: dict[str, set[str]] = defaultdict(set)
    sums: Counter[str] = Counter()
    posted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in ledger.of("postings"):
        sums[row["entry"]] += row["amount"]
        if row["kind"] in {"sale", "return"}:
            entries[row["source"]].add(row["entry"])
            posted[row["source"]][row["purpose"]] += row["amount"]
    yield from (f"entry {entry} is off by {off}" for entry, off in sums.items() if off)
    if off := sum(sums.values()):
        yield f"the trial balance is off by {off}"
    tax = _tax(ledger)
    for one in witnesses:
        for entry in one.sales:
            said, found = entry.document, posted[entry.id]
            label = f"{one.code}: receipt {said['number']}"
            if len(entries[entry.id]) != 1:
                yield f"{label} has {len(entries[entry.id])} entries"
            wanted = {"cash": cash_of(said), "card": said["total"] - cash_of(said), "tax": -tax[entry.id]}
            wanted["revenue"] = tax[entry.id] - said["total"]
            for purpose, amount in wanted.items():
                if found[purpose] != amount:
                    yield f"{label}: {purpose} is booked as {found[purpose]}, must be {amount}"
    strangers = set(entries) - {entry.id for one in witnesses for entry in one.sales}
    yield from (f"an entry stands for sale {id}, which is on no disk" for id in strangers)


def _tax(ledger: Ledger) -> Counter[str]:
    """Work out each sale's tax anew: of what its lines of a rate come to, half a cent rounded up."""
    gross: Counter[tuple[str, int]] = Counter()
    for line in ledger.of("lines"):
        gross[line["sale"], line["rate_micros"]] += line["total"]
    found: Counter[str] = Counter()
    for (sale, rate), total in gross.items():
        found[sale] += (2 * total * rate + 1_000_000 + rate) // (2 * (1_000_000 + rate))
    return found


def stock(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    """Each sale moved what was sold, and what is there is what came less what was sold."""
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    left: Counter[str] = Counter()
    for row in ledger.of("moves"):
        left[row["product"]] += _milli(row["quantity"])
        if row["kind"] in {"sale", "return"}:
            moved[row["sale"]][row["product"]] -= _milli(row["quantity"])
    for one in witnesses:
        for entry in one.sales:
            sold: Counter[str] = Counter()
            for line in entry.document["lines"]:
                sold[line["product"]] += milli_of(line["quantity"])
            if moved.pop(entry.id, Counter()) != sold:
                yield f"{one.code}: receipt {entry.document['number']} moved something else than it sold"
    yield from (f"goods moved for sale {id}, which is on no disk" for id in moved)
    for row in ledger.of("on_hand"):
        if _milli(row["quantity"]) != left[row["product"]]:
            yield f"product {row['product']}: {row['quantity']} are there, the moves come to {left[row['product']]}"


def _milli(text: str) -> int:
    return -milli_of(text[1:]) if text.startswith("-") else milli_of(text)


def reports(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    """Each shift's report holds the sales and the cash that its till wrote down; nothing came after its Z."""
    stored = {row["id"]: row for row in ledger.of("shifts")}
    for one in witnesses:
        opened = [entry for entry in one.entries if entry.kind == "shift_opened"]
        for entry in opened:
            row = stored.pop(entry.id, None)
            if row is None:
                yield f"{one.code}: shift {entry.id} was opened and is not there"
                continue
            wanted, found = _wanted(one, entry), _found(ledger, row)
            for name, value in wanted.items():
                if found.get(name) != value:
                    yield f"{one.code}: shift {entry.id}: {name} is {found.get(name)!r}, must be {value!r}"
    yield from (f"till {row['till']}: nobody opened shift {id}" for id, row in stored.items())
    yield from (f"sale {row['id']} came after its Z report" for row in ledger.of("sales") if row["after_close"])
    sold = Counter(row["shift"] for row in ledger.of("sales"))
    for row in ledger.of("rollups"):
        if row["documents"] != sold[row["shift"]]:
            yield f"shift {row['shift']}: {row['documents']} sales are added up, there are {sold[row['shift']]}"


def _wanted(one: Witness, opening: Entry) -> dict[str, Any]:
    said = [(entry, entry.document) for entry in one.entries]
    sales = [sale for entry, sale in said if entry.kind == "sale" and sale["shift"] == opening.id]
    moves = [move for entry, move in said if entry.kind == "cash_moved" and move["shift"] == opening.id]
    closings = [closing for entry, closing in said if entry.kind == "shift_closed" and entry.id == opening.id]
    drawer = [entry for entry, event in said if entry.kind == "drawer_opened" and event["shift"] == opening.id]
    cash = sum(cash_of(sale) for sale in sales)
    total = sum(sale["total"] for sale in sales)
    expected = opening.document["opening_float"] + cash
    expected += sum(_SIGNS[move["kind"]] * move["amount"] for move in moves)
    tenders = {name: value for name, value in (("cash", cash), ("card", total - cash)) if value}
    return {
        "closed": bool(closings),
        "sales": len(sales),
        "total": total,
        "tenders": tenders,
        "cash_net": cash,
        "expected": expected,
        "drawer_openings": len(drawer),
        "first_number": min((sale["number"] for sale in sales), default=None),
        "last_number": max((sale["number"] for sale in sales), default=None),
        **({"counted": closings[0]["counted"], "variance": closings[0]["counted"] - expected} if closings else {}),
    }


def _found(ledger: Ledger, row: Row) -> dict[str, Any]:
    report = dict(ledger.report(row))
    report["tenders"] = {name: value for name, value in report.get("tenders", {}).items() if value}
    return {**report, "closed": row["closed"], "counted": row["counted"], "variance": row["variance"]}
