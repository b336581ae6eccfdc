"""What is off about a sale that is stored all the same: typed, with the facts behind it and a sentence; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from retail.identity.approval_rules import said
from retail.kit.text import _
from retail.sales.remark_words import sentences

CODES: Final = (
    "price_changed",
    "unknown_product",
    "product_archived",
    "part_of_piece",
    "shift_closed",
    "unknown_shift",
    "other_shift",
    "total_mismatch",
    "tender_mismatch",
    "unknown_tender",
    "change_not_cash",
    "discount_cut",
    "text_cut",
    "text_replaced",
    "number_taken",
    "number_gap",
    "stock_below_zero",
    "reserved_sold",
    "clock_skew",
    "drawer_short",
    "chain_broken",
    "taken_over",
    "signature_broken",
    "device_revoked",
    "device_unknown",
    "cashier_unknown",
    "approval_missing",
    "unknown_taxing",
    "exemption_refused",
    "payment_not_settled",
    "payment_without_sale",
    "rate_differs",
    "value_short",
    "down_payment_unexpected",
    "layaway_over",
    "age_not_checked",
    "offer_mismatch",
    "coupon_used_twice",
    "coupon_unknown",
    "beyond_offline_limit",
    "beyond_allotment",
    "returned_twice",
    "wrong_piece_back",
    "return_of_unknown",
    "return_without_receipt",
    "refund_not_as_paid",
    "refund_not_credited",
    "waste_not_written",
    "exchange_open",
    "held_sold_twice",
    "held_recalled_twice",
    "not_recorded",
)
"""Every code there is. `not_recorded` is a till's record that was no sale or broke a rule: kept, without effect."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a person should look at. `facts` are plain JSON values; `product` names what it is about."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    product: UUID | None = None

    def sentence(self, money: Callable[[int], str], when: Callable[[datetime], str] | None = None) -> str:
        """Say what is off in a shop worker's words; `when` writes moments, in UTC unless given."""
        written: dict[str, Any] = {
            name: money(value) if name in AMOUNTS and isinstance(value, int) else value
            for name, value in self.facts.items()
        }
        if "occurred_at" in written:
            written["occurred_at"] = _moment(written["occurred_at"], when or _in_utc)
        if "means" in written:
            written["means"] = _means(written["means"])
        if "field" in written:
            written["what"] = written.get("text") or _field(written["field"])
        if "beyond" in written:
            written |= _beyond(self.facts, money)
        if "permission" in written:
            written["what"] = said(self.facts["permission"], self.facts.get("amount"), money)
        try:
            return sentences()[self.code] % written
        except KeyError:
            return self.code  # of a newer version, or without its facts: the code alone must do


AMOUNTS: Final = frozenset(
    {"amount", "charged", "listed", "claimed", "computed", "paid", "due", "change", "booked", "asked", "taken"}
)


def _moment(told: str, when: Callable[[datetime], str]) -> str:
    try:
        return when(datetime.fromisoformat(told))
    except ValueError:
        return told


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _means(type: str) -> str:
    words = {"gift_card": _("a gift card"), "store_credit": _("store credit"), "account": _("a customer's account"),
             "down_payment": _("a down payment")}  # fmt: skip
    return words.get(type, type)


def _beyond(facts: Mapping[str, Any], money: Callable[[int], str]) -> dict[str, str]:
    words = {
        "hours": _("hours without contact"),
        "sales": _("unsent sales"),
        "sale": _("one sale"),
        "total": _("unsent money"),
    }
    counted = facts["beyond"] in {"hours", "sales"}
    write: Callable[[int], str] = str if counted else money
    return {
        "beyond": words.get(facts["beyond"], facts["beyond"]),
        "reached": write(facts["reached"]),
        "limit": write(facts["limit"]),
    }


def _field(path: str) -> str:
    member = path.rpartition(".")[2]
    words = {"customer": _("Customer"), "reference": _("Payment reference"), "tax_code": _("Tax"), "note": _("Note")}
    return words.get(member, member)
