"""Returns at the fake till server: receipts are found, goods are promised, a return that arrives is checked."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.fake_till_http import problem


class HasReturns(Protocol):
    """Knows its sales and returns, and notes what is wrong in `faults`."""

    faults: list[str]
    elsewhere: list[dict[str, Any]]
    promises: dict[str, dict[str, Any]]

    @property
    def sales(self) -> list[dict[str, Any]]: ...

    @property
    def products(self) -> list[Any]: ...

    def of_kind(self, kind: str) -> list[dict[str, Any]]: ...


def milli(text: str) -> int:
    return round(float(text) * 1000)


def came_back(fake: HasReturns, sale: str, line: str) -> int:
    """Tell how much of a line is back, in thousandths."""
    return sum(
        milli(one["quantity"])
        for made in fake.of_kind("goods_returned")
        if made["sale"] == sale
        for one in made["lines"]
        if one["id"] == line
    )


def promised(fake: HasReturns, sale: str, line: str) -> int:
    """Tell how much of a line is promised, in thousandths."""
    return sum(one["lines"].get(line, 0) for one in fake.promises.values() if one["sale"] == sale)


def returned(fake: HasReturns, sale: str, line: str) -> int:
    """Tell how much of a line is back or promised, in thousandths."""
    return came_back(fake, sale, line) + promised(fake, sale, line)


def begun(fake: HasReturns, sale: str) -> list[dict[str, Any]]:
    """Give what is promised of a sale as the product tells it; `elsewhere` marks another till's."""
    return [
        {"id": id, "till": "T1" if one.get("elsewhere") else "T2", "cashier": "Marta Ruiz",
         "own": not one.get("elsewhere"), "until": "2099-01-01T00:00:00Z",
         "lines": {line: f"{milli / 1000:g}" for line, milli in one["lines"].items()}}
        for id, one in fake.promises.items() if one["sale"] == sale
    ]  # fmt: skip


def named(fake: HasReturns, sale: dict[str, Any], product: str) -> dict[str, list[str]]:
    """Give the lots and numbers of an article that a sale named, less the numbers that are back."""
    same = [one for one in sale["lines"] if one["product"] == product]
    back = [
        number
        for made in fake.of_kind("goods_returned")
        if made["sale"] == sale["id"]
        for one in made["lines"]
        for number in one.get("serials") or ()
    ]
    lots = list(dict.fromkeys(one["lot"] for one in same if one.get("lot")))
    serials = [number for one in same for number in one.get("serials") or ()]
    left = [number for number in serials if number not in back]
    return ({"lots": lots} if lots else {}) | ({"serials": left} if serials else {})


def receipt(fake: HasReturns, sale: dict[str, Any]) -> dict[str, Any]:
    """Write a sale as the product does for a till; prices include a tax of 7 %."""
    lines = []
    for one in sale["lines"]:
        ware = next((two for two in fake.products if two.id == one["product"]), None)
        amount = round(milli(one["quantity"]) * one["unit_price"] / 1000)
        charged = amount - one["discount"]
        lines.append(
            {
                "id": one["id"],
                "product": one["product"],
                "name": ware.name if ware else one.get("name", "?"),
                "unit": ware.unit if ware else "",
                "decimals": ware.decimals if ware else 0,
                "quantity": one["quantity"],
                "returned": f"{came_back(fake, sale['id'], one['id']) / 1000:g}",
                "promised": f"{promised(fake, sale['id'], one['id']) / 1000:g}",
                "unit_price": one["unit_price"],
                "amount": amount,
                "discount": one["discount"],
                "tax": charged - round(charged / 1.07),
                "rate_micros": 70_000,
                "tax_code": "reduced",
                "parent": None,
                **named(fake, sale, one["product"]),
            }
        )
    return {
        "id": sale["id"], "label": f"T2-{sale['number']:06d}", "at": sale["occurred_at"],
        "cashier": sale.get("cashier", "c"), "customer": sale["customer"],
        "currency": "EUR", "prices_include_tax": True, "total": sale["total"], "lines": lines, "returned_total": 0,
        "promises": begun(fake, sale["id"]),
        "tenders": [{**one, "amount": one["amount"] - one["change"], "back": 0} for one in sale["tenders"]],
    }  # fmt: skip


