"""Pairs of the header, the parties, related documents, legends and the file's name."""

from __future__ import annotations

from typing import Final

from sunat.rules import sale
from sunat.rules.context import OSE_ONLY, SUPERVISED
from tests.sunat.rules.pairs.edits import drop, drop_all, pair, put, to, twice

LONG: Final = "X" * 1501
ISSUER: Final = "supplier/registered"
PLACE: Final = "place"
NAME: Final = {"01": "20123456786-01-F001-123.xml"}

MONEY: Final = {
    "plain": (
        "line/cbc:LineExtensionAmount", "line/cac:Price/cbc:PriceAmount", "line/price/cbc:PriceAmount",
        "line/cac:TaxTotal/cbc:TaxAmount", "line/taxes/cbc:TaxableAmount", "line/taxes/cbc:TaxAmount",
        "cac:TaxTotal/cbc:TaxAmount", "taxes/cbc:TaxableAmount", "taxes/cbc:TaxAmount",
        "totals/cbc:LineExtensionAmount", "totals/cbc:TaxInclusiveAmount", "totals/cbc:AllowanceTotalAmount",
        "totals/cbc:ChargeTotalAmount", "total",
    ),
    "charged": (
        "line/allowance/cbc:Amount", "line/allowance/cbc:BaseAmount", "allowance/cbc:Amount",
        "allowance/cbc:BaseAmount", "totals/cbc:PayableRoundingAmount",
    ),
    "credit": ("terms/cbc:Amount",),
    "payment_note": ("terms/cbc:Amount",),
    "advance": ("cac:PrepaidPayment/cbc:PaidAmount", "totals/cbc:PrepaidAmount"),
}
"""Amounts that are in the voucher's currency, by the shape that has them."""

