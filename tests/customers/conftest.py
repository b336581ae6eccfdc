"""The pages and the API of customers, over HTTP."""

from __future__ import annotations

from tests.support.web import site

__all__ = ["site"]
