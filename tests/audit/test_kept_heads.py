"""Every acknowledgement to a till carries a signed head; a till that kept it proves that the end was cut off."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

import retail.audit.verify as standalone
from retail.audit import heads
from retail.audit.exports import public_keys
from retail.audit.heads import FRESH, Heads
from retail.kit.errors import Busy
from retail.runtime.db import Database
from tests.audit.conftest import Trail
from tests.audit.test_sealing import cut_off
from tests.support.device import Device
from tests.support.web import Site, site

__all__ = ["site"]


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The process knows no head yet, and its clock stands."""
    made = Clock()
    monkeypatch.setattr(heads, "of_process", Heads(made))
    return made


class Counter:
    """One device at a till, over HTTP."""

    def __init__(self, browser: httpx.AsyncClient, trail: Trail) -> None:
        self.browser, self.device = browser, Device(trail.shop, trail.shop.till)
        self.base = f"/t/{trail.shop.tenant.slug}/api/v1/tills/{trail.shop.till}"

    async def claim(self, *, take_over: bool = False) -> None:
        wanted = {"device": str(self.device.id), "label": "Counter", "take_over": take_over}
        assert (await self.browser.post(f"{self.base}/claims", json=wanted)).status_code == 200

    async def deliver(self, status: int = 200) -> Any:
        """Send what was just written; gives the answer's head of the trail."""
        body = {"device": str(self.device.id), "fence": 1, "records": [asdict(self.device.records[-1])]}
        answer = await self.browser.post(f"{self.base}/journal", json=body)
        assert answer.status_code == status
        return answer.json()["audit_head"]


@pytest.fixture
async def counter(site: Site, trail: Trail, clock: Clock) -> Counter:
    made = Counter(await site.member(trail.shop), trail)
    await made.claim()
    return made


async def test_an_acknowledgement_carries_the_newest_signed_head_as_anchors_have_it(
    counter: Counter, trail: Trail, clock: Clock
) -> None:
    counter.device.open_shift()
    first = await counter.deliver()
    assert first == trail.outside.anchors.of(trail.shop.tenant.id)[-1]
    await trail.act("a")
    await trail.seal()
    counter.device.sell()
    assert await counter.deliver() == first, "within ten seconds nobody asks the database"
    clock.now += FRESH
    counter.device.sell()
    second = await counter.deliver()
    assert second == trail.outside.anchors.of(trail.shop.tenant.id)[-1]
    assert second["seq"] > first["seq"]


async def test_a_device_whose_till_was_taken_over_gets_one_too(counter: Counter, site: Site, trail: Trail) -> None:
    counter.device.open_shift()
    await Counter(counter.browser, trail).claim(take_over=True)
    assert (await counter.deliver(409))["seq"] >= 1


async def test_a_trail_that_lost_its_end_does_not_hold_against_what_a_till_kept(
    counter: Counter, trail: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.device.open_shift()
    await trail.act("a", "b")
    await trail.seal()
    kept = tmp_path / "audit-heads-T1.jsonl"
    kept.write_text(json.dumps(await counter.deliver()) + "\n")
    keys, export = tmp_path / "keys.json", tmp_path / "export.jsonl"
    keys.write_text(public_keys(trail.outside.keyring))

    async def verify(*anchors: str) -> int:
        export.write_text("".join(await trail.export()))
        return standalone.main([str(export), "--keys", str(keys), *anchors])

    count = len(await trail.records())
    assert await verify("--anchors", str(kept)) == 0
    await cut_off(trail, count - 2)
    assert await verify() == 0, "the chain itself knows nothing of it"
    assert await verify("--anchors", str(kept)) == 1
    assert f"the end is cut off: a head that was kept outside speaks of {count} records" in capsys.readouterr().out


async def test_sales_do_not_ask_for_the_head_again_and_again(db: Database, trail: Trail) -> None:
    clock = Clock()
    known, asked = Heads(clock), 0

    class Counting:
        def read(self, scope: Any) -> Any:
            nonlocal asked
            asked += 1
            return db.read(scope)

    counting = cast("Database", Counting())
    for _ in range(50):
        head = await known.newest(counting, trail.shop.tenant.id)
        assert head is not None
        clock.now += 0.1
    assert asked == 1
    clock.now += FRESH
    await known.newest(counting, trail.shop.tenant.id)
    assert asked == 2


async def test_a_busy_database_takes_no_acknowledgement_away(db: Database, trail: Trail) -> None:
    class Away:
        def read(self, scope: Any) -> Any:
            raise Busy

    clock, away = Clock(), cast("Database", Away())
    known = Heads(clock)
    assert await known.newest(away, trail.shop.tenant.id) is None
    clock.now += FRESH
    head = await known.newest(db, trail.shop.tenant.id)
    assert head is not None
    clock.now += FRESH
    assert await known.newest(away, trail.shop.tenant.id) == head
