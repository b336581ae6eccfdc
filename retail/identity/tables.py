"""Piccolo's view of memberships and API tokens. People and sessions are only reached through auth functions."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Membership(Table, tablename="membership"):
    """Somebody's place in a business; one row per person, ended rather than deleted."""

    tenant_id = columns.uuid(primary_key=True)
    id = columns.uuid()
    person_id = columns.uuid()
    name = columns.text()
    email = columns.text()
    role = columns.text()
    created_at = columns.moment()
    ended_at = columns.moment(null=True)


class ApiToken(Table, tablename="api_token"):
    """A program's way in; only the SHA-256 of the secret is kept."""

    tenant_id = columns.uuid(primary_key=True)
    id = columns.uuid()
    token_hash = columns.binary()
    name = columns.text()
    kind = columns.text()
    family_id = columns.uuid()
    role = columns.text()
    person_id = columns.uuid(null=True)
    till_id = columns.uuid(null=True)
    created_at = columns.moment()
    expires_at = columns.moment()
    used_at = columns.moment(null=True)
    revoked_at = columns.moment(null=True)
