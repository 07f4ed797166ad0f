"""Webhooks over real sockets, on both databases: told, signed, tried again, ended, told again."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from app.delivery.dispatch import guarded
from app.ledger.models import EventRecord
from app.webhooks.certifying import certify
from app.webhooks.courier import Courier
from app.webhooks.fanning import SETTLED, fan_out
from app.webhooks.models import WebhookRecord
from tests.support.servers import listening
from tests.support.world import Tenancy, World, body_of, world

PATIENCE = 30.0
CONTRACT_MEMBERS = {
    "document_id", "account_id", "document_status", "taxbureau_send_status", "taxbureau_send_id",
    "taxbureau_send_date", "taxbureau_validation_status", "taxbureau_validation_comments",
}


@dataclass(slots=True)
class Receiver:
    """Somebody's server: keeps what it got, answers what it was told to, 204 when that has run out."""

    url: str = ""
    answers: Iterator[Response] = field(default_factory=lambda: iter(()))
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.got.append((dict(request.headers), request.get_data()))
        return next(self.answers, Response(status=204))(environ, start)

    def told(self) -> list[Any]:
        """The bodies as they came."""
        return [json.loads(body) for _, body in self.got]

    def waits(self, until: Callable[[list[Any]], object]) -> list[Any]:
        """What was told once enough was, or when the patience ends."""
        end = time.monotonic() + PATIENCE
        while not until(self.told()) and time.monotonic() < end:
            time.sleep(0.03)
        return self.told()


@contextmanager
def receiver(*answers: Response) -> Iterator[Receiver]:
    made = Receiver(answers=iter(answers))
    with listening(made) as url:
        made.url = f"{url}/aviso?de=chasqui"
        yield made


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("webhooks"), webhook_private=True) as made:
        yield made


