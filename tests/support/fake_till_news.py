"""News as the fake till server keeps them: announcements, notes for the shift and threads, and who has read them."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.fake_till_http import problem
from tests.support.fake_till_shop import SLUG, now

API = f"/t/{SLUG}/api/v1/tills/{{till}}"


class HasNews(Protocol):
    """Keeps the news, and tells every socket."""

    news: dict[str, list[dict[str, Any]]]

    def push(self, topic: str, type: str, data: dict[str, Any]) -> None:
        """Tell it."""


def empty() -> dict[str, list[dict[str, Any]]]:
    return {"announcements": [], "notes": [], "threads": [], "said": []}


def announce(fake: HasNews, title: str, body: str = "From 2 to 3 we are away.", **more: Any) -> dict[str, Any]:
    """Announce something and tell the tills."""
    made = {
        "id": str(uuid.uuid4()), "title": title, "body": body, "importance": "important", "must_confirm": True,
        "starts_at": now(), "ends_at": None, "confirmed_by": [], **more,
    }  # fmt: skip
    fake.news["announcements"].append(made)
    fake.push("news", "news.changed", {"announcement": made["id"]})
    return made


def leave_note(fake: HasNews, body: str, author: str = "Ben", at: str = "") -> dict[str, Any]:
    """Leave a note for the shift at another till."""
    made = {"id": str(uuid.uuid4()), "body": body, "author": author, "created_at": at or now()}
    fake.news["notes"].append(made)
    fake.push("news", "notes.changed", {"note": made["id"]})
    return made


def write(fake: HasNews, subject: str, body: str, author: str = "Olga") -> dict[str, Any]:
    """Begin a thread with this till."""
    made = {
        "id": str(uuid.uuid4()), "subject": subject, "last_at": now(), "unread": True,
        "last": {"author": author, "body": body},
    }  # fmt: skip
    fake.news["threads"].append(made)
    fake.news["said"].append(_said(made["id"], author, body, own=False))
    fake.push("news", "messages.changed", {"thread": made["id"]})
    return made


def _said(thread: str, author: str, body: str, *, own: bool) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "thread": thread, "author": author, "at_till": own, "body": body, "sent_at": now(),
        "files": 0,
    }  # fmt: skip


def _one(fake: HasNews, kind: str, id: str) -> dict[str, Any] | None:
    return next((one for one in fake.news[kind] if one["id"] == id), None)


def _news_routes(fake: HasNews) -> list[Route]:
    async def listed(_request: Request) -> Response:
        return JSONResponse({name: fake.news[name] for name in ("announcements", "notes", "threads")})

    async def confirmed(request: Request) -> Response:
        one = _one(fake, "announcements", request.path_params["id"])
        if one is None:
            return problem(404, {"code": "not_found", "detail": "It is gone."})
        if request.path_params["person"] not in one["confirmed_by"]:
            one["confirmed_by"].append(request.path_params["person"])
        return JSONResponse({"confirmed": True})

    async def was_read(request: Request) -> Response:
        fake.news["notes"] = [one for one in fake.news["notes"] if one["id"] != request.path_params["id"]]
        return JSONResponse({"read": True})

    async def left(request: Request) -> Response:
        body = await request.json()
        if _one(fake, "notes", body["id"]) is None:
            fake.news["notes"].append({"id": body["id"], "body": body["body"], "author": "Anna", "created_at": now()})
        return JSONResponse({"id": body["id"]}, 201)

    return [
        Route(f"{API}/news", listed),
        Route(f"{API}/announcements/{{id}}/confirmations/{{person}}", confirmed, methods=["PUT"]),
        Route(f"{API}/shift-notes/{{id}}/readings/{{person}}", was_read, methods=["PUT"]),
        Route(f"{API}/shift-notes", left, methods=["POST"]),
    ]


def routes(fake: HasNews) -> list[Route]:
    async def messages(request: Request) -> Response:
        thread = request.path_params["id"]
        if request.method == "GET":
            return JSONResponse({"items": [one for one in fake.news["said"] if one["thread"] == thread]})
        body = await request.json()
        if _one(fake, "said", body["id"]) is None:
            fake.news["said"].append(_said(thread, "Anna", body["body"], own=True) | {"id": body["id"]})
        return JSONResponse({"id": body["id"]}, 201)

    async def reading(request: Request) -> Response:
        for one in fake.news["threads"]:
            one["unread"] = one["unread"] and one["id"] != request.path_params["id"]
        return JSONResponse({"read": True})

    return [
        *_news_routes(fake),
        Route(f"{API}/threads/{{id}}/messages", messages, methods=["GET", "POST"]),
        Route(f"{API}/threads/{{id}}/reading", reading, methods=["PUT"]),
    ]
