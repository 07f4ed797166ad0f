"""A rejection by CDR spends no number of a certificate: corrected, it goes again under the same one."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from app.clock import FixedClock
from app.documents import counters
from app.ledger.lifecycle import NUMBER_KEPT
from app.ledger.models import DocumentRecord
from app.pretend import running
from sunat.kinds import KINDS
from sunat.numbering import VoucherId
from sunat.sandbox import State
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Plan, Rule
from tests.support.sandbox import authority
from tests.support.world import FRIDAY, Tenancy, World, body_of, world

FIXTURES = Path(__file__).parents[2] / "fixtures"
LATE = timedelta(days=10)


def certificate(shop: Tenancy, name: str) -> Any:
    """A body of the fixtures, issued by the shop."""
    body = json.loads((FIXTURES / name / "request.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    return body


def test_the_database_knows_the_kinds_that_keep_their_number() -> None:
    assert {row.code for row in KINDS if not row.spent_by_rejection} <= set(NUMBER_KEPT)
    assert not {row.code for row in KINDS if row.spent_by_rejection} & set(NUMBER_KEPT)


def test_a_rejected_certificate_is_corrected_and_a_rejected_sale_replaced(kind: str, tmp_path: Path) -> None:
    """SUNAT's clock rejects both as late, then is right again."""
    theirs = FixedClock(FRIDAY + LATE)
    with running(theirs, authority=authority()) as sunat, world(kind, tmp_path, sandbox_url=sunat.url) as place:
        shop = place.open()
        answer = shop.till("PATCH", "/V1/document_types/109", {
            "document_sequence_code": "R001", "last_sequence_number": 0,
        })
        assert answer.status_code == 201, answer.text
        body = certificate(shop, "retention/one_payment")
        kept, sold = shop.till.issued(body, wait=20), shop.till.issued(body_of(shop), wait=20)
        assert [(one["status"], one["delivery"]["last_code"]) for one in (kept, sold)] == [
            ("rejected", "2600"), ("rejected", "2108"),
        ]
        theirs.advance(-LATE)
        path = f"/V1/documents/{kept['document_id']}"
        replaced = shop.till("POST", f"{path}/replacement", body)
        assert (replaced.status_code, replaced.json()["code"]) == (409, "NOT_REPLACEABLE")
        refused = shop.till("POST", f"/V1/documents/{sold['document_id']}/correction", body_of(shop))
        assert (refused.status_code, refused.json()["code"]) == (409, "NOT_CORRECTABLE")
        body["header"]["observations"] = "Corregido"
        made = shop.till("POST", f"{path}/correction", body, headers={"Idempotency-Key": "otra vez"})
        assert made.status_code == 201, made.text
        mended = made.json()
        assert (mended["document_id"], mended["header"]["number"]) == (kept["document_id"], "R001-00000001")
        assert (mended["status"], mended["edition"], mended["delivery"]["state"]) == ("issued", 2, "waiting")
        settled = shop.till.settled(kept["document_id"])
        assert settled["status"] == "accepted", (settled["delivery"], shop.till("GET", f"{path}/attempts").text)
        entry = sunat.ledger.get(VoucherId(ruc=shop.ruc, type_code="20", series="R001", number=1))
        assert entry is not None
        assert entry.state is State.ACCEPTED
        again = shop.till("POST", f"{path}/correction", body, headers={"Idempotency-Key": "otra vez"})
        assert again.content == made.content
        twice = shop.till("POST", f"{path}/correction", body)
        assert (twice.status_code, twice.json()["code"]) == (409, "NOT_CORRECTABLE")
        following = shop.till.issued(certificate(shop, "retention/rounded"))
        assert following["header"]["document_number"] == 2, "nothing was spent on the refusals"
        audit = shop.till("GET", "/V1/audit").json()
        assert audit["clean"], json.dumps(audit)


