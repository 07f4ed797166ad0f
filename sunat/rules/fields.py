"""What the nodes of a voucher are called, in Spanish and English, for messages.

Keys are paths below the root with the kind's own names folded: ``line`` for the line element, ``quantity`` for its
quantity, ``totals`` for the monetary totals. The most specific key that ends a path names it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from sunat.errors import FormatError
from sunat.rules import despatch_names
from sunat.rules.shapes import Sentence

_FOLD: Final = (
    (re.compile(r"cac:(Invoice|CreditNote|DebitNote)Line\b"), "line"),
    (re.compile(r"cbc:(Invoiced|Credited|Debited)Quantity"), "quantity"),
    (re.compile(r"cac:(Legal|Requested)MonetaryTotal"), "totals"),
    (re.compile(r"cac:AccountingSupplierParty/cac:Party"), "supplier"),
    (re.compile(r"cac:AccountingCustomerParty/cac:Party"), "customer"),
    (re.compile(r"cac:TaxTotal/cac:TaxSubtotal"), "taxes"),
    (re.compile(r"cac:TaxCategory/cac:TaxScheme"), "scheme"),
    (re.compile(r"cac:PartyLegalEntity/cac:RegistrationAddress"), "registered"),
    (re.compile(r"cac:BillingReference/cac:InvoiceDocumentReference"), "modified"),
    (re.compile(r"cac:DeliveryLocation/cac:Address"), "place"),
    (re.compile(r"sac:VoidedDocumentsLine"), "voided"),
    (re.compile(r"sac:SummaryDocumentsLine"), "told"),
    (re.compile(r"sac:SUNATPerceptionSummaryDocumentReference"), "perceived"),
    (re.compile(r"^cac:AgentParty"), "agent"),
    (re.compile(r"^cac:ReceiverParty"), "receiver"),
    (re.compile(r"sac:SUNAT(Retention|Perception)DocumentReference"), "paid"),
    (re.compile(r"sac:SUNAT(Retention|Perception)Information"), "withheld"),
    (re.compile(r"sac:SUNAT(Retention|Perception)(?=SystemCode|Percent|Amount)"), "regime:"),
    (re.compile(r"sac:SUNAT(Net)?Total(Paid|Cashed)"), r"total:\1"),
    *despatch_names.FOLD,
)

_NAMES: Final = {
    "": ("comprobante", "voucher"),
    "cbc:UBLVersionID": ("versión del UBL", "UBL version"),
    "cbc:CustomizationID": ("versión de la estructura", "structure version"),
    "cbc:ID": ("serie y número", "series and number"),
    "cbc:IssueDate": ("fecha de emisión", "issue date"),
    "cbc:InvoiceTypeCode": ("tipo de comprobante", "voucher type"),
    "cbc:InvoiceTypeCode/@listID": ("tipo de operación", "operation type"),
    "cbc:DocumentCurrencyCode": ("moneda", "currency"),
    "cbc:Note": ("leyenda", "legend"),
    "cbc:Note/@languageLocaleID": ("código de leyenda", "legend code"),
    "cac:OrderReference/cbc:ID": ("orden de compra", "purchase order"),
    "supplier/cac:PartyIdentification": ("identificación del emisor", "issuer identification"),
    "supplier/cac:PartyIdentification/cbc:ID": ("RUC del emisor", "issuer's RUC"),
    "supplier/cac:PartyIdentification/cbc:ID/@schemeID": (
        "tipo de documento del emisor", "issuer's identity document type"),
    "supplier/cac:PartyName/cbc:Name": ("nombre comercial del emisor", "issuer's trade name"),
    "supplier/cac:PartyLegalEntity/cbc:RegistrationName": ("razón social del emisor", "issuer's legal name"),
    "supplier/registered/cac:AddressLine/cbc:Line": ("dirección del emisor", "issuer's address"),
    "supplier/registered/cbc:CitySubdivisionName": ("urbanización del emisor", "issuer's urbanisation"),
    "supplier/registered/cbc:CityName": ("provincia del emisor", "issuer's province"),
    "supplier/registered/cbc:ID": ("ubigeo del emisor", "issuer's ubigeo"),
    "supplier/registered/cbc:CountrySubentity": ("departamento del emisor", "issuer's department"),
    "supplier/registered/cbc:District": ("distrito del emisor", "issuer's district"),
    "supplier/registered/cac:Country/cbc:IdentificationCode": ("país del emisor", "issuer's country"),
    "supplier/registered/cbc:AddressTypeCode": ("código de establecimiento del emisor", "issuer's establishment code"),
    "supplier/cac:AgentParty/cac:PartyIdentification/cbc:ID": ("RUC del agente de ventas", "sales agent's RUC"),
    "supplier/cac:AgentParty/cac:PartyIdentification/cbc:ID/@schemeID": (
        "tipo de documento del agente de ventas", "sales agent's identity document type"),
    "customer/cac:PartyIdentification": ("identificación del cliente", "customer identification"),
    "customer/cac:PartyIdentification/cbc:ID": ("número de documento del cliente", "customer's identity number"),
    "customer/cac:PartyIdentification/cbc:ID/@schemeID": (
        "tipo de documento del cliente", "customer's identity document type"),
    "customer/cac:PartyLegalEntity/cbc:RegistrationName": ("nombre o razón social del cliente", "customer's name"),
    "customer/registered/cac:AddressLine/cbc:Line": ("dirección del vendedor", "seller's address"),
    "customer/registered/cbc:CitySubdivisionName": ("urbanización del vendedor", "seller's urbanisation"),
    "customer/registered/cbc:CityName": ("provincia del vendedor", "seller's province"),
    "customer/registered/cbc:ID": ("ubigeo del vendedor", "seller's ubigeo"),
    "customer/registered/cbc:CountrySubentity": ("departamento del vendedor", "seller's department"),
    "customer/registered/cbc:District": ("distrito del vendedor", "seller's district"),
    "customer/registered/cac:Country/cbc:IdentificationCode": ("país del vendedor", "seller's country"),
    "customer/registered/cbc:AddressTypeCode": (
        "tipo de dirección del vendedor", "sort of the seller's address"),
    "cac:DeliveryTerms/place/cac:AddressLine/cbc:Line": ("lugar de la operación", "place of the operation"),
    "cac:DeliveryTerms/place/cbc:CitySubdivisionName": (
        "urbanización del lugar de la operación", "urbanisation of the place"),
    "cac:DeliveryTerms/place/cbc:CityName": ("provincia del lugar de la operación", "province of the place"),
    "cac:DeliveryTerms/place/cbc:ID": ("ubigeo del lugar de la operación", "ubigeo of the place"),
    "cac:DeliveryTerms/place/cbc:CountrySubentity": (
        "departamento del lugar de la operación", "department of the place"),
    "cac:DeliveryTerms/place/cbc:District": ("distrito del lugar de la operación", "district of the place"),
    "cac:DeliveryTerms/place/cac:Country/cbc:IdentificationCode": (
        "país del lugar de la operación", "country of the place"),
    "cac:DeliveryTerms/cac:DeliveryLocation/cbc:LocationTypeCode": (
        "tipo del lugar de la operación", "sort of place of the operation"),
    "cac:Delivery/place/cac:AddressLine/cbc:Line": ("dirección de entrega", "delivery address"),
    "cac:Delivery/place/cbc:CitySubdivisionName": ("urbanización de entrega", "delivery urbanisation"),
    "cac:Delivery/place/cbc:CityName": ("provincia de entrega", "delivery province"),
    "cac:Delivery/place/cbc:ID": ("ubigeo de entrega", "delivery ubigeo"),
    "cac:Delivery/place/cbc:CountrySubentity": ("departamento de entrega", "delivery department"),
    "cac:Delivery/place/cbc:District": ("distrito de entrega", "delivery district"),
    "cac:Delivery/place/cac:Country/cbc:IdentificationCode": ("país de uso o entrega", "country of use or delivery"),
    "cac:DespatchDocumentReference": ("guía de remisión relacionada", "related despatch guide"),
    "cac:DespatchDocumentReference/cbc:ID": ("número de la guía relacionada", "related guide's number"),
    "cac:DespatchDocumentReference/cbc:DocumentTypeCode": ("tipo de la guía relacionada", "related guide's type"),
    "cac:AdditionalDocumentReference": ("documento relacionado", "related document"),
    "cac:AdditionalDocumentReference/cbc:ID": ("número del documento relacionado", "related document's number"),
    "cac:AdditionalDocumentReference/cbc:DocumentTypeCode": (
        "tipo del documento relacionado", "related document's type"),
    "cac:AdditionalDocumentReference/cbc:DocumentStatusCode": (
        "identificador del pago anticipado", "advance payment identifier"),
    "cac:AdditionalDocumentReference/cac:IssuerParty/cac:PartyIdentification/cbc:ID": (
        "RUC del emisor del anticipo", "RUC of the advance's issuer"),
    "cac:AdditionalDocumentReference/cac:IssuerParty/cac:PartyIdentification/cbc:ID/@schemeID": (
        "tipo de documento del emisor del anticipo", "identity type of the advance's issuer"),
    "cac:DiscrepancyResponse": ("motivo de la nota", "note's reason"),
    "cac:DiscrepancyResponse/cbc:ResponseCode": ("código del motivo de la nota", "note's reason code"),
    "cac:DiscrepancyResponse/cbc:Description": ("sustento de la nota", "note's explanation"),
    "cac:BillingReference": ("comprobante modificado", "modified voucher"),
    "modified": ("comprobante modificado", "modified voucher"),
    "modified/cbc:ID": ("serie y número del comprobante modificado", "modified voucher's series and number"),
    "modified/cbc:DocumentTypeCode": ("tipo del comprobante modificado", "modified voucher's type"),
    "line": ("línea", "line"),
    "line/cbc:ID": ("número de orden", "line number"),
    "line/quantity": ("cantidad", "quantity"),
    "line/quantity/@unitCode": ("unidad de medida", "unit of measure"),
    "line/cbc:LineExtensionAmount": ("valor de venta", "line value"),
    "line/cac:Item/cbc:Description": ("descripción", "description"),
    "line/cac:Item/cac:SellersItemIdentification/cbc:ID": ("código del vendedor", "seller's code"),
    "line/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode": (
        "código de producto SUNAT", "SUNAT product code"),
    "line/cac:Item/cac:StandardItemIdentification/cbc:ID": ("código GTIN", "GTIN code"),
    "line/cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID": ("tipo de GTIN", "GTIN kind"),
    "line/cac:Item/cac:AdditionalItemProperty": ("propiedad del bien o servicio", "item property"),
    "line/cac:Item/cac:AdditionalItemProperty/cbc:Name": ("nombre de la propiedad", "property name"),
    "line/cac:Item/cac:AdditionalItemProperty/cbc:NameCode": ("código de la propiedad", "property code"),
    "line/cac:Item/cac:AdditionalItemProperty/cbc:Value": ("valor de la propiedad", "property value"),
    "line/cac:Item/cac:AdditionalItemProperty/cbc:ValueQuantity": ("cantidad de la propiedad", "property quantity"),
    "line/cac:Item/cac:AdditionalItemProperty/cac:UsabilityPeriod/cbc:StartDate": (
        "fecha de inicio de la propiedad", "property start date"),
    "line/cac:Item/cac:AdditionalItemProperty/cac:UsabilityPeriod/cbc:EndDate": (
        "fecha de fin de la propiedad", "property end date"),
    "line/cac:Item/cac:AdditionalItemProperty/cac:UsabilityPeriod/cbc:StartTime": (
        "hora de inicio de la propiedad", "property start time"),
    "line/cac:Item/cac:AdditionalItemProperty/cac:UsabilityPeriod/cbc:DurationMeasure": (
        "duración de la propiedad", "property duration"),
    "line/cac:Price/cbc:PriceAmount": ("valor unitario", "unit value"),
    "line/cac:PricingReference/cac:AlternativeConditionPrice": ("precio de referencia", "reference price"),
    "line/cac:PricingReference/cac:AlternativeConditionPrice/cbc:PriceAmount": ("precio unitario", "unit price"),
    "line/cac:PricingReference/cac:AlternativeConditionPrice/cbc:PriceTypeCode": ("tipo de precio", "price type"),
    "line/cac:TaxTotal": ("tributos de la línea", "line's taxes"),
    "line/cac:TaxTotal/cbc:TaxAmount": ("total de tributos de la línea", "line's total of taxes"),
    "line/taxes": ("tributo de la línea", "line's tribute"),
    "line/taxes/cbc:TaxableAmount": ("monto base del tributo", "tribute's base"),
    "line/taxes/cbc:TaxAmount": ("monto del tributo", "tribute's amount"),
    "line/taxes/cbc:BaseUnitMeasure": ("cantidad de bolsas", "number of bags"),
    "line/taxes/cbc:BaseUnitMeasure/@unitCode": ("unidad de las bolsas", "unit of the bags"),
    "line/taxes/cac:TaxCategory/cbc:Percent": ("tasa del tributo", "tribute's rate"),
    "line/taxes/cac:TaxCategory/cbc:PerUnitAmount": ("monto por bolsa", "amount per bag"),
    "line/taxes/cac:TaxCategory/cbc:TierRange": ("sistema del ISC", "ISC system"),
    "line/taxes/cac:TaxCategory/cbc:TaxExemptionReasonCode": ("afectación al IGV", "IGV affectation"),
    "line/taxes/scheme/cbc:ID": ("código de tributo", "tribute code"),
    "line/taxes/scheme/cbc:Name": ("nombre del tributo", "tribute name"),
    "line/taxes/scheme/cbc:TaxTypeCode": ("código internacional del tributo", "tribute's international code"),
    "line/cac:AllowanceCharge": ("cargo o descuento de la línea", "line's charge or discount"),
    "line/cac:AllowanceCharge/cbc:ChargeIndicator": ("indicador de cargo", "charge indicator"),
    "line/cac:AllowanceCharge/cbc:AllowanceChargeReasonCode": ("motivo del cargo o descuento", "reason of the charge"),
    "line/cac:AllowanceCharge/cbc:MultiplierFactorNumeric": ("factor del cargo o descuento", "factor of the charge"),
    "line/cac:AllowanceCharge/cbc:Amount": ("monto del cargo o descuento", "amount of the charge or discount"),
    "line/cac:AllowanceCharge/cbc:BaseAmount": ("base del cargo o descuento", "base of the charge or discount"),
    "cac:AllowanceCharge": ("cargo o descuento global", "global charge or discount"),
    "cac:AllowanceCharge/cbc:ChargeIndicator": ("indicador de cargo global", "global charge indicator"),
    "cac:AllowanceCharge/cbc:AllowanceChargeReasonCode": (
        "motivo del cargo o descuento global", "reason of the global charge"),
    "cac:AllowanceCharge/cbc:MultiplierFactorNumeric": (
        "factor del cargo o descuento global", "factor of the global charge"),
    "cac:AllowanceCharge/cbc:Amount": ("monto del cargo o descuento global", "amount of the global charge or discount"),
    "cac:AllowanceCharge/cbc:BaseAmount": ("base del cargo o descuento global", "base of the global charge"),
    "cac:TaxTotal": ("total de tributos", "total of taxes"),
    "cac:TaxTotal/cbc:TaxAmount": ("monto total de tributos", "total amount of taxes"),
    "taxes": ("total de un tributo", "total of a tribute"),
    "taxes/cbc:TaxableAmount": ("total del valor de venta por tributo", "total base of the tribute"),
    "taxes/cbc:TaxAmount": ("total del tributo", "total of the tribute"),
    "taxes/scheme/cbc:ID": ("código de tributo del total", "tribute code of the total"),
    "taxes/scheme/cbc:Name": ("nombre de tributo del total", "tribute name of the total"),
    "taxes/scheme/cbc:TaxTypeCode": ("código internacional del tributo total", "international code of the total"),
    "totals": ("totales", "totals"),
    "totals/cbc:LineExtensionAmount": ("total valor de venta", "total value"),
    "totals/cbc:TaxInclusiveAmount": ("total precio de venta", "total price"),
    "totals/cbc:AllowanceTotalAmount": ("total de descuentos", "total of discounts"),
    "totals/cbc:ChargeTotalAmount": ("total de cargos", "total of charges"),
    "totals/cbc:PrepaidAmount": ("total de anticipos", "total of advances"),
    "totals/cbc:PayableRoundingAmount": ("redondeo del importe total", "rounding of the total"),
    "totals/cbc:PayableAmount": ("importe total", "total payable"),
    "cac:PaymentTerms": ("condición de pago", "payment term"),
    "cac:PaymentTerms/cbc:ID": ("indicador de la condición de pago", "payment term indicator"),
    "cac:PaymentTerms/cbc:PaymentMeansID": ("forma de pago", "form of payment"),
    "cac:PaymentTerms/cbc:PaymentPercent": ("porcentaje de la detracción", "percentage of the detraction"),
    "cac:PaymentTerms/cbc:Amount": ("monto de la condición de pago", "amount of the payment term"),
    "cac:PaymentTerms/cbc:PaymentDueDate": ("fecha de pago de la cuota", "due date of the instalment"),
    "cac:PaymentMeans": ("medio de pago", "means of payment"),
    "cac:PaymentMeans/cbc:ID": ("indicador del medio de pago", "means of payment indicator"),
    "cac:PaymentMeans/cbc:PaymentMeansCode": ("código del medio de pago", "means of payment code"),
    "cac:PaymentMeans/cbc:PaymentID": ("número de autorización del pago", "payment authorisation number"),
    "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": ("cuenta de detracciones", "detraction account"),
    "cac:PrepaidPayment": ("anticipo", "advance"),
    "cac:PrepaidPayment/cbc:ID": ("identificador del anticipo", "advance identifier"),
    "cac:PrepaidPayment/cbc:PaidAmount": ("importe del anticipo", "amount of the advance"),
    "cac:Signature": ("firma digital", "digital signature"),
    "cac:Signature/cbc:ID": ("identificador de la firma", "signature identifier"),
    "cac:Signature/cac:SignatoryParty/cac:PartyIdentification/cbc:ID": ("RUC del firmante", "signatory's RUC"),
    "cac:Signature/cac:SignatoryParty/cac:PartyName/cbc:Name": ("nombre del firmante", "signatory's name"),
    "cac:Signature/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI": (
        "referencia de la firma", "signature reference"),
    "agent/cac:PartyIdentification/cbc:ID": ("RUC del agente", "agent's RUC"),
    "agent/cac:PartyIdentification/cbc:ID/@schemeID": (
        "tipo de documento del agente", "agent's identity document type"),
    "agent/cac:PartyName/cbc:Name": ("nombre comercial del agente", "agent's trade name"),
    "agent/cac:PartyLegalEntity/cbc:RegistrationName": ("razón social del agente", "agent's legal name"),
    "agent/cac:PostalAddress/cbc:ID": ("ubigeo del agente", "agent's ubigeo"),
    "agent/cac:PostalAddress/cbc:StreetName": ("dirección del agente", "agent's address"),
    "agent/cac:PostalAddress/cbc:CitySubdivisionName": ("urbanización del agente", "agent's urbanisation"),
    "agent/cac:PostalAddress/cbc:CityName": ("provincia del agente", "agent's province"),
    "agent/cac:PostalAddress/cbc:CountrySubentity": ("departamento del agente", "agent's department"),
    "agent/cac:PostalAddress/cbc:District": ("distrito del agente", "agent's district"),
    "agent/cac:PostalAddress/cac:Country/cbc:IdentificationCode": ("país del agente", "agent's country"),
    "receiver/cac:PartyIdentification/cbc:ID": (
        "número de documento de la contraparte", "counterpart's identity number"),
    "receiver/cac:PartyIdentification/cbc:ID/@schemeID": (
        "tipo de documento de la contraparte", "counterpart's identity document type"),
    "receiver/cac:PartyName/cbc:Name": ("nombre comercial de la contraparte", "counterpart's trade name"),
    "receiver/cac:PartyLegalEntity/cbc:RegistrationName": ("razón social de la contraparte", "counterpart's name"),
    "receiver/cac:PostalAddress/cbc:ID": ("ubigeo de la contraparte", "counterpart's ubigeo"),
    "receiver/cac:PostalAddress/cbc:StreetName": ("dirección de la contraparte", "counterpart's address"),
    "receiver/cac:PostalAddress/cbc:CitySubdivisionName": (
        "urbanización de la contraparte", "counterpart's urbanisation"),
    "receiver/cac:PostalAddress/cbc:CityName": ("provincia de la contraparte", "counterpart's province"),
    "receiver/cac:PostalAddress/cbc:CountrySubentity": ("departamento de la contraparte", "counterpart's department"),
    "receiver/cac:PostalAddress/cbc:District": ("distrito de la contraparte", "counterpart's district"),
    "receiver/cac:PostalAddress/cac:Country/cbc:IdentificationCode": (
        "país de la contraparte", "counterpart's country"),
    "sac:ExceptionalIndicator": ("indicador de emisión excepcional", "exceptional issue indicator"),
    "regime:SystemCode": ("código de régimen", "regime code"),
    "regime:Percent": ("tasa del régimen", "regime's rate"),
    "cbc:TotalInvoiceAmount": ("total retenido o percibido", "total withheld"),
    "cbc:PayableRoundingAmount": ("redondeo del total", "rounding of the total"),
    "total:": ("total pagado o cobrado", "total paid or collected"),
    "paid": ("comprobante relacionado", "related voucher"),
    "paid/cbc:ID": ("serie y número del comprobante relacionado", "related voucher's series and number"),
    "paid/cbc:ID/@schemeID": ("tipo del comprobante relacionado", "related voucher's type"),
    "paid/cbc:IssueDate": ("fecha del comprobante relacionado", "related voucher's date"),
    "paid/cbc:TotalInvoiceAmount": ("importe del comprobante relacionado", "related voucher's total"),
    "paid/cac:Payment/cbc:ID": ("número del pago", "payment number"),
    "paid/cac:Payment/cbc:PaidAmount": ("importe del pago", "amount of the payment"),
    "paid/cac:Payment/cbc:PaidDate": ("fecha del pago", "date of the payment"),
    "paid/withheld/regime:Amount": ("importe retenido o percibido", "amount withheld"),
    "paid/withheld/total:Net": ("importe neto del pago", "net amount of the payment"),
    "paid/withheld/cac:ExchangeRate/cbc:SourceCurrencyCode": (
        "moneda de origen del tipo de cambio", "exchange rate's source currency"),
    "paid/withheld/cac:ExchangeRate/cbc:TargetCurrencyCode": (
        "moneda de destino del tipo de cambio", "exchange rate's target currency"),
    "paid/withheld/cac:ExchangeRate/cbc:CalculationRate": ("tipo de cambio", "exchange rate"),
    "paid/withheld/cac:ExchangeRate/cbc:Date": ("fecha del tipo de cambio", "exchange rate's date"),
    "cbc:ReferenceDate": ("fecha de los comprobantes", "date of the vouchers"),
    "cac:AccountingSupplierParty/cbc:CustomerAssignedAccountID": ("RUC del emisor", "issuer's RUC"),
    "cac:AccountingSupplierParty/cbc:AdditionalAccountID": (
        "tipo de documento del emisor", "issuer's identity document type"),
    "voided": ("comprobante dado de baja", "voided voucher"),
    "voided/cbc:LineID": ("número de línea", "line number"),
    "voided/cbc:DocumentTypeCode": ("tipo del comprobante dado de baja", "voided voucher's type"),
    "voided/sac:DocumentSerialID": ("serie del comprobante dado de baja", "voided voucher's series"),
    "voided/sac:DocumentNumberID": ("número del comprobante dado de baja", "voided voucher's number"),
    "voided/sac:VoidReasonDescription": ("motivo de la baja", "reason of the voiding"),
    "told": ("comprobante del resumen", "voucher of the summary"),
    "told/cbc:LineID": ("número de línea", "line number"),
    "told/cbc:DocumentTypeCode": ("tipo de comprobante", "voucher type"),
    "told/cbc:ID": ("serie y número", "series and number"),
    "told/cac:AccountingCustomerParty": ("cliente", "customer"),
    "told/cac:AccountingCustomerParty/cbc:CustomerAssignedAccountID": (
        "número de documento del cliente", "customer's identity number"),
    "told/cac:AccountingCustomerParty/cbc:AdditionalAccountID": (
        "tipo de documento del cliente", "customer's identity document type"),
    "told/cac:BillingReference": ("comprobante modificado", "modified voucher"),
    "told/modified/cbc:ID": ("serie y número del comprobante modificado", "modified voucher's series and number"),
    "told/modified/cbc:DocumentTypeCode": ("tipo del comprobante modificado", "modified voucher's type"),
    "told/perceived": ("percepción", "perception"),
    "told/perceived/regime:SystemCode": ("régimen de percepción", "regime of perception"),
    "told/perceived/regime:Percent": ("tasa de percepción", "rate of perception"),
    "told/perceived/cbc:TotalInvoiceAmount": ("monto de la percepción", "amount of the perception"),
    "told/perceived/total:": ("total con la percepción", "total with the perception"),
    "told/perceived/cbc:TaxableAmount": ("base de la percepción", "base of the perception"),
    "told/cac:Status/cbc:ConditionCode": ("código de operación", "operation code"),
    "told/sac:TotalAmount": ("importe total", "total amount"),
    "told/sac:BillingPayment": ("valor de venta", "value of sale"),
    "told/sac:BillingPayment/cbc:PaidAmount": ("monto del valor de venta", "amount of the value of sale"),
    "told/sac:BillingPayment/cbc:InstructionID": ("tipo de valor de venta", "sort of value of sale"),
    "told/cac:AllowanceCharge": ("otros cargos", "other charges"),
    "told/cac:AllowanceCharge/cbc:ChargeIndicator": ("indicador de cargo", "charge indicator"),
    "told/cac:AllowanceCharge/cbc:Amount": ("monto de otros cargos", "amount of other charges"),
    "told/cac:TaxTotal": ("total de un tributo", "total of a tribute"),
    "told/cac:TaxTotal/cbc:TaxAmount": ("monto del tributo", "tribute's amount"),
    "told/taxes/cbc:TaxAmount": ("monto del tributo (detalle)", "tribute's amount (detail)"),
    "told/taxes/scheme/cbc:ID": ("código de tributo", "tribute code"),
    "told/taxes/scheme/cbc:Name": ("nombre del tributo", "tribute name"),
} | despatch_names.NAMES


_SIDES: Final = re.compile(r"^cac:Accounting(Supplier|Customer)Party")
_OTHER: Final = {"Supplier": "Customer", "Customer": "Supplier"}


@cache
def field_name(path: str, *, bought: bool = False) -> Sentence:
    """The name of a full path; ``bought``: the buyer issues it. Raises FormatError when nobody has named it."""
    folded = path
    if bought:
        folded = _SIDES.sub(lambda side: f"cac:Accounting{_OTHER[side[1]]}Party", path)
    for pattern, short in _FOLD:
        folded = pattern.sub(short, folded)
    if folded in _NAMES:
        return Sentence(*_NAMES[folded])
    element, at, attribute = folded.partition("/@")
    if at and element in _NAMES:
        es, en = _NAMES[element]
        return Sentence(f"{es} (atributo {attribute})", f"{en} (attribute {attribute})")
    raise FormatError(f"{folded!r} has no name to show people")
