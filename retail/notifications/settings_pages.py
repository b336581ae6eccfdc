"""How somebody wants to be told: kinds and channels, quiet hours, digest, number, and the browsers that ring."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.text import _
from retail.notifications import letters, operations, queries
from retail.notifications.kinds import CHANNELS, OFFERED, Channel, Kind, channel_words
from retail.notifications.operations import Choice
from retail.notifications.push import subscriptions, vapid
from retail.notifications.push.subscriptions import Browser
from retail.notifications.rules import Habits, wants
from retail.runtime.mail.mail import NUMBER
from retail.runtime.web.context import db, edge, keyring, person, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

PATH: Final = "/notices/settings"
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_TIMES: Final = ("quiet_from", "quiet_until", "digest_at")


@dataclass(frozen=True, slots=True)
class Row:
    """A kind with what somebody wants of it, channel by channel."""

    kind: Kind
    cells: Sequence[tuple[str, str, bool]]


async def show(request: Request) -> Response:
    """Show how the reader is told."""
    async with db(request).read(scope(request)) as read:
        me = person(request).id
        habits = (await queries.habits_of(read, [me])).get(me, Habits())
        choices = (await queries.choices_of(read, [me]))[me]
    ticked = {
        f"{kind.name}.{channel}" for kind in _offered(request) for channel in _channels(request)
        if wants(kind, channel, choices)
    }  # fmt: skip
    return _page(
        request, {name: _written(getattr(habits, name)) for name in _TIMES} | {"phone": habits.phone}, ticked, {}
    )


async def update(request: Request) -> Response:
    """Keep how the reader wants to be told."""
    fields = await Fields.read(request)
    times = {name: _time(fields, name) for name in _TIMES}
    phone = re.sub(r"[\s()/-]", "", fields.text("phone", 30))
    if "sms" in _channels(request) and phone and not NUMBER.fullmatch(phone):
        fields.error("phone", _("Type the number with its country in front, as in +49 151 12345678."))
    if (times["quiet_from"] is None) != (times["quiet_until"] is None):
        fields.error("quiet_until", _("Say when quiet hours begin and when they end, or neither."))
    elif times["quiet_from"] is not None and times["quiet_from"] == times["quiet_until"]:
        fields.error("quiet_until", _("Quiet hours must end at another time than they begin."))
    ticked = set(fields.many("told"))
    if fields.errors:
        return _page(request, fields.values, ticked, fields.errors, 422)
    habits = Habits(times["quiet_from"], times["quiet_until"], times["digest_at"], phone)
    chosen = [
        Choice(kind.name, channel, wanted)
        for kind in _offered(request)
        for channel in _channels(request)
        if (wanted := f"{kind.name}.{channel}" in ticked) != (channel in kind.usual)
    ]
    await db(request).run(scope(request), operations.choose, habits, chosen)
    return redirect(request, PATH, said=_("Saved."))


async def create_browser(request: Request) -> Response:
    """Have a browser ring for the reader."""
    fields = await Fields.read(request)
    here, keys = settings(request), keyring(request)
    browser = Browser(fields.raw("endpoint"), fields.raw("p256dh"), fields.raw("auth"), vapid.newest(keys))
    browser.check(() if here.production else here.outgoing_exceptions)
    await db(request).run(scope(request), subscriptions.subscribe, browser)
    return Response(status_code=204)


async def remove_browser(request: Request) -> Response:
    """Have a browser ring no more."""
    fields = await Fields.read(request)
    await db(request).run(scope(request), subscriptions.unsubscribe, fields.raw("endpoint"))
    return Response(status_code=204)


def _page(
    request: Request, values: Mapping[str, str], ticked: set[str], errors: Mapping[str, list[str]], status: int = 200
) -> Response:
    words, channels = channel_words(), _channels(request)
    rows = [
        Row(kind, [(channel, words[channel], f"{kind.name}.{channel}" in ticked) for channel in channels])
        for kind in _offered(request)
    ]
    keys = keyring(request)
    sample = letters.sample(tenant(request), person(request).email, [row.kind.words for row in rows[:2]])
    return render(
        request,
        "notifications/settings.html",
        status,
        rows=rows,
        heads=[words[channel] for channel in channels],
        with_sms="sms" in channels,
        values=values,
        errors=errors,
        key=vapid.public_key(keys, vapid.newest(keys)),
        push_scope=f"{edge(request).base}/pocket",
        browsers_at=f"{edge(request).base}/notices/browsers",
        sample=sample,
    )


def _offered(request: Request) -> list[Kind]:
    """Give the kinds that the reader can be told of: those without a permission name their people themselves."""
    may = scope(request).may
    return [kind for kind in OFFERED.values() if kind.permission is None or may(kind.permission)]


def _channels(request: Request) -> list[Channel]:
    """Give the channels of this installation: no SMS without a provider that carries it."""
    return [channel for channel in CHANNELS if channel != "sms" or settings(request).sms_api]


def _time(fields: Fields, name: str) -> int | None:
    typed = fields.text(name, 5)
    if not typed:
        return None
    matched = _CLOCK.fullmatch(typed)
    if matched is None:
        fields.error(name, _("Type a time as in 22:00."))
        return None
    return int(matched[1]) * 60 + int(matched[2])


def _written(minute: object) -> str:
    return f"{minute // 60:02}:{minute % 60:02}" if isinstance(minute, int) else ""
