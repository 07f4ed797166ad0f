"""The law at the command line: ``python -m sunat rules KIND | catalogue N | rates | validate FILE.xml | outcomes``.

``rules`` prints a kind's table, ``catalogue`` a code list, ``rates`` percentages and amounts by date,
``validate`` judges anybody's XML, ``outcomes`` says what
SUNAT's answers mean. There is no clock here:
the day of reception is the voucher's own issue date unless ``--received`` says another. Exit status: 0 nothing to
reject, 1 findings that SUNAT rejects, 2 something that cannot be judged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from sunat.catalogues import catalogue
from sunat.errors import FormatError, SunatError
from sunat.kinds import KINDS, Kind, kind
from sunat.money import decimal
from sunat.outcomes import printed
from sunat.rules import signature
from sunat.rules.comparisons import iso_date
from sunat.rules.context import Context
from sunat.rules.coverage import coverage
from sunat.rules.engine import Finding, RuleTable, Severity, judge
from sunat.taxes.rates import told
from sunat.xml import Element, name, parse, text


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        lines, status = options.run(options)
    except (SunatError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return int(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sunat", description="SUNAT's rules and code lists.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="print the rules of a voucher kind (01 03 07 08)")
    rules.add_argument("kind")
    rules.add_argument("--english", action="store_true", help="messages in English")
    rules.add_argument("--coverage", type=Path, metavar="CSV", help="compare with a list kind;code;severity;decidable")
    rules.set_defaults(run=_rules)
    codes = commands.add_parser("catalogue", help="print a catalogue (01 to 65)")
    codes.add_argument("code")
    codes.set_defaults(run=_catalogue)
    answers = commands.add_parser("outcomes", help="print what SUNAT's answers mean")
    answers.set_defaults(run=lambda _: (iter(printed()), 0))
    dated = commands.add_parser("rates", help="print percentages and amounts by date, with their norms")
    dated.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="only what may be issued on that day")
    dated.set_defaults(run=_rates)
    judging = commands.add_parser("validate", help="judge a voucher's XML")
    judging.add_argument("file", type=Path)
    judging.add_argument("--received", type=_day, metavar="YYYY-MM-DD", help="day of reception (default: issue date)")
    judging.add_argument("--exchange-rate", type=decimal, metavar="PEN", help="soles for one unit of the currency")
    judging.add_argument("--check-name", action="store_true", help="hold the file's name against the voucher")
    judging.add_argument("--signed", action="store_true", help="also ask for the parts of the signature")
    judging.add_argument("--english", action="store_true", help="messages in English")
    judging.set_defaults(run=_validate)
    return parser


def _day(value: str) -> date:
    day = iso_date(value)
    if day is None:
        raise argparse.ArgumentTypeError(f"{value!r} is not a day as YYYY-MM-DD")
    return day


def _rules(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    table = kind(options.kind).rules
    if options.coverage is None:
        return _table(table, english=options.english), 0
    found = coverage(table, options.coverage)
    return iter((
        f"{found.kind}: {len(found.covered)} of {len(found.covered) + len(found.missing)} codes ({found.share:.1%})",
        f"missing: {' '.join(found.missing) or '-'}",
        f"beyond the list: {' '.join(found.beyond) or '-'}",
    )), 0


def _table(table: RuleTable, *, english: bool) -> Iterator[str]:
    for row in table.rows():
        rule = row.rule
        message = rule.message or rule.check.message()
        which = 1 if english else 0
        dates = f"{rule.valid_from or ''}..{rule.valid_until or ''}" if rule.valid_from or rule.valid_until else ""
        yield "\t".join((
            rule.code, rule.severity.value, row.path or "/", f"{row.names[which]}: {message[which]}", dates, rule.norm,
        )).rstrip()
    yield f"{len(table)} rows, {len(table.codes())} codes"


def _catalogue(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    chosen = catalogue(options.code)
    return (f"{entry.code}\t{entry.description}".rstrip() for entry in chosen), 0


def _rates(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    return ("\t".join(row).rstrip() for row in told(options.date)), 0


def _validate(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    return validate(
        options.file, received=options.received, exchange_rate=options.exchange_rate, check_name=options.check_name,
        signed=options.signed, english=options.english,
    )


def validate(
    file: Path, *, received: date | None, exchange_rate: Decimal | None, check_name: bool, signed: bool, english: bool
) -> tuple[Iterator[str], int]:
    """What the rules find in a voucher's XML, a line each, and the exit status (0, or 1 for what SUNAT rejects).

    ``received`` is the day of reception (the issue date where None), ``exchange_rate`` the soles for one unit of the
    voucher's currency. Raises XmlError or FormatError for what is no voucher, OSError for a file that cannot be read.
    """
    raw = file.read_bytes()
    root = parse(raw)
    row = _kind_of(root)
    context = Context(
        received=received or iso_date(text(root, "cbc:IssueDate") or "") or date.max,
        file_name=file.name if check_name else None, raw=raw, exchange_rate=exchange_rate,
    )
    found = judge(root, row.rules, context)
    if signed:
        found += judge(root, signature.RULES[row.root], context)
    rejects = any(finding.severity is Severity.ERROR for finding in found)
    return _findings(row, found, english=english), 1 if rejects else 0


def _kind_of(root: Element) -> Kind:
    """The kind that the root and, for roots that several kinds share, the type code inside tell."""
    written = text(root, "cbc:InvoiceTypeCode")
    matching = [row for row in KINDS if row.root == name(root).rpartition(":")[2]]
    if not matching:
        raise FormatError(f"{name(root)} is not the root of any voucher known here")
    return next((row for row in matching if row.code == written), matching[0])


def _findings(row: Kind, found: tuple[Finding, ...], *, english: bool) -> Iterator[str]:
    for finding in found:
        said = (finding.message_en, finding.hint_en) if english else (finding.message_es, finding.hint_es)
        yield f"{finding.code}\t{finding.severity.value}\t{finding.path}\t{said[0]} {said[1]}"
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    yield f"{row.name}: {errors} errors, {len(found) - errors} observations"


if __name__ == "__main__":
    sys.exit(main())
