"""Static files: found once, compressed once, answered from memory, kept for ever where the address has the hash."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from retail.runtime.web.headers import TILL_HEADERS
from retail.runtime.web.slim import changed, slim, written

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_VERSIONED: Final = re.compile(r"vendor/[^/]+@[\d.]+/")  # a vendored release never changes
_TILL: Final = "till/shell.html"
_SMALL: Final = 200  # below that gzip's own header weighs more than it saves
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PACKED: Final = frozenset({".png", ".webp", ".woff2"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file in memory: its bytes, compressed too where that helps, and the SHA-256 of the bytes."""

    body: bytes
    packed: bytes | None
    sha256: str
    media_type: str
    stamp: tuple[float, int]


class Folder:
    """Serves a folder's files; only names with a known ending, and nothing outside of it."""

    def __init__(self, root: Path, *, watch: bool = False) -> None:
        self._root = root.resolve()
        self._watch = watch
        self._loaded: dict[str, Loaded] = {}

    def load(self, name: str) -> Loaded | None:
        """Read a file, or give what was read before; None where there is none."""
        known = self._loaded.get(name)
        if known is not None and not self._watch:
            return known
        path = (self._root / name).resolve()
        if path.suffix not in TYPES or not path.is_relative_to(self._root) or not path.is_file():
            return None
        stat = path.stat()
        stamp = (changed(path), stat.st_size)
        if known is None or known.stamp != stamp:
            body = slim(path.relative_to(self._root), written(path))
            packed = gzip.compress(body, 9, mtime=0) if path.suffix not in _PACKED and len(body) > _SMALL else None
            known = Loaded(body, packed, hashlib.sha256(body).hexdigest(), TYPES[path.suffix], stamp)
            self._loaded[name] = known
        return known

    def names(self) -> list[str]:
        """List every file that would be served, sorted."""
        found = (path for path in self._root.rglob("*") if path.suffix in TYPES and path.is_file())
        return sorted(path.relative_to(self._root).as_posix() for path in found)

    def warm(self) -> None:
        """Read and compress everything before the first request asks."""
        for name in self.names():
            self.load(name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD, 304 where the browser has it. Raises HTTPException 404, 405."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405)
        name = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        if "\0" in name:
            raise HTTPException(404)
        found = self._loaded.get(name) if not self._watch else None
        if found is None:
            found = await asyncio.get_running_loop().run_in_executor(None, self.load, name)
        if found is None:
            raise HTTPException(404)
        await self._response(scope, name, found)(scope, receive, send)

    @staticmethod
    def _response(scope: Scope, name: str, found: Loaded) -> Response:
        asked = Headers(scope=scope)
        tag = f'"{found.sha256[:32]}"'
        known_version = scope["query_string"].decode("latin-1") == f"v={found.sha256[:12]}"
        headers = {
            "ETag": tag,
            "Vary": "Accept-Encoding",
            "Cache-Control": _FOR_EVER if known_version or _VERSIONED.match(name) else _ASK_AGAIN,
            **(TILL_HEADERS if name == _TILL else {}),
        }
        if tag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = found.body
        if found.packed is not None and "gzip" in asked.get("accept-encoding", ""):
            body = found.packed
            headers["Content-Encoding"] = "gzip"
        return Response(body, headers={**headers, "Content-Type": found.media_type})
