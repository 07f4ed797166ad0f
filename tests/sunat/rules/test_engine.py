"""The engine on small tables of its own: what is reported, where, in which order, and which tables are refused."""

from __future__ import annotations

import timeit
from datetime import date
from decimal import Decimal
from time import process_time
from typing import Any, Final

import pytest

from sunat.errors import FormatError
from sunat.rules import paths
from sunat.rules.checks import (
    absent,
    amount,
    at_most,
    calendar_day,
    equals_within,
    exists,
    holds,
    in_catalogue,
    includes,
    later_than,
    matches,
    none_of,
    nonzero,
    not_above,
    not_after,
    not_before,
    one_of,
    positive,
    present,
    same_as,
    single,
    text,
    unique_by,
    words,
    zero,
)
from sunat.rules.conditions import either, has, is_, is_not, like, no, over, somewhere, there, within
from sunat.rules.context import Context
from sunat.rules.document import View, number
from sunat.rules.engine import Finding, Rule, RuleTable, RuleTableError, Severity, judge
from sunat.rules.invoice import RULES
from sunat.xml import parse
from tests.sunat.rules.vouchers import Row, Shape, build

TODAY: Final = Context(received=date(2026, 11, 20))


def table(*rules: Rule) -> RuleTable:
    return RuleTable("01", "Invoice", rules, short=paths.INVOICE, scopes=paths.SALE_SCOPES)


def found(
    *rules: Rule, shape: Shape | None = None, edit: tuple[bytes, bytes] = (b"", b""),
) -> tuple[Finding, ...]:
    xml = build(shape or Shape())
    assert edit[0] in xml
    return judge(parse(xml.replace(*edit)), table(*rules), TODAY)


def test_a_finding_says_what_where_and_how_to_put_it_right() -> None:
    shape = Shape(rows=(Row(), Row(quantity=Decimal(3))))
    finding, = found(Rule("2025", "line/quantity", one_of("2")), shape=shape)
    assert finding == Finding(
        code="2025", severity=Severity.ERROR, path="/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity", line=2,
        value="3",
        message_es="Línea 2, cantidad: no es ninguno de los valores admitidos: '2'.",
        message_en="Line 2, quantity: is none of the allowed values: '2'.",
        hint_es="Use '2'.", hint_en="Use '2'.",
    )


def test_an_attribute_is_shown_behind_its_node() -> None:
    finding, = found(Rule("2936", "line/quantity/@unitCode", one_of("KGM")), shape=Shape(rows=(Row(),)))
    assert finding.path == "/Invoice/cac:InvoiceLine[1]/cbc:InvoicedQuantity/@unitCode"
    assert finding.value == "NIU"


def test_a_missing_node_is_shown_where_it_belongs() -> None:
    finding, = found(
        Rule("2026", "line/cac:Item/cbc:Description", present()), shape=Shape(rows=(Row(), Row())),
        edit=(b"<cbc:Description>PRODUCTO 2</cbc:Description>", b""),
    )
    assert finding.path == "/Invoice/cac:InvoiceLine[2]/cac:Item/cbc:Description"
    assert finding.line == 2
    finding, = found(Rule("1037", "cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:ID", present()))
    assert (finding.path, finding.line) == ("/Invoice/cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:ID", None)


def test_everything_is_reported_in_document_order() -> None:
    findings = found(
        Rule("2062", "total", zero()), Rule("2370", "line/cbc:LineExtensionAmount", zero()),
        Rule("2074", "cbc:UBLVersionID", one_of("9")),
    )
    assert [(finding.code, finding.line) for finding in findings] == [
        ("2074", None), ("2062", None), ("2370", 1), ("2370", 2), ("2370", 3),
    ]


def test_a_voucher_of_another_root_is_one_finding() -> None:
    finding, = judge(parse(build(Shape(kind="07"))), RULES, TODAY)
    assert (finding.code, finding.severity, finding.path) == ("0306", Severity.ERROR, "/CreditNote")


def test_a_comment_does_not_hide_what_stands_behind_it() -> None:
    edit = (b"<cbc:ID>F001-123</cbc:ID>", b"<cbc:ID>F001-1<!-- x -->23</cbc:ID>")
    assert found(Rule("1001", "cbc:ID", one_of("F001-123")), edit=edit) == ()


def test_rows_have_dates() -> None:
    rules = (
        Rule("2074", "cbc:UBLVersionID", one_of("9"), valid_until=date(2026, 11, 19)),
        Rule("2075", "cbc:UBLVersionID", one_of("9"), valid_from=date(2026, 11, 20)),
    )
    assert [finding.code for finding in found(*rules)] == ["2075"]


