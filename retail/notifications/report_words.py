"""What is said where a report could not be sent, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from retail.kit.text import _


def unsent_words(facts: Mapping[str, object]) -> str:
    """Say what to do: what it asks for may be gone, mails be used up for today, or it is a fault of ours."""
    remedy = {
        "asked": _("What it is narrowed to isn't there any more: open the report, choose anew, and keep it."),
        "mail_limit": _("Your business has sent its most e-mails for a day. Send it now, tomorrow."),
        "address": _("The e-mail address of whoever gets it is wrong. Correct it under People."),
    }.get(str(facts.get("why")), _("It was tried three times. Send it now; if it fails again, tell support."))
    text = _("The report %(name)s could not be sent.") % {"name": facts.get("report") or "\u2013"}
    return f"{text} {remedy}"
