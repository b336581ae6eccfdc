"""Write what the product is made of: `python -m scripts.write_sbom FILE`, CycloneDX 1.6 JSON from the lock files.

The same lock files and vendored files give the same bytes: no time and no random number is in it.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCKS: Final = ("requirements.lock", "requirements-dev.lock", "requirements-tools.lock")
"""The product's own first: what is in several is told once, as the first one needs it."""
VENDORED: Final = (ROOT / "static" / "vendor", ROOT / "tests" / "support" / "vendor")
_NPM: Final = {"htmx": "htmx.org", "inter": "@fontsource-variable/inter", "zxing-library": "@zxing/library"}
_PACKAGE: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock file, with the SHA-256 of every file of it that may be installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(path: Path) -> Iterator[Locked]:
    """Read a lock file. Raises ValueError for a package without version or hash."""
    for block in re.split(r"\n(?=[a-z0-9])", path.read_text().strip()):
        first = _PACKAGE.match(block.splitlines()[0])
        hashes = tuple(_HASH.findall(block))
        if first is None or not hashes:
            raise ValueError(f"{path.name}: {block.splitlines()[0]}")
        yield Locked(first["name"], first["version"], (first["marker"] or "").strip(), hashes)


def bill() -> Json:
    """Give the bill of materials."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    product = f"pkg:pypi/{about['name']}@{about['version']}"
    components = [*_packages(), *_vendored()]
    document: Json = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": product,
                "name": about["name"],
                "version": about["version"],
                "purl": product,
            }
        },
        "components": components,
        "dependencies": [
            {"ref": product, "dependsOn": [one["bom-ref"] for one in components if one["scope"] == "required"]}
        ],
    }
    content = json.dumps(document, sort_keys=True)
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", **document} | {
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}"
    }


def _packages() -> Iterator[Json]:
    seen = set[tuple[str, str]]()
    for name in LOCKS:
        for one in locked(ROOT / name):
            if (one.name, one.version) in seen:
                continue
            seen.add((one.name, one.version))
            yield _package(one, name)


def _package(one: Locked, lock: str) -> Json:
    purl = f"pkg:pypi/{one.name}@{one.version}"
    properties = [{"name": "countertop:lock", "value": lock}]
    if one.marker:
        properties.append({"name": "countertop:marker", "value": one.marker})
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "scope": "required" if lock == LOCKS[0] else "excluded",
        "purl": purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": purl,
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.hashes],
            }
        ],
        "properties": properties,
    }


def _vendored() -> Iterator[Json]:
    for place in VENDORED:
        files: dict[str, list[Json]] = {}
        for line in (place / "MANIFEST.sha384").read_text().splitlines():
            digest, path = line.split(maxsplit=1)
            package = path.split("/")[0]
            file = {"type": "file", "name": path, "hashes": [{"alg": "SHA-384", "content": digest}]}
            files.setdefault(package, []).append(file)
        for package, inside in sorted(files.items()):
            name, _, version = package.partition("@")
            npm = _NPM.get(name, name).replace("@", "%40")
            yield {
                "type": "library",
                "bom-ref": f"pkg:npm/{npm}@{version}",
                "name": _NPM.get(name, name),
                "version": version,
                "scope": "required" if place == VENDORED[0] else "excluded",
                "purl": f"pkg:npm/{npm}@{version}",
                "properties": [{"name": "countertop:vendored", "value": place.relative_to(ROOT).as_posix()}],
                "components": inside,
            }


def main(arguments: list[str]) -> None:
    """Write the bill into a file, or to standard output without one."""
    text = json.dumps(bill(), indent=2) + "\n"
    if not arguments:
        sys.stdout.write(text)
        return
    target = Path(arguments[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
