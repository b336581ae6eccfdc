"""Kept goods as the fake till server has them: it keeps what tills ask for, and hears of the money by the journal."""

from __future__ import annotations

import json
import uuid
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.fake_till_held import LENA
from tests.support.fake_till_http import problem
from tests.support.fake_till_shop import SLUG, now

_NAMES = {LENA: "Lena Marsh"}
_PAGE = 3


class HasLayaways(Protocol):
    """Keeps goods by their id, and says how the business does."""

    layaways: dict[str, dict[str, Any]]
    layaway_terms: dict[str, int]
    none_left: str
    faults: list[str]


def kept(fake: HasLayaways, one: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """Tell of one as the server does."""
    total, paid, terms = one["total"], one["paid"], fake.layaway_terms
    lines = one["basket"]["lines"]
    told = {
        "id": one["id"], "number": one["number"], "state": one["state"], "until": one["until"],
        "customer": {"id": one["customer"], "name": _NAMES.get(one["customer"], "Somebody")},
        "overdue": one["overdue"], "total": total, "paid": paid, "due": total - paid,
        "least": (total * terms["percent_least"] + 50) // 100, "fee": (paid * terms["percent_fee"] + 50) // 100,
        "note": one.get("note", ""), "created_at": one["at"], "lines": len(lines),
        "what": ", ".join(f"{line['quantity'] // 1000} \N{MULTIPLICATION SIGN} {line['name']}" for line in lines),
    }  # fmt: skip
    return told | ({"basket": one["basket"], "payments": one["payments"]} if whole else {})


def keep_elsewhere(fake: HasLayaways, lines: list[dict[str, Any]], *, paid: int = 0, **more: Any) -> str:
    """Have another till keep these lines for Lena; give their id."""
    id = str(uuid.uuid4())
    total = sum(line["quantity"] * line["price"] // 1000 for line in lines)
    basket = {"id": str(uuid.uuid4()), "lines": lines, "discount": None, "coupons": [], "customer": LENA}
    fake.layaways[id] = {
        "id": id, "number": f"L-{len(fake.layaways) + 1}", "state": "open", "basket": basket, "customer": LENA,
        "until": "2099-12-24", "total": total, "paid": paid, "overdue": False, "at": now(),
        "payments": [{"at": now(), "amount": paid}] if paid else [], **more,
    }  # fmt: skip
    return id


def note(fake: HasLayaways, record: dict[str, Any]) -> None:
    """Let a record of the journal have its effect on what is kept."""
    sale = json.loads(record["payload"]) if record["kind"] == "sale" else {}
    one = fake.layaways.get(sale.get("layaway") or "")
    if one is None:
        return
    if sale.get("kind") != "payment":
        _hand_over(fake, one, sale)
    elif sale.get("cancels"):
        if sale["total"] != sale["fee"] - one["paid"]:
            fake.faults.append(f"{sale['total']} goes back of {one['paid']} less {sale['fee']}")
        one["state"] = "cancelled"
    else:
        if sale["lines"] or sale["total"] <= 0:
            fake.faults.append(f"a payment of {sale['total']} with {len(sale['lines'])} lines")
        one["paid"] += sale["total"]
        one["payments"].append({"at": sale["occurred_at"], "amount": sale["total"]})


def _hand_over(fake: HasLayaways, one: dict[str, Any], sale: dict[str, Any]) -> None:
    sold = {line["id"]: (line["product"], float(line["quantity"]) * 1000, line["unit_price"]) for line in sale["lines"]}
    for line in one["basket"]["lines"]:
        if sold.get(line["id"]) != (line["product"] or None, line["quantity"], line["price"]):
            fake.faults.append(f"{line['name']} was kept otherwise than it was handed over")
    down = sum(tender["amount"] for tender in sale["tenders"] if tender["type"] == "down_payment")
    if down != one["paid"]:
        fake.faults.append(f"{down} was paid down, not {one['paid']}")
    one["state"] = "fetched"


def _check(fake: HasLayaways, body: dict[str, Any]) -> None:
    lines = body["basket"]["lines"]
    worth = sum((line["quantity"] * line["price"] + 500) // 1000 - line["off"] for line in lines)
    own = [(line["discount"] or {"value": 0})["value"] for line in lines]
    if body["basket"]["discount"] or own != [line["off"] for line in lines]:
        fake.faults.append("a discount that isn't its line's")
    if worth != body["total"]:
        fake.faults.append(f"{body['total']} for goods of {worth}")
    if any("offers" in line for line in lines):
        fake.faults.append("an offer that isn't an amount")


def routes(fake: HasLayaways) -> list[Route]:
    """Give the routes that a till asks about kept goods."""

    async def terms(request: Request) -> Response:
        return JSONResponse(fake.layaway_terms)

    async def listed(request: Request) -> Response:
        q, at = request.query_params.get("q", "").lower(), int(request.query_params.get("cursor", "0"))
        told = [kept(fake, one) for one in fake.layaways.values() if one["state"] == "open"]
        fits = [one for one in told if q in f"{one['number']} {one['customer']['name']} {one['what']}".lower()]
        fits.sort(key=lambda one: not one["overdue"])
        following = str(at + _PAGE) if at + _PAGE < len(fits) else None
        return JSONResponse({"items": fits[at : at + _PAGE], "next": following})

    async def added(request: Request) -> Response:
        body = await request.json()
        if body["id"] in fake.layaways:
            return JSONResponse({"layaway": kept(fake, fake.layaways[body["id"]])})
        if fake.none_left:
            return problem(409, {"code": "not_available", "detail": fake.none_left})
        _check(fake, body)
        fake.layaways[body["id"]] = {
            **body, "number": f"L-{len(fake.layaways) + 1}", "state": "open", "paid": 0, "overdue": False, "at": now(),
            "payments": [],
        }  # fmt: skip
        return JSONResponse({"layaway": kept(fake, fake.layaways[body["id"]])}, 201)

    async def shown(request: Request) -> Response:
        one = fake.layaways.get(request.path_params["id"])
        if one is None:
            return problem(404, {"code": "not_found", "detail": "Nothing is kept under this number."})
        return JSONResponse({"layaway": kept(fake, one, whole=True)})

    api = f"/t/{SLUG}/api/v1/tills/{{till}}/layaways"
    return [
        Route(api, listed),
        Route(api, added, methods=["POST"]),
        Route(f"{api}/terms", terms),
        Route(f"{api}/{{id}}", shown),
    ]