def test_the_rejection_of_the_former_edition_is_not_taken_for_the_next_ones(kind: str, tmp_path: Path) -> None:
    """The corrected one is lost on its way; SUNAT then says "rejected", which is of the one before."""
    theirs = FixedClock(FRIDAY + LATE)
    lost = Rule(modes=("reset-before-work",), operations=(Operation.SEND_BILL,), skip=1, times=1)
    plan = Plan((lost,), seed=1)
    with (
        running(theirs, authority=authority(), plan=plan) as sunat,
        world(kind, tmp_path, sandbox_url=sunat.url) as place,
    ):
        shop = place.open()
        shop.till("PATCH", "/V1/document_types/109", {"document_sequence_code": "R001", "last_sequence_number": 0})
        body = certificate(shop, "retention/one_payment")
        kept = shop.till.issued(body, wait=20)
        assert kept["status"] == "rejected"
        theirs.advance(-LATE)
        body["header"]["observations"] = "Corregido"
        path = f"/V1/documents/{kept['document_id']}"
        assert shop.till("POST", f"{path}/correction", body).status_code == 201
        for _ in range(100):
            settled = shop.till.settled(kept["document_id"], seconds=0.3)
            if settled["status"] != "issued":
                break
            place.clock.advance(timedelta(minutes=1))
        assert settled["status"] == "accepted", shop.till("GET", f"{path}/attempts").text


def test_a_guide_that_is_rejected_by_cdr_is_corrected_under_its_number(kind: str, tmp_path: Path) -> None:
    """SUNAT's clock rejects it as late by the ticket's CDR, then is right again."""
    theirs = FixedClock(FRIDAY + LATE)
    with running(theirs, authority=authority()) as sunat, world(kind, tmp_path, sandbox_url=sunat.url) as place:
        shop = place.open()
        series = {"document_sequence_code": "T001", "last_sequence_number": 0}
        assert shop.till("PATCH", "/V1/document_types/100", series).status_code == 201
        body = certificate(shop, "guide/sale_in_own_lorry")
        posted = shop.till.issued(body)
        rejected = polled(place, shop, posted["document_id"])
        assert (rejected["status"], rejected["delivery"]["last_code"]) == ("rejected", "2108")
        theirs.advance(-LATE)
        path = f"/V1/documents/{posted['document_id']}"
        replaced = shop.till("POST", f"{path}/replacement", body)
        assert (replaced.status_code, replaced.json()["code"]) == (409, "NOT_REPLACEABLE")
        body["header"]["additional"]["pe_shipping"]["gross_weight_measure"] = "99"
        made = shop.till("POST", f"{path}/correction", body)
        assert made.status_code == 201, made.text
        mended = polled(place, shop, posted["document_id"])
        assert (mended["status"], mended["edition"]) == ("accepted", 2), mended["delivery"]
        assert mended["header"]["number"] == posted["header"]["number"]
        entry = sunat.ledger.get(VoucherId(ruc=shop.ruc, type_code="09", series="T001", number=1))
        assert entry is not None
        assert entry.state is State.ACCEPTED
        audit = shop.till("GET", "/V1/audit").json()
        assert audit["clean"], json.dumps(audit)


def polled(place: World, shop: Tenancy, document_id: int) -> dict[str, Any]:
    """The guide once it has its verdict; the clock runs, for a ticket is polled after a while."""
    end = time.monotonic() + 60
    while True:
        found: dict[str, Any] = shop.till("GET", f"/V1/documents/{document_id}?pdf=0").json()
        if found["status"] != "issued" or time.monotonic() > end:
            return found
        place.clock.advance(timedelta(seconds=1))
        time.sleep(0.05)


def test_what_a_certificate_lists_is_looked_at_again_with_its_number(
    kind: str, tmp_path: Path, monkeypatch: Any
) -> None:
    """A factura that is voided between the first look and the number is not collected for."""
    with world(kind, tmp_path, delivers=False) as place:
        shop = place.open()
        shop.till("PATCH", "/V1/document_types/940", {"document_sequence_code": "P001", "last_sequence_number": 0})
        sold = shop.till.issued(body_of(shop, payment_conditions="30"))
        body = certificate(shop, "perception/one_payment")
        body["header"]["receiver_tax_id_code"] = sold["header"]["receiver_tax_id_code"]
        body["references"][0] |= {"reference_number": sold["header"]["number"], "reference_date": "2026-11-20"}
        details = body["references"][0]["additional"]["pe_perception_details"]
        details["reference_collected_date"] = "2026-11-20"
        look = counters.lock_referred

        def voided_meanwhile(session: Any, *more: Any) -> None:
            session.execute(
                update(DocumentRecord).where(DocumentRecord.id == sold["document_id"]).values(status="voided")
            )
            look(session, *more)

        monkeypatch.setattr(counters, "lock_referred", voided_meanwhile)
        before = place.held()
        answer = shop.till.issue(body)
        assert (answer.status_code, [one["code"] for one in answer.json()["errors"]]) == (422, ["CHQ-TARGET-STATE"])
        assert place.held() == before
        monkeypatch.undo()
        assert shop.till.issue(body).status_code == 201
