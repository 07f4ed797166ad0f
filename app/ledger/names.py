"""Names as they are looked for, without accents, capitals or needless blanks: ``jose nunez`` finds JOSÉ NÚÑEZ."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 100
"""Letters of a name that can be found again; an index entry holds no more of it."""


def folded(name: str) -> str:
    """A name the way all names are compared.

    >>> folded("  Café  Ñandú S.A.C. ")
    'CAFE NANDU S.A.C.'
    """
    letters = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.upper().split())[:LONGEST].rstrip()
