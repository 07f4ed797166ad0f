"""Certificates at the pretend authority: their own service, their wording, and a rejection that spends no number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sunat.cdr import Cdr, read_cdr
from sunat.errors import Fault
from sunat.numbering import VoucherId
from sunat.sandbox import Ledger, Remark, State
from sunat.transport.endpoints import PATHS, Environment, Service
from sunat.transport.soap import BillService
from sunat.transport.zipping import pack, unpack_cdr
from sunat.ubl.render import render
from tests.support.certificates import certificate
from tests.support.sandbox import MODDATOS, PATH, new_sandbox, running
from tests.support.signing import RUC, fixed_signer

OTHER = PATHS[Environment.SANDBOX, Service.OTHER_CPE]
SERIES = {"retention": ("20", "R001"), "perception": ("40", "P001")}


def sent(base: str, stem: str, path: str = OTHER, series: str = "") -> Cdr:
    """The CDR for certificate number 1, of its usual series unless told; raises Fault."""
    code, usual = SERIES[stem]
    series = series or usual
    name = f"{RUC}-{code}-{series}-1"
    content = fixed_signer().sign(render(certificate(stem), template=f"{stem}.xml", series=series).numbered(1)).xml
    answer = BillService(base + path).send_bill(f"{name}.zip", pack(name, content), MODDATOS)
    xml = unpack_cdr(answer.cdr_zip, name)
    return read_cdr(xml, voucher_file_name=name, ruc=RUC, voucher_text=f"{series}-1")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.code


@pytest.mark.parametrize("stem", SERIES)
def test_a_certificate_is_taken_by_its_own_service_alone_and_once(stem: str) -> None:
    code, series = SERIES[stem]
    ledger = Ledger()
    with running(new_sandbox(ledger)) as base:
        assert refused(lambda: sent(base, stem, PATH)) == "0151"
        assert sent(base, stem).description.endswith(f"numero {series}-1, ha sido aceptado")
        assert refused(lambda: sent(base, stem)) == "1033"
        ledger.void(VoucherId(ruc=RUC, type_code=code, series=series, number=1))
        assert refused(lambda: sent(base, stem)) == "1033"


def test_a_rejected_certificate_may_come_again_under_its_number() -> None:
    against = [Remark(code="2629", text="No suma", severe=True)]
    ledger = Ledger()
    with running(new_sandbox(ledger, judge=lambda _: tuple(against))) as base:
        assert sent(base, "retention").code == "2629"
        against.clear()
        assert sent(base, "retention").code == "0"
    (entry,) = ledger
    assert entry.state is State.ACCEPTED


def test_paper_is_told_as_often_as_one_likes_until_it_is_voided() -> None:
    """The workbook's 1033 of a series of digits speaks of voided ones alone."""
    ledger = Ledger()
    with running(new_sandbox(ledger)) as base:
        assert [sent(base, "retention", series="0001").code for _ in range(2)] == ["0", "0"]
        ledger.void(VoucherId(ruc=RUC, type_code="20", series="0001", number=1))
        assert refused(lambda: sent(base, "retention", series="0001")) == "1033"
    assert ledger.count() == 1
