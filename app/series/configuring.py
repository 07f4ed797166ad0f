"""Creating, changing, cloning and removing series.

SUNAT's profile locks the form of the number: what the law fixes is refused, not ignored (`domain/numbering.md` 1).
An internal series has a code of its own, unique in the account; its changes concern what comes next only (FRI-11,
OPT-03, INV-25).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.problems import Conflict, NotFound, Problem, Refused, Text
from app.series import branding, contingency, operations
from app.series.models import PAPER_KINDS, EntryRecord, SeriesRecord, new_public_id
from app.series.scheme import Place, Scheme, usual_reset
from app.series.template import Names
from sunat.numbering import is_contingency, is_portal

LOCKED: Final[Mapping[str, Any]] = {
    "prefix": "", "suffix": "", "padding": 0, "overflow": "stop", "format": "{CODE}-{NUM:8}", "counter_reset": "NEVER",
}
"""What SUNAT's profile does not leave to the caller, and what it is there."""

_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FOREIGN: Final = re.compile(r"[^A-Z0-9_]+")


class Stale(Problem):
    """The series changed since the caller read it."""

    status = 412
    default_code = "PRECONDITION_FAILED"
    default_text = Text("La serie cambió desde que se leyó", "The series changed since it was read")
    default_hint = Text("Léala otra vez y repita el cambio", "Read it again and repeat the change")


def series_by_public_id(
    session: Session, account_id: int, public_id: str, *, branch_id: int | None = None, lock: bool = False
) -> SeriesRecord:
    """A series of the tenant (of one branch, for a key bound to it). Raises NotFound."""
    query = operations.series_of(account_id).where(
        SeriesRecord.public_id == public_id, SeriesRecord.profile != "summary"
    )
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None or branch_id not in (None, found.branch_id):
        raise NotFound("SERIES_NOT_FOUND", Text("La serie no existe", "The series does not exist"))
    return found


def create(
    session: Session, account: AccountRecord, branch: BranchRecord, given: Mapping[str, Any], *, limit: int,
    author: str, now: datetime, public_id: str | None = None,
) -> SeriesRecord:
    """Creates a series at a branch; ``given`` has the members of the wire.

    The first of its kind becomes the default. Raises Refused for what does not fit, Conflict for a code that is taken
    or when the account has ``limit`` series.
    """
    operations.check_limit(session, account.id, limit)
    internal = given["kind"] in PAPER_KINDS
    row = _internal(session, account, given) if internal else _voucher(given)
    row.public_id = public_id or new_public_id()
    row.description, row.chronological = given.get("description"), given.get("chronological", "warn")
    row.branding = branding.merged({}, given.get("branding") or {})
    start = given.get("start_number", 1)
    if "last_number" in given:
        start = given["last_number"] + 1
    row.start_number, row.last_number = max(start, 1), start - 1
    scheme = operations.scheme_of(row)
    if row.last_number >= scheme.capacity:
        raise Refused("NUMBER_RANGE", Text(
            f"La serie solo llega al número {scheme.capacity}", f"The series goes up to number {scheme.capacity} only"
        ), pointer="/start_number")
    made = operations.add(session, branch, account, row, now=now, pointer="/code")
    contingency.add_ranges(session, made, given.get("contingency_ranges", ()), author=author, now=now)
    if given.get("default"):
        operations.make_default(session, made, now=now)
    if given.get("active") is False:
        operations.set_active(session, made, False, now=now)
    made.version = 1
    session.flush()
    return made


def check_same(row: SeriesRecord, given: Mapping[str, Any]) -> None:
    """Refuses a repeated PUT that means another series; a repeated one is harmless (INV-08)."""
    if given["kind"] != row.kind or given.get("code") not in (None, row.code):
        raise Conflict("SERIES_ID_TAKEN", Text(
            f"Ese id ya es el de la serie {row.code}", f"That id is series {row.code}'s already"
        ), pointer="/code")


def change(
    session: Session, row: SeriesRecord, given: Mapping[str, Any], *, version: int | None, author: str, now: datetime
) -> None:
    """Changes a series whose row is locked; what was numbered stays as it is.

    ``version`` is the one the caller read, None for any. Raises Stale, Refused, Conflict.
    """
    if version not in (None, row.version):
        raise Stale
    for name, fixed in (("kind", row.kind), ("code", row.code)):
        if given.get(name, fixed) != fixed:
            raise Conflict("SERIES_FIXED", Text(
                f"{name} identifica a la serie y no cambia", f"{name} identifies the series and never changes"
            ), pointer=f"/{name}")
    if given.get("active") is True and not row.active:
        operations.set_active(session, row, True, now=now)
    _reshape(row, given)
    for name in ("name", "description", "chronological"):
        if name in given:
            setattr(row, name, given[name])
    if "branding" in given:
        row.branding = branding.merged(row.branding, given["branding"] or {})
    operations.touch(row, now)
    session.flush()
    _recount(session, row, given, author=author, now=now)
    contingency.add_ranges(session, row, given.get("contingency_ranges", ()), author=author, now=now)
    if "branch" in given and given["branch"] != row.branch_id:
        operations.move(session, row, given["branch"], now=now)
    if given.get("default"):
        operations.make_default(session, row, now=now)
    if given.get("active") is False and row.active:
        operations.set_active(session, row, False, now=now)


