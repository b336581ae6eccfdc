"""The application under test."""

from __future__ import annotations

from tests.support.web import site

__all__ = ["site"]
