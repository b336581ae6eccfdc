"""What happened to views and reports that people keep, in words."""

from __future__ import annotations

from retail.kit.text import _


def of_views() -> dict[str, str]:
    """Name each action."""
    return {
        "view.saved": _("View saved"),
        "view.changed": _("View changed"),
        "view.removed": _("View removed"),
        "report.kept": _("Report kept"),
        "report.changed": _("Report changed"),
        "report.archived": _("Report archived"),
        "report.restored": _("Report taken up again"),
        "report.schedule_made": _("Report sent by e-mail from now on"),
        "report.schedule_changed": _("Sending of a report changed"),
        "report.schedule_paused": _("Sending of a report paused"),
        "report.schedule_resumed": _("Sending of a report goes on"),
        "report.schedule_ended": _("Report not sent any more"),
        "report.sent_now": _("Report sent at once"),
        "report.sent": _("Report sent by e-mail"),
    }
