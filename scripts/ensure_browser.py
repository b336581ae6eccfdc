"""Find a Chromium for the browser tests, or install one, and print its path; else one line that says what is missing.

Looked for in this order: COUNTERTOP_CHROMIUM, the system's Chromium or Chrome, Playwright's own. Installed in this
order: with apt-get (as root), with Playwright.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_WINDOW = "chromium-headless-shell"  # Debian's; tests that find it beside Chromium take less time
QUIET_APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def runs(path: str) -> bool:
    """Whether the program is there and answers (Ubuntu's chromium-browser may be a stub that only asks for snap)."""
    try:
        ended = subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def of_system() -> str | None:
    """Return the system's browser, or the one that COUNTERTOP_CHROMIUM names."""
    named = os.environ.get("COUNTERTOP_CHROMIUM")
    candidates = [named] if named else [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in candidates if runs(path)), None)


def of_playwright() -> str | None:
    """Return the browser that Playwright downloaded."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only here, and only when none is on the system
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and runs(path) else None


def attempt(*command: str) -> bool:
    """Run an installation quietly; its output is shown on the error channel only if it fails."""
    try:
        ended = subprocess.run(  # noqa: S603 - the fixed commands below
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=QUIET_APT, timeout=900
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{' '.join(command)}: {error}\n")
        return False
    if ended.returncode != 0:
        sys.stderr.write("\n".join((ended.stdout + ended.stderr).splitlines()[-3:]) + "\n")
    return ended.returncode == 0


def install() -> str | None:
    """Install a browser by the first means that works and return its path."""
    sys.stderr.write("Installing a browser for the tests (once).\n")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ("install", "-y", "--no-install-recommends", "chromium")
        if (attempt("apt-get", *packages) or (attempt("apt-get", "update") and attempt("apt-get", *packages))) and (
            path := of_system()
        ):
            return path
    attempt(sys.executable, "-m", "playwright", "install", "chromium")
    return of_playwright()


def add_the_one_without_window(path: str) -> None:
    """Install it beside Debian's Chromium, quietly: the tests go without it too."""
    debians = path == "/usr/bin/chromium" and shutil.which("apt-get")
    if debians and os.geteuid() == 0 and not shutil.which(WITHOUT_WINDOW):
        attempt("apt-get", "install", "-y", "--no-install-recommends", WITHOUT_WINDOW)


def main() -> int:
    """Print the path of a browser that runs; 1 where there is none."""
    path = of_system() or of_playwright() or install()
    if path is None:
        sys.stderr.write(
            "The browser tests need Chromium: run 'apt-get install chromium' as root, or set COUNTERTOP_CHROMIUM.\n"
        )
        return 1
    add_the_one_without_window(path)
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
