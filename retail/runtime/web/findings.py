"""FastAPI's findings about a request in the words of the product: a sentence per field that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail.kit.text import _


def sentence(finding: Mapping[str, Any]) -> str:
    """Say what is wrong with a field; a kind that is not known here keeps the framework's own words."""
    kind = str(finding["type"])
    known = _sentences().get(kind)
    if known is None and kind.endswith(("_type", "_parsing", "_from_float")):
        known = _kinds().get(kind.split("_", maxsplit=1)[0])
    if known is None:
        return str(finding["msg"]).removeprefix("Value error, ")
    return known % (finding.get("ctx") or {})


def _sentences() -> dict[str, str]:
    return {
        "missing": _("This is missing."),
        "extra_forbidden": _("This is not known here. Leave it out."),
        "greater_than": _("This must be above %(gt)s."),
        "greater_than_equal": _("This must be %(ge)s or more."),
        "less_than": _("This must be below %(lt)s."),
        "less_than_equal": _("This must be %(le)s or less."),
        "literal_error": _("This must be one of %(expected)s."),
        "decimal_max_places": _("Use at most %(decimal_places)s decimals."),
        "string_too_short": _("This must have at least %(min_length)s characters."),
        "string_too_long": _("This must have at most %(max_length)s characters."),
        "decimal_max_digits": _("Use at most %(max_digits)s digits."),
        "decimal_whole_digits": _("Use at most %(whole_digits)s digits before the point."),
        "finite_number": _("This must be a number."),
        "too_short": _("This must have at least %(min_length)s entries."),
        "too_long": _("This must have at most %(max_length)s entries."),
        "date_from_datetime_inexact": _("This must be a date like 2026-11-20."),
        "timezone_aware": _("This must be a time like 2026-11-20T12:31:07Z."),
        "json_invalid": _("This is not valid JSON."),
        "string_unicode": _("This must be text."),
        "string_pattern_mismatch": _("This must have the form %(pattern)s."),
    }


def _kinds() -> dict[str, str]:
    return {
        "uuid": _("This must be a UUID."),
        "int": _("This must be a whole number."),
        "decimal": _("This must be a number."),
        "bool": _("This must be true or false."),
        "string": _("This must be text."),
        "float": _("This must be a number."),
        "list": _("This must be a list."),
        "dict": _("This must be a JSON object."),
        "model": _("This must be a JSON object."),
        "date": _("This must be a date like 2026-11-20."),
        "datetime": _("This must be a time like 2026-11-20T12:31:07Z."),
    }
