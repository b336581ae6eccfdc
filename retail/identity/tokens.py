"""API tokens: pairs for programs that sign in as a person, and long-lived ones for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from retail.identity.rules import ACCESS_TOKEN, REFRESH_TOKEN, SCRIPT_TOKEN, TOKEN_PREFIX, digest, new_secret
from retail.identity.sessions import Ended
from retail.identity.token_rules import family_ends
from retail.kit.ids import new_id
from retail.runtime.db import Tx, Unit


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a program gets for signing in; the only moment the secrets are known."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - its kind, not its value


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    family: UUID
    role: str
    name: str
    person: UUID | None = None
    till: UUID | None = None
    signed_in_at: datetime | None = None


async def create_token(
    tx: Tx, *, role: str, name: str, till: UUID | None = None, lives: timedelta = SCRIPT_TOKEN
) -> str:
    """Make a token for a script, bound to a role and, if named, to a till; gives the secret, once."""
    return (await store_token(tx, role, name, till=till, lives=lives))[1]


async def store_token(
    tx: Tx, role: str, name: str, *, till: UUID | None = None, lives: timedelta = SCRIPT_TOKEN
) -> tuple[UUID, str]:
    """Store a script's token; gives its id and its secret, known here this once."""
    return await _store(tx, _Row("script", new_id(), role, name, till=till), lives)


async def issue_pair(tx: Tx, person: UUID, name: str, role: str) -> TokenPair:
    """Make an access token (15 minutes) and a refresh token (30 days) of a new family for a member."""
    return await _pair(tx, _Row("access", new_id(), role, name, person))


async def renew_pair(tx: Tx, refresh_token: str) -> TokenPair | Ended | None:
    """Use up a refresh token and give the next pair of its family, which ends 30 days after its person signed in.

    Locks the token: of two renewals at once one wins, and the other is taken for a thief's. None where it is void;
    where it was used before, somebody has stolen it, and the whole family is revoked: the caller must let this
    transaction commit, and then have the processes forget what ended.
    """
    row = await tx.fetchrow(
        """SELECT k.id, k.family_id, k.person_id, k.name, k.used_at, m.role,
                  (SELECT min(o.created_at) FROM api_token o
                    WHERE o.tenant_id = k.tenant_id AND o.family_id = k.family_id) AS signed_in_at,
                  k.revoked_at IS NOT NULL OR k.expires_at <= $3 AS void
             FROM api_token k
             LEFT JOIN membership m ON m.tenant_id = k.tenant_id AND m.person_id = k.person_id AND m.ended_at IS NULL
            WHERE k.tenant_id = $1 AND k.token_hash = $2 AND k.kind = 'refresh' FOR UPDATE OF k""",
        tx.tenant,
        digest(refresh_token),
        tx.now,
    )
    if row is None or row["void"] or row["role"] is None:
        return None
    if row["used_at"] is not None:
        ended = await _revoke(tx, row["family_id"], row["person_id"])
        tx.audit("token.reused", "token", row["id"], family=row["family_id"])
        return ended
    await tx.execute("UPDATE api_token SET used_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, row["id"], tx.now)
    of_family = (row["family_id"], row["role"], row["name"], row["person_id"])
    return await _pair(tx, _Row("access", *of_family, signed_in_at=row["signed_in_at"]))


async def revoke_token(tx: Tx, secret: str) -> Ended | None:
    """Make a token and its whole family void; gives what the processes have to forget, None where there was none."""
    row = await tx.fetchrow(
        "SELECT family_id, person_id FROM api_token WHERE tenant_id = $1 AND token_hash = $2",
        tx.tenant,
        digest(secret),
    )
    if row is None:
        return None
    ended = await _revoke(tx, row["family_id"], row["person_id"])
    tx.audit("token.revoked", "token_family", row["family_id"])
    return ended


async def token_tenant(unit: Unit, secret: str) -> UUID | None:
    """Find the tenant of a token, void or not."""
    found: UUID | None = await unit.fetchval("SELECT auth_token_tenant($1)", digest(secret))
    return found


async def _pair(tx: Tx, row: _Row) -> TokenPair:
    since = row.signed_in_at or tx.now
    lives = family_ends(since, tx.now, ACCESS_TOKEN) - tx.now
    _id, access = await _store(tx, row, lives)
    of_family = _Row("refresh", row.family, row.role, row.name, row.person)
    _id, refresh = await _store(tx, of_family, family_ends(since, tx.now, REFRESH_TOKEN) - tx.now)
    return TokenPair(access, refresh, int(lives.total_seconds()))


async def _store(tx: Tx, row: _Row, lives: timedelta) -> tuple[UUID, str]:
    secret = TOKEN_PREFIX + new_secret()
    id = new_id()
    await tx.execute(
        """INSERT INTO api_token (tenant_id, id, token_hash, name, kind, family_id, role, person_id, till_id,
                                  created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        tx.tenant,
        id,
        digest(secret),
        row.name,
        row.kind,
        row.family,
        row.role,
        row.person,
        row.till,
        tx.now,
        tx.now + lives,
    )
    if row.kind != "refresh":
        tx.audit("token.made", "token", id, kind=row.kind, role=row.role, till=row.till)
    return id, secret


async def _revoke(tx: Tx, family: UUID, person: UUID | None) -> Ended:
    rows = await tx.fetch(
        """UPDATE api_token SET revoked_at = $3 WHERE tenant_id = $1 AND family_id = $2 AND revoked_at IS NULL
        RETURNING token_hash""",
        tx.tenant,
        family,
        tx.now,
    )
    return Ended(person, tokens=tuple(row["token_hash"] for row in rows))
