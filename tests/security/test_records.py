"""The pages of docs/security say what is so: ways in, keys, requirements and threats, compared with code and tests."""

from __future__ import annotations

import ast
import inspect
import io
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from retail.app import create_app
from retail.runtime import keys, telemetry
from retail.seller import Seller
from retail.settings import Settings
from tests.security.requirements import IDS
from tests.support import database
from tests.support.callers import ROOT, Name, holding, leading_to, product
from tests.support.source import tree_of

DOCS = ROOT / "docs" / "security"
SEMGREP = ROOT / "tests" / "architecture" / "semgrep"
STATES = {"met", "partly", "not yet", "operator", "n/a"}


@cache
def known_tests() -> frozenset[str]:
    """Name every test there is, without running any."""
    return frozenset(
        f"{path.relative_to(ROOT / 'tests')}::{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


@cache
def known_rules() -> frozenset[str]:
    found = [re.findall(r"^ *- id: (\S+)$", path.read_text(), re.MULTILINE) for path in SEMGREP.glob("*.yaml")]
    return frozenset(f"semgrep:{rule}" for of_file in found for rule in of_file)


def exists(proof: str) -> bool:
    return proof in known_tests() or proof in known_rules() or (ROOT / "tests" / proof).is_file()


def rows(page: str, columns: int) -> list[list[str]]:
    """Read the rows of a page's tables that have so many columns, headings left out."""
    lines = [line for line in (DOCS / page).read_text().splitlines() if line.startswith("| ")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells for cells in split if len(cells) == columns]


def ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_requirement_is_there_once_with_a_proof_or_a_reason() -> None:
    found = [row for row in rows("asvs.md", 4) if re.fullmatch(r"\d+\.\d+\.\d+", row[0])]
    counted = Counter(row[0] for row in found)
    assert {id: times for id, times in counted.items() if times > 1} == {}
    assert set(counted) == set(IDS)
    for id, state, how, proof in found:
        assert state in STATES, id
        assert how, f"{id} says nothing"
        assert [one for one in ticked(proof) if not exists(one)] == [], id
        if state == "operator":
            pages = re.findall(r"operator/[a-z]+\.md", how)
            assert pages, f"{id}: which page tells the operator?"
            assert [page for page in pages if not (ROOT / "docs" / page).is_file()] == [], id
        else:
            assert bool(ticked(proof)) == (state in {"met", "partly"}), f"{id} is {state}: {proof or 'no proof'}"
        assert ("Not yet:" in how) == (state == "partly"), f"{id}: what is missing of it stands behind Not yet"
    print(dict(Counter(row[1] for row in found)), "of", len(found))


def test_every_threat_has_something_against_it_and_proofs_that_exist() -> None:
    found = [row for row in rows("threat-model.md", 5) if re.fullmatch(r"T\d+", row[0])]
    assert [row[0] for row in found] == [f"T{number}" for number in range(1, 36)]
    for number, _threat, _against, where, proof in found:
        proofs = [one for one in ticked(proof) if "::" in one]
        assert [one for one in proofs if not exists(one)] == [], number
        assert proofs or "Not yet:" in proof, number
        for path in ticked(where):
            places = [ROOT / path, ROOT / "retail" / path, DOCS / path, *(ROOT / "retail").glob(f"*/{path}")]
            assert any(place.exists() for place in [*places, ROOT / "kiosk" / "till" / path]), (number, path)


def test_the_map_names_every_page_of_the_folder() -> None:
    named = {page for row in rows("README.md", 3) for page in ticked(row[0])}
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= named


def test_every_key_and_secret_is_on_the_page_and_nothing_else() -> None:
    assert {ticked(row[0])[0] for row in rows("keys.md", 6) if ticked(row[0])} == set(keys.NAMES)
    three = {name for row in rows("keys.md", 3) for name in ticked(row[0])}
    named = re.compile(r"\.secret\(\"([a-z]+)\"\)|\bsecret\(\"([a-z]+)\"\)")
    files = {one or other for path in (ROOT / "retail").rglob("*.py") for one, other in named.findall(path.read_text())}
    assert three == files
    settings = {ticked(row[0])[0] for row in rows("keys.md", 4) if ticked(row[0])}
    secret = re.compile(r"(_key|_url|_token|_secrets?|password|^mail_api|^sms_api|^phrasing_api)$")
    assert settings == {one.name.upper() for one in (*fields(Settings), *fields(Seller)) if secret.search(one.name)}
    page = (DOCS / "keys.md").read_text()
    assert [name for name in keys.NAMES if f"`KEY_{name.upper()}`" not in page] == []


def endpoints(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Name]]:
    for route in routes:
        if isinstance(route, Mount):
            inner = route.app.routes if isinstance(route.app, FastAPI) else route.routes
            yield from endpoints(inner or [], prefix + route.path)
        elif hasattr(route, "endpoint"):
            handler = inspect.unwrap(route.endpoint)
            for verb in sorted((getattr(route, "methods", None) or {"WS"}) - {"HEAD"}):
                yield f"{verb} {prefix}{getattr(route, 'path', '')}", (handler.__module__, handler.__qualname__)


