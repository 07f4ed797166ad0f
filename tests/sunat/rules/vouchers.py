"""Valid vouchers of every shape that the rules speak of, for the pairs: small, neutral, and consistent to the céntimo.

The product's templates write only what this part issues; the rules also judge other people's XML, so the shapes here
go further (free lines, ISC, IVAP, bags, detraction, advances ...). Names and numbers are made up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

ISSUED: Final = "2026-11-20"
NAMESPACES: Final = (
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
    ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    ' xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"'
)
TRIBUTES: Final = {
    "1000": ("IGV", "VAT"), "1016": ("IVAP", "VAT"), "2000": ("ISC", "EXC"), "7152": ("ICBPER", "OTH"),
    "9995": ("EXP", "FRE"), "9996": ("GRA", "FRE"), "9997": ("EXO", "VAT"), "9998": ("INA", "FRE"),
    "9999": ("OTROS", "OTH"),
}
AFFECTATION: Final = {
    "1000": "10", "1016": "17", "9995": "40", "9996": "11", "9997": "20", "9998": "30",
}
RATE: Final = {"1000": Decimal(18), "1016": Decimal(4), "9996": Decimal(18)}
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A discount or charge: catalogue 53 code, amount, and base with factor where given."""

    code: str
    amount: Decimal
    base: Decimal | None = None
    factor: Decimal | None = None
    currency: str | None = None

    @property
    def is_charge(self) -> bool:
        return self.code in {"45", "46", "47", "48", "49", "50", "51", "52", "53"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line. ``price`` is the unit value; ``isc``, ``other`` are rates, ``bags`` a number of plastic bags."""

    tribute: str = "1000"
    price: Decimal = Decimal(100)
    quantity: Decimal = Decimal(2)
    affectation: str = ""
    rate: Decimal | None = None
    charges: tuple[Charge, ...] = ()
    isc: Decimal | None = None
    other: Decimal | None = None
    bags: int = 0
    properties: tuple[str, ...] = ()
    journey: str = ""
    product: str = "10101501"
    gtin: tuple[str, str] | None = ("GTIN-13", "7750000000001")


@dataclass(kw_only=True)
class Tax:
    tribute: str
    base: Decimal | None
    amount: Decimal
    rate: Decimal | None = None
    affectation: str = ""
    tier: str = ""
    bags: int = 0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Everything that may differ between two vouchers."""

    kind: str = "01"
    series: str = ""
    number: str = "123"
    issued: str = ISSUED
    operation: str = "0101"
    currency: str = "PEN"
    customer: tuple[str, str, str] = ("6", "20987654326", "CLIENTE DE PRUEBA S.A.")
    rows: tuple[Row, ...] = (Row(), Row(tribute="9997", price=Decimal(50)), Row(tribute="9998", price=Decimal(30)))
    charges: tuple[Charge, ...] = ()
    legends: tuple[tuple[str, str], ...] = (("1000", "IMPORTE EN LETRAS CON 00/100 SOLES"),)
    terms: str | None = None
    means: str = ""
    delivery: str = ""
    agent: str = ""
    related: str | None = None
    prepaid: str = ""
    prepaid_amount: Decimal | None = None
    rounding: Decimal | None = None
    reason: str = "01"
    targets: tuple[tuple[str, str], ...] | None = None


def money(tag: str, value: Decimal | None, currency: str) -> str:
    return "" if value is None else f'<cbc:{tag} currencyID="{currency}">{value:.2f}</cbc:{tag}>'


def _taxes(row: Row, value: Decimal, isc: Decimal) -> list[Tax]:
    taxes = []
    if row.isc is not None:
        taxes.append(Tax(tribute="2000", base=value, amount=isc, rate=row.isc, tier="01"))
    affectation = row.affectation or AFFECTATION.get(row.tribute, "")
    taxed = affectation in {"10", "11", "12", "13", "14", "15", "16", "17"}
    rate = (row.rate if row.rate is not None else RATE.get(row.tribute, Decimal(0))) if taxed else Decimal(0)
    base = value + isc
    taxes.append(Tax(tribute=row.tribute, base=base, amount=(base * rate / 100).quantize(CENT), rate=rate,
                     affectation=affectation))
    if row.other is not None:
        taxes.append(Tax(tribute="9999", base=value, amount=(value * row.other / 100).quantize(CENT), rate=row.other))
    if row.bags:
        taxes.append(Tax(tribute="7152", base=None, amount=Decimal(row.bags) * Decimal("0.50"), bags=row.bags))
    return taxes


def _subtotal(tax: Tax, currency: str, *, line: bool) -> str:
    name, international = TRIBUTES[tax.tribute]
    bags = f'<cbc:BaseUnitMeasure unitCode="NIU">{tax.bags}</cbc:BaseUnitMeasure>' if tax.bags and line else ""
    category = ""
    if line:
        category += f"<cbc:Percent>{tax.rate}</cbc:Percent>" if tax.rate is not None else ""
        category += money("PerUnitAmount", Decimal("0.50"), currency) if tax.bags else ""
        if tax.affectation:
            category += f"<cbc:TaxExemptionReasonCode>{tax.affectation}</cbc:TaxExemptionReasonCode>"
        category += f"<cbc:TierRange>{tax.tier}</cbc:TierRange>" if tax.tier else ""
    return (
        f"<cac:TaxSubtotal>{money('TaxableAmount', tax.base, currency)}{money('TaxAmount', tax.amount, currency)}{bags}"
        f"<cac:TaxCategory>{category}<cac:TaxScheme><cbc:ID>{tax.tribute}</cbc:ID><cbc:Name>{name}</cbc:Name>"
        f"<cbc:TaxTypeCode>{international}</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"
    )


def _charge(charge: Charge, currency: str) -> str:
    money_of = charge.currency or currency
    factor = "" if charge.factor is None else (
        f"<cbc:MultiplierFactorNumeric>{charge.factor}</cbc:MultiplierFactorNumeric>")
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{str(charge.is_charge).lower()}</cbc:ChargeIndicator>"
        f"<cbc:AllowanceChargeReasonCode>{charge.code}</cbc:AllowanceChargeReasonCode>{factor}"
        f"{money('Amount', charge.amount, money_of)}{money('BaseAmount', charge.base, money_of)}</cac:AllowanceCharge>"
    )


