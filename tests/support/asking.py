"""Questions to the pretend authority as other people's clients write them, and what its answers say."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta
from xml.sax.saxutils import escape

from app.clock import FixedClock
from sunat import xml
from sunat.cdr import Cdr, read_cdr
from sunat.sandbox import Call, Ledger, Outcome, Plan, Sandbox
from sunat.transport.faults import fault_code
from sunat.transport.zipping import pack, unpack_cdr
from tests.support.sandbox import NOW, PATH, authority, nothing_against
from tests.support.signing import RUC, fixed_signer, invoice

CONSULT = "/ol-it-wsconscpegem/billConsultService"
VALIDITY = "/ol-it-wsconsvalidcpe/billValidService"
LIVE = "/ol-ti-itcpfegem/billService"
OSE = "/ol-ti-itcpe/billService"
TOKEN = "/v1/clientesextranet/prueba-1/oauth2/token/"
REST = f"/v1/contribuyente/contribuyentes/{RUC}/validarcomprobante"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

NAME = f"{RUC}-01-F001-1"
SIGNED = fixed_signer().sign(invoice()).xml


class Place:
    """A pretend authority without a server, on a clock that stands, and short ways to ask it."""

    def __init__(self, plan: Plan | None = None, **more: object) -> None:
        self.clock = FixedClock(NOW)
        self.ledger = Ledger()
        options: dict[str, object] = {"judge": nothing_against, **more}
        self.sandbox = Sandbox(
            self.ledger, now=self.clock.now, authority=authority(), plan=plan, **options  # type: ignore[arg-type]
        )

    def ask(
        self, path: str, body: bytes, *, peer: str = "10.0.0.1", method: str = "POST", **headers: str
    ) -> Outcome:
        """One POST."""
        return self.sandbox.answer(Call(method=method, path=path, body=body, headers=headers, peer=peer))

    def send(self, name: str = NAME, signed: bytes = SIGNED, *, path: str = PATH) -> Outcome:
        """sendBill of one voucher."""
        return self.ask(path, sending(name, signed))

    def consult(self, operation: str, name: str = NAME, *, path: str = CONSULT, **more: str) -> Outcome:
        """getStatus or getStatusCdr about a voucher."""
        ruc, kind, series, number = name.split("-")
        parts = {"rucComprobante": ruc, "tipoComprobante": kind, "serieComprobante": series,
                 "numeroComprobante": number} | more
        return self.ask(path, envelope(operation, parts))

    def later(self, **step: float) -> None:
        """Moves the clock on."""
        self.clock.advance(timedelta(**step))


def signed_invoice(number: int = 1, series: str = "F001") -> tuple[str, bytes]:
    """The file name and the signed bytes of one more invoice."""
    return f"{RUC}-01-{series}-{number}", fixed_signer().sign(invoice(series=series, number=number)).xml


def sending(name: str = NAME, signed: bytes = SIGNED) -> bytes:
    """The envelope of a sendBill."""
    return envelope("sendBill", {
        "fileName": f"{name}.zip", "contentFile": b64encode(pack(name, signed)).decode("ascii"),
    })


def envelope(operation: str, parts: Mapping[str, str], *, user: str = f"{RUC}MODDATOS", key: str = "moddatos",
             prefix: str = "ser", wrapper: str = "") -> bytes:
    """A SOAP 1.1 call with a token, its operation under any prefix; ``wrapper`` is one more element around them."""
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items())
    if wrapper:
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    return (
        f'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:w="{WSSE}"><S:Header><w:Security>'
        f"<w:UsernameToken><w:Username>{escape(user)}</w:Username><w:Password>{escape(key)}</w:Password>"
        f'</w:UsernameToken></w:Security></S:Header><S:Body><{prefix}:{operation} xmlns:{prefix}='
        f'"http://service.sunat.gob.pe">{inner}</{prefix}:{operation}></S:Body></S:Envelope>'
    ).encode()


def said(outcome: Outcome) -> tuple[str, str]:
    """Code and words of a status."""
    root = xml.parse(outcome.body)
    return next(root.iter("statusCode")).text or "", next(root.iter("statusMessage")).text or ""


def refused(outcome: Outcome) -> str:
    """The code of a fault."""
    assert outcome.status == 500
    root = xml.parse(outcome.body)
    return fault_code(next(root.iter("faultcode")).text or "", next(root.iter("faultstring")).text or "")


def cdr_of(outcome: Outcome, name: str = NAME) -> Cdr:
    """The CDR in an answer, read as that voucher's."""
    root = xml.parse(outcome.body)
    part = next(found for tag in ("applicationResponse", "content") for found in root.iter(tag))
    zipped = b64decode(part.text or "")
    return read_cdr(unpack_cdr(zipped, name), voucher_file_name=name, ruc=name[:11], voucher_text=name.split("-", 2)[2])
