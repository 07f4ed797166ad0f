"""``details[].additional.pe_detail`` on the wire: what Peru wants said of a line.

The names are the contract's (extensions); codes are those of SUNAT's catalogues, percentages are written as 18 for
18 %, amounts are in the voucher's currency unless a member says soles.
"""

from __future__ import annotations

from marshmallow import fields, validate

from app.documents.schemas.body import NOT_NEGATIVE, Body, told
from app.documents.schemas.fields import Amount, Day, Hour, LooseInt, LooseText
from app.documents.schemas.sale_header import ChargeDiscount

_COUNT = validate.Range(0, 999_999_999)


class Gtin(Body):
    """The product's GS1 code."""

    type = LooseText(metadata=told("GTIN-8, GTIN-12, GTIN-13 or GTIN-14; by the code's length unless told", "GTIN-13"))
    code = LooseText(required=True, metadata=told("Its digits", "7751234567890"))


class Isc(Body):
    """The excise tax (ISC) of a line."""

    system = LooseText(required=True, metadata=told("Catalogue 08: 01 on value, 02 fixed amount, 03 on retail price"))
    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent, of systems 01 and 03", "10"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Money for the whole line, of system 02", "25.00"))
    base = Amount(validate=NOT_NEGATIVE, metadata=told("Replaces the base worked out, for the whole line"))
    retail_price = Amount(validate=NOT_NEGATIVE, metadata=told("Suggested retail price of a unit, IGV included"))


class Icbper(Body):
    """The tax on plastic bags of a line."""

    bags = LooseInt(required=True, validate=_COUNT, metadata=told(
        "How many, the line's quantity; the amount on each is the year's", 1
    ))


class OtherTax(Body):
    """Other payment concepts (tribute 9999) on a line's value."""

    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent; either this or amount", "2"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Money; either this or rate", "2.00"))


class PropertyBody(Body):
    """Something that catalogue 55 wants said of a line."""

    code = LooseText(required=True, metadata=told("Catalogue 55", "7013"))
    name = LooseText(metadata=told("Catalogue 55's own name unless told"))
    value = LooseText()
    quantity = Amount()
    unit = LooseText(metadata=told("Of the quantity, catalogue 03", "TNE"))
    start_date = Day()
    end_date = Day()
    start_time = Hour()
    days = LooseInt(validate=_COUNT)


class Lodging(Body):
    """A stay of somebody not domiciled (operations 0202, 0205, 2106): becomes the properties 4000 to 4009."""

    guest_name = LooseText(metadata=told("4007", "JANE DOE"))
    guest_document_type = LooseText(metadata=told("4008, catalogue 06", "7"))
    guest_document_number = LooseText(metadata=told("4009", "X1234567"))
    passport_country = LooseText(metadata=told("4000, two letters of catalogue 04", "US"))
    residence_country = LooseText(metadata=told("4001, two letters of catalogue 04", "US"))
    country_entry_date = Day(metadata=told("4002"))
    check_in = Day(metadata=told("4003"))
    check_out = Day(metadata=told("4004"))
    days = LooseInt(validate=_COUNT, metadata=told("4005; check_out less check_in unless told", 3))
    consumption_date = Day(metadata=told("4006"))


class Place(Body):
    """One end of a carriage."""

    ubigeo = LooseText(metadata=told("Six digits", "150101"))
    address_line = LooseText(metadata=told("Street and number", "AV. EJEMPLO 123"))


class VehicleBody(Body):
    """A vehicle of a leg."""

    configuration = LooseText(required=True, metadata=told("Of DS 058-2003-MTC", "C2"))
    useful_load = Amount(validate=NOT_NEGATIVE, metadata=told("Tonnes", "20"))
    effective_load = Amount(validate=NOT_NEGATIVE, metadata=told("Tonnes", "15"))


class LegBody(Body):
    """A leg of a carriage."""

    origin_ubigeo = LooseText(required=True)
    destination_ubigeo = LooseText(required=True)
    description = LooseText()
    preliminary_value = Amount(validate=NOT_NEGATIVE, metadata=told("Soles, for the effective load over the leg"))
    nominal_value = Amount(validate=NOT_NEGATIVE, metadata=told("Soles, for the nominal load of several vehicles"))
    vehicles = fields.List(fields.Nested(VehicleBody), validate=validate.Length(max=50))


class ReferenceValues(Body):
    """Reference values of a carriage, in soles."""

    service = Amount(validate=NOT_NEGATIVE, metadata=told("For the service (01)", "1000.00"))
    effective_load = Amount(validate=NOT_NEGATIVE, metadata=told("For the effective load (02)", "900.00"))
    nominal_load = Amount(validate=NOT_NEGATIVE, metadata=told("For the nominal useful load (03)", "950.00"))


class Cargo(Body):
    """A carriage of goods under detraction 027 (operation 1004)."""

    origin = fields.Nested(Place)
    destination = fields.Nested(Place)
    trip_detail = LooseText(metadata=told("The journey in words", "CARGA GENERAL LIMA - AREQUIPA"))
    reference_values = fields.Nested(ReferenceValues)
    legs = fields.List(fields.Nested(LegBody), validate=validate.Length(max=50))


class LineIncomeTax(Body):
    """The income tax that the buyer of a purchase settlement keeps back of a line."""

    rate = Amount(required=True, validate=NOT_NEGATIVE, metadata=told("Percent of the line's value; 0 for none", "1.5"))


class PeDetail(Body):
    """Peru's own part of a line."""

    igv_affectation = LooseText(metadata=told(
        "Catalogue 07; by tax_type_id unless told. A free transfer (426) must name it: it is never guessed", "10"
    ))
    igv_rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent, counts before tax_percentage", "18"))
    price_type = LooseText(metadata=told(
        "Catalogue 16: 01 price, 02 reference value (makes a line of 17 or 40 free), 03 regulated tariff", "01"
    ))
    sunat_product_code = LooseText(metadata=told("UNSPSC, eight digits", "50201706"))
    gtin = fields.Nested(Gtin)
    reference_price = Amount(validate=NOT_NEGATIVE, metadata=told(
        "Value of a unit of a free line, without taxes (with them in price_mode gross); unit_price unless told", "10.00"
    ))
    isc = fields.Nested(Isc)
    icbper = fields.Nested(Icbper)
    other_tax = fields.Nested(OtherTax)
    charges_discounts = fields.List(fields.Nested(ChargeDiscount), validate=validate.Length(max=20))
    properties = fields.List(fields.Nested(PropertyBody), validate=validate.Length(max=60))
    cargo_transport = fields.Nested(Cargo)
    lodging = fields.Nested(Lodging)
    income_tax = fields.Nested(LineIncomeTax)


class DetailAdditional(Body):
    """A line's national parts; only Peru's is read."""

    pe_detail = fields.Nested(PeDetail)