def remove(session: Session, row: SeriesRecord, *, now: datetime) -> None:
    """Deletes a series that was never used; if it was the default, the first of the others takes its place.

    Raises Conflict for a used one: it can be retired.
    """
    operations.serialise(session, row.account_id)
    used = Conflict("SERIES_USED", Text(
        f"La serie {row.code} ya se usó: no se elimina", f"Series {row.code} was used: it cannot be deleted"
    ), hint=Text(
        "Retírela con PATCH active=false; su historia queda", "Retire it with PATCH active=false; its history stays"
    ))
    if row.used or row.profile == "contingency":
        raise used
    try:
        with session.begin_nested():
            session.delete(row)
    except IntegrityError as error:
        raise used from error
    operations.promote(session, row, now=now)


def clone(
    session: Session, account: AccountRecord, source: SeriesRecord, given: Mapping[str, Any], *, limit: int,
    author: str, now: datetime,
) -> SeriesRecord:
    """A fresh series like another, with what is ``given`` changed; ``year`` replaces the year in its texts (INV-24).

    Raises Refused when nothing would tell the two apart, and everything `create` raises.
    """
    wanted: dict[str, Any] = {
        "kind": source.kind, "name": source.name, "description": source.description,
        "chronological": source.chronological, "branding": source.branding,
    }
    if source.profile == "internal":
        wanted |= {
            "code": source.code, "prefix": source.prefix, "suffix": source.suffix, "padding": source.padding,
            "overflow": source.overflow, "counter_reset": source.counter_reset,
        }
        if source.template:
            wanted["format"] = source.template
    year = given.get("year")
    if year is not None:
        texts = ("name", "code", "prefix", "suffix", "format")
        wanted |= {name: _YEAR.sub(f"{year:04d}", wanted[name]) for name in texts if name in wanted}
    wanted |= {name: value for name, value in given.items() if name != "year"}
    if source.profile == "internal" and wanted["code"] == source.code:
        if "suffix" not in given:
            raise Refused("CLONE_SAME", Text(
                "La copia sería igual: envíe code, suffix o un year que cambie algo",
                "The copy would be the same: send code, suffix, or a year that changes something",
            ), pointer="/code")
        wanted["code"] = slug(f"{source.code}-{given['suffix']}")
    elif source.profile != "internal" and "code" not in given:
        raise Refused("CLONE_SAME", Text(
            "Envíe el código de la serie nueva", "Send the new series' code"
        ), pointer="/code")
    branch = session.get_one(BranchRecord, source.branch_id)
    return create(session, account, branch, wanted, limit=limit, author=author, now=now)


def ensure_defaults(session: Session, account_id: int, *, now: datetime) -> None:
    """Sees to it that every branch and kind that has a series has a default (BEE-12)."""
    operations.serialise(session, account_id)
    seen: set[tuple[int, str, str]] = set()
    for row in session.scalars(operations.series_of(account_id).order_by(SeriesRecord.id)).all():
        group = (row.branch_id, row.kind, row.target)
        if row.profile in ("sunat", "internal") and group not in seen:
            seen.add(group)
            operations.promote(session, row, now=now)


def scheme_from(given: Mapping[str, Any], former: SeriesRecord | None = None) -> Scheme:
    """The scheme of a draft configuration, over a former one's where a member is missing. Raises Refused."""
    kind = former.kind if former else given["kind"]
    if kind not in PAPER_KINDS:
        if former is None:
            operations.check_form(kind, given.get("code") or "", pointer="/code", contingency=True)
        _refuse_locked(given)
        return Scheme(names=Names(code=former.code if former else given.get("code") or ""), template=LOCKED["format"])
    template = given.get("format", former.template if former else "")
    reset = given.get("counter_reset") or (former.counter_reset if former else usual_reset(template))

    def of(name: str, preset: Any) -> Any:
        return given.get(name, getattr(former, name) if former else preset)

    return Scheme(
        names=Names(
            code=former.code if former else given.get("code") or slug(given.get("name", "")),
            prefix=of("prefix", ""), suffix=of("suffix", ""),
        ),
        template=template, reset=reset, padding=of("padding", 0), overflow=of("overflow", "stop"),
    )


