"""The judge: compares what stands on each till's disk with what the server has. It believes neither.

Pure: it gets disks and rows, and gives findings. Each finding names a till and a receipt number or a record, so that
somebody can look. A run is good where there is none.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.basket import amount, milli_of
from tests.chaos.books import books, reports, stock
from tests.chaos.ledger import Ledger, Row
from tests.chaos.paper import FIRST, Entry, Key, hash_of


@dataclass(frozen=True)
class Witness:
    """What a till has on its disk, and what its cashier saw. `secret` is the device's key, 0 where it signs nothing."""

    till: str
    code: str
    device: str
    entries: Sequence[Entry]
    seen: Sequence[tuple[int, str, int]] = ()
    """Number, id and total under the word "Paid"; an empty id where the screen shows none."""
    answers: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    alarms: Sequence[str] = ()
    secret: int = 0

    @property
    def sales(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "sale"]


@dataclass(frozen=True)
class Finding:
    """One question, how many things it was asked of, and what is wrong."""

    name: str
    asked: int
    wrong: Sequence[str]

    @property
    def good(self) -> bool:
        return not self.wrong


def judge(witnesses: Sequence[Witness], ledger: Ledger) -> list[Finding]:
    """Ask every question."""
    by_till = {one.till: one for one in witnesses}
    paid = sum(len(one.sales) for one in witnesses)
    stored = len(ledger.of("sales"))
    records = sum(len(one.entries) for one in witnesses)
    answers = sum(len(one.answers) for one in witnesses)
    return [
        Finding("seen paid, and on the disk", sum(len(one.seen) for one in witnesses), [*_seen(witnesses)]),
        Finding("lost: on a disk, not at the server", paid, [*_lost(witnesses, ledger)]),
        Finding("doubled or invented: at the server, not once on a disk", stored, [*_doubled(witnesses, ledger)]),
        Finding("altered: another sale than was paid", paid, [*_altered(witnesses, ledger)]),
        Finding("reordered: receipts 1, 2, 3 in the order of the disk", paid, [*_reordered(by_till, ledger)]),
        Finding("journals: every record, in its place, as it was written", records, [*_journals(witnesses, ledger)]),
        Finding("chains: hashed and signed as the page says", records, [*_chains(witnesses, ledger)]),
        Finding("answers: what the till was told is what is stored", answers, [*_answers(witnesses, ledger)]),
        Finding("alarms of the tills", len(witnesses), [f"{w.code}: {said}" for w in witnesses for said in w.alarms]),
        Finding("remarks: nothing was off about any sale or till", stored, [*_remarks(by_till, ledger)]),
        Finding("books: every sale once, debits equal credits", stored, [*books(witnesses, ledger)]),
        Finding("stock: what was sold has left", stored, [*stock(witnesses, ledger)]),
        Finding("X and Z reports hold what their tills sold", len(ledger.of("shifts")), [*reports(witnesses, ledger)]),
        Finding("the relay has nothing left to do", 1, [*_waiting(ledger)]),
        Finding("the server's own checks", len(ledger.checks), [f"{n}: {w}" for n, ok, w in ledger.checks if not ok]),
    ]  # fmt: skip


def _seen(witnesses: Sequence[Witness]) -> Iterator[str]:
    for one in witnesses:
        written = [(said["number"], entry.id, said["total"]) for entry in one.sales if (said := entry.document)]
        numbers = {number: (id, total) for number, id, total in written}
        for number, id, total in one.seen:
            if number not in numbers or (id and numbers[number] != (id, total)):
                yield f"{one.code}: receipt {number} was seen paid and is not on the disk"


