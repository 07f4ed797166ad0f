"""The contracts of the SOAP services, written out for whoever asks ``?wsdl``.

Split as SUNAT's are, because generated clients look services up by their full names: a document with binding and
address in a namespace of its own imports one with the port type, which imports the schema. Names, namespaces and
types are those of the published contracts; everything else is generated from the table below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import quoteattr

from sunat.sandbox.envelope import SERVICE

_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'

_FILE: Final = (("fileName", "string"), ("contentFile", "base64Binary"), ("partyType", "string"))
_FOUR: Final = (
    ("rucComprobante", "string"), ("tipoComprobante", "string"), ("serieComprobante", "string"),
    ("numeroComprobante", "int"),
)
_TICKET: Final = (("ticket", "string"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One service: its full name, the names a generated client uses, and per operation what goes in and comes out.

    Types without a namespace are of XML Schema; ``statusResponse`` is the service's own, with these fields.
    """

    name: str
    namespace: str
    port: str
    binding: str
    port_type: str
    status: tuple[tuple[str, str], ...]
    operations: Mapping[str, tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]]


_CONTENT: Final = ("content", "base64Binary")
_CODE: Final = ("statusCode", "string")
_MESSAGE: Final = ("statusMessage", "string")

_BILL_OPERATIONS: Final = {
    "sendBill": (_FILE, (("applicationResponse", "base64Binary"),)),
    "sendSummary": (_FILE, _TICKET),
    "sendPack": (_FILE, _TICKET),
    "getStatus": (_TICKET, (("status", "statusResponse"),)),
}

BILL: Final = Contract(
    name="billService", namespace="http://service.gem.factura.comppago.registro.servicio.sunat.gob.pe/",
    port="BillServicePort", binding="BillServicePortBinding", port_type="billService", status=(_CONTENT, _CODE),
    operations=MappingProxyType(_BILL_OPERATIONS),
)
CONSULT: Final = Contract(
    name="billConsultService",
    namespace="http://service.ws.consulta.comppago.electronico.registro.servicio2.sunat.gob.pe/",
    port="BillConsultServicePort", binding="BillConsultServicePortBinding", port_type="billService",
    status=(_CONTENT, _CODE, _MESSAGE),
    operations=MappingProxyType({
        "getStatus": (_FOUR, (("status", "statusResponse"),)),
        "getStatusCdr": (_FOUR, (("statusCdr", "statusResponse"),)),
    }),
)
VALIDITY: Final = Contract(
    name="billValidService",
    namespace="http://service.ws.consulta.comppago.electronico.registro.servicio2.sunat.gob.pe/",
    port="BillValidServicePort", binding="BillValidServicePortBinding", port_type="billValidService",
    status=(_CODE, _MESSAGE),
    operations=MappingProxyType({
        "validaCDPcriterios": (
            (
                ("rucEmisor", "string"), ("tipoCDP", "string"), ("serieCDP", "string"), ("numeroCDP", "string"),
                ("tipoDocIdReceptor", "string"), ("numeroDocIdReceptor", "string"), ("fechaEmision", "string"),
                ("importeTotal", "double"), ("nroAutorizacion", "string"),
            ),
            (("cdpvalidado", "statusResponse"),),
        ),
        "verificaCPEarchivo": (
            (("nombre", "string"), ("archivo", "string")), (("archivoverificado", "statusResponse"),),
        ),
    }),
)
OSE: Final = Contract(
    name="billService", namespace=BILL.namespace, port=BILL.port, binding=BILL.binding, port_type=BILL.port_type,
    status=(_CONTENT, _CODE, _MESSAGE),
    operations=MappingProxyType({**_BILL_OPERATIONS, "getStatusCdr": (_FOUR, (("statusCdr", "statusResponse"),))}),
)


def write_wsdl(contract: Contract, address: str, query: str) -> bytes:
    """The document that a query asks for: ``wsdl``, one of its imports (``ns1.wsdl``), or the schema (``xsd``)."""
    asked = query.lower()
    if asked.endswith("ns1.wsdl"):
        return _port_type(contract, address)
    if asked.endswith("xsd") or asked.startswith("xsd"):
        return _schema(contract)
    return _service(contract, address)


def _service(contract: Contract, address: str) -> bytes:
    operations = "".join(
        f'<operation name="{name}"><soap:operation soapAction="urn:{name}" style="document"/>'
        '<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>'
        for name in contract.operations
    )
    return (
        f'{_DECLARATION}<definitions name="{contract.name}" targetNamespace="{contract.namespace}" xmlns="{_WSDL}"'
        f' xmlns:soap="{_SOAP}" xmlns:tns="{contract.namespace}" xmlns:ns1="{SERVICE}">'
        f'<import namespace="{SERVICE}" location={quoteattr(address + "?ns1.wsdl")}/>'
        f'<binding name="{contract.binding}" type="ns1:{contract.port_type}">'
        '<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>'
        f'{operations}</binding><service name="{contract.name}">'
        f'<port name="{contract.port}" binding="tns:{contract.binding}"><soap:address location={quoteattr(address)}/>'
        "</port></service></definitions>"
    ).encode()


def _port_type(contract: Contract, address: str) -> bytes:
    messages = "".join(
        f'<message name="{name}"><part name="parameters" element="tns:{name}"/></message>'
        for operation in contract.operations for name in (operation, f"{operation}Response")
    )
    operations = "".join(
        f'<operation name="{name}"><input message="tns:{name}"/><output message="tns:{name}Response"/></operation>'
        for name in contract.operations
    )
    return (
        f'{_DECLARATION}<definitions targetNamespace="{SERVICE}" xmlns="{_WSDL}" xmlns:tns="{SERVICE}"'
        f' xmlns:xsd="{_XSD}"><types><xsd:schema><xsd:import namespace="{SERVICE}"'
        f' schemaLocation={quoteattr(address + "?xsd2.xsd")}/></xsd:schema></types>{messages}'
        f'<portType name="{contract.port_type}">{operations}</portType></definitions>'
    ).encode()


def _schema(contract: Contract) -> bytes:
    types = {"statusResponse": contract.status}
    for name, (goes_in, comes_out) in contract.operations.items():
        types |= {name: goes_in, f"{name}Response": comes_out}
    written = "".join(
        f'<xsd:complexType name="{name}"><xsd:sequence>{"".join(_field(*one) for one in fields)}</xsd:sequence>'
        "</xsd:complexType>" for name, fields in types.items()
    )
    elements = "".join(
        f'<xsd:element name="{name}" type="tns:{name}"/>' for name in types if name != "statusResponse"
    )
    return (
        f'{_DECLARATION}<xsd:schema xmlns:xsd="{_XSD}" xmlns:tns="{SERVICE}" targetNamespace="{SERVICE}">'
        f"{elements}{written}</xsd:schema>"
    ).encode()


def _field(name: str, form: str) -> str:
    prefix = "tns" if form == "statusResponse" else "xsd"
    least = "" if form == "double" else ' minOccurs="0"'  # as published: an amount has to be there
    return f'<xsd:element name="{name}" type="{prefix}:{form}"{least}/>'
