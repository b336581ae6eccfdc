"""What the catalogue's tests share: the application, and a page of a real browser in which somebody is signed in."""

from __future__ import annotations

from tests.support.office import office
from tests.support.web import site

__all__ = ["office", "site"]
