"""What our templates write, signed, against signxml, libxmlsec and the sandbox with the published rules."""

from __future__ import annotations

import pytest
from lxml import etree

from sunat.cdr import Outcome, read_cdr
from sunat.sandbox.rulebook import by_the_rules
from sunat.signing import verify
from sunat.transport.base import Credentials
from sunat.transport.soap import BillService
from sunat.transport.zipping import pack, unpack_cdr
from sunat.ubl.render import render
from tests.support.oracles import by_signxml, xmlsec_accepts
from tests.support.sandbox import PATH, new_sandbox, running
from tests.support.signing import fixed_certificate, fixed_signer
from tests.support.vouchers import ISSUER_RUC, TEMPLATES, sale

SERIES = {"invoice": ("01", "F001"), "boleta": ("03", "B001"), "credit_note": ("07", "F001"),
          "debit_note": ("08", "F001")}


def canonical(stem: str, lines: int = 1) -> bytes:
    content = sale(stem, lines=lines, description='Ñandú & <"cía"> \r\n')
    return render(content, template=TEMPLATES[stem], series=SERIES[stem][1]).numbered(7)


@pytest.mark.parametrize("lines", [1, 30])
@pytest.mark.parametrize("stem", sorted(SERIES))
def test_byte_equal_to_signxml_and_accepted_by_both_verifiers(stem: str, lines: int) -> None:
    document = canonical(stem, lines)
    signed = fixed_signer().sign(document)
    assert etree.tostring(etree.fromstring(signed.xml), method="c14n") == by_signxml(document, fixed_certificate())
    assert xmlsec_accepts(signed.xml)
    assert verify(signed.xml).signed == document


@pytest.mark.parametrize("stem", sorted(SERIES))
def test_the_sandbox_accepts_each_kind_over_soap(stem: str) -> None:
    type_code, series = SERIES[stem]
    name = f"{ISSUER_RUC}-{type_code}-{series}-7"
    zipped = pack(name, fixed_signer().sign(canonical(stem)).xml)
    with running(new_sandbox(judge=by_the_rules)) as base:
        answer = BillService(base + PATH).send_bill(
            f"{name}.zip", zipped, Credentials(ruc=ISSUER_RUC, user="MODDATOS", password="moddatos")
        )
    cdr = read_cdr(unpack_cdr(answer.cdr_zip, name), voucher_file_name=name, ruc=ISSUER_RUC,
                   voucher_text=f"{series}-7")
    assert (cdr.code, cdr.observations, cdr.outcome) == ("0", (), Outcome.ACCEPTED)
