"""What can be wrong with settling an alert."""

from __future__ import annotations

from retail.kit.errors import Conflict, NotFound
from retail.kit.text import _


class NoSuchAlert(NotFound):
    """There is no such alert in this business, or none that may be seen."""

    def __init__(self) -> None:
        super().__init__("risk_alert")


class AlertSettled(Conflict):
    """Somebody has settled it otherwise."""

    code = "alert_settled"

    def sentence(self) -> str:
        """Say that it is done."""
        return _("Somebody else has settled this already. Look at what they found.")


class OwnAlert(Conflict):
    """It is about whoever wants to settle it."""

    code = "own_alert"

    def sentence(self) -> str:
        """Say who may."""
        return _("This is about your own work. Let somebody else look at it.")
