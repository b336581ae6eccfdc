"""countertop kiosk: what it writes, shows, removes and never touches; and a real browser that starts by it."""

from __future__ import annotations

import http.server
import json
import os
import shlex
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from retail.cli import main
from retail.cli.kiosk_files import BadAddress, Kiosk, Places, command_of, files_of, origin_of, policies_of
from scripts.ensure_browser import of_playwright, of_system

ADDRESS = "https://shop.example/kiosk"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "policies", tmp_path / "config", tmp_path / "profile")


def given(places: Places, verb: str, *more: str) -> list[str]:
    return [
        *("kiosk", verb, *more, "--policies", str(places.policies), "--config", str(places.config)),
        *("--profile", str(places.profile)),
    ]


def install(places: Places, *more: str, address: str = ADDRESS) -> int:
    return main([*given(places, "install", address, "--browser", "/usr/bin/chromium", "--no-start", *more)])


def written(places: Places) -> list[Path]:
    return [path for path in (places.policy, places.unit, places.desktop) if path.exists()]


def test_a_dry_run_shows_everything_and_writes_nothing(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(places, "--dry-run") == 0
    told = capsys.readouterr().out
    assert '"URLAllowlist"' in told
    assert "--kiosk " in told
    assert str(places.unit) in told
    assert list(places.policies.parent.iterdir()) == []


def test_it_is_written_once_and_again_changes_nothing(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(places) == 0
    before = {path: (path.read_text(), path.stat().st_mtime_ns) for path in written(places)}
    assert len(before) == 3
    assert places.profile.stat().st_mode & 0o777 == 0o700
    capsys.readouterr()
    assert install(places) == 0
    assert "Everything was there already." in capsys.readouterr().out
    assert {path: (path.read_text(), path.stat().st_mtime_ns) for path in written(places)} == before
    assert install(places, "--print") == 0
    assert "--kiosk-printing" in places.unit.read_text()


def test_the_shop_alone_may_be_opened_and_its_storage_is_kept() -> None:
    policies = policies_of(Kiosk("https://shop.example:8443/t/alma/tills/1/sell", "chromium"))
    assert policies["URLBlocklist"] == ["*"]
    assert policies["URLAllowlist"] == ["https://.shop.example:8443"]
    assert policies["NotificationsAllowedForUrls"] == ["https://shop.example:8443"]
    assert (policies["IncognitoModeAvailability"], policies["DeveloperToolsAvailability"]) == (1, 2)
    assert not any(policies[name] for name in ("PasswordManagerEnabled", "TranslateEnabled", "AutofillAddressEnabled"))
    command = command_of(Kiosk(ADDRESS, "chromium"), Path("/p"))
    assert {"--kiosk", "--disable-pinch", "--user-data-dir=/p", ADDRESS} <= set(command)
    assert not any("incognito" in part for part in command)


def test_the_unit_starts_the_same_command_again_and_again(places: Places) -> None:
    odd = Places(places.policies, places.config, places.profile.parent / "a 100% $HOME; profile")
    unit = files_of(Kiosk(f"{ADDRESS}?a=%20", "chromium"), odd)[odd.unit]
    line = next(one for one in unit.splitlines() if one.startswith("ExecStart="))
    read = [part.replace("%%", "%").replace("$$", "$") for part in shlex.split(line.removeprefix("ExecStart="))]
    assert read == command_of(Kiosk(f"{ADDRESS}?a=%20", "chromium"), odd.profile)
    assert "Restart=always" in unit


@pytest.mark.parametrize(
    "address",
    ["shop.example", "ftp://shop.example", "http://shop.example/", "https://", "https://a:b@shop.example/",
     "https://s x/", "http://192.168.1.4:8000/", "https://shop.example:port/"],
)  # fmt: skip
def test_other_addresses_are_refused(places: Places, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadAddress):
        origin_of(address)
    assert install(places, address=address) == 2
    assert capsys.readouterr().err.strip().endswith(".")
    assert written(places) == []


def test_somebody_elses_file_is_left_alone(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    places.policies.mkdir(parents=True)
    places.policy.write_text('{"URLBlocklist": []}')
    assert install(places) == 2
    assert "Move it away" in capsys.readouterr().err
    assert main(given(places, "uninstall")) == 0
    assert places.policy.read_text() == '{"URLBlocklist": []}'
    assert written(places) == [places.policy]


def test_uninstalling_removes_what_was_written_and_keeps_the_sales(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    install(places)
    (places.profile / "Default").mkdir()
    assert main(given(places, "uninstall", "--dry-run")) == 0
    assert len(written(places)) == 3
    assert main(given(places, "uninstall")) == 0
    assert written(places) == []
    assert (places.profile / "Default").is_dir()
    assert "may not have been sent" in capsys.readouterr().out
    assert main(given(places, "uninstall")) == 0


def test_what_is_written_is_json_that_a_browser_reads(places: Places) -> None:
    install(places)
    assert json.loads(places.policy.read_text()) == policies_of(Kiosk(ADDRESS, "/usr/bin/chromium"))


@pytest.fixture
def counter() -> Iterator[tuple[str, threading.Event]]:
    """Serve a page on this machine; the event says that a browser has run its script."""
    ran = threading.Event()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/ran"):
                ran.set()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<script>localStorage.sold = 1; fetch('/ran?' + localStorage.sold)</script>")

        def log_message(self, *_what: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", ran
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_real_browser_starts_by_it_in_its_own_lasting_profile(
    places: Places, counter: tuple[str, threading.Event]
) -> None:
    address, ran = counter
    browser = of_system() or of_playwright()
    assert browser is not None
    command = command_of(Kiosk(address, browser), places.profile)
    for _ in range(2):  # the second time in the profile that the first one left
        ran.clear()
        running = subprocess.Popen(
            [command[0], "--headless=new", "--no-sandbox", "--disable-gpu", *command[1:]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ),
        )  # fmt: skip
        try:
            assert ran.wait(60)
        finally:
            running.terminate()
            running.wait(30)
    assert (places.profile / "Default").is_dir()
