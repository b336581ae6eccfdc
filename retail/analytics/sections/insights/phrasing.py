"""Other words for insights by a language model: off as delivered. docs/algorithms/insights.md, 2, says what leaves.

PHRASING_API: https://KEY@api.provider.example/v1/chat/completions?model=NAME, a service that takes chat completions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from babel import Locale

from retail.analytics.sections.insights.insight import Insight
from retail.runtime.web.outgoing import Outgoing, OutgoingFailed

SECONDS: Final = 15.0
_LONGEST: Final = 240
_PLACE: Final = re.compile(r"%\((\w+)\)s")
_BRACED: Final = re.compile(r"\{(\w+)\}")
_NEVER: Final = re.compile(r"[\d{}<>\n\r%]")
_ORDER: Final = (
    "You word sentences for the owner of a shop: plain, short, friendly, in %(language)s, one sentence each. You get a "
    "JSON list of objects with n, kind and text. Answer with nothing but a JSON list of objects with n and text. Keep "
    "every place in braces, like {amount}, exactly once and unchanged. Add no number, no name and no advice."
)


class PhrasingFailed(Exception):
    """The service was not reached, or answered what is no list of sentences."""


class BadPhrasingUrl(ValueError):
    """PHRASING_API can't work; the message says what would."""


class Phrasing:
    """Asks the service. Raises BadPhrasingUrl for an address that can't be one."""

    def __init__(self, url: str, outgoing: Outgoing) -> None:
        parts = urlsplit(url)
        model = parse_qs(parts.query).get("model", [""])[0]
        if not (parts.hostname and parts.username and model):
            raise BadPhrasingUrl(
                "PHRASING_API must look like https://KEY@api.provider.example/v1/chat/completions?model=NAME."
            )
        host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
        self._url = f"{parts.scheme}://{host}{parts.path}"
        self._key, self._model, self._outgoing = unquote(parts.username), model, outgoing

    async def phrased(self, found: Sequence[Insight], language: str) -> list[Insight]:
        """Give the same insights, those in other words for which good ones came. Raises PhrasingFailed."""
        asked = [{"n": n, "kind": one.kind, "text": braced(one.words)} for n, one in enumerate(found)]
        order = _ORDER % {"language": Locale.parse(language, sep="-").get_display_name("en") or "English"}
        body = {
            "model": self._model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": order},
                {"role": "user", "content": json.dumps(asked, ensure_ascii=False)},
            ],
        }
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            answer = await self._outgoing.post(self._url, json.dumps(body).encode(), headers=headers)
        except OutgoingFailed as failed:
            raise PhrasingFailed(failed.reason) from failed
        if answer.status != 200:
            raise PhrasingFailed(f"HTTP {answer.status}")
        said = _read(answer.body)
        return [_worded(one, said.get(n)) for n, one in enumerate(found)]


def braced(words: str) -> str:
    """Write a sentence's places in braces: {name} for %(name)s."""
    return _PLACE.sub(r"{\1}", words).replace("%%", "%")


def fits(words: str, said: object) -> bool:
    """Claim that other words hold each place of a sentence once, no other, and nothing that could be a fact."""
    if not isinstance(said, str) or not said.strip() or len(said) > _LONGEST:
        return False
    places = sorted(_BRACED.findall(said))
    return places == sorted(_PLACE.findall(words)) and not _NEVER.search(_BRACED.sub("", said))


def _worded(one: Insight, said: object) -> Insight:
    return replace(one, said=str(said).strip()) if fits(one.words, said) else one


def _read(body: bytes) -> dict[int, object]:
    """Read the list that the first choice holds, also where it is fenced. Raises PhrasingFailed."""
    try:
        content: Any = json.loads(body)["choices"][0]["message"]["content"]
        rows = json.loads(str(content).strip().removeprefix("```json").removeprefix("```").removesuffix("```"))
        return {int(row["n"]): row["text"] for row in rows}
    except (ValueError, TypeError, KeyError, IndexError) as wrong:
        raise PhrasingFailed("no list of sentences") from wrong
