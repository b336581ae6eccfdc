"""Programs hand files in, see what each row comes to, have them stored, and may ask again without doing it twice."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest

from retail.automation.imports.files import folder_of
from retail.kit.ids import new_id
from retail.settings import Settings
from tests.automation.conftest import Exchange
from tests.automation.test_pictures import packed, picture
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import ean13, open_shop

ROWS = b"Code;Title;VK;Tax\nT-1;Green tea;2.49;R\nT-2;Black tea;2.99;R\nT-3;;1.00;R\n"
MAPPING = json.dumps({"Code": "sku", "Title": "name", "VK": "price", "Tax": "tax_class"})


async def teas(exchange: Exchange) -> list[str]:
    rows = await exchange.fetch("SELECT sku FROM product WHERE tenant_id = $1 AND sku LIKE 'T-%' ORDER BY sku")
    return [row["sku"] for row in rows]


def files(exchange: Exchange, settings: Settings) -> int:
    folder = folder_of(settings, exchange.shop.tenant.id)
    return len([one for one in folder.iterdir() if len(one.name) == 36]) if folder.is_dir() else 0


class Program:
    """A program of a shop."""

    def __init__(self, client: httpx.AsyncClient, exchange: Exchange) -> None:
        self.client, self.exchange = client, exchange
        self.at = f"/t/{exchange.shop.tenant.slug}/api/v1/imports"

    async def send(self, content: bytes = ROWS, key: str = "", **asked: str) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        data = {"kind": "products", "mapping": MAPPING} | asked
        return await self.client.post(self.at, data=data, files={"file": ("teas.csv", content)}, headers=headers)

    async def state(self, id: str) -> Any:
        await work_off(self.exchange.shop.db, self.exchange.shop.tenant.id)
        return (await self.client.get(f"{self.at}/{id}")).json()


@pytest.fixture
async def program(site: Site, exchange: Exchange) -> Program:
    return Program(await site.member(exchange.shop), exchange)


async def test_a_dry_run_says_what_a_file_would_do_and_start_does_it(program: Program, exchange: Exchange) -> None:
    sent = await program.send(dry_run="true", mode="good")
    told = sent.json()
    assert (sent.status_code, told["state"], told["mode"], told["dry_run"]) == (201, "checking", "good", True)
    assert [one["column"] for one in told["columns"]] == ["sku", "name", "price", "tax_class"]
    now = await program.state(told["id"])
    assert now["state"] == "checked"
    assert now["counts"] == {"rows": 3, "new": 2, "changed": 0, "same": 0, "refused": 1, "stored": 0}
    assert await teas(exchange) == []
    at = f"{program.at}/{told['id']}"
    (row,) = (await program.client.get(f"{at}/report")).json()["items"]
    assert (row["line"], row["result"], row["cells"]["Code"]) == (4, "refused", "T-3")
    assert row["reasons"] == [{"column": "name", "detail": "Name is empty."}]
    first = (await program.client.get(f"{at}/report?rows=all&limit=2")).json()
    rest = (await program.client.get(f"{at}/report?rows=all&limit=2&after={first['next']}")).json()
    assert ([one["line"] for one in first["items"] + rest["items"]], rest["next"]) == ([2, 3, 4], None)
    written = await program.client.get(f"{at}/report?format=csv")
    assert written.text.splitlines()[1] == "4,refused,name: Name is empty.,T-3,,1.00,R"
    refused = await program.client.post(f"{at}/start?mode=whole")
    assert (refused.status_code, await teas(exchange)) == (422, [])
    started = await program.client.post(f"{at}/start", headers={"Idempotency-Key": "go"})
    assert (started.status_code, started.json()["state"]) == (200, "storing")
    again = await program.client.post(f"{at}/start", headers={"Idempotency-Key": "go"})
    assert (again.status_code, again.json()["state"]) == (200, "storing")
    done = await program.state(told["id"])
    assert (done["state"], done["counts"]["stored"], await teas(exchange)) == ("done", 2, ["T-1", "T-2"])
    late = await program.client.post(f"{at}/start")
    assert (late.status_code, late.json()["code"]) == (409, "import_went_on")
    listed = (await program.client.get(program.at)).json()
    assert [one["id"] for one in listed["items"]] == [told["id"]]


@pytest.mark.parametrize(("mode", "state", "stored"), [("whole", "checked", []), ("good", "done", ["T-1", "T-2"])])
async def test_without_a_dry_run_it_goes_on_by_itself(
    program: Program, exchange: Exchange, mode: str, state: str, stored: list[str]
) -> None:
    sent = (await program.send(mode=mode)).json()
    await program.state(sent["id"])
    assert ((await program.state(sent["id"]))["state"], await teas(exchange)) == (state, stored)


async def test_a_file_may_be_the_body_itself(program: Program, exchange: Exchange) -> None:
    content = f"sku,name,price,tax_class,barcodes\nT-9,Tea,1.00,R,{ean13(900)}\n".encode()
    sent = await program.client.post(f"{program.at}?kind=products&name=teas.csv", content=content)
    assert (sent.status_code, sent.json()["file"]) == (201, "teas.csv")
    await program.state(sent.json()["id"])
    assert ((await program.state(sent.json()["id"]))["state"], await teas(exchange)) == ("done", ["T-9"])


async def test_the_same_key_hands_a_file_in_once(program: Program, exchange: Exchange, settings: Settings) -> None:
    first, again = await program.send(key="k1"), await program.send(key="k1")
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    for other in (await program.send(ROWS + b"T-4;Tea;1;R\n", key="k1"), await program.send(key="k1", mode="good")):
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(await exchange.fetch("SELECT 1 FROM import_run WHERE tenant_id = $1")) == 1
    assert files(exchange, settings) == 1


@pytest.mark.parametrize(
    ("content", "asked", "field"),
    [
        (b"", {}, "file"), (b"%PDF-1.7", {}, "file"), (packed({"a.png": b"x"}), {}, "file"),
        (ROWS, {"kind": "everything"}, "kind"), (ROWS, {"mode": "half"}, "mode"), (ROWS, {"mapping": "["}, "mapping"),
        (ROWS, {"mapping": '{"Nowhere": "sku"}'}, "mapping"),
        (ROWS, {"mapping": '{"Code": "sku", "Title": "colour"}'}, "columns"),
        (ROWS, {"match_by": "barcode"}, "match_by"), (ROWS, {"kind": "pictures"}, "file"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told_at_its_field_and_leaves_nothing(  # noqa: PLR0917 - three that vary
    program: Program, exchange: Exchange, settings: Settings, content: bytes, asked: dict[str, str], field: str
) -> None:
    answer = await program.send(content, **asked)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert await exchange.fetch("SELECT 1 FROM import_run WHERE tenant_id = $1") == []
    assert await exchange.fetch("SELECT 1 FROM job WHERE tenant_id = $1 AND name LIKE 'imports%'") == []
    assert files(exchange, settings) == 0


async def test_an_import_is_cancelled_and_its_file_is_gone(
    program: Program, exchange: Exchange, settings: Settings
) -> None:
    sent = (await program.send(dry_run="true")).json()
    await program.state(sent["id"])
    answer = await program.client.post(f"{program.at}/{sent['id']}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (await teas(exchange), files(exchange, settings)) == ([], 0)
    assert (await program.client.post(f"{program.at}/{sent['id']}/start")).status_code == 409


async def test_pictures_are_handed_in_as_well(program: Program, exchange: Exchange) -> None:
    sku = exchange.shop.products[0].sku
    sent = await program.send(packed({f"{sku}.png": picture("red")}), kind="pictures", mapping="")
    await program.state(sent.json()["id"])
    done = await program.state(sent.json()["id"])
    assert (done["state"], done["counts"]["stored"], done["form"]) == ("done", 1, "zip")


async def test_imports_are_for_who_may_import_and_stay_inside_the_business(
    site: Site, program: Program, exchange: Exchange
) -> None:
    id = (await program.send(dry_run="true")).json()["id"]
    other = await open_shop(exchange.shop.db)
    stranger = Program(await site.member(other), Exchange(other))
    for path in (f"/{id}", f"/{id}/report"):
        assert (await stranger.client.get(stranger.at + path)).status_code == 404
    for path in (f"/{id}/start", f"/{id}/cancel", f"/{new_id()}/start"):
        assert (await stranger.client.post(stranger.at + path)).status_code == 404
    assert (await stranger.client.get(stranger.at)).json()["items"] == []
    clerk = Program(await site.member(exchange.shop, "clerk"), exchange)
    assert (await clerk.client.get(clerk.at)).status_code == 403
    half = Program(await site.holder(exchange.shop, "import", "move_stock"), exchange)
    assert (await half.client.get(f"{half.at}/{id}")).status_code == 403
    assert (await half.send()).status_code == 403


def test_a_web_process_knows_the_jobs_that_it_enqueues() -> None:
    asks = "from retail import live; live.switchboard(); from retail.runtime.jobs import REGISTRY; print(*REGISTRY)"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout.split()
    assert {"imports.check", "imports.store", "exports.make"} <= set(told)
