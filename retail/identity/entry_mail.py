"""Notices by mail about the ways in: to a person about their account, to the owners about their business. No links."""

from __future__ import annotations

from retail.kit.text import _
from retail.runtime.db import Read, Tx, Unit
from retail.runtime.mail import BadAddress, compose, queue
from retail.runtime.tenancy import TenantFacts


def person_words(happening: str) -> str:
    """Say what happened to an account."""
    return {
        "sso_joined": _("Your account was joined to the sign-in of one of your businesses."),
        "factors_asked": _("Support was asked to remove the second step of your account. It happens in 24 hours."),
        "factors_reset": _("The second step of your account was removed. Signing in asks for the password alone."),
        "factors_kept": _("The second step of your account stays: its removal was refused."),
    }[happening]


def owner_words(happening: str) -> str:
    """Say what happened at the gate of a business."""
    return {
        "networks_set": _("The list of networks that may come in was changed."),
        "networks_opened": _("Support let every network in for 24 hours, because somebody was locked out."),
        "sso_set": _("The single sign-on of your business was changed."),
        "sso_removed": _("The single sign-on of your business was removed."),
        "factors_asked": _(
            "Support was asked to remove the second step of an owner. It happens in 24 hours. On the page People "
            "another owner can refuse it, or confirm it at once."
        ),
        "factors_reset": _("The second step of somebody's account was removed."),
        "factors_kept": _("The removal of an owner's second step was refused."),
    }[happening]


async def tell_person(unit: Unit, email: str, happening: str, *, by: str, reason: str = "") -> None:
    """Tell somebody what happened to their account, in the transaction that makes it true."""
    letter = compose(
        "entry_notice", email, essential=True, happened=person_words(happening), by=by, reason=reason, whose="",
        at=f"{unit.now:%Y-%m-%d %H:%M}",
    )  # fmt: skip
    await queue(unit, letter)


async def tell_owners(tx: Tx, tenant: TenantFacts, happening: str, *, reason: str = "", whose: str = "") -> None:
    """Tell every owner what happened at the gate of their business."""
    for email in await owners(tx):
        try:
            letter = compose(
                "entry_notice", email, tenant=tenant, essential=True, happened=owner_words(happening), by=tx.actor.name,
                reason=reason, whose=whose, at=f"{tx.now:%Y-%m-%d %H:%M}",
            )  # fmt: skip
        except BadAddress:
            continue
        await queue(tx, letter)


async def owners(read: Read) -> list[str]:
    """Give the addresses of the owners."""
    rows = await read.fetch(
        "SELECT email FROM membership WHERE tenant_id = $1 AND role = 'owner' AND ended_at IS NULL ORDER BY id",
        read.tenant,
    )
    return [row["email"] for row in rows]
