"""A shop moves in: a thousand files of its old system, one yes, and the next sale continues where it stopped."""

from __future__ import annotations

import resource
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts.keys import NUMBERS_FORCE
from app.registry import operations
from app.registry.applying import apply_plan
from app.registry.archives import Archives, Source, sources_at
from app.registry.planning import Choices
from sunat.documents import Target
from sunat.numbering import VoucherId
from sunat.sandbox import Entry, State
from sunat.transport.zipping import pack_cdr
from tests.support.history import cdr, latin1, name, odd_style, pair, signer_of, unsigned, voucher, zipped
from tests.support.signing import RUC
from tests.support.world import FRIDAY, Tenancy, World, body_of, kind, world

__all__ = ["kind"]

SPRING = date(2025, 9, 1)


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("moving")) as made:
        yield made


def history(ruc: str, first: int, last: int) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Numbers of F001 with their CDRs, a day each."""
    for number in range(first, last + 1):
        day = SPRING + timedelta(days=number % 60)
        yield f"F001-{number}", pair(number, ruc=ruc, issue_date=day)


def paid_back(tenancy: Tenancy, number: str) -> Any:
    """A credit note over the whole of an imported invoice of S/ 118.00."""
    body = body_of(tenancy, "credit_note_for_invoice", receiver_legal_name="CLIENTE DE PRUEBA S.A.")
    body["references"][0]["reference_number"] = number
    del body["references"][0]["reference_date"]
    body["details"][0] |= {"unit_price": 100, "total_taxes": 18, "total_amount_line": 118}
    body["details"][0]["taxes"][0]["tax_amount"] = 18
    body["totals"] = {"net_amount": 100, "taxes_amount": 18, "total_amount": 118}
    return body


def told(capsys: pytest.CaptureFixture[str], figures: str) -> None:
    """Figures for whoever reads along."""
    with capsys.disabled():
        sys.stdout.write(f"\n{figures}\n")


def test_a_thousand_files_and_the_next_sale(place: World, capsys: pytest.CaptureFixture[str]) -> None:
    shop = place.open()
    till = shop.till
    files: dict[str, bytes] = {}
    for _, both in history(shop.ruc, 101, 600):
        files |= both
    assert len(files) == 1000
    begun = time.monotonic()
    made = till("POST", "/V1/imports", {"file": b64encode(zipped(files)).decode(), "name": "viejo.zip"}, timeout=120)
    assert made.status_code == 201, made.text
    analysed = time.monotonic()
    plan = made.json()
    assert plan["report"]["vouchers"]["by_status"] == {"accepted": 500}
    assert plan["report"]["amounts"]["equal"] == 500
    (row,) = plan["report"]["series"]
    assert (row["first"], row["last"], row["missing_numbers"]) == (101, 600, 0)
    assert row["proposed_last_sequence_number"] == 600
    done = till("POST", f"/V1/imports/{plan['import_id']}/confirm", {"plan": plan["plan"]}, timeout=120)
    assert done.json()["result"]["imported"] == 500, done.text
    applied = time.monotonic()
    told(capsys, (
        f"{place.office.database.dialect}: 1000 files, analysed {1000 / (analysed - begun):.0f}/s, "
        f"analysed again and applied {1000 / (applied - analysed):.0f}/s"
    ))
    issued = till.issued(body_of(shop))
    assert issued["header"]["number"] == "F001-00000601"
    place.sandbox.ledger.add(Entry(
        voucher=VoucherId(ruc=shop.ruc, type_code="01", series="F001", number=333), state=State.ACCEPTED,
        sha256="0" * 64, received_at=FRIDAY,
    ))
    note = till.issued(paid_back(shop, "F001-00000333"))
    (target,) = till("GET", "/V1/documents", params={"document_number": "F001-333"}).json()["documents"]
    assert str(note["references"][0]["document_id"]) == target["document_id"]
    assert "CHQ-TARGET-UNKNOWN" not in {each["code"] for each in note["observations"]}
    assert till.settled(note["document_id"])["status"] == "accepted"
    again = till.issue(paid_back(shop, "F001-333"), key="again")
    assert again.status_code == 422
    assert again.json()["code"] == "VALIDATION_ERROR"
    assert {item["code"] for item in again.json()["errors"]} == {"CHQ-OVER-CREDITED"}
    lost = till.issue(paid_back(shop, "F001-99"))
    assert lost.status_code == 201  # history that was not brought is unknown, not absent
    forcing = place.till(shop.account_id, scopes=("documents:write", NUMBERS_FORCE))
    below = forcing.issue(body_of(shop, document_number=77))
    assert (below.status_code, below.json()["code"]) == (422, "NUMBER_BELOW_COUNTER")
    taken = forcing.issue(body_of(shop, document_number=333))
    assert (taken.status_code, taken.json()["code"]) == (409, "NUMBER_TAKEN")


def test_every_style_goes_through_the_whole_house(place: World) -> None:
    """The audit finds nothing against history in foreign styles, and counts it."""
    shop = place.open(ruc=RUC)
    target = Target(type_code="01", series="F001", number=2)
    reindented = voucher(5).replace(b"><cac:InvoiceLine>", b">\n  <cac:InvoiceLine>")
    files = {
        **pair(1), "2.xml": odd_style(2), "3.xml": latin1(voucher(3)), "4.xml": unsigned(4), "R-4.xml": cdr(4),
        "5.xml": reindented, f"R-{name(5)}.zip": pack_cdr(name(5), cdr(5, code="2335")),
        "n.xml": voucher(1, series="FC01", stem="credit_note", target=target),
        "pse.xml": signer_of("20131312955").sign(unsigned(6)).xml,
    }
    made = shop.till("POST", "/V1/imports", {"file": b64encode(zipped(files)).decode(), "name": "x.zip"}).json()
    assert made["report"]["signatures"]["absent"] == 1
    assert made["report"]["signatures"]["invalid"] == 1
    done = shop.till("POST", f"/V1/imports/{made['import_id']}/confirm", {"plan": made["plan"]})
    assert done.json()["result"]["imported"] == 7, done.text
    assert shop.till.issued(body_of(shop))["header"]["number"] == "F001-00000007"
    audit = shop.till("GET", "/V1/audit", params={"series": "F001"})
    assert audit.status_code == 200, audit.text
    told = audit.json()
    assert told["findings"] == 0, told
    for row in shop.till("GET", "/V1/documents", params={"taxbureau_sending_status": 3}).json()["documents"]:
        whole = shop.till("GET", f"/V1/documents/{row['document_id']}", params={"explain": 1}).json()
        assert [step["amount"] for step in whole["totals"]["explanation"]["payable"]["steps"]] == ["118.00"]
        assert whole["delivery"]["state"] == "done"
        assert whole["electronic_document"]["qr_text"].startswith(f"{RUC}|{row['document_type_taxbureau']}|")


def test_three_thousand_files_in_bounded_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a folder of monthly zips, as systems export them; the figures are printed, not judged."""
    data = tmp_path / "data"
    data.mkdir()
    with world("sqlite", data, delivers=False) as place:
        shop = place.open()
        folder = tmp_path / "viejo"
        folder.mkdir()
        for month in range(6):
            files: dict[str, bytes] = {}
            for _, both in history(shop.ruc, month * 250 + 1, month * 250 + 250):
                files |= both
            (folder / f"2025-{month + 1:02d}.zip").write_bytes(zipped(files))
        (folder / "todo.zip").write_bytes(zipped({"uno.zip": (folder / "2025-01.zip").read_bytes()}))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.monotonic()
        with Archives(sources_at((folder,))) as archives:
            plan = operations.analyse(place.office.database, shop.account_id, archives, Choices())
            analysed = time.monotonic()
            assert len(plan.items) == 1500
            assert {each.reason for each in plan.passed} == {"copy"}
            result = apply_plan(
                place.office.database, archives, shop.account_id, plan, actor="test", now=place.clock.now,
                environment="sandbox",
            )
        applied = time.monotonic()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert (result.imported, result.failed) == (1500, [])
        assert shop.till.issued(body_of(shop))["header"]["number"] == "F001-00001501"
        told(capsys, (
            f"3500 files: analysed {3500 / (analysed - begun):.0f}/s, 1500 vouchers with CDRs applied "
            f"{1500 / (applied - analysed):.0f}/s, {grown:.0f} MB more at the peak"
        ))


def test_an_upload_of_bytes_is_a_source_like_any_other() -> None:
    with Archives((Source(name="uno.xml", content=voucher(1)),)) as archives:
        (found,) = archives.walk()
        assert archives.read(found.place) == voucher(1)
