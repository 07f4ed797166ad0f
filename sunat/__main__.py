"""The law at the command line, for its developers: ``python -m sunat COMMAND``.

``rules`` prints a kind's table, ``catalogue`` a code list, ``rates`` percentages and amounts by date, ``reasons`` what
a note may contain, ``outcomes`` what SUNAT's answers mean, ``validate`` what is found in one XML or zip; users have
``chasqui rules`` and ``chasqui validate``. There is no clock here: each voucher is received on its issue date.
Exit status: 0 nothing to reject, 1 findings that SUNAT rejects, 2 something that cannot be judged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from sunat.catalogues import catalogue
from sunat.documents import note_reasons
from sunat.errors import FormatError, SunatError
from sunat.kinds import kind
from sunat.outcomes import printed
from sunat.rules.comparisons import iso_date
from sunat.rules.engine import RuleTable
from sunat.taxes.rates import told
from sunat.validation import Asked, examine, examine_parcel


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
    rules.set_defaults(run=_rules)
    codes = commands.add_parser("catalogue", help="print a catalogue (01 to 65)")
    codes.add_argument("code")
    codes.set_defaults(run=_catalogue)
    answers = commands.add_parser("outcomes", help="print what SUNAT's answers mean")
    answers.set_defaults(run=lambda _: (iter(printed()), 0))
    dated = commands.add_parser("rates", help="print percentages and amounts by date, with their norms")
    dated.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="only what may be issued on that day")
    dated.set_defaults(run=_rates)
    reasons = commands.add_parser("reasons", help="print what a note may contain, by its reason (07 credit, 08 debit)")
    reasons.add_argument("kind", choices=sorted(note_reasons.REASONS))
    reasons.add_argument("--english", action="store_true", help="in English")
    reasons.set_defaults(run=_reasons)
    judging = commands.add_parser("validate", help="judge a voucher's XML or zip")
    judging.add_argument("file", type=Path)
    judging.set_defaults(run=_validate)
    return parser


def _reasons(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    return ("\t".join(row) for row in note_reasons.told(options.kind, english=options.english)), 0


def _day(value: str) -> date:
    day = iso_date(value)
    if day is None:
        raise argparse.ArgumentTypeError(f"{value!r} is not a day as YYYY-MM-DD")
    return day


def _rules(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    return table(kind(options.kind).rules, english=options.english), 0


def table(rules: RuleTable, *, english: bool) -> Iterator[str]:
    """A table of rules, a line each: code, severity, path, what must hold, days, what it becomes or the norm."""
    for row in rules.rows():
        rule = row.rule
        message = rule.message or rule.check.message()
        which = 1 if english else 0
        dates = f"{rule.valid_from or ''}..{rule.valid_until or ''}" if rule.valid_from or rule.valid_until else ""
        yield "\t".join((
            rule.code, rule.severity.value, row.path or "/", f"{row.names[which]}: {message[which]}", dates,
            rule.norm or (f"-> {rule.becomes}" if rule.becomes else ""),
        )).rstrip()
    yield f"{len(rules)} rows, {len(rules.codes())} codes"


def _catalogue(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    chosen = catalogue(options.code)
    return (f"{entry.code}\t{entry.description}".rstrip() for entry in chosen), 0


def _rates(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    return ("\t".join(row).rstrip() for row in told(options.date)), 0


def _validate(options: argparse.Namespace) -> tuple[Iterator[str], int]:
    content, name = options.file.read_bytes(), options.file.name
    zipped = name.lower().endswith(".zip")
    found = examine_parcel(content, name, Asked()) if zipped else examine(content, Asked(), name=name)
    if found.unjudged is not None:
        raise FormatError(found.unjudged.en)
    lines = [
        f"{one.code}\t{one.severity.value}\t{one.path}\t{one.message_es} {one.hint_es}" for one in found.findings
    ]
    return iter((*lines, f"{len(lines)} findings")), 1 if found.rejected else 0


if __name__ == "__main__":
    sys.exit(main())
