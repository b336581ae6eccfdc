"""Templates into HTML: one environment, strict about what is missing, that escapes everything and counts nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, get_datetime_format
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from retail.kit.money import currency, format_money
from retail.kit.quantity import format_field, format_quantity
from retail.kit.text import _, country_words, dates_of, ngettext
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.libraries import Sharing, sharing
from retail.runtime.web.unshown import Filed

if TYPE_CHECKING:
    from retail.runtime.web.assets import Assets

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
_NOWHERE: Final = "en-GB"
"""How times are written outside of a business: the month by its name, so that nobody takes it for the day."""


@lru_cache
def environment() -> Environment:
    """Give the one template environment."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        cache_size=-1,
    )
    made.template_class = Sharing
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made


def to_html(
    template: str,
    *,
    assets: Assets,
    tenant: TenantFacts | None = None,
    base: str | None = None,
    person: object = None,
    scope: Scope | None = None,
    **context: object,
) -> str:
    """Render a template outside of a request too: a page, a mail, a partial for the live socket.

    `base` is the prefix of addresses; without it the tenant's own.
    """
    prefix = base if base is not None else (f"/t/{tenant.slug}" if tenant else "")
    words = _globals(tenant, prefix) | {
        "asset": assets.address,
        "person": person,
        "tenant": tenant,
        "scope": scope,
        "may": scope.may if scope else _may_not,
    }
    filed = Filed()
    words = sharing(words | {"errors_mark": filed.mark} | context)
    page = environment().get_template(template).render(words)
    others = (context.get("errors"), getattr(context.get("asked"), "errors", None))
    return filed.shown(page, others, lambda sentences: _top(words, sentences))


def _top(words: dict[str, Any], sentences: str) -> str:
    return environment().get_template("shared/_unshown.html").render(words | {"sentences": sentences})


def _may_not(_permission: str) -> bool:
    return False


def _globals(tenant: TenantFacts | None, prefix: str) -> dict[str, Any]:
    locale = tenant.locale if tenant else "en"
    zone = ZoneInfo(tenant.timezone) if tenant else ZoneInfo("UTC")
    return {
        "url": lambda path: prefix + path,
        "money": _money(tenant, locale),
        "quantity": lambda amount: format_quantity(Decimal(amount), locale),
        "quantity_field": lambda amount: format_field(Decimal(amount), locale),
        "when": (when := _when(locale if tenant else _NOWHERE, zone, said="" if tenant else " UTC")),
        "until": _until(when, zone),
        "country_words": country_words,
        "unit_sign": _unit_sign,
        "measured": lambda amount, unit: f"{format_quantity(Decimal(amount), locale)} {_unit_sign(unit) or _('pcs')}",
    }


def _unit_sign(unit: str) -> str:
    return {"each": "", "m2": "m²"}.get(unit, unit)


def _money(tenant: TenantFacts | None, locale: str) -> Callable[..., str]:
    def money(minor: int, code: str | None = None) -> str:
        if code:
            return format_money(minor, currency(code), locale)
        if tenant is None:
            raise ValueError("Money has a currency of its own only inside a tenant.")
        return format_money(minor, tenant.money, locale)

    return money


def _when(locale: str, zone: ZoneInfo, said: str) -> Callable[..., str]:
    """Make the writer of moments; `said` follows each time of day where nobody could know whose clock it is."""
    place = dates_of(locale)

    def when(moment: datetime | date, style: str = "medium") -> str:
        """Write a moment to the minute, on the tenant's clock, else in UTC and saying so; style: long, time, date."""
        if not isinstance(moment, datetime):
            return format_date(moment, "long" if style == "long" else "medium", locale=place)
        if style == "time":
            return format_time(moment.astimezone(zone), "short", locale=place) + said
        if style == "date":
            return format_date(moment.astimezone(zone), "medium", locale=place)
        if style == "long":
            return format_datetime(moment, "long", tzinfo=zone, locale=place)
        local = moment.astimezone(zone)
        day, time = format_date(local, "medium", locale=place), format_time(local, "short", locale=place)
        return str(get_datetime_format("medium", locale=place)).replace("{1}", day).replace("{0}", time) + said

    return when


def clock_of(timezone: str) -> Callable[..., str]:
    """Make the writer of moments for a page outside of businesses that speaks of one: on that business's own clock."""
    return _when(_NOWHERE, ZoneInfo(timezone), said="")


def _until(when: Callable[..., str], zone: ZoneInfo) -> Callable[[datetime], str]:
    def until(end: datetime) -> str:
        """Write an end: the last day that counts in full where the next one begins with it, else the moment."""
        day = end.astimezone(zone).date()
        # told apart as moments: where clocks leap over midnight, the day begins at one
        begins = datetime.combine(day, time(), zone).astimezone(UTC)
        return when(day - timedelta(days=1)) if begins == end else when(end)

    return until