def _of(charges: Iterable[Charge], *codes: str) -> Decimal:
    return sum((charge.amount for charge in charges if charge.code in codes), Decimal(0))


def prop(code: str, value: str | None = None, more: str = "") -> str:
    """An item property of catalogue 55."""
    text = "" if value is None else f"<cbc:Value>{value}</cbc:Value>"
    return (
        f"<cac:AdditionalItemProperty><cbc:Name>Propiedad {code}</cbc:Name><cbc:NameCode>{code}</cbc:NameCode>"
        f"{text}{more}</cac:AdditionalItemProperty>"
    )


def dated(code: str, *, start: str = "2026-11-21", more: str = "") -> str:
    """A property with a date."""
    return prop(code, more=f"<cac:UsabilityPeriod><cbc:StartDate>{start}</cbc:StartDate>{more}</cac:UsabilityPeriod>")


def term(
    form: str, amount: str | None = None, due: str | None = None, *, mark: str = "FormaPago", currency: str = "PEN",
) -> str:
    """A payment term."""
    form_part = f"<cbc:PaymentMeansID>{form}</cbc:PaymentMeansID>" if form else ""
    money_part = "" if amount is None else f'<cbc:Amount currencyID="{currency}">{amount}</cbc:Amount>'
    due_part = "" if due is None else f"<cbc:PaymentDueDate>{due}</cbc:PaymentDueDate>"
    return f"<cac:PaymentTerms><cbc:ID>{mark}</cbc:ID>{form_part}{money_part}{due_part}</cac:PaymentTerms>"


CASH: Final = term("Contado")

