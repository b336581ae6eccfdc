"""The world of a run: the product's processes, a business with as many tills as wanted, and a line to each of them."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from retail import stock
from retail.kit.ids import new_id
from retail.runtime.embedded.account import Account
from retail.runtime.embedded.process import launch_command
from retail.stock import Arrival, Document
from retail.tenants import operations as tenants
from tests.chaos.basket import Goods, Wanted
from tests.chaos.paper import Disk
from tests.chaos.plan import Run
from tests.chaos.proxy import Line, lines
from tests.support.enrolled import Keys, enrol
from tests.support.house import ROOT, House, Program, eventually, free_port, open_house
from tests.support.web import enrol as take_on
from tests.support.world import Shop, open_shop

PLENTY = Decimal(100_000)
READY_S = 120


@dataclass
class TillProcess:
    """A virtual till: its process, its disk, and what it said out loud."""

    till: UUID
    device: UUID
    code: str
    secret: int
    line: Line
    folder: Path
    wanted: Wanted
    deaths: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def disk(self) -> Path:
        return self.folder / f"{self.code}.journal"

    @property
    def said(self) -> list[dict[str, Any]]:
        """Give what a cashier saw."""
        path = self.folder / f"{self.code}.said"
        whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""
        return [json.loads(line) for line in whole.splitlines()]

    def configure(self, run: Run, slug: str) -> None:
        config = {
            "origin": self.line.origin, "base": f"/t/{slug}", "device": str(self.device), "key": str(self.secret),
            "disk": str(self.disk), "pace": run.pace, "patience": run.patience_s, "timeout": run.timeout_s,
            "wanted": {**asdict(self.wanted), "goods": None},
            "goods": [asdict(one) for one in self.wanted.goods],
        }  # fmt: skip
        (self.folder / f"{self.code}.json").write_text(json.dumps(config))

    def start(self, *more: str) -> None:
        """Start it where its disk ends."""
        config = str(self.folder / f"{self.code}.json")
        command = [sys.executable, "-m", "tests.chaos.virtual_till", config, *more]
        us = Account(os.geteuid(), os.getegid(), "")
        with (
            (self.folder / f"{self.code}.said").open("ab") as said,
            (self.folder / f"{self.code}.log").open("ab") as log,
        ):
            self._process = subprocess.Popen(
                launch_command(command, us, signal.SIGKILL), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=log
            )

    def kill(self, *, torn: bool) -> None:
        """End it as a power cut would; `torn` leaves half a record at the end of its disk."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        self.deaths += 1
        if torn:
            with self.disk.open("ab") as file:
                file.write(b'{"record":{"seq":')

    @property
    def ended(self) -> int | None:
        """Give its exit code, None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def log(self) -> str:
        path = self.folder / f"{self.code}.log"
        return path.read_text()[-3000:] if path.exists() else ""

    def read(self) -> Disk:
        return Disk.load(self.disk)


@dataclass(frozen=True)
class Web:
    """A web process and its port."""

    program: Program
    port: int

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@dataclass
class Stage:
    """Everything that a run is made of. `counters` are the tills for real pages: till, code, line."""

    house: House
    shop: Shop
    folder: Path
    run: Run
    webs: list[Web]
    tills: list[TillProcess] = field(default_factory=list)
    counters: list[tuple[UUID, str, Line]] = field(default_factory=list)

    @property
    def all_lines(self) -> list[Line]:
        return [*(till.line for till in self.tills), *(line for _till, _code, line in self.counters)]


async def _furnish(stage: Stage, made: list[Line]) -> None:
    """Put goods on the shelf and set up the tills: first the virtual ones, then those with a page."""
    shop, db, run = stage.shop, stage.house.db, stage.run
    document = Document(new_id(), shop.store, "", datetime.now(UTC))
    arrivals = [Arrival(ware.id, PLENTY, ware.unit_cost) for ware in shop.products]
    await db.run(shop.scope, stock.receive, document, arrivals)
    goods = [Goods(str(ware.id), ware.price_minor, ware.name == "Bananas") for ware in shop.products]
    places = [(new_id(), f"C{place}") for place in range(run.tills)]
    async with db.begin(shop.scope) as tx:
        for till, code in places:
            await tenants.set_up_till(tx, tenants.NewTill(till, shop.store, code, f"Chaos {code}"))
    for place, ((till, code), line) in enumerate(zip(places, made, strict=True)):
        if place >= run.virtual:
            stage.counters.append((till, code, line))
            continue
        secret = secrets.randbelow(2**255) + 1
        keys = Keys()
        keys._private = ec.derive_private_key(secret, ec.SECP256R1())
        device = await enrol(db, shop, keys, till, f"Virtual {code}")
        cashier, _email, _session = await take_on(db, shop.tenant.id, "owner")
        wanted = Wanted(
            str(till), str(cashier), f"{run.seed}:{place}", run.quota(place), 2 if run.sales > 200 else 1,
            closes=place > 0, goods=goods,
        )  # fmt: skip
        made_till = TillProcess(till, device, code, secret, line, stage.folder, wanted)
        made_till.configure(run, shop.tenant.slug)
        stage.tills.append(made_till)


@asynccontextmanager
async def stage(run: Run) -> AsyncIterator[Stage]:
    """Start everything, and leave nothing running."""
    with tempfile.TemporaryDirectory(prefix="ct-chaos-") as folder:
        async with open_house(fsync=run.fsync) as house:
            webs = [Web(house.web, house.port), *(_another(house, place) for place in range(2, run.webs + 1))]
            async with lines([web.port for web in webs], run.tills) as made:
                built = Stage(house, await open_shop(house.db), Path(folder), run, webs)
                async with _played(built, made):
                    yield built


def _another(house: House, place: int) -> Web:
    """Make one more web process like the first."""
    port, first = free_port(), house.web
    environment = first._environment | {"PORT": str(port)}
    return Web(Program(f"web-{place}", "retail.serve", environment, first.log.with_name(f"web-{place}.log")), port)


@asynccontextmanager
async def _played(built: Stage, made: list[Line]) -> AsyncIterator[None]:
    """Have everything run in here, and nothing of it afterwards."""
    try:
        for web in built.webs[1:]:
            web.program.start()
        await _furnish(built, made)
        for web in built.webs:
            await eventually(web.answers, seconds=READY_S)
        yield
    finally:
        for till in built.tills:
            till.kill(torn=False)
        for line in made:
            line.heal()
        for web in built.webs[1:]:
            if web.program.runs:
                web.program.kill()
        built.house.put_right()
