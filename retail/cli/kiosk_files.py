"""What a locked-down Chromium at the counter is made of: its flags, its managed policies, and how it is started; pure.

It is never a private window: the sales that wait lie in its profile. The policies let it keep its
storage, use camera, scale and a second screen without asking, and open the shop's address only.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

UNIT: Final = "countertop-till.service"
MARK: Final = "written by countertop kiosk"

FLAGS: Final = (
    "--kiosk",
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--hide-crash-restore-bubble",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--disable-features=Translate",
    "--autoplay-policy=no-user-gesture-required",
    "--password-store=basic",
)


class BadAddress(ValueError):
    """The address is none that a till may have."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are written: the browser's managed policies, the person's settings, the profile."""

    policies: Path
    config: Path
    profile: Path

    @property
    def policy(self) -> Path:
        """Give the policy's file."""
        return self.policies / "countertop-till.json"

    @property
    def unit(self) -> Path:
        """Give the file of the service that starts the browser, and starts it again."""
        return self.config / "systemd" / "user" / UNIT

    @property
    def desktop(self) -> Path:
        """Give the file by which a desktop starts the service."""
        return self.config / "autostart" / "countertop-till.desktop"


@dataclass(frozen=True, slots=True)
class Kiosk:
    """What is wanted: the page to open, with which browser, and whether receipts print without a dialogue."""

    address: str
    browser: str
    printing: bool = False


def origin_of(address: str) -> str:
    """Give scheme, host and port. Raises BadAddress: only https will do, or this very machine."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as wrong:
        raise BadAddress("This is no address. Give it as https://shop.example/kiosk.") from wrong
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.username or any(c.isspace() for c in address):
        raise BadAddress("This is no address. Give it as https://shop.example/kiosk.")
    if parts.scheme == "http" and not _is_here(host):
        raise BadAddress("A till needs https: without it the browser keeps nothing and opens no camera.")
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + (f":{port}" if port else "")


def policies_of(kiosk: Kiosk) -> dict[str, Any]:
    """Give the managed policies: the shop's address alone, with the rights that a till needs."""
    origin = origin_of(kiosk.address)
    scheme, _sep, rest = origin.partition("://")
    exact = rest if _is_number(urlsplit(origin).hostname or "") else f".{rest}"  # a dot: this host, none below it
    return {
        "URLBlocklist": ["*"],
        "URLAllowlist": [f"{scheme}://{exact}"],
        "NotificationsAllowedForUrls": [origin],  # this makes the browser keep the till's storage
        "VideoCaptureAllowedUrls": [origin],
        "WindowManagementAllowedForUrls": [origin],
        "SerialAllowAllPortsForUrls": [origin],
        "AutoplayAllowed": True,
        "IncognitoModeAvailability": 1,
        "DeveloperToolsAvailability": 2,
        "PasswordManagerEnabled": False,
        "AutofillAddressEnabled": False,
        "AutofillCreditCardEnabled": False,
        "TranslateEnabled": False,
        "SpellcheckEnabled": False,
        "BrowserSignin": 0,
        "SyncDisabled": True,
        "MetricsReportingEnabled": False,
        "DefaultBrowserSettingEnabled": False,
        "BookmarkBarEnabled": False,
        "BackgroundModeEnabled": False,
        "ExtensionInstallBlocklist": ["*"],
    }


def command_of(kiosk: Kiosk, profile: Path) -> list[str]:
    """Give the command that starts the browser."""
    own = [f"--user-data-dir={profile}", *(["--kiosk-printing"] if kiosk.printing else [])]
    return [kiosk.browser, *FLAGS, *own, kiosk.address]


def files_of(kiosk: Kiosk, places: Places) -> dict[Path, str]:
    """Give every file with its text."""
    started = " ".join(_for_systemd(part) for part in command_of(kiosk, places.profile))
    return {
        places.policy: json.dumps(policies_of(kiosk), indent=2) + "\n",
        places.unit: f"""# {MARK}
[Unit]
Description=The till at the counter
PartOf=graphical-session.target
After=graphical-session.target

[Service]
ExecStart={started}
Restart=always
RestartSec=2

[Install]
WantedBy=graphical-session.target
""",
        places.desktop: f"""[Desktop Entry]
# {MARK}
Type=Application
Name=Till
Exec=systemctl --user start {UNIT}
X-GNOME-Autostart-enabled=true
""",
    }


def shown(kiosk: Kiosk, places: Places) -> str:
    """Write what would be written, for people."""
    parts = [f"{path}\n{text}" for path, text in files_of(kiosk, places).items()]
    return "\n".join([*parts, "Starts:", shlex.join(command_of(kiosk, places.profile))])


def is_ours(path: Path, text: str) -> bool:
    """Claim that a file there was written by this command, so that it may be replaced or removed."""
    if path.suffix != ".json":
        return MARK in text
    try:
        kept = json.loads(text)
    except ValueError:
        return False
    return isinstance(kept, dict) and kept.get("URLBlocklist") == ["*"] and "NotificationsAllowedForUrls" in kept


def _for_systemd(part: str) -> str:
    """Write an argument of ExecStart: a percent sign and a dollar mean something there, and quotes keep spaces."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(c.isspace() or c in "\"'\\;" for c in part) else escaped


def _is_here(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
