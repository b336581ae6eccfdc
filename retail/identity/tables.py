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
    everywhere = columns.boolean()
    disabled_by = columns.text(null=True)


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


class RoleRow(Table, tablename="role"):
    """A role of a business; deleted ones stay for the history that names them."""

    tenant_id = columns.uuid(primary_key=True)
    key = columns.text()
    name = columns.text()
    template = columns.boolean()
    version = columns.whole()
    created_at = columns.moment()
    deleted_at = columns.moment(null=True)


class RoleRight(Table, tablename="role_right"):
    """What a role may do; what isn't there is denied."""

    tenant_id = columns.uuid(primary_key=True)
    role_key = columns.text()
    permission = columns.text()
    state = columns.text()
    limit_amount = columns.big(null=True)


class ApprovalRow(Table, tablename="approval"):
    """What somebody may do only when another one agrees: asked, answered, used once."""

    tenant_id = columns.uuid(primary_key=True)
    id = columns.uuid()
    store_id = columns.uuid()
    till_id = columns.uuid(null=True)
    permission = columns.text()
    amount = columns.big(null=True)
    limit_amount = columns.big(null=True)
    act_id = columns.uuid()
    act_hash = columns.text()
    facts = columns.json()
    reason = columns.text()
    asked_by = columns.uuid()
    asked_by_name = columns.text()
    asked_at = columns.moment()
    expires_at = columns.moment()
    state = columns.text()
    how = columns.text(null=True)
    decided_by = columns.uuid(null=True)
    decided_by_name = columns.text(null=True)
    decided_at = columns.moment(null=True)
    answer = columns.text()
    used_for = columns.uuid(null=True)
    used_at = columns.moment(null=True)
    created_at = columns.moment()


class RoleGrant(Table, tablename="role_grant"):
    """A role that a member has besides their own: for a store, for a time, or both."""

    tenant_id = columns.uuid(primary_key=True)
    id = columns.uuid()
    member_id = columns.uuid()
    role_key = columns.text()
    store_id = columns.uuid(null=True)
    starts_at = columns.moment()
    ends_at = columns.moment(null=True)
    reason = columns.text()
    given_by = columns.uuid(null=True)
    given_by_name = columns.text()
    created_at = columns.moment()
    revoked_at = columns.moment(null=True)
    revoked_by_name = columns.text(null=True)
