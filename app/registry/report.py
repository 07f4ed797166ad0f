"""The report of a plan: JSON for programs, and text for whoever must say yes to it. Spanish first, then English.

It is bounded: of each sort of file that is passed over, and of the remarks, the first are named and all are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.problems import Text
from app.registry.planning import Plan, SeriesPlan, key_text
from app.registry.remarks import remarks_of
from sunat.numbering import near_end

MOST_NAMED: Final = 200
_SHOWN_IN_TEXT: Final = 8

_REASONS: Final[Mapping[str, Text]] = {
    "refused": Text("rechazados", "refused"),
    "unknown": Text("no son comprobantes", "no vouchers"),
    "not_yet": Text("todavía no se importan", "not imported yet"),
    "foreign": Text("de otro RUC", "of another RUC"),
    "received": Text("compras", "purchases"),
    "copy": Text("copias", "copies"),
    "conflict": Text("en conflicto", "in conflict"),
    "draft": Text("sin firma válida ni CDR", "neither soundly signed nor answered"),
    "above_counter": Text("por encima de un contador en uso", "above a counter in use"),
    "retired": Text("de series inactivas", "on inactive series"),
    "lonely_cdr": Text("CDR sin su comprobante", "CDRs without their voucher"),
}


def report_of(plan: Plan, ruc: str) -> dict[str, Any]:
    """The whole report as JSON can hold it."""
    remarks = list(_remarks(plan, ruc))
    seals = Counter(item.entry.seal.state for item in plan.items)
    return {
        "plan": plan.digest,
        "ruc": ruc,
        "vouchers": {
            "to_import": len(plan.of("import")), "to_complete": len(plan.of("complete")),
            "already_there": len(plan.of("present")), "passed_over": len(plan.passed),
            "by_status": dict(sorted(Counter(str(item.status) for item in plan.items).items())),
        },
        "signatures": {
            **dict(sorted(seals.items())), "sha1": sum(item.entry.seal.sha1 for item in plan.items),
            "certificates": _certificates(plan),
        },
        "cdrs": {
            "matched": sum(item.cdr is not None for item in plan.items),
            "missing": sum(item.cdr is None for item in plan.items),
            "by_signature": dict(sorted(Counter(
                item.cdr.cdr.signature for item in plan.items if item.cdr is not None
            ).items())),
        },
        "amounts": {
            "equal": sum(not item.entry.differences and not item.entry.beyond for item in plan.items),
            "different": sum(bool(item.entry.differences) for item in plan.items),
            "not_worked_out": sum(bool(item.entry.beyond) for item in plan.items),
            "by_cause": dict(sorted(Counter(
                each.cause for item in plan.items for each in item.entry.differences
            ).items())),
        },
        "series": [_series(row) for row in plan.series],
        "branches": [
            {"establishment_code": row.establishment_code, "code": row.code, "address": row.address.line}
            for row in plan.branches
        ],
        "remarks": {"count": len(remarks), "shown": remarks[:MOST_NAMED]},
        "passed_over": _passed(plan),
        "warnings": [{"es": text.es, "en": text.en} for text in _warnings(plan)],
    }


def text_of(report: Mapping[str, Any]) -> Iterator[str]:
    """The report line by line, for a terminal."""
    vouchers, cdrs, seals, amounts = (report[name] for name in ("vouchers", "cdrs", "signatures", "amounts"))
    yield f"Plan {report['plan']}"
    yield f"RUC {report['ruc']}"
    yield f"Comprobantes a importar / vouchers to import: {vouchers['to_import']}"
    if vouchers["to_complete"]:
        yield f"  reciben su CDR / get their CDR: {vouchers['to_complete']}"
    if vouchers["already_there"]:
        yield f"  ya importados / already there: {vouchers['already_there']}"
    yield "  estados / statuses: " + (", ".join(f"{name} {n}" for name, n in vouchers["by_status"].items()) or "-")
    yield f"  con CDR / with CDR: {cdrs['matched']}; sin CDR / without: {cdrs['missing']}"
    yield (
        f"  firma válida / soundly signed: {seals.get('valid', 0)} (SHA-1: {seals['sha1']}); "
        f"inválida / invalid: {seals.get('invalid', 0)}; sin firma / unsigned: {seals.get('absent', 0)}"
    )
    for row in seals["certificates"]:
        yield f"    {row['count']} x {row['holder']} ({', '.join(row['rucs']) or '-'})"
    yield (
        f"  importes iguales / amounts equal: {amounts['equal']}; con diferencias / different: {amounts['different']}; "
        f"no recalculados del todo / not all worked out: {amounts['not_worked_out']}"
    )
    yield "Series:"
    for row in report["series"]:
        yield from _series_lines(row)
    for row in report["branches"]:
        yield f"Establecimiento nuevo / new branch: {row['establishment_code']} {row['address']}"
    yield from _passed_lines(report["passed_over"])
    shown = report["remarks"]["shown"]
    if shown:
        yield f"Observaciones / remarks: {report['remarks']['count']}"
    for row in shown[:_SHOWN_IN_TEXT]:
        yield f"  {row['voucher']}: {row['es']} / {row['en']}"
    for row in report["warnings"]:
        yield f"Atención / mind: {row['es']} / {row['en']}"


def _series_lines(row: Mapping[str, Any]) -> Iterator[str]:
    marks = [
        "" if row["registered"] else f"nueva en / new at {row['branch']}",
        "por defecto / default" if row["becomes_default"] else "",
    ]
    told = "; ".join(mark for mark in marks if mark)
    dates = f" ({row['first_date']} a {row['last_date']})" if row["first_date"] else " (solo CDR / CDRs only)"
    yield (
        f"  {row['sunat_code']} {row['code']}: {row['first']}..{row['last']}, {row['brought']}{dates}"
        + (f" [{told}]" if told else "")
    )
    last, proposed = row["last_sequence_number"], row["proposed_last_sequence_number"]
    if proposed != last:
        yield f"      último número / last number: {last} -> {proposed}; sigue / next: {proposed + 1}"
    if row["missing_numbers"]:
        ranges = ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in row["missing"][:_SHOWN_IN_TEXT])
        more = "..." if len(row["missing"]) > _SHOWN_IN_TEXT else ""
        yield f"      no traídos / not brought: {row['missing_numbers']} ({ranges}{more})"


def _passed_lines(passed: Mapping[str, Any]) -> Iterator[str]:
    for reason, group in passed.items():
        said = _REASONS[reason]
        yield f"No se importan, {said.es} / {said.en}: {group['count']}"
        for row in group["shown"][:_SHOWN_IN_TEXT]:
            yield f"  {row['file']}: {row['es']} / {row['en']}"


def _series(row: SeriesPlan) -> dict[str, Any]:
    return {
        "sunat_code": row.sunat_code, "code": row.code, "registered": row.registered, "branch": row.branch,
        "first": row.first, "last": row.last, "brought": row.brought, "already_there": row.stored,
        "missing_numbers": row.missing_numbers, "missing": [list(each) for each in row.missing],
        "first_date": row.first_date.isoformat() if row.first_date else None,
        "last_date": row.last_date.isoformat() if row.last_date else None,
        "by_status": dict(row.statuses), "last_sequence_number": row.last_number,
        "proposed_last_sequence_number": row.proposed_last_number, "becomes_default": row.becomes_default,
    }


def _certificates(plan: Plan) -> list[dict[str, Any]]:
    found = Counter(
        (item.entry.seal.fingerprint, item.entry.seal.holder, item.entry.seal.rucs)
        for item in plan.items if item.entry.seal.state == "valid"
    )
    return [
        {"holder": holder, "rucs": list(rucs), "fingerprint": fingerprint, "count": count}
        for (fingerprint, holder, rucs), count in found.most_common(MOST_NAMED)
    ]


def _remarks(plan: Plan, ruc: str) -> Iterator[dict[str, str]]:
    for item in plan.items:
        if item.action == "present":
            continue
        for remark in remarks_of(item.entry, item.cdr, item.status, ruc):
            if remark.code == "CHQ-IMPORT-SHA1":
                continue  # counted among the signatures
            yield {
                "voucher": key_text(item.entry.key), "file": item.entry.shown, "code": remark.code,
                "level": remark.level, "es": remark.text.es, "en": remark.text.en,
            }


def _passed(plan: Plan) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for each in plan.passed:
        group = groups.setdefault(each.reason, {"count": 0, "shown": []})
        group["count"] += 1
        if len(group["shown"]) < MOST_NAMED:
            group["shown"].append({"file": each.shown, "es": each.text.es, "en": each.text.en})
    return {reason: groups[reason] for reason in _REASONS if reason in groups}


def _warnings(plan: Plan) -> Iterator[Text]:
    if any(each.detail in {"voiding", "summary"} for each in plan.passed):
        yield Text(
            "Hay resúmenes o bajas: un comprobante dado de baja se verá como lo dejó su CDR",
            "There are summaries or voidings: a voided voucher will look as its own CDR left it",
        )
    for row in plan.series:
        if near_end(row.proposed_last_number):
            yield Text(
                f"A {row.code} le quedan {row.left} números", f"{row.code} has {row.left} numbers left"
            )