def _internal(session: Session, account: AccountRecord, given: Mapping[str, Any]) -> SeriesRecord:
    if given.get("contingency_ranges"):
        raise Refused("NOT_CONTINGENCY", Text("Un papel interno no tiene rangos", "An internal paper has no ranges"),
                      pointer="/contingency_ranges")
    code = given.get("code") or _free_code(session, account.id, slug(given.get("name") or given["kind"]))
    scheme = scheme_from({**given, "code": code})
    return SeriesRecord(
        profile="internal", sunat_code="", kind=given["kind"], code=code, name=given.get("name") or code,
        prefix=scheme.names.prefix, suffix=scheme.names.suffix, padding=scheme.padding, overflow=scheme.overflow,
        template=scheme.template, counter_reset=scheme.reset, target="",
    )


def _voucher(given: Mapping[str, Any]) -> SeriesRecord:
    code, kind = given.get("code") or "", given["kind"]
    if is_portal(code):
        raise Refused("SERIES_PORTAL", Text(
            f"{code} es una serie del portal de SUNAT, que la numera sola",
            f"{code} is a series of SUNAT's portal, which numbers it itself",
        ), pointer="/code")
    operations.check_form(kind, code, pointer="/code", contingency=True)
    _refuse_locked(given)
    paper = is_contingency(code)
    if paper and ({"start_number", "last_number"} & given.keys() or given.get("default")):
        raise Refused("CONTINGENCY_NUMBERS", Text(
            "Los números de una serie de contingencia se dan con cada comprobante, dentro de sus rangos",
            "The numbers of a contingency series are given with each voucher, inside its ranges",
        ), pointer="/start_number")
    return SeriesRecord(
        profile="contingency" if paper else "sunat", sunat_code=kind, kind=kind, code=code,
        name=given.get("name") or code, target=operations.target_of(kind, code),
    )


def _refuse_locked(given: Mapping[str, Any]) -> None:
    for name, value in LOCKED.items():
        if given.get(name, value) != value:
            raise Refused("SERIES_LOCKED", Text(
                f"SUNAT fija la forma del número: {name} no se elige en sus series",
                f"SUNAT fixes the form of the number: {name} is not to be chosen in its series",
            ), pointer=f"/{name}")


def _reshape(row: SeriesRecord, given: Mapping[str, Any]) -> None:
    """The form of the numbers to come; the counter goes on."""
    if not LOCKED.keys() & given.keys():
        return
    scheme = scheme_from(given, row)
    if row.profile != "internal":
        return
    if row.last_number > scheme.capacity:
        raise Conflict("PADDING_SMALL", Text(
            f"La serie ya va en {row.last_number}: no caben en {scheme.padding} dígitos",
            f"The series already stands at {row.last_number}: {scheme.padding} digits do not hold it",
        ), pointer="/padding")
    if row.used:
        place = scheme.changed_from(Place(period=row.period, last_number=row.last_number), row.last_issue_date)
        row.period = place.period
    row.prefix, row.suffix, row.padding = scheme.names.prefix, scheme.names.suffix, scheme.padding
    row.overflow, row.template, row.counter_reset = scheme.overflow, scheme.template, scheme.reset


def _recount(
    session: Session, row: SeriesRecord, given: Mapping[str, Any], *, author: str, now: datetime
) -> None:
    """The start before the first use, or a jump forward with a reason (OPT-07, FRI-14)."""
    if "start_number" in given and given["start_number"] != row.start_number:
        if row.used:
            raise Conflict("START_FIXED", Text(
                "El número inicial se fija antes del primer uso; la serie ya se usó",
                "The start number is set before the first use; the series was used already",
            ), pointer="/start_number", hint=Text(
                "Para saltar números envíe last_number con reason", "To skip numbers send last_number with a reason"
            ))
        operations.set_last_number(
            session, row.id, given["start_number"] - 1, reason="", author=author, now=now, pointer="/start_number"
        )
    if "last_number" in given:
        operations.set_last_number(
            session, row.id, given["last_number"], reason=given.get("reason", ""), author=author, now=now,
            pointer="/last_number",
        )


def slug(text: str) -> str:
    """A code made of a name: capitals, digits and dashes, 50 at most."""
    return _FOREIGN.sub("-", text.upper()).strip("-")[:50] or "SERIES"


def _free_code(session: Session, account_id: int, wanted: str) -> str:
    taken = set(session.scalars(
        select(SeriesRecord.code).where(SeriesRecord.account_id == account_id, SeriesRecord.profile == "internal")
    ))
    return next(
        code for code in (wanted, *(f"{wanted[:44]}-{number}" for number in range(2, len(taken) + 3)))
        if code not in taken
    )


def last_entries(session: Session, rows: list[SeriesRecord]) -> dict[int, EntryRecord]:
    """The newest entry of each series that has one."""
    ids = [row.id for row in rows if row.position]
    if not ids:
        return {}
    query = select(EntryRecord).join(SeriesRecord, SeriesRecord.id == EntryRecord.series_id).where(
        EntryRecord.series_id.in_(ids), EntryRecord.position == SeriesRecord.position
    )
    return {entry.series_id: entry for entry in session.scalars(query)}
