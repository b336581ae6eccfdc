"""Records get their place on the chain once, in order, signed; a chain that isn't recognised is left alone."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from retail.audit import sealing
from retail.audit.anchors import Anchors, Outside
from retail.audit.operations import note_everywhere, platform_scope
from retail.audit.sealing import Sealer, Unrecognised, signed_head
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM, AuditRecord, blinded
from retail.runtime.db import Database, Row, Tx
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Actor, Scope
from tests.audit.conftest import Place, Trail
from tests.support.world import open_shop


async def waiting(trail: Trail) -> int:
    return int(
        await trail.admin.fetchval("SELECT count(*) FROM audit_waiting WHERE tenant_id = $1", trail.shop.tenant.id)
    )


async def test_a_record_is_who_did_what_to_what_when_and_from_where(trail: Trail) -> None:
    device, session = new_id(), new_id()
    scope = replace(trail.shop.scope, request_id="r1", ip="203.0.113.7", device=device, session=session)
    async with trail.db.begin(scope) as tx:
        tx.audit("product.put", "product", trail.shop.products[0].id, before={"price": 420}, after={"price": 450})
    await trail.seal()
    stored = (await trail.records())[-1]["record"].encode()
    record = AuditRecord.decode(stored)
    assert (record.tenant, record.action) == (str(scope.tenant), "product.put")
    row = await trail.admin.fetchrow("SELECT actor_name, ip, blind FROM audit_event WHERE record = $1", stored)
    assert (row["actor_name"], row["ip"]) == ("Olga Owner", "203.0.113.7")
    assert record.actor_name == blinded("actor_name", "Olga Owner", row["blind"])
    assert "Olga" not in stored.decode(), "bytes that are hashed can't forget"
    assert (record.ip, record.device, record.session, record.request_id) == (
        blinded("ip", "203.0.113.7", row["blind"]), str(device), str(session), "r1",
    )  # fmt: skip
    assert json.loads(record.facts) == {"before": {"price": 420}, "after": {"price": 450}}


async def test_everything_that_waits_gets_the_next_places_and_one_signed_head(trail: Trail) -> None:
    before = len(await trail.records())
    await trail.act("a", "b", "c")
    assert await waiting(trail) == 3
    assert await trail.seal() == 3
    assert await waiting(trail) == 0
    assert [line["seq"] for line in await trail.records()] == list(range(1, before + 4))
    async with trail.db.read(trail.scope) as read:
        head = await signed_head(read)
    assert head is not None
    assert head.seq == before + 3
    assert trail.outside.recognises(head)
    assert trail.outside.anchors.of(trail.shop.tenant.id)[-1] == head.line()
    assert await trail.seal() == 0
    found = await trail.found()
    assert found == {way: [] for way in found}


async def test_what_is_rolled_back_leaves_no_record_and_nothing_that_waits(trail: Trail) -> None:
    before = len(await trail.records())

    async def undone(tx: Tx) -> None:
        tx.audit("test.done", "test", None)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await trail.db.run(trail.shop.scope, undone)
    assert await trail.seal() == 0
    assert len(await trail.records()) == before


async def test_the_application_can_neither_change_nor_remove_what_is_on_the_chain(trail: Trail) -> None:
    for table in ("audit_event", "audit_seal", "audit_head"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET tenant_id = tenant_id"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with trail.db.begin(trail.scope) as tx:
                    await tx.execute(statement)


async def test_the_log_keeps_the_hash_of_every_record(trail: Trail, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="countertop.audit"):
        await trail.act("a")
    hash = await trail.admin.fetchval("SELECT hash FROM audit_waiting WHERE tenant_id = $1", trail.shop.tenant.id)
    assert [record.__dict__["hash"] for record in caplog.records if record.name == "countertop.audit"] == [hash.hex()]


async def test_sealers_that_run_at_once_make_one_chain(trail: Trail) -> None:
    await trail.act(*map(str, range(30)))
    others = [Sealer(trail.db, trail.outside) for _ in range(4)]
    counts = await asyncio.gather(*(sealer.seal(trail.shop.tenant.id) for sealer in others))
    assert sum(counts) + await trail.seal() == 30
    found = await trail.found()
    assert found == {way: [] for way in found}


async def test_without_the_lock_two_sealers_meet_at_the_key_and_one_of_them_fails(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the race: each takes other records, both have read the same end, both want the same places."""
    monkeypatch.setattr(sealing, "_LOCK", "SELECT $1::text IS NOT NULL")
    both_have_read = asyncio.Barrier(2)

    class Hasty(Sealer):
        order = "ASC"

        async def _take(self, tx: Tx) -> list[Row]:
            statement = sealing._TAKE.replace("ORDER BY id LIMIT", f"ORDER BY id {self.order} LIMIT")
            return await tx.fetch(statement, tx.tenant, 5)

        async def _recognised(self, tx: Tx) -> tuple[int, bytes]:
            end = await super()._recognised(tx)
            await both_have_read.wait()
            return end

    class FromTheEnd(Hasty):
        order = "DESC"

    await trail.act(*map(str, range(10)))
    outcomes = await asyncio.gather(
        *(kind(trail.db, trail.outside).seal(trail.shop.tenant.id) for kind in (Hasty, FromTheEnd)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["UniqueViolationError", "int"]
    monkeypatch.undo()
    assert await trail.seal() == 5
    found = await trail.found()
    assert found == {way: [] for way in found}


async def test_after_a_rotation_old_and_new_heads_verify(trail: Trail) -> None:
    await trail.act("a")
    await trail.seal()
    trail.outside.keyring.rotate("audit")
    await trail.act("b")
    await trail.seal()
    keys = {json.loads(line)["key"][:8] for line in await trail.export() if '"type":"head"' in line}
    assert keys == {"audit-1-", "audit-2-"}
    found = await trail.found()
    assert found == {way: [] for way in found}


async def test_the_sealer_never_signs_over_a_seal_that_it_did_not_make(trail: Trail) -> None:
    await trail.tamper(
        """INSERT INTO audit_seal SELECT tenant_id, seq + 1, gen_random_uuid(), record_hash, hash, sealed_at
             FROM audit_seal WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1"""
    )
    await trail.act("a")
    with pytest.raises(Unrecognised, match="not what was signed last"):
        await trail.seal()
    assert await waiting(trail) == 1, "nothing is lost: it waits until somebody has looked"


async def test_the_sealer_never_signs_over_a_head_of_a_strange_key(trail: Trail, tmp_path: Path) -> None:
    stranger = Outside(Keyring.open(Place(tmp_path / "stranger"), {}), Anchors(tmp_path / "stranger"))
    await trail.act("a")
    await Sealer(trail.db, replace(trail.outside, anchors=stranger.anchors)).seal(trail.shop.tenant.id)
    await trail.act("b")
    with pytest.raises(Unrecognised, match="unknown key"):
        await Sealer(trail.db, stranger).seal(trail.shop.tenant.id)
    assert await waiting(trail) == 1


async def cut_off(trail: Trail, most: int) -> None:
    """What F14 describes: the newest records go, and everything that knows of them with them."""
    chain = trail.shop.tenant.id
    await trail.admin.execute(
        """DELETE FROM audit_event USING audit_seal s
            WHERE audit_event.tenant_id = $1 AND s.tenant_id = $1 AND s.event_id = audit_event.id AND s.seq > $2""",
        chain, most,
    )  # fmt: skip
    for table in ("audit_seal", "audit_head"):
        await trail.admin.execute(f"DELETE FROM {table} WHERE tenant_id = $1 AND seq > $2", chain, most)


async def test_a_chain_that_was_cut_off_is_not_signed_on_until_somebody_accepts_it(trail: Trail) -> None:
    kept = len(await trail.records())
    await trail.act("a", "b")
    await trail.seal()
    await cut_off(trail, kept)
    await trail.act("c")
    for sealer in (trail.sealer, Sealer(trail.db, trail.outside)):  # one that knew it, and one that just started
        with pytest.raises(Unrecognised, match=f"ends at record {kept}, but its anchors know {kept + 2}"):
            await sealer.seal(trail.shop.tenant.id)
    async with trail.db.read(trail.scope) as read:
        head = await signed_head(read)
    assert head is not None
    trail.outside.accept_restore(head, "backup of last night", trail.db.clock.now())
    assert await trail.seal() == 1
    checked = await trail.check()
    assert checked.problems == []
    assert checked.notes[0].endswith(
        f"(backup of last night): the records from {kept + 1} to {kept + 2} that were known before are not in this"
        " chain"
    )


async def test_a_record_that_is_changed_before_it_is_sealed_is_told_on_the_chain(trail: Trail) -> None:
    await trail.act("a", "b")
    await trail.tamper("UPDATE audit_event SET record = record || 'x' WHERE tenant_id = $1 AND facts ->> 'name' = 'a'")
    await trail.tamper("DELETE FROM audit_event WHERE tenant_id = $1 AND facts ->> 'name' = 'b'")
    assert await trail.seal() == 2
    assert await trail.seal() == 2
    told = [AuditRecord.decode(line["record"].encode()) for line in (await trail.records())[-2:]]
    assert [record.action for record in told] == ["audit.changed_before_sealing"] * 2
    for problems in (await trail.found()).values():
        assert len([problem for problem in problems if "not as it was sealed" in problem]) == 1
        assert len([problem for problem in problems if "is missing, though it was sealed" in problem]) == 1


async def test_what_happens_outside_of_any_business_is_on_the_platforms_chain_and_on_the_persons(
    trail: Trail, db: Database
) -> None:
    other = await open_shop(db)
    person = new_id()
    scope = platform_scope(Actor("person", person, "Paula"), ip="198.51.100.4", request_id="r9")
    await note_everywhere(db, scope, [trail.shop.tenant.id], "person.signed_in", person, factors=["password"])
    for chain, times in ((PLATFORM, 1), (trail.shop.tenant.id, 1), (other.tenant.id, 0)):
        async with db.read(Scope.system(chain)) as read:
            rows = await read.fetch("SELECT ip FROM audit_event WHERE actor_id = $1", person)
        assert [row["ip"] for row in rows] == ["198.51.100.4"] * times
    for table in ("audit_seal", "audit_head"):  # every test of this database shares the platform, and has its own keys
        await trail.admin.execute(f"DELETE FROM {table} WHERE tenant_id = $1", PLATFORM)
    assert await trail.sealer.seal(PLATFORM) > 0
    assert PLATFORM in trail.outside.newest()
