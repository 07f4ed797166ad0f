"""The bundles of a period in one file, for keeping elsewhere for the years the law asks; the ledger keeps its own.

The file is a zip: ``bundles/``, an index with one line of JSON a voucher (name, status, SHA-256 of its bundle), and a
head that names account, period, count and the index's SHA-256, signed like a bundle's manifest. Vouchers are read a
page at a time and bundles written as they are made, so memory does not grow with the period.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.audit.keys import signing_key
from app.clock import lima
from app.evidence.bundle import canonical, sealed
from app.evidence.checking import MOST, Judged, NoBundle, judge, signature_holds
from app.evidence.papers import bundled
from app.http import Office
from app.keeping.placing import new_file
from app.ledger import store
from app.ledger.models import DocumentRecord

FORMAT: Final = "chasqui-evidence-archive/1"
HEAD: Final = "archive.json"
INDEX: Final = "index.jsonl"
_PAGE: Final = 200
_IN_MEMORY: Final = 4 * 1024 * 1024
_HEAD_MOST: Final = 1024 * 1024
_LINE_MOST: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What an archive turned out to hold: vouchers, those whose bundle does not hold, and what is wrong with it."""

    count: int
    failed: tuple[str, ...]
    wrong: tuple[str, ...]
    public_key: str

    @property
    def holds(self) -> bool:
        """Whether everything in it does."""
        return not self.failed and not self.wrong


def count(office: Office, account: AccountRecord, first: date, last: date) -> int:
    """How many vouchers an account issued from one day to another (Lima, inclusive)."""
    with office.database.read() as session:
        return session.scalar(select(func.count()).where(*_within(account.id, first, last))) or 0


def archive(
    office: Office, account: AccountRecord, first: date, last: date, path: Path, *, paper: bool = True,
    seen: Callable[[], object] = lambda: None,
) -> int:
    """Writes the bundles of the vouchers issued from one day to another (Lima, inclusive), and says how many.

    ``seen`` is called after each. Raises FileExistsError, OSError; a file that cannot be finished is not left behind.
    """
    key, digest, total = signing_key(office.vault), hashlib.sha256(), 0
    with (
        new_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as box,
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as index,
    ):
        for document_id in _documents(office, account.id, first, last):
            name, content = bundled(office, partial(_found, account.id, document_id), paper=paper)
            member = f"bundles/{name}.zip"
            box.writestr(member, content)
            line = json.dumps({"file": member, "sha256": hashlib.sha256(content).hexdigest()}).encode() + b"\n"
            index.write(line)
            digest.update(line)
            total += 1
            seen()
        index.seek(0)
        with box.open(INDEX, "w", force_zip64=True) as target:
            while piece := index.read(64 * 1024):
                target.write(piece)
        box.writestr(HEAD, json.dumps(sealed({
            "format": FORMAT, "made_at": lima(office.clock.now()).isoformat(timespec="seconds"),
            "program": version("chasqui"), "ruc": account.ruc, "environment": account.environment,
            "from": first.isoformat(), "to": last.isoformat(), "count": total, "index_sha256": digest.hexdigest(),
        }, key), ensure_ascii=False, indent=1))
    return total


def is_archive(path: Path) -> bool:
    """Whether a file is an archive of bundles, and not one bundle. Raises NoBundle for one that is no zip."""
    try:
        with zipfile.ZipFile(path) as box:
            return HEAD in box.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise NoBundle(f"It is no zip that can be read: {error}") from error


def judge_archive(
    path: Path, *, trusted: str = "", told: Callable[[str, Judged], object] = lambda _, __: None
) -> Archived:
    """Judges an archive and every bundle in it; ``told`` hears of each. Raises NoBundle, OSError."""
    failed, wrong = [], []
    try:
        with zipfile.ZipFile(path) as box:
            head = _head(box)
            key = str(head["signature"].get("public_key", ""))
            if not signature_holds(head, key, canonical(head)):
                wrong.append("La firma del archivo no vale / the archive's signature does not hold")
            if trusted and key != trusted:
                wrong.append("Lo firmó otra instalación / another installation signed it")
            digest, total, names = hashlib.sha256(), 0, {HEAD, INDEX}
            for line in _index(box):
                digest.update(line)
                total += 1
                entry = json.loads(line)
                names.add(str(entry["file"]))
                judged = _member(box, entry, trusted or key)
                if judged is None or not judged.holds:
                    failed.append(str(entry["file"]))
                if judged is not None:
                    told(str(entry["file"]), judged)
            if digest.hexdigest() != head["index_sha256"] or total != head["count"]:
                wrong.append("El índice fue alterado / the index was altered")
            if names != set(box.namelist()) or len(box.namelist()) != total + 2:
                wrong.append("Hay archivos de más o de menos / files are missing or too many")
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError, TypeError, NotImplementedError, RuntimeError) as error:
        raise NoBundle(f"It is no archive that can be read: {error}") from error
    return Archived(count=total, failed=tuple(failed), wrong=tuple(wrong), public_key=key)


def _found(account_id: int, document_id: int, session: Session) -> DocumentRecord:
    return store.document_of(session, account_id, document_id)


def _within(account_id: int, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return (DocumentRecord.account_id == account_id, DocumentRecord.issue_date.between(first, last))


def _documents(office: Office, account_id: int, first: date, last: date) -> Iterator[int]:
    """The ids of the period's vouchers by day, a page at a time."""
    after: tuple[date, int] = (date.min, 0)
    key = tuple_(DocumentRecord.issue_date, DocumentRecord.id)
    while True:
        query = (
            select(DocumentRecord.issue_date, DocumentRecord.id)
            .where(*_within(account_id, first, last), key > after)
            .order_by(DocumentRecord.issue_date, DocumentRecord.id).limit(_PAGE)
        )
        with office.database.read() as session:
            page = session.execute(query).all()
        yield from (row.id for row in page)
        if len(page) < _PAGE:
            return
        after = (page[-1].issue_date, page[-1].id)


def _head(box: zipfile.ZipFile) -> dict[str, Any]:
    with box.open(HEAD) as file:
        said: dict[str, Any] = json.loads(file.read(_HEAD_MOST))
    if said["format"] != FORMAT or not isinstance(said["signature"], dict):
        raise NoBundle(f"It is no archive of the form {FORMAT}")
    return said


def _index(box: zipfile.ZipFile) -> Iterator[bytes]:
    with box.open(INDEX) as file:
        while line := file.readline(_LINE_MOST):
            yield line


def _member(box: zipfile.ZipFile, entry: dict[str, Any], trusted: str) -> Judged | None:
    """The judgement of one bundle; None for one that is not the one listed, or none at all."""
    try:
        with box.open(str(entry["file"])) as file:
            content = file.read(MOST + 1)
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            return None
        return judge(content, trusted=trusted)
    except (KeyError, NoBundle, zipfile.BadZipFile):
        return None
