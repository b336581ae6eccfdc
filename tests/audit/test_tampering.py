"""Every way of changing history that we could think of, done to the database itself, is found; the last ones only by
what was kept outside. A verifier that has never failed proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import retail.audit.verify as standalone
from retail.audit.anchors import KEY, Anchors, Outside
from retail.audit.checks import checks
from retail.audit.exports import public_keys
from retail.audit.operations import note, platform_scope
from retail.audit.sealing import Sealer
from retail.audit.verification import verify_chain
from retail.audit.verify import Verifier
from retail.kit.ids import new_id
from retail.runtime.audit_record import GENESIS, PLATFORM, AuditRecord, hash_of, link
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Actor
from tests.audit.conftest import Place, Trail
from tests.audit.test_sealing import cut_off
from tests.support.world import open_shop

SOURCE = Path(standalone.__file__).read_text()
OF_NUMBER = "(SELECT event_id FROM audit_seal WHERE tenant_id = $1 AND seq = 3)"
Mutation = Callable[[Trail], Awaitable[object]]


async def rechain(trail: Trail) -> None:
    """Compute every hash anew from what is there, as somebody does who knows how, but hasn't the key."""
    chain, before = trail.shop.tenant.id, GENESIS
    rows = await trail.admin.fetch(
        """SELECT s.seq, e.id, e.record FROM audit_seal s JOIN audit_event e ON e.tenant_id = $1 AND e.id = s.event_id
            WHERE s.tenant_id = $1 ORDER BY s.seq""",
        chain,
    )
    for row in rows:
        told = hash_of(row["record"])
        before = link(chain, row["seq"], told, before)
        await trail.admin.execute(
            "UPDATE audit_seal SET record_hash = $3, hash = $4 WHERE tenant_id = $1 AND seq = $2",
            chain, row["seq"], told, before,
        )  # fmt: skip


async def changed_bytes(trail: Trail) -> None:
    await trail.tamper(
        f"""UPDATE audit_event SET record = overlay(record PLACING '\\x58' FROM 200)
             WHERE tenant_id = $1 AND id = {OF_NUMBER}"""
    )


async def changed_bytes_and_hashes(trail: Trail) -> None:
    await changed_bytes(trail)
    await rechain(trail)


async def changed_hash_of_the_seal(trail: Trail) -> None:
    await trail.tamper("UPDATE audit_seal SET hash = sha256('x') WHERE tenant_id = $1 AND seq = 3")


async def deleted_record(trail: Trail) -> None:
    await trail.tamper(f"DELETE FROM audit_event WHERE tenant_id = $1 AND id = {OF_NUMBER}")


async def deleted_record_and_seal(trail: Trail) -> None:
    await deleted_record(trail)
    await trail.tamper("DELETE FROM audit_seal WHERE tenant_id = $1 AND seq = 3")


async def deleted_middle_and_closed_the_gap(trail: Trail) -> None:
    await deleted_record_and_seal(trail)
    await trail.tamper("UPDATE audit_seal SET seq = seq - 1 + 1000000 WHERE tenant_id = $1 AND seq > 3")
    await trail.tamper("UPDATE audit_seal SET seq = seq - 1000000 WHERE tenant_id = $1 AND seq > 1000000")
    await rechain(trail)


async def reordered(trail: Trail) -> None:
    for here, there in ((3, 1_000_003), (4, 3), (1_000_003, 4)):
        await trail.tamper("UPDATE audit_seal SET seq = $3 WHERE tenant_id = $1 AND seq = $2", here, there)


async def reordered_and_rechained(trail: Trail) -> None:
    await reordered(trail)
    await rechain(trail)


async def deleted_seal_at_the_end(trail: Trail) -> None:
    await trail.tamper(
        "DELETE FROM audit_seal WHERE tenant_id = $1 AND seq = (SELECT max(seq) FROM audit_seal WHERE tenant_id = $1)"
    )


async def forged_head(trail: Trail) -> None:
    await changed_bytes_and_hashes(trail)
    await trail.tamper(
        """UPDATE audit_head h SET hash = s.hash FROM audit_seal s
            WHERE h.tenant_id = $1 AND s.tenant_id = $1 AND s.seq = h.seq"""
    )


