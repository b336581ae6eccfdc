"""What a notification says: one sentence for a shop worker, details where there are any, and the page to go to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from retail.audit import VIEW_AUDIT
from retail.identity.permissions import (
    APPROVE,
    MANAGE_BILLING,
    MANAGE_DEVICES,
    SETTLE_EXCEPTIONS,
    VIEW_DASHBOARD,
    VIEW_SALES,
    VIEW_SHIFTS,
)
from retail.kit.text import _
from retail.notifications.kinds import KINDS
from retail.notifications.queries import Notification
from retail.notifications.report_words import unsent_words
from retail.notifications.saying import UNKNOWN, Said, day, money
from retail.notifications.stock_words import expiring, forecast_off, stock_low, stock_out
from retail.runtime.tenancy import TenantFacts
from retail.tenants.life import step_words
from retail.tenants.standing import PAST_DUE

Writer = Callable[[Notification, TenantFacts], Said]


def say(one: Notification, facts: TenantFacts) -> Said:
    """Write a notification in the language in use; a kind of a newer version is told by its name alone."""
    writer = _WRITERS.get(one.kind)
    return writer(one, facts) if writer else Said(KINDS[one.kind].words if one.kind in KINDS else one.kind)


def _big_refund(one: Notification, facts: TenantFacts) -> Said:
    told = {"amount": money(one.facts.get("amount_minor"), facts), "store": one.store_name or UNKNOWN}
    text = _("%(amount)s were paid back in one return in %(store)s.") % told
    return Said(text, (), f"/sales/{one.subject}", _("Look at it"), VIEW_SALES)


def _layaway_overdue(one: Notification, facts: TenantFacts) -> Said:
    told = {
        "number": one.facts.get("number") or UNKNOWN,
        "store": one.store_name or UNKNOWN,
        "day": day(one.facts.get("until"), facts),
    }
    text = _("%(number)s in %(store)s was kept until %(day)s and nobody fetched it. Ask the customer.") % told
    return Said(text, (), f"/sales/layaways/{one.subject}", _("Look at it"), VIEW_SALES)


def _variance_found(one: Notification, facts: TenantFacts) -> Said:
    amount = int(one.facts.get("variance_minor") or 0)
    told = {
        "amount": money(abs(amount), facts),
        "store": one.store_name or UNKNOWN,
        "till": one.facts.get("till") or UNKNOWN,
    }
    short = _("%(till)s in %(store)s was %(amount)s short when its shift was closed.")
    over = _("%(till)s in %(store)s was %(amount)s over when its shift was closed.")
    return Said((short if amount < 0 else over) % told, (), f"/shifts/{one.subject}", _("See the shift"), VIEW_SHIFTS)


def _device_revoked(one: Notification, _facts: TenantFacts) -> Said:
    text = _("The device %(name)s was blocked. It can't sell any more.") % {"name": one.facts.get("name") or UNKNOWN}
    return Said(text, (), "/devices", _("Open devices"), MANAGE_DEVICES)


def _report_ready(one: Notification, _facts: TenantFacts) -> Said:
    text = _("The file that you asked for is ready: %(list)s. It can be fetched for a week.")
    return Said(text % {"list": _(str(one.facts.get("list") or UNKNOWN))}, (), "/products/exports", _("Fetch it"))


def _report_unsent(one: Notification, _facts: TenantFacts) -> Said:
    return Said(unsent_words(one.facts), (), f"/reports/kept/{one.subject}/sending", _("Open it"), VIEW_DASHBOARD)


def _checks_failed(one: Notification, _facts: TenantFacts) -> Said:
    text = _("The nightly check found figures that do not agree. Tell whoever looks after this installation.")
    checks: Sequence[Mapping[str, str]] = one.facts.get("checks") or ()
    return Said(text, tuple(f"{check.get('name')}: {check.get('detail')}" for check in checks))


def _event_set_aside(one: Notification, _facts: TenantFacts) -> Said:
    text = _(
        "Something that happened (%(event)s) could not be followed up everywhere. It is kept and can be tried again;"
        " tell whoever looks after this installation."
    )
    return Said(text % {"event": one.facts.get("event") or UNKNOWN})


def _mail_failed(one: Notification, _facts: TenantFacts) -> Said:
    text = _("An e-mail to %(address)s could not be delivered and is given up. Check the address.")
    return Said(text % {"address": one.facts.get("to") or UNKNOWN})


def _audit_stopped(one: Notification, _facts: TenantFacts) -> Said:
    text = _(
        "The audit trail is not sealed any more, because it is not as it was signed. Have whoever looks after this"
        " installation find out at once."
    )
    return Said(text, (str(one.facts.get("why") or UNKNOWN),))


def _support_looks(one: Notification, _facts: TenantFacts) -> Said:
    told = {"name": one.facts.get("name") or UNKNOWN, "reason": one.facts.get("reason") or UNKNOWN}
    text = _("%(name)s of Countertop looks at your business and changes nothing. The reason: “%(reason)s”.") % told
    return Said(text, (), "/audit", _("Open the audit trail"), VIEW_AUDIT)


def _business_frozen(one: Notification, _facts: TenantFacts) -> Said:
    text = _("An operator has frozen your business. The reason: “%(reason)s”.") % {
        "reason": one.facts.get("reason") or UNKNOWN
    }
    return Said(text, (), "/messages", _("Ask support"))


def _business_thawed(one: Notification, _facts: TenantFacts) -> Said:
    text = _("An operator has ended the freeze of your business. The reason: “%(reason)s”.") % {
        "reason": one.facts.get("reason") or UNKNOWN
    }
    return Said(text, (), "/messages", _("Open Messages"))


def _subscription_set(one: Notification, facts: TenantFacts) -> Said:
    why = _("The reason: “%(reason)s”.") % {"reason": one.facts.get("reason") or UNKNOWN}
    if one.facts.get("until"):
        text = _("Your trial now ends on %(day)s.") % {"day": day(one.facts["until"], facts)}
    else:
        text = _("An operator has set your plan to %(plan)s.") % {"plan": one.facts.get("plan") or UNKNOWN}
    return Said(f"{text} {why}", (), "/billing", _("Open the subscription"), MANAGE_BILLING)


def _refused_often(_one: Notification, _facts: TenantFacts) -> Said:
    text = _("Somebody was refused many times in a short while.")
    return Said(text, (), "/audit", _("See who tried what"), VIEW_AUDIT)


def _journal_doubted(one: Notification, _facts: TenantFacts) -> Said:
    text = _(
        "What %(till)s sent can't be proved to be its own. Its sales are kept and marked; check the device before it"
        " sells on."
    ) % {"till": one.facts.get("till") or UNKNOWN}
    return Said(text, (), "/devices", _("Open devices"), MANAGE_DEVICES)


def _risk_alert(one: Notification, _facts: TenantFacts) -> Said:
    text = _("Something stood out at a till in %(store)s.") % {"store": one.store_name or UNKNOWN}
    return Said(text, (), f"/risk/alerts/{one.subject}", _("Look at it"), SETTLE_EXCEPTIONS)


def _unusual_sales(one: Notification, _facts: TenantFacts) -> Said:
    named = {"store": one.store_name or _("All stores together")}
    below = one.facts.get("below")
    text = _("%(store)s sells far less than expected.") if below else _("%(store)s sells far more than expected.")
    return Said(text % named, (), f"/analytics/unusual/{one.subject}", _("Look at it"), VIEW_DASHBOARD)


def _forecast_drifted(one: Notification, _facts: TenantFacts) -> Said:
    names = {"total": _("all stores together"), "store": _("stores"), "category": _("categories")}
    of = ", ".join(names[level] for level in one.facts.get("levels") or ("total",))
    text = _("Forecasts of %(of)s no longer held up, so all models were tried anew on the newest days.") % {"of": of}
    return Said(text, (), "/analytics/forecast/models", _("See the models"), VIEW_DASHBOARD)


def _approval_asked(one: Notification, _facts: TenantFacts) -> Said:
    told = {"who": one.facts.get("name") or "?", "by": one.decided_by or "?"}
    if one.waits:
        asks = _("%(who)s asks for an approval.") % told
        return Said(asks, (), f"/approvals#asked-{one.subject}", _("Answer it"), APPROVE)
    if one.outcome in {"granted", "used"}:
        return Said(_("%(who)s asked for an approval, and %(by)s gave it.") % told)
    if one.outcome == "refused":
        return Said(_("%(who)s asked for an approval, and %(by)s refused it.") % told)
    if one.outcome == "withdrawn":
        return Said(_("%(who)s asked for an approval and took it back.") % told)
    return Said(_("%(who)s asked for an approval, and nobody answered in time.") % told)


def _payment_failed(one: Notification, _facts: TenantFacts) -> Said:
    text = _("Invoice %(number)s could not be charged to your card.") % {"number": one.facts.get("number") or UNKNOWN}
    return Said(text, (), f"/billing/invoices/{one.subject}", _("See why, and pay it"), MANAGE_BILLING)


def _billing_step(one: Notification, _facts: TenantFacts) -> Said:
    status = one.facts.get("status")
    told = [] if status == PAST_DUE else [_("A bill is unpaid.")]
    told += [step_words(status)] if status else []
    return Said(" ".join(told), (), "/billing", _("Pay now"), MANAGE_BILLING)


def _message(one: Notification, _facts: TenantFacts) -> Said:
    words = {
        True: _("%(who)s wrote to you."),
        False: _("Support wrote to you."),
    }
    text = words[one.facts.get("by") != "operator"] % {"who": one.facts.get("name") or _("Somebody")}
    return Said(text, (), f"/messages/{one.subject}", _("Read it"))


def _news(one: Notification, _facts: TenantFacts) -> Said:
    text = _("News from support: %(title)s.") % {"title": str(one.facts.get("title") or UNKNOWN).rstrip(".")}
    return Said(text, (), "/news", _("Read it"))


def _till_away(one: Notification, _facts: TenantFacts) -> Said:
    told = {"till": one.facts.get("till") or UNKNOWN, "store": one.store_name or UNKNOWN}
    text = _("%(till)s in %(store)s has an open shift, and was not heard of for half an hour. Its sales come later.")
    return Said(text % told, (), "/devices", _("Open devices"), MANAGE_DEVICES)


def _backup_failed(one: Notification, facts: TenantFacts) -> Said:
    text = _("The backup of %(day)s failed. Whoever looks after this installation knows it.")
    of = one.facts.get("day")
    return Said(text % {"day": day(of, facts) if of else UNKNOWN})


def _purchase_waits(one: Notification, facts: TenantFacts) -> Said:
    told = {
        "number": one.facts.get("number") or UNKNOWN,
        "supplier": one.facts.get("supplier") or UNKNOWN,
        "amount": money(one.facts.get("amount_minor"), facts),
    }
    return Said(_("Purchase order %(number)s to %(supplier)s over %(amount)s waits for an approval.") % told)


_WRITERS: Final[Mapping[str, Writer]] = {
    "approval_asked": _approval_asked,
    "audit_stopped": _audit_stopped,
    "backup_failed": _backup_failed,
    "billing_step": _billing_step,
    "big_refund": _big_refund,
    "business_frozen": _business_frozen,
    "business_thawed": _business_thawed,
    "checks_failed": _checks_failed,
    "subscription_set": _subscription_set,
    "device_revoked": _device_revoked,
    "expiring": expiring,
    "event_set_aside": _event_set_aside,
    "forecast_drifted": _forecast_drifted,
    "forecast_off": forecast_off,
    "journal_doubted": _journal_doubted,
    "layaway_overdue": _layaway_overdue,
    "mail_failed": _mail_failed,
    "message": _message,
    "news": _news,
    "news_urgent": _news,
    "payment_failed": _payment_failed,
    "purchase_waits": _purchase_waits,
    "refused_often": _refused_often,
    "report_ready": _report_ready,
    "report_unsent": _report_unsent,
    "risk_alert": _risk_alert,
    "unusual_sales": _unusual_sales,
    "stock_low": stock_low,
    "support_looks": _support_looks,
    "stock_out": stock_out,
    "till_away": _till_away,
    "variance_found": _variance_found,
}
