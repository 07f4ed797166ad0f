"""How far the authority knows a series: asked number by number, or read from its own list.

The consult service says of one number whether there is a voucher. Numbers follow each other, but some may never have
arrived, so a number counts as the last only when a whole stretch behind it is unknown. Leaping ahead first, a day's
thousands cost a few dozen questions. A question without a clear answer proves nothing, and the series stays stopped.
Sources: SUNAT's consult service (`getStatusCdr`, series F), `domain/sunat_operations.md` 1.9 and 4.2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import select

from app.accounts.channels import as_it_was, register_of
from app.accounts.models import AccountRecord, FormerChannelRecord
from app.books.uploads import lines_of
from app.delivery.routes import way_to_ask
from app.delivery.sending import bounds_of
from app.http import Office
from app.problems import Conflict, Malformed, Refused, Text, TooLarge
from app.series.models import SeriesRecord
from sunat.errors import FormatError, TransportError
from sunat.numbering import MAX_NUMBER, VoucherId
from sunat.outcomes import Finding, finding_of
from sunat.rvie.proposal import Proposal, merged, read_proposal
from sunat.transport import ConsultService, Credentials, Exchange, State, post

LOOK_AHEAD: Final = 20
"""So many numbers in a row have to be unknown for the one before them to be the last."""

_NEAR: Final = 3
"""While leaping, so many are looked at together: one that never arrived is no end."""

_OPERATION: Final = "getStatusCdr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How far the authority knows a series: ``last`` (not below the database's), by what, and what proves it.

    ``evidence`` are kinds with the bytes as they came, ``asked`` how many questions it took.
    """

    last: int
    method: str
    evidence: tuple[tuple[str, bytes], ...]
    asked: int = 0


def by_consult(
    office: Office, account: AccountRecord, series: SeriesRecord, *, look_ahead: int = LOOK_AHEAD,
    pause: float = 0.5, exchange: Exchange = post, sleep: Callable[[float], None] = time.sleep,
) -> Found:
    """Asks the authority, ``pause`` seconds apart, how far it knows the series: SUNAT, or an OSE, and whichever of
    them the account has sent to before.

    Raises Refused where nobody can be asked by number alone (series that are not F), Conflict where an answer fails to
    come or says nothing; FormatError for an account without usable credentials.
    """
    asker = _Asker(office, account, series, pause=pause, exchange=exchange, sleep=sleep)
    low, leap = series.last_number, 1
    while low + leap <= MAX_NUMBER:
        hit = asker.near(low + leap)
        if hit is None:
            break
        low, leap = hit, leap * 2
    high = min(low + leap, MAX_NUMBER + 1)
    while high - low > 1:
        middle = (low + high) // 2
        hit = asker.near(middle)
        if hit is None:
            high = middle
        else:
            low = hit
    number = low + 1
    while number <= min(low + look_ahead, MAX_NUMBER):
        if asker.knows(number):
            low = number
        number += 1
    return Found(last=low, method=_OPERATION, evidence=asker.proof(low), asked=asker.asked)


def by_proposal(
    proposal: Proposal, account: AccountRecord, series: SeriesRecord, *, since: date, today: date
) -> Found | None:
    """What SIRE's proposals say of a series; None where they do not list it, which proves nothing.

    ``since`` is the last day (Lima) from which nothing can be missing. Raises Refused for another RUC's, or where a
    month from then to ``today`` is missing.
    """
    if proposal.ruc != account.ruc:
        raise Refused("PROPOSAL_RUC", Text(
            f"La propuesta es del RUC {proposal.ruc}, no de {account.ruc}",
            f"The proposal is RUC {proposal.ruc}'s, not {account.ruc}'s",
        ))
    missing = sorted(set(_months(since, today)) - proposal.periods)
    if missing:
        raise Refused("PROPOSAL_PERIODS", Text(
            f"Falta la propuesta de: {', '.join(missing)}", f"The proposal is missing for: {', '.join(missing)}"
        ), hint=Text(
            "Descargue en SOL la de cada mes desde la copia hasta hoy", "Download each month's in SOL, from the "
            "backup's until today's"
        ))
    found = proposal.of(series.sunat_code, series.code)
    if found is None:
        return None
    return Found(
        last=max(found.number, series.last_number), method="SIRE", evidence=(("proposal", found.line.encode()),)
    )