def test_our_own_codes_name_the_norm() -> None:
    finding, = found(Rule("CHQ-9", "cbc:ID", one_of("X"), norm="RS 1-2026"))
    assert (finding.code, finding.norm) == ("CHQ-9", "RS 1-2026")


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        (Rule("1", "cbc:Id Number", present()), "Id Number"),
        (Rule("1", "lines/cbc:ID", present()), "nothing is called 'lines'"),
        (Rule("1", "xxx:ID", present()), "xxx:ID"),
        (Rule("1", "cbc:PricingCurrencyCode", present()), "no name to show"),
        (Rule("1", "cbc:ID", present(), when=is_("nowhere", "1")), "nothing is called 'nowhere'"),
        (Rule("1", "cbc:ID", present(), scope="line"), "not a scope around"),
    ],
)
def test_a_wrong_row_is_refused_at_import(rule: Rule, complaint: str) -> None:
    with pytest.raises(RuleTableError, match=complaint):
        table(rule)


def test_the_same_row_twice_is_refused() -> None:
    row = Rule("1", "cbc:ID", present())
    with pytest.raises(RuleTableError, match="twice"):
        table(row, Rule("1", "cbc:ID", row.check))


def test_a_function_may_only_read_what_the_table_collects() -> None:
    rule = Rule("1", "cbc:ID", holds(lambda view: bool(view.text("cbc:DueDate")), ("a", "a"), ("b", "b")), scope="")
    with pytest.raises(FormatError, match="cbc:DueDate"):
        judge(parse(build(Shape())), table(rule), TODAY)


FREE: Final = is_("line/taxes/tribute", "9996") & over("line/taxes/cbc:TaxableAmount")
MIXED: Final = Shape(rows=(Row(), Row(tribute="9996"), Row(tribute="9997")))


@pytest.mark.parametrize(
    ("when", "lines"),
    [
        (is_("operation", "0101"), [1, 2, 3]),
        (is_not("operation", "0101"), []),
        (FREE, [2]),
        (no(FREE), [1, 3]),
        (somewhere(FREE), [1, 2, 3]),
        (either(FREE, is_("line/taxes/tribute", "1000")), [1, 2]),
        (is_("line/taxes/tribute", "9996") & over("line/taxes/cbc:TaxableAmount", "1000"), []),
        (within("line", is_("line/price/cbc:PriceTypeCode", "02")) & is_("currency", "PEN"), [2]),
        (is_("line/price/cbc:PriceTypeCode", "01") & is_("line/taxes/tribute", "9997"), [3]),
        (like("cbc:ID", "F.*") & no(FREE) & has("line/cac:Item/cbc:Description"), [1, 3]),
        (there("cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:ID"), []),
        (no(there("cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:ID")), [1, 2, 3]),
    ],
)
def test_conditions_are_carried_to_where_the_rule_is(when: Any, lines: list[int]) -> None:
    findings = found(Rule("1", "line/quantity", zero(), when=when), shape=MIXED)
    assert [finding.line for finding in findings] == lines


@pytest.mark.parametrize(
    ("when", "count"), [(is_("line/taxes/tribute", "9996"), 3), (within("line", is_("line/taxes/tribute", "1000")), 3)],
)
def test_a_condition_on_another_branch_meets_at_the_document(when: Any, count: int) -> None:
    findings = found(Rule("1", "taxes/scheme/cbc:Name", one_of("NONE"), when=when), shape=MIXED)
    assert len(findings) == count


