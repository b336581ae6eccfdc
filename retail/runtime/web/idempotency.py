"""Requests that may be repeated: the same Idempotency-Key with the same body gets the first answer again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.responses import json_answer, json_text

HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """What an operation answered, now or the first time."""

    body: Any
    replayed: bool

    def response(self, created: int = 201) -> Response:
        """Answer 201 (or `created`) the first time, 200 on a repeat."""
        return json_answer(self.body, 200 if self.replayed else created)


async def idempotent(
    request: Request,
    tx: Tx,
    operation: str,
    make: Callable[[], Awaitable[object]],
    *,
    key: str | None = None,
    digest: bytes | None = None,
) -> Answered:
    """Run `make` once per key, in the caller's own transaction; store its answer with what it wrote.

    The key is the request's Idempotency-Key unless given; without any, `make` just runs. Two requests with one key
    wait for each other (an advisory lock until commit). Raises IdempotencyConflict where the key came before with
    another operation or body, Invalid for a key over 200 characters. `digest` stands for a body that is too long to
    be read into memory.
    """
    wanted = key if key is not None else request.headers.get(HEADER)
    if not wanted:
        return Answered(await make(), replayed=False)
    if len(wanted) > _LONGEST or not wanted.isprintable():
        raise Invalid({HEADER: [_("The key must be 1 to 200 printable characters.")]})
    if digest is None:
        digest = hashlib.sha256(await request.body()).digest()
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{tx.tenant}:{wanted}")
    row = await tx.fetchrow(
        "SELECT operation, body_hash, answer FROM idempotency_key WHERE tenant_id = $1 AND key = $2", tx.tenant, wanted
    )
    if row is not None:
        if row["operation"] != operation or row["body_hash"] != digest:
            raise IdempotencyConflict
        return Answered(json.loads(row["answer"]), replayed=True)
    answer = await make()
    await tx.execute(
        """INSERT INTO idempotency_key (tenant_id, key, operation, body_hash, answer, created_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        tx.tenant,
        wanted,
        operation,
        digest,
        json_text(answer),
        tx.now,
    )
    return Answered(answer, replayed=False)
