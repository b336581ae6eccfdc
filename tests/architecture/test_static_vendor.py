"""Code and fonts of others are exactly the ones that were looked at, each with its licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
PLACES = [VENDOR, ROOT / "tests" / "support" / "vendor"]


def manifest(place: Path) -> dict[str, str]:
    lines = (place / "MANIFEST.sha384").read_text().splitlines()
    return {name: checksum for checksum, name in (line.split(maxsplit=1) for line in lines)}


@pytest.mark.parametrize("place", PLACES, ids=["pages", "tests"])
def test_every_vendored_file_has_the_checksum_that_the_manifest_says(place: Path) -> None:
    files = {
        path.relative_to(place).as_posix(): hashlib.sha384(path.read_bytes()).hexdigest()
        for path in place.rglob("*")
        if path.is_file() and path.parent != place
    }
    assert files == manifest(place), (
        f"To take a new version: cd {place.relative_to(ROOT)} && find . -mindepth 2 -type f | sed 's|^./||' "
        "| LC_ALL=C sort | xargs sha384sum > MANIFEST.sha384"
    )


def test_every_package_names_its_version_and_brings_its_licence() -> None:
    packages = [path for place in PLACES for path in place.iterdir() if path.is_dir()]
    assert packages
    for package in packages:
        assert re.fullmatch(r"[a-z-]+@\d+\.\d+\.\d+", package.name), package.name
        assert (package / "LICENSE").is_file(), package.name


def test_nothing_vendored_asks_for_a_file_that_is_not_here() -> None:
    for path in VENDOR.rglob("*.js"):
        text = path.read_text()
        assert "sourceMappingURL" not in text, path.name
        assert not re.search(r"""^\s*import\b[^;]*from\s*['"](?!\.)""", text, re.MULTILINE), path.name
