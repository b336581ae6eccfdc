"""Piccolo columns without generous defaults: what is forgotten is an error, never a random id or an empty text."""

from __future__ import annotations

from typing import Any

from piccolo import columns


def uuid(*, primary_key: bool = False, null: bool = False) -> columns.UUID:
    """Give a uuid column; a missing value is refused by the database."""
    return columns.UUID(primary_key=primary_key, null=null, default=None)


def text(*, primary_key: bool = False, null: bool = False) -> columns.Text:
    """Give a text column."""
    return columns.Text(primary_key=primary_key, null=null, default=None)


def texts(*, null: bool = False) -> columns.Array:
    """Give a column of several texts."""
    return columns.Array(base_column=columns.Text(), null=null, default=None)


def uuids(*, null: bool = False) -> columns.Array:
    """Give a column of several ids."""
    return columns.Array(base_column=columns.UUID(), null=null, default=None)


def decimals(digits: int, scale: int, *, null: bool = False) -> columns.Array:
    """Give a column of several numbers."""
    return columns.Array(base_column=columns.Numeric(digits=(digits, scale)), null=null, default=None)


def bigs(*, null: bool = False) -> columns.Array:
    """Give a column of several bigints."""
    return columns.Array(base_column=columns.BigInt(), null=null, default=None)


def wholes(*, null: bool = False) -> columns.Array:
    """Give a column of several integers, in rows or not."""
    return columns.Array(base_column=columns.Integer(), null=null, default=None)


def boolean(*, null: bool = False) -> columns.Boolean:
    """Give a boolean column."""
    return columns.Boolean(null=null, default=None)


def small(*, null: bool = False) -> columns.SmallInt:
    """Give a smallint column."""
    return columns.SmallInt(null=null, default=None)


def whole(*, null: bool = False) -> columns.Integer:
    """Give an integer column."""
    return columns.Integer(null=null, default=None)


def big(*, null: bool = False) -> columns.BigInt:
    """Give a bigint column: money in minor units, versions, counters."""
    return columns.BigInt(null=null, default=None)


def decimal(digits: int, scale: int, *, null: bool = False) -> columns.Numeric:
    """Give a numeric column: (14, 3) for quantities, (18, 6) for unit costs."""
    return columns.Numeric(digits=(digits, scale), null=null, default=None)


def moment(*, null: bool = False) -> columns.Timestamptz:
    """Give a timestamptz column."""
    return columns.Timestamptz(null=null, default=None)


def day(*, null: bool = False) -> columns.Date:
    """Give a date column."""
    return columns.Date(null=null, default=None)


def dates(*, null: bool = False) -> columns.Array:
    """Give a column of several dates."""
    return columns.Array(base_column=columns.Date(), null=null, default=None)


def json(*, null: bool = False) -> columns.JSONB:
    """Give a jsonb column; values are JSON text."""
    return columns.JSONB(null=null, default=None)


def written_json() -> columns.JSON:
    """Give a json column: unlike jsonb it keeps the order of what was written; values are JSON text."""
    return columns.JSON(default=None)


def binary(*, null: bool = False) -> Any:  # noqa: ANN401 - Piccolo names this class by engine
    """Give a bytea column."""
    return columns.Bytea(null=null, default=None)
