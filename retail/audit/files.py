"""Exports as answers: written down whole before the first byte goes out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Final

from starlette.responses import Response, StreamingResponse

from retail.runtime.web.filenames import disposition

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024


async def as_file(pieces: AsyncIterator[str], name: str, media_type: str) -> Response:
    """Answer with a file to keep: a slow reader holds no connection, and what fails on the way is no torn file."""
    written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the answer has gone out
    async for piece in pieces:
        written.write(piece.encode())
    written.seek(0)
    return StreamingResponse(
        _read(written),
        media_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": disposition(name), "Cache-Control": "no-store"},
    )


async def _read(written: SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    with written:
        while piece := written.read(_PIECE):
            yield piece
