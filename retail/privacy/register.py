"""Where personal data stands and what erasure does with it; docs/security/personal_data.yml says why it is kept.

A test compares both with each other and with the database's own catalogue. Ledgers keep their rows and ids: only the
name in them is replaced, by a database function that may write just these columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

How = Literal["by_id", "named", "mailed", "json", "mailed_json", "text", "null"]


@dataclass(frozen=True, slots=True)
class Place:
    """One column that may hold personal data of a person.

    by_id: the row says whose it is by the id in `finder`. named, mailed: the column itself is a person's name or
    address. json, text: their name or address may stand in it; mailed_json: their address alone, for a name there is
    the business's. null: the id itself is let go.
    """

    table: str
    column: str
    how: How
    finder: str = ""


def _by(table: str, finder: str, *columns: str) -> tuple[Place, ...]:
    return tuple(Place(table, column, "by_id", finder) for column in columns)


PLACES: Final[tuple[Place, ...]] = (
    *_by("sale", "cashier_id", "cashier_name"),
    *_by("voided", "cashier_id", "cashier_name"),
    *_by("held_sale", "owner_id", "owner_name"),
    *_by("held_sale", "recalled_by", "recalled_by_name"),
    *_by("layaway", "created_by", "created_by_name"),
    *_by("payment_attempt", "cashier_id", "cashier_name"),
    *_by("cash_move", "actor_id", "actor_name"),
    *_by("cash_count", "actor_id", "actor_name"),
    *_by("variance_acceptance", "actor_id", "actor_name"),
    *_by("risk_verdict", "actor_id", "actor_name"),
    *_by("unusual_verdict", "actor_id", "actor_name"),
    *_by("drawer_event", "actor_id", "actor_name"),
    *_by("thread", "created_by", "created_by_name"),
    *_by("thread_message", "author_id", "author_name"),
    *_by("shift_note", "author_id", "author_name"),
    *_by("till_layout_version", "actor_id", "actor_name"),
    *_by("shift", "opened_by", "opened_by_name"),
    *_by("z_report", "closed_by", "closed_by_name"),
    *_by("till_closing", "closed_by", "closed_by_name"),
    *_by("tenant_closing", "asked_by", "asked_by_name"),
    *_by("setting_change", "changed_by", "actor_name"),
    *_by("price_batch", "actor_id", "actor_name"),
    *_by("price_change", "actor_id", "actor_name"),
    *_by("approval", "asked_by", "asked_by_name"),
    *_by("import_run", "asked_by", "asked_by_name"),
    *_by("export_run", "asked_by", "asked_by_name"),
    *_by("approval", "decided_by", "decided_by_name"),
    *_by("role_grant", "given_by", "given_by_name"),
    *_by("billing_payment", "noted_by", "noted_name"),
    *_by("factor_reset", "person_id", "person_name"),
    *_by("factor_reset", "asked_by", "asked_by_name"),
    *_by("factor_reset", "confirmed_by", "confirmed_by_name"),
    *_by("invitation", "invited_by", "inviter_name"),
    *_by("api_token", "person_id", "name"),
    Place("invitation", "email", "mailed"),
    Place("invitation", "withdrawn_by_name", "named"),
    Place("stock_move", "actor_name", "named"),
    Place("stock_revaluation", "actor_name", "named"),
    Place("stock_count", "started_by_name", "named"),
    Place("stock_count", "finished_by_name", "named"),
    *_by("stock_count_entry", "actor_id", "actor_name"),
    Place("waste", "actor_name", "named"),
    Place("place_move", "actor_name", "named"),
    Place("lot_move", "actor_name", "named"),
    Place("serial_event", "actor_name", "named"),
    Place("transfer_event", "actor_name", "named"),
    Place("bulk_change", "actor_name", "named"),
    Place("reservation", "created_by", "named"),
    Place("layaway", "ended_by_name", "named"),
    Place("badge", "issued_by", "named"),
    Place("pin", "set_by", "named"),
    Place("device", "enrolled_by", "named"),
    Place("device", "revoked_by", "named"),
    Place("device_enrolment", "made_by", "named"),
    Place("role_grant", "revoked_by_name", "named"),
    Place("factor_reset", "refused_by_name", "named"),
    Place("sync_exception", "resolved_by", "named"),
    Place("price_batch", "undone_by", "named"),
    Place("tenant_closing", "reopened_by_name", "named"),
    Place("tenant_export", "asked_by_name", "named"),
    Place("till_claim", "claimed_by", "named"),
    Place("idempotency_key", "answer", "json"),
    Place("till_journal", "answer", "json"),
    Place("notice", "facts", "json"),
    Place("live_message", "facts", "json"),
    Place("outbox", "body", "json"),
    Place("job", "args", "json"),
    Place("sync_exception", "facts", "json"),
    Place("z_report", "report", "json"),
    Place("z_supplement", "report", "json"),
    Place("shift_rollup", "takings", "json"),
    Place("approval", "facts", "json"),
    Place("export_run", "asked", "json"),
    Place("setting_change", "before", "mailed_json"),
    Place("setting_change", "after", "mailed_json"),
    Place("cash_move", "reason", "text"),
    Place("drawer_event", "reason", "text"),
    Place("thread", "subject", "text"),
    Place("thread_message", "body", "text"),
    Place("thread_file", "name", "text"),
    Place("shift_note", "body", "text"),
    Place("risk_verdict", "note", "text"),
    Place("unusual_verdict", "note", "text"),
    Place("variance_acceptance", "note", "text"),
    Place("variance_acceptance", "sentence", "text"),
    Place("stock_move", "reason", "text"),
    Place("stock_revaluation", "reason", "text"),
    Place("stock_count", "name", "text"),
    Place("waste", "note", "text"),
    Place("place_move", "reason", "text"),
    Place("lot_move", "reason", "text"),
    Place("serial_event", "reason", "text"),
    Place("transfer_event", "reason", "text"),
    Place("transfer", "note", "text"),
    *(Place("supplier", name, "text") for name in ("name", "email", "phone", "address", "payment_terms", "notes")),
    *(Place("customer", name, "text") for name in ("name", "email", "note")),
    Place("value_move", "actor_name", "named"),
    Place("value_move", "reason", "text"),
    Place("report", "name", "text"),
    Place("report", "query", "text"),
    Place("saved_view", "name", "text"),
    Place("saved_view", "query", "text"),
    Place("reservation", "note", "text"),
    Place("price_batch", "reason", "text"),
    Place("price_change", "reason", "text"),
    Place("tax_exemption", "reason", "text"),
    Place("held_sale", "basket", "json"),
    Place("layaway", "basket", "json"),
    Place("layaway", "note", "text"),
    Place("voided", "reason", "text"),
    Place("return_note", "reason", "text"),
    Place("sale_line", "note", "text"),
    Place("approval", "reason", "text"),
    Place("approval", "answer", "text"),
    Place("role_grant", "reason", "text"),
    Place("factor_reset", "reason", "text"),
    Place("sync_exception", "resolution", "text"),
    Place("journal_entry", "memo", "text"),
    Place("till_closing", "reason", "text"),
    Place("tenant_closing", "reason", "text"),
    Place("tenant_closing", "reopen_reason", "text"),
    Place("till_claim", "label", "text"),
    Place("device", "name", "text"),
    Place("device_enrolment", "name", "text"),
    Place("device_session", "person_id", "null", "person_id"),
)
"""Every place of a business, but the two that are written last: audit_event, and the membership itself."""

TALK: Final = frozenset({"thread", "thread_message", "thread_file", "shift_note"})
"""Where people write to each other: erasure looks through all of it, an export holds what its person wrote alone."""

REMOVED: Final[dict[str, str]] = {
    "pin": "person_id",
    "pin_tries": "person_id",
    "badge": "person_id",
    "oidc_identity": "person_id",
    "notification_choice": "person_id",
    "notification_habit": "person_id",
    "push_subscription": "person_id",
}
"""Tables of a business whose rows of the person go altogether, by the column that says whose they are."""

ACCOUNT: Final = frozenset(
    {
        "person", "session", "sign_in_event", "sign_in_attempt", "known_browser", "passkey", "totp", "recovery_code",
        "password_reset", "mail", "sign_up",
    }
)  # fmt: skip
"""Tables of the account itself, outside of any business; emptied when the last business has let the person go."""

# A customer on file is all the rows that were merged into one, and who else is known by the number of their cards.
_ON_FILE: Final = (
    "SELECT c.{column} FROM customer c WHERE c.tenant_id = $1 AND (c.id::text = $2 OR c.merged_into::text = $2)"
)
_EXEMPT: Final = (
    f"s.customer_ref = $2 OR s.customer_ref IN ({_ON_FILE.format(column='id::text')})"
    f" OR s.customer_ref IN ({_ON_FILE.format(column='member_card')})"
)
_OF_VALUE: Final = f"WHERE s.tenant_id = $1 AND s.customer_id IN ({_ON_FILE.format(column='id')})"
_OF_SALE: Final = "JOIN sale s ON s.tenant_id = t.tenant_id AND s.id = t.sale_id WHERE s.tenant_id = $1 AND ({who})"
CUSTOMER: Final[tuple[tuple[str, str], ...]] = (
    ("sale", "SELECT s.* FROM sale s WHERE s.tenant_id = $1 AND ({who})"),
    ("sale_line", f"SELECT t.* FROM sale_line t {_OF_SALE}"),  # noqa: S608 - a constant
    ("tender", f"SELECT t.* FROM tender t {_OF_SALE}"),  # noqa: S608 - a constant
    ("customer", f"{_ON_FILE.format(column='*')}"),
    ("tax_exemption", f"SELECT s.* FROM tax_exemption s WHERE s.tenant_id = $1 AND ({_EXEMPT})"),  # noqa: S608 - a constant
    ("value_account", f"SELECT s.* FROM value_account s {_OF_VALUE}"),  # noqa: S608 - a constant
    (
        "value_move",
        f"""SELECT m.* FROM value_move m JOIN value_account s ON s.tenant_id = m.tenant_id AND s.id = m.account_id
            {_OF_VALUE}""",  # noqa: S608 - a constant
    ),
    ("layaway", f"SELECT s.* FROM layaway s {_OF_VALUE}"),  # noqa: S608 - a constant
    ("customer_standing", f"SELECT s.* FROM customer_standing s {_OF_VALUE}"),  # noqa: S608 - a constant
    ("segment_move", f"SELECT s.* FROM segment_move s {_OF_VALUE}"),  # noqa: S608 - a constant
    ("consent", "SELECT s.* FROM consent s WHERE s.tenant_id = $1 AND s.subject_kind = 'customer' AND s.subject = $2"),
)
"""What is kept of a customer, found by the reference that sales carry ($2)."""
OF_CUSTOMER: Final = (
    "s.customer_ref = $2 OR s.customer_id::text = $2"
    f" OR s.customer_id IN ({_ON_FILE.format(column='id')})"
    f" OR s.customer_ref IN ({_ON_FILE.format(column='member_card')})"
)
