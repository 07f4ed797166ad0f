"""What the registers say of a voucher before its number, in every case; and that without registers nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.almanac import stops
from app.almanac.loading import Edition, load
from app.almanac.standing import NOTHING, look_up
from app.db import Database
from app.documents.warning import as_remark, asked_of, issuer_lists, warnings_of
from app.problems import Item, Text
from sunat.documents import Detraction, Perception, Sale
from sunat.rules.context import OSE_ONLY
from sunat.taxes import AllowanceCharge
from tests.support.vouchers import CUSTOMER_RUC, ISSUER_RUC, sale

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 17)


class Registers:
    """Takes registers in and asks for the warnings about a content."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self._folder = database, folder

    def take(self, kind: str, *lines: str) -> None:
        path = self._folder / f"{kind}.csv"
        first = "ruc,state,condition" if kind == "ruc-state" else "ruc,from,until"
        path.write_text("\n".join((first, *lines)), encoding="ascii")
        load(
            self.database, Edition(kind=kind, as_of=AS_OF, path=path, actor="test"), now=lambda: NOW,
            progress=lambda _: None,
        )

    def say(self, content: Sale, exchange_rate: str | None = None, today: date | None = None) -> list[Item]:
        rate = Decimal(exchange_rate) if exchange_rate else None
        with self.database.read() as session:
            standing = look_up(session, asked_of(content))
            return warnings_of(session, standing, content, rate, today or content.issue_date)

    def codes(self, content: Sale, exchange_rate: str | None = None) -> list[str]:
        return [item.code for item in self.say(content, exchange_rate)]


@pytest.fixture
def registers(database: Database, tmp_path: Path) -> Iterator[Registers]:
    return Registers(database, tmp_path)


def big(stem: str = "invoice", **changes: Any) -> Sale:
    """A sale of S/ 1,180.00."""
    return sale(stem, unit_amount=Decimal(1000), **changes)


def reduced(stem: str = "invoice", **changes: Any) -> Sale:
    """A sale whose one line bears 10.5 %."""
    made = sale(stem, **changes)
    (line,) = made.lines
    tax = replace(line.amounts.taxes[0], rate=Decimal("10.5"))
    return replace(made, lines=(replace(line, amounts=replace(line.amounts, taxes=(tax,))),))


def charged(content: Sale, code: str) -> Sale:
    charge = AllowanceCharge(code=code, is_charge=False, amount=Decimal(30), base=Decimal(1000))
    return replace(content, totals=replace(content.totals, allowances=(charge,)))


def test_without_registers_nobody_speaks(registers: Registers) -> None:
    for stem in ("invoice", "boleta", "credit_note", "debit_note"):
        assert registers.codes(big(stem)) == []
    assert registers.codes(reduced()) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{CUSTOMER_RUC},ACTIVO,HABIDO", []),
        (f"{CUSTOMER_RUC},BAJA DE OFICIO,HABIDO", ["4013"]),
        (f"{CUSTOMER_RUC},ACTIVO,NO HABIDO", ["4014"]),
        (f"{CUSTOMER_RUC},ACTIVO,NO HALLADO", ["CHQ-CUSTOMER-CONDITION"]),
        (f"{CUSTOMER_RUC},SUSPENSION TEMPORAL,NO HABIDO", ["4013", "4014"]),
        ("20100000001,ACTIVO,HABIDO", ["CHQ-CUSTOMER-UNKNOWN"]),
    ],
)
def test_the_customers_state(registers: Registers, line: str, expected: list[str]) -> None:
    registers.take("ruc-state", f"{ISSUER_RUC},ACTIVO,HABIDO", line)
    found = registers.say(big())
    assert [item.code for item in found] == expected
    assert all(item.severity == "observation" for item in found)
    assert all("padrón del 2026-11-17" in item.message.es for item in found)
    assert all("register of 2026-11-17" in item.message.en for item in found)


def test_a_customer_without_ruc_is_in_no_register(registers: Registers) -> None:
    registers.take("ruc-state", f"{ISSUER_RUC},ACTIVO,HABIDO")
    boleta = sale("boleta")
    party = replace(boleta.customer, identity_code="1", identity_number="12345678")
    assert registers.codes(replace(boleta, customer=party)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{ISSUER_RUC},SUSPENSION TEMPORAL,HABIDO", ["2010"]), (f"{ISSUER_RUC},ACTIVO,NO HABIDO", ["2011"]),
        (f"{ISSUER_RUC},BAJA DEFINITIVA,NO HABIDO", ["2010", "2011"]), ("20100000001,ACTIVO,HABIDO", ["no está"]),
    ],
)
def test_the_issuers_own_state(registers: Registers, line: str, said: list[str]) -> None:
    registers.take("ruc-state", f"{CUSTOMER_RUC},ACTIVO,HABIDO", line)
    found = registers.say(big())
    assert [item.code for item in found] == ["CHQ-ISSUER-STATE"] * len(said)
    assert all(word in item.message.es for word, item in zip(said, found, strict=True))


