"""Gift cards and customers' accounts over HTTP: issued, checked, blocked, corrected, paid; refusals at the field."""

from __future__ import annotations

import re
from uuid import UUID

import httpx
import pytest

from retail.kit.ids import new_id
from retail.value import Use, account_of, redeem
from retail.value.rules import STORE_CREDIT
from tests.support.buyers import a_customer
from tests.support.values import balance, who_may_owe, wrong
from tests.support.web import Site
from tests.support.world import Shop, open_shop


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def card_form(shop: Shop, **changes: str) -> dict[str, str]:
    return {"id": str(new_id()), "amount": "50.00", "means": "cash", "store": str(shop.store)} | changes


async def test_a_card_is_issued_shown_once_corrected_and_blocked(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/gift-cards"
    assert "No gift cards yet" in (await owner.get(at)).text
    form = card_form(shop)
    issued = await owner.post(at, data=form)
    assert issued.status_code == 201, plain(issued)
    [code] = re.findall(r"9\d{3} \d{4} \d{4} \d{4}", issued.text)
    again = await owner.post(at, data=form)
    assert (again.status_code, "issued already" in again.text) == (409, True)
    there = f"{at}/{form['id']}"
    for page in (await owner.get(at), await owner.get(there)):
        assert code not in page.text
        assert code[-4:] in page.text
        assert "€50.00" in page.text
    assert code[-4:] in (await owner.get(f"{at}?q={code}")).text
    change = {"id": str(new_id()), "way": "down", "amount": "60", "reason": "typed wrong", "store": str(shop.store)}
    much = await owner.post(f"{there}/adjustments", data=change)
    assert (much.status_code, "isn't so much left" in much.text or "isn&#39;t so much left" in much.text) == (409, True)
    for _ in range(2):
        assert (await owner.post(f"{there}/adjustments", data=change | {"amount": "5"})).status_code == 303
    assert "€45.00" in (await owner.get(there)).text
    assert (await owner.post(f"{there}/blocking", data={"reason": ""})).status_code == 422
    assert (await owner.post(f"{there}/blocking", data={"reason": "lost"})).status_code == 303
    assert "blocked" in (await owner.get(at)).text
    assert (await owner.post(f"{there}/unblocking")).status_code == 303
    assert await wrong(shop) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": ""}, "f-amount"),
        ({"amount": "0"}, "f-amount"),
        ({"means": ""}, "f-reason"),
        ({"means": "shells"}, "f-means"),
        ({"store": ""}, "f-store"),
        ({"expires_on": "2020-01-01"}, "f-expires_on"),
    ],
)
async def test_what_is_wrong_with_a_new_card_is_told_at_its_field(
    site: Site, shop: Shop, changes: dict[str, str], field: str
) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/gift-cards"
    refused = await owner.post(at, data=card_form(shop, **changes))
    assert (refused.status_code, f'id="{field}-error"' in refused.text) == (422, True), plain(refused)
    assert "No gift cards yet" in (await owner.get(at)).text


