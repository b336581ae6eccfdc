"""`make audit` finds weak packages, knows how long each may stay, and never takes silence for a clean answer."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import httpx
import pytest

from scripts import audit_packages
from scripts.audit_packages import CLEAN, DAYS, NOT_ASKED, OVERDUE, UNRATED, NotAsked, look, report
from tests.support.callers import ROOT

PAGE = (ROOT / "docs" / "security" / "dependencies.md").read_text()
TODAY = date(2026, 11, 21)
KNOWN: dict[str, dict[str, Any]] = {
    "GHSA-1": {"id": "GHSA-1", "published": "2026-11-15T09:00:00Z", "summary": "Reads too far",
               "database_specific": {"severity": "CRITICAL"}},
    "GHSA-2": {"id": "GHSA-2", "published": "2026-10-01T00:00:00Z", "details": "Two\nlines",
               "database_specific": {"severity": "MODERATE"}},
    "PYSEC-3": {"id": "PYSEC-3", "published": "2026-09-01T00:00:00.123456Z", "summary": "Unrated"},
    "GHSA-4": {"id": "GHSA-4", "published": "2020-01-01T00:00:00Z", "withdrawn": "2020-02-01T00:00:00Z"},
}  # fmt: skip


def osv(weak: dict[str, list[str]]) -> httpx.Client:
    """Give a client of a service that knows these weaknesses."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=KNOWN[request.url.path.removeprefix("/v1/vulns/")])
        assert request.url.path == "/v1/querybatch"
        asked = [one["package"]["purl"] for one in json.loads(request.content)["queries"]]
        return httpx.Response(
            200, json={"results": [{"vulns": [{"id": id} for id in weak[one]]} if one in weak else {} for one in asked]}
        )

    return httpx.Client(base_url="https://osv.test", transport=httpx.MockTransport(answer))


def test_the_times_are_the_pages() -> None:
    rows = re.findall(r"^\| (\w+) \| (\d+) days \|", PAGE, re.MULTILINE)
    assert {name: int(days) for name, days in rows} == DAYS
    assert f"counts as *{UNRATED}*" in PAGE


def test_each_weakness_is_found_and_has_its_time() -> None:
    found = look(
        osv({"pkg:pypi/a@1": ["GHSA-1", "GHSA-4"], "pkg:npm/b@2": ["GHSA-2"]}), ["pkg:pypi/a@1", "pkg:npm/b@2"]
    )
    assert [(one.package, one.id, one.severity, one.days_left(TODAY)) for one in found] == [
        ("pkg:pypi/a@1", "GHSA-1", "critical", 1),
        ("pkg:npm/b@2", "GHSA-2", "moderate", 39),
    ]
    code, lines = report(found, TODAY)
    assert code == CLEAN
    assert lines == [
        "pkg:pypi/a@1: GHSA-1 (critical, 2026-11-15), 1 days left: Reads too far",
        "pkg:npm/b@2: GHSA-2 (moderate, 2026-10-01), 39 days left: Two",
    ]


def test_one_that_has_stayed_too_long_fails_and_an_unrated_one_has_no_more_time_than_a_high_one() -> None:
    found = look(osv({"pkg:pypi/a@1": ["PYSEC-3"]}), ["pkg:pypi/a@1", "pkg:pypi/c@1"])
    assert [one.severity for one in found] == [UNRATED]
    code, lines = report(found, TODAY)
    assert code == OVERDUE
    assert "overdue by 51 days" in lines[0]


def test_the_last_day_still_counts() -> None:
    found = look(osv({"pkg:pypi/a@1": ["GHSA-1"]}), ["pkg:pypi/a@1"])
    assert report(found, date(2026, 11, 22))[0] == CLEAN
    assert report(found, date(2026, 11, 23))[0] == OVERDUE


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(200, text="<html>sign in to the network</html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"results": []}),
        httpx.Response(200, json={"results": [{"vulns": [], "next_page_token": "more"}]}),
    ],
)
def test_what_is_no_answer_is_not_clean(answer: httpx.Response) -> None:
    client = httpx.Client(base_url="https://osv.test", transport=httpx.MockTransport(lambda _request: answer))
    with pytest.raises(NotAsked):
        look(client, ["pkg:pypi/a@1"])


def test_where_nobody_answers_it_says_so_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit_packages.main(["--service", "http://127.0.0.1:9"]) == NOT_ASKED
    assert capsys.readouterr().err.startswith("Not audited: ")


def test_everything_that_is_locked_or_vendored_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(audit_packages, "look", lambda _client, packages: asked.extend(packages) or [])
    assert audit_packages.main([]) == CLEAN
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-tools.lock"):
        for name, version in re.findall(r"^([a-z0-9._-]+)==([^ ;\\\n]+)", (ROOT / lock).read_text(), re.MULTILINE):
            assert f"pkg:pypi/{name}@{version}" in asked
    assert any(one.startswith("pkg:npm/htmx.org@") for one in asked)
