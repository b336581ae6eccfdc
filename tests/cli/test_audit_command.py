"""`countertop audit`: chain and keys out, verified by the same command, the key renewed, a restore accepted."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from retail.audit import verify
from retail.cli import main
from tests.support.database import Clone
from tests.support.world import Shop


@pytest.fixture(autouse=True)
def surroundings(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", clone.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", clone.migrator_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


async def countertop(*arguments: str) -> int:
    return await asyncio.to_thread(main, arguments)


async def sealed(shop: Shop, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> list[str]:
    """Seal by checking, write chain and keys to files, and give what verify is called with."""
    await countertop("check", "--tenant", shop.tenant.slug)
    capfd.readouterr()
    assert await countertop("audit", "export", "--tenant", shop.tenant.slug) == 0
    (tmp_path / "export.jsonl").write_text(capfd.readouterr().out)
    assert await countertop("audit", "keys") == 0
    (tmp_path / "keys.json").write_text(capfd.readouterr().out)
    anchors = sorted(map(str, (tmp_path / "data" / "anchors").glob("*.jsonl")))
    return ["audit", "verify", "--keys", "keys.json", "export.jsonl", "--anchors", *anchors]


async def test_what_the_command_gives_out_it_also_verifies(
    shop: Shop, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    verify = await sealed(shop, capfd, tmp_path)
    assert await countertop(*verify) == 0
    assert capfd.readouterr().out.endswith("It holds.\n")
    text = (tmp_path / "export.jsonl").read_text()
    (tmp_path / "export.jsonl").write_text(text.replace("store.opened", "store.0pened", 1))
    assert await countertop(*verify) == 1
    assert "is not as it was sealed" in capfd.readouterr().out


async def test_an_export_reaches_as_far_as_the_heads_outside_its_own_record_too(
    shop: Shop, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    verify = await sealed(shop, capfd, tmp_path)
    text = (tmp_path / "export.jsonl").read_text()
    assert "audit.exported" in text.splitlines()[-2]
    await countertop("check", "--tenant", shop.tenant.slug)  # what a worker seals a second later is in the export
    capfd.readouterr()
    assert await countertop(*verify) == 0


def test_the_operators_page_tells_every_option_of_the_verifier(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        verify.main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capfd.readouterr().out)) - {"--help"}
    page = (Path(__file__).resolve().parents[2] / "docs/operator/running.md").read_text()
    assert {"--keys", "--as-of"} <= options
    assert {option for option in options if f"{option} " not in page} == set()


async def test_a_new_key_signs_from_then_on_and_both_verify(
    shop: Shop, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await sealed(shop, capfd, tmp_path)
    assert await countertop("audit", "rotate-key") == 0
    assert "Key audit-2-" in capfd.readouterr().err
    verify = await sealed(shop, capfd, tmp_path)
    assert len(json.loads((tmp_path / "keys.json").read_text())["keys"]) == 2
    assert await countertop(*verify) == 0


async def test_a_restore_can_only_be_accepted_where_something_is_sealed(
    shop: Shop, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    accept = ["audit", "accept-restore", "--tenant", shop.tenant.slug, "--reason", "backup of last night"]
    assert await countertop(*accept) == 2
    assert "Nothing is sealed in this audit trail yet." in capfd.readouterr().err
    verify = await sealed(shop, capfd, tmp_path)
    assert await countertop(*accept) == 0
    assert await countertop(*verify) == 0
    assert "a backup was restored on" in capfd.readouterr().out, "whatever is known outside counts"
    verify = await sealed(shop, capfd, tmp_path)
    assert await countertop(*verify) == 0
    assert "a backup was restored on" in capfd.readouterr().out
