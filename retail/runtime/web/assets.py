"""Static files with a hash in their address, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

from retail.runtime.web.slim import changed, slim, written

ROOT = Path(__file__).resolve().parents[3]


class Assets:
    """Knows the hash of every static file; `watch` looks again whenever a file has changed (development)."""

    def __init__(self, folder: Path = ROOT / "static", *, watch: bool = False) -> None:
        self._folder = folder
        self._watch = watch
        self._hashes: dict[str, tuple[float, str]] = {}

    def address(self, path: str) -> str:
        """Give the address of a static file, as in asset('css/base.css'). Raises FileNotFoundError for a wrong name."""
        return f"/static/{path}?v={self.version(path)}"

    def version(self, path: str) -> str:
        """Give the first 12 hex digits of the SHA-256 of what is sent for a file. Raises FileNotFoundError."""
        known = self._hashes.get(path)
        if known and not self._watch:
            return known[1]
        file = self._folder / path
        at = changed(file)
        if known is None or known[0] != at:
            known = (at, hashlib.sha256(slim(Path(path), written(file))).hexdigest()[:12])
            self._hashes[path] = known
        return known[1]