def _lost(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    stored = {row["id"] for row in ledger.of("sales")}
    for one in witnesses:
        for entry in one.sales:
            if entry.id not in stored:
                yield f"{one.code}: receipt {entry.document['number']}, sale {entry.id}"


def _doubled(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    written = Counter(entry.id for one in witnesses for entry in one.sales)
    yield from (f"sale {id} stands {times} times on the disks" for id, times in written.items() if times > 1)
    stored = Counter(row["id"] for row in ledger.of("sales"))
    yield from (f"sale {id} is stored {times} times" for id, times in stored.items() if times > 1)
    for row in ledger.of("sales"):
        if row["id"] not in written:
            yield f"till {row['till']}: {row['kind']} {row['number']}, {row['id']}, is on no disk"
    twice = Counter((row["till"], row["number"], row["kind"]) for row in ledger.of("sales"))
    yield from (
        f"till {key[0]}: receipt {key[1]} stands for {times} sales" for key, times in twice.items() if times > 1
    )


def _altered(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    sales = {row["id"]: row for row in ledger.of("sales")}
    lines, tenders = _by(ledger.of("lines"), "sale"), _by(ledger.of("tenders"), "sale")
    for one in witnesses:
        for entry in one.sales:
            row = sales.get(entry.id)
            if row is None:
                continue  # it is lost, and told so
            wanted, found = _as_paid(entry), _as_stored(row, lines[entry.id], tenders[entry.id])
            for name, value in wanted.items():
                if found[name] != value:
                    yield f"{one.code}: receipt {row['number']}: {name} is {found[name]!r}, was {value!r}"


def _as_paid(entry: Entry) -> dict[str, Any]:
    said = entry.document
    return {
        "till": said["till"],
        "number": said["number"],
        "shift": said["shift"],
        "total": said["total"],
        "claimed": said["total"],
        "sum of lines": sum(amount(milli_of(x["quantity"]), x["unit_price"]) - x["discount"] for x in said["lines"]),
        "lines": [(x["id"], x["product"], milli_of(x["quantity"]), x["unit_price"]) for x in said["lines"]],
        "tenders": [(x["type"], x["amount"], x.get("change", 0)) for x in said["tenders"]],
        "occurred_at": said["occurred_at"],
        **({"cashier": said["cashier"]} if "cashier" in said else {}),
    }


def _as_stored(row: Row, lines: Sequence[Row], tenders: Sequence[Row]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("till", "number", "shift", "total", "claimed", "cashier")},
        "sum of lines": sum(line["total"] for line in lines),
        "lines": [(x["id"], x["product"], milli_of(x["quantity"]), x["price"]) for x in lines],
        "tenders": [(x["type"], x["amount"], x["change"]) for x in tenders],
        "occurred_at": row["occurred_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _reordered(by_till: Mapping[str, Witness], ledger: Ledger) -> Iterator[str]:
    stored = _by(ledger.of("sales"), "till")
    for till, one in by_till.items():
        disk = [entry.id for entry in one.sales]
        server = [row["id"] for row in stored[till]]
        numbers = [row["number"] for row in stored[till]]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{one.code}: receipts are {numbers[:20]}..., not 1 to {len(numbers)}"
        for place, (mine, theirs) in enumerate(zip(disk, server, strict=False), 1):
            if mine != theirs:
                yield f"{one.code}: receipt {place} is {theirs}, was {mine}"
                break
        came = [row["received_at"] for row in stored[till]]
        if came != sorted(came):
            yield f"{one.code}: a later receipt came before an earlier one"


def _journals(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    stored = _by(ledger.of("records"), "till")
    known = {one.till for one in witnesses}
    yield from (f"till {till} has a journal and no disk" for till in stored if till not in known)
    for one in witnesses:
        rows = stored[one.till]
        if [row["seq"] for row in rows] != [entry.seq for entry in one.entries]:
            yield f"{one.code}: {len(rows)} records are stored, {len(one.entries)} were written"
        for row, entry in zip(rows, one.entries, strict=False):
            pairs = [
                (row[name], getattr(entry, name))
                for name in ("seq", "kind", "id", "at", "payload", "hash", "prev_hash", "signature")
            ]
            if row["device"] != one.device or any(mine != theirs for theirs, mine in pairs):
                yield f"{one.code}: record {entry.seq} is not the one on the disk"
            if not row["intact"] or row["status"] not in {"created", "replayed"}:
                yield f"{one.code}: record {entry.seq} is {row['status']}, intact: {row['intact']}"


def _chains(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    stored = _by(ledger.of("records"), "till")
    for one in witnesses:
        key = Key(one.secret) if one.secret else None
        rows = [
            Entry(*(row[n] for n in ("seq", "kind", "id", "at", "payload", "prev_hash", "hash", "signature")))
            for row in stored[one.till]
        ]
        for where, entries in (("disk", one.entries), ("server", rows)):
            before = FIRST
            for seq, entry in enumerate(entries, 1):
                if entry.seq != seq or entry.prev_hash != before or hash_of(one.till, one.device, entry) != entry.hash:
                    yield f"{one.code}: the chain of the {where} breaks at record {entry.seq}"
                    break
                if key is not None and not key.signed(entry.hash, entry.signature):
                    yield f"{one.code}: record {entry.seq} of the {where} is not signed by its device"
                before = entry.hash


def _answers(witnesses: Sequence[Witness], ledger: Ledger) -> Iterator[str]:
    stored = {(row["till"], row["seq"]): row for row in ledger.of("records")}
    for one in witnesses:
        for entry in one.entries:
            told, row = one.answers.get(entry.seq), stored.get((one.till, entry.seq))
            if told is None:
                yield f"{one.code}: nobody answered for record {entry.seq}"
            elif told["status"] not in {"created", "replayed"} or told["exceptions"]:
                yield f"{one.code}: record {entry.seq} was answered {told['status']} {told['exceptions']}"
            elif row is not None and entry.kind == "sale" and told["result"] != json.loads(row["answer"])["result"]:
                yield f"{one.code}: record {entry.seq} was answered {told['result']}, stored is {row['answer']}"


def _remarks(by_till: Mapping[str, Witness], ledger: Ledger) -> Iterator[str]:
    for row in ledger.of("remarks"):
        where = by_till[row["till"]].code if row["till"] in by_till else row["till"]
        yield f"{where}: {row['code']} {row['facts'][:200]}"
    claims = Counter(row["till"] for row in ledger.of("claims"))
    yield from (f"till {till} was claimed {times} times" for till, times in claims.items() if times > 1)


def _waiting(ledger: Ledger) -> Iterator[str]:
    count = ledger.of("waiting")[0]["count"]
    if count:
        yield f"{count} events wait"


def _by(rows: Sequence[Row], name: str) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found
