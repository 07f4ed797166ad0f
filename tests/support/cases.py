"""A content for every kind of operation, worked out by ``sunat.taxes``: what the templates must be able to write.

Names say what is special about a case; numbers are small and made up. ``CASES`` has (stem, name) -> content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from sunat.documents import (
    Address,
    Advance,
    CargoTransport,
    Detraction,
    Instalment,
    Leg,
    Line,
    Party,
    PaymentMeans,
    PaymentTerms,
    Perception,
    Property,
    RelatedDocument,
    Sale,
    Target,
    Vehicle,
    legends_of,
)
from sunat.taxes import (
    Adjustment,
    AdvanceInput,
    Excise,
    LineInput,
    PriceMode,
    compute_line,
    compute_totals,
)
from sunat.wording import Legend
from tests.support.vouchers import CUSTOMER_RUC, ISSUER_RUC, sale

FOREIGNER: Final = Party(identity_code="0", identity_number="EIN-1234", name="FOREIGN CUSTOMER INC")
TOURIST: Final = Party(identity_code="7", identity_number="AB123456", name="JOHN DOE")
PERSON: Final = Party(identity_code="1", identity_number="41234567", name="ROSA QUISPE")
NOBODY: Final = Party(identity_code="-", identity_number="-", name="CLIENTES VARIOS")
LIMA: Final = Address(line="AV. EJEMPLO 123", ubigeo="150101", district="LIMA", province="LIMA", department="LIMA")
AREQUIPA: Final = Address(line="JR. DESTINO 456", ubigeo="040101")


def line(
    amount: str = "100", *, quantity: str = "2", affectation: str = "10", rate: str | None = None, note: bool = False,
    gross: bool = False, members: dict[str, Any] | None = None, **given: Any,
) -> Line:
    """A line worked out; ``given`` goes to the tax engine, ``members`` to the content."""
    percent = {"17": "4"}.get(affectation, "18") if rate is None else rate
    worked = compute_line(
        LineInput(
            quantity=Decimal(quantity), unit_amount=Decimal(amount), affectation=affectation, rate=Decimal(percent),
            price_mode=PriceMode.GROSS if gross else PriceMode.NET, **given,
        ),
        fold_allowance=note,
    )
    shown = {"description": "PRODUCTO DE PRUEBA", "unit": "NIU", "seller_code": "SKU-1", **(members or {})}
    return Line(quantity=Decimal(quantity), amounts=worked, **shown)


def content(
    stem: str, *lines: Line, adjustments: Sequence[Adjustment] = (), advances: Sequence[Advance] = (),
    rounding: str = "0", extra: Sequence[Legend] = (), **changes: Any,
) -> Sale:
    """A content of a stem with these lines, its totals and its legends."""
    totals = compute_totals(
        (row.amounts for row in lines), adjustments=adjustments, advances=[row.amounts for row in advances],
        rounding=Decimal(rounding),
    )
    if advances:
        changes["advances"] = tuple(advances)
    made = replace(sale(stem), lines=tuple(lines), totals=totals, **changes)
    return replace(made, legends=legends_of(made, extra))


def moved(code: str, amount: str = "", *, percent: str = "", base: str = "") -> Adjustment:
    """A discount or charge in money or percent."""
    return Adjustment(
        code=code, amount=Decimal(amount) if amount else None, percent=Decimal(percent) if percent else None,
        base=Decimal(base) if base else None,
    )


def told(code: str, value: str = "", **more: Any) -> Property:
    """A property of catalogue 55."""
    return Property(code=code, name=f"Concepto {code}", value=value, **more)


def paid_before(
    number: str, base: str, whole: str, *, mark: str = "1", affectation: Any = "taxed", isc: str = "0",
) -> Advance:
    """An advance by a factura or a boleta of the issuer."""
    return Advance(
        payment_id=mark, document_type="03" if number.startswith("B") else "02", number=number, issuer_code="6",
        issuer_number=ISSUER_RUC, paid_on=date(2026, 10, 5),
        amounts=AdvanceInput(
            affectation=affectation, base=Decimal(base), total=Decimal(whole), isc=Decimal(isc),
        ),
    )


def on_credit(*amounts: str) -> PaymentTerms:
    """Instalments a month apart."""
    rows = tuple(
        Instalment(amount=Decimal(amount), due_date=date(2026, 12 if index == 0 else 11, 20).replace(year=2026 + index))
        for index, amount in enumerate(amounts)
    )
    return PaymentTerms(kind="credit", pending=sum((row.amount for row in rows), Decimal(0)), instalments=rows)


def detracted(code: str, amount: str, percent: str = "12") -> Detraction:
    """A detraction, in soles."""
    return Detraction(
        code=code, percent=Decimal(percent), amount=Decimal(amount), account="00-000-123456", means="001"
    )


FISHING: Final = (
    told("3001", "MAT-1"), told("3002", "NAVE"), told("3003", "ANCHOVETA"), told("3004", "CALLAO"),
    told("3005", start_date=date(2026, 11, 19)), told("3006", quantity=Decimal("2.5"), unit="TNE"),
)
STAY: Final = (
    told("4000", "CL"), told("4001", "CL"), told("4002", start_date=date(2026, 11, 15)),
    told("4003", start_date=date(2026, 11, 17)), told("4004", start_date=date(2026, 11, 20)), told("4005", days=3),
    told("4006", start_date=date(2026, 11, 17)), told("4007", "JOHN DOE"), told("4008", "7"),
    told("4009", "AB123456"),
)
RAIL: Final = (
    told("4040", "ROSA QUISPE"), told("4041", "1"), told("4042", "150101"), told("4043", "LIMA"),
    told("4044", "080101"), told("4045", "CUSCO"), told("4046", "12"), told("4047", start_time=time(8, 0)),
    told("4048", start_date=date(2026, 11, 21)), told("4049", "41234567"),
)
AIR: Final = (told("4030", "150101"), told("4031", "LIMA"), told("4032", "040101"), told("4033", "AREQUIPA"))
LOAN: Final = (
    told("7001", "1"), told("7002", "3"), told("7003", "PARTIDA"), told("7004", "CONTRATO"),
    told("7005", "2026-01-31"), told("7006", "150101"), told("7007", "AV. EJEMPLO"), told("7012", "1000.00"),
)
POLICY: Final = (
    told("7013", "POLIZA-1"), told("7014", start_date=date(2026, 11, 20), end_date=date(2027, 11, 20)),
    told("7015", "1"), told("7016", "5000.00"),
)
PENSION: Final = (told("7017", "123456ABCDEF"), told("7018", "2026-10"), told("7019", quantity=Decimal("10.00")))
JOURNEY: Final = CargoTransport(
    origin=LIMA, destination=AREQUIPA, trip="LIMA A AREQUIPA", service_value=Decimal(900),
    effective_value=Decimal("850.5"), nominal_value=Decimal(1200),
    legs=(
        Leg(
            origin_ubigeo="150101", destination_ubigeo="110101", description="LIMA A ICA",
            preliminary_value=Decimal(300), nominal_value=Decimal(400),
            vehicles=(
                Vehicle(configuration="T3S3", useful_load=Decimal(30), effective_load=Decimal("28.5")),
                Vehicle(configuration="C3", effective_load=Decimal(12)),
            ),
        ),
        Leg(origin_ubigeo="110101", destination_ubigeo="040101"),
    ),
)
EXPORTS: Final = ("0200", "0201", "0202", "0203", "0204", "0205", "0206", "0207", "0208")
FREE: Final = ("11", "12", "13", "14", "15", "16", "17", "21", "31", "32", "33", "34", "35", "36", "37")


def _lines(stem: str) -> dict[str, Sale]:
    """What lines may bear, on every stem."""
    note = stem.endswith("note")

    def one(*args: Any, **given: Any) -> Line:
        return line(*args, note=note, **given)

    bag = {"bags": 2, "bag_tax": Decimal("0.50")}
    cases = {
        "taxed": content(stem, one()),
        "exempt": content(stem, one(affectation="20")),
        "unaffected": content(stem, one(affectation="30")),
        "mixed": content(stem, one(), one("50", affectation="20"), one("30", affectation="30")),
        "gross": content(stem, one("118", gross=True)),
        "excise_by_value": content(stem, one(excise=Excise(system="01", percent=Decimal(10)))),
        "excise_by_unit": content(stem, one(excise=Excise(system="02", unit_tax=Decimal("2.25")))),
        "excise_by_retail": content(stem, one(
            excise=Excise(system="03", percent=Decimal(30), retail_price=Decimal(150)))),
        "excise_gross": content(stem, one("150", gross=True, excise=Excise(system="01", percent=Decimal(10)))),
        "bags": content(stem, one("0.20", **bag)),
        "other_tribute": content(stem, one(other_percent=Decimal(5))),
        "line_discount": content(stem, one(adjustments=(moved("00", percent="10"),))),
        "line_charge": content(stem, one(adjustments=(moved("47", "15"),))),
        "identified": content(stem, one(members={
            "sunat_code": "10101501", "gtin": "7750000000001", "gtin_type": "GTIN-13",
        })),
        "reduced": content(stem, one(rate="10.5")),
        "dollars": content(stem, one(), currency="USD"),
    }
    for code in FREE if not note else ("15", "21", "37"):
        given = {"affectation": code, "free": code == "17"}
        cases[f"free_{code}"] = content(stem, *([] if code == "17" else [one()]), one("10", **given))
    if not note:
        cases["all_free"] = content(stem, one("10", affectation="15"), one("5", affectation="31"))
    return cases


def _sold(stem: str) -> dict[str, Sale]:
    """What only a factura or boleta says."""
    plain = line()
    foreign = {"customer": FOREIGNER}
    detraction: dict[str, Any] = {"operation_type": "1001", "detraction": detracted("037", "28.32")}
    exported = line(affectation="40")
    lasting = {"members": {"description": "SERVICIO", "unit": "ZZ"}}
    cases = {
        "ivap": content(stem, line(affectation="17")),
        "adjusted_lines": content(stem, line(adjustments=(
            moved("00", percent="10"), moved("01", "4"), moved("47", "10"), moved("48", percent="3")))),
        "discount_of_all": content(stem, plain, adjustments=(moved("02", percent="5"),)),
        "discount_apart": content(stem, plain, adjustments=(moved("03", "9.99"),)),
        "charges_of_all": content(stem, plain, line(affectation="20"), adjustments=(
            moved("49", "8"), moved("50", "2"), moved("46", percent="10", base="400"), moved("45", "3", base="400"))),
        "rounding": content(stem, plain, rounding="-0.04"),
        "is_advance": content(stem, line("500", quantity="1"), is_advance=True),
        "one_advance": content(stem, plain, advances=(paid_before("F001-7", "100", "118"),)),
        "several_advances": content(stem, plain, line(affectation="20"), advances=(
            paid_before("F001-7", "50", "59"), paid_before("B001-8", "40", "40", mark="2", affectation="exempt"),
        ), related=(RelatedDocument(kind="other", number="PAPEL-0001", type_code="99"),)),
        "advance_of_all": content(stem, plain, advances=(paid_before("F001-7", "200", "236"),)),
        "advance_unaffected": content(stem, line(affectation="30"), advances=(
            paid_before("F001-7", "80", "80", affectation="unaffected"),)),
        "advance_excise": content(
            stem, line(excise=Excise(system="01", percent=Decimal(10))),
            advances=(paid_before("F001-7", "100", "129.80", isc="10"),),
        ),
        "detraction": content(stem, plain, **detraction),
        "detraction_dollars": content(
            stem, plain, operation_type="1001", detraction=detracted("037", "106.20"), currency="USD"),
        "fishing": content(stem, line(members={"properties": FISHING}), operation_type="1002",
                           detraction=detracted("004", "9.44", "4")),
        "passengers": content(stem, plain, operation_type="1003", detraction=detracted("028", "23.60", "10")),
        "cargo": content(stem, line(members={"cargo": JOURNEY, **lasting["members"]}), operation_type="1004",
                         detraction=detracted("027", "36.00", "4")),
        "perception": content(
            stem, plain, adjustments=(moved("51", percent="2", base="236"),), operation_type="2001",
            perception=Perception(total=Decimal("240.72")),
        ),
        "delivered": content(stem, plain, delivery=LIMA),
        "amazonia": content(stem, line(affectation="20"), extra=(
            Legend(code="2001", text=""), Legend(code="2002", text=""), Legend(code="2003", text=""))),
        "tacna": content(stem, line(affectation="20"), extra=(Legend(code="2008", text=""),)),
        "by_air": content(stem, line(members={"properties": AIR}), operation_type="0301"),
        "by_rail": content(
            stem, line(members={"properties": RAIL}), operation_type="0302",
            issuer=replace(sale(stem).issuer, agent_ruc=CUSTOMER_RUC),
            means=(PaymentMeans(code="009", payment_id="777"), PaymentMeans(code="001")),
        ),
        "insurance": content(stem, line(members={"properties": POLICY}), operation_type="2104"),
        "revolving_credit": content(stem, line(affectation="30", members={"properties": LOAN}), operation_type="2101"),
        "other_credit": content(stem, line(affectation="30", members={"properties": LOAN}), operation_type="2102"),
        "company_credit": content(stem, line(affectation="30", members={"properties": LOAN}), operation_type="2100"),
        "financial": content(stem, line(affectation="30"), operation_type="2103"),
        "not_domiciled": content(stem, plain, operation_type="0401", **foreign),
        "export_incoterm": content(stem, exported, operation_type="0200", incoterm="FOB", currency="USD", **foreign),
        "export_free": content(stem, exported, line("5", affectation="40", free=True), operation_type="0200",
                               **foreign),
    }
    for operation in EXPORTS:
        if stem == "boleta" and operation in {"0202", "0205"}:
            continue
        properties = {"0202": STAY, "0205": (STAY[0], *STAY[-3:])}.get(operation, ())
        cases[f"export_{operation}"] = content(
            stem, line(affectation="40", members={"properties": properties, **lasting["members"]}),
            operation_type=operation, service_country="CL" if operation in {"0201", "0208"} else "", **foreign,
        )
    return cases


def _invoices() -> dict[str, Sale]:
    """What only a factura says."""
    plain = line()
    return {
        "instalments": content("invoice", plain, payment=on_credit("118", "118"), due_date=date(2026, 12, 20)),
        "net_of_detraction": content(
            "invoice", plain, payment=on_credit("207.68"), operation_type="1001",
            detraction=detracted("037", "28.32"), means=(PaymentMeans(code="003"),),
        ),
        "retention": content("invoice", plain, adjustments=(moved("62", percent="3"),), payment=on_credit("228.92")),
        "second_category": content("invoice", plain, adjustments=(moved("63", percent="5"),), operation_type="2002"),
        "deductible": content("invoice", line(members={"sunat_code": "80131501"}), operation_type="0112",
                              customer=PERSON),
        "tax_free": content("invoice", plain, operation_type="2106", customer=TOURIST),
        "papers": content("invoice", plain, remark="ENTREGAR EN ALMACÉN", related=(
            RelatedDocument(kind="guide", number="T001-12", type_code="09"),
            RelatedDocument(kind="order", number="OC-77"),
            RelatedDocument(kind="other", number="PAPEL-0001", type_code="99"),
        )),
    }


def _boletas() -> dict[str, Sale]:
    """What only a boleta says."""
    return {
        "nrus": content("boleta", line(rate="0"), operation_type="0113", customer=PERSON),
        "anonymous": content("boleta", line(), customer=NOBODY),
        "pension": content("boleta", line(members={"properties": PENSION}), operation_type="2105", customer=PERSON),
    }


def _notes(stem: str, reasons: Sequence[str]) -> dict[str, Sale]:
    """A note of each reason of its catalogue."""
    cases = {}
    for reason in reasons:
        rows, changes = (line(note=True),), {}
        if reason == "11":
            rows, changes = (line(affectation="40", note=True),), {"customer": FOREIGNER}
        elif reason == "12":
            rows = (line(affectation="17", note=True),)
        elif reason == "13" and stem == "debit_note":
            rows = (line(affectation="30", note=True),)
        elif reason == "13":
            rows, changes = (line("0", quantity="1", note=True),), {"payment": on_credit("100", "136")}
        cases[f"reason_{reason}"] = content(stem, *rows, reason_code=reason, **changes)
    of_boleta = Target(type_code="03", series="B001", number=87)
    ticket = Target(type_code="12", series="MAQ1", number=123, written="MAQ1-000123")
    cases["of_boleta"] = content(stem, line(note=True), target=of_boleta, customer=PERSON)
    cases["of_ticket"] = content(stem, line(note=True), target=ticket)
    cases["with_charge"] = content(stem, line(note=True), adjustments=(moved("46", "20"),))
    cases["rounded"] = content(stem, line(note=True), rounding="0.04")
    return cases


CASES: Final[dict[tuple[str, str], Sale]] = {
    (stem, name): made
    for stem, cases in (
        *((stem, _lines(stem)) for stem in ("invoice", "boleta", "credit_note", "debit_note")),
        ("invoice", _sold("invoice")), ("invoice", _invoices()), ("boleta", _sold("boleta")), ("boleta", _boletas()),
        ("credit_note", _notes("credit_note", [f"{number:02d}" for number in range(1, 14)])),
        ("debit_note", {
            **_notes("debit_note", ["01", "02", "03", "11", "12", "13"]),
            "detraction": content("debit_note", line(note=True), detraction=detracted("037", "28.32")),
        }),
    )
    for name, made in cases.items()
}
KEYS: Final = sorted(CASES)