def return_routes(fake: HasReturns, api: str) -> list[Route]:
    """Give the routes that a till asks about returns."""

    async def receipts(request: Request) -> Response:
        asked = request.query_params
        wanted = asked.get("number", "").upper().removeprefix("T2-").lstrip("0")
        found = [
            one
            for one in [*fake.sales, *fake.elsewhere]
            if (wanted and str(one["number"]) == wanted)
            or one["id"] == asked.get("sale")
            or (asked.get("card") and any(two.get("reference", "").endswith(asked["card"]) for two in one["tenders"]))
        ]
        return JSONResponse({"items": [receipt(fake, one) for one in found]})

    async def promise(request: Request) -> Response:
        body, id = await request.json(), request.path_params["id"]
        fake.promises.pop(id, None)
        sale = next((one for one in [*fake.sales, *fake.elsewhere] if one["id"] == body["sale"]), None)
        if sale is None:
            return problem(404, {"code": "not_found", "detail": "No such sale."})
        for line in sale["lines"]:
            left = milli(line["quantity"]) - returned(fake, sale["id"], line["id"])
            if body["lines"].get(line["id"], 0) > left:
                return problem(409, {"code": "over_return", "detail": "Somebody at till T1 is taking this back now."})
        fake.promises[id] = body
        return JSONResponse({"until": "2099-01-01T00:00:00Z", "next": len(fake.of_kind("goods_returned")) + 1})

    async def withdraw(request: Request) -> Response:
        fake.promises.pop(request.path_params["id"], None)
        return JSONResponse({"id": request.path_params["id"]})

    return [
        Route(f"{api}/tills/{{till}}/receipts", receipts),
        Route(f"{api}/tills/{{till}}/returns/{{id}}/promise", promise, methods=["PUT"]),
        Route(f"{api}/tills/{{till}}/returns/{{id}}/withdrawal", withdraw, methods=["POST"]),
    ]


def check_return(fake: HasReturns, back: dict[str, Any]) -> list[str]:
    """Say what is wrong with a return that arrives: its number, its money, more than was sold."""
    faults = []
    fake.promises.pop(back["id"], None)
    known = [one["number"] for one in fake.of_kind("goods_returned")]
    if back["number"] != max(known, default=0) + 1:
        faults.append(f"return {back['number']} after {known[-3:]}")
    paid = sum(tender["amount"] for tender in back["tenders"])
    if paid != back["total"] - back.get("cash_rounding", 0):
        faults.append(f"paid back {paid} of {back['total']}")
    if not back["reason"]:
        faults.append("a return without a reason")
    sale = next((one for one in [*fake.sales, *fake.elsewhere] if one["id"] == back["sale"]), None)
    for line in sale["lines"] if sale else []:
        mine = sum(milli(one["quantity"]) for one in back["lines"] if one["id"] == line["id"])
        if mine and returned(fake, sale["id"] if sale else "", line["id"]) + mine > milli(line["quantity"]):
            faults.append(f"more of {line['id']} than was sold")
    return faults


def exchanges(fake: HasReturns) -> list[tuple[int, int]]:
    """Give what each exchange is worth in the return and in the sale that goes with it."""
    worth = {one["id"]: sum(t["amount"] for t in one["tenders"] if t["type"] == "exchange") for one in fake.sales}
    return [
        (sum(t["amount"] for t in one["tenders"] if t["type"] == "exchange"), worth.get(one["exchange"], 0))
        for one in fake.of_kind("goods_returned")
        if one.get("exchange")
    ]
