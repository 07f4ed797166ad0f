"""From the request to signed bytes on one core, step by step, in bare RSA-2048 signatures of the same round.

"document" is what the aim speaks of: from a content (``sunat.documents``) to signed bytes, which is rendering, putting
in the number and signing. "request" is all that issuing computes, from the caller's bytes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from statistics import median
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from app.documents.schemas import TRANSLATORS, Reading
from app.documents.schemas.reading import IssuerCard
from app.documents.schemas.request import DocumentRequest
from app.http.bodies import loads
from sunat import xml
from sunat.documents import Address, Sale, Target
from sunat.kinds import kind
from sunat.rules.context import Context
from sunat.rules.engine import Finding, judge
from sunat.signing import Signer
from sunat.taxes import LineInput, compute_line, compute_totals
from sunat.transport.zipping import pack
from sunat.ubl.render import Unnumbered, check_canonical, render
from tests.bench.rounds import Effort, interleaved, summary
from tests.bench.vouchers import RUC, encoded, request
from tests.support.signing import fixed_certificate, fixed_signer

LINES: Final = (1, 10, 100)
AIMS: Final = {1: 2.5, 100: 20.0}
"""Lines -> the most bare signatures that a document may cost."""
FLOOR: Final = "signature"
STEPS: Final = (FLOOR, "read", "translate", "compute", "render", "judge", "sign", "zip", "document", "request")

_SCHEMA: Final = DocumentRequest()
_DAY: Final = date(2026, 11, 20)
_HOUR: Final = time(10, 30)
_SERIES: Final = "F001"
_NUMBER: Final = 12345678
_ISSUER: Final = IssuerCard(
    ruc=RUC, legal_name="EMPRESA EMISORA S.A.C.", trade_name="", establishment_code="0000",
    address=Address(line="AV. EJEMPLO 123", ubigeo="150101", district="LIMA", province="LIMA", department="LIMA"),
)


def measure(effort: Effort, lines: tuple[int, ...] = LINES) -> dict[str, Any]:
    """The figures of every size: ``{"sizes": {"10": {"steps": {...}, "xml_bytes": ...}}, "aims": {...}}``."""
    sizes = {str(count): _size(count, effort) for count in lines}
    aims = {
        str(count): {"most": most, "measured": sizes[str(count)]["steps"]["document"]["ratio"]}
        for count, most in AIMS.items() if str(count) in sizes
    }
    return {"floor": "one RSA-2048 signature (PKCS #1 v1.5, SHA-256)", "sizes": sizes, "aims": aims}


def _size(lines: int, effort: Effort) -> dict[str, Any]:
    case = _Case(lines)
    taken = interleaved(case.measures(), effort)
    return {
        "steps": {name: summary(taken[name], taken[FLOOR]) for name in STEPS},
        "documents_per_second": round(1 / median(taken["document"]), 1),
        "requests_per_second": round(1 / median(taken["request"]), 1),
        "request_bytes": len(case.sent), "xml_bytes": len(case.signed), "zip_bytes": len(case.zipped()),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nobody:
    """A ledger without vouchers."""

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> None:
        """Knows none."""


class _Case:
    """One factura at every stage between the caller's bytes and the zip."""

    def __init__(self, lines: int) -> None:
        self._kind = kind("01")
        self._signer: Signer = fixed_signer()
        self._context = Context(received=_DAY, ledger=_Nobody())
        self.sent = encoded(request(lines, series=_SERIES, issue_date=_DAY))
        self._body = self.read()
        self._content = self.translate()
        self._inputs = tuple(
            LineInput(quantity=line["quantity"], unit_amount=line["unit_price"], affectation="10", rate=Decimal(18))
            for line in self._body["details"]
        )
        self._voucher = self.render()
        self._canonical = self._voucher.numbered(_NUMBER)
        self.signed = self.sign()
        if found := self.judge():
            raise ValueError(f"The neutral factura breaks a rule: {found}")

    def measures(self) -> Mapping[str, Callable[[], object]]:
        """Every step by its name."""
        key = fixed_certificate().private_key
        if key is None:
            raise ValueError("The test certificate has lost its key")
        padding, method, message = PKCS1v15(), hashes.SHA256(), b"<ds:SignedInfo>" + bytes(700)
        steps: dict[str, Callable[[], object]] = {FLOOR: lambda: key.sign(message, padding, method)}
        steps.update({name: getattr(self, name) for name in STEPS[1:-3]})
        return {**steps, "zip": self.zipped, "document": self.document, "request": self.request}

    def read(self) -> dict[str, Any]:
        loaded: dict[str, Any] = _SCHEMA.load(loads(self.sent))
        return loaded

    def translate(self) -> Sale:
        return self._content_of(self._body)

    def compute(self) -> object:
        return compute_totals([compute_line(line) for line in self._inputs])

    def render(self) -> Unnumbered:
        return self._voucher_of(self._content)

    def judge(self) -> tuple[Finding, ...]:
        return self._judged(self._canonical)

    def sign(self) -> bytes:
        return self._signer.sign(self._canonical).xml

    def zipped(self) -> bytes:
        return pack(f"{RUC}-01-{_SERIES}-{_NUMBER}", self.signed)

    def document(self) -> bytes:
        return self._signer.sign(self._voucher_of(self._content).numbered(_NUMBER)).xml

    def request(self) -> bytes:
        voucher = self._voucher_of(self._content_of(self.read()))
        canonical = voucher.numbered(_NUMBER)
        self._judged(canonical)
        return self._signer.sign(canonical).xml

    def _content_of(self, body: dict[str, Any]) -> Sale:
        reading = Reading(body=body, issuer=_ISSUER, today=_DAY, now=_HOUR)
        drafted = TRANSLATORS[self._kind.stem](reading, _no_target)
        if reading.refused or drafted.mismatches:
            raise ValueError(f"The neutral factura is refused: {reading.items} {drafted.mismatches}")
        return drafted.content

    def _voucher_of(self, content: Sale) -> Unnumbered:
        return render(content, template=self._kind.template, series=_SERIES)

    def _judged(self, canonical: bytes) -> tuple[Finding, ...]:
        root = xml.parse(canonical)
        check_canonical(root, canonical)
        return judge(root, self._kind.rules, self._context)


def _no_target(_: int) -> Target | None:
    return None
