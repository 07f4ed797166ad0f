"""Every kind of operation is written as SUNAT wants it: valid by schema, without a finding, in canonical form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

from sunat import xml
from sunat.catalogues import catalogue
from sunat.kinds import kind_of
from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.signing import Signer, load_pem
from sunat.ubl.render import check_canonical
from tests.support.cases import CASES, KEYS
from tests.support.shared import PROJECT, shared_path
from tests.support.written import written

CONTEXT = Context(received=date(2026, 11, 20), exchange_rate=Decimal("3.75"))


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_a_case_is_canonical_and_free_of_findings(key: tuple[str, str]) -> None:
    content = CASES[key]
    rendered = written(content)
    root = xml.parse(rendered)
    check_canonical(root, rendered)
    found = judge(root, kind_of(content).rules, CONTEXT)
    assert [(each.code, each.path, each.message_en) for each in found] == []


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_a_case_is_valid_by_schema(key: tuple[str, str]) -> None:
    root = etree.fromstring(_signer().sign_xml(written(CASES[key])).xml)
    schema = _schema(shared_path("sunat", "xsd", "2.1", "maindoc"), xml.name(root))
    assert schema.validate(root), schema.error_log


def test_every_kind_of_operation_has_a_case() -> None:
    operations = {getattr(content, "operation_type", "") for content in CASES.values()}
    wanted = {entry.code for entry in catalogue("51") if entry.flag("factura") or entry.flag("boleta")}
    assert wanted - operations == set()
    affectations = {
        tax.affectation for content in CASES.values() for line in content.lines for tax in line.amounts.taxes
    }
    assert {entry.code for entry in catalogue("07")} - affectations == set()


@lru_cache(maxsize=8)
def _schema(folder: Path, root: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(folder / f"UBL-{root}-2.1.xsd"))


@lru_cache(maxsize=1)
def _signer() -> Signer:
    return Signer(load_pem((PROJECT / "fixtures" / "sunat" / "test_certificate.pem").read_bytes()))