GUIDE: Final = (
    "<cac:DespatchDocumentReference><cbc:ID>T001-12</cbc:ID><cbc:DocumentTypeCode>09</cbc:DocumentTypeCode>"
    "</cac:DespatchDocumentReference>"
)
PAPER: Final = (
    "<cac:AdditionalDocumentReference><cbc:ID>PAPEL-0001</cbc:ID><cbc:DocumentTypeCode>{}</cbc:DocumentTypeCode>"
    "</cac:AdditionalDocumentReference>"
)
ADDRESS: Final = (
    "<cbc:ID>150101</cbc:ID>{code}<cbc:CitySubdivisionName>URB. CENTRO</cbc:CitySubdivisionName>"
    "<cbc:CityName>LIMA</cbc:CityName><cbc:CountrySubentity>LIMA</cbc:CountrySubentity>"
    "<cbc:District>LIMA</cbc:District>"
    "<cac:AddressLine><cbc:Line>AV. EJEMPLO 123</cbc:Line></cac:AddressLine>"
    "<cac:Country><cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>"
)
SIGNATURE: Final = (
    "<cac:Signature><cbc:ID>FIRMA</cbc:ID><cac:SignatoryParty><cac:PartyIdentification><cbc:ID>20123456786</cbc:ID>"
    "</cac:PartyIdentification><cac:PartyName><cbc:Name>EMPRESA EMISORA S.A.C.</cbc:Name></cac:PartyName>"
    "</cac:SignatoryParty><cac:DigitalSignatureAttachment><cac:ExternalReference><cbc:URI>#FIRMA</cbc:URI>"
    "</cac:ExternalReference></cac:DigitalSignatureAttachment></cac:Signature>"
)
STEMS: Final = {"01": "Invoice", "03": "Invoice", "07": "CreditNote", "08": "DebitNote"}
QUANTITIES: Final = {"01": "Invoiced", "03": "Invoiced", "07": "Credited", "08": "Debited"}
SERIES: Final = {"01": "F001", "03": "B001", "07": "FC01", "08": "FD01"}


@dataclass(kw_only=True)
class Sum:
    """What the lines add up to so far."""

    totals: dict[str, Tax] = field(default_factory=dict)
    value: Decimal = Decimal(0)

    def add(self, taxes: Iterable[Tax], value: Decimal) -> None:
        for tax in taxes:
            whole = self.totals.setdefault(tax.tribute, Tax(tribute=tax.tribute, base=None, amount=Decimal(0)))
            whole.amount += tax.amount
            counted = value if tax.tribute in AFFECTATION else tax.base
            if counted is not None:
                whole.base = (whole.base or Decimal(0)) + counted

    def shift(self, tribute: str, base: Decimal, rate: Decimal = Decimal(0)) -> None:
        """Global charges and discounts move the base of a tribute, and its amount by the rate."""
        whole = self.totals.get(tribute)
        if whole is not None:
            whole.base = (whole.base or Decimal(0)) + base
            whole.amount += (base * rate / 100).quantize(CENT)

    @property
    def taxes(self) -> Decimal:
        return sum((tax.amount for tax in self.totals.values() if tax.tribute != "9996"), Decimal(0))


def build(shape: Shape) -> bytes:
    """The voucher's XML, unsigned."""
    stem, bill = STEMS[shape.kind], shape.kind in {"01", "03"}
    added = Sum()
    lines = "".join(_line(shape, row, index, added) for index, row in enumerate(shape.rows, start=1))
    _apply_global(shape, added)
    kind_code = f'<cbc:InvoiceTypeCode listID="{shape.operation}">{shape.kind}</cbc:InvoiceTypeCode>' if bill else ""
    notes = "".join(f'<cbc:Note languageLocaleID="{code}">{escape(text)}</cbc:Note>' for code, text in shape.legends)
    return (
        f'<{stem} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{stem}-2"{NAMESPACES}>'
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent></ext:ExtensionContent></ext:UBLExtension>"
        "</ext:UBLExtensions><cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>2.0</cbc:CustomizationID>"
        f"<cbc:ID>{shape.series or SERIES[shape.kind]}-{shape.number}</cbc:ID>"
        f"<cbc:IssueDate>{shape.issued}</cbc:IssueDate><cbc:IssueTime>10:00:00</cbc:IssueTime>{kind_code}{notes}"
        f"<cbc:DocumentCurrencyCode>{shape.currency}</cbc:DocumentCurrencyCode>{_papers(shape)}{SIGNATURE}"
        f"{_supplier(shape)}{_customer(shape)}{_payment(shape, added)}{_monetary(shape, added)}{lines}</{stem}>"
    ).encode()


