"""Static files, health, counters and the service worker."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from retail.app import create_app
from retail.runtime.db import Database
from retail.runtime.web.assets import ROOT, Assets
from retail.runtime.web.context import Process
from retail.runtime.web.static import Folder
from retail.settings import Settings
from tests.support.web import ORIGIN, Site, make_site


async def test_static_files_are_compressed_and_kept_for_ever_under_their_hash(site: Site) -> None:
    visitor = site.visitor()
    process: Process = site.app.state.process
    address = process.assets.address("css/base.css")
    kept = await visitor.get(address)
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-encoding"] == "gzip"
    assert kept.headers["content-type"] == "text/css; charset=utf-8"
    plain = await visitor.get("/static/css/base.css?v=other", headers={"Accept-Encoding": "identity"})
    assert plain.headers["cache-control"] == "no-cache"
    assert "content-encoding" not in plain.headers
    assert plain.content == kept.content
    known = await visitor.get("/static/css/base.css", headers={"If-None-Match": kept.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert (await visitor.head(address)).status_code == 200
    assert (await visitor.post(address)).status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/..%2f..%2fetc/passwd", "/static/css",
     "/static/", "/static/%00", "/static//etc/passwd", "/kiosk/../retail/app.py"],
)  # fmt: skip
async def test_nothing_outside_of_a_static_folder_is_served(site: Site, path: str) -> None:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=site.app))
    request = httpx.Request("GET", httpx.URL(ORIGIN, raw_path=path.encode()))
    answer = await client.send(request)
    assert answer.status_code == 404
    await client.aclose()


async def test_health_says_what_is_there(site: Site, db: Database) -> None:
    visitor = site.visitor()
    assert (await visitor.get("/healthz")).json() == {"ok": True}
    ready = (await visitor.get("/readyz")).json()
    assert ready["ready"] is True
    assert [(c["name"], c["ok"] or c["name"] == "audit trails", c["required"]) for c in ready["checks"]] == [
        ("database", True, True),
        ("migrations", True, True),
        ("audit trails", True, False),  # whether other tests left some unsealed is theirs
        ("redis", False, False),
        ("disk", True, False),
    ]
    asleep: Starlette = create_app(Settings(environment="test"))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=asleep), base_url=ORIGIN)
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503
    await client.aclose()


async def test_metrics_are_for_the_loopback_or_for_the_token(db: Database) -> None:
    site = make_site(db, metrics_token="m" * 20)
    visitor = site.visitor()
    assert (await visitor.get("/metrics")).status_code == 404
    shown = await visitor.get("/metrics", headers={"Authorization": "Bearer " + "m" * 20})
    assert "countertop_requests_total" in shown.text
    proxied = await make_site(db).visitor().get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"})
    assert proxied.status_code == 404
    far = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=make_site(db).app, client=("10.0.0.9", 1)), base_url=ORIGIN
    )
    assert (await far.get("/metrics")).status_code == 404
    await far.aclose()
    await site.close()


async def test_the_service_worker_names_every_file_of_the_till(site: Site) -> None:
    answer = await site.visitor().get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["service-worker-allowed"] == "/"
    first = answer.text.split("\n", 1)[0]
    assert re.fullmatch(r'self\.PRECACHE=\{"version":"[0-9a-f]{16}","files":\{.*\}\};', first)
    assert '"/kiosk/till/pricing.js":"' in first


async def test_the_shell_comes_in_one_answer_to_the_worker_of_its_version(site: Site) -> None:
    visitor = site.visitor()
    told = json.loads((await visitor.get("/sw.js")).text.split("\n", 1)[0].removeprefix("self.PRECACHE=").rstrip(";"))
    address = f"/kiosk/shell/{told['version']}"
    packed, plain = await visitor.get(address), await visitor.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    head, _, rest = plain.content.partition(b"\n")
    parts: dict[str, str] = {}
    for path, length, _type in json.loads(head):
        parts[path] = hashlib.sha256(rest[:length]).hexdigest()
        rest = rest[length:]
    assert rest == b""
    assert all(told["files"][path] == digest for path, digest in parts.items())
    alone = set(told["files"]) - set(parts)
    assert "/kiosk/till/shell.html" in alone, "a page is kept with its own policy"
    assert {path.split("/")[3].split("@")[0] for path in alone if not path.endswith(".html")} == {
        "words",
        "zxing-library",
    }
    assert (await visitor.get("/kiosk/shell/0000000000000000")).status_code == 404


async def test_a_sheet_that_imports_others_is_sent_with_them_in_their_places(tmp_path: Path) -> None:
    (tmp_path / "one.css").write_text("@layer a, b;\n@layer a { p { color: red; } }\n")
    (tmp_path / "two.css").write_text("@layer b { p { color: blue; } }\n")
    (tmp_path / "all.css").write_text('/* both */\n@import "one.css";\n@import "two.css";\n')
    folder, assets = Folder(tmp_path, watch=True), Assets(tmp_path, watch=True)
    first, before = folder.load("all.css"), assets.address("all.css")
    assert first is not None
    assert first.body == b"@layer a,b;@layer a{p{color:red}}@layer b{p{color:blue}}"
    assert before == f"/static/all.css?v={first.sha256[:12]}", "the address has the hash of what is sent"
    (tmp_path / "two.css").write_text("@layer b { p { color: green; } }\n")
    os.utime(tmp_path / "two.css", (2e9, 2e9))
    second = folder.load("all.css")
    assert second is not None
    assert b"green" in second.body, "a change of one of them is seen"
    assert assets.address("all.css") == f"/static/all.css?v={second.sha256[:12]}" != before


@pytest.mark.parametrize("sheet", ["office", "door"])
def test_the_office_and_its_door_have_one_sheet_in_which_nothing_is_left_to_ask_for(sheet: str) -> None:
    sent = Folder(ROOT / "static").load(f"css/{sheet}.css")
    assert sent is not None
    assert b"@import" not in sent.body
    assert sent.body.startswith(b"@layer reset,"), "the order of the layers is said first"
