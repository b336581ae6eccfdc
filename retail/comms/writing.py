"""A message on its way from a form: its text, its files, and that no file is left over where nothing came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request

from retail.comms import attachments
from retail.comms.threads import BODY_MOST, Kept
from retail.kit.ids import new_id
from retail.runtime.web.context import person
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.settings import Settings

FIELD: Final = "files"


@dataclass(frozen=True, slots=True)
class Written:
    """What a form said: the message's id, its text, the files as they were sent."""

    id: UUID
    body: str
    files: Sequence[UploadFile]


class KeptFiles(list[Kept]):
    """Files that lie in the folder; unless `settle` says that a message carries them, they go again."""

    carried = False

    def settle(self, *, new: bool) -> None:
        """Say whether a new message carries them: one that was there already has its own."""
        self.carried = new


async def read_message(request: Request, fields: Fields, name: str) -> Written:
    """Read a message's text and files from a form; how often somebody may is bounded. Raises TooMany."""
    await limit(request, "message", str(person(request).id))
    form = await request.form()
    files = [one for one in form.getlist(FIELD) if isinstance(one, UploadFile) and one.filename]
    if files:
        await limit(request, "upload", str(person(request).id))
    body = fields.text("body", BODY_MOST, required=not files)
    return Written(fields.uuid(name) or new_id(), body, files)


@asynccontextmanager
async def kept_files(settings: Settings, tenant: UUID, files: Sequence[UploadFile]) -> AsyncIterator[KeptFiles]:
    """Keep files while a message is made for them; without one they are deleted."""
    kept = KeptFiles(await attachments.keep(settings, tenant, files))
    try:
        yield kept
    finally:
        if kept and not kept.carried:
            await attachments.forget(settings, tenant, kept)
