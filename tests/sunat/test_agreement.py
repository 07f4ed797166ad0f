"""The gateway and the pretend SUNAT judge alike: every breaking case of every rule, signed and sent.

What the rules reject before a number is spent the sandbox rejects too, and what they let pass it accepts with the same
observations. Codes of our own (CHQ-...) are nothing that SUNAT would say.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from sunat import xml
from sunat.cdr import LIMA, read_cdr
from sunat.errors import Fault
from sunat.rules.context import Context
from sunat.rules.engine import Finding, Severity, judge
from sunat.sandbox import Sandbox
from sunat.sandbox.desk import MESSAGES
from sunat.sandbox.ledger import Ledger
from sunat.sandbox.rulebook import by_the_rules
from sunat.transport.zipping import pack, unpack_cdr
from tests.sunat.rules.pairs.edits import TABLES, Pair, voucher
from tests.sunat.rules.pairs.every import PAIRS
from tests.sunat.rules.vouchers import ISSUED
from tests.support.sandbox import authority
from tests.support.signing import fixed_signer

RUC = "20123456786"


def answered(content: bytes, name: str, day: date) -> tuple[str, tuple[str, ...]]:
    """The code and the codes of the observations that a fresh sandbox answers with, the fault's code for a fault."""
    noon = datetime.combine(day, time(12), LIMA)
    desk = Sandbox(Ledger(), now=lambda: noon, judge=by_the_rules, authority=authority()).desk
    try:
        zipped = desk.send_bill(RUC, f"{name}.zip", pack(name, content))
    except Fault as fault:
        return fault.code, ()
    text = "-".join(name.split("-")[2:])
    cdr = read_cdr(unpack_cdr(zipped, name), voucher_file_name=name, ruc=RUC, voucher_text=text)
    return cdr.code, tuple(each for each, _ in cdr.observations)


def expected(found: tuple[Finding, ...]) -> tuple[set[str], set[str]]:
    """SUNAT's codes among the findings: errors, observations."""
    return (
        {one.code for one in found if one.severity is Severity.ERROR and one.code.isdigit()},
        {one.code for one in found if one.severity is Severity.OBSERVATION and one.code.isdigit()},
    )


def named(root: xml.Element, kind: str) -> str:
    """The file's name that fits the voucher, or one that would if its number could be read."""
    series, _, number = (xml.text(root, "cbc:ID") or "").partition("-")
    fits = number.isdigit() and len(number) <= 8 and int(number) and series.isalnum() and len(series) <= 4
    return f"{RUC}-{kind}-{series if fits else 'F001'}-{int(number) if fits else 1}"


def disagreement(case: Pair, kind: str) -> str | None:
    root = voucher(case, kind, broken=True)
    content = fixed_signer().sign_xml(xml.serialise(root)).xml
    day = date.fromisoformat(case.issued or ISSUED)
    name = named(root, kind)
    context = Context(received=day, file_name=f"{name}.xml", zip_name=f"{name}.zip")
    errors, observations = expected(judge(xml.parse(content), TABLES[kind], context))
    code, told = answered(content, name, day)
    if code == "0":
        if not errors and set(told) == observations:
            return None
    elif errors and code in errors | MESSAGES.keys():
        return None
    return f"{kind} {case.code} on {case.base}: rules {errors} {observations}, sandbox {code} {told}"


@pytest.mark.parametrize("kind", TABLES)
def test_every_breaking_case_is_judged_alike(kind: str) -> None:
    found = [disagreement(case, kind) for case in PAIRS if kind in case.kinds]
    assert [one for one in found if one] == []


@pytest.mark.parametrize("kind", TABLES)
def test_a_late_voucher_is_judged_alike(kind: str) -> None:
    case = next(case for case in PAIRS if kind in case.kinds and case.base == "plain")
    root = voucher(case, kind, broken=False)
    content = fixed_signer().sign_xml(xml.serialise(root)).xml
    name = named(root, kind)
    for days in range(8):
        day = date.fromisoformat(ISSUED) + timedelta(days=days)
        errors, _ = expected(judge(root, TABLES[kind], Context(received=day)))
        code, _ = answered(content, name, day)
        assert {code} == (errors or {"0"})