def read_proposals(paths: list[Path]) -> Proposal:
    """The proposals of some files (text, or a zip with one text in it). Raises FormatError naming the file, OSError."""
    found = []
    for path in paths:
        try:
            found.append(read_proposal(lines_of(path)))
        except (FormatError, Malformed, TooLarge) as error:
            raise FormatError(f"{path.name}: {error}") from error
    return merged(found)


class _Asker:
    """Questions about the numbers of one series, each asked once of every register that its account has sent to."""

    def __init__(
        self, office: Office, account: AccountRecord, series: SeriesRecord, *, pause: float, exchange: Exchange,
        sleep: Callable[[float], None],
    ) -> None:
        self._account, self._series = account, series
        self._pause, self._sleep = pause, sleep
        bounds = bounds_of(office)
        self._registers = tuple(
            (ConsultService(way.address, bounds=bounds, exchange=exchange), way.credentials)
            for each in _registers(office, account)
            if (way := way_to_ask(office, each, self._voucher(1))) and way.operation == _OPERATION and way.credentials
        )
        if not self._registers:
            raise Refused("PROBE_NO_CONSULT", Text(
                f"Nadie responde por el solo número de la serie {series.code}",
                f"Nobody answers for series {series.code} by the number alone",
            ), hint=Text(
                "Use --proposal con la propuesta de SIRE, o --last con --statement",
                "Use --proposal with SIRE's proposal, or --last with --statement",
            ))
        self._states: dict[int, list[State]] = {}
        self._known: dict[int, bool] = {}

    @property
    def asked(self) -> int:
        return sum(map(len, self._states.values()))

    def near(self, number: int) -> int | None:
        """The highest known number of a few from this one on; None where none of them is known."""
        last = min(number + _NEAR - 1, MAX_NUMBER)
        return next((each for each in range(last, number - 1, -1) if self.knows(each)), None)

    def knows(self, number: int) -> bool:
        """Whether any register holds a voucher of that number. Raises Conflict where one does not say."""
        if number not in self._known:
            self._known[number] = any(
                self._held(number, service, credentials) for service, credentials in self._registers
            )
        return self._known[number]

    def _held(self, number: int, service: ConsultService, credentials: Credentials) -> bool:
        if self._states:
            self._sleep(self._pause)
        try:
            state = service.status_cdr(self._voucher(number), credentials)
        except TransportError as error:
            raise self._silent(number, str(error)) from error
        self._states.setdefault(number, []).append(state)
        finding = finding_of(_OPERATION, state.code)
        if state.content or finding not in {Finding.ABSENT, Finding.NOTHING}:
            return True
        if finding is Finding.ABSENT:
            return False
        raise self._silent(number, f"{state.code} {state.message}")

    def proof(self, last: int) -> tuple[tuple[str, bytes], ...]:
        """The answers for the last number and for the one behind it."""
        return tuple(
            ("state", state.body) for number in (last, last + 1) for state in self._states.get(number, ())
        )

    def _voucher(self, number: int) -> VoucherId:
        return VoucherId(
            ruc=self._account.ruc, type_code=self._series.sunat_code, series=self._series.code, number=number
        )

    def _silent(self, number: int, said: str) -> Conflict:
        return Conflict("PROBE_NO_ANSWER", Text(
            f"SUNAT no dijo si tiene {self._series.code}-{number}: {said}. La serie sigue detenida",
            f"SUNAT did not say whether it holds {self._series.code}-{number}: {said}. The series stays stopped",
        ), hint=Text("Pruebe más tarde", "Try later"))


def _registers(office: Office, account: AccountRecord) -> list[AccountRecord]:
    """The account as it is, and as it was wherever else it has sent to: its numbers may be on record there alone."""
    with office.database.read() as session:
        former = session.scalars(
            select(FormerChannelRecord).where(FormerChannelRecord.account_id == account.id)
            .order_by(FormerChannelRecord.version.desc())
        ).all()
        found = {register_of(account): account}
        for each in former:
            found.setdefault(register_of(each), as_it_was(account, each))
        return list(found.values())


def _months(since: date, today: date) -> Iterator[str]:
    """The months from one day to another, ``YYYYMM``."""
    year, month = since.year, since.month
    while (year, month) <= (today.year, today.month):
        yield f"{year:04}{month:02}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
