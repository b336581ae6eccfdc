"""A till without a page, in a process that can be killed: python -m tests.chaos.virtual_till CONFIG [--again]

It sells whether or not anybody answers, and brings its journal to the server as kiosk/till/sync.js does: in order, one
delivery at a time, up to a hundred records each, the same ones again where the answer was lost. It ends when its sales
are made and answered for. With --again it sends everything once more, and wants to hear that all of it is known.

What it says on its standard output is what a cashier would see: a line for each sale, after it is on the disk.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.chaos.basket import Counter, Goods, Wanted, draft
from tests.chaos.paper import Disk, Entry, Key, hash_of
from tests.chaos.wire import Refused, Unreachable, Wire

BATCH = 100
_FIRST_PAUSE_S = 0.15


class Sender(threading.Thread):
    """Brings what is on the disk to the server."""

    def __init__(self, till: VirtualTill) -> None:
        super().__init__(daemon=True)
        self.till = till
        self.fence: int | None = None
        self.attempt = 0
        self.from_seq = 0
        """The records up to here need not be sent (any more)."""

    def run(self) -> None:
        try:
            while True:
                self.till.news.wait(0.2)
                self.till.news.clear()
                while self.fence is None or self.waiting():
                    self.step()
        except BaseException as broken:  # noqa: BLE001 - a till whose sender is dead would wait for ever
            print(json.dumps({"broken": repr(broken)}), flush=True)
            os._exit(3)

    def waiting(self) -> list[Entry]:
        with self.till.lock:
            return self.till.disk.entries[self.from_seq : self.from_seq + BATCH]

    def step(self) -> None:
        """Try once; where something is in the way, wait a while, longer each time."""
        try:
            if self.fence is None:
                self.claim()
            if records := self.waiting():
                self.deliver(records)
            self.attempt = 0
        except (Refused, Unreachable) as why:
            self.stand(why)

    def stand(self, why: Refused | Unreachable) -> None:
        longest = min(self.till.patience, _FIRST_PAUSE_S * 2**self.attempt)
        self.attempt += 1
        if isinstance(why, Refused) and why.status == 401:
            self.till.wire.cookie = ""
        elif isinstance(why, Refused) and why.code == "journal_gap":
            self.till.alarm(f"the server wants record {why.body.get('expected_seq')} again, which it answered for")
            self.from_seq = int(why.body["expected_seq"]) - 1
        elif isinstance(why, Refused) and why.status not in {429, 500, 502, 503, 504}:
            self.till.alarm(f"refused: {why.status} {why.code} {why.body.get('detail', '')}")
            longest = self.till.patience
        time.sleep(random.uniform(_FIRST_PAUSE_S / 2, longest))

    def claim(self) -> None:
        till = self.till
        path = f"tills/{till.wanted.till}/claims"
        answer = till.wire.post(path, {"device": till.device, "label": "Virtual till", "take_over": False})
        with till.lock:
            disk = till.disk
            known = disk.entries[answer["seq"] - 1].hash if 0 < answer["seq"] <= len(disk.entries) else ""
            if answer["seq"] > len(disk.entries) or (answer["seq"] and known != answer["hash"]):
                till.alarm(f"the server has record {answer['seq']} as {answer['hash']}, and the disk has not")
            if answer["seq"] < disk.acked:
                till.alarm(f"the server has {answer['seq']} records and had answered for {disk.acked}")
                self.from_seq = answer["seq"]
            if disk.facts.get("fence") not in {None, answer["fence"]}:
                till.alarm(f"the fence was {disk.facts['fence']} and is {answer['fence']}")
            disk.note("fence", answer["fence"])
        self.fence = answer["fence"]

    def deliver(self, records: list[Entry]) -> None:
        till = self.till
        body = {"device": till.device, "fence": self.fence, "records": [asdict(one) for one in records]}
        answer = till.wire.post(f"tills/{till.wanted.till}/journal", body)
        told = answer["results"]
        if [one["seq"] for one in told] != [one.seq for one in records]:
            till.alarm(f"sent {records[0].seq} to {records[-1].seq}, answered {[one['seq'] for one in told]}")
        with till.lock:
            if till.again:
                changed = [one["seq"] for one in told if one["status"] != "replayed"]
                if changed:
                    till.alarm(f"sent again, {changed} were not known")
            epoch = till.disk.facts.get("epoch")
            if epoch != answer["recovery_epoch"]:
                till.disk.note("epoch", answer["recovery_epoch"])
                if epoch is not None:
                    till.alarm(f"the recovery epoch was {epoch} and is {answer['recovery_epoch']}")
            till.disk.answered([one for one in told if one["seq"] not in till.disk.answers])
        self.from_seq = max(self.from_seq, records[-1].seq)


class VirtualTill:
    """The till: one thread sells, another one sends."""

    def __init__(self, config: dict[str, Any], *, again: bool) -> None:
        goods = [Goods(**one) for one in config["goods"]]
        self.wanted = Wanted(**{**config["wanted"], "goods": goods})
        self.device: str = config["device"]
        self.key = Key(int(config["key"]))
        self.pace: tuple[float, float] = tuple(config["pace"])
        self.patience: float = config["patience"]
        self.again = again
        self.lock = threading.RLock()
        self.news = threading.Event()
        self.disk = Disk.load(Path(config["disk"]), mend=True)
        self.wire = Wire(config["origin"], config["base"], self.device, self.key, config["timeout"])
        self.wire.cookie = self.disk.facts.get("cookie", "")
        self.wire.kept = lambda cookie: self.disk_note("cookie", cookie)
        self.sender = Sender(self)
        self.sender.from_seq = 0 if again else self.disk.acked

    def disk_note(self, name: str, value: object) -> None:
        with self.lock:
            self.disk.note(name, value)

    def alarm(self, sentence: str) -> None:
        with self.lock:
            if sentence not in self.disk.alarms:
                self.disk.alarm(sentence)

    def run(self) -> None:
        """Sell all there is to sell, then wait until it has arrived."""
        counter = Counter(self.wanted, self.disk)
        self.sender.start()
        while not self.again and (happening := counter.next()) is not None:
            bare = draft(self.disk, happening)
            hash = hash_of(self.wanted.till, self.device, bare)
            entry = replace(bare, hash=hash, signature=self.key.sign_hash(hash))
            with self.lock:
                counter.write(entry)
            if entry.kind == "sale":
                said = entry.document
                seen = {"paid": entry.id, "number": said["number"], "total": said["total"], "hash": entry.hash}
                print(json.dumps(seen), flush=True)
            self.news.set()
            time.sleep(random.uniform(*self.pace))
        while self.sender.fence is None or self.sender.from_seq < len(self.disk.entries):
            time.sleep(0.05)


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    VirtualTill(config, again="--again" in sys.argv[2:]).run()


if __name__ == "__main__":
    main()
