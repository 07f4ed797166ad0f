"""The rule engine: rows that say what must hold of a voucher's XML, and the judgement that reports where it does not.

SUNAT writes the violation and stops at the first; a row here states what must hold, and everything is reported, in
document order. Severity and dates are columns of the row (validation workbook of 2026-02-12), never the code's range.
A table is checked when it is made: a path of unknown shape, a field without a name or a row said twice is an error at
import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from enum import Enum
from typing import Final

from sunat.errors import SunatError
from sunat.rules.conditions import Ordinals, When, selected
from sunat.rules.context import Context
from sunat.rules.document import Document
from sunat.rules.fields import field_name
from sunat.rules.names import Branch, Names, plan
from sunat.rules.place import Places
from sunat.rules.shapes import Case, Check, Hit, Sentence, Value
from sunat.xml import Element, name


class Severity(Enum):
    """What SUNAT does about it: ERROR rejects the voucher, OBSERVATION rides along with the acceptance."""

    ERROR = "error"
    OBSERVATION = "observation"


class RuleTableError(SunatError):
    """A rule table is wrong: this is a fault of ours and is found at import."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: at ``path`` (in every instance of its scope for which ``when`` holds) ``check`` must hold.

    ``scope`` is worked out from the path unless given. ``valid_from`` and ``valid_until`` are days of reception.
    ``field`` names the field in Spanish and English where the table of names does not say it well; ``message`` and
    ``hint`` replace the composed text where that would mislead. ``norm`` cites the norm behind a code of our own.
    ``becomes`` is the rejection code that SUNAT has published for what it still observes, where there is one.
    """

    code: str
    path: str
    check: Check
    _: KW_ONLY
    when: When | None = None
    severity: Severity = Severity.ERROR
    scope: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    field: tuple[str, str] | None = None
    message: tuple[str, str] | None = None
    hint: tuple[str, str] | None = None
    norm: str = ""
    becomes: str = ""

    def in_force(self, day: date) -> bool:
        """Whether the row counts for a voucher received that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a rule does not hold.

    ``path`` is the concrete node (``/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity``); of a missing node, the place
    where it belongs. ``line`` is the voucher line, counted from 1, None outside the lines. ``value`` is cut after five
    hundred letters. ``norm`` names the norm for a code of our own (``CHQ-...``), and is empty for SUNAT's codes.
    ``becomes`` is the rejection code that SUNAT has published for this observation, empty where it has not.
    """

    code: str
    severity: Severity
    path: str
    line: int | None
    value: str
    message_es: str
    message_en: str
    hint_es: str
    hint_en: str
    norm: str = ""
    becomes: str = ""

    @property
    def turning(self) -> bool:
        """Whether SUNAT is turning the observation into an error."""
        return bool(self.becomes)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule with its paths resolved, and its place in the table."""

    index: int
    rule: Rule
    path: str
    scope: str
    dated: bool
    names: Sentence


