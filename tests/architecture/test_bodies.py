"""A member of a body that no operation knows is refused: who misspells the end of a grant must not give it for good."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_args

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute

from retail.api import create_api


def _operations(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _operations(getattr(route, "routes", []))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for part in get_args(annotation):
        yield from _models(part)


def test_every_body_refuses_what_it_does_not_know() -> None:
    bodies = [one for one in _operations(create_api().routes) if one.body_field is not None]
    found = {
        model for one in bodies if one.body_field is not None for model in _models(one.body_field.field_info.annotation)
    }
    assert len(found) > 50
    loose = {model.__name__ for model in found if model.model_config.get("extra") != "forbid"}
    assert loose == set()
