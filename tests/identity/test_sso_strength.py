"""How strongly and how lately the provider saw somebody prove who they are: its word counts, its silence doesn't."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from retail.identity.oidc_rules import Claims
from tests.identity.test_sso import Place, place

__all__ = ["place"]
REFEDS = "https://refeds.org/profile/mfa"


@pytest.mark.parametrize(
    ("methods", "strength", "twice"),
    [
        ({"mfa"}, "", True), ({"pwd", "otp"}, "", True), ({"hwk", "fpt"}, "", True), ({"pin", "sc"}, "", True),
        (set(), REFEDS, True), (set(), "phr", True),
        (set(), "", False), ({"pwd"}, "", False), ({"pwd", "pin"}, "", False), ({"otp", "sms"}, "", False),
        ({"MFA"}, "", False), ({"pwd", "geo"}, "", False), (set(), "1", False), (set(), f"{REFEDS}x", False),
        (set(), "0", False),
    ],
)  # fmt: skip
def test_two_steps_are_two_kinds_of_proof_or_a_promise_of_a_known_name(
    methods: set[str], strength: str, twice: bool
) -> None:
    assert Claims("i", "s", "", "", frozenset(methods), strength).proved_twice == twice


async def session(place: Place, **claims: Any) -> dict[str, Any]:
    """Sign in with these claims; gives how the session stands."""
    place.idp.claims = claims
    assert (await place.go()).status_code == 303
    async with place.site.db.read(place.shop.scope) as read:
        person = await read.fetchval("SELECT person_id FROM membership WHERE email = $1", place.email)
    async with place.site.db.platform() as unit:
        rows = await unit.fetch(
            "SELECT * FROM auth_sessions($1, $2, $3, $3)", person, unit.now, unit.now - timedelta(hours=1)
        )
        return dict(max(rows, key=lambda row: row["created_at"]))


@pytest.mark.parametrize(
    ("ticked", "claims", "second"),
    [
        (True, {"amr": ["pwd", "mfa"]}, True),
        (True, {"acr": REFEDS}, True),
        (True, {}, False),
        (True, {"amr": ["pwd"]}, False),
        (True, {"amr": "mfa"}, False),
        (True, {"acr": ["phr"]}, False),
        (False, {"amr": ["mfa"]}, False),
    ],
)
async def test_a_second_step_counts_where_the_business_asks_for_it_and_the_provider_says_so(
    place: Place, ticked: bool, claims: dict[str, Any], second: bool
) -> None:
    await place.configure(checks_second_factor=ticked)
    assert ("oidc_second" in (await session(place, **claims))["factors"]) == second


@pytest.mark.parametrize(
    ("claims", "asked"),
    [
        ({}, False),
        ({"auth_time": None}, True),
        ({"auth_time": "now"}, True),
        ({"auth_time": int(time.time()) - 3600}, True),
        ({"auth_time": -5}, True),
        ({"auth_time": int(time.time()) + 10**9}, False),
        ({"auth_time": True}, True),
    ],
)
async def test_only_who_proved_it_lately_does_what_asks_for_a_fresh_proof(
    place: Place, claims: dict[str, Any], asked: bool
) -> None:
    visitor = place.site.visitor()
    place.idp.claims = claims
    assert (await place.go(visitor)).status_code == 303
    answer = await visitor.get(f"/t/{place.shop.tenant.slug}/people/invitations/new")
    assert (answer.status_code, answer.headers.get("location", "")[:8]) == ((303, "/confirm") if asked else (200, ""))
