"""Find a pgbouncer for the tests behind a pooler, or install it, and print its path; else say what is missing.

Looked for: COUNTERTOP_PGBOUNCER, the system's. Installed with apt-get, as root.
"""

from __future__ import annotations

import os
import shutil
import sys

from scripts.ensure_browser import attempt, runs

NAMES = ("pgbouncer", "/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer")


def of_system() -> str | None:
    """Return the system's pooler, or the one that COUNTERTOP_PGBOUNCER names."""
    named = os.environ.get("COUNTERTOP_PGBOUNCER")
    candidates = [named] if named else [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in candidates if runs(path)), None)


def install() -> str | None:
    """Install it and return its path."""
    sys.stderr.write("Installing a pooler for the tests (once).\n")
    packages = ("install", "-y", "--no-install-recommends", "pgbouncer")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _done = attempt("apt-get", *packages) or (attempt("apt-get", "update") and attempt("apt-get", *packages))
    return of_system()


def main() -> int:
    """Print the path of a pooler that runs; 1 where there is none."""
    path = of_system() or install()
    if path is None:
        sys.stderr.write("The tests behind a pooler need one: run 'apt-get install pgbouncer'.\n")
        return 1
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
