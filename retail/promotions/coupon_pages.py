"""Pages of coupons: an offer's series, making one, its codes as a file, and checking a code."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _, ngettext
from retail.promotions import codes, coupons, jobs, offers, reading, trials
from retail.promotions.coupons import Series
from retail.promotions.forms import moment_in
from retail.promotions.pages import PATH
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """Show the coupons of an offer, and whether a code is good."""
    return await _page(request, {}, {})


async def create(request: Request) -> Response:
    """Make coupons."""
    id, fields = uuid_in(request), await Fields.read(request)
    kind = fields.choice("kind", ("made", "word"))
    typed = fields.text("prefix", 40, required=True)
    count = fields.whole("count", required=kind == "made", least=1) if kind == "made" else 1
    uses = fields.whole("uses", required=False, least=1) or None
    expires = moment_in(fields, "expires_at", ZoneInfo(tenant(request).timezone))
    try:
        fields.check()
        wanted = Series(new_id(), id, kind, codes.plain(typed) or typed, uses, expires)
        made = await db(request).run(scope(request), coupons.make_series, wanted, count)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as wrong:
        return redirect(request, f"{PATH}/{id}", said=wrong.sentence(), tone="warn")
    said = ngettext("%(num)d code is made.", "%(num)d codes are made.", made.made) % {"num": made.made}
    return redirect(request, f"{PATH}/{id}/coupons", said=said)


async def close(request: Request) -> Response:
    """Take a series back."""
    id = uuid_in(request)
    await db(request).run(scope(request), coupons.close_series, uuid_in(request, "series"))
    return redirect(request, f"{PATH}/{id}/coupons", said=_("These coupons are good for nothing from now on."))


async def export(request: Request) -> Response:
    """Give the codes of a series as a file: a heading, then a code in each row. They are digits and letters alone."""
    id, series = uuid_in(request), uuid_in(request, "series")

    async def gather(tx: Tx) -> tuple[str, list[str]]:
        facts = await coupons.series(tx, series)
        rows = await tx.fetch(
            "SELECT code, used FROM coupon_code WHERE tenant_id = $1 AND series_id = $2 ORDER BY id", tx.tenant, series
        )
        tx.audit("coupons.exported", "offer", id, series=series, prefix=facts.prefix, codes=len(rows))
        return facts.prefix, [f"{row['code']},{codes.written(row['code'], facts.prefix)},{row['used']}" for row in rows]

    prefix, lines = await db(request).run(scope(request), gather)
    headers = {"Content-Disposition": f'attachment; filename="coupons-{prefix.lower()}.csv"'}
    return Response(
        "\r\n".join(["code,written,used", *lines, ""]), headers=headers, media_type="text/csv; charset=utf-8"
    )


async def start_trial(request: Request) -> Response:
    """Try an offer on the baskets of the last 30 days."""
    id = uuid_in(request)
    trial = await db(request).run(scope(request), jobs.start, id)
    return redirect(request, f"{PATH}/{id}/trials/{trial}")


async def show_trial(request: Request) -> Response:
    """Show how far a trial is, and what it found."""
    async with db(request).read(scope(request)) as read:
        trial = await trials.trial(read, uuid_in(request, "trial"))
        facts = await offers.offer(read, trial.offer)
    return render(request, "promotions/trial.html", trial=trial, facts=facts)


async def stop_trial(request: Request) -> Response:
    """Stop a trial; what it has found stays."""
    id, trial = uuid_in(request), uuid_in(request, "trial")
    await db(request).run(scope(request), trials.stop, trial)
    return redirect(request, f"{PATH}/{id}/trials/{trial}")


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    id = uuid_in(request)
    asked = Asked.of(request, f"{PATH}/{id}/coupons")
    code = asked.text("code", 80)
    async with db(request).read(scope(request)) as read:
        facts = await offers.offer(read, id)
        series = await coupons.series_of(read, id)
        judged = await coupons.check(read, code) if code else None
        shown = series[0] if series else None
        page = await asked.page(lambda after: reading.codes_of(read, shown.id, after=after)) if shown else None
    return render(
        request,
        "promotions/coupons.html",
        status,
        facts=facts,
        series=series,
        judged=judged,
        asked=asked,
        codes=[(codes.written(one.code, shown.prefix), one) for one in page.items] if page and shown else [],
        next=asked.next(page) if page else None,
        values={"kind": "made", "count": "100", "uses": "1"} | values,
        errors=errors,
    )
