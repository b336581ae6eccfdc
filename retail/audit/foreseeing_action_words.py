"""What the audit trail's pages call what is worked out of sales, and what people suppose of it."""

from __future__ import annotations

from retail.kit.text import _


def in_foreseeing() -> dict[str, str]:
    """Give the words of these actions."""
    return {
        "segments.asked": _("Segments of customers asked for anew"),
        "forecasts.asked": _("Forecasts asked for anew"),
        "forecasts.drifted": _("Forecasts no longer held up and were tried anew"),
        "scenario.kept": _("What-if scenario kept"),
        "scenario.archived": _("What-if scenario put away"),
        "recommendations.asked": _("Recommendations asked for anew"),
        "recommendations.excluded": _("Product excluded from suggestions"),
        "recommendations.included": _("Product may be suggested again"),
    }
