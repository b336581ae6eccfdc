"""The other carriers, over real HTTP: what goes out, what is tried again, what is refused for good."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from retail.kit.clock import FixedClock
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.mail import Mail, letter, queue
from retail.runtime.mail.carriers import BadApiUrl, CarrierLike, MailApi, SmsApi, Undelivered
from retail.runtime.mail.postman import Postman
from retail.runtime.mail.smtp import Outgoing as Letter
from retail.runtime.mail.smtp import Refused
from retail.runtime.mail.suppression import suppress, suppressed, write_again
from retail.runtime.web.outgoing import Outgoing
from tests.support.database import Clone
from tests.support.http_office import Answer, HttpOffice, http_office

FROM = "Countertop <post@shop.example>"


@pytest.fixture
async def provider() -> AsyncIterator[HttpOffice]:
    async with http_office() as made:
        yield made


def mail_api(provider: HttpOffice) -> MailApi:
    return MailApi(f"http://k%2Fey@{provider.place}/v1/messages", FROM, Outgoing(exceptions=[provider.place]))


def sms_api(provider: HttpOffice) -> SmsApi:
    url = f"http://AC1:to%2Fken@{provider.place}/Messages.json?from=%2B4915100000000"
    return SmsApi(url, Outgoing(exceptions=[provider.place]))


def a_letter(channel: str = "mail") -> Letter:
    to = "olga@shop.example" if channel == "mail" else "+4915112345678"
    return Letter(
        new_id(), None, "notification", to, "Corner & Co", "A subject", "Open [[secret]]", "<p>[[secret]]</p>",
        "https://x.example/1", datetime.now(UTC), 1, channel,
    )  # fmt: skip


async def test_an_http_provider_is_given_the_whole_mail_with_a_key_against_doubles(provider: HttpOffice) -> None:
    sent = a_letter()
    await mail_api(provider).carry(sent)
    ((path, headers, body),) = provider.taken
    assert (path, headers["authorization"], headers["idempotency-key"]) == ("/v1/messages", "Bearer k/ey", str(sent.id))
    assert json.loads(body) == {
        "id": str(sent.id), "from": '"Corner & Co (Countertop)" <post@shop.example>', "to": "olga@shop.example",
        "subject": "A subject", "text": "Open https://x.example/1", "html": "<p>https://x.example/1</p>",
    }  # fmt: skip


async def test_an_sms_is_a_form_with_the_accounts_proof(provider: HttpOffice) -> None:
    await sms_api(provider).carry(replace(a_letter("sms"), text_body="A product is sold out.\n"))
    ((path, headers, body),) = provider.taken
    assert path == "/Messages.json"
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"AC1:to/ken"
    assert parse_qs(body.decode()) == {
        "From": ["+4915100000000"], "To": ["+4915112345678"], "Body": ["A product is sold out."],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "answer", "raised"),
    [
        ("mail", (422, b"{}"), Refused), ("mail", (401, b""), Undelivered), ("mail", (429, b""), Undelivered),
        ("mail", (503, b""), Undelivered), ("mail", (302, b""), Undelivered),
        ("sms", (400, b'{"code": 21610}'), Refused), ("sms", (400, b'{"code": 20003}'), Undelivered),
        ("sms", (400, b"[]"), Undelivered), ("sms", (400, b"no json"), Undelivered), ("sms", (500, b""), Undelivered),
    ],
)  # fmt: skip
async def test_only_what_is_about_the_recipient_is_refused_for_good(
    provider: HttpOffice, channel: str, answer: tuple[int, bytes], raised: type[Exception]
) -> None:
    status, body = answer
    provider.answers = [Answer(status, body=body)]
    carrier: CarrierLike = mail_api(provider) if channel == "mail" else sms_api(provider)
    with pytest.raises(raised):
        await carrier.carry(a_letter(channel))


@pytest.mark.parametrize("url", ["https://api.example/v1", "ftp://", "https://key@"])
def test_an_address_that_can_not_work_is_said_at_the_start(url: str) -> None:
    with pytest.raises(BadApiUrl):
        MailApi(url, FROM, Outgoing())
    with pytest.raises(BadApiUrl):
        SmsApi(url, Outgoing())


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[tuple[Database, FixedClock]]:
    clock = FixedClock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC))
    opened = await Database.connect(clone.app_url, size=2, clock=clock)
    async with opened.platform() as unit:  # letters of other tests are due long before
        await unit.execute("SELECT auth_prune_mail($1)", clock.now())
    yield opened, clock
    async with opened.platform() as unit:
        await unit.execute("SELECT auth_prune_mail($1)", datetime(2032, 1, 1, tzinfo=UTC))
    await opened.close()


async def state_of(db: Database, id: object) -> str:
    async with db.platform() as unit:
        found = await letter(unit, id)  # type: ignore[arg-type]
    assert found is not None
    return found.letter.state


async def put(db: Database, mail: Mail) -> object:
    async with db.platform() as unit:
        return await queue(unit, mail)


async def test_each_channel_has_its_carrier_and_what_is_urgent_goes_first(
    timed: tuple[Database, FixedClock], provider: HttpOffice
) -> None:
    db, clock = timed
    later = await put(db, Mail("a@shop.example", "later", "x", due=datetime(2031, 5, 6, 8, 8, tzinfo=UTC)))
    await put(db, Mail("b@shop.example", "digest", "x", priority=7))
    await put(db, Mail("c@shop.example", "reset", "x", essential=True))
    sms = await put(db, Mail("+4915112345678", "SMS", "x", channel="sms"))
    assert await Postman(db, mail_api(provider)).round() == 2
    assert {json.loads(body)["subject"] for _path, _headers, body in provider.taken} == {"digest", "reset"}
    assert (await state_of(db, later), await state_of(db, sms)) == ("waiting", "waiting")
    assert await Postman(db, None, sms_api(provider)).round() == 1
    assert await state_of(db, sms) == "sent"
    clock.advance(datetime(2031, 5, 6, 8, 8, tzinfo=UTC) - clock.now())
    assert await Postman(db, mail_api(provider)).round() == 1
    assert await state_of(db, later) == "sent"


async def test_a_refused_address_gets_nothing_more_but_resets_until_it_is_taken_off(
    timed: tuple[Database, FixedClock], provider: HttpOffice
) -> None:
    db, _clock = timed
    address, postman = f"olga-{new_id().hex}@shop.example", Postman(db, mail_api(provider))
    first, waiting = await put(db, Mail(address, "one", "x", priority=1)), None
    provider.answers = [Answer(422)]
    assert await postman.round() == 1
    waiting = await put(db, Mail(address.upper(), "two", "x"))
    reset = await put(db, Mail(address, "three", "x", essential=True))
    assert await postman.round() == 1
    assert [await state_of(db, id) for id in (first, waiting, reset)] == ["failed", "suppressed", "sent"]
    async with db.platform() as unit:
        (listed,) = [
            one for one in await suppressed(unit) if one.hint == "o…@shop.example" and one.reason == "refused"
        ][:1]
        await write_again(unit, listed.channel, listed.name)
        with pytest.raises(NotFound):
            await write_again(unit, listed.channel, listed.name)
    again = await put(db, Mail(address, "four", "x"))
    assert await postman.round() == 1
    assert await state_of(db, again) == "sent"


async def test_an_operators_word_stops_what_waits(timed: tuple[Database, FixedClock]) -> None:
    db, _clock = timed
    address = f"olga-{new_id().hex}@shop.example"
    waits = await put(db, Mail(address, "one", "x"))
    async with db.platform() as unit:
        assert await suppress(unit, "mail", address, "operator") == 1
    assert await state_of(db, waits) == "suppressed"
