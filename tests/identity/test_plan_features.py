"""What a plan doesn't have can't be set up anew; what was set up before goes on."""

from __future__ import annotations

import pytest

from retail.identity.plan_room import NotInPlan, refuse_without
from retail.identity.script_tokens import NewToken, make_script_token
from retail.runtime import switches
from retail.tenants.settings_changes import change
from tests.support.world import Shop


async def set_plan(shop: Shop, plan: str) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = $2 WHERE id = $1", tx.tenant, plan)


@pytest.mark.parametrize(("plan", "has"), [("starter", False), ("pro", True), ("enterprise", True)])
async def test_programs_get_access_where_the_plan_has_it(shop: Shop, plan: str, has: bool) -> None:
    await set_plan(shop, plan)
    if has:
        await shop.db.run(shop.scope, make_script_token, NewToken("Till feed", "viewer", 30))
    else:
        with pytest.raises(NotInPlan, match="Access for programs") as refused:
            await shop.db.run(shop.scope, make_script_token, NewToken("Till feed", "viewer", 30))
        assert (refused.value.feature, refused.value.plan) == ("api", "Starter")
    async with shop.db.read(shop.scope) as read:
        made = await read.fetchval("SELECT count(*) FROM token_scope WHERE tenant_id = $1", read.tenant)
    assert made == int(has)


@pytest.mark.parametrize(("plan", "refused"), [("starter", True), ("pro", True), ("enterprise", False)])
async def test_single_sign_on_is_switched_on_where_the_plan_has_it(shop: Shop, plan: str, refused: bool) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = $2 WHERE id = $1", tx.tenant, plan)
        if refused:
            with pytest.raises(NotInPlan):
                await refuse_without(tx, "single_sign_on")
        else:
            await refuse_without(tx, "single_sign_on")


async def test_rules_of_ones_own_are_in_the_larger_plans_and_going_back_is_in_all(shop: Shop) -> None:
    rules = {"risk_void_outcome": "approval", "risk_void_least": 3}
    await set_plan(shop, "pro")
    assert await shop.db.run(shop.scope, change, rules) == list(rules)
    await set_plan(shop, "starter")
    with pytest.raises(NotInPlan, match="usual ones"):
        await shop.db.run(shop.scope, change, {"risk_void_least": 4})
    assert await shop.db.run(shop.scope, change, {"risk_void_outcome": "none"}) == ["risk_void_outcome"]
    assert await shop.db.run(shop.scope, change, {"risk_void_outcome": "alert", "risk_void_least": 2}) == [
        "risk_void_outcome",
        "risk_void_least",
    ]
    assert await shop.db.run(shop.scope, change, {"refund_told": 50}) == ["refund_told"]


async def test_programs_get_no_access_where_it_is_switched_off(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def off(*_given: object) -> bool:
        return False

    monkeypatch.setattr(switches, "value_in", off)
    with pytest.raises(switches.SwitchedOff):
        await shop.db.run(shop.scope, make_script_token, NewToken("Till feed", "viewer", 30))
