"""What the templates write is canonical, whatever the texts are."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat import xml
from sunat.errors import FormatError, RenderError
from sunat.kinds import kind_of
from sunat.ubl.pointers import field_of
from sunat.ubl.render import check_canonical, render
from tests.support.cases import CASES
from tests.support.vouchers import TEMPLATES, sale
from tests.support.written import nodes

xml_text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=60)


@pytest.mark.parametrize("stem", TEMPLATES)
def test_the_number_is_put_in_without_padding(stem: str) -> None:
    voucher = render(sale(stem), template=TEMPLATES[stem], series="F001")
    root = xml.parse(voucher.numbered(123))
    assert xml.text(root, "cbc:ID") == "F001-123"
    check_canonical(root, voucher.numbered(123))


@given(st.sampled_from(sorted(TEMPLATES)), xml_text, xml_text)
def test_any_text_survives_and_stays_canonical(stem: str, name: str, description: str) -> None:
    content = sale(stem, customer_name=name or "x", description=description or "x")
    rendered = render(content, template=TEMPLATES[stem], series="B001").numbered(1)
    root = xml.parse(rendered)
    check_canonical(root, rendered)
    path = "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName"
    assert xml.text(root, path) == (name or "x")


LOOKED_UP = {"kind", "tribute"}
"""Texts of a content that are words of ours or codes that a catalogue is asked about, not texts to be written."""


def scrambled(value: Any, data: st.DataObject) -> Any:
    """The same content with other texts wherever it has one."""
    if isinstance(value, tuple):
        return tuple(scrambled(each, data) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return data.draw(some_text) if isinstance(value, str) and value else value
    changes = {
        field.name: scrambled(getattr(value, field.name), data) for field in fields(value)
        if field.init and field.name not in LOOKED_UP
    }
    return replace(value, **changes)


awkward = st.sampled_from(["]]>", '<a b="&amp;">', "a\rb\nc\td", "'", "\ue0001", "ñ\U0001f600", "{{ 1 }}"])
some_text = awkward | xml_text.filter(bool)


@given(st.sampled_from(sorted(CASES)), st.data())
def test_any_texts_in_any_member_stay_canonical_and_lead_back(key: tuple[str, str], data: st.DataObject) -> None:
    content = scrambled(CASES[key], data)
    rendered = render(content, template=kind_of(content).template, series="F001").numbered(1)
    root = xml.parse(rendered)
    check_canonical(root, rendered)
    plain = [path for path, _ in nodes(root) if not path.startswith(("/Invoice/ext", "/CreditNote/ext"))]
    assert len([path for path in plain if not field_of(path, content)]) <= 3


@pytest.mark.parametrize(
    "hostile", ["]]>", "<x>&amp;</x>", '"\'', "a\rb\nc\td", "\ue0001", "{{ 7 * 7 }}", "<!--", "&#0;"],
)
def test_hostile_texts_are_only_text(hostile: str) -> None:
    rendered = render(sale("invoice", description=hostile), template="invoice.xml", series="F001").numbered(9)
    root = xml.parse(rendered)
    check_canonical(root, rendered)
    assert xml.text(root, "cac:InvoiceLine/cac:Item/cbc:Description") == hostile
    assert xml.text(root, "cbc:ID") == "F001-9"


@pytest.mark.parametrize("control", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_hold_is_refused(control: str) -> None:
    with pytest.raises(FormatError):
        render(sale("invoice", description=f"a{control}b"), template="invoice.xml", series="F001")


def test_a_template_that_is_not_canonical_is_our_fault() -> None:
    rendered = b'<a b="1" ></a>'
    with pytest.raises(RenderError):
        check_canonical(xml.parse(rendered), rendered)