async def forged_signature(trail: Trail) -> None:
    await trail.tamper("UPDATE audit_head SET signature = sha512('x') WHERE tenant_id = $1")


async def wrong_key(trail: Trail) -> None:
    """The whole chain anew, properly signed, with a key of the attacker's own under the name of ours."""
    chain = trail.shop.tenant.id
    own = Outside(Keyring.open(Place(Path(f"/tmp/none-{new_id()}")), _keys()), trail.outside.anchors)
    await changed_bytes_and_hashes(trail)
    for row in await trail.admin.fetch("SELECT seq, hash FROM audit_seal WHERE tenant_id = $1", chain):
        head = own.sign(chain, row["seq"], row["hash"], trail.db.clock.now())
        await trail.admin.execute(
            "UPDATE audit_head SET hash = $3, signature = $4, at = $5 WHERE tenant_id = $1 AND seq = $2",
            chain, head.seq, head.hash, head.signature, head.at,
        )  # fmt: skip


def _keys() -> dict[str, str]:
    return {f"KEY_{name}": "1:" + "5e" * 32 for name in ("AUDIT", "TOTP", "DEVICE", "TOKENS", "OIDC")}


async def planted_with_a_seal_at_the_end(trail: Trail) -> None:
    chain = trail.shop.tenant.id
    id = await plant(trail)
    record = await trail.admin.fetchval("SELECT record FROM audit_event WHERE tenant_id = $1 AND id = $2", chain, id)
    end = await trail.admin.fetchrow("SELECT seq, hash FROM audit_seal WHERE tenant_id = $1 ORDER BY seq DESC", chain)
    hash = link(chain, end["seq"] + 1, hash_of(record), end["hash"])
    await trail.admin.execute(
        "INSERT INTO audit_seal VALUES ($1, $2, $3, $4, $5, now())", chain, end["seq"] + 1, id, hash_of(record), hash
    )


async def plant(trail: Trail) -> object:
    """A record that looks in everything like one of ours."""
    chain, id = trail.shop.tenant.id, new_id()
    row = await trail.admin.fetchrow(f"SELECT * FROM audit_event WHERE tenant_id = $1 AND id = {OF_NUMBER}", chain)
    record = replace(AuditRecord.decode(row["record"]), id=str(id)).encode()
    await trail.admin.execute(
        """INSERT INTO audit_event SELECT (jsonb_populate_record(e, jsonb_build_object('id', $2::uuid))).*
             FROM audit_event e WHERE e.tenant_id = $1 AND e.id = $3""",
        chain, id, row["id"],
    )  # fmt: skip
    await trail.admin.execute("UPDATE audit_event SET record = $3 WHERE tenant_id = $1 AND id = $2", chain, id, record)
    return id


async def another_shops_record(trail: Trail) -> None:
    """A record of another business in the place of one of ours, everything computed anew."""
    other = await open_shop(trail.db)
    await Sealer(trail.db, trail.outside).seal(other.tenant.id)
    await trail.tamper(
        f"""UPDATE audit_event e SET record = o.record, at = o.at, facts = o.facts, action = o.action
              FROM audit_event o WHERE o.tenant_id = $2 AND o.action = 'tenant.opened'
               AND e.tenant_id = $1 AND e.id = {OF_NUMBER}""",
        other.tenant.id,
    )
    await rechain(trail)


async def the_same_record_twice(trail: Trail) -> None:
    await trail.tamper(
        f"""UPDATE audit_event SET record = (SELECT e.record FROM audit_event e JOIN audit_seal s
              ON s.tenant_id = $1 AND s.event_id = e.id WHERE e.tenant_id = $1 AND s.seq = 2)
            WHERE tenant_id = $1 AND id = {OF_NUMBER}"""
    )
    await rechain(trail)