def _line(shape: Shape, row: Row, index: int, added: Sum) -> str:
    stem, quantity, currency = STEMS[shape.kind], QUANTITIES[shape.kind], shape.currency
    free = row.tribute == "9996"
    value = (row.price * row.quantity - _of(row.charges, "00") + _of(row.charges, "47")).quantize(CENT)
    taxes = _taxes(row, value, (value * (row.isc or 0) / 100).quantize(CENT))
    added.add(taxes, value)
    added.value += Decimal(0) if free else value
    paid = sum((tax.amount for tax in taxes if tax.tribute != "9996"), Decimal(0))
    whole = value + paid - _of(row.charges, "01") + _of(row.charges, "48")
    price = row.price if free else (whole / row.quantity).quantize(Decimal("0.0000000001"))
    subtotals = "".join(_subtotal(tax, currency, line=True) for tax in taxes)
    charged = "".join(_charge(charge, currency) for charge in row.charges)
    gtin = "" if row.gtin is None else (
        f'<cac:StandardItemIdentification><cbc:ID schemeID="{row.gtin[0]}">{row.gtin[1]}</cbc:ID>'
        "</cac:StandardItemIdentification>")
    return (
        f"<cac:{stem}Line><cbc:ID>{index}</cbc:ID>"
        f'<cbc:{quantity}Quantity unitCode="NIU">{row.quantity}</cbc:{quantity}Quantity>'
        f"{money('LineExtensionAmount', value, currency)}<cac:PricingReference><cac:AlternativeConditionPrice>"
        f'<cbc:PriceAmount currencyID="{currency}">{price:f}</cbc:PriceAmount>'
        f"<cbc:PriceTypeCode>{'02' if free else '01'}</cbc:PriceTypeCode>"
        f"</cac:AlternativeConditionPrice></cac:PricingReference>{row.journey}{charged}"
        f"<cac:TaxTotal>{money('TaxAmount', paid, currency)}{subtotals}</cac:TaxTotal>"
        f"<cac:Item><cbc:Description>PRODUCTO {index}</cbc:Description>"
        f"<cac:SellersItemIdentification><cbc:ID>SKU-{index}</cbc:ID></cac:SellersItemIdentification>{gtin}"
        f"<cac:CommodityClassification><cbc:ItemClassificationCode>{row.product}</cbc:ItemClassificationCode>"
        f"</cac:CommodityClassification>{''.join(row.properties)}</cac:Item><cac:Price>"
        f'<cbc:PriceAmount currencyID="{currency}">{Decimal(0) if free else row.price}</cbc:PriceAmount></cac:Price>'
        f"</cac:{stem}Line>"
    )


def _apply_global(shape: Shape, added: Sum) -> None:
    moved = _of(shape.charges, "49") - _of(shape.charges, "02", "04")
    for tribute in ("1000", "1016"):
        first = next((row for row in shape.rows if row.tribute == tribute), None)
        if first is not None:
            added.shift(tribute, moved, RATE[tribute] if first.rate is None else first.rate)
    added.shift("9997", -_of(shape.charges, "05"))
    added.shift("9998", -_of(shape.charges, "06"))


