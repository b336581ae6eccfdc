"""Sales on hold as the fake till server keeps them: its till puts them aside by its journal, others by a test."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.fake_till_http import problem
from tests.support.fake_till_shop import SLUG, STORE, TILL, now

ANNA = "c"
LENA = "0199a000-0000-7000-8000-0000000000c1"
_ON_FILE = {LENA: "Lena Marsh"}


class HasHeld(Protocol):
    """Keeps what is on hold by its id, and tells every socket."""

    held: dict[str, dict[str, Any]]
    held_after: float

    def push(self, topic: str, type: str, data: dict[str, Any]) -> None:
        """Tell it."""


def note(fake: HasHeld, record: dict[str, Any], owner: dict[str, Any]) -> None:
    """Let a record of the journal have its effect on what is on hold."""
    payload = json.loads(record["payload"])
    if record["kind"] == "sale_held":
        for one in fake.held.values():
            one["ended"] = one.get("basket") == payload["id"] or one.get("ended")
        fake.held[payload["id"]] = row(payload, owner, {"id": TILL, "code": "T1"})
    elif record["kind"] == "sale_recalled" and payload["held"] in fake.held:
        fake.held[payload["held"]] |= {"by": TILL, "basket": payload["held"]}
    elif record["kind"] in {"sale", "sale_voided"}:
        gone = payload.get("basket", payload["id"])
        for id, one in fake.held.items():
            one["ended"] = one["ended"] or gone in {id, one["basket"]}


def row(payload: dict[str, Any], owner: dict[str, Any], till: dict[str, Any]) -> dict[str, Any]:
    return {"payload": payload, "owner": owner, "till": till, "at": now(), "by": None, "basket": None, "ended": False,
            "customer_name": _ON_FILE.get(payload.get("customer", ""), "")}  # fmt: skip


def hold_elsewhere(
    fake: HasHeld, lines: list[dict[str, Any]], total: int, *, owner: str = "Ben", note: str = "", **more: Any
) -> str:
    """Put a sale aside at another till of the store; give its id."""
    id = str(uuid.uuid4())
    payload = {"id": id, "lines": lines, "discount": None, "coupons": [], "items": len(lines), "total": total,
               "note": note, **more}  # fmt: skip
    fake.held[id] = row(payload, {"id": str(uuid.uuid4()), "name": owner}, {"id": str(uuid.uuid4()), "code": "T2"})
    fake.push(f"held:{STORE}", "held.changed", {"store": STORE})
    return id


def take_elsewhere(fake: HasHeld, id: str, *, quiet: bool = False) -> None:
    """Have another till recall it; `quiet` tells nobody before somebody wants it, as where a message is on its way."""
    fake.held[id] |= {"by": "another", "basket": str(uuid.uuid4()), "quiet": quiet}
    if not quiet:
        fake.push(f"held:{STORE}", "held.changed", {"store": STORE})


def told(id: str, one: dict[str, Any]) -> dict[str, Any]:
    payload = one["payload"]
    return {
        "id": id, "owner": one["owner"], "till": one["till"], "held_at": one["at"], "items": payload["items"],
        "total": payload["total"], "names": [line["name"] for line in payload["lines"][:3]],
        "unfinished": one["by"] == TILL, "basket": one["basket"], "note": payload.get("note", ""),
        **{name: one[name] for name in ("customer_name",) if name in one},  # a server of before has none
    }  # fmt: skip


def is_there(one: dict[str, Any]) -> bool:
    return not one["ended"] and one["by"] in {None, TILL}


def routes(fake: HasHeld) -> list[Route]:
    async def listed(request: Request) -> Response:
        await asyncio.sleep(fake.held_after)
        there = {id: one for id, one in fake.held.items() if is_there(one) or one.get("quiet")}
        return JSONResponse({"items": [told(id, one) for id, one in there.items()]})

    async def recalled(request: Request) -> Response:
        body, one = await request.json(), fake.held.get(request.path_params["held"])
        if one is None or not is_there(one):
            (one or {}).pop("quiet", None)
            return problem(409, {"code": "held_gone", "detail": "Ben went on with this sale at T2."})
        if one["owner"]["id"] != ANNA and not body["take_over"]:
            return problem(409, {"code": "held_by_another", "detail": "Take it over."})
        one |= {"by": TILL, "basket": body["as_basket"]}
        kept = {
            name: one["payload"].get(name)
            for name in ("lines", "discount", "coupons", "customer", "position", "age", "note")
        }
        basket = {name: value for name, value in kept.items() if value is not None or name == "discount"}
        return JSONResponse({"id": body["as_basket"], "basket": basket})

    api = f"/t/{SLUG}/api/v1/tills/{{till}}/held"
    return [Route(api, listed), Route(f"{api}/{{held}}/recalls", recalled, methods=["POST"])]
