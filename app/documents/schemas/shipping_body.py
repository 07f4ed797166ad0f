"""``header.additional.pe_shipping`` on the wire: where goods go, on what, and with whom.

The contract's first version has one driver, one vehicle, one carrier and two addresses under UBL's names; the
extensions have lists and plainer names for all that SUNAT knows. Where a body uses both, the extension counts.
"""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.documents.schemas.body import NOT_NEGATIVE, Body, told
from app.documents.schemas.fields import Amount, Day, LooseInt, LooseText

_MOST: Final = 100


class PersonBody(Body):
    """A party by its identity document."""

    tax_id_type = LooseText(metadata=told("PE-RUC, PE-DNI ... or a code of catalogue 06; PE-RUC unless told", "PE-RUC"))
    tax_id_code = LooseText(metadata=told("The document's number", "20555555556"))
    legal_name = LooseText(metadata=told("Name"))


class AuthorizationBody(Body):
    """A special authorisation."""

    number = LooseText(metadata=told("Its number, 3 to 50 characters", "AUT-0001"))
    entity = LooseText(metadata=told("Who gave it: catalogue D-37", "06"))


class DriverBody(Body):
    """Who drives. Without job_title the first one is the main driver."""

    job_title = LooseText(metadata=told("Principal or Secundario", "Principal"))
    document_type = LooseText(metadata=told("PE-DNI, PE-CE, PE-PAS or a code of catalogue 06"))
    document_number = LooseText(metadata=told("Number of the identity document", "12345678"))
    first_name = LooseText()
    family_name = LooseText()
    licence = LooseText(metadata=told("Driving licence, 9 or 10 letters and digits", "Q12345678"))


class TrailerBody(Body):
    """A vehicle that goes with the main one."""

    plate = LooseText(metadata=told("6 to 8 letters and digits, no hyphen", "ABC123"))
    circulation_card = LooseText(metadata=told("Number of its circulation card (TUC)"))
    authorization = fields.Nested(AuthorizationBody)


class ShippingVehicle(TrailerBody):
    """A vehicle; the first one is the main one, all others and the trailers go with it (two at most)."""

    trailers = fields.List(fields.Nested(TrailerBody), validate=validate.Length(max=_MOST))


class CarrierBody(Body):
    """The company that carries the goods."""

    tax_id_code = LooseText(metadata=told("RUC", "20555555556"))
    legal_name = LooseText()
    mtc_registration = LooseText(metadata=told("Number in the register of the ministry of transport", "MTC0000001"))
    authorization = fields.Nested(AuthorizationBody)


class StopBody(Body):
    """Where the goods start or arrive."""

    ubigeo = LooseText(metadata=told("Six digits", "150101"))
    address_line = LooseText()
    establishment_code = LooseText(metadata=told("Four digits: the annex, 0000 is the fiscal domicile", "0000"))
    establishment_tax_id_code = LooseText(metadata=told("Whose establishment it is; the sender's unless told"))
    latitude = Amount(metadata=told("Degrees", "-12.0464"))
    longitude = Amount(metadata=told("Degrees", "-77.0428"))


class ContainerBody(Body):
    """A container."""

    number = LooseText(required=True, metadata=told("Up to 11 letters and digits", "MSCU1234567"))
    seal = LooseText(metadata=told("Its seal", "SEAL001"))


class PortBody(Body):
    """Where imported goods come in, or exported ones go out."""

    type = LooseText(metadata=told("1 port (catalogue 63), 2 airport (catalogue 64)", "1"))
    code = LooseText(metadata=told("Its code", "CLL"))
    name = LooseText(metadata=told("By the catalogue unless told"))


class RelatedBody(Body):
    """A paper that goes with the goods."""

    type = LooseText(required=True, metadata=told("Catalogue 61: 01 factura, 09 guide, 50 customs ...", "01"))
    number = LooseText(required=True, metadata=told("Series and number, or the paper's number", "F001-99"))
    issuer_tax_id_code = LooseText(metadata=told("RUC of who issued it; guessed by type and reason unless told"))
    description = LooseText(metadata=told("By the catalogue unless told"))


class PayerBody(PersonBody):
    """Who pays the freight."""

    kind = fields.String(
        required=True, validate=validate.OneOf(("sender", "subcontractor", "third_party")),
        metadata=told("sender, subcontractor or third_party (who is named here)"),
    )


