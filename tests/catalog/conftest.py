"""What the catalogue's tests share: the application."""

from __future__ import annotations

from tests.support.web import site

__all__ = ["site"]
