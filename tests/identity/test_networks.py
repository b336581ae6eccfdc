"""Networks that may come in: who is kept out, who can't lock themselves out, and how operators open a locked door."""

from __future__ import annotations

import httpx
import pytest

from retail.identity import networks
from retail.identity.gate import is_inside
from retail.identity.networks import MOST, Entry, read_list
from retail.identity.tokens import create_token
from retail.kit.errors import Invalid
from tests.support.letters import letters_to
from tests.support.web import ORIGIN, Site, enrol, enrol_operator
from tests.support.world import Shop, open_shop

OFFICE = "203.0.113.7"
HOME = "198.51.100.9"


def at(site: Site, ip: str, secret: str = "", **headers: str) -> httpx.AsyncClient:
    """Give a browser at an address."""
    transport = httpx.ASGITransport(app=site.app, client=(ip, 4711))
    client = httpx.AsyncClient(
        transport=transport,
        base_url=ORIGIN,
        headers={"Origin": ORIGIN, **headers},
        cookies={"s": secret} if secret else None,
    )
    site._clients.append(client)
    return client


async def listed(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.network for one in (await networks.policy(read)).entries]


async def restrict(site: Site, shop: Shop, text: str = "203.0.113.0/24 Office") -> tuple[str, str]:
    """Have an owner set the list from the office; gives their session and address."""
    _, email, secret = await enrol(site.db, shop.tenant.id, "owner")
    answer = await at(site, OFFICE, secret).post(f"/t/{shop.tenant.slug}/security/networks", data={"networks": text})
    assert answer.status_code == 303, answer.text
    return secret, email


async def test_people_and_programs_come_in_from_the_list_alone(site: Site, shop: Shop) -> None:
    token = await shop.db.run(shop.scope, create_token, role="viewer", name="script")
    secret, email = await restrict(site, shop)
    page, api = f"/t/{shop.tenant.slug}/people", f"/t/{shop.tenant.slug}/api/v1/me"
    assert (await at(site, OFFICE, secret).get(page)).status_code == 200
    outside = await at(site, HOME, secret).get(page)
    assert outside.status_code == 403
    assert "Your business lets only known networks in." in outside.text
    for path in (api, "/api/v1/me"):
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await at(site, OFFICE, **bearer).get(path)).status_code == 200
        refused = await at(site, HOME, **bearer).get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_networks")
    assert len(await letters_to(site.db, email, "entry_notice")) == 1
    async with shop.db.read(shop.scope) as read:
        facts = await read.fetchval("SELECT facts FROM audit_event WHERE action = 'networks.set'")
    assert "203.0.113.0/24" in facts


