"""Which CDR answers which voucher, which files are copies, and which stand against each other.

The same bytes twice are a copy. The same number with other bytes is a conflict, unless one of them alone is signed
soundly: systems re-indent what they export, and that breaks the signature of the copy. CDRs that disagree prove
nothing. Source: `domain/sunat_operations.md` 2.2 and 2.3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.ledger.lifecycle import Status
from app.problems import Text
from app.registry.entries import OUTCOMES, CdrEntry, Entry, Item, Key, Passed, VoucherEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Vouchers with their CDRs in order of series and number, and what was passed over."""

    items: tuple[Item, ...]
    passed: tuple[Passed, ...]


def match(entries: Iterable[Entry], environment: str) -> Matched:
    """Sorts out the files of an import for an account of this environment."""
    vouchers: dict[Key, list[VoucherEntry]] = defaultdict(list)
    cdrs: dict[tuple[str, int], list[CdrEntry]] = defaultdict(list)
    passed: list[Passed] = []
    for entry in entries:
        if isinstance(entry, VoucherEntry):
            vouchers[entry.key].append(entry)
        elif isinstance(entry, CdrEntry):
            cdrs[entry.series, entry.number].append(entry)
        else:
            passed.append(entry)
    kinds: dict[tuple[str, int], set[str]] = defaultdict(set)
    for code, series, number in vouchers:
        kinds[series, number].add(code)
    answers, lonely = _answers(cdrs, kinds)
    items = []
    for key, same in sorted(vouchers.items()):
        chosen, others = _one_of(same)
        passed += others
        if chosen is None:
            continue
        cdr, more = _settled(answers.get(key, []))
        passed += more
        proved = cdr is not None and cdr.proves(environment)
        if not proved and chosen.seal.state != "valid":
            passed.append(_draft(chosen))
            continue
        status = OUTCOMES[cdr.cdr.outcome] if cdr is not None and proved else Status.ISSUED
        items.append(Item(entry=chosen, cdr=cdr, status=status, action="import"))
    passed += lonely
    return Matched(items=tuple(items), passed=tuple(passed))


def _answers(
    cdrs: dict[tuple[str, int], list[CdrEntry]], kinds: dict[tuple[str, int], set[str]]
) -> tuple[dict[Key, list[CdrEntry]], list[Passed]]:
    """The CDRs by voucher. One whose name does not tell the kind belongs to the only voucher of that number."""
    answers: dict[Key, list[CdrEntry]] = defaultdict(list)
    lonely = []
    for (series, number), found in cdrs.items():
        for cdr in found:
            codes = {cdr.type_code} & kinds[series, number] if cdr.type_code else kinds[series, number]
            if len(codes) == 1:
                answers[next(iter(codes)), series, number].append(cdr)
                continue
            key = (cdr.type_code, series, number) if cdr.type_code else None
            lonely.append(Passed(shown=cdr.shown, reason="lonely_cdr", key=key, text=Text(
                f"Falta el comprobante {series}-{number} de esta constancia",
                f"The voucher {series}-{number} of this CDR is missing",
            )))
    return answers, lonely


def _one_of(same: list[VoucherEntry]) -> tuple[VoucherEntry | None, list[Passed]]:
    """The file that counts among those with one number."""
    distinct: dict[str, VoucherEntry] = {}
    passed = []
    for entry in same:
        if entry.sha256 in distinct:
            passed.append(_copy(entry.shown, distinct[entry.sha256].shown, entry.key))
        else:
            distinct[entry.sha256] = entry
    candidates = list(distinct.values())
    if len(candidates) == 1:
        return candidates[0], passed
    sound = [entry for entry in candidates if entry.seal.state == "valid"]
    if len(sound) == 1:
        passed += [_copy(entry.shown, sound[0].shown, entry.key) for entry in candidates if entry is not sound[0]]
        return sound[0], passed
    names = ", ".join(entry.shown for entry in candidates[:4])
    passed += [
        Passed(shown=entry.shown, reason="conflict", key=entry.key, text=Text(
            f"El mismo número con otro contenido: {names}", f"The same number with other bytes: {names}"
        ))
        for entry in candidates
    ]
    return None, passed


def _settled(found: list[CdrEntry]) -> tuple[CdrEntry | None, list[Passed]]:
    """The CDR that counts: the latest of those that agree."""
    if not found:
        return None, []
    distinct = {cdr.sha256: cdr for cdr in found}
    if len({cdr.cdr.outcome for cdr in distinct.values()}) > 1:
        return None, [
            Passed(shown=cdr.shown, reason="conflict", text=Text(
                f"Hay constancias que se contradicen sobre {cdr.series}-{cdr.number}",
                f"There are CDRs about {cdr.series}-{cdr.number} that disagree",
            ))
            for cdr in distinct.values()
        ]
    chosen = max(distinct.values(), key=lambda cdr: (
        cdr.cdr.signature == "valid", cdr.cdr.received_at.timestamp() if cdr.cdr.received_at else 0, cdr.sha256
    ))
    return chosen, [_copy(cdr.shown, chosen.shown) for cdr in found if cdr is not chosen]


def _copy(shown: str, other: str, key: Key | None = None) -> Passed:
    return Passed(shown=shown, reason="copy", key=key, text=Text(f"Es copia de {other}", f"It is a copy of {other}"))


def _draft(entry: VoucherEntry) -> Passed:
    unsigned = entry.seal.state == "absent"
    return Passed(shown=entry.shown, reason="draft", key=entry.key, text=Text(
        f"{'No está firmado' if unsigned else 'Su firma no es válida'} y no hay constancia: nada prueba que se emitió",
        f"{'It is not signed' if unsigned else 'Its signature is not valid'} and has no CDR: nothing proves its issue",
    ))
