"""Find an nginx for the tests behind a proxy, or install one, and print its path; else say what is missing.

Looked for: COUNTERTOP_NGINX, the system's. Installed with apt-get, as root; the service that its package starts on
port 80 is stopped again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.ensure_browser import attempt

NAMES = ("nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx")


def answers(path: str) -> bool:
    """Whether the program is there and says its version."""
    try:
        ended = subprocess.run([path, "-v"], check=False, capture_output=True, timeout=20)  # noqa: S603 - the path above
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def of_system() -> str | None:
    """Return the system's proxy, or the one that COUNTERTOP_NGINX names."""
    named = os.environ.get("COUNTERTOP_NGINX")
    candidates = [named] if named else [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in candidates if answers(path)), None)


def install() -> str | None:
    """Install it and return its path."""
    sys.stderr.write("Installing a proxy for the tests (once).\n")
    packages = ("install", "-y", "--no-install-recommends", "nginx-light")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _done = attempt("apt-get", *packages) or (attempt("apt-get", "update") and attempt("apt-get", *packages))
        if service := shutil.which("service"):
            subprocess.run([service, "nginx", "stop"], check=False, capture_output=True, timeout=60)  # noqa: S603 - as above
    return of_system()


def main() -> int:
    """Print the path of a proxy that runs; 1 where there is none."""
    path = of_system() or install()
    if path is None:
        sys.stderr.write("Not tested behind a proxy: run 'apt-get install nginx-light' as root for that.\n")
        return 1
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
