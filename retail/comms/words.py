"""What the pages of news and messages call things."""

from __future__ import annotations

from retail.kit.text import _


def importance_words(importance: str) -> str:
    """Say how important an announcement is."""
    return {"urgent": _("Urgent"), "important": _("Important")}.get(importance, _("For information"))


def importance_tone(importance: str) -> str:
    """Give its colour."""
    return {"urgent": "bad", "important": "warn"}.get(importance, "info")


def audience_words(audience: str) -> str:
    """Say whom an announcement is for."""
    return {"plan": _("Plans"), "country": _("Countries"), "tenant": _("Single businesses")}.get(
        audience, _("Everybody")
    )


def state_words(state: str) -> str:
    """Say how an announcement stands."""
    return {"withdrawn": _("Taken back"), "over": _("Over"), "planned": _("Planned")}.get(state, _("On"))


def state_tone(state: str) -> str:
    """Give the colour of how it stands."""
    return {"withdrawn": "", "over": "", "planned": "info"}.get(state, "ok")
