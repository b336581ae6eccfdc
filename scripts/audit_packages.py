"""Ask whether any package of ours is known to be weak: `python -m scripts.audit_packages`, over what `make sbom` names.

Asked is OSV (https://google.github.io/osv.dev/api), which gathers the advisories of PyPI, npm and GitHub. Ends with 1
where a weakness is older than the time that docs/security/dependencies.md gives it, with 2 where nobody answered: what
was not asked for is not clean. Younger ones are listed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import httpx

from scripts.write_sbom import bill

SERVICE: Final = "https://api.osv.dev"
DAYS: Final[Mapping[str, int]] = {"critical": 7, "high": 30, "moderate": 90, "low": 180}
"""Within how many days of its publication a weak package is replaced, by how bad it is."""
UNRATED: Final = "high"
CLEAN, OVERDUE, NOT_ASKED = 0, 1, 2
_AT_ONCE: Final = 500
_SECONDS: Final = 20.0


class NotAsked(RuntimeError):
    """The service gave no answer that can be believed."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """What is known of one package."""

    package: str
    id: str
    severity: str
    published: date
    summary: str

    def days_left(self, today: date) -> int:
        """Give how many days are left to replace it; below 0 it is overdue."""
        return DAYS[self.severity] - (today - self.published).days


def look(client: httpx.Client, packages: Sequence[str]) -> list[Weakness]:
    """Ask for every package (a purl with its version). Raises NotAsked unless each was answered."""
    found: list[Weakness] = []
    for start in range(0, len(packages), _AT_ONCE):
        some = packages[start : start + _AT_ONCE]
        answer = _json(client, "POST", "/v1/querybatch", {"queries": [{"package": {"purl": one}} for one in some]})
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(some):
            raise NotAsked("the service answered for other packages than it was asked for")
        for package, result in zip(some, results, strict=True):
            if result.get("next_page_token"):
                raise NotAsked(f"the service has more to say of {package} than fits; ask for it by hand")
            known = [_json(client, "GET", f"/v1/vulns/{one['id']}") for one in result.get("vulns", [])]
            found += [weakness(package, one) for one in known if "withdrawn" not in one]
    return found


def weakness(package: str, known: Mapping[str, Any]) -> Weakness:
    """Read one advisory. One that nobody has rated counts as high."""
    said = str(known.get("database_specific", {}).get("severity", "")).lower()
    severity = {"medium": "moderate"}.get(said, said)
    published = datetime.fromisoformat(known["published"].replace("Z", "+00:00")).date()
    summary = str(known.get("summary") or known.get("details", ""))[:100].splitlines()
    return Weakness(package, known["id"], severity if severity in DAYS else UNRATED, published, (summary or [""])[0])


def report(found: Iterable[Weakness], today: date) -> tuple[int, list[str]]:
    """Give the exit code and a line for each weakness, the most urgent first."""
    ordered = sorted(found, key=lambda one: one.days_left(today))
    lines = [
        f"{one.package}: {one.id} ({one.severity}, {one.published}), "
        + (f"{left} days left" if (left := one.days_left(today)) >= 0 else f"overdue by {-left} days")
        + f": {one.summary}"
        for one in ordered
    ]
    return (OVERDUE if any(one.days_left(today) < 0 for one in ordered) else CLEAN), lines


def _json(client: httpx.Client, verb: str, path: str, body: Any = None) -> dict[str, Any]:  # noqa: ANN401
    try:
        answer = client.request(verb, path, json=body)
        read = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as cause:
        raise NotAsked(f"{client.base_url} gave no answer ({type(cause).__name__})") from cause
    if not isinstance(read, dict):
        raise NotAsked(f"{client.base_url} answered something else than was asked")
    return read


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(description="Ask whether any package is known to be weak.")
    parser.add_argument("--service", default=SERVICE, help="another address that speaks OSV's API, say a mirror")
    service = parser.parse_args(arguments).service
    packages = [one["purl"] for one in bill()["components"] if one["purl"].startswith(("pkg:pypi/", "pkg:npm/"))]
    try:
        with httpx.Client(base_url=service, timeout=_SECONDS) as client:
            code, lines = report(look(client, packages), datetime.now(UTC).date())
    except NotAsked as nobody:
        sys.stderr.write(f"Not audited: {nobody}. Run this where the service can be reached; it is not clean.\n")
        return NOT_ASKED
    sys.stdout.write("".join(f"{line}\n" for line in lines) + f"{len(packages)} packages, {len(lines)} weaknesses.\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
