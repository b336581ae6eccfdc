"""Nobody is led to another site: whatever `next`, htmx's headers or the referrer say."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from retail.identity.rules import own_path
from tests.support.web import ORIGIN, PASSWORD, Site, enrol, session
from tests.support.world import Shop

ELSEWHERE = [
    "https://evil.test", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test", " //evil.test", "http:evil.test", "https:/evil.test", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "vbscript:x", "/\x00/evil.test", "\u2028//evil.test", "/\\/evil.test", "\uff0f\uff0fevil.test",
    "evil.test", "@evil.test", "?next=//evil.test", "/\r\nLocation: https://evil.test", "/x\\..\\evil.test",
    "//evil.test/%2f..", "/%0d%0aLocation:%20https://evil.test/", "//\u3002evil.test", "///", "//",
]  # fmt: skip


def is_ours(location: str) -> bool:
    """Claim that a browser stays: URLs are read as browsers read them, blanks off, backslashes as slashes."""
    plain = "".join(c for c in location if c not in "\t\r\n").strip().replace("\\", "/")
    parts = urlsplit(plain)
    return plain.startswith("/") and not plain.startswith("//") and not parts.scheme and not parts.netloc


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_signing_in_leads_nowhere_else(site: Site, shop: Shop, wanted: str) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    answer = await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD, "next": wanted})
    assert answer.status_code == 303
    assert is_ours(answer.headers["location"])
    assert "\r" not in answer.headers["location"]


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_no_page_leads_somebody_signed_in_elsewhere(site: Site, shop: Shop, wanted: str) -> None:
    person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    visitor = site.visitor(secret)
    asked = quote(wanted.encode("utf-8", "replace"), safe="")
    answers = [
        await visitor.get(f"/sign-in?next={asked}"),
        await site.visitor(await session(site.db, person)).post(
            "/confirm/password", data={"password": PASSWORD, "next": wanted}
        ),
        await site.visitor(await session(site.db, person)).post(
            "/confirm/password", data={"password": PASSWORD, "next": wanted}, headers={"HX-Request": "true"}
        ),
    ]
    for answer in answers:
        places = [answer.headers[name] for name in ("location", "hx-redirect", "hx-location") if name in answer.headers]
        assert places
        assert all(is_ours(place) for place in places), places
    page = await site.visitor().get(f"/sign-in?next={asked}")
    assert 'href="https://evil' not in page.text
    assert 'action="https://evil' not in page.text


@pytest.mark.parametrize("wanted", [one for one in ELSEWHERE if one.isprintable() and one.isascii()])
async def test_what_htmx_and_the_referrer_say_is_only_a_path_of_ours(site: Site, shop: Shop, wanted: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": wanted}
    asked = await site.visitor().get(f"/t/{shop.tenant.slug}/people", headers=headers)
    assert is_ours(asked.headers["hx-redirect"])
    back = parse_qs(urlsplit(asked.headers["hx-redirect"]).query).get("next", ["/"])[0]
    assert is_ours(own_path(back))
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    form = await site.visitor(secret).post("/account/password", data={"password": "x"}, headers={"Referer": wanted})
    assert "location" not in form.headers or is_ours(form.headers["location"])


@pytest.mark.parametrize(
    "wanted", ["/", "/t/acme/people?q=a%20b", "/account#passkeys", "/t/acme/sales?from=2026-01-01"]
)
def test_a_path_of_ours_is_kept(wanted: str) -> None:
    assert own_path(wanted) == wanted


async def test_the_way_back_after_signing_in_is_kept(site: Site, shop: Shop) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    wanted = f"/t/{shop.tenant.slug}/products?q=tea"
    answer = await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD, "next": wanted})
    assert answer.headers["location"] == wanted
    assert urlsplit(ORIGIN).netloc not in answer.headers["location"]
