"""Mail from the row to a real mail server: sent once, tried again, given up, and never bent by what people type."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import asyncpg
import pytest

from retail.cli.up import announcement
from retail.identity.passkeys import relying_party
from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.runtime import mail
from retail.runtime.db import Database
from retail.runtime.mail import BadAddress, Mail, MailLimitReached, box, compose, tame
from retail.runtime.mail.postman import KEPT, PAUSES, Postman
from retail.runtime.mail.smtp import BadSmtpUrl, Carrier, Route
from retail.settings import BadSetting, Settings
from tests.support.database import Clone
from tests.support.post_office import PostOffice, post_office
from tests.support.web import Site, enrol_operator, make_site
from tests.support.world import Shop, open_shop
from workers.work import carrier_of

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
FROM = "Countertop <no-reply@countertop.example>"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path) as opened:
        yield opened


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[tuple[Database, FixedClock]]:
    """A database whose clock only the test moves, and a letter box with nothing in it."""
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute("DELETE FROM mail")
    await admin.close()
    clock = FixedClock(NOON)
    database = await Database.connect(clone.app_url, size=3, clock=clock)
    yield database, clock
    await database.close()


async def put(db: Database, to: str = "", **facts: object) -> object:
    given: dict[str, object] = {"subject": "Hello", "text": "Good day.\n", "kind": "test"} | facts
    async with db.platform() as unit:
        return await mail.queue(unit, Mail(to or f"{new_id().hex}@shop.example", **given))  # type: ignore[arg-type]


async def look(db: Database, id: object) -> mail.Letter:
    async with db.platform() as unit:
        found = await mail.letter(unit, id)  # type: ignore[arg-type]
    assert found is not None
    return found.letter


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def test_a_mail_arrives_once_over_tls_with_its_secret_and_the_row_forgets_it(
    office: PostOffice, timed: tuple[Database, FixedClock]
) -> None:
    db, _ = timed
    shop = await open_shop(db)
    link = "https://app.example/invitations/abc"
    letter = compose(
        "invitation", "nina@shop.example", tenant=shop.tenant, link=link, inviter="Olga", role="Manager", days=7
    )
    async with db.platform() as unit:
        id = await mail.queue(unit, letter)
    postman = Postman(db, Carrier(office.url, FROM))
    assert await postman.round() == 1
    assert await postman.round() == 0
    assert office.over_tls == [True]
    assert office.envelopes == [("no-reply@countertop.example", ["nina@shop.example"])]
    (message,) = office.taken
    assert message["From"] == '"Corner & Co (Countertop)" <no-reply@countertop.example>'
    assert message["To"] == "nina@shop.example"
    assert message["Subject"] == "Olga invites you to Corner & Co"
    assert message["Message-ID"] == f"<{id}@countertop.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert plain(message).count(link) == 1
    html = message.get_body(("html",))
    assert html is not None
    assert f'href="{link}"' in html.get_content()
    async with db.platform() as unit:
        kept = await mail.letter(unit, id)
    assert kept is not None
    assert (kept.letter.state, kept.letter.attempts, kept.secret) == ("sent", 1, None)
    assert link not in kept.text + str(kept.html)


async def test_a_mail_of_an_undone_transaction_is_never_sent(timed: tuple[Database, FixedClock]) -> None:
    db, _ = timed

    async def put_and_fail() -> None:
        async with db.platform() as unit:
            await mail.queue(unit, Mail("a@b.example", "Hello", "…"))
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await put_and_fail()
    async with db.platform() as unit:
        assert (await mail.letters(unit)).items == []


async def test_a_server_that_is_away_is_tried_again_later_and_given_up_in_the_end(
    timed: tuple[Database, FixedClock], office: PostOffice
) -> None:
    db, clock = timed
    shop = await open_shop(db)
    id = await put(db, tenant=shop.tenant.id, secret="https://app.example/x")
    away = Postman(db, Carrier("smtp://127.0.0.1:1?tls=none", FROM))
    for tried, pause in enumerate(PAUSES, start=1):
        assert await away.round() == 1
        letter = await look(db, id)
        assert (letter.state, letter.attempts, letter.due_at) == ("waiting", tried, clock.now() + pause)
        assert await away.round() == 0, "not before its time"
        clock.advance(pause)
    assert await away.round() == 1
    letter = await look(db, id)
    assert (letter.state, letter.attempts) == ("failed", 6)
    assert letter.error is not None
    assert letter.error.startswith("SMTPConnectError")
    clock.advance(timedelta(days=1))
    assert await Postman(db, Carrier(office.url, FROM)).round() == 0
    assert office.taken == []
    async with db.read(shop.scope) as read:
        notices = await read.fetch("SELECT kind, subject_id FROM notice")
        audits = await read.fetch("SELECT action, subject_id FROM audit_event WHERE subject_kind = 'mail'")
    assert [tuple(row) for row in notices] == [("mail_failed", id)]
    assert [tuple(row) for row in audits] == [("mail.given_up", id)]


async def test_a_mail_that_failed_once_is_sent_at_the_next_try(
    timed: tuple[Database, FixedClock], office: PostOffice
) -> None:
    db, clock = timed
    id = await put(db)
    office.refuse = "451 not now"
    postman = Postman(db, Carrier(office.url, FROM))
    await postman.round()
    assert (await look(db, id)).state == "waiting"
    office.refuse = ""
    clock.advance(PAUSES[0])
    await postman.round()
    letter = await look(db, id)
    assert (letter.state, letter.attempts, letter.error) == ("sent", 2, None)
    assert len(office.taken) == 1


async def test_an_address_that_the_server_refuses_for_good_is_given_up_at_once(
    timed: tuple[Database, FixedClock], office: PostOffice
) -> None:
    db, _ = timed
    office.refuse = "550 no such person"
    id = await put(db)
    await Postman(db, Carrier(office.url, FROM)).round()
    letter = await look(db, id)
    assert (letter.state, letter.attempts, letter.error) == ("failed", 1, "no such person")


async def test_a_server_without_starttls_or_with_a_strange_certificate_gets_nothing(
    timed: tuple[Database, FixedClock], office: PostOffice, tmp_path: Path
) -> None:
    db, clock = timed
    id = await put(db)
    with post_office(tmp_path, starttls=False) as bare:
        await Postman(db, Carrier(bare.url, FROM)).round()
        assert bare.taken == []
    clock.advance(PAUSES[0])
    await Postman(db, Carrier(f"smtp://localhost:{office.port}", FROM)).round()
    assert office.taken == []
    letter = await look(db, id)
    assert (letter.state, letter.attempts) == ("waiting", 2)


async def test_two_postmen_never_take_the_same_mail_and_a_dead_ones_is_taken_over(
    timed: tuple[Database, FixedClock],
) -> None:
    db, clock = timed
    id = await put(db)
    claim = "SELECT * FROM auth_claim_mail($1, $2, 10, ARRAY['mail'])"
    async with db.platform() as unit:
        first = await unit.fetch(claim, unit.now, unit.now + timedelta(minutes=5))
    async with db.platform() as unit:
        assert await unit.fetch(claim, unit.now, unit.now + timedelta(minutes=5)) == []
    clock.advance(timedelta(minutes=5))
    async with db.platform() as unit:
        second = await unit.fetch(claim, unit.now, unit.now + timedelta(minutes=5))
        assert (first[0]["attempt"], second[0]["attempt"]) == (1, 2)
        assert await unit.fetchval("SELECT auth_mail_sent($1, 1, $2)", id, unit.now) is None, (
            "a late one settles nothing"
        )
        assert await unit.fetchval("SELECT auth_mail_sent($1, 2, $2)", id, unit.now) == id


@pytest.mark.parametrize(
    "to",
    [
        "", "a", "a@b, c@d", "a@b;c@d", "a@b\nBcc: x@y", "a@b\r\nBcc: x@y", "<a@b>", "A <a@b>", "a b@c", "a@b c",
        "a@b\x00", "a@b\u2028c", "a" * 250 + "@b.de",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_no_recipient(to: str) -> None:
    with pytest.raises(BadAddress):
        Mail(to, "Hello", "…")


HOSTILE = "Win!\r\nBcc: everyone@shop.example\r\n\r\nhttp://evil.example/login <b>now</b> \u202e\u2028www.evil.example"


async def test_names_make_no_headers_no_markup_and_no_links(
    office: PostOffice, timed: tuple[Database, FixedClock]
) -> None:
    db, _ = timed
    shop = await open_shop(db)
    facts = dataclasses.replace(shop.tenant, name=HOSTILE)
    link = "https://app.example/invitations/abc"
    async with db.platform() as unit:
        await mail.queue(
            unit,
            compose("invitation", "nina@shop.example", tenant=facts, link=link, inviter=HOSTILE, role=HOSTILE, days=7),
        )
    await Postman(db, Carrier(office.url, FROM)).round()
    assert office.envelopes == [("no-reply@countertop.example", ["nina@shop.example"])]
    (message,) = office.taken
    assert message["Bcc"] is None
    assert set(message.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == {
        "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
    }  # fmt: skip
    html = message.get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert "<b>" not in page
    assert page.count("href=") == 1
    for body in (plain(message), page):
        assert "evil.example" not in body
        assert "://" not in body.replace(link, "")


def test_control_characters_of_subject_and_sender_become_blanks() -> None:
    made = Mail("a@b.example", "One\r\nBcc: x@y\x00\x85two", "…", sender="Olga\nEve@evil.example")
    assert (made.subject, made.sender) == ("One Bcc: x@y two", "Olga Eve at evil. example")


def test_amounts_and_days_stay_whole_and_addresses_do_not() -> None:
    for whole in ("€47.60", "12.345,60 €", "24.12.2026", "1,047.60 is due.", "3.5 kg"):
        assert tame(whole) == whole
    for link in ("evil.example", "5.99.example", "10.0.0.1", "a1.2b", "1.a"):
        assert link not in tame(link)


async def test_the_row_itself_refuses_a_second_header_line(timed: tuple[Database, FixedClock]) -> None:
    db, _ = timed
    for column in ("recipient", "sender", "subject"):
        made = Mail("a@b.example", "Hello", "…")
        object.__setattr__(made, "to" if column == "recipient" else column, "a@b.example\nBcc: x@y")
        with pytest.raises(asyncpg.CheckViolationError):
            async with db.platform() as unit:
                await mail.queue(unit, made)


async def test_a_business_sends_so_many_a_day_and_its_security_notices_still_go(
    timed: tuple[Database, FixedClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, clock = timed
    shop = await open_shop(db)
    monkeypatch.setattr(box, "MOST_A_DAY", 2)
    await put(db, tenant=shop.tenant.id)
    await put(db, tenant=shop.tenant.id)
    with pytest.raises(MailLimitReached) as refused:
        await put(db, tenant=shop.tenant.id)
    assert refused.value.status == 429
    await put(db, tenant=shop.tenant.id, essential=True)
    await put(db)
    clock.advance(timedelta(days=1))
    await put(db, tenant=shop.tenant.id)


async def test_mail_is_forgotten_after_a_month(timed: tuple[Database, FixedClock], office: PostOffice) -> None:
    db, clock = timed
    await put(db)
    postman = Postman(db, Carrier(office.url, FROM))
    await postman.round()
    clock.advance(KEPT)
    await postman._prune()
    async with db.platform() as unit:
        assert len((await mail.letters(unit)).items) == 1
    clock.advance(timedelta(hours=1, seconds=1))
    await postman._prune()
    async with db.platform() as unit:
        assert (await mail.letters(unit)).items == []


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com", "http://mail.example.com", "smtp://", "smtp://mail.example.com:port",
        "smtp://mail.example.com?tls=none", "smtp://mail.example.com?tls=perhaps",
    ],
)  # fmt: skip
def test_a_mail_server_is_named_rightly_and_never_spoken_to_in_the_clear(url: str) -> None:
    with pytest.raises(BadSmtpUrl):
        Route.read(url)


def test_a_mail_servers_address_is_read_with_its_password() -> None:
    assert Route.read("smtps://us%40er:p%2Fw@mail.example.com") == Route(
        "mail.example.com", 465, "us@er", "p/w", "direct"
    )
    assert Route.read("smtp://mail.example.com").port == 587


def test_the_worker_does_without_a_mail_server_but_says_so_in_production(caplog: pytest.LogCaptureFixture) -> None:
    assert carrier_of(Settings(environment="development")) is None
    assert caplog.records == []
    assert carrier_of(Settings(environment="production")) is None
    assert "SMTP_URL is not set" in caplog.text
    with pytest.raises(BadSetting, match="MAIL_FROM"):
        Settings.from_env({"COUNTERTOP_ENV": "production", "SMTP_URL": "smtp://m.example"})


def test_links_begin_with_what_the_settings_say_never_with_a_requests_host() -> None:
    assert Settings(base_domain="app.example").base_url == "https://app.example"
    assert Settings(public_origins=("https://a.example/", "https://b.example")).base_url == "https://a.example"
    assert Settings(host="192.168.1.20", port=8000).base_url == "http://192.168.1.20:8000"
    assert Settings(host="fd00::7", port=8000).base_url == "http://[fd00::7]:8000"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost", ""])
def test_on_this_machine_one_address_is_announced_linked_and_good_for_passkeys(host: str) -> None:
    settings = Settings(host=host, port=8613)
    assert settings.base_url == "http://localhost:8613"
    assert "open at [bold]http://localhost:8613[/bold]" in "".join(announcement(settings, []))
    party = relying_party(settings)
    assert party is not None
    assert party.origins == (settings.base_url,)


async def test_operators_see_what_waits_and_its_link_only_where_nothing_is_sent(site: Site) -> None:
    link = "https://app.example/secret-of-nina"
    id = await put(site.db, text=f"Come in:\n\n{link}\n", subject="For Nina", secret=link)
    _, _, secret = await enrol_operator(site.db)
    listed = (await site.visitor(secret).get("/platform/mail")).text
    assert "For Nina" in listed
    assert link not in listed
    assert link in (await site.visitor(secret).get(f"/platform/mail/{id}")).text
    live = make_site(site.db, smtp_url="smtp://mail.example")
    shown = (await live.visitor(secret).get(f"/platform/mail/{id}")).text
    assert "Come in:" in shown
    assert link not in shown
    assert ("[[secret]]" in shown, "(Here stands a link" in shown) == (False, True)
    await live.close()
    for path in ("/platform/mail/nonsense", f"/platform/mail/{new_id()}"):
        assert (await site.visitor(secret).get(path)).status_code == 404


async def test_operators_find_mail_by_its_recipient_and_subject_page_by_page(site: Site) -> None:
    mark = new_id().hex
    async with site.db.platform() as unit:
        for number in range(52):
            nina = f"nina-{number}@{mark}.example"
            await mail.queue(unit, Mail(nina, subject=f"No. {number}", text=".", kind="test"))
        await mail.queue(unit, Mail("mia@shop.example", subject=f"100% {mark.upper()}", text=".", kind="test"))
    _, _, secret = await enrol_operator(site.db)
    operator = site.visitor(secret)

    async def found(path: str) -> tuple[list[str], str]:
        page = (await operator.get(path)).text
        after = re.search(rf'href="(/platform/mail\?q=%40{mark}&amp;after=[^"]+)"', page)
        names = re.findall(r'<th scope="row"><a[^>]*>([^<]*)', page)
        return names, after.group(1).replace("&amp;", "&") if after else ""

    assert await found(f"/platform/mail?q=17@{mark}") == (["No. 17"], "")
    assert await found(f"/platform/mail?q=100%25+{mark}") == ([f"100% {mark.upper()}"], "")
    assert await found(f"/platform/mail?q=%25@{mark}") == ([], "")
    assert "No mail fits" in (await operator.get(f"/platform/mail?q={new_id().hex}")).text
    first, path = await found(f"/platform/mail?q=%40{mark}")
    last, end = await found(path)
    assert (first + last, end) == ([f"No. {number}" for number in reversed(range(52))], "")
    wrong = await operator.get("/platform/mail?after=nonsense")
    assert (wrong.status_code, "This page link is not valid" in wrong.text) == (422, True)


async def test_nobody_but_operators_reads_mail(site: Site, shop: Shop) -> None:
    id = await put(site.db, subject="For Nina")
    owner = await site.member(shop)
    for path in ("/platform/mail", f"/platform/mail/{id}"):
        answer = await owner.get(path)
        assert answer.status_code == 403
        assert "For Nina" not in answer.text
