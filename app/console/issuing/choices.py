"""What may be chosen in the form: series, taxes, units, reasons, kinds of document, detractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.console.issuing.lines import TAXES, UNITS
from app.console.issuing.sale import BOLETA, FACTURA, KINDS
from app.problems import Text
from app.series.models import SeriesRecord
from app.series.operations import series_of
from sunat.catalogues import catalogue
from sunat.documents.note_reasons import REASONS
from sunat.taxes import IGV, rates_in_force

CURRENCIES: Final[Mapping[str, Text]] = {
    "PEN": Text("Soles", "Soles"), "USD": Text("Dólares", "Dollars"), "EUR": Text("Euros", "Euros"),
}
IDENTITIES: Final[Mapping[str, Text]] = {
    "PE-RUC": Text("RUC", "RUC"), "PE-DNI": Text("DNI", "DNI"),
    "PE-CE": Text("Carné de extranjería", "Foreigner's card"), "PE-PAS": Text("Pasaporte", "Passport"),
    "PE-CDI": Text("Cédula diplomática", "Diplomatic card"),
}
NOBODY: Final = Text("Sin identificar", "Not identified")
NAMES: Final[Mapping[str, Text]] = {
    FACTURA: Text("Factura", "Factura (invoice)"), BOLETA: Text("Boleta", "Boleta (receipt)"),
    "credit_note": Text("Nota de crédito", "Credit note"), "debit_note": Text("Nota de débito", "Debit note"),
}

Pairs = Sequence[tuple[str, Text]]
"""Choices of a field: value and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of one form. ``series`` is offered where there is more than one; ``detractions`` are catalogue 54."""

    kinds: Pairs
    series: Pairs
    currencies: Pairs
    identities: Pairs
    taxes: Pairs
    units: Pairs
    reasons: Pairs
    detractions: Pairs
    detraction_account: str


def choices_of(
    session: Session, account_id: int, branch_id: int | None, *, sunat_code: str, target: str, day: date
) -> Choices:
    """What may be chosen for a kind: only series that could issue it, only taxes that are in force."""
    account = session.get_one(AccountRecord, account_id)
    reduced = account.reduced_igv and any(rate.reduced for rate in rates_in_force(IGV, day))
    boleta = sunat_code == KINDS[BOLETA] or target.upper().startswith("B")
    return Choices(
        kinds=tuple(NAMES.items()), series=_series(session, account_id, branch_id, sunat_code, target),
        currencies=tuple(CURRENCIES.items()),
        identities=(*((("", NOBODY),) if boleta else ()), *IDENTITIES.items()),
        taxes=tuple((key, row.name) for key, row in TAXES.items() if reduced or not row.reduced),
        units=tuple(UNITS.items()),
        reasons=tuple(
            (code, Text(f"{code} · {row.es}", f"{code} · {row.en}"))
            for code, row in REASONS.get(sunat_code, {}).items()
        ),
        detractions=tuple(
            (entry.code, Text(f"{entry.code} · {entry.description}", f"{entry.code} · {entry.description}"))
            for entry in catalogue("54")
        ),
        detraction_account=account.detraction_account,
    )


def _series(session: Session, account_id: int, branch_id: int | None, sunat_code: str, target: str) -> Pairs:
    """The series that could issue it, the default ones first; with the branch where they are of several."""
    query = series_of(account_id).where(
        SeriesRecord.sunat_code == sunat_code, SeriesRecord.profile == "sunat", SeriesRecord.active
    )
    if branch_id is not None:
        query = query.where(SeriesRecord.branch_id == branch_id)
    letter = "B" if target.upper().startswith("B") else "F" if target else ""
    rows = [
        row for row in session.scalars(query.order_by(SeriesRecord.is_default.desc(), SeriesRecord.code).limit(200))
        if not letter or not row.target or row.target == letter
    ]
    several = len({row.branch_id for row in rows}) > 1
    found = []
    for row in rows:
        name = f" · {session.get_one(BranchRecord, row.branch_id).name}" if several else ""
        found.append((row.code, Text(f"{row.code}{name}", f"{row.code}{name}")))
    return tuple(found) if len(found) > 1 else ()
