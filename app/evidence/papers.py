"""A bundle made from beginning to end: the ledger read, the paper set with no connection held, packed and signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from app.audit.keys import signing_key
from app.evidence.bundle import gather, pack
from app.http import Office
from app.imprint.papers import printable, printed
from app.ledger.models import DocumentRecord
from app.problems import Problem, Text, Unavailable

_NOT_ASKED: Final = Text("Se pidió sin ella", "It was asked for without it")


def bundled(office: Office, find: Callable[[Session], DocumentRecord], *, paper: bool = True) -> tuple[str, bytes]:
    """A voucher's file name and its bundle; ``find`` looks it up, and raises for one the caller may not see.

    A voucher that cannot be printed, or is not to be, has a bundle without a paper, and its manifest says so. Raises
    Unavailable where the press is busy: the same request will have one a moment later.
    """
    with office.database.read() as session:
        row = find(session)
        gathered = gather(session, row)
        sheet = printable(session, row, public_url=office.settings.public_url) if paper else None
    made: bytes | Text = _NOT_ASKED
    if sheet is not None:
        try:
            made = printed(sheet)
        except Unavailable:
            raise
        except Problem as problem:
            made = problem.text
    packed = pack(gathered, signing_key(office.vault), now=office.clock.now(), paper=made)
    return gathered.file_name, packed
