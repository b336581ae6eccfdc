"""A real Chromium for tests, and a tiny loopback server that serves modules under the product's own security policy."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePath

import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from retail.runtime.web.slim import slim

LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx vega till push"
)
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
    ".woff2": "font/woff2",
}
_EMPTY_PAGE = b'<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title></html>'


def chromium_path() -> str | None:
    """Find the browser: COUNTERTOP_CHROMIUM, the system's Chromium or Chrome, else None for Playwright's own."""
    named = os.environ.get("COUNTERTOP_CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def shell_path() -> str | None:
    """Find the same browser without its window, which takes a seventh less time, else the one with it."""
    whole = chromium_path()
    shell = f"{whole}-headless-shell"
    return shell if whole and os.access(shell, os.X_OK) else whole


@asynccontextmanager
async def a_browser(path: str | None) -> AsyncIterator[Browser]:
    """Start a headless Chromium and end it."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless Chromium for the whole run; a test makes its own context or page and closes it."""
    async with a_browser(shell_path()) as running:
        yield running


@contextmanager
def serve_folders(folders: Mapping[str, Path]) -> Iterator[str]:
    """Serve folders by the first part of the path ("/till/pricing.js"), and an empty page at "/"; yields the origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            prefix, _, name = self.path.split("?")[0].lstrip("/").partition("/")
            file = folders[prefix] / name if prefix in folders else None
            if self.path == "/":
                self._answer(200, _EMPTY_PAGE, _TYPES[".html"])
            elif self.path == "/favicon.ico":  # the browser asks by itself; a 404 would be an error on its console
                self._answer(204, b"", _TYPES[".svg"])
            elif file and file.is_file() and file.resolve().is_relative_to(folders[prefix].resolve()):
                sent = slim(PurePath(prefix, name), file.read_bytes())  # what is tested is what browsers get
                self._answer(200, sent, _TYPES.get(file.suffix, "application/octet-stream"))
            else:
                self._answer(404, b"", "text/plain")

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