def lets_in(text: str) -> bool:
    """Claim that a statement stores a session, a token or a cashier at a device."""
    stores = r"auth_open_session\(|INSERT INTO (api_token|device_session|session)\b"
    return bool(re.search(rf"{stores}|UPDATE device_session\s+SET person_id", text))


def test_every_door_that_lets_somebody_in_is_on_the_page() -> None:
    makers = holding(lets_in) | {("retail.identity.signed_tokens", "sign")}
    assert len(makers) == 5, f"a new way to store a session or token: {sorted(makers)}"
    reaching = leading_to(makers)
    found = {
        address.replace("/t/{slug}/api/v1", "/api/v1")
        for address, handler in endpoints(create_app(Settings(environment="test")).routes)
        if handler in reaching
    }
    page = (DOCS / "authentication.md").read_text().partition("## What opens no session")[0]
    named = {one for one in ticked(page) if re.match(r"(GET|POST|PUT|PATCH|DELETE) /", one)}
    assert found == named
    commands = {name for name in reaching if name[0].startswith(("retail.cli", "workers"))}
    known = {"retail.cli", "retail.cli.commands", "retail.cli.tokens"}
    assert {module for module, _name in commands} == known, "`countertop token create`"


async def test_a_fresh_installation_has_no_account() -> None:
    admin_url = os.environ["TEST_DATABASE_ADMIN_URL"]
    fresh = await database.clone(admin_url, os.environ["TEST_DATABASE_TEMPLATE"])
    admin = await asyncpg.connect(fresh.admin_url)
    try:
        for table in ("person", "tenant", "membership", "session", "api_token", "device"):
            assert await admin.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    finally:
        await admin.close()
        await database.drop(admin_url, fresh.name)


def test_production_starts_with_no_default_secret() -> None:
    """Keys are the keyring's, made on the first start; none is a setting that somebody could leave at its default."""
    assert Settings.from_env({"COUNTERTOP_ENV": "production"}).production
    secret = re.compile(r"(_key|_token|_secret|password)$")
    assert [one.name for one in fields(Settings) if secret.search(one.name) and one.default != ""] == []


CLIENTS = {"asyncpg", "redis", "aiosmtplib", "httpcore", "httpx", "requests", "urllib.request", "http.client",
           "smtplib", "aiohttp", "ftplib", "urllib3"}  # fmt: skip
CONNECT = {"connect", "create_pool", "from_url", "SMTP", "AsyncConnectionPool", "urlopen", "create_connection",
           "open_connection", "open_unix_connection"}  # fmt: skip


def connects(tree: ast.Module) -> bool:
    """Claim that a module opens connections to somewhere."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    if not any(name == client or name.startswith(client + ".") for name in names for client in CLIENTS):
        return False
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in CONNECT for call in calls)


def test_only_these_modules_connect_to_anything() -> None:
    table = (DOCS / "threat-model.md").read_text().partition("## Where it connects to")[2].partition("## ")[0]
    named = [one for line in table.splitlines() if line.startswith("| ") for one in ticked(line.split("|")[2])]
    found = {module.replace(".", "/") for module, tree in product().items() if connects(tree)}
    assert found
    listed = [one.removesuffix(".py") for one in named]
    assert [module for module in sorted(found) if not any(one in module for one in listed)] == []


def test_every_package_is_locked_by_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-tools.lock"):
        packages = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().strip())
        assert len(packages) > 10, name
        assert [one.splitlines()[0] for one in packages if "==" not in one or "--hash=sha256:" not in one] == []


def test_a_line_of_the_log_says_when_who_where_and_what() -> None:
    out = io.StringIO()
    logger = logging.getLogger("countertop.records")
    handler = logging.StreamHandler(out)
    handler.setFormatter(telemetry.JsonLines())
    logger.handlers[:], logger.propagate = [handler], False
    with telemetry.about(request_id="r" * 32, tenant="corner", person="p"):
        logger.warning("refused", extra={"ip": "192.0.2.1", "status": 403})
    line: dict[str, Any] = json.loads(out.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["ts"])
    assert {"level", "logger", "event", "request_id", "tenant", "person", "ip", "status"} <= set(line)
    path = Path(inspect.getfile(telemetry))
    assert "FileHandler" not in path.read_text(), "standard output is the only place"