PAIRS: Final = (
    pair("2075", drop("cbc:UBLVersionID")),
    pair("2074", to("cbc:UBLVersionID", "2.0")),
    pair("2073", drop("cbc:CustomizationID")),
    pair("2072", to("cbc:CustomizationID", "1.1")),
    pair("1001", to("cbc:ID", "X001-123"), kinds="01 03 07 08"),
    pair("2329", to("cbc:IssueDate", "2026-11-23")),
    pair("2108", to("cbc:IssueDate", "2026-11-16")),
    pair("1079", to("cbc:IssueDate", "2026-11-14"), kinds="03"),
    pair("1079", to("cbc:IssueDate", "2026-11-14"), base="of_boleta"),
    pair("1004", drop("cbc:InvoiceTypeCode"), also="3205"),
    pair("1003", to("cbc:InvoiceTypeCode", "04")),
    pair("2070", drop("currency")),
    pair("3088", to("currency", "ZZZ"), also="2071"),
    *(
        pair("2071", to(f"{path}/@currencyID", "USD"), base=base,
             kinds="01 03" if path in sale.INVOICE_MONEY and base != "credit" else "")
        for base, paths in MONEY.items() for path in paths
    ),
    pair("2071", put("totals", "<cbc:PayableRoundingAmount currencyID='USD'>0.50</cbc:PayableRoundingAmount>"),
         kinds="07 08"),
    pair("3089", twice("supplier/cac:PartyIdentification")),
    pair("1008", drop("supplier/identity/@schemeID")),
    pair("1007", to("supplier/identity/@schemeID", "1")),
    pair("3029", drop("supplier/identity/@schemeID")),
    pair("2511", to("supplier/identity/@schemeID", "1")),
    pair("4092", to("supplier/cac:PartyName/cbc:Name", LONG)),
    pair("1037", drop("supplier/legal/cbc:RegistrationName")),
    pair("4338", to("supplier/legal/cbc:RegistrationName", LONG)),
    pair("4094", to(f"{ISSUER}/cac:AddressLine/cbc:Line", "AV")),
    pair("4095", to(f"{ISSUER}/cbc:CitySubdivisionName", "X" * 26)),
    pair("4096", to(f"{ISSUER}/cbc:CityName", "X" * 31)),
    pair("4093", to(f"{ISSUER}/cbc:ID", "999999")),
    pair("4097", to(f"{ISSUER}/cbc:CountrySubentity", "X" * 31)),
    pair("4098", to(f"{ISSUER}/cbc:District", "X" * 31)),
    pair("4041", to(f"{ISSUER}/cac:Country/cbc:IdentificationCode", "CL")),
    pair("3030", drop(f"{ISSUER}/cbc:AddressTypeCode"), kinds="01 07 08"),
    pair("4198", drop(f"{ISSUER}/cbc:AddressTypeCode"), base="contingency", kinds="01"),
    pair("4198", drop(f"{ISSUER}/cbc:AddressTypeCode"), kinds="03"),
    pair("4198", drop(f"{ISSUER}/cbc:AddressTypeCode"), base="of_boleta"),
    pair("3239", to(f"{ISSUER}/cbc:AddressTypeCode", "0009"), establishments=frozenset({"0001"})),
    pair("4199", to(f"{ISSUER}/cbc:AddressTypeCode", "0009"), base="contingency", establishments=frozenset({"0001"})),
    pair("4199", to(f"{ISSUER}/cbc:AddressTypeCode", "0009"), base="of_boleta", establishments=frozenset({"0001"})),
    pair("4242", to(f"{ISSUER}/cbc:AddressTypeCode", "12")),
    pair("4236", to(f"{PLACE}/cac:AddressLine/cbc:Line", "AV"), base="delivered"),
    pair("4238", to(f"{PLACE}/cbc:CitySubdivisionName", "X" * 26), base="delivered"),
    pair("4239", to(f"{PLACE}/cbc:CityName", "X" * 31), base="delivered"),
    pair("4231", to(f"{PLACE}/cbc:ID", "999999"), base="delivered"),
    pair("4240", to(f"{PLACE}/cbc:CountrySubentity", "X" * 31), base="delivered"),
    pair("4241", to(f"{PLACE}/cbc:District", "X" * 31), base="delivered"),
    pair("4041", to(f"{PLACE}/cac:Country/cbc:IdentificationCode", "CL"), base="delivered"),
    pair("3098", drop(f"{PLACE}/cac:Country"), base="service_abroad"),
    pair("3099", to(f"{PLACE}/cac:Country/cbc:IdentificationCode", "PE"), base="service_abroad"),
    pair("3090", twice("customer/cac:PartyIdentification")),
    pair("2014", drop("customer/identity"), also="2015"),
    pair("2015", drop("customer/identity/@schemeID")),
    pair("2679", drop("customer/identity/@schemeID")),
    pair("2679", to("customer/identity", ""), also="2017"),
    pair("2016", to("customer/identity/@schemeID", "Z")),
    pair("2017", to("customer/identity", "123")),
    pair("2801", to("customer/identity", "123"), base="deductible"),
    pair("2802", to("customer/identity", "AB 123"), base="tourist"),
    pair("4207", to("customer/identity", "123"), base="to_person"),
    pair("4208", to("customer/identity", "AB 123"), base="export", kinds="03"),
    pair("2800", to("customer/identity/@schemeID", "1"), also="2801", kinds="01"),
    pair("2800", to("customer/identity/@schemeID", "6"), also="2017", base="export", kinds="01 03"),
    pair("2800", to("customer/identity/@schemeID", "Z"), base="export", kinds="01"),
    pair("2800", to("customer/identity/@schemeID", "7"), base="deductible"),
    pair("2800", to("customer/identity/@schemeID", "0"), base="tourist"),
    pair("2021", drop("customer/legal/cbc:RegistrationName")),
    pair("2022", to("customer/legal/cbc:RegistrationName", "AB")),
    pair("3205", drop("operation"), kinds="01"),
    pair("3205", drop("operation"), kinds="03"),
    pair("3206", to("operation", "9999")),
    pair("3206", to("operation", "0113"), kinds="01"),
    pair("3206", to("operation", "0112"), kinds="03"),
    pair("4006", to("guide/cbc:ID", "X001-12")),
    pair("2364", twice("guide")),
    pair("4005", to("guide/cbc:DocumentTypeCode", "01")),
    pair("4010", to("related/cbc:ID", "PAPEL 0001")),
    pair("2365", twice("related"), kinds="01 03"),
    pair("2365", twice("cac:BillingReference"), kinds="07 08"),
    pair("2426", twice("related")),
    pair("4009", to("related/cbc:DocumentTypeCode", "50")),
    pair("4233", to("cac:OrderReference/cbc:ID", "X" * 21)),
    pair("3027", to("legend", "9999")),
    pair("3014", twice("cbc:Note")),
    pair("3006", to("cbc:Note", "X" * 201)),
    pair("4264", drop("cbc:Note", 1), base="ivap"),
    pair("4265", drop("cbc:Note", 1), base="detraction", kinds="01 03"),
    pair("4266", drop("cbc:Note", 1), base="delivered"),
    *(pair(code, to("line/cbc:ID", "1"), drop_all("taxes"), put("cac:TaxTotal", ""), base="selva", kinds="01",
           also="2638 3283 3284 3285 3289") for code in ("3283", "3284", "3285", "3289")),
    *(pair(code, drop_all("taxes"), base="selva", kinds="03", also="2638 4022 4023 4024 4244")
      for code in ("4022", "4023", "4024", "4244")),
    pair("3156", drop("supplier/cac:AgentParty"), base="railway"),
    pair("3157", drop("supplier/cac:AgentParty/identity/@schemeID"), base="railway"),
    pair("3158", to("supplier/cac:AgentParty/identity/@schemeID", "1"), base="railway"),
    pair("3173", drop("means/cbc:PaymentMeansCode"), base="railway", also="0306"),
    pair("3175", drop("means/cbc:PaymentID"), base="railway"),
    pair("0151", zip_name="20123456786-01.zip", file_name="20123456786-01-F001-123.xml", also="0161", kinds="01"),
    pair("0159", file_name="F001-123.xml"),
    pair("0161", zip_name="20123456786-01-F001-124.zip", file_name="20123456786-01-F001-123.xml", kinds="01"),
    pair("1034", file_name="20987654326-01-F001-123.xml", kinds="01"),
    pair("1035", file_name="20123456786-01-F002-123.xml", kinds="01"),
    pair("1036", file_name="20123456786-01-F001-124.xml", kinds="01"),
    *(
        made
        for kind, series in (("03", "B001"), ("07", "FC01"), ("08", "FD01"))
        for made in (
            pair("0151", zip_name="X.zip", file_name=f"20123456786-{kind}-{series}-123.xml", also="0161", kinds=kind),
            pair("0161", zip_name=f"20123456786-{kind}-{series}-124.zip",
                 file_name=f"20123456786-{kind}-{series}-123.xml", kinds=kind),
            pair("1034", file_name=f"20987654326-{kind}-{series}-123.xml", kinds=kind),
            pair("1035", file_name=f"20123456786-{kind}-X001-123.xml", kinds=kind),
            pair("1036", file_name=f"20123456786-{kind}-{series}-124.xml", kinds=kind),
        )
    ),
    pair("1078", issuer_lists=frozenset({OSE_ONLY})),
    *(pair("1080", to("operation", code), kinds="01 03", issuer_lists=frozenset({SUPERVISED}),
           also="3242 3241 3181 3206")
      for code in ("2100", "2101", "2102", "2103", "2104", "0112")),
    pair("1080", to("cbc:ID", "SC01-123"), kinds="07 08", issuer_lists=frozenset({SUPERVISED}),
         also="1001 1035 1079 2108 3030 4198 2116 2204 2399 2400 2594 3239 4199"),
    pair("1080", to("modified/cbc:DocumentTypeCode", "13"), to("modified/cbc:ID", "F001-87"), kinds="07 08",
         issuer_lists=frozenset({SUPERVISED}), also="3271 3280 3030 4198 4312"),
    pair("CHQ-ISSUER-RUC", to("supplier/identity", "20123456785")),
    pair("CHQ-CUSTOMER-RUC", to("customer/identity", "20987654325")),
    pair("CHQ-BOLETA-700", to("total", "700.01"), base="anonymous", also="4312"),
    pair("CHQ-BOLETA-700", to("currency", "USD"), base="anonymous", also="2071"),
)
