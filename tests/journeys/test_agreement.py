"""A dry run and the rules over the finished XML say the same of every golden, whole or spoiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.documents.orders import document_type_of
from app.documents.schemas.request import DocumentRequest
from sunat import xml
from sunat.kinds import KINDS, Kind, kind
from sunat.rules.context import Context
from sunat.rules.engine import judge
from tests.support.ordering import FIXTURES, NOW, answered, request
from tests.support.signing import RUC
from tests.support.world import Tenancy, World, world

CASES = sorted(
    f"{path.parent.parent.name}/{path.parent.name}"
    for stem in {row.stem for row in KINDS} for path in FIXTURES.glob(f"{stem}/*/request.json")
)


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("agreement"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    """The goldens' issuer, with every series that they use."""
    made = place.open(ruc=RUC, detraction_account="00-011-123456")
    for case in CASES:
        header = request(case)["header"]
        code = header["document_sequence_code"]
        known = document_type_of(DocumentRequest().load(request(case))["header"])
        made.till("PATCH", f"/V1/document_types/{known.id}", {
            "document_sequence_code": code, "last_sequence_number": 0
        })
    return made


def kind_of(body: dict[str, Any]) -> Kind:
    return kind(document_type_of(DocumentRequest().load(body)["header"]).sunat_code)


def findings(root: Any, row: Kind, body: dict[str, Any]) -> set[tuple[str, str]]:
    """Code and severity of what the rules alone find."""
    context = Context(received=NOW.date(), exchange_rate=DocumentRequest().load(body)["header"].get(
        "exchange_rate_value"
    ))
    return {(each.code, each.severity.value) for each in judge(root, row.rules, context)}


def of_the_rules(items: Any, row: Kind) -> set[tuple[str, str]]:
    """Those of the items that are rows of the kind's table; the office's own remarks are not."""
    known = row.rules.codes()
    return {(item["code"], item["severity"]) for item in items if item["code"] in known}


@pytest.mark.parametrize("case", CASES)
def test_a_dry_run_says_what_the_rules_say(shop: Tenancy, case: str) -> None:
    body = request(case)
    body["header"]["account_id"] = shop.account_id
    row = kind_of(body)
    plain = _as_json(body)
    answer = shop.till.issue(plain, dry_run=1)
    assert answer.status_code == 200, answer.text
    root = etree.parse(FIXTURES / case / "document.xml", etree.XMLParser(remove_blank_text=True)).getroot()
    assert of_the_rules(answer.json()["observations"], row) == findings(root, row, body)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_json(member) for member in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


Spoil = Callable[[dict[str, Any]], None]
SPOILT: dict[str, Spoil] = {
    "name": lambda body: body["header"].update(receiver_legal_name="AB"),
    "unit": lambda body: body["details"][0].update(unit_measure="XYZ"),
    "product": lambda body: body["details"][0].setdefault("additional", {}).setdefault("pe_detail", {}).update(
        sunat_product_code="12"),
    "operation": lambda body: body["header"].setdefault("additional", {}).setdefault("pe_header", {}).update(
        operation_type="1001"),
    "late": lambda body: body["header"].update(issue_date="2026-11-14"),
    "early": lambda body: body["header"].update(issue_date="2026-11-25"),
}
OF_LINES = ("unit", "product")
"""What only a kind that has lines can be spoilt by."""


@pytest.mark.parametrize("case", CASES)
def test_what_is_spoiled_is_told_alike(case: str) -> None:
    told = 0
    for name, spoil in SPOILT.items():
        body = request(case)
        if name in OF_LINES and not body.get("details"):
            continue
        spoil(body)
        row = kind_of(body)
        outcome = answered(body, row.code, body["header"]["document_sequence_code"])
        if outcome.xml:
            said = of_the_rules([item.body("es") for item in outcome.items], row)
            assert said == findings(xml.parse(outcome.xml.encode()), row, body), name
            told += bool(said)
    assert told >= (3 if request(case).get("details") else 1)


def test_the_goldens_are_there() -> None:
    assert len(CASES) >= 80
    assert all(Path(FIXTURES / case / "document.xml").is_file() for case in CASES)
