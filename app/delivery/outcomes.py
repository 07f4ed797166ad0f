"""What each answer of the authority means for the delivery: one table, read from top to bottom.

Source: `domain/sunat_operations.md` 1.8. Only a CDR settles a voucher; whatever else comes back says when to try
again, or that a person must look. An exception never spends the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from app.ledger.lifecycle import DeliveryState

Wait = Literal["unreached", "unanswered", "in_process", "slow"]
"""Which policy of `app.delivery.backoff.Retries` says when the next try is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a delivery goes on.

    ``name`` is a stable word for logs and events; ``wait`` is None where no try follows by itself. After ``most``
    refusals of its row it is held instead; an outage in between is none. ``counts`` is false for what is no fault of
    this voucher and must not use up its tries. ``says`` is what the taxpayer reads where the
    authority said nothing itself.
    """

    name: str
    state: DeliveryState
    wait: Wait | None = None
    most: int | None = None
    counts: bool = True
    says: str = ""

    def held_after(self, refusals: int) -> bool:
        """Whether this course ends in waiting for a person once its row's codes came so many times."""
        return self.most is not None and refusals >= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The codes of a class of exceptions (single ones and inclusive ranges) and its course."""

    codes: tuple[int | tuple[int, int], ...]
    course: Course

    def covers(self, code: int) -> bool:
        """Whether the code is in this class."""
        return any(one == code if isinstance(one, int) else one[0] <= code <= one[1] for one in self.codes)


NOT_SENT: Final = Course(
    name="unreached", state=DeliveryState.WAITING, wait="unreached",
    says="No se pudo conectar con SUNAT; se volverá a intentar",
)
UNANSWERED: Final = Course(
    name="unanswered", state=DeliveryState.UNKNOWN, wait="unanswered",
    says="No llegó una respuesta de SUNAT; se volverá a enviar el mismo archivo",
)
UNREADABLE: Final = Course(
    name="unreadable_cdr", state=DeliveryState.UNKNOWN, wait="unanswered",
    says="La respuesta de SUNAT no es una constancia legible de este comprobante",
)
UNROUTABLE: Final = Course(
    name="unroutable", state=DeliveryState.HELD, counts=False,
    says="La cuenta no tiene credenciales o dirección de envío válidas",
)
SETTLED: Final = Course(name="settled", state=DeliveryState.DONE)

FAULTS: Final = (
    Row(codes=(1032, 1033, 402, 2223, 2324), course=Course(name="already_there", state=DeliveryState.HELD)),
    Row(codes=(140,), course=Course(name="in_process", state=DeliveryState.UNKNOWN, wait="in_process")),
    Row(
        codes=(100, 109, (130, 138), (200, 204), (250, 254), 303, 304, 307),
        course=Course(name="busy", state=DeliveryState.UNKNOWN, wait="unanswered"),
    ),
    Row(
        codes=((101, 106), 110, 112, 113, 154, 1078),
        course=Course(name="credentials", state=DeliveryState.HELD, counts=False),
    ),
    Row(codes=(111,), course=Course(name="permission", state=DeliveryState.WAITING, wait="slow", most=6)),
    Row(
        codes=(2119, 2105, 2398),
        course=Course(name="target_unknown", state=DeliveryState.WAITING, wait="slow", most=6),
    ),
    Row(codes=(1079, 2108, 2600, 2957), course=Course(name="late", state=DeliveryState.HELD)),
    Row(codes=((151, 161), 305, 306, (1000, 1999)), course=Course(name="packaging", state=DeliveryState.HELD)),
    Row(codes=((2000, 3999),), course=Course(name="content", state=DeliveryState.HELD)),
)
"""Exceptions by their code; the first row that covers it counts."""


def course_of(code: str) -> Course:
    """The course after an exception with this code; one that is missing or unknown proves nothing.

    >>> course_of("1033").name, course_of("0102").name, course_of("").name
    ('already_there', 'credentials', 'unanswered')
    """
    if not code.isdecimal():
        return UNANSWERED
    return next((row.course for row in FAULTS if row.covers(int(code))), UNANSWERED)