def _papers(shape: Shape) -> str:
    related = shape.related if shape.related is not None else PAPER.format("04" if shape.kind == "08" else "05")
    if shape.kind in {"01", "03"}:
        return f"<cac:OrderReference><cbc:ID>OC-77</cbc:ID></cac:OrderReference>{GUIDE}{related}"
    targets = shape.targets if shape.targets is not None else (("01", "F001-87"),)
    modified = "".join(
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{text}</cbc:ID>"
        f"<cbc:DocumentTypeCode>{code}</cbc:DocumentTypeCode></cac:InvoiceDocumentReference></cac:BillingReference>"
        for code, text in targets
    )
    return (
        f"<cac:DiscrepancyResponse><cbc:ReferenceID>F001-87</cbc:ReferenceID><cbc:ResponseCode>{shape.reason}"
        "</cbc:ResponseCode><cbc:Description>SUSTENTO DE PRUEBA</cbc:Description></cac:DiscrepancyResponse>"
        f"{modified}{GUIDE}{related}"
    )


def _supplier(shape: Shape) -> str:
    code = "<cbc:AddressTypeCode>0000</cbc:AddressTypeCode>"
    return (
        '<cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="6">20123456786</cbc:ID>'
        "</cac:PartyIdentification><cac:PartyName><cbc:Name>TIENDA DE PRUEBA</cbc:Name></cac:PartyName>"
        "<cac:PartyLegalEntity><cbc:RegistrationName>EMPRESA EMISORA S.A.C.</cbc:RegistrationName>"
        f"<cac:RegistrationAddress>{ADDRESS.format(code=code, country='PE')}</cac:RegistrationAddress>"
        f"</cac:PartyLegalEntity>{shape.agent}</cac:Party></cac:AccountingSupplierParty>"
    )


def _customer(shape: Shape) -> str:
    code, number, name = shape.customer
    return (
        f'<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="{code}">{number}</cbc:ID>'
        f"</cac:PartyIdentification><cac:PartyLegalEntity><cbc:RegistrationName>{escape(name)}</cbc:RegistrationName>"
        "</cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>"
    )


def _payment(shape: Shape, added: Sum) -> str:
    terms = shape.terms if shape.terms is not None else (CASH if shape.kind == "01" else "")
    subtotals = "".join(_subtotal(tax, shape.currency, line=False) for tax in added.totals.values())
    taxes = f"<cac:TaxTotal>{money('TaxAmount', added.taxes, shape.currency)}{subtotals}</cac:TaxTotal>"
    charges = "".join(_charge(charge, shape.currency) for charge in shape.charges)
    if shape.kind == "08":
        return f"{shape.prepaid}{charges}{shape.delivery}{shape.means}{terms}{taxes}"
    return f"{shape.delivery}{shape.means}{terms}{shape.prepaid}{charges}{taxes}"


def _monetary(shape: Shape, added: Sum) -> str:
    currency = shape.currency
    on_lines = [charge for row in shape.rows for charge in row.charges]
    discounts = _of(on_lines, "01") + _of(shape.charges, "03", "63")
    charges = _of(on_lines, "48") + _of(shape.charges, "45", "46", "50")
    value = added.value - _of(shape.charges, "02") + _of(shape.charges, "49")
    # An advance lowers the tax of the whole, yet the total price is the one before it.
    inclusive = value + added.taxes + (_of(shape.charges, "04") * 18 / 100).quantize(CENT)
    rounding = shape.rounding or Decimal(0)
    payable = inclusive + charges - discounts - (shape.prepaid_amount or 0) + rounding
    if shape.kind in {"07", "08"}:
        payable = value + added.taxes + charges + rounding
    tag = "RequestedMonetaryTotal" if shape.kind == "08" else "LegalMonetaryTotal"
    amounts = "".join((
        money("LineExtensionAmount", value, currency), money("TaxInclusiveAmount", inclusive, currency),
        money("AllowanceTotalAmount", discounts, currency), money("ChargeTotalAmount", charges, currency),
        money("PrepaidAmount", shape.prepaid_amount, currency),
        money("PayableRoundingAmount", shape.rounding, currency), money("PayableAmount", payable, currency),
    ))
    return f"<cac:{tag}>{amounts}</cac:{tag}>"