@pytest.mark.parametrize(
    ("path", "check", "broken"),
    [
        ("cbc:ID", present(), 0), ("cac:OrderReference/cbc:ID", exists(), 0),
        ("cac:OrderReference/cbc:ID", absent(), 1),
        ("cbc:ID", single(), 0), ("line/taxes/tribute", single(), 0), ("line/cac:TaxTotal", absent(), 3),
        ("cbc:ID", matches("F.*", "a", "a"), 0), ("cbc:ID", matches("F", "a", "a"), 1),
        ("line/cac:Item/cbc:Description", text(3, 10), 0), ("line/cac:Item/cbc:Description", text(1, 3), 3),
        ("line/cac:Item/cbc:Description", text(3, 10, blanks="none"), 3),
        ("line/taxes/tribute", in_catalogue("05"), 0), ("line/taxes/tribute", in_catalogue("06"), 3),
        ("line/taxes/tribute", in_catalogue("06", also=("1000",)), 2),
        ("line/taxes/tribute", none_of("1000"), 1), ("cbc:UBLVersionID", words("2.1"), 0),
        ("line/quantity", amount(1, 1), 0), ("line/cbc:LineExtensionAmount", amount(2, 2), 2),
        ("line/taxes/cbc:TaxAmount", amount(zero=False), 2), ("line/taxes/cbc:TaxAmount", positive(), 2),
        ("line/taxes/cbc:TaxAmount", zero(), 1), ("line/taxes/cbc:TaxAmount", nonzero(), 2),
        ("line/quantity", at_most("2"), 0), ("line/quantity", at_most("1"), 3),
        ("line/taxes/tribute", includes("1000"), 2), ("line/cbc:ID", unique_by(within=""), 0),
        ("line/quantity", unique_by(within=""), 2), ("line", unique_by("quantity"), 2),
        ("line/cbc:LineExtensionAmount", not_above("total", "a", "a"), 0),
        ("total", not_above("line/cbc:LineExtensionAmount", "a", "a"), 1),
        ("line/quantity/@unitCode", same_as("cbc:UBLVersionID", "a", "a"), 3),
        ("cbc:IssueDate", calendar_day(), 0), ("cbc:ID", calendar_day(), 1), ("cbc:IssueDate", not_after(0), 0),
        ("cbc:IssueDate", not_before(lambda context: 0, "a", "a"), 0),
        ("cbc:IssueDate", later_than("cbc:ID", "a", "a"), 1),
    ],
)
def test_each_word_holds_or_not(path: str, check: Any, broken: int) -> None:
    scope = "line" if path == "line/taxes/tribute" and type(check).__name__ == "Includes" else None
    assert len(found(Rule("1", path, check, scope=scope))) == broken


@pytest.mark.parametrize(
    ("day", "broken"), [("2026-11-22", 0), ("2026-11-23", 1), ("2026-11-17", 0), ("2026-11-16", 1)],
)
def test_days_around_the_reception(day: str, broken: int) -> None:
    latest = Rule("1", "cbc:IssueDate", not_after(2))
    earliest = Rule("2", "cbc:IssueDate", not_before(lambda context: 3, "3", "3"))
    assert len(found(latest, earliest, shape=Shape(issued=day))) == broken


def test_an_empty_node_is_no_presence_but_is_existence() -> None:
    edit = (b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>", b"<cbc:UBLVersionID> </cbc:UBLVersionID>")
    assert [finding.code for finding in found(
        Rule("1", "cbc:UBLVersionID", exists()), Rule("2", "cbc:UBLVersionID", present()), edit=edit)] == ["2"]


@pytest.mark.parametrize(("expected", "broken"), [("201.00", 0), ("201.01", 1), ("199.00", 0), ("198.99", 1)])
def test_tolerances_are_inclusive(expected: str, broken: int) -> None:
    def wanted(view: View) -> Decimal:
        return Decimal(expected)

    findings = found(Rule("1", "line/cbc:LineExtensionAmount", equals_within(wanted, "1", "eso", "that")),
                     shape=Shape(rows=(Row(),)))
    assert len(findings) == broken
    if broken:
        assert findings[0].message_es == f"Línea 1, valor de venta: no es igual a eso; se esperaba {expected}."


@pytest.mark.parametrize("text", ["", "1e5", "NaN", "Infinity", "1_000", "9" * 50, "1,5", "--1"])
def test_what_is_no_plain_number_is_none(text: str) -> None:
    assert number(text) is None


def test_tables_can_be_walked_and_counted() -> None:
    assert len(RULES) == len(list(RULES)) > 500
    assert {"2017", "3103", "CHQ-ISSUER-RUC"} <= RULES.codes()


def test_a_voucher_full_of_mistakes_costs_linear_time() -> None:
    def seconds(lines: int) -> float:
        root = parse(build(Shape(rows=(Row(price=Decimal("0.01"), product="X"),) * lines)))
        best = min(timeit.repeat(lambda: judge(root, RULES, TODAY), number=1, repeat=3, timer=process_time))
        assert len(judge(root, RULES, TODAY)) >= lines
        return best

    assert seconds(800) < 10 * seconds(200)


def test_absurd_numbers_are_findings_not_faults() -> None:
    nines = b"9" * 39
    edit = (b'<cbc:PriceAmount currencyID="PEN">100</cbc:PriceAmount></cac:Price>',
            b'<cbc:PriceAmount currencyID="PEN">' + nines + b"</cbc:PriceAmount></cac:Price>")
    xml = build(Shape(rows=(Row(),)))
    assert edit[0] in xml
    codes = {finding.code for finding in judge(parse(xml.replace(*edit)), RULES, TODAY)}
    assert {"2369", "3271"} <= codes
