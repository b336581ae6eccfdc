"""What the audit trail's pages call what operators of the platform do; a part of `action_words`."""

from __future__ import annotations

from retail.kit.text import _


def by_operators() -> dict[str, str]:
    """Give the words of each act of an operator."""
    return {
        "look.begun": _("Support begins to look"),
        "look.ended": _("Support stops looking"),
        "tenant.trial_prolonged": _("Trial prolonged"),
        "job.dropped": _("Failed job dropped"),
        "timetable.paused": _("Scheduled job paused"),
        "timetable.resumed": _("Scheduled job goes on"),
        "timetable.asked": _("Scheduled job asked for now"),
        "switch.set": _("Switch or setting changed"),
        "fault.resolved": _("Error resolved"),
        "fault.ignored": _("Error ignored"),
        "fault.reopened": _("Error opened again"),
    }