async def test_another_shop_is_not_concerned_and_a_stranger_learns_nothing(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    await restrict(site, shop)
    _, _, secret = await enrol(site.db, other.tenant.id, "owner")
    visitor = at(site, HOME, secret)
    assert (await visitor.get(f"/t/{other.tenant.slug}/people")).status_code == 200
    assert (await visitor.get(f"/t/{shop.tenant.slug}/people")).status_code == 404


async def test_nobody_locks_themselves_out(site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    address = f"/t/{shop.tenant.slug}/security/networks"
    answer = await at(site, HOME, secret).post(address, data={"networks": "203.0.113.0/24"})
    assert answer.status_code == 422
    assert f"You are at {HOME}" in answer.text
    assert await listed(shop) == []
    both = await at(site, HOME, secret).post(address, data={"networks": f"203.0.113.0/24\n{HOME} Home"})
    assert both.status_code == 303
    assert await listed(shop) == ["203.0.113.0/24", f"{HOME}/32"]


async def test_a_forwarded_address_of_a_stranger_opens_nothing(site: Site, shop: Shop) -> None:
    secret, _ = await restrict(site, shop)
    lying = at(site, HOME, secret, **{"X-Forwarded-For": OFFICE, "Forwarded": f"for={OFFICE}", "X-Real-IP": OFFICE})
    assert (await lying.get(f"/t/{shop.tenant.slug}/people")).status_code == 403


async def test_signing_out_works_from_anywhere(site: Site, shop: Shop) -> None:
    secret, _ = await restrict(site, shop)
    assert (await at(site, HOME, secret).post("/sign-out")).headers["location"] == "/sign-in"
    assert (await at(site, OFFICE, secret).get(f"/t/{shop.tenant.slug}/people")).status_code == 303


async def test_a_manager_sets_no_list(site: Site, shop: Shop) -> None:
    manager = await site.member(shop, "manager")
    answer = await manager.post(f"/t/{shop.tenant.slug}/security/networks", data={"networks": ""})
    assert answer.status_code == 403
    assert await listed(shop) == []


async def test_an_operator_opens_the_door_for_a_day_with_a_reason_and_the_owners_are_told(
    site: Site, shop: Shop
) -> None:
    secret, email = await restrict(site, shop)
    _, _, operator = await enrol_operator(site.db)
    page, rescue = f"/t/{shop.tenant.slug}/people", f"/platform/businesses/{shop.tenant.slug}"
    assert (await site.visitor(operator).get(f"{rescue}/rescue")).status_code == 200
    silent = await site.visitor(operator).post(f"{rescue}/networks-opening", data={"reason": " "})
    assert silent.status_code == 422
    assert (await at(site, HOME, secret).get(page)).status_code == 403
    opened = await site.visitor(operator).post(
        f"{rescue}/networks-opening", data={"reason": "Called back, knew it all"}
    )
    assert opened.status_code == 303
    assert (await at(site, HOME, secret).get(page)).status_code == 200
    assert "Called back, knew it all" in (await letters_to(site.db, email, "entry_notice"))[0].text
    async with shop.db.read(shop.scope) as read:
        row = await read.fetchrow(
            "SELECT actor_name, facts FROM audit_event WHERE action = 'networks.opened_by_operator'"
        )
    assert row is not None
    assert row["actor_name"] == "Otto Operator"
    again = await at(site, HOME, secret).post(
        f"/t/{shop.tenant.slug}/security/networks", data={"networks": f"203.0.113.0/24\n{HOME}"}
    )
    assert again.status_code == 303
    assert (await at(site, "192.0.2.1", secret).get(page)).status_code == 403, "the list counts again"


async def test_only_operators_rescue(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    rescue = f"/platform/businesses/{shop.tenant.slug}"
    assert (await owner.get(f"{rescue}/rescue")).status_code == 403
    assert (await owner.post(f"{rescue}/networks-opening", data={"reason": "please"})).status_code == 403
    assert (await owner.post(f"{rescue}/second-steps", data={"reason": "please"})).status_code == 403


@pytest.mark.parametrize(
    ("ip", "inside"),
    [
        ("203.0.113.7", True), ("203.0.114.7", False), ("::ffff:203.0.113.7", True), ("2001:db8::1", True),
        ("2001:db9::1", False), ("", False), ("unix", False), ("203.0.113.7.evil", False),
    ],
)  # fmt: skip
def test_what_is_inside(ip: str, inside: bool) -> None:
    assert is_inside(ip, ("203.0.113.0/24", "2001:db8::/32")) is inside


def test_a_list_is_read_as_people_type_it() -> None:
    assert read_list("203.0.113.9/24 Head office \n\n 2001:db8::7\n203.0.113.0/24 Office") == (
        Entry("203.0.113.0/24", "Office"),
        Entry("2001:db8::7/128", ""),
    )
    for wrong in ("office", "203.0.113.0/33", "203.0.113", "1.2.3.4;", "::ffff:203.0.113.0/120", "2130706433x"):
        with pytest.raises(Invalid) as refused:
            read_list(f"10.0.0.0/8\n{wrong}")
        assert "Line 2" in refused.value.errors["networks"][0]
    with pytest.raises(Invalid):
        read_list("\n".join(f"10.0.{n}.0/24" for n in range(MOST + 1)))
