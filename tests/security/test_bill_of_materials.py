"""`make sbom` names everything that the product is made of: each locked package and vendored file, with its hash."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.write_sbom import LOCKS, VENDORED, bill, locked

ROOT = Path(__file__).resolve().parents[2]
BILL = bill()
BY_PURL: dict[str, Any] = {one["purl"]: one for one in BILL["components"]}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_named_with_all_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    packages = re.findall(r"^([a-z0-9._-]+)==([^ ;\\\n]+)", text, re.MULTILINE)
    assert len(packages) > 10
    told = {
        name: {digest["content"] for digest in BY_PURL[f"pkg:pypi/{name}@{version}"]["externalReferences"][0]["hashes"]}
        for name, version in packages
    }
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    if lock == LOCKS[0]:
        assert told == {one.split("==")[0]: set(re.findall(r"sha256:([0-9a-f]{64})", one)) for one in blocks}
        assert all(BY_PURL[f"pkg:pypi/{name}@{version}"]["scope"] == "required" for name, version in packages)
    assert all(told.values())


def test_what_only_builds_or_tests_is_not_part_of_the_product() -> None:
    own = {one.name for one in locked(ROOT / LOCKS[0])}
    excluded = {one["name"] for one in BILL["components"] if one["scope"] == "excluded"}
    assert "pytest" in excluded
    assert excluded & own <= {one["name"] for one in BILL["components"] if one["scope"] == "required"}


def test_every_vendored_file_is_named_with_its_checksum() -> None:
    told = {
        (file["name"], file["hashes"][0]["content"]) for one in BILL["components"] for file in one.get("components", ())
    }
    lines = [line for place in VENDORED for line in (place / "MANIFEST.sha384").read_text().splitlines()]
    assert told == {(line.split(maxsplit=1)[1], line.split(maxsplit=1)[0]) for line in lines}
    assert {"pkg:npm/htmx.org@4.0.1", "pkg:npm/idb@8.0.4", "pkg:npm/vega@6.4.0"} <= set(BY_PURL)


def test_the_bill_is_a_cyclonedx_document_that_is_the_same_each_time(tmp_path: Path) -> None:
    target = tmp_path / "new" / "bill.json"
    subprocess.run([sys.executable, "-m", "scripts.write_sbom", str(target)], cwd=ROOT, check=True)
    document = json.loads(target.read_text())
    assert document == BILL
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"])
    refs = [one["bom-ref"] for one in document["components"]]
    assert len(refs) == len(set(refs))
    assert set(document["dependencies"][0]["dependsOn"]) <= set(refs)


def test_a_package_without_a_hash_stops_it(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("good==1 \\\n    --hash=sha256:" + "a" * 64 + "\nbad==2\n")
    with pytest.raises(ValueError, match="bad==2"):
        list(locked(lock))