MUTATIONS: dict[Mutation, str] = {
    changed_bytes: "record 3 is not as it was sealed",
    changed_bytes_and_hashes: "was signed over another chain",
    changed_hash_of_the_seal: "record 3 is not as it was sealed",
    deleted_record: "record 3 is missing, though it was sealed",
    deleted_record_and_seal: "record 3 is missing: 4 follows 2",
    deleted_middle_and_closed_the_gap: "was signed over another chain",
    reordered: "record 3 is not as it was sealed",
    reordered_and_rechained: "was signed over another chain",
    deleted_seal_at_the_end: "was signed over another chain",
    forged_head: "has no good signature by audit-1-",
    forged_signature: "has no good signature by audit-1-",
    wrong_key: "has no good signature by audit-1-",
    another_shops_record: "record 3 belongs to another chain",
    the_same_record_twice: "record 3 is there twice",
}


@pytest.fixture
async def written(trail: Trail) -> Trail:
    """A trail with records in several sealings; everything about it holds."""
    for name in ("a", "b", "c"):
        await trail.act(name, name)
        await trail.seal()
    found = await trail.found()
    assert found == {way: [] for way in found}
    return trail


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
async def test_a_changed_history_is_found_in_the_database_and_in_an_export(written: Trail, mutation: Mutation) -> None:
    await mutation(written)
    for way, problems in (await written.found()).items():
        assert any(MUTATIONS[mutation] in problem for problem in problems), (way, problems)


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor_name", "'Somebody'"), ("at", "at - interval '1 day'"), ("facts", "'{}'"), ("ip", "'9.9.9.9'"),
     ("action", "'x'"), ("device_id", "gen_random_uuid()"), ("subject_id", "gen_random_uuid()")],
)  # fmt: skip
async def test_a_column_that_no_longer_says_what_the_bytes_say_is_found(
    written: Trail, column: str, value: str
) -> None:
    await written.tamper(f"UPDATE audit_event SET {column} = {value} WHERE tenant_id = $1 AND id = {OF_NUMBER}")
    named = {"device_id": "device"}.get(column, column)
    assert (await written.check()).problems == [f"record 3 is shown with another {named} than it has"]


async def test_a_planted_record_is_found_for_it_neither_waits_nor_is_sealed(written: Trail) -> None:
    id = await plant(written)
    assert (await written.check()).problems == [f"record {id} was planted: it neither waits nor is it sealed"]


async def test_a_record_planted_with_a_seal_is_behind_the_last_signature(written: Trail) -> None:
    count = len(await written.records())
    await planted_with_a_seal_at_the_end(written)
    expected = [f"the records from {count + 1} to {count + 1} are behind the last good signature"]
    assert (await written.check()).problems == expected


async def test_a_record_that_waits_but_is_gone_is_found(written: Trail) -> None:
    await written.act("d")
    await written.tamper("DELETE FROM audit_event WHERE tenant_id = $1 AND facts ->> 'name' = 'd'")
    assert [problem.split(" is ")[1] for problem in (await written.check()).problems] == [
        "gone, though it waits to be sealed"
    ]


async def test_a_record_that_waits_too_long_is_told(written: Trail) -> None:
    await written.act("d")
    assert (await written.check()).problems == []
    await written.tamper("UPDATE audit_waiting SET since = since - interval '11 minutes' WHERE tenant_id = $1")
    assert "records wait to be sealed" in (await written.check()).problems[0]


async def test_an_end_that_was_cut_off_is_found_by_the_anchors_and_by_nothing_else(written: Trail) -> None:
    count = len(await written.records())
    await cut_off(written, count - 2)
    found = await written.found()
    expected = f"the end is cut off: a head that was kept outside speaks of {count} records, not {count - 2}"
    assert found == {"stored": [expected], "stored, no anchors": [], "export": [expected], "export, no anchors": []}


async def test_an_end_that_was_cut_off_and_written_anew_is_found_by_the_anchors_and_by_nothing_else(
    written: Trail,
) -> None:
    count = len(await written.records())
    await cut_off(written, count - 2)
    forgetful = Sealer(
        written.db, replace(written.outside, anchors=Anchors(written.outside.anchors.directory / "other"))
    )
    await written.act("e", "f", "g")
    await forgetful.seal(written.shop.tenant.id)
    found = await written.found()
    expected = [f"at record {count} the chain has another hash than a head that was kept outside"]
    assert found["stored, no anchors"] == found["export, no anchors"] == []
    # count is inside the new sealing, so only the chain's own hash there can tell
    assert found["stored"] == found["export"] == expected