async def test_a_customers_payment_counts_once_and_their_credit_needs_a_reason(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    anna, account = await who_may_owe(shop)
    at = f"{home(shop)}/customers/{anna}/account"
    paid = {"id": str(new_id()), "amount": "20", "means": "transfer", "store": str(shop.store)}
    for _ in range(2):
        assert (await owner.post(f"{at}/payments", data=paid)).status_code == 303
    assert await balance(shop, account) == 2_000
    twice = await owner.post(f"{at}/payments", data=paid | {"amount": "21"})
    assert twice.status_code == 409
    assert (await owner.post(f"{at}/payments", data=paid | {"amount": ""})).status_code == 422
    credit = {"credit_id": str(new_id()), "credit_way": "up", "credit_amount": "3", "credit_store": str(shop.store)}
    refused = await owner.post(f"{at}/credit", data=credit | {"credit_reason": ""})
    assert (refused.status_code, 'id="f-credit_reason-error"' in refused.text) == (422, True)
    assert (await owner.post(f"{at}/credit", data=credit | {"credit_reason": "waited"})).status_code == 303
    page = plain(await owner.get(at))
    assert "waited" in page
    assert "€3.00" in page
    assert await wrong(shop) == []


async def test_the_account_of_somebody_who_never_had_one_is_empty(site: Site, shop: Shop) -> None:
    owner, nobody = await site.member(shop), await a_customer(shop)
    page = await owner.get(f"{home(shop)}/customers/{nobody}/account")
    assert page.status_code == 200, plain(page)


async def test_programs_issue_check_list_and_block_cards(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"{home(shop)}/api/v1/gift-cards"
    new = {"id": str(new_id()), "store": str(shop.store), "amount": 5000, "means": "card"}
    issued = await owner.post(api, json=new)
    assert issued.status_code == 201, issued.text
    code, at = issued.json()["code"], f"{api}/{new['id']}"
    assert (await owner.post(api, json=new)).json()["code"] == "card_issued"
    checked = (await owner.post(f"{api}/check", json={"code": code})).json()
    assert (checked["id"], checked["balance"], checked["spendable"]) == (new["id"], 5000, 5000)
    assert "code" not in checked
    assert (await owner.post(f"{api}/check", json={"code": "9000000000000002"})).status_code == 404
    assert [one["id"] for one in (await owner.get(f"{api}?last_four={code[-4:]}")).json()["items"]] == [new["id"]]
    blocked = await owner.post(f"{at}/blocking", json={"reason": "lost"})
    assert (blocked.json()["blocked"], blocked.json()["spendable"]) == (True, 0)
    assert (await owner.delete(f"{at}/blocking")).json()["spendable"] == 5000
    assert [one["cause"] for one in (await owner.get(f"{at}/moves")).json()["items"]] == ["issued"]
    for body in (
        new | {"amount": "5"},
        new | {"amount": 0},
        new | {"means": "shells"},
        new | {"means": None, "id": None},
    ):
        assert (await owner.post(api, json=body)).status_code == 422


async def test_a_till_asks_what_there_is_to_pay_with_and_nobody_else_does(site: Site, shop: Shop) -> None:
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    new = {"id": str(new_id()), "store": str(shop.store), "amount": 5000, "means": "card"}
    code = (await owner.post(f"{home(shop)}/api/v1/gift-cards", json=new)).json()["code"]
    assert (await clerk.post(f"{home(shop)}/api/v1/gift-cards", json=new)).status_code == 403
    at = f"{home(shop)}/api/v1/tills/{shop.till}/value/check"
    [card] = (await clerk.post(at, json={"code": code})).json()["items"]
    assert (card["kind"], card["spendable"], card["last_four"]) == ("gift_card", 5000, code[-4:])
    anna = await a_customer(shop)
    assert (await clerk.post(at, json={"customer": str(anna)})).json()["items"] == []
    credit = await shop.db.run(shop.scope, account_of, anna, STORE_CREDIT)
    [account] = (await clerk.post(at, json={"customer": str(anna)})).json()["items"]
    assert (account["id"], account["spendable"]) == (str(credit), 0)
    await shop.db.run(shop.scope, redeem, Use(credit, 1, new_id()), partial=True)
    viewer = await site.member(shop, "viewer")
    assert (await viewer.post(at, json={"code": code})).status_code == 403
    other = await open_shop(shop.db)
    stranger = await site.member(other)
    foreign = await stranger.post(f"{home(other)}/api/v1/tills/{other.till}/value/check", json={"code": code})
    assert foreign.status_code == 404


async def test_a_till_is_told_what_a_customer_may_owe_before_they_ever_did(site: Site, shop: Shop) -> None:
    clerk, at = await site.member(shop, "clerk"), f"{home(shop)}/api/v1/tills/{shop.till}/value/check"
    anna = await a_customer(shop, credit_limit_minor=10_000)
    await shop.db.run(shop.scope, account_of, anna, STORE_CREDIT)
    [_credit, account] = (await clerk.post(at, json={"customer": str(anna)})).json()["items"]
    assert (account["kind"], account["balance"], account["spendable"]) == ("account", 0, 10_000)
    await shop.db.run(shop.scope, redeem, Use(UUID(account["id"]), 4_000, new_id()))
    [_credit, again] = (await clerk.post(at, json={"customer": str(anna)})).json()["items"]
    assert (again["id"], again["spendable"]) == (account["id"], 6_000)
    assert (await clerk.post(at, json={"customer": str(new_id())})).json()["items"] == []


async def test_codes_are_not_guessed_by_trying(site: Site, shop: Shop) -> None:
    clerk = await site.member(shop, "clerk")
    at = f"{home(shop)}/api/v1/tills/{shop.till}/value/check"
    answers = [(await clerk.post(at, json={"code": f"90000000000000{n:02d}"})).status_code for n in range(31)]
    assert answers[:30] == [404] * 30
    assert answers[30] == 429
