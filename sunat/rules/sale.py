"""Rows that all sales share (01 03 07 08): header, parties, related documents and legends.

Source: SUNAT's validation workbook of electronic vouchers, 2026-02-12, sheets Factura, Boleta and both notes.
"""

from __future__ import annotations

from typing import Final

from sunat.rules.checks import (
    exists,
    holds,
    in_catalogue,
    includes,
    matches,
    none_of,
    not_after,
    one_of,
    present,
    same_as,
    single,
    text,
    unique_by,
)
from sunat.rules.conditions import has, is_, is_not, no, over, somewhere, there
from sunat.rules.document import View
from sunat.rules.engine import Rule, Severity
from sunat.rules.rows import (
    CONTINGENCY,
    CUSTOMER_HAS_RUC,
    ELECTRONIC,
    observation,
)

RUC: Final = matches("[0-9]{11}", "11 dígitos", "11 digits")

HEADER: Final = (
    Rule("2074", "cbc:UBLVersionID", one_of("2.1")),
    Rule("2073", "cbc:CustomizationID", present()),
    Rule("2072", "cbc:CustomizationID", one_of("2.0")),
    Rule("2329", "cbc:IssueDate", not_after(2)),
    Rule("2070", "currency", present()),
    Rule("3088", "currency", in_catalogue("02"), when=has("currency")),
    Rule("1037", "supplier/legal/cbc:RegistrationName", present()),
    observation("4093", "supplier/registered/cbc:ID", in_catalogue("13")),
    observation("4094", "supplier/registered/cac:AddressLine/cbc:Line", text(3, 200)),
    observation("4095", "supplier/registered/cbc:CitySubdivisionName", text(1, 25)),
    observation("4096", "supplier/registered/cbc:CityName", text(1, 30)),
    observation("4097", "supplier/registered/cbc:CountrySubentity", text(1, 30)),
    observation("4098", "supplier/registered/cbc:District", text(1, 30)),
    observation("4041", "supplier/registered/cac:Country/cbc:IdentificationCode", one_of("PE")),
    observation("4242", "supplier/registered/cbc:AddressTypeCode", matches("[0-9]{4}", "4 dígitos", "4 digits"),
                when=has("supplier/registered/cbc:AddressTypeCode")),
    Rule("2017", "customer/identity", RUC, when=CUSTOMER_HAS_RUC),
    Rule("2021", "customer/legal/cbc:RegistrationName", present()),
    observation("4006", "guide/cbc:ID", matches(
        "[TV][A-Z0-9]{3}-[0-9]{1,8}|[0-9]{4}-[0-9]{1,8}|EG0[1-47]-[0-9]{1,8}|G[0-9]{3}-[0-9]{1,8}",
        "serie y número de una guía (T001-123)", "series and number of a guide (T001-123)")),
    Rule("2364", "guide", unique_by("cbc:DocumentTypeCode", "cbc:ID")),
    observation("4005", "guide/cbc:DocumentTypeCode", one_of("09", "31")),
    Rule("3006", "cbc:Note", text(1, 200)),
    Rule("3027", "legend", in_catalogue("52")),
)
"""The first rows of every sale."""

INVOICE_HEADER: Final = (
    Rule("2075", "cbc:UBLVersionID", present()),
    Rule("1004", "cbc:InvoiceTypeCode", present()),
    Rule("3089", "supplier/cac:PartyIdentification", single()),
    Rule("1008", "supplier/identity/@schemeID", present()),
    Rule("1007", "supplier/identity/@schemeID", one_of("6")),
    observation("4092", "supplier/cac:PartyName/cbc:Name", text(1, 1500)),
    observation("4338", "supplier/legal/cbc:RegistrationName", text(1, 1500)),
    Rule("3090", "customer/cac:PartyIdentification", single()),
    Rule("2014", "customer/identity", exists()),
    Rule("2015", "customer/identity/@schemeID", exists()),
    Rule("2022", "customer/legal/cbc:RegistrationName", text(3, 1500)),
    Rule("3205", "operation", present()),
    Rule("2365", "related", unique_by("cbc:DocumentTypeCode", "cbc:ID")),
    observation("4010", "related/cbc:ID", text(1, 30, blanks="none")),
    Rule("3014", "legend", unique_by(within="")),
    observation("4264", "legend", includes("2007"), scope="",
                when=somewhere(is_("line/taxes/affectation", "17") & over("line/taxes/cbc:TaxableAmount"))),
    observation("4265", "legend", includes("2006"), scope="", when=is_("operation", "1001", "1002", "1003", "1004")),
    observation("4266", "legend", includes("2005"), scope="", when=there("place/cac:AddressLine/cbc:Line")),
    observation("4236", "place/cac:AddressLine/cbc:Line", text(3, 200)),
    observation("4238", "place/cbc:CitySubdivisionName", text(1, 25)),
    observation("4239", "place/cbc:CityName", text(1, 30)),
    observation("4231", "place/cbc:ID", in_catalogue("13")),
    observation("4240", "place/cbc:CountrySubentity", text(1, 30)),
    observation("4241", "place/cbc:District", text(1, 30)),
    observation("4041", "place/cac:Country/cbc:IdentificationCode", one_of("PE"),
                when=is_not("operation", "0201", "0208")),
    Rule("3098", "place/cac:Country/cbc:IdentificationCode", present(), when=is_("operation", "0201", "0208")),
    Rule("3099", "place/cac:Country/cbc:IdentificationCode", in_catalogue("04", where=lambda code: code != "PE"),
         when=is_("operation", "0201", "0208") & has("place/cac:Country/cbc:IdentificationCode")),
    Rule("3156", "supplier/cac:AgentParty/identity", exists(), when=is_("operation", "0302")),
    Rule("3157", "supplier/cac:AgentParty/identity/@schemeID", exists(),
         when=has("supplier/cac:AgentParty/identity")),
    Rule("3158", "supplier/cac:AgentParty/identity/@schemeID", one_of("6")),
    Rule("3173", "means/cbc:PaymentMeansCode", present(), scope="", when=is_("operation", "0302")),
    Rule("3175", "means/cbc:PaymentID", present(), scope="", when=is_("operation", "0302")),
)
"""What 01 and 03 add."""