async def test_an_export_whose_date_is_set_back_does_not_shake_off_the_anchors(written: Trail) -> None:
    count = len(await written.records())
    first, *rest = await written.export()
    kept = [line for line in rest if json.loads(line)["seq"] <= count - 2]
    first = json.dumps({**json.loads(first), "at": "2000-01-01T00:00:00.000000Z"})
    problems = written.verify([first, *kept]).problems
    assert (
        problems[-1] == f"the end is cut off: a head that was kept outside speaks of {count} records, not {count - 2}"
    )
    assert problems[0].startswith("record 1 is newer (20")
    assert written.verify([first, *rest], anchors=False).problems[-1].startswith(f"record {count} is newer (20")


async def test_only_the_caller_leaves_anchors_out_and_is_told(
    written: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = await written.export()
    moments = [line["at"] for line in written.outside.anchors.of(written.shop.tenant.id)]
    written.outside.anchors.append({**written.outside.anchors.of(written.shop.tenant.id)[-1]})
    await written.act("later")
    await written.seal()
    (tmp_path / "export.jsonl").write_text("".join(export))
    (tmp_path / "keys.json").write_text(public_keys(written.outside.keyring))
    anchors = sorted(map(str, written.outside.anchors.directory.glob("*.jsonl")))
    asked = [str(tmp_path / "export.jsonl"), "--keys", str(tmp_path / "keys.json"), "--anchors", *anchors]
    assert standalone.main(asked) == 1
    assert "the end is cut off" in capsys.readouterr().out
    assert standalone.main([*asked, "--as-of", moments[-1]]) == 3
    told = capsys.readouterr().out
    assert told.endswith(f"It holds up to {moments[-1]}, 1 later heads from outside were not looked at.\n")
    assert standalone.main([*asked, "--as-of", "2099-01-01T00:00:00Z"]) == 1


async def test_an_empty_chain_proves_nothing(
    written: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "export.jsonl").write_text((await written.export())[0])
    (tmp_path / "keys.json").write_text(public_keys(written.outside.keyring))
    assert standalone.main([str(tmp_path / "export.jsonl"), "--keys", str(tmp_path / "keys.json")]) == 3
    assert capsys.readouterr().out.endswith("It is empty, which proves nothing.\n")


async def test_a_refused_sign_in_has_an_address_and_no_name_and_the_chain_still_holds(
    written: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retail.audit.checks.outside_of_process", lambda: written.outside)
    stranger = platform_scope(Actor("person", None, ""), ip="203.0.113.7")
    for table in ("audit_head", "audit_seal", "audit_waiting", "audit_event"):  # what other tests' keys signed
        await written.admin.execute(f"DELETE FROM {table} WHERE tenant_id = $1", PLATFORM)
    await note(written.db, stranger, "person.sign_in_refused", "person", None)
    await written.sealer.seal(PLATFORM)
    async with written.db.read(platform_scope(Actor("system", None, ""))) as read:
        assert (await verify_chain(read, written.outside)).problems == []
        [told] = await checks(read)
    assert told.ok, told.detail
    await written.admin.execute("UPDATE audit_event SET ip = '203.0.113.8' WHERE tenant_id = $1", PLATFORM)
    async with written.db.read(platform_scope(Actor("system", None, ""))) as read:
        assert any("another ip" in line for line in (await verify_chain(read, written.outside)).problems)
    for table in ("audit_head", "audit_seal", "audit_waiting", "audit_event"):
        await written.admin.execute(f"DELETE FROM {table} WHERE tenant_id = $1", PLATFORM)


async def test_a_head_that_somebody_wrote_down_is_enough_to_find_it(written: Trail) -> None:
    kept = (await written.records())[-1]
    await cut_off(written, kept["seq"] - 2)
    noted = {"chain": str(written.shop.tenant.id), "seq": kept["seq"], "hash": kept["hash"]}
    walk = standalone.verify(await written.export(), written.outside.keyring.public_keys(KEY), [noted])
    assert walk.problems[0].startswith("the end is cut off")


@pytest.mark.parametrize("signature", [{"key": "audit-1-0", "signature": "00" * 64}, {}], ids=["forged", "none"])
async def test_a_restore_that_nobody_signed_accepts_nothing(written: Trail, signature: dict[str, str]) -> None:
    """Whoever can append to the anchors, but hasn't the key, can't explain a cut away."""
    count = len(await written.records())
    await cut_off(written, count - 2)
    line = {"chain": str(written.shop.tenant.id), "seq": 1, "hash": "00" * 32, "at": "2099-01-01T00:00:00.000000Z",
            "restored": True, "reason": "trust me", **signature}  # fmt: skip
    written.outside.anchors.append(line)
    problems = (await written.check()).problems
    assert problems[0] == "the anchor of 2099-01-01T00:00:00.000000Z has no good signature"
    assert problems[1].startswith("the end is cut off")
    assert written.outside.newest()[written.shop.tenant.id] == count


async def test_the_verifier_runs_as_a_script_far_from_the_product(written: Trail, tmp_path: Path) -> None:
    assert len(SOURCE.splitlines()) < 200
    script = tmp_path / "alone" / "verify.py"
    script.parent.mkdir()
    script.write_text(SOURCE)
    (tmp_path / "export.jsonl").write_text("".join(await written.export()))
    (tmp_path / "keys.json").write_text(public_keys(written.outside.keyring))
    anchors = sorted(map(str, written.outside.anchors.directory.glob("*.jsonl")))

    def run(*more: str) -> tuple[int, str]:
        command = [sys.executable, "-I", str(script), "export.jsonl", "--keys", "keys.json", *more]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    records = await written.records()
    count = len(records)
    held = f"Chain {written.shop.tenant.id}: {count} records, {count} signed"
    code, said = run("--anchors", *anchors)
    assert (code, said.endswith(f"{held}, heads kept outside reach record {count}. It holds.\n")) == (0, True)
    code, said = run()
    assert (code, said.endswith(f"{held}, no heads from outside. It holds.\n")) == (0, True)
    assert run("--head", f"{count}:{records[-1]['hash']}")[0] == 0
    code, said = run("--head", f"{count + 1}:{'00' * 32}")
    assert code == 1
    assert f"the end is cut off: a head that was kept outside speaks of {count + 1} records, not {count}\n" in said
    lines = (tmp_path / "export.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "export.jsonl").write_text("".join(lines).replace("6:person", "6:pers0n"))
    assert run()[0] == 1
    (tmp_path / "export.jsonl").write_text("{}")
    assert run() == (2, "It could not be verified: ValueError: this is no export of the format countertop-audit-1\n")


async def test_any_changed_character_of_an_export_is_found(written: Trail) -> None:
    """Flip any one character of any record, hash, number or signature: the verifier never says that all holds."""
    export = await written.export()
    keys, anchors = written.outside.keyring.public_keys(KEY), written.outside.anchors.of(written.shop.tenant.id)

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(1, len(export) - 1), st.floats(0, 1, exclude_max=True), st.sampled_from("0a9Z "))
    def flip(number: int, where: float, put: str) -> None:
        line = json.loads(export[number])
        names = sorted(name for name in line if name not in {"type", "chain"})
        name = names[int(where * 7919) % len(names)]
        text = str(line[name])
        place = int(where * len(text))
        flipped = text[:place] + put + text[place + 1 :]
        if flipped.strip() == text or (name == "signature" and flipped.lower() == text):
            return
        try:
            line[name] = int(flipped) if name == "seq" else flipped
            if line[name] == json.loads(export[number])[name]:
                return
            walk = standalone.verify([*export[:number], json.dumps(line), *export[number + 1 :]], keys, anchors)
        except (ValueError, KeyError):
            return
        assert walk.problems

    flip()


def test_the_verifier_and_the_product_hash_alike() -> None:
    """The twin is written on its own: hashing the same bytes by another hand must give the same chain."""
    chain, record = new_id(), b"CTA1\x1fanything"
    ours = link(chain, 1, hash_of(record), GENESIS).hex()
    theirs = standalone.joined("CTL1", str(chain), "1", hashlib.sha256(record).hexdigest(), standalone.ZEROS)
    assert hashlib.sha256(theirs).hexdigest() == ours
    walk = Verifier(str(chain), {})
    walk.record(1, ours, record)
    assert walk.hash == ours
