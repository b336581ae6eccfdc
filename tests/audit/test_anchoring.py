"""Once a day the head goes outside and to the owners, and takes the tills' journals with it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from retail import anchoring
from retail.anchoring import NoOutside
from retail.audit import anchors
from retail.audit.anchors import use_outside
from retail.runtime.jobs import Claim, claim, enqueue, run_body
from retail.runtime.tenancy import Scope
from tests.audit.conftest import Trail
from tests.support.web import enrol


@pytest.fixture(autouse=True)
def of_process(trail: Trail) -> Iterator[None]:
    use_outside(trail.outside)
    yield
    anchors._of_process.clear()


async def run_job(trail: Trail) -> None:
    scope = Scope.system(trail.shop.tenant.id)
    id = await trail.db.run(scope, enqueue, anchoring.JOB)
    mine = await trail.db.run(scope, claim, id)
    assert isinstance(mine, Claim)
    await run_body(trail.db, mine)


async def mails(trail: Trail) -> list[tuple[str, str, str]]:
    rows = await trail.admin.fetch(
        """SELECT recipient, subject, text_body FROM mail
            WHERE tenant_id = $1 AND kind = 'audit_head' ORDER BY created_at""",
        trail.shop.tenant.id,
    )
    return [tuple(row) for row in rows]


async def told(trail: Trail) -> list[dict[str, object]]:
    rows = await trail.admin.fetch(
        "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = $2 ORDER BY id",
        trail.shop.tenant.id, anchoring.ACTION,
    )  # fmt: skip
    return [json.loads(row["facts"]) for row in rows]


async def test_the_head_is_mailed_to_every_owner_and_to_nobody_else(trail: Trail) -> None:
    _person, email, _secret = await enrol(trail.db, trail.shop.tenant.id, "owner")
    await enrol(trail.db, trail.shop.tenant.id, "manager")
    await trail.seal()
    await run_job(trail)
    [(to, subject, text)] = await mails(trail)
    head = trail.outside.anchors.of(trail.shop.tenant.id)[-1]
    assert (to, subject) == (email, "The audit trail of Corner & Co: keep this mail")
    assert head["daily"] is True
    assert head["hash"] in text
    assert f"{head['seq']} records" in text
    assert [(line["seq"], line["mailed"]) for line in await told(trail)] == [(head["seq"], 1)]


async def test_a_day_without_news_sends_no_mail_and_leaves_no_record(trail: Trail) -> None:
    await enrol(trail.db, trail.shop.tenant.id, "owner")
    await trail.seal()
    await run_job(trail)
    await trail.seal()  # the record of the mail itself
    await run_job(trail)
    assert (len(await mails(trail)), len(await told(trail))) == (1, 1)
    await trail.act("something")
    await trail.seal()
    await run_job(trail)
    assert (len(await mails(trail)), len(await told(trail))) == (2, 2)


async def test_a_process_without_keys_fails_loudly(trail: Trail) -> None:
    anchors._of_process.clear()
    with pytest.raises(NoOutside):
        await run_job(trail)


async def test_a_tills_journal_that_was_written_anew_after_its_head_was_anchored_is_found(trail: Trail) -> None:
    shop = trail.shop
    await trail.admin.execute(
        """INSERT INTO till_journal (tenant_id, till_id, device_id, seq, record_id, kind, at, payload, prev_hash, hash,
                                     intact, fence, status, answer, received_at)
           VALUES ($1, $2, gen_random_uuid(), 1, gen_random_uuid(), 'drawer_opened', '', '{}', repeat('0', 64), $3,
                   true, 1, 'created', '{}', now())""",
        shop.tenant.id, shop.till, "ab" * 32,
    )  # fmt: skip
    await run_job(trail)
    async with trail.db.read(trail.scope) as read:
        assert [check.ok for check in await anchoring.checks(read)] == [True]
    await trail.tamper("UPDATE till_journal SET hash = $2 WHERE tenant_id = $1", "cd" * 32)
    async with trail.db.read(trail.scope) as read:
        [check] = await anchoring.checks(read)
    assert (check.ok, check.detail) == (False, f"till {shop.till}: record 1 is not the one that was anchored")
