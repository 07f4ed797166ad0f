"""The long works that the console offers: books of a month, SUNAT's register, comparison, audit, evidence, the doctor.

Each is a plain reading of the rooms that do it, into a file, told step by step (`app.console.works`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from app import doctor
from app.accounts.models import AccountRecord
from app.audit import reading as numbers
from app.audit import reports
from app.audit.keys import signing_key
from app.audit.reading import snapshot
from app.audit.schemas import scope_of
from app.books import reading, registry, sales
from app.books.differences import compare
from app.books.reading import Scope
from app.books.sheets import as_csv, write_workbook
from app.books.uploads import lines_of
from app.console.works import Job, Made, Progress
from app.evidence import archiving
from app.http import Office
from app.wire.periods import month_of

Element = TypeVar("Element")

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN: Final = 200
"""Differences that the page shows; the file has all that are told."""


def registry_job(office: Office, account_id: int, branch_id: int | None, period: str, form: str) -> Job:
    """The book of a month as ``xlsx`` or ``csv``. Raises Malformed for a period that is no month."""
    month_of(period)

    def job(progress: Progress, path: Path) -> Made:
        with snapshot(office.database) as session:
            scope = _scope(session, account_id, branch_id, period)
            progress.expect(reading.count(session, scope))
            sums = registry.Sums()
            rows = _watched(registry.rows(session, scope, sums), progress)
            if form == "xlsx":
                write_workbook(path, rows, sums, title=f"{scope.account.ruc} {period}")
            else:
                with path.open("wb") as file:
                    file.writelines(as_csv(rows))
            return Made(
                file=f"comprobantes-{period}.{form}", media=XLSX if form == "xlsx" else "text/csv",
                data={"sums": sums.lines},
            )

    return job


def register_job(office: Office, account_id: int, branch_id: int | None, period: str) -> Job:
    """The file that replaces SUNAT's proposal of the register of sales."""
    month_of(period)

    def job(progress: Progress, path: Path) -> Made:
        with snapshot(office.database) as session:
            scope = _scope(session, account_id, branch_id, period)
            with path.open("wb") as file:
                name, found = sales.write_replacement(session, scope, file)
            return Made(file=name, media="application/zip", data={
                "entries": found.entries, "total": f"{found.total:.2f}", "left_out": found.left_out,
            })

    return job


def differences_job(office: Office, account_id: int, branch_id: int | None, period: str, listed: bytes) -> Job:
    """Our ledger against SUNAT's list, which was uploaded."""
    month_of(period)

    def job(progress: Progress, path: Path) -> Made:
        lines = list(lines_of(listed)) if len(listed) < _IN_MEMORY else lines_of(listed)
        if isinstance(lines, list):
            progress.expect(len(lines))
        with snapshot(office.database) as session:
            body = compare(
                session, _scope(session, account_id, branch_id, period), _watched(lines, progress)
            ).body
        path.write_text(json.dumps(body, indent=1, ensure_ascii=False), encoding="utf-8")
        return Made(file=f"diferencias-{period}.json", media="application/json", data={
            **body, "differences": body["differences"][:_SHOWN],
        })

    return job


def audit_job(office: Office, account_id: int, branch_id: int | None, period: str) -> Job:
    """The signed report that accounts for every number of a month, or of all time where no period is given."""
    scope = scope_of({"period": period}, branch_id=branch_id)

    def job(progress: Progress, path: Path) -> Made:
        result = reports.Result()
        with snapshot(office.database) as session:
            account = session.get_one(AccountRecord, account_id)
            progress.expect(numbers.count(session, numbers.cards(session, account, scope)))
            found = result.of(_watched(
                reports.elements(session, account, scope, now=office.clock.now()), progress
            ))
            with path.open("wb") as file:
                file.writelines(reports.signed(found, signing_key(office.vault)))
        told = [
            {"code": each["series"], "first": each["first"], "last": each["last"], "count": each["count"],
             "findings": each["findings"][:_FINDINGS], "findings_count": each["findings_count"]}
            for each in result.body["series"] if each["count"] or each["findings_count"]
        ]
        return Made(file=f"auditoria-{period or 'todo'}.json", media="application/json", data={
            "clean": result.body["clean"], "vouchers": result.body["vouchers"], "holes": result.body["holes"],
            "findings": result.body["findings"], "series": told[:_SHOWN],
        })

    return job


def evidence_job(office: Office, account_id: int, period: str, *, paper: bool) -> Job:
    """Everything about every voucher of a month, in one file that proves itself."""
    first, last = month_of(period)

    def job(progress: Progress, path: Path) -> Made:
        with office.database.read() as session:
            account = session.get_one(AccountRecord, account_id)
        progress.expect(archiving.count(office, account, first, last))
        total = archiving.archive(office, account, first, last, path, paper=paper, seen=progress.step)
        return Made(file=f"evidencia-{account.ruc}-{period}.zip", media="application/zip", data={"vouchers": total})

    return job


def doctor_job(office: Office, account_id: int) -> Job:
    """The doctor's whole examination of one account, SUNAT asked too."""

    def job(progress: Progress, path: Path) -> Made:
        return Made(data=doctor.examine(office, account_id=account_id).body())

    return job


_IN_MEMORY: Final = 8 * 1024 * 1024
_FINDINGS: Final = 20


def _scope(session: Session, account_id: int, branch_id: int | None, period: str) -> Scope:
    first, last = month_of(period)
    return Scope(
        account=session.get_one(AccountRecord, account_id), period=period, first_day=first, last_day=last,
        branch_id=branch_id,
    )


def _watched(found: Iterable[Element], progress: Progress) -> Iterator[Element]:
    for element in found:
        yield element
        progress.step()