class RuleTable:
    """The rows of one voucher kind. Iterable and printable."""

    def __init__(
        self, kind: str, root: str, rules: tuple[Rule, ...], *, short: Mapping[str, str], scopes: tuple[str, ...]
    ) -> None:
        """``kind`` is SUNAT's code, ``root`` the tag of the root. Raises RuleTableError."""
        self.kind = kind
        self.root = root
        self.rules = rules
        self.names = Names(short, scopes)
        self.line_path = self.names.full("line") if "line" in short else ""
        self._bought = short.get("supplier", "").startswith("cac:AccountingCustomerParty")
        self._rows = tuple(self._resolve(index, rule) for index, rule in enumerate(rules))
        self._refuse_repeats()
        self.of_path, self.anyway = _by_path(self._rows), _anyway(self._rows)
        self.names.planned = frozenset(self._paths())
        self.plan: Branch = plan(self.names.planned)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def codes(self) -> frozenset[str]:
        """The distinct codes of the table."""
        return frozenset(rule.code for rule in self.rules)

    def rows(self) -> tuple[Row, ...]:
        """The resolved rows, in the order of the table."""
        return self._rows

    def _resolve(self, index: int, rule: Rule) -> Row:
        try:
            path = self.names.full(rule.path)
            scope = self.names.scope_of(path, strict=rule.check.strict) if rule.scope is None else self.names.full(
                rule.scope
            )
            for each in (*rule.check.reads(), *(rule.when.paths() if rule.when else ())):
                self.names.full(each.lstrip("/"))
            names = Sentence(*rule.field) if rule.field else field_name(path, bought=self._bought)
        except SunatError as error:
            raise RuleTableError(f"Rule {rule.code} of {self.kind}: {error}") from error
        if scope not in self.names.scopes or not (scope == "" or path == scope or path.startswith(scope + "/")):
            raise RuleTableError(f"Rule {rule.code} of {self.kind}: {rule.scope!r} is not a scope around {rule.path!r}")
        return Row(index, rule, path, scope, bool(rule.valid_from or rule.valid_until), names)

    def _refuse_repeats(self) -> None:
        seen = set()
        for row in self._rows:
            key = (row.rule.code, row.path, row.rule.check, row.rule.when, row.rule.valid_from)
            if key in seen:
                raise RuleTableError(f"Rule {row.rule.code} of {self.kind} is there twice for {row.rule.path!r}")
            seen.add(key)

    def _paths(self) -> set[str]:
        full = self.names.full
        paths = {row.path for row in self._rows} | {scope for scope in self.names.scopes if scope}
        for row in self._rows:
            inner = getattr(row.rule.check, "inner", ())
            paths.update(f"{row.path}/{full(each)}" for each in inner)
            base = f"{row.scope}/" if row.scope else ""
            paths.update(base + full(each) for each in row.rule.check.reads() if not each.startswith("/"))
            paths.update(full(each[1:]) for each in row.rule.check.reads() if each.startswith("/"))
            if row.rule.when:
                paths.update(full(each) for each in row.rule.when.paths())
        paths.discard("")
        return paths


Step = tuple[Callable[[str], bool] | None, Row]
"""Test of one value where the check is one, and the row."""


def _by_path(rows: tuple[Row, ...]) -> dict[str, tuple[Step, ...]]:
    """The rows that only speak of nodes that are there, by their path: what a voucher has not is never asked for."""
    found: dict[str, list[Step]] = {}
    for row in rows:
        check = row.rule.check
        if not check.on_absent:
            found.setdefault(row.path, []).append((check.accepts if isinstance(check, Value) else None, row))
    return {path: tuple(steps) for path, steps in found.items()}


def _anyway(rows: tuple[Row, ...]) -> tuple[tuple[When | None, str, tuple[Row, ...]], ...]:
    """The rows that speak of absent nodes too, by condition and scope: one look settles all that do not apply."""
    groups: dict[tuple[int, str], tuple[When | None, str, list[Row]]] = {}
    for row in rows:
        if row.rule.check.on_absent:
            groups.setdefault((id(row.rule.when), row.scope), (row.rule.when, row.scope, []))[2].append(row)
    return tuple((when, scope, tuple(found)) for when, scope, found in groups.values())


_LAST: Final = 10_000
"""Codes of our own come behind SUNAT's at the same node."""
_LONGEST: Final = 500
"""Letters of a value that a finding repeats."""
_LINE_ES: Final = "Línea {}, "
_LINE_EN: Final = "Line {}, "
_TURNING_ES: Final = "; SUNAT lo está convirtiendo en el error {}"
_TURNING_EN: Final = "; SUNAT is turning it into error {}"


def judge(root: Element, rules: RuleTable, context: Context) -> tuple[Finding, ...]:
    """Everything that does not hold of the voucher, in document order; empty when SUNAT would take it without a word.

    Never raises on any XML: what is no voucher of this kind at all is the single finding 0306.
    """
    if name(root) != rules.root and name(root).rpartition(":")[2] != rules.root:
        return (_foreign(root, rules),)
    document = Document(root, rules.plan, rules.names, context)
    places = Places(document)
    found: list[tuple[int, int, int, Finding]] = []
    day = context.in_force or context.received
    for row, chosen in _applying(document, rules):
        if row.dated and not row.rule.in_force(day):
            continue
        for hit in row.rule.check.hits(Case(document, row.scope, row.path, chosen)):
            place = _placed(document, places, row, hit)
            found.append((*place, row.index, _finding(document, places, rules, row, hit)))
    document.seen_views.clear()  # they refer to the document, and would keep it until somebody collects garbage
    found.sort(key=lambda each: each[:3])
    return tuple(each[3] for each in found)


