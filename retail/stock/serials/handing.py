"""Pieces that change hands in the stockroom, under its locks: put in, sent off, arrived, scrapped."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from retail.runtime.db import Tx
from retail.stock.rules import Document
from retail.stock.serials.errors import WrongPiece
from retail.stock.serials.marking import Change, Piece, hold_pieces, put
from retail.stock.serials.rules import HERE, IN_STOCK, IN_TRANSIT, may_become

Numbers = Sequence[tuple[UUID, str]]
"""Pairs of product and serial number."""


async def send_off(tx: Tx, document: Document, numbers: Numbers) -> None:
    """Take pieces that lie in the document's store on their way. Raises WrongPiece."""
    await change(tx, document, numbers, IN_TRANSIT)


async def hand_over(tx: Tx, document: Document, numbers: Numbers) -> frozenset[tuple[UUID, str]]:
    """Put pieces that are on their way into the document's store; gives those, others are let alone."""
    if not numbers:
        return frozenset()
    pieces = await hold_pieces(tx, numbers)
    waiting = [one for one in numbers if one in pieces and pieces[one].state == IN_TRANSIT]
    await put(tx, [_change(tx, document, pieces[one], IN_STOCK) for one in waiting])
    return frozenset(waiting)


async def change(tx: Tx, document: Document, numbers: Numbers, state: str) -> None:
    """Bring pieces to a state; each lies in the document's store, or is on its way. Raises WrongPiece."""
    if not numbers:
        return
    pieces = await hold_pieces(tx, numbers)
    for product, number in numbers:
        piece = pieces.get((product, number))
        if piece is None or not may_become(piece.state, state):
            raise WrongPiece(number, piece.state if piece else None)
        if piece.state in HERE and piece.store != document.store:
            raise WrongPiece(number, "elsewhere")
    await put(tx, [_change(tx, document, pieces[one], state) for one in numbers])


def _change(tx: Tx, document: Document, piece: Piece, state: str) -> Change:
    store = None if state == IN_TRANSIT else document.store
    return Change(
        piece.id, piece.product, piece.number, piece.state, state, store, document.store, document.id,
        document.reason, tx.actor.name, document.at,
    )  # fmt: skip
