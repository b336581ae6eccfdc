"""countertop kiosk: make this computer a till that starts by itself, show what that would write, and undo it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from retail.cli.kiosk_files import UNIT, BadAddress, Kiosk, Places, command_of, files_of, is_ours, origin_of, shown

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
POLICIES: Final = {"google-chrome": "/etc/opt/chrome/policies/managed"}
REFUSED: Final = 2


def add_kiosk(verbs: Any) -> None:  # noqa: ANN401 - argparse has no name for it
    """Add the command."""
    kiosk = verbs.add_parser("kiosk", help="make this computer a till that starts by itself")
    does = kiosk.add_subparsers(dest="verb", required=True)
    install = does.add_parser("install", help="write the browser's policies and what starts it")
    install.add_argument("address", help="the shop's address, such as https://shop.example/kiosk")
    install.add_argument("--browser", help="the browser's program (Chromium, wherever it is)")
    install.add_argument("--print", dest="printing", action="store_true", help="print receipts without a dialogue")
    install.add_argument("--no-start", action="store_true", help="write only; it starts with the next session")
    install.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    uninstall = does.add_parser("uninstall", help="remove what was written; the profile with its sales stays")
    uninstall.add_argument("--dry-run", action="store_true", help="show what would be removed, and remove nothing")
    for one in (install, uninstall):
        one.add_argument("--policies", help="folder of the browser's managed policies")
        one.add_argument("--config", help="folder of this person's settings (~/.config)")
        one.add_argument("--profile", help="folder of the browser's profile (~/.local/share/countertop-till)")


def kiosk(asked: argparse.Namespace) -> int:
    """Do it; gives the exit code: 0 done, 2 it could not be done (with a sentence)."""
    try:
        return _install(asked) if asked.verb == "install" else _uninstall(asked)
    except BadAddress as wrong:
        return _refuse(str(wrong))
    except PermissionError as refused:
        return _refuse(f"{refused.filename} can't be written. Run it with sudo -E, or name another folder.")


def places_of(asked: argparse.Namespace, browser: str) -> Places:
    """Give where things are written, as asked or as this system has it."""
    home = Path.home()
    config = asked.config or os.environ.get("XDG_CONFIG_HOME") or home / ".config"
    policies = asked.policies or POLICIES.get(Path(browser).name, "/etc/chromium/policies/managed")
    return Places(Path(policies), Path(config), Path(asked.profile or home / ".local/share/countertop-till"))


def _install(asked: argparse.Namespace) -> int:
    origin_of(asked.address)
    browser = asked.browser or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return _refuse("No Chromium is on this computer. Install it (apt install chromium), then run this again.")
    wanted = Kiosk(asked.address, str(browser), asked.printing)
    places = places_of(asked, wanted.browser)
    if asked.dry_run:
        sys.stdout.write(shown(wanted, places) + "\n")
        return 0
    files = files_of(wanted, places)
    for path in files:
        if path.exists() and not is_ours(path, path.read_text(encoding="utf-8", errors="replace")):
            return _refuse(f"{path} is there and not from this command. Move it away, then run this again.")
    changed = [path for path, text in files.items() if _write(path, text)]
    places.profile.mkdir(parents=True, exist_ok=True, mode=0o700)
    sys.stdout.write("".join(f"Written: {path}\n" for path in changed) or "Everything was there already.\n")
    return 0 if asked.no_start else _start(wanted, places)


def _write(path: Path, text: str) -> bool:
    """Write a file whole or not at all; whether it was another before."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(path.suffix + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(0o644)
    beside.replace(path)
    return True


def _start(wanted: Kiosk, places: Places) -> int:
    """Start it now: by the service where there is one to ask, else by itself."""
    if shutil.which("systemctl") and _systemd("daemon-reload") and _systemd("enable", UNIT):
        if _systemd("restart", UNIT):
            return 0
        return _refuse(f"The till did not start. See: journalctl --user -u {UNIT}")
    sys.stdout.write("No user services here: the till runs until this ends.\n")
    return subprocess.run(command_of(wanted, places.profile), check=False).returncode  # noqa: S603


def _systemd(*words: str) -> bool:
    ended = subprocess.run(["systemctl", "--user", *words], check=False, capture_output=True)  # noqa: S603, S607
    return ended.returncode == 0


def _uninstall(asked: argparse.Namespace) -> int:
    places = places_of(asked, "chromium")
    ours = [
        path
        for path in (places.policy, places.unit, places.desktop)
        if path.exists() and is_ours(path, path.read_text(encoding="utf-8", errors="replace"))
    ]
    if asked.dry_run:
        sys.stdout.write("".join(f"Would be removed: {path}\n" for path in ours) or "Nothing is there.\n")
        return 0
    if places.unit in ours and shutil.which("systemctl"):
        _systemd("disable", "--now", UNIT)
    for path in ours:
        path.unlink()
        sys.stdout.write(f"Removed: {path}\n")
    if places.profile.exists():
        sys.stdout.write(
            f"Kept: {places.profile}. It holds sales that may not have been sent; remove it by hand once the till says"
            " that nothing waits.\n"
        )
    return 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return REFUSED
