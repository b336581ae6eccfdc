"""What is old goes by itself, by rules that a page tells, and nothing else does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from retail.privacy.retention import JOB, MAIL, RULES, forget_old_accounts, removals
from retail.runtime.audit_record import PLATFORM
from retail.runtime.jobs import enqueue
from retail.runtime.mail.postman import KEPT
from retail.runtime.tenancy import Scope
from tests.privacy.conftest import Seeded
from tests.support.world import open_shop
from workers.schedule import TIMETABLE


def test_letters_stay_for_as_long_as_every_page_says() -> None:
    docs = Path(__file__).parents[2] / "docs/security"
    assert MAIL == KEPT
    assert f"Mails are deleted after {KEPT.days} days." in (docs / "accounts.md").read_text()
    assert f"| letters | {KEPT.days} days |" in (docs / "privacy.md").read_text()
    told = re.findall(r"^  mail\.\w+: .*retention: (\w+ days)", (docs / "personal_data.yml").read_text(), re.MULTILINE)
    assert set(told) == {f"{KEPT.days} days"}


async def answer(seeded: Seeded, key: str, days: int) -> None:
    await seeded.admin.execute(
        """INSERT INTO idempotency_key (tenant_id, key, operation, body_hash, answer, created_at)
           VALUES ($1, $2, 'x', '', '{}', now() - make_interval(days => $3))""",
        seeded.shop.tenant.id,
        key,
        days,
    )


async def crowd(seeded: Seeded) -> None:
    """Let a worker's list be full of what other businesses wait for, as after a test that let a worker run."""
    await seeded.admin.execute(
        """INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
           SELECT $1, gen_random_uuid(), $2, '{}', now(), now() - interval '1 day' FROM generate_series(1, 101)""",
        (await open_shop(seeded.db)).tenant.id,
        JOB,
    )


async def test_each_night_what_is_older_than_its_rule_goes_and_is_told(seeded: Seeded) -> None:
    shop, scope = seeded.shop, Scope.system(seeded.shop.tenant.id)
    for key, days in (("old", 31), ("young", 29)):
        await answer(seeded, key, days)
    await seeded.admin.execute(
        """UPDATE api_token SET expires_at = now() - interval '91 days', created_at = now() - interval '100 days'
            WHERE tenant_id = $1""",
        shop.tenant.id,
    )
    sales = await seeded.admin.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", shop.tenant.id)
    await crowd(seeded)
    await seeded.db.run(scope, enqueue, JOB)
    await seeded.work()
    keys = await seeded.admin.fetch("SELECT key FROM idempotency_key WHERE tenant_id = $1", shop.tenant.id)
    assert {"young"} <= {row["key"] for row in keys}
    assert "old" not in {row["key"] for row in keys}
    assert await seeded.admin.fetchval("SELECT count(*) FROM api_token WHERE tenant_id = $1", shop.tenant.id) == 0
    assert await seeded.admin.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", shop.tenant.id) == sales
    async with seeded.db.read(scope) as read:
        told = {one.rule: one.removed for one in await removals(read)}
        noted = await read.fetchval("SELECT facts FROM audit_event WHERE action = 'retention.applied'")
    assert told == {"answers": 1, "tokens": 2}
    assert noted == '{"removed": {"tokens": 2, "answers": 1}}'


async def test_another_businesss_rows_stay(seeded: Seeded) -> None:
    other = await open_shop(seeded.db)
    await answer(seeded, "old", 31)
    await crowd(seeded)
    await seeded.db.run(Scope.system(other.tenant.id), enqueue, JOB)
    mine, seeded.shop = seeded.shop, other
    await seeded.work()
    done = "SELECT finished_at IS NOT NULL FROM job WHERE tenant_id = $1 AND name = $2"
    assert await seeded.admin.fetchval(done, other.tenant.id, JOB)
    kept = "SELECT count(*) FROM idempotency_key WHERE tenant_id = $1 AND key = 'old'"
    assert await seeded.admin.fetchval(kept, mine.tenant.id) == 1


async def test_sign_ins_go_after_a_year_and_letters_after_ninety_days(seeded: Seeded) -> None:
    await seeded.admin.execute(
        """UPDATE sign_in_event SET at = now() - interval '366 days' WHERE person_id = $1""", seeded.person
    )
    await seeded.admin.execute(
        "UPDATE mail SET created_at = now() - interval '91 days' WHERE recipient = $1", seeded.email
    )
    removed = await forget_old_accounts(seeded.db)
    assert removed["sign_ins"] >= 1
    assert removed["mail"] >= 1
    left = await seeded.admin.fetchval("SELECT count(*) FROM sign_in_event WHERE person_id = $1", seeded.person)
    assert left == 0
    assert await seeded.admin.fetchval("SELECT count(*) FROM mail WHERE recipient = $1", seeded.email) == 0
    noted = "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = 'retention.applied'"
    assert await seeded.admin.fetchval(noted, PLATFORM) >= 1


def test_the_job_is_in_the_timetable_and_every_rule_has_a_span() -> None:
    assert JOB in {entry.job for entry in TIMETABLE}
    assert all(rule.kept >= timedelta(days=7) for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)