def test_a_withholding_agent_will_keep_some_back(registers: Registers) -> None:
    registers.take("retention-agents", f"{CUSTOMER_RUC},2002-06-01,")
    (found,) = registers.say(big())
    assert (found.code, found.pointer) == ("CHQ-RETENTION-LIKELY", "/header/receiver_tax_id_code")
    assert "3 %" in found.message.es
    assert registers.codes(sale(unit_amount=Decimal(500))) == []  # 590.00
    assert registers.codes(big("boleta")) == []
    assert registers.codes(big("credit_note")) == []
    assert registers.codes(big(issue_date=date(2002, 5, 31))) == []
    detraction = Detraction(code="037", percent=Decimal(12), amount=Decimal(142), account="00-1", means="001")
    assert registers.codes(replace(big(), detraction=detraction)) == []
    dollars = sale(unit_amount=Decimal(200), currency="USD")  # 236.00
    assert registers.codes(dollars) == []
    assert registers.codes(dollars, "2.96") == []
    assert registers.codes(dollars, "2.97") == ["CHQ-RETENTION-LIKELY"]
    registers.take("perception-agents", f"{ISSUER_RUC},,")
    assert registers.codes(big()) == []


def test_a_retention_told_is_held_against_the_list(registers: Registers) -> None:
    retained = charged(big(), "62")
    assert registers.codes(retained) == []
    registers.take("retention-agents", f"{CUSTOMER_RUC},,2026-11-20", f"{ISSUER_RUC},2026-12-01,")
    assert registers.codes(retained) == []
    later = charged(big(issue_date=date(2026, 12, 1)), "62")
    assert registers.codes(later) == ["CHQ-RETENTION-CUSTOMER", "CHQ-RETENTION-ISSUER"]


def test_perception_is_for_agents_and_not_from_withholding_agents(registers: Registers) -> None:
    perceived = replace(charged(big(), "51"), perception=Perception(total=Decimal("1203.60")))
    assert registers.codes(perceived) == []
    registers.take("perception-agents", "20100000001,,")
    assert registers.codes(perceived) == ["CHQ-PERCEPTION-ISSUER"]
    registers.take("retention-agents", f"{CUSTOMER_RUC},,")
    assert registers.codes(perceived) == ["CHQ-PERCEPTION-ISSUER", "CHQ-PERCEPTION-CUSTOMER"]


@pytest.mark.parametrize("stem", ["invoice", "boleta", "credit_note", "debit_note"])
def test_the_reduced_rate_is_for_those_in_the_list(registers: Registers, stem: str) -> None:
    registers.take("reduced-rate", f"{ISSUER_RUC},2026-01-01,2026-06-30")
    assert registers.codes(reduced(stem)) == ["4439"]
    assert registers.codes(reduced(stem, issue_date=date(2026, 6, 30))) == []
    assert registers.codes(sale(stem)) == []


def test_the_reduced_rate_stops_at_once_and_goes_on_again(registers: Registers, database: Database) -> None:
    with database.write() as session:
        stops.stop(session, date(2026, 11, 20), reason="SUNAT no la admite", actor="test", now=NOW)
    (found,) = registers.say(reduced())
    assert (found.code, found.severity, found.pointer) == ("CHQ-REDUCED-STOPPED", "error", "/details/0/taxes")
    assert "SUNAT no la admite" in found.message.es
    assert registers.codes(reduced("boleta")) == ["CHQ-REDUCED-STOPPED"]
    assert registers.codes(reduced("credit_note")) == []
    assert registers.codes(reduced(issue_date=date(2026, 11, 19))) == []
    (late,) = registers.say(reduced(issue_date=date(2026, 11, 19)), today=date(2026, 11, 20))
    assert late.code == "CHQ-REDUCED-STOPPED", "an earlier issue date does not get past a stop"
    assert registers.codes(sale()) == []
    with database.write() as session:
        stops.stop(session, date(2026, 12, 1), reason="desde diciembre", actor="test", now=NOW)
    assert registers.codes(reduced()) == []
    with database.write() as session:
        assert stops.lift(session, now=NOW) == 1
    assert registers.codes(reduced(issue_date=date(2026, 12, 1))) == []


def test_before_there_were_retentions_nobody_keeps_any_back(registers: Registers) -> None:
    registers.take("retention-agents", f"{CUSTOMER_RUC},,")
    assert registers.codes(big()) == ["CHQ-RETENTION-LIKELY"]
    assert registers.codes(big(issue_date=date(2001, 1, 1))) == []


def test_lists_of_sunat_reach_the_rules_as_remarks(registers: Registers) -> None:
    registers.take("ose-only", f"{ISSUER_RUC},2026-01-01,2026-11-30")
    registers.take("supervised", "20100000001,,")
    content = big()
    with registers.database.read() as session:
        standing = look_up(session, asked_of(content))
    assert issuer_lists(standing, content) == {OSE_ONLY}
    assert issuer_lists(standing, big(issue_date=date(2026, 12, 1))) == set()
    told = Item(code="1078", pointer="/header", message=Text("Está obligado.", "He must."))
    remark = as_remark(told, standing)
    assert (remark.severity, remark.code) == ("observation", "1078")
    assert remark.message.es == "Está obligado, y SUNAT lo rechazaría (padrón del 2026-11-17)"
    assert as_remark(told, NOTHING) == told
    other = Item(code="2017", pointer="/header", message=Text("x", "x"))
    assert as_remark(other, standing) == other
