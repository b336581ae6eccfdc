"""The application for the tests of the operator's pages."""

from tests.support.web import site

__all__ = ["site"]