def _applying(document: Document, rules: RuleTable) -> Iterator[tuple[Row, Ordinals | None]]:
    """The rows that may not hold, each with the instances it applies to (None: all)."""
    columns = document.columns
    for path, column in columns.items():
        for accepts, row in rules.of_path.get(path, ()):
            if accepts is not None:
                # Most values are right, and that settles a row without asking whether it applies.
                for text in column.distinct:
                    if not accepts(text):
                        break
                else:
                    continue
            when = row.rule.when
            chosen = None if when is None else selected(document, when, row.scope)
            if chosen is None or chosen:
                yield row, chosen
    for when, scope, rows in rules.anyway:
        asked: Sequence[Row] = rows
        if scope and scope not in columns:  # what it is about is not there, so nothing can be missing in it
            asked = [row for row in rows if row.path in columns]
        chosen = None if when is None or not asked else selected(document, when, scope)
        if chosen is None or chosen:
            for row in asked:
                yield row, chosen


def strictly(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with those observations as errors that SUNAT is turning into errors, for issuers who want it so."""
    return tuple(replace(one, severity=Severity.ERROR) if one.turning else one for one in found)


def _placed(document: Document, places: Places, row: Row, hit: Hit) -> tuple[int, int]:
    element = hit.element
    if element is None and row.scope:
        element = document.column(row.scope).elements[hit.ordinal]
    code = row.rule.code
    return (places.order(element), int(code) if code.isdigit() else _LAST)


def _finding(document: Document, places: Places, rules: RuleTable, row: Row, hit: Hit) -> Finding:
    rule, check = row.rule, row.rule.check
    line = _line_of(document, rules, row, hit)
    message = Sentence(*rule.message) if rule.message else check.message()
    hint = Sentence(*rule.hint) if rule.hint else check.hint()
    detail = Sentence(*map(_short, hit.detail)) if hit.detail else Sentence("", "")
    if rule.becomes:
        detail = Sentence(
            detail.es + _TURNING_ES.format(rule.becomes), detail.en + _TURNING_EN.format(rule.becomes)
        )
    before = Sentence(_LINE_ES.format(line), _LINE_EN.format(line)) if line else Sentence("", "")
    return Finding(
        code=rule.code,
        severity=rule.severity,
        path=places.path(row.path, row.scope, hit),
        line=line,
        value=_short(hit.value),
        message_es=_capital(f"{before.es}{row.names.es}: {message.es}{detail.es}."),
        message_en=_capital(f"{before.en}{row.names.en}: {message.en}{detail.en}."),
        hint_es=hint.es,
        hint_en=hint.en,
        norm=rule.norm,
        becomes=rule.becomes,
    )


def _line_of(document: Document, rules: RuleTable, row: Row, hit: Hit) -> int | None:
    line = rules.line_path
    if not line or not (row.scope == line or row.scope.startswith(line + "/")):
        return None
    return document.ancestors(row.scope, line)[hit.ordinal] + 1


def _foreign(root: Element, rules: RuleTable) -> Finding:
    return Finding(
        code="0306", severity=Severity.ERROR, path=f"/{name(root)}", line=None, value=name(root),
        message_es=f"El XML no es un comprobante {rules.kind}: su raíz debe ser {rules.root}.",
        message_en=f"The XML is no voucher of kind {rules.kind}: its root must be {rules.root}.",
        hint_es="Revise el tipo de comprobante del archivo.", hint_en="Check which kind of voucher the file holds.",
    )


def _short(text: str) -> str:
    """A text that somebody wrote, as far as anybody would read it: nine megabytes of it are no help."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
