"""What somebody typed to narrow a list, and an address among the settings' history: neither outlives whom it names."""

from __future__ import annotations

import json
from uuid import UUID

from retail.automation import jobs as _automation_jobs  # noqa: F401 - so that the export is made
from retail.automation.exports.operations import ask_for_list, cancel_export
from retail.privacy.erasure import erase_member
from retail.privacy.retention import JOB
from retail.runtime.jobs import enqueue
from retail.runtime.tenancy import Scope
from retail.tenants.settings_changes import change, history
from tests.privacy.conftest import Seeded

LEGAL = "legal_name"


async def asked(seeded: Seeded, typed: str) -> UUID:
    kept = [("q", typed)]
    return await seeded.db.run(seeded.shop.scope, ask_for_list, "products", "csv", kept, costs=False, stores=None)


async def kept(seeded: Seeded, run: UUID) -> tuple[object, bool, bool]:
    """Give what a run was narrowed to, and whether it came to its end or was cancelled."""
    row = await seeded.admin.fetchrow("SELECT asked, ended_at, cancelled_at FROM export_run WHERE id = $1", run)
    return json.loads(row["asked"]), row["ended_at"] is not None, row["cancelled_at"] is not None


async def put_off(seeded: Seeded, run: UUID) -> None:
    """Let nobody make the file yet."""
    await seeded.admin.execute(
        "UPDATE job SET run_after = now() + interval '1 day' WHERE args ->> 'run' = $1", str(run)
    )


async def test_what_a_list_was_narrowed_to_is_forgotten_when_its_file_is_made_or_cancelled(seeded: Seeded) -> None:
    made, cancelled = await asked(seeded, seeded.name), await asked(seeded, seeded.name)
    assert await kept(seeded, made) == ({"pairs": [["q", seeded.name]]}, False, False)
    await seeded.db.run(seeded.shop.scope, cancel_export, cancelled)
    await seeded.work()
    assert await kept(seeded, made) == ({}, True, False)
    assert await kept(seeded, cancelled) == ({}, False, True)


async def test_an_export_that_was_never_made_is_given_up_after_a_week(seeded: Seeded) -> None:
    old, young = await asked(seeded, "Karin"), await asked(seeded, "Karin")
    for run, days in ((old, 8), (young, 6)):
        await seeded.admin.execute(
            "UPDATE export_run SET asked_at = now() - make_interval(days => $2) WHERE id = $1", run, days
        )
        await put_off(seeded, run)
    await seeded.db.run(Scope.system(seeded.shop.tenant.id), enqueue, JOB)
    await seeded.work()
    assert await kept(seeded, old) == ({}, False, True)
    assert await kept(seeded, young) == ({"pairs": [["q", "Karin"]]}, False, False)


async def test_erasure_takes_a_name_out_of_what_a_waiting_export_is_narrowed_to(seeded: Seeded) -> None:
    run = await asked(seeded, seeded.name)
    await put_off(seeded, run)
    await seeded.db.run(seeded.shop.scope, erase_member, seeded.member)
    await seeded.work()
    ((name, value),) = (await kept(seeded, run))[0]["pairs"]  # type: ignore[index]
    assert (name, value != seeded.name, bool(value)) == ("q", True, True)


async def test_erasure_takes_an_address_out_of_the_settings_history_and_leaves_the_business_its_name(
    seeded: Seeded,
) -> None:
    boss = seeded.shop.scope
    for email in (seeded.email, "shop@example.com"):
        await seeded.db.run(boss, change, {"contact_email": email, LEGAL: seeded.name})
    await seeded.db.run(boss, erase_member, seeded.member)
    await seeded.work()
    async with seeded.db.read(boss) as read:
        told = {(one.key, one.before, one.after) for one in await history(read) if one.key in {"contact_email", LEGAL}}
    mails = [(before, after) for key, before, after in told if key == "contact_email"]
    assert all(seeded.email not in pair for pair in mails)
    (erased,) = {word for pair in mails for word in pair if word and word != "shop@example.com"}
    assert str(erased).endswith("@erased.invalid")
    assert any(after == seeded.name for key, _before, after in told if key == LEGAL), "the business is called so"
