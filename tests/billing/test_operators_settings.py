"""An operator sets a plan or prolongs a trial: shown first, with a reason, on both trails, and told to the owners."""

from __future__ import annotations

import httpx
import pytest

from retail.billing.plans import plans
from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM
from retail.runtime.tenancy import Scope
from retail.tenants.life import FROZEN, step
from tests.billing.worlds import DAY, bills, hour, put_on_trial, rows, status, take_out
from tests.support.letters import letters_to
from tests.support.told import relay
from tests.support.web import Site, enrol, enrol_operator, session
from tests.support.working import work_off
from tests.support.world import Shop

REASON = "As agreed by phone"


@pytest.fixture
async def otto(site: Site, still: FixedClock) -> httpx.AsyncClient:
    _person, _email, secret = await enrol_operator(site.db)
    return site.visitor(secret)


def page(shop: Shop, rest: str = "") -> str:
    return f"/platform/businesses/{shop.tenant.slug}{rest}"


async def told(shop: Shop, action: str) -> list[tuple[str, object]]:
    """Give who did it and why, of the business's own trail and of the platform's."""
    found: list[tuple[str, object]] = []
    for chain in (shop.tenant.id, PLATFORM):
        async with shop.db.read(Scope.system(chain)) as read:
            found += [
                (row["actor_name"], row["why"])
                for row in await read.fetch(
                    "SELECT actor_name, facts->>'reason' AS why FROM audit_event"
                    " WHERE tenant_id = $1 AND action = $2 AND subject_id = $3",
                    chain, action, shop.tenant.id,
                )
            ]  # fmt: skip
    return found


async def bell(shop: Shop) -> list[str]:
    return [row["kind"] for row in await rows(shop, "SELECT kind FROM notice WHERE tenant_id = $1")]


async def test_what_a_plan_costs_and_what_does_not_fit_is_shown_before_it_is_set(
    site: Site, shop: Shop, otto: httpx.AsyncClient
) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop, "starter")
    seen = await otto.post(page(shop, "/plan/preview"), data={"plan": "pro"})
    assert seen.status_code == 200
    for words in ("It holds at once.", "Not used of Starter", "€47.60", "€70.21", "What you have fits"):
        assert words in seen.text, words
    assert len(await bills(shop)) == 1, "nothing is stored by looking"
    setting = {"plan": "pro", "version": "2", "reason": REASON}
    assert (await otto.post(page(shop, "/plan"), data=setting | {"reason": ""})).status_code == 422
    assert (await otto.post(page(shop, "/plan"), data=setting | {"version": "1"})).status_code == 409
    assert len(await bills(shop)) == 1
    assert (await otto.post(page(shop, "/plan"), data=setting)).status_code == 303
    assert [one.plan for one in await bills(shop)] == ["starter", "pro"]
    assert await told(shop, "tenant.plan_set") == [("Otto Operator", REASON)] * 2
    assert "subscription_set" in await bell(shop)
    [letter] = await letters_to(site.db, email, "business_subscription")
    assert "The plan is Pro from now on." in letter.text
    assert REASON in letter.text


async def test_what_is_beyond_a_smaller_plan_is_named_and_without_a_subscription_nothing_is_invoiced(
    site: Site, shop: Shop, otto: httpx.AsyncClient
) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = 'enterprise' WHERE id = $1", tx.tenant)
    async with shop.db.read(shop.scope) as read:
        most = (await plans(read))["starter"].stores
        have = await read.fetchval(
            "SELECT count(*) FROM store WHERE tenant_id = $1 AND archived_at IS NULL", read.tenant
        )
    assert most is not None
    assert have > most
    seen = await otto.post(page(shop, "/plan/preview"), data={"plan": "starter"})
    assert f"{have} of {most} stores: none is taken away" in seen.text
    assert "so nothing is invoiced" in seen.text
    setting = {"plan": "starter", "version": "0", "reason": REASON}
    assert (await otto.post(page(shop, "/plan"), data=setting)).status_code == 303
    assert await bills(shop) == []
    assert await told(shop, "tenant.plan_set") == [("Otto Operator", REASON)] * 2
    assert (await (await site.member(shop)).post(page(shop, "/plan/preview"), data=setting)).status_code == 403


async def test_a_trial_goes_on_for_some_days_and_opens_what_its_end_had_closed(
    site: Site, shop: Shop, otto: httpx.AsyncClient, still: FixedClock
) -> None:
    person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await put_on_trial(shop, still.now() + 2 * DAY)
    assert f'action="{page(shop)}/trial"' in (await otto.get(page(shop))).text
    asked = {"days": "10", "reason": REASON}
    for wrong in ({"days": "0"}, {"days": "91"}, {"days": "some"}, {"reason": ""}):
        assert (await otto.post(page(shop, "/trial"), data=asked | wrong)).status_code == 422, wrong
    await hour(shop, still, 10 * DAY)
    assert await status(shop) == "grace"
    _person, _mail, secret = await enrol_operator(site.db)
    otto = site.visitor(secret)
    assert (await otto.post(page(shop, "/trial"), data=asked)).status_code == 303
    assert await status(shop) == "trial"
    (ends,) = [row[0] for row in await rows(shop, "SELECT trial_ends_at FROM tenant WHERE id = $1")]
    assert ends == still.now() + 10 * DAY, "one that is over goes on from today"
    assert await told(shop, "tenant.trial_prolonged") == [("Otto Operator", REASON)] * 2
    assert "subscription_set" in await bell(shop)
    [letter] = await letters_to(site.db, email, "business_subscription")
    assert "Your trial now ends on" in letter.text
    await relay(shop)
    owner = site.visitor(await session(site.db, person))
    assert f"The reason: “{REASON}”." in (await owner.get(f"/t/{shop.tenant.slug}/notices")).text
    await work_off(site.db, shop.tenant.id)
    assert await letters_to(site.db, email, "billing_ahead") == [], "the reminder waits for the new end"
    await hour(shop, still, 8 * DAY)
    await work_off(site.db, shop.tenant.id)
    assert len(await letters_to(site.db, email, "billing_ahead")) == 1


async def test_a_trial_that_is_invoiced_or_held_does_not_go_on(
    site: Site, shop: Shop, otto: httpx.AsyncClient, still: FixedClock
) -> None:
    asked = {"days": "10", "reason": REASON}
    assert (await otto.post(page(shop, "/trial"), data=asked)).status_code == 409, "it never had one"
    await put_on_trial(shop, still.now() + 2 * DAY)
    async with shop.db.begin(shop.scope) as tx:
        await step(tx, FROZEN, reason=str(new_id()))
    assert (await otto.post(page(shop, "/trial"), data=asked)).status_code == 409
    assert f'action="{page(shop)}/trial"' not in (await otto.get(page(shop))).text
    assert await told(shop, "tenant.trial_prolonged") == []