def subscribe(shop: Tenancy, to: Receiver | str, **more: Any) -> dict[str, Any]:
    url = to if isinstance(to, str) else to.url
    answer = shop.till("POST", "/V1/webhook_subscriptions", {"callback_url": url, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def address(made: dict[str, Any]) -> str:
    return f"/V1/webhook_subscriptions/{made['webhook_subscription_id']}"


def log(shop: Tenancy, made: dict[str, Any], until: Callable[[list[Any]], object]) -> list[Any]:
    """The notices of a subscription, the oldest first, once they are as wanted."""
    end = time.monotonic() + PATIENCE
    while True:
        found = shop.till("GET", f"{address(made)}/deliveries").json()["notices"][::-1]
        if until(found) or time.monotonic() > end:
            return found  # type: ignore[no-any-return]
        time.sleep(0.03)


def signatures(headers: dict[str, str], body: bytes, secrets: Iterable[str]) -> list[str]:
    """What the specification wants, worked out anew."""
    content = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    return [
        "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256)).decode()
        for secret in secrets
    ]


def happened(place: World, shop: Tenancy, document: dict[str, Any] | None, kind: str, **data: Any) -> int:
    """An event, as the rooms write them."""
    with place.office.database.write() as session:
        row = EventRecord(
            account_id=shop.account_id, document_id=document and document["document_id"], kind=kind, data=data,
            at=place.clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def test_an_address_is_tried_out_by_a_message_that_tells_of_nothing(place: World) -> None:
    shop, stranger = place.open(), place.open()
    with receiver() as server, receiver() as other:
        made, elsewhere = subscribe(shop, server), subscribe(shop, other)
        answer = shop.till("POST", f"{address(made)}/test")
        assert answer.status_code == 201, answer.text
        (told,) = server.waits(bool)
        assert (told["event"], told["test"]) == ("webhook.test", True)
        (notice,) = log(shop, made, lambda all_: all_ and all_[0]["state"] == "delivered")
        assert (notice["id"], notice["message_id"]) == (answer.json()["notice_id"], answer.json()["message_id"])
        assert log(shop, elsewhere, lambda _: True) == []
        assert stranger.till("POST", f"{address(made)}/test").status_code == 404
        with place.office.database.write() as session:
            session.get_one(WebhookRecord, int(made["webhook_subscription_id"])).state = "disabled"
        refused = shop.till("POST", f"{address(made)}/test")
        assert (refused.status_code, refused.json()["code"]) == (409, "WEBHOOK_DISABLED")


def test_a_voucher_is_told_from_its_issue_to_its_acceptance(place: World) -> None:
    shop = place.open()
    with receiver() as server:
        made = subscribe(shop, server, callback_username="tienda", callback_password="una clave")
        assert made["webhook_data"]["event_id"] == "DOCUMENT.STATUSUPDATE"
        assert "una clave" not in json.dumps(made)
        issued = shop.till.issued(body_of(shop, external_id="pedido-1"), wait=20)
        told = server.waits(lambda all_: any(one["event"] == "document.accepted" for one in all_))
        last = next(one for one in told if one["event"] == "document.accepted")
        assert last.keys() >= CONTRACT_MEMBERS
        assert (last["document_id"], last["account_id"]) == (issued["document_id"], shop.account_id)
        statuses = ("document_status", "taxbureau_send_status", "taxbureau_validation_status")
        assert [last[name] for name in statuses] == [1, 1, 3]
        assert (last["event_id"], last["external_id"]) == ("DOCUMENT.STATUSUPDATE", "pedido-1")
        assert "document.issued" in {one["event"] for one in told}
        for headers, body in server.got:
            assert headers["Authorization"] == "Basic " + b64encode(b"tienda:una clave").decode()
            assert headers["Webhook-Signature"].split() == signatures(headers, body, [made["signing_secret"]])
        assert len({headers["Webhook-Id"] for headers, _ in server.got}) == len(server.got)
        done = log(shop, made, lambda all_: all(one["state"] == "delivered" for one in all_))
        assert [len(one["attempts"]) for one in done] == [1] * len(done)
        assert done[0]["attempts"][0]["status"] == 204


def test_what_fails_is_told_again_under_its_id_and_delays_nobody(place: World) -> None:
    shop = place.open()
    echo = Response("eco: whsec dGllbmRhOnVuYSBjbGF2ZQ== una clave", status=500)
    with receiver(echo, Response(status=503)) as server, receiver() as other:
        failing = subscribe(shop, server, callback_username="tienda", callback_password="una clave")
        subscribe(shop, other)
        event = happened(place, shop, None, "issuer.held")
        assert event
        document = shop.till.issued(body_of(shop), wait=20)
        happened(place, shop, document, "document.told")
        assert other.waits(lambda all_: any(one["event"] == "document.told" for one in all_))
        found = log(shop, failing, lambda all_: sum(one["tries"] for one in all_) >= 2)
        first = next(one for one in found if one["attempts"] and one["attempts"][0]["status"] == 500)
        assert "una clave" not in first["attempts"][0]["received"]
        assert "dGllbmRhOnVuYSBjbGF2ZQ==" not in first["attempts"][0]["received"]
        assert first["next_at"] > first["attempts"][0]["at"]
        place.clock.advance(timedelta(seconds=10))
        found = log(shop, failing, lambda all_: all_ and all(one["state"] == "delivered" for one in all_))
        assert {one["state"] for one in found} == {"delivered"}
        ids = [(headers["Webhook-Id"], body) for headers, body in server.got]
        assert len(set(ids)) == len(found)
        assert ids.count((first["message_id"], first["body"].encode())) == 2


def test_gone_disables_and_replay_enables(place: World) -> None:
    shop = place.open()
    with receiver(Response(status=410)) as server:
        made = subscribe(shop, server)
        document = shop.till.issued(body_of(shop), wait=20)
        log(shop, made, lambda all_: all_ and all(one["state"] == "failed" for one in all_))
        assert shop.till("GET", address(made)).json()["state"] == "disabled"
        count = len(server.got)
        missed = happened(place, shop, document, "document.told")
        time.sleep(0.3)
        assert len(server.got) == count
        again = shop.till("POST", f"{address(made)}/replay", {"since": "2026-01-01T00:00:00Z"})
        assert again.status_code == 200
        assert again.json()["notices"] >= 1
        found = log(shop, made, lambda all_: all(one["state"] == "delivered" for one in all_)
                    and f"evt_{missed}" in {one["message_id"] for one in all_})
        assert {one["state"] for one in found} == {"delivered"}
        assert shop.till("GET", address(made)).json()["state"] == "active"
        one = shop.till("POST", f"{address(made)}/replay", {"notice_id": found[-1]["id"]})
        assert one.json() == {"notices": 1}
        seen = server.waits(lambda _: [h["Webhook-Id"] for h, _ in server.got].count(found[-1]["message_id"]) == 2)
        assert seen[-1] == json.loads(found[-1]["body"])
    assert shop.till("POST", f"{address(made)}/replay", {}).status_code == 400
    nothing = shop.till("POST", f"{address(made)}/replay", {"notice_id": 10**9})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "NOTHING_TO_REPLAY")


def test_two_secrets_sign_for_a_day(place: World) -> None:
    shop = place.open()
    with receiver() as server:
        made = subscribe(shop, server)
        new = shop.till("POST", f"{address(made)}/secret").json()["signing_secret"]
        shop.till.issued(body_of(shop), wait=20)
        server.waits(bool)
        headers, body = server.got[0]
        assert headers["Webhook-Signature"].split() == signatures(headers, body, [new, made["signing_secret"]])
        place.clock.advance(timedelta(hours=25))
        log(shop, made, lambda all_: all(one["state"] == "delivered" for one in all_))
        count = len(server.got)
        happened(place, shop, {"document_id": json.loads(body)["document_id"]}, "document.told")
        server.waits(lambda all_: len(all_) > count)
        headers, body = server.got[-1]
        assert headers["Webhook-Signature"].split() == signatures(headers, body, [new])


def test_alarms_and_certificates_have_messages_of_their_own(place: World) -> None:
    shop = place.open()
    with receiver() as alarms, receiver() as certificates:
        subscribe(shop, alarms, event_id="DOCUMENT.DEADLINE")
        subscribe(shop, certificates, event_id="ACCOUNT.CERTIFICATIONUPDATE")
        document = shop.till.issued(body_of(shop), wait=20)
        happened(place, shop, document, "delivery.alarm", alarm="warn")
        (alarm,) = alarms.waits(bool)
        assert (alarm["event_id"], alarm["data"]) == ("DOCUMENT.DEADLINE", {"alarm": "warn"})
        certify(place.office.database, place.clock.now())
        assert certify(place.office.database, place.clock.now()) == 0
        (state,) = certificates.waits(bool)
        assert (state["account_id"], state["certification_status"], state["observations"]) == (shop.account_id, 80, "")
        assert certify(place.office.database, place.clock.now() + timedelta(days=4000)) == 1
        expired = certificates.waits(lambda all_: len(all_) == 2)[1]
        assert (expired["certification_status"], expired["observations"]) == (60, "El certificado ha vencido")


def test_a_removed_subscription_hears_nothing(place: World) -> None:
    shop = place.open()
    with receiver() as server:
        made = subscribe(shop, server)
        assert shop.till("DELETE", address(made)).status_code == 204
        assert shop.till("GET", address(made)).status_code == 404
        assert shop.till("GET", "/V1/webhook_subscriptions").json()["total_items"] == 0
        shop.till.issued(body_of(shop), wait=20)
        time.sleep(0.3)
        assert server.got == []


def test_a_branch_sees_none(place: World) -> None:
    shop = place.open()
    (head,) = shop.till("GET", "/V1/company_branches").json()["company_branches"]
    answer = place.till(shop.account_id, branch_id=head["company_branch_id"])("GET", "/V1/webhook_subscriptions")
    assert (answer.status_code, answer.json()["code"]) == (403, "BOUND_TO_BRANCH")


def test_after_three_days_it_is_given_up(kind: str, tmp_path: Path) -> None:
    with world(kind, tmp_path, delivers=False, webhook_private=True) as place, receiver() as server:
        server.answers = itertools.repeat(Response(status=500))
        shop, courier = place.open(), Courier(place.office, guard=guarded)
        made, begun = subscribe(shop, server), place.clock.now()
        shop.till.issued(body_of(shop))
        for _ in range(40):
            courier.round()
            assert courier.rest(20)
            (notice,) = shop.till("GET", f"{address(made)}/deliveries").json()["notices"]
            if notice["state"] == "failed":
                break
            place.clock.advance(timedelta(hours=10 if notice["tries"] > 8 else 5))
        assert notice["state"] == "failed"
        assert timedelta(days=2, hours=12) < place.clock.now() - begun < timedelta(days=3, hours=10)
        assert len(server.got) == notice["tries"] == len(notice["attempts"]) >= 9


def test_an_event_that_appears_late_under_a_lower_id_is_told(kind: str, tmp_path: Path) -> None:
    with world(kind, tmp_path, delivers=False) as place:
        shop = place.open()
        subscribe(shop, "https://example.com/", event_id="ACCOUNT.HOLD")
        database, now = place.office.database, place.clock.now()
        first = happened(place, shop, None, "issuer.held")
        with database.write() as session:
            session.add(EventRecord(
                id=first + 5, account_id=shop.account_id, kind="issuer.released", at=now, data={},
            ))
        assert fan_out(database, now) == 2
        with database.write() as session:
            session.add(EventRecord(id=first + 3, account_id=shop.account_id, kind="issuer.held", at=now, data={}))
        assert fan_out(database, now) == 1
        assert fan_out(database, now + SETTLED) == 0
        with database.read() as session:
            assert session.query(WebhookRecord.told_to).scalar() == first + 5
