"""How each rule of the despatch guides is broken: the edits of a named content (``test_guides``), and what comes along.

A guide's first letter and type differ by kind; what both sheets of the workbook say is broken alike.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sunat.documents.despatch import CARRIERS_OWN, PAID_BY_OTHER, SMALL_VEHICLE, SUBCONTRACTED, WHOLE_DECLARATION
from sunat.rules import descriptive
from sunat.rules.context import PERSONAL_INCOME
from tests.sunat.rules.certain import Broken, broken
from tests.sunat.rules.pairs.edits import Edit, drop, drop_all, put, to, twice

LONG: Final = "X" * 251
ID: Final = "cac:PartyIdentification"
PERMIT: Final = "cac:AgentParty/permit"
ROAD_PERMIT: Final = "cac:ShipmentDocumentReference/cbc:ID"
LINE: Final = "cac:AddressLine/cbc:Line"
DESCRIBED: Final = "line/cac:Item/cbc:Description"
GTIN: Final = "line/cac:Item/cac:StandardItemIdentification/cbc:ID"
GROSS: Final = "cac:Shipment/cbc:GrossWeightMeasure"
NET: Final = "cac:Shipment/cbc:NetWeightMeasure"
WHY: Final = "cac:Shipment/cbc:Information"
COUNT: Final = "cac:Shipment/cbc:TotalTransportHandlingUnitQuantity"
TEXT: Final = "cac:Shipment/cbc:HandlingInstructions"
CODE, VALUE = "line/property/cbc:NameCode", "line/property/cbc:Value"


def says(indicator: str) -> Edit:
    """Adds an indicator."""
    return put("cac:Shipment", f"<cbc:SpecialInstructions>{indicator}</cbc:SpecialInstructions>")


def cites(code: str, number: str) -> Edit:
    """Adds a paper."""
    return put("", f"<cac:AdditionalDocumentReference><cbc:ID>{number}</cbc:ID><cbc:DocumentTypeCode>{code}"
                   "</cbc:DocumentTypeCode><cbc:DocumentType>X</cbc:DocumentType></cac:AdditionalDocumentReference>")


def _identity(code: str, party: str, base: str = "plain", also: str = "") -> tuple[Broken, ...]:
    number = f"{party}/identity"
    return (
        broken(code, to(f"{number}/@schemeID", "6"), to(number, "2098765432"), base=base, also=also),
        broken(code, to(f"{number}/@schemeID", "1"), to(number, "1234567"), base=base, also=also),
        broken(code, to(f"{number}/@schemeID", "7"), to(number, "AB 123"), base=base, also=also),
    )


def _permit(holder: str, form: str, base: str) -> tuple[Broken, ...]:
    number = f"{holder}/{PERMIT}"
    return (
        broken(form, to(number, "AB"), base=base),
        broken("3353", twice(f"{holder}/cac:AgentParty/legal"), base=base),
        broken("4395", to(f"{number}/@schemeID", "99"), base=base),
        broken("4394", drop(f"{number}/@schemeID"), base=base),
        broken("4397", to(number, ""), base=base),
    )


def _vehicle(node: str, base: str) -> tuple[Broken, ...]:
    number = f"{node}/{ROAD_PERMIT}"
    return (
        broken("2567", to(f"{node}/cbc:ID", "ABC-123"), base=base),
        broken("4406", to(number, "AB"), base=base),
        broken("3356", twice(f"{node}/cac:ShipmentDocumentReference"), base=base),
        broken("4403", drop(f"{number}/@schemeID"), base=base),
        broken("4407", to(f"{number}/@schemeID", "99"), base=base),
        broken("4405", to(number, ""), base=base),
    )


def _texts(table: dict[str, dict[str, str]], bases: dict[str, str]) -> tuple[Broken, ...]:
    return tuple(
        broken(descriptive.CODE_OF[name], to(f"{path}/@{name}", "otra cosa"), base=bases.get(path, "train"))
        for path, texts in table.items() for name in texts
    )


def _both(kind: str) -> tuple[Broken, ...]:
    letter, other = {"09": ("T", "V"), "31": ("V", "T")}[kind]
    file, named = f"20123456786-{kind}-{letter}001-123.xml", f"20123456786-{kind}-{letter}001-123.zip"
    driver = "driver/cbc:ID"
    unneeded = {"09": "registered", "31": "train"}[kind]
    return (
        broken("0151", zip_name="x.zip", also="0161", file_name=file),
        broken("0159", file_name="x.xml"),
        broken("0161", file_name=file, zip_name=named.replace("123.zip", "124.zip")),
        broken("1034", to("supplier/identity", "20100070970"), file_name=file, also="3381"),
        broken("1035", to("cbc:ID", f"{letter}002-123"), file_name=file),
        broken("1036", to("cbc:ID", f"{letter}001-124"), file_name=file),
        broken("0306", drop_all("line"), also="3435"),
        broken("2111", to("cbc:UBLVersionID", "")),
        broken("2110", to("cbc:UBLVersionID", "2.0")),
        broken("2113", drop("cbc:CustomizationID")),
        broken("2112", to("cbc:CustomizationID", "1.0")),
        broken("1001", to("cbc:ID", f"{other}001-123")),
        broken("3436", to("cbc:IssueDate", "20/11/2026"), also="3343"),
        broken("2329", received=date(2026, 11, 19)),
        broken("2108", received=date(2026, 11, 22)),
        broken("3437", drop("cbc:IssueTime")),
        broken("3438", to("cbc:IssueTime", "10:30")),
        broken("1050", drop("cbc:DespatchAdviceTypeCode")),
        broken("1051", to("cbc:DespatchAdviceTypeCode", "01")),
        broken("4186", to("cbc:Note", LONG)),
        broken("2678", drop("supplier/identity/@schemeID")),
        broken("2511", to("supplier/identity/@schemeID", "1")),
        broken("3439", issuer_lists=frozenset({PERSONAL_INCOME})),
        broken("1037", drop("supplier/name")),
        broken("4338", to("supplier/name", LONG)),
        broken("2759", drop("customer/identity/@schemeID")),
        broken("2760", to("customer/identity/@schemeID", "Z")),
        broken("2757", to("customer/identity", "")),
        *_identity("2758", "customer"),
        broken("2761", drop("customer/name")),
        broken("4152", to("customer/name", LONG)),
        broken("4371", drop("paper/cbc:DocumentType")),
        broken("4410", drop("paper/cbc:DocumentTypeCode"), also="3376 3346"),
        broken("4372", to("paper/cbc:DocumentType", "X" * 121)),
        broken("2692", to("paper/cbc:DocumentTypeCode", "99"), also="4434"),
        broken("2692", to("paper/cbc:DocumentTypeCode", {"09": "31", "31": "81"}[kind]), also="3441"),
        broken("3403", to("paper/cbc:ID", ""), also="3441"),
        broken("3340", twice("paper"), also="3346"),
        broken("3376", to("paper/cbc:DocumentTypeCode", ""), also="4410"),
        *(
            broken("3441", to("paper/cbc:DocumentTypeCode", code), to("paper/cbc:ID", number),
                   also="3445 2580 2883 3446 4320 3427 3428 3381 3352 3435 4434 4429")
            for code, number in (
                ("01", "F001-0"), ("03", "F001-1"), ("04", "F001-1"), ("12", "A 1"), ("48", "1-12345678"),
                ("50", "118-26-10-1"), ("80", "0"), ("09", "F001-1"),
            )
        ),
        broken("3380", drop("paper/cac:IssuerParty"), also="3382"),
        broken("3382", drop("paper/cac:IssuerParty/identity/@schemeID")),
        broken("3382", to("paper/cac:IssuerParty/identity/@schemeID", "1")),
        *_permit("carrier", "4396", {"09": "carried", "31": "plain"}[kind]),
        broken("3353", twice("carrier/legal"), base={"09": "carried", "31": "plain"}[kind]),
        broken("4391", drop("carrier/permit"), base={"09": "carried", "31": "plain"}[kind]),
        broken("4392", to("carrier/permit", "mtc-1"), base={"09": "carried", "31": "plain"}[kind]),
        broken("2880", drop(GROSS)),
        broken("2523", to(GROSS, "0")),
        broken("2523", to(GROSS, "1.2345")),
        broken("2523", to(f"{GROSS}/@unitCode", "LBR")),
        broken("2881", drop(f"{GROSS}/@unitCode")),
        broken("3388", says("SUNAT_Otro")),
        broken("3344", says("SUNAT_Envio_IndicadorRetornoVehiculoVacio"),
               says("SUNAT_Envio_IndicadorRetornoVehiculoVacio")),
        broken("3374", put("stage", "<cac:TransportEvent><cbc:TransportEventTypeCode>1</cbc:TransportEventTypeCode>"
                                    "</cac:TransportEvent>")),
        broken("3406", drop("start")),
        broken("3343", to("start", "2026-11-19")),
        broken("3407", to("start", "mañana")),
        broken("2775", drop("origin/cbc:ID")),
        broken("2776", to("origin/cbc:ID", "15011")),
        broken("3363", to("origin/cbc:ID", "999999")),
        broken("2577", drop(f"origin/{LINE}")),
        broken("4076", to(f"origin/{LINE}", "X")),
        broken("3413", to("origin/cac:LocationCoordinate/cbc:LatitudeDegreesMeasure", "norte"), base="train"),
        broken("3413", to("destination/cac:LocationCoordinate/cbc:LongitudeDegreesMeasure", "1.123456789"),
               base="train"),
        broken("2775", drop("destination/cbc:ID")),
        broken("2776", to("destination/cbc:ID", "X")),
        broken("3368", to("destination/cbc:ID", "999999")),
        broken("2574", drop(f"destination/{LINE}")),
        broken("4068", to(f"destination/{LINE}", "X")),
        broken("2566", to("vehicle/cbc:ID", "")),
        *_vehicle("vehicle", "train"),
        *_vehicle("trailer", "train"),
        broken("4389", twice("trailer"), twice("trailer"), base="train"),
        broken("4399", drop("vehicle/card"), base=unneeded),
        broken("4399", drop("trailer/card"), base=unneeded),
        broken("3355", to("vehicle/card", "TUC-1"), base=unneeded),
        broken("3355", to("trailer/card", "TUC-1"), base=unneeded),
        broken("3357", drop_all("driver")),
        broken("3358", twice("driver")),
        broken("3362", to("driver/licence", "Q12345678", 1), twice("driver", 1), base="train"),
        broken("2570", drop(f"{driver}/@schemeID")),
        broken("2570", drop(f"{driver}/@schemeID", 1), base="train"),
        broken("2571", to(f"{driver}/@schemeID", "6")),
        broken("2571", to(f"{driver}/@schemeID", "Z", 1), base="train"),
        broken("2568", to(driver, "")),
        broken("2568", to(driver, "", 1), base="train"),
        broken("2569", to(driver, "1234567")),
        broken("2569", to(f"{driver}/@schemeID", "7", 1), to(driver, "A" * 16, 1), base="train"),
        broken("3360", drop("driver/cbc:FirstName")),
        broken("3360", drop("driver/cbc:FirstName", 1), base="train"),
        broken("3361", drop("driver/cbc:FamilyName")),
        broken("3361", drop("driver/cbc:FamilyName", 1), base="train"),
        broken("4409", to("driver/cbc:FirstName", LONG)),
        broken("4409", to("driver/cbc:FamilyName", LONG)),
        broken("2572", to("driver/licence", "")),
        broken("2572", drop("driver/cac:IdentityDocumentReference", 1), base="train"),
        broken("2573", to("driver/licence", "Q-1")),
        broken("2023", to("line/cbc:ID", "12345")),
        broken("2752", to("line/cbc:ID", "7"), twice("line")),
        broken("2580", drop("line/quantity"), also="2883 3435"),
        broken("2780", to("line/quantity", "-1"), also="3435"),
        broken("2883", drop("line/quantity/@unitCode")),
        broken("4320", to("line/quantity/@unitCode", "CAJAS")),
        broken("2781", to(DESCRIBED, "")),
        broken("4084", to(DESCRIBED, "X" * 501)),
        broken("4085", to("line/cac:Item/cac:SellersItemIdentification/cbc:ID", "X" * 31)),
        broken("3372", drop("line/cac:Item/cac:CommodityClassification"), base="rice"),
        broken("3002", to("line/product", "ABC"), also="3373"),
        broken("3373", to("line/product", "99999999")),
        broken("3425", to("line/product", "50201706"), base="rice"),
        broken("3375", to(GTIN, "1" * 15)),
        broken("4335", to(f"{GTIN}/@schemeID", "GTIN-9")),
        broken("4235", to("line/property/cbc:Name", ""), base="rice"),
        broken("3426", to(CODE, "7029"), base="rice", also="3352"),
        broken("3064", to(VALUE, ""), base="rice"),
        broken("3377", to(VALUE, "ABC"), base="rice", also="3429"),
        broken("3429", to(VALUE, "0101210000"), base="rice"),
        broken("3396", to(VALUE, "2", 1), base="rice"),
        broken("3352", drop("line/property"), drop("line/property"), base="rice"),
        broken("CHQ-ISSUER-RUC", to("supplier/identity", "20123456789"), also="3381"),
        broken("CHQ-CUSTOMER-RUC", to("customer/identity", "20987654321")),
    )


GUIDE_CASES: Final = (
    *_both("09"),
    *_texts(descriptive.GUIDE_TEXTS, {
        "carrier/cac:AgentParty/permit": "carried", "carrier/identity": "carried", "seller/identity": "bought",
        "buyer/identity": "third", "line/property/cbc:NameCode": "rice", "origin/cbc:AddressTypeCode": "between",
        "destination/cbc:AddressTypeCode": "between",
    }),
    broken("4255", to("port/cbc:ID/@schemeName", "Aeropuertos"), base="exported"),
    broken("4255", to("port/cbc:ID/@schemeName", "Puertos"), base="flown"),
    broken("4256", to("port/cbc:ID/@schemeAgencyName", "X"), base="exported"),
    broken("4257", to("port/cbc:ID/@schemeURI", "X"), base="exported"),
    broken("4257", to("port/cbc:ID/@schemeURI", "X"), base="flown"),
    *_permit("sender", "4369", "train"),
    broken("3441", to("paper/cbc:ID", "F001-1", 7), base="cited"),
    broken("3441", to("paper/cbc:ID", "X" * 21, 5), base="cited"),
    broken("3441", to("paper/cbc:ID", "A B", 4), base="cited"),
    broken("3441", to("paper/cbc:ID", "118-2026-40-123456"), base="imported"),
    broken("3441", to("paper/cbc:DocumentTypeCode", "52"), base="imported"),
    broken("3441", to("paper/cbc:ID", "118-2026-10-123456"), base="exported", also="3430"),
    broken("3441", to("paper/cbc:DocumentTypeCode", "52"), base="exported"),
    broken("3440", drop("paper"), base="imported"),
    broken("3445", cites("81", "SCOP1"), base="imported"),
    broken("3445", cites("50", "118-2026-10-123456")),
    broken("3352", drop("line/property"), base="cited"),
    broken("3381", to("paper/cac:IssuerParty/identity", "20987654326")),
    broken("3381", to("paper/cac:IssuerParty/identity", "20123456786"), base="returned"),
    broken("3381", to("paper/cac:IssuerParty/identity", "20987654326", 4), base="cited"),
    broken("3381", to("paper/cbc:DocumentTypeCode", "04"), to("paper/cbc:ID", "L001-1"), base="bought"),
    broken("3409", to("paper/cac:IssuerParty/identity", "2012345678"), also="3381"),
    broken("3409", to("destination/cbc:AddressTypeCode/@listID", "2098765432"), base="to_premises"),
    broken("3409", to("origin/cbc:AddressTypeCode/@listID", "2055555555"), base="from_premises"),
    broken("3417", to("customer/identity/@schemeID", "7"), base="returned"),
    broken("2555", to("customer/identity", "20123456786")),
    broken("2554", to("customer/identity", "20987654326"), base="bought"),
    broken("2552", drop("seller/identity/@schemeID"), base="bought"),
    broken("3447", to("seller/identity/@schemeID", "0"), base="bought"),
    broken("3447", to("seller/identity/@schemeID", "7"), base="transformed"),
    broken("3447", to("seller/identity/@schemeID", "Z"), base="other"),
    broken("4375", drop("cac:SellerSupplierParty"), base="transformed"),
    broken("3442", to("seller/identity", "20987654326"), base="bought"),
    broken("2723", to("seller/identity", ""), base="other"),
    broken("3448", to("seller/identity", "20123456786"), base="transformed"),
    *_identity("2724", "seller", "other"),
    broken("3449", drop("seller/name"), base="bought"),
    broken("4106", to("seller/name", LONG), base="bought"),
    broken("4054", to("reason", "05"), base="transformed", also="2555"),
    broken("3331", drop("buyer/identity/@schemeID"), base="third"),
    broken("3332", to("buyer/identity/@schemeID", "Z"), base="third"),
    broken("4378", drop("cac:BuyerCustomerParty"), base="third"),
    broken("3333", to("buyer/identity", ""), base="other"),
    broken("4377", to("reason", "01"), base="third"),
    broken("3334", to("buyer/identity", "20123456786"), base="third"),
    broken("3335", to("buyer/identity", "20987654326"), base="third"),
    *_identity("3337", "buyer", "other"),
    broken("3339", drop("buyer/name"), base="third"),
    broken("4381", to("buyer/name", LONG), base="third"),
    broken("3404", to("reason", "")),
    broken("3405", to("reason", "99")),
    broken("3457", drop(TEXT), base="other"),
    broken("4190", to(TEXT, "1234567"), base="other"),
    broken("4383", drop(NET), base="exported"),
    broken("3395", put("cac:Shipment", "<cbc:NetWeightMeasure unitCode='KGM'>1</cbc:NetWeightMeasure>")),
    broken("3397", to(NET, "1.2345"), base="exported"),
    broken("3398", to(f"{NET}/@unitCode", "TNE"), base="exported"),
    broken("4387", to(WHY, ""), base="exported"),
    broken("3418", put("cac:Shipment", "<cbc:Information>Sustento</cbc:Information>")),
    broken("4428", to(WHY, LONG), base="exported"),
    broken("3419", drop(COUNT), base="exported"),
    broken("4384", to(COUNT, "1234567"), base="exported"),
    broken("3420", twice("container"), twice("container"), base="imported", also="3421 3423"),
    broken("3421", to("container/cbc:ID", "MSCU1234562"), base="imported"),
    broken("4071", to("container/cbc:ID", "MSCU12345678"), base="imported"),
    broken("3422", to("container/cbc:TraceID", ""), base="imported"),
    broken("3423", to("container/cbc:TraceID", "SEAL002"), base="imported"),
    broken("4074", to("container/cbc:TraceID", "seal 1"), base="imported"),
    broken("2532", to("mode", "")),
    broken("2773", to("mode", "09")),
    broken("3406", drop("start"), base="small"),
    broken("3343", to("start", "2026-11-19"), base="registered"),
    broken("4385", drop("start"), base="carried"),
    broken("4386", to("start", "2026-11-19"), base="carried"),
    broken("3392", says(WHOLE_DECLARATION)),
    broken("4437", drop("indicator"), base="imported",
           also="4383 4387"),
    broken("3450", says(CARRIERS_OWN)),
    broken("3451", says(CARRIERS_OWN), base="small"),
    broken("2561", drop("carrier/identity/@schemeID"), base="carried"),
    broken("2485", to("carrier/identity/@schemeID", "1"), base="carried"),
    broken("2558", to("carrier/identity", ""), base="carried"),
    broken("2560", to("carrier/identity", "20123456786"), base="carried"),
    broken("2563", drop("carrier/name"), base="carried"),
    broken("4165", to("carrier/name", "X"), base="carried"),
    broken("3347", put("stage", "<cac:CarrierParty><cac:PartyIdentification><cbc:ID>20555555556</cbc:ID>"
                                "</cac:PartyIdentification></cac:CarrierParty>")),
    broken("2566", drop("vehicle"), base="registered"),
    broken("3354", put("cac:Shipment", "<cac:TransportHandlingUnit><cac:TransportEquipment><cbc:ID>ABC123</cbc:ID>"
                                       "</cac:TransportEquipment></cac:TransportHandlingUnit>"), base="carried"),
    broken("3452", put("vehicle", "<cac:ApplicableTransportMeans><cbc:RegistrationNationalityID>TUC0000001"
                                  "</cbc:RegistrationNationalityID></cac:ApplicableTransportMeans>")),
    broken("3452", says(SMALL_VEHICLE), base="train",
           also="3453 3454 3455 3456"),
    broken("3453", drop_all("indicator"), base="registered",
           also="3354 3452 3454 3455 3456"),
    broken("3454", put("trailer", "<cac:ApplicableTransportMeans><cbc:RegistrationNationalityID>TUC0000001"
                                  "</cbc:RegistrationNationalityID></cac:ApplicableTransportMeans>"), base="train"),
    broken("3357", drop_all("driver"), base="registered"),
    broken("3455", says(SMALL_VEHICLE)),
    broken("3456", says(SMALL_VEHICLE), base="train",
           also="3452 3453 3454 3455"),
    broken("3364", to("origin/cbc:ID", "150101"), base="imported"),
    broken("3364", to("origin/cbc:ID", "150101"), base="flown"),
    broken("3364", to("destination/cbc:ID", "150101"), base="exported"),
    broken("3410", drop("origin/cbc:AddressTypeCode/@listID"), base="from_premises"),
    broken("3410", drop("destination/cbc:AddressTypeCode/@listID"), base="to_premises"),
    broken("3411", to("origin/cbc:AddressTypeCode/@listID", "20123456786"), base="from_premises"),
    broken("3411", to("destination/cbc:AddressTypeCode/@listID", "20123456786"), base="to_premises"),
    broken("3414", to("origin/cbc:AddressTypeCode/@listID", "20987654326"), base="between"),
    broken("3414", to("destination/cbc:AddressTypeCode/@listID", "20987654326"), base="between"),
    broken("3365", to("origin/cbc:AddressTypeCode", ""), base="from_premises"),
    broken("3365", drop("origin/cbc:AddressTypeCode"), base="between"),
    broken("3365", drop("origin/cbc:AddressTypeCode"), base="from_depot"),
    broken("3369", to("destination/cbc:AddressTypeCode", ""), base="to_premises"),
    broken("3369", drop("destination/cbc:AddressTypeCode"), base="between"),
    broken("3369", drop("destination/cbc:AddressTypeCode"), base="to_depot"),
    broken("3416", to("reason", "18"), base="to_premises"),
    broken("4413", to("port/cbc:ID", ""), base="exported", also="3369"),
    broken("4413", to("port/cbc:ID", ""), base="flown", also="3365"),
    broken("3459", to("port/cbc:ID", "XXX"), base="exported"),
    broken("3460", to("port/cbc:ID", "XXX"), base="flown"),
    broken("4415", drop("port/cbc:LocationTypeCode"), base="exported"),
    broken("4416", to("port/cbc:LocationTypeCode", "3"), base="exported"),
    broken("4418", drop("port/cbc:Name"), base="exported"),
    broken("2580", to("line/quantity", "0")),
    broken("4320", to("line/quantity/@unitCode", "CAJAS"), base="other"),
    broken("3446", to("line/quantity/@unitCode", "NIU"), base="exported"),
    broken("3427", to(CODE, "7029"), base="exported"),
    broken("3428", to(CODE, "7029", 1), base="exported"),
    broken("3379", drop("paper", 1), base="rice"),
    broken("2769", to(VALUE, "118"), base="exported", also="3430"),
    broken("3430", to(VALUE, "118-2026-40-999999"), base="exported"),
    broken("3431", to(VALUE, "12345", 1), base="exported"),
    broken("CHQ-CARRIER-RUC", to("carrier/identity", "20555555551"), base="carried"),
)

_PASSED: Final = "passed_on"

CARRIER_CASES: Final = (
    *_both("31"),
    *_texts(descriptive.CARRIER_GUIDE_TEXTS, {"line/property/cbc:NameCode": "rice"}),
    broken("3441", to("paper/cbc:ID", "F001-1"), base="told", also="3380 2775 2574 4434"),
    broken("3441", to("paper/cbc:ID", "T001-1", 1), base="several"),
    broken("3441", to("paper/cbc:ID", "A B"), base="moving"),
    broken("3345", cites("67", "P-1"), base="several"),
    broken("3346", cites("82", "DJ-1"), also="4429"),
    broken("3381", to("paper/cac:IssuerParty/identity", "20987654326"), base="told"),
    broken("3381", to("paper/cac:IssuerParty/identity", "20987654326", 1), base="several"),
    broken("2541", drop("sender/identity/@schemeID")),
    broken("2542", to("sender/identity/@schemeID", "Z")),
    broken("3383", to("sender/identity", "")),
    broken("2560", to("sender/identity", "20123456786")),
    *_identity("3384", "sender"),
    broken("3387", drop("sender/name")),
    broken("4422", to("sender/name", LONG)),
    broken("4425", drop("subcontractor/identity/@schemeID"), base=_PASSED),
    broken("4424", to("subcontractor/identity", ""), base=_PASSED),
    broken("4426", drop("subcontractor/name"), base=_PASSED),
    broken("4427", to("subcontractor/name", LONG), base=_PASSED),
    broken("3391", to("subcontractor/identity/@schemeID", "1"), base=_PASSED),
    broken("3390", to("subcontractor/identity", "20123456786"), base=_PASSED),
    broken("4401", drop("payer/identity/@schemeID"), base=_PASSED),
    broken("4402", to("payer/identity", ""), base=_PASSED),
    broken("4370", drop("payer/name"), base=_PASSED),
    broken("4423", to("payer/name", LONG), base=_PASSED),
    broken("3399", to("payer/identity/@schemeID", "Z"), base=_PASSED),
    *_identity("3400", "payer", _PASSED),
    broken("4424", says(SUBCONTRACTED), also="4425 4426"),
    broken("3344", says(PAID_BY_OTHER), also="4401 4402 4370"),
    broken("4388", drop("indicator")),
    broken("4431", drop("destination/cbc:ID"), base="annotated"),
    broken("4178", drop(f"destination/{LINE}"), base="annotated"),
    broken("4376", twice("driver", 1), twice("driver", 1), base="train", also="3362"),
    broken("3435", to("line/quantity", "0")),
    broken("4434", put("line", "<cbc:DeliveredQuantity unitCode='NIU'>1</cbc:DeliveredQuantity>"), base="told"),
    broken("3458", to("line/cbc:ID", "0")),
    broken("4429", to("line/cbc:ID", "1"), base="annotated"),
    broken("4430", to(DESCRIBED, "X"), base="annotated"),
    broken("4320", to("line/quantity/@unitCode", "NIU"), base="customs"),
    broken("3379", drop("paper"), base="rice"),
    broken("CHQ-SENDER-RUC", to("sender/identity", "20555555551")),
    broken("CHQ-SUBCONTRACTOR-RUC", to("subcontractor/identity", "20987654321"), base=_PASSED),
)