class DriverPerson(Body):
    """The contract's driver."""

    driver_id = LooseText()
    first_name = LooseText()
    family_name = LooseText()
    job_title = LooseText()
    identity_document_reference = LooseText(metadata=told("Driving licence"))


class CarrierParty(Body):
    """The contract's carrier."""

    party_identification = LooseText(metadata=told("RUC"))
    party_legal_entity_name = LooseText()
    party_legal_entity_id = LooseText(metadata=told("Register of the ministry of transport"))
    agent_party_id = LooseText(metadata=told("Special authorisation"))


class ShipmentStage(Body):
    """How the goods travel."""

    transport_mode_code = LooseText(metadata=told("Catalogue 18: 01 public (a carrier), 02 private", "02"))
    transit_period = Day(metadata=told("Start of the journey"))
    driver_person = fields.Nested(DriverPerson)
    carrier_party = fields.Nested(CarrierParty)


class ShippingAddress(Body):
    """The contract's address; ubigeo and line are what SUNAT asks for."""

    id = LooseText(metadata=told("Ubigeo, six digits", "150110"))
    address_line = LooseText()
    city_subdivision_name = LooseText()
    city_name = LooseText()
    country_subentity = LooseText()
    district = LooseText()
    country_id = LooseText()


class DispatchAddress(ShippingAddress):
    """Where the goods start."""

    dispatch_party_company_id = LooseText(metadata=told("The sender's special authorisation"))


class ShippingDelivery(Body):
    """The contract's two ends of the journey."""

    delivery_address = fields.Nested(ShippingAddress)
    dispatch = fields.Nested(DispatchAddress)


class HandlingUnit(Body):
    """The contract's vehicle."""

    transport_equipment_id = LooseText(metadata=told("Plate"))


class Shipping(Body):
    """A despatch guide's own part of the header."""

    handling_code = LooseText(metadata=told("Reason, catalogue 20: 01 sale, 02 purchase, 13 other ...", "01"))
    handling_instructions = LooseText(metadata=told("The reason in words; needed for 13 (other)"))
    special_instructions = LooseText(metadata=told(
        "One of SUNAT's indicators; see indicators", "SUNAT_Envio_IndicadorTrasladoVehiculoM1L"))
    indicators = fields.List(LooseText(), validate=validate.Length(max=_MOST), metadata=told("SUNAT's indicators"))
    gross_weight_measure = Amount(validate=NOT_NEGATIVE, metadata=told("Gross weight", "500.5"))
    gross_weight_measure_id = LooseText(metadata=told("KGM (unless told) or TNE"))
    net_weight_measure = Amount(validate=NOT_NEGATIVE, metadata=told(
        "Kilograms: gross weight of the chosen items of a customs declaration (reasons 08 and 09)"))
    weight_difference_reason = LooseText(metadata=told("Why the two weights differ (reasons 08 and 09)"))
    packages_quantity = LooseInt(validate=NOT_NEGATIVE, metadata=told("Packages or pallets", 12))
    shipment_stage = fields.Nested(ShipmentStage)
    delivery = fields.Nested(ShippingDelivery)
    transport_handling_unit = fields.Nested(HandlingUnit)
    drivers = fields.List(fields.Nested(DriverBody), validate=validate.Length(max=_MOST))
    vehicles = fields.List(fields.Nested(ShippingVehicle), validate=validate.Length(max=_MOST))
    carrier = fields.Nested(CarrierBody)
    sender_authorization = fields.Nested(AuthorizationBody)
    origin = fields.Nested(StopBody)
    destination = fields.Nested(StopBody)
    carrier_handover_date = Day(metadata=told("When the carrier gets the goods; counts before transit_period"))
    containers = fields.List(fields.Nested(ContainerBody), validate=validate.Length(max=_MOST))
    port = fields.Nested(PortBody)
    supplier = fields.Nested(PersonBody, metadata=told("Whose goods are fetched (reasons 02, 07, 13)"))
    buyer = fields.Nested(PersonBody, metadata=told("Who bought what is delivered to somebody else (03, 13)"))
    related_documents = fields.List(fields.Nested(RelatedBody), validate=validate.Length(max=_MOST), metadata=told(
        "Papers that go with the goods; references[] are read as such too"))
    sender = fields.Nested(PersonBody, metadata=told("Guides 31: whose goods are carried"))
    subcontractor = fields.Nested(PersonBody, metadata=told("Guides 31: the carrier who passed the job on"))
    freight_payer = fields.Nested(PayerBody, metadata=told("Guides 31"))
