"""A sale on hold names its customer at every till, as the customers' file has them today."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from retail.customers.operations import add_customer, change_customer, merge_customers
from retail.customers.rules import Customer
from retail.identity.permissions import ROLES, VIEW_CUSTOMERS
from retail.kit.ids import new_id
from retail.privacy import on_file as forgetting
from retail.runtime.tenancy import Actor, Scope
from retail.sales.held import waiting
from retail.sales.held_api import told
from tests.support.device import Device
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def first(shop: Shop) -> Device:
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    return device


async def hold(device: Device, **more: Any) -> None:
    """Put a loaf aside at a till."""
    loaf = device.shop.products[0]
    line = {
        "id": str(new_id()), "product": str(loaf.id), "name": loaf.name, "unit": "each", "decimals": 0,
        "quantity": 1000, "price": 420, "taxCode": "R", "taxRate": 70_000, "discount": None,
    }  # fmt: skip
    device.write("sale_held", {"id": str(new_id()), "lines": [line], "items": 1, "total": 420} | more)
    await device.deliver()


async def names(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.customer_name for one in await waiting(read, shop.second_till)]


async def on_file(shop: Shop, name: str) -> UUID:
    return (await shop.db.run(shop.scope, add_customer, new_id(), Customer(name))).id


async def test_its_customer_is_named_as_they_are_called_today_and_not_once_they_are_erased(
    shop: Shop, first: Device
) -> None:
    lena, twin = await on_file(shop, "Lena Marsh"), await on_file(shop, "L. Marsh")
    await hold(first, customer=str(lena))
    assert await names(shop) == ["Lena Marsh"]
    await shop.db.run(shop.scope, change_customer, lena, Customer("Lena Marsh-Ott"))
    await hold(first, customer=str(twin))
    await shop.db.run(shop.scope, merge_customers, twin, lena)
    await hold(first, customer=str(new_id()))  # of nobody on file
    await hold(first)  # as every one was before
    called = await names(shop)
    assert called == ["Lena Marsh-Ott", "Lena Marsh-Ott", "", ""]
    async with shop.db.read(shop.scope) as read:
        baskets = await read.fetch("SELECT basket::text AS of FROM held_sale WHERE tenant_id = $1", read.tenant)
        filed = await forgetting.on_file(read, str(lena))
    assert "Marsh" not in "".join(row["of"] for row in baskets)
    await shop.db.run(shop.scope, forgetting.forget_on_file, filed, "erased-0001")
    assert await names(shop) == ["", "", "", ""]


async def test_whoever_may_not_look_customers_up_is_told_no_name(site: Site, shop: Shop, first: Device) -> None:
    await hold(first, customer=str(await on_file(shop, "Lena Marsh")))
    path = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.second_till}/held"
    rows = (await (await site.member(shop)).get(path)).json()["items"]
    assert [one["customer_name"] for one in rows] == ["Lena Marsh"]
    ben = Scope(shop.scope.tenant, Actor("person", new_id(), "Ben"), ROLES["clerk"] - {VIEW_CUSTOMERS}, "clerk")
    async with shop.db.read(ben) as read:
        found = await waiting(read, shop.second_till)
    assert "Marsh" not in str([told(one, ben) for one in found])
