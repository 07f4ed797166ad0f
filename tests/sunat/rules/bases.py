"""The named shapes from which the pairs start: each one is clean, and each engages the rules its pairs are about."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from tests.sunat.rules.vouchers import (
    ADDRESS,
    CASH,
    PAPER,
    Charge,
    Row,
    Shape,
    dated,
    prop,
    term,
)

FOREIGNER: Final = ("0", "EIN-1234", "FOREIGN CUSTOMER INC")
TAXED: Final = (Row(),)
INSTALMENTS: Final = "".join((
    term("Credito", "236.00"), term("Cuota001", "118.00", "2026-12-20"), term("Cuota002", "118.00", "2027-01-20"),
))


def plain(kind: str) -> Shape:
    return Shape(kind=kind)


def charged(kind: str) -> Shape:
    """Charges and discounts of every plain sort, on lines and on the whole."""
    line = (
        Charge(code="00", amount=Decimal("20.00"), base=Decimal(200), factor=Decimal("0.1")),
        Charge(code="01", amount=Decimal("4.00")),
        Charge(code="47", amount=Decimal("10.00"), base=Decimal(200), factor=Decimal("0.05")),
        Charge(code="48", amount=Decimal("6.00")),
    )
    whole = (
        Charge(code="02", amount=Decimal("9.00"), base=Decimal(190), factor=Decimal("0.04737")),
        Charge(code="03", amount=Decimal("5.00")),
        Charge(code="45", amount=Decimal("3.00"), base=Decimal(300)), Charge(code="49", amount=Decimal("8.00")),
        Charge(code="50", amount=Decimal("2.00")),
    )
    return Shape(kind=kind, rows=(Row(charges=line),), charges=whole, rounding=Decimal("0.50"))


def credit(kind: str) -> Shape:
    return Shape(kind=kind, rows=TAXED, terms=INSTALMENTS)


def payment_note(kind: str) -> Shape:
    """A credit note of reason 13: no money, new instalments."""
    return Shape(kind=kind, rows=(Row(price=Decimal(0), quantity=Decimal(1)),), terms=INSTALMENTS, reason="13")


def dollars(kind: str) -> Shape:
    return Shape(kind=kind, currency="USD")


def export(kind: str) -> Shape:
    return Shape(kind=kind, operation="0200", customer=FOREIGNER, rows=(Row(tribute="9995"),), reason="11")


def _place(country: str) -> str:
    address = ADDRESS.format(code="", country=country)
    return (
        f"<cac:Delivery><cac:DeliveryLocation><cac:Address>{address}</cac:Address></cac:DeliveryLocation>"
        "</cac:Delivery>"
    )


def service_abroad(kind: str) -> Shape:
    legends = (("1000", "CERO"), ("2005", "VENTA REALIZADA POR EMISOR ITINERANTE"))
    return Shape(kind=kind, operation="0201", customer=FOREIGNER, rows=(Row(tribute="9995"),), delivery=_place("CL"),
                 legends=legends)


def delivered(kind: str) -> Shape:
    """An itinerant sale: the place of delivery is written out."""
    legends = (("1000", "X"), ("2005", "VENTA REALIZADA POR EMISOR ITINERANTE"))
    return Shape(kind=kind, delivery=_place("PE"), legends=legends)


def free(kind: str) -> Shape:
    """A free line that is taxed (11), one that is not (31), beside an onerous one."""
    rows = (Row(), Row(tribute="9996", affectation="11", price=Decimal(10)))
    return Shape(kind=kind, rows=rows, legends=(("1000", "X"), ("1002", "TRANSFERENCIA GRATUITA")))


def free_untaxed(kind: str) -> Shape:
    return Shape(kind=kind, rows=(Row(), Row(tribute="9996", affectation="31", price=Decimal(10))))


def isc(kind: str) -> Shape:
    return Shape(kind=kind, rows=(Row(isc=Decimal(10)),))


def other_tribute(kind: str) -> Shape:
    return Shape(kind=kind, rows=(Row(other=Decimal(5)),))


def ivap(kind: str) -> Shape:
    return Shape(kind=kind, rows=(Row(tribute="1016"),), reason="12",
                 legends=(("1000", "X"), ("2007", "OPERACION SUJETA AL IVAP")))


def bags(kind: str) -> Shape:
    return Shape(kind=kind, rows=(Row(bags=2),))


def nrus(kind: str) -> Shape:
    return Shape(kind=kind, operation="0113", rows=(Row(rate=Decimal(0)),))


def detraction(kind: str) -> Shape:
    return _detraction(kind, "1001", "037")


def _detraction(
    kind: str, operation: str, goods: str, rows: tuple[Row, ...] = TAXED, amount: str = "28.32"
) -> Shape:
    means = (
        "<cac:PaymentMeans><cbc:ID>Detraccion</cbc:ID><cbc:PaymentMeansCode>001</cbc:PaymentMeansCode>"
        "<cac:PayeeFinancialAccount><cbc:ID>00-000-123456</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    terms = (CASH if kind == "01" else "") + term(goods, amount, mark="Detraccion")
    return Shape(kind=kind, operation=operation, rows=rows, means=means, terms=terms, reason="02",
                 legends=(("1000", "X"), ("2006", "OPERACION SUJETA A DETRACCION")))


def passengers(kind: str) -> Shape:
    return _detraction(kind, "1003", "028")


def fishing(kind: str) -> Shape:
    quantity = '<cbc:ValueQuantity unitCode="TNE">2.00</cbc:ValueQuantity>'
    properties = (
        prop("3001", "MAT-1"), prop("3002", "NAVE"), prop("3003", "ANCHOVETA"), prop("3004", "CALLAO"),
        dated("3005"), prop("3006", more=quantity),
    )
    return _detraction(kind, "1002", "004", (Row(properties=properties),), "9.44")


def cargo(kind: str) -> Shape:
    place = "<cac:AddressLine><cbc:Line>AV. EJEMPLO 123</cbc:Line></cac:AddressLine>"
    values = "".join(
        f'<cac:DeliveryTerms><cbc:ID>0{each}</cbc:ID><cbc:Amount currencyID="PEN">100.00</cbc:Amount>'
        "</cac:DeliveryTerms>"
        for each in (1, 2, 3)
    )
    journey = (
        f"<cac:Delivery><cac:DeliveryLocation><cac:Address><cbc:ID>040101</cbc:ID>{place}</cac:Address>"
        "</cac:DeliveryLocation><cac:Despatch><cbc:Instructions>LIMA A AREQUIPA</cbc:Instructions>"
        f"<cac:DespatchAddress><cbc:ID>150101</cbc:ID>{place}</cac:DespatchAddress></cac:Despatch>{values}"
        "<cac:Shipment><cbc:ID>1</cbc:ID><cac:Consignment><cbc:ID>1</cbc:ID>"
        "<cbc:CarrierServiceInstructions>TRAMO 1</cbc:CarrierServiceInstructions>"
        '<cbc:DeclaredForCarriageValueAmount currencyID="PEN">100.00</cbc:DeclaredForCarriageValueAmount>'
        "<cac:PlannedPickupTransportEvent><cac:Location><cbc:ID>150101</cbc:ID></cac:Location>"
        "</cac:PlannedPickupTransportEvent><cac:PlannedDeliveryTransportEvent><cac:Location><cbc:ID>040101</cbc:ID>"
        "</cac:Location></cac:PlannedDeliveryTransportEvent>"
        '<cac:DeliveryTerms><cbc:Amount currencyID="PEN">100.00</cbc:Amount></cac:DeliveryTerms>'
        "<cac:TransportHandlingUnit><cac:TransportEquipment><cbc:SizeTypeCode>T3S3</cbc:SizeTypeCode>"
        "</cac:TransportEquipment><cac:MeasurementDimension><cbc:AttributeID>01</cbc:AttributeID>"
        '<cbc:Measure unitCode="TNE">30.00</cbc:Measure></cac:MeasurementDimension></cac:TransportHandlingUnit>'
        "</cac:Consignment></cac:Shipment></cac:Delivery>"
    )
    return _detraction(kind, "1004", "027", (Row(journey=journey),), "9.44")


def perception(kind: str) -> Shape:
    terms = (CASH if kind == "01" else "") + term("", "240.72", mark="Percepcion")
    charge = Charge(code="51", amount=Decimal("4.72"), base=Decimal(236), factor=Decimal("0.02"))
    return Shape(kind=kind, operation="2001", rows=TAXED, charges=(charge,), terms=terms)


def retention(kind: str) -> Shape:
    charge = Charge(code="62", amount=Decimal("7.08"), base=Decimal(236), factor=Decimal("0.03"))
    return Shape(kind=kind, rows=TAXED, charges=(charge,))


def second_category(kind: str) -> Shape:
    return Shape(kind=kind, operation="2002", rows=TAXED,
                 charges=(Charge(code="63", amount=Decimal("10.00"), base=Decimal(200), factor=Decimal("0.05")),))


def advance(kind: str) -> Shape:
    """A sale that takes an advance of 100.00 plus IGV into account."""
    issuer = (
        '<cac:IssuerParty><cac:PartyIdentification><cbc:ID schemeID="6">20123456786</cbc:ID></cac:PartyIdentification>'
        "</cac:IssuerParty>"
    )
    papers = "".join(
        f"<cac:AdditionalDocumentReference><cbc:ID>{number}</cbc:ID><cbc:DocumentTypeCode>{code}</cbc:DocumentTypeCode>"
        f"<cbc:DocumentStatusCode>{mark}</cbc:DocumentStatusCode>{issuer}</cac:AdditionalDocumentReference>"
        for mark, code, number in (("1", "02", "F001-7"), ("2", "03", "B001-8"))
    )
    prepaid = "".join(
        f'<cac:PrepaidPayment><cbc:ID>{mark}</cbc:ID><cbc:PaidAmount currencyID="PEN">59.00</cbc:PaidAmount>'
        "</cac:PrepaidPayment>" for mark in ("1", "2")
    )
    return Shape(kind=kind, rows=TAXED, related=papers, prepaid=prepaid, prepaid_amount=Decimal("118.00"),
                 charges=(Charge(code="04", amount=Decimal("100.00")),))


def selva(kind: str) -> Shape:
    legends = (("1000", "X"), ("2001", "AMAZONIA"), ("2002", "AMAZONIA"), ("2003", "AMAZONIA"), ("2008", "ZONA"))
    return Shape(kind=kind, rows=(Row(tribute="9997"),), legends=legends)


def contingency(kind: str) -> Shape:
    return Shape(kind=kind, series="0001")


def airway(kind: str) -> Shape:
    properties = (prop("4030", "150101"), prop("4031", "LIMA"), prop("4032", "040101"), prop("4033", "AREQUIPA"))
    return Shape(kind=kind, operation="0301", rows=(Row(properties=properties),))


def railway(kind: str) -> Shape:
    time = "<cac:UsabilityPeriod><cbc:StartTime>08:00:00</cbc:StartTime></cac:UsabilityPeriod>"
    properties = (
        prop("4040", "ROSA QUISPE"), prop("4041", "1"), prop("4042", "150101"), prop("4043", "LIMA"),
        prop("4044", "080101"), prop("4045", "CUSCO"), prop("4046", "12"), prop("4047", more=time), dated("4048"),
        prop("4049", "41234567"),
    )
    means = (
        "<cac:PaymentMeans><cbc:ID>Pago</cbc:ID><cbc:PaymentMeansCode>009</cbc:PaymentMeansCode>"
        "<cbc:PaymentID>777</cbc:PaymentID></cac:PaymentMeans>"
    )
    agent = (
        '<cac:AgentParty><cac:PartyIdentification><cbc:ID schemeID="6">20987654326</cbc:ID></cac:PartyIdentification>'
        "</cac:AgentParty>"
    )
    return Shape(kind=kind, operation="0302", rows=(Row(properties=properties),), means=means, agent=agent)


def lodging(kind: str) -> Shape:
    days = '<cac:UsabilityPeriod><cbc:DurationMeasure unitCode="DAY">3</cbc:DurationMeasure></cac:UsabilityPeriod>'
    properties = (
        prop("4000", "CL"), prop("4001", "CL"), dated("4002"), dated("4003"), dated("4004", start="2026-11-24"),
        prop("4005", more=days), dated("4006"), prop("4007", "JOHN DOE"), prop("4008", "7"), prop("4009", "AB123456"),
    )
    return Shape(kind=kind, operation="0202", customer=FOREIGNER, rows=(Row(tribute="9995", properties=properties),))


def tour(kind: str) -> Shape:
    properties = (prop("4000", "CL"), prop("4007", "JOHN DOE"), prop("4008", "7"), prop("4009", "AB123456"))
    return Shape(kind=kind, operation="0205", customer=FOREIGNER, rows=(Row(tribute="9995", properties=properties),))


def seats(kind: str) -> Shape:
    """Transport of passengers by road, with everything it may say."""
    time = "<cac:UsabilityPeriod><cbc:StartTime>08:00:00</cbc:StartTime></cac:UsabilityPeriod>"
    properties = (
        prop("3050", "12"), prop("3051", "MANIFIESTO"), prop("3052", "41234567"), prop("3053", "1"),
        prop("3054", "ROSA QUISPE"), prop("3055", "040101"), prop("3056", "AREQUIPA"), prop("3057", "150101"),
        prop("3058", "LIMA"), dated("3059"), prop("3060", more=time),
    )
    return Shape(kind=kind, rows=(Row(properties=properties),))


def state_supplier(kind: str) -> Shape:
    properties = (prop("5000", "EXP-1"), prop("5001", "001"), prop("5002", "AS-1"), prop("5003", "CONTRATO"))
    return Shape(kind=kind, rows=(Row(properties=properties),))


def home_loan(kind: str) -> Shape:
    properties = (
        prop("7001", "1"), prop("7002", "3"), prop("7003", "PARTIDA"), prop("7004", "CONTRATO"),
        prop("7005", "2026-01-31"), prop("7006", "150101"), prop("7007", "AV. EJEMPLO"), prop("7012", "1000.00"),
    )
    return Shape(kind=kind, operation="2100", rows=(Row(product="84121901", properties=properties),))


def insurance(kind: str) -> Shape:
    end = "<cbc:EndDate>2027-11-20</cbc:EndDate>"
    properties = (
        prop("7013", "POLIZA-1"), dated("7014", more=end), prop("7015", "1"), prop("7016", "5000.00"),
    )
    return Shape(kind=kind, operation="2104", rows=(Row(properties=properties),))


def car_insurance(kind: str) -> Shape:
    return Shape(kind=kind, operation="2104", rows=(Row(properties=(prop("7013", "POLIZA-1"), prop("7015", "3"))),))


def customs(kind: str) -> Shape:
    return Shape(kind=kind, rows=(Row(properties=(prop("7021", "2026-01-118-123456"),)),))


def pension(kind: str) -> Shape:
    interest = "<cbc:ValueQuantity>10.00</cbc:ValueQuantity>"
    properties = (prop("7017", "123456ABCDEF"), prop("7018", "2026-10"), prop("7019", more=interest))
    return Shape(kind=kind, operation="2105", rows=(Row(properties=properties),))


def deductible(kind: str) -> Shape:
    return Shape(kind=kind, operation="0112", customer=("1", "41234567", "ROSA QUISPE"),
                 rows=(Row(product="80131501"),))


def tourist(kind: str) -> Shape:
    return Shape(kind=kind, operation="2106", customer=("7", "AB123456", "JOHN DOE"))


def to_person(kind: str) -> Shape:
    """A small boleta to a person with a DNI."""
    return Shape(kind=kind, customer=("1", "41234567", "ROSA QUISPE"))


def anonymous(kind: str) -> Shape:
    return Shape(kind=kind, customer=("-", "-", "CLIENTES VARIOS"), rows=TAXED)


def of_boleta(kind: str) -> Shape:
    """A note of a boleta."""
    series = {"07": "BC01", "08": "BD01"}[kind]
    return Shape(kind=kind, series=series, targets=(("03", "B001-87"),), rows=(Row(),))


def of_ticket(kind: str) -> Shape:
    return Shape(kind=kind, targets=(("12", "MAQ1-000123"),))


def of_nothing(kind: str) -> Shape:
    """A note of other concepts, which names no voucher."""
    return Shape(kind=kind, reason={"07": "10", "08": "03"}[kind], targets=(), related=PAPER.format("99"))


def of_two(kind: str) -> Shape:
    return Shape(kind=kind, targets=(("01", "F001-87"), ("01", "F001-88")))


def by_paper(kind: str) -> Shape:
    """A note of contingency paper."""
    return Shape(kind=kind, series="0001")


def penalty(kind: str) -> Shape:
    return Shape(kind=kind, reason="13", rows=(Row(tribute="9998"),))


BASES: Final[dict[str, Callable[[str], Shape]]] = {
    function.__name__: function
    for function in (
        plain, charged, credit, payment_note, dollars, export, service_abroad, delivered, free, free_untaxed, isc,
        other_tribute, ivap, bags, nrus, detraction, passengers, fishing, cargo, perception, retention, second_category,
        advance, selva, contingency, airway, railway, lodging, tour, seats, state_supplier, home_loan, insurance,
        car_insurance, customs, pension, deductible, tourist, to_person, anonymous, of_boleta, of_ticket, of_nothing,
        of_two, by_paper, penalty,
    )
}

KINDS_OF: Final[dict[str, tuple[str, ...]]] = {
    "charged": ("01", "03"), "credit": ("01",), "payment_note": ("07",), "service_abroad": ("01", "03"),
    "delivered": ("01", "03"), "nrus": ("03",), "detraction": ("01", "03", "08"), "passengers": ("01", "03"),
    "fishing": ("01", "03"), "cargo": ("01", "03"), "perception": ("01", "03"), "retention": ("01",),
    "second_category": ("01",),
    "advance": ("01", "03"), "selva": ("01", "03"), "airway": ("01", "03"), "railway": ("01", "03"),
    "lodging": ("01",), "tour": ("01",), "state_supplier": ("01", "03"), "pension": ("03",), "deductible": ("01",),
    "tourist": ("01",), "to_person": ("03",), "anonymous": ("03",), "of_boleta": ("07", "08"),
    "of_ticket": ("07", "08"), "of_nothing": ("07", "08"), "of_two": ("07", "08"), "by_paper": ("07", "08"),
    "penalty": ("08",), "contingency": ("01", "03"), "car_insurance": ("01", "03"), "customs": ("01", "03"),
}
"""The kinds a shape is for; a shape that is not here is for all four."""
