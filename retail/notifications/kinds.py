"""The kinds of notifications: the one list for the settings page, the centre, the letters and the tests alike.

Whoever has something to tell calls `retail.runtime.notices.post_notice` with the kind's name and the facts that its
sentence in words.py takes; channels, people, quiet hours and the letter (emails/notification) then follow from here.

A kind that is `ahead` is known all the same, so whatever posts it one day is told in full, but nobody is offered it: a
switch of something that never comes would promise that it is looked after. A test holds the mark against the code,
so the switch appears in the change that first posts the kind, and no sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from retail.audit import VIEW_AUDIT
from retail.identity.looks import NOTICE as SUPPORT_LOOKS
from retail.identity.permissions import (
    APPROVE,
    EDIT_PEOPLE,
    MANAGE_BILLING,
    MANAGE_DEVICES,
    RUN_CHECKS,
    SETTLE_EXCEPTIONS,
    VIEW_DASHBOARD,
    VIEW_SALES,
    VIEW_SHIFTS,
    VIEW_STOCK,
)
from retail.kit.text import _

Channel = Literal["app", "push", "mail", "sms"]
CHANNELS: Final[tuple[Channel, ...]] = ("app", "push", "mail", "sms")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind.

    `permission`: who is told, in the store that it is about; None: only those whom the notice names. `usual`: the
    channels until somebody chooses. `urgent` ones are told in quiet hours too, and never wait for a digest; one that
    `lasts` so long is told in that time or, but for the centre, not at all. `ahead`: nothing posts it yet.
    """

    name: str
    label: str
    glyph: str
    permission: str | None
    usual: frozenset[Channel] = frozenset({"app"})
    urgent: bool = False
    lasts: timedelta | None = None
    ahead: bool = False

    @property
    def words(self) -> str:
        """Say what the kind is about."""
        return _(self.label)


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


_LOUD: Final[frozenset[Channel]] = frozenset({"app", "push"})
_LOUDEST: Final[frozenset[Channel]] = frozenset({"app", "push", "mail"})

_LISTED: Final = (
    Kind("approval_asked", _said("An approval is asked for"), "circle-check", APPROVE, _LOUD,
         urgent=True, lasts=timedelta(minutes=10)),
    Kind("stock_low", _said("A product runs low"), "package", VIEW_STOCK),
    Kind("stock_out", _said("A product is sold out"), "package", VIEW_STOCK, _LOUD),
    Kind("expiring", _said("Goods expire soon"), "calendar", VIEW_STOCK),
    Kind("big_refund", _said("A big refund"), "undo-2", VIEW_SALES, _LOUD),
    Kind("layaway_overdue", _said("Kept goods are overdue"), "clock", VIEW_SALES),
    Kind("risk_alert", _said("Something stands out at a till"), "shield-check", SETTLE_EXCEPTIONS, _LOUD),
    Kind("unusual_sales", _said("A store sells far off what was expected"), "chart-line", VIEW_DASHBOARD, _LOUD),
    Kind("variance_found", _said("A drawer is over or short at the close"), "vault", VIEW_SHIFTS, _LOUD),
    Kind("device_revoked", _said("A device was blocked"), "monitor", MANAGE_DEVICES, _LOUD, urgent=True),
    Kind("journal_doubted", _said("A till's records can't be proved"), "circle-alert", MANAGE_DEVICES, _LOUD,
         urgent=True),
    Kind("report_ready", _said("A file that you asked for is ready"), "download", None, _LOUD),
    Kind("report_unsent", _said("A report could not be sent"), "mail", None, _LOUD),
    Kind("refused_often", _said("Somebody was refused many times"), "circle-alert", VIEW_AUDIT, _LOUD),
    Kind("audit_stopped", _said("The audit trail isn't sealed any more"), "circle-alert", VIEW_AUDIT, _LOUDEST,
         urgent=True),
    Kind("payment_failed", _said("A bill could not be charged to your card"), "credit-card", MANAGE_BILLING, _LOUD),
    Kind("billing_step", _said("A bill is unpaid, and what works changes"), "wallet", MANAGE_BILLING, _LOUD),
    Kind("till_away", _said("A till in use is not heard of any more"), "wifi-off", MANAGE_DEVICES, _LOUD),
    Kind("message", _said("A message was written to you"), "message-square", None, _LOUD),
    Kind("news", _said("News from support"), "bell", None),
    Kind("news_urgent", _said("Urgent news from support"), "bell", None, _LOUD, urgent=True),
    Kind(SUPPORT_LOOKS, _said("Support looks at your business"), "eye", VIEW_AUDIT, _LOUD),
    Kind("subscription_set", _said("Your subscription is changed by an operator"), "wallet", MANAGE_BILLING, _LOUD),
    Kind("business_frozen", _said("Your business is frozen"), "lock", MANAGE_BILLING, _LOUD, urgent=True),
    Kind("business_thawed", _said("A freeze of your business ends"), "lock-open", MANAGE_BILLING, _LOUD, urgent=True),
    Kind("checks_failed", _said("Figures do not agree"), "scale", RUN_CHECKS, _LOUDEST),
    Kind("event_set_aside", _said("Something could not be followed up"), "pause", RUN_CHECKS),
    Kind("mail_failed", _said("An e-mail could not be delivered"), "mail", EDIT_PEOPLE),
    # Operators have the reason by mail; owners hear that it happened, and can do nothing at once: the bell is enough.
    Kind("backup_failed", _said("A backup failed"), "circle-alert", RUN_CHECKS),
    Kind("forecast_drifted", _said("Forecasts no longer held up"), "chart-line", VIEW_DASHBOARD),
    # Ahead: there are no purchase orders yet that could wait, and no product's own forecast is watched.
    Kind("purchase_waits", _said("A purchase order waits for you"), "truck", APPROVE, _LOUD, ahead=True),
    Kind("forecast_off", _said("Sales differ from the forecast"), "trending-up", VIEW_STOCK, ahead=True),
)  # fmt: skip

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _LISTED}
OFFERED: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _LISTED if not kind.ahead}
"""Those that can come: what people choose from."""


def channel_words() -> dict[Channel, str]:
    """Say what each channel is called."""
    return {"app": _("At the bell"), "push": _("On your devices"), "mail": _("E-mail"), "sms": _("SMS")}