_EXEMPT_TOTAL: Final = is_("taxes/tribute", "9997") & over("taxes/cbc:TaxableAmount")


def selva(
    codes: tuple[str, str, str, str], severity: Severity = Severity.OBSERVATION
) -> tuple[Rule, ...]:
    """A legend of the Amazonía (2001, 2002, 2003) or of 2008 stands beside exempt value; its codes in that order."""
    return tuple(
        Rule(code, "legend", none_of(legend), when=no(somewhere(_EXEMPT_TOTAL)), severity=severity)
        for code, legend in zip(codes, ("2001", "2002", "2003", "2008"), strict=True)
    )


def issued_as(type_code: str) -> tuple[Rule, ...]:
    """The type code says the kind that the file's name says (01, 03 or 04)."""
    return (Rule("1003", "cbc:InvoiceTypeCode", one_of(type_code), when=has("cbc:InvoiceTypeCode")),)


NOTE_MONEY: Final = (
    "line/cbc:LineExtensionAmount", "line/cac:Price/cbc:PriceAmount", "line/price/cbc:PriceAmount",
    "line/cac:TaxTotal/cbc:TaxAmount", "line/taxes/cbc:TaxableAmount", "line/taxes/cbc:TaxAmount",
    "cac:TaxTotal/cbc:TaxAmount", "taxes/cbc:TaxableAmount", "taxes/cbc:TaxAmount", "totals/cbc:ChargeTotalAmount",
    "totals/cbc:PayableRoundingAmount", "total",
)
"""Amounts in the voucher's currency, on all four kinds."""
INVOICE_MONEY: Final = (
    "line/allowance/cbc:Amount", "line/allowance/cbc:BaseAmount", "allowance/cbc:Amount", "allowance/cbc:BaseAmount",
    "totals/cbc:LineExtensionAmount", "totals/cbc:TaxInclusiveAmount", "totals/cbc:AllowanceTotalAmount",
    "totals/cbc:PrepaidAmount", "cac:PrepaidPayment/cbc:PaidAmount",
)
"""The ones that only 01 and 03 are asked for."""
TERMS_MONEY: Final = "terms/cbc:Amount"
"""Asked of the kinds that carry FormaPago terms, 01 and 07."""
_IN_SOLES: Final = {
    TERMS_MONEY: is_not("terms/cbc:ID", "Detraccion", "Percepcion"),
    "allowance/cbc:Amount": is_not("allowance/reason", "51", "52", "53"),
    "allowance/cbc:BaseAmount": is_not("allowance/reason", "51", "52", "53"),
}
"""Where the law fixes soles (detraction, perception) the amount need not be in the voucher's currency."""


def currency_rows(*amounts: str, code: str = "2071") -> tuple[Rule, ...]:
    """These amounts are in the voucher's currency."""
    same = same_as("currency", "la moneda del comprobante", "the voucher's currency")
    return tuple(Rule(code, f"{path}/@currencyID", same, when=_IN_SOLES.get(path)) for path in amounts)


def _known_establishment(view: View) -> bool:
    known = view.document.context.establishments
    code = view.text("supplier/registered/cbc:AddressTypeCode")
    return known is None or code in ("", "0000") or code in known


KNOWN_ESTABLISHMENT: Final = holds(
    _known_establishment, ("no es un establecimiento del emisor", "is no establishment of the issuer"),
    ("Use 0000 o el código de un local declarado.", "Use 0000 or the code of a declared establishment."),
)

ESTABLISHMENT: Final = (
    Rule("3030", "supplier/registered/cbc:AddressTypeCode", present(), when=ELECTRONIC),
    observation("4198", "supplier/registered/cbc:AddressTypeCode", present(), when=CONTINGENCY),
    Rule("3239", "supplier/registered/cbc:AddressTypeCode", KNOWN_ESTABLISHMENT, when=ELECTRONIC),
    observation("4199", "supplier/registered/cbc:AddressTypeCode", KNOWN_ESTABLISHMENT, when=CONTINGENCY),
)
"""The code of the issuer's establishment, as 01 wants it."""

