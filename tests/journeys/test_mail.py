"""Mail over real sockets, on both databases: sent once accepted, tried again, given up, held, sent again by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select
from structlog.testing import capture_logs

from app.cli import main
from app.delivery.dispatch import guarded
from app.delivery.worker import crew_of
from app.doctor import examine
from app.http import Office
from app.mail import postman
from app.mail.enclosing import PATIENCE
from app.mail.models import MailDoorRecord, MailRecord
from app.mail.noticing import Noticer
from app.mail.postman import Postman
from app.mail.smtp import Handover, hand_over
from app.printing import typesetting
from tests.support.mailserver import DROP, PASSWORD, SLOW, USER, Box, mail_server, server_certificate
from tests.support.world import Tenancy, World, body_of, world

CUSTOMER = "compras@example.org"
SENDER = "facturas@example.com"
WISHES = {
    "enabled": True, "reply_to": "ventas@example.com", "subject": "{tipo} {numero} por {total}",
    "footer": "Gracias por su compra.\nJr. Lima 123",
}



@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """The mail server of those who send by hand."""
    with mail_server() as made:
        yield made


@pytest.fixture(scope="module")
def theirs(kind: str) -> Iterator[Box]:
    """The mail server of an installation that mails by itself, whenever it likes."""
    with mail_server() as made:
        yield made


@pytest.fixture(scope="module")
def place(kind: str, theirs: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation that mails by itself."""
    folder = tmp_path_factory.mktemp("mail")
    with world(
        kind, folder, smtp_host="127.0.0.1", smtp_port=theirs.port, smtp_security="none", smtp_from=SENDER,
        public_url="https://facturas.example.com",
    ) as made:
        yield made


@pytest.fixture(scope="module")
def quiet(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation whose mail is taken by hand."""
    with world(kind, tmp_path_factory.mktemp("quiet")) as made:
        yield made


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lots are drawn."""
    monkeypatch.setattr(postman, "_lot", lambda least, _: least)


@pytest.fixture
def office(quiet: World, box: Box) -> Iterator[Office]:
    """The quiet installation with the mail server of these tests; whatever it has to send is gone afterwards."""
    box.got.clear()
    box.tos.clear()
    box.says.clear()
    yield reaching(quiet, box)
    with quiet.office.database.write() as session:
        session.execute(delete(MailDoorRecord))
        for mail in session.scalars(select(MailRecord).where(MailRecord.state == "waiting")):
            mail.state = "failed"


def reaching(place: World, box: Box, **more: Any) -> Office:
    values = {
        "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none", "smtp_from": SENDER,
        "smtp_seconds": 20.0, **more,
    }
    return replace(place.office, settings=replace(place.office.settings, **values))


def carry(office: Office, deliver: Callable[..., Handover] = hand_over) -> None:
    """One round of a postman, to its end."""
    one = Postman(office, guard=guarded, deliver=deliver)
    one.round()
    assert one.rest(60)


def sold(shop: Tenancy, to: str = CUSTOMER, **more: Any) -> dict[str, Any]:
    """A voucher that SUNAT has accepted."""
    made = shop.till.issued(body_of(shop, receiver_email=to, **more), wait=20)
    assert made["status"] == "accepted"
    return made


def log(shop: Tenancy, document: dict[str, Any]) -> Any:
    answer = shop.till("GET", f"/V1/documents/{document['document_id']}/mails")
    assert answer.status_code == 200, answer.text
    return answer.json()


def only(shop: Tenancy, document: dict[str, Any]) -> Any:
    (mail,) = log(shop, document)["mails"]
    return mail


def files(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}


def test_an_accepted_voucher_reaches_its_customer(place: World, theirs: Box) -> None:
    shop = place.open(mail=WISHES)
    made = sold(shop)
    number = made["header"]["number"].replace("-0000000", "-")
    (message,) = (each for each in theirs.waits(lambda all_: any(number in one["Subject"] for one in all_))
                  if shop.ruc in str(each.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
    assert message["Subject"] == f"[PRUEBA] Factura electrónica {number} por S/ 1,180.00"
    assert (message["To"], message["Reply-To"]) == (CUSTOMER, "ventas@example.com")
    assert message["From"].addresses[0].addr_spec == SENDER
    name = f"{shop.ruc}-01-{number}"
    address = f"/V1/documents/{made['document_id']}"
    found = files(message)
    assert found == {
        f"{name}.pdf": shop.till("GET", f"{address}/pdf").content,
        f"{name}.xml": shop.till("GET", f"{address}/xml").content,
        f"R-{name}.xml": shop.till("GET", f"{address}/cdr").content,
    }
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for said in ("Aceptado por SUNAT", "no tiene valor tributario", "https://facturas.example.com/v/sandbox",
                 "Gracias por su compra.", "1,180.00"):
        assert said in text
    mail = only(shop, made)
    assert (mail["state"], mail["to"], mail["tries"]) == ("sent", CUSTOMER, 1)
    assert mail["message_id"] == message["Message-ID"]
    (attempt,) = mail["attempts"]
    assert (attempt["stage"], attempt["code"]) == ("content", 250)
    (told,) = shop.till("GET", f"{address}?pdf=0").json()["mails"]
    assert (told["to"], told["state"]) == (CUSTOMER, "sent")
    assert told["sent_at"] is not None


def test_wishes_are_kept_and_nobody_mails_unasked(place: World, theirs: Box) -> None:
    shop = place.open()
    address = f"/V1/accounts/{shop.account_id}"
    wishes = shop.till("GET", address).json()["additional"]["pe_account"]["mail"]
    assert wishes == {"enabled": False, "reply_to": "", "subject": "", "footer": ""}
    before = sold(shop)
    place.clock.advance(timedelta(seconds=1))

    def change(**mail: Any) -> Any:
        return shop.till("PATCH", address, {"additional": {"pe_account": {"mail": mail}}})

    assert change(enabled=True).status_code == 200
    assert change(footer="Hasta pronto").json()["additional"]["pe_account"]["mail"] == {
        "enabled": True, "reply_to": "", "subject": "", "footer": "Hasta pronto",
    }
    for wrong in ({"reply_to": "a@b.pe\r\nBcc: c@d.pe"}, {"subject": "x\r\nBcc: c@d.pe"}, {"footer": "x\0"},
                  {"reply_to": "nadie"}, {"enabled": "quizá"}):
        assert change(**wrong).status_code in (400, 422), wrong
    after = sold(shop, "uno@example.org; DOS@example.org, uno@example.org")
    theirs.waits(lambda _: {"uno@example.org", "DOS@example.org"} <= set(theirs.tos))
    assert [each["to"] for each in log(shop, after)["mails"]] == ["DOS@example.org", "uno@example.org"]
    assert log(shop, before)["mails"] == []
    change(enabled=False)
    assert log(shop, sold(shop))["mails"] == []


def test_an_address_that_is_none_stops_no_sale(place: World) -> None:
    shop = place.open(mail={"enabled": True})
    body = body_of(shop, receiver_email="cliente sin correo")
    issued = shop.till.issued(body)
    (remark,) = (each for each in issued["observations"] if each["code"] == "CHQ-MAIL-ADDRESS")
    assert remark["pointer"] == "/header/receiver_email"
    shop.till.settled(issued["document_id"])
    end = 200
    while not log(shop, issued)["mails"] and (end := end - 1):
        place.engine._bell.wait(0.05)
    mail = only(shop, issued)
    assert (mail["state"], mail["to"], mail["attempts"]) == ("failed", "cliente sin correo", [])
    silent = shop.till.issued(body_of(shop, receiver_email="a@b.pe\u2028Bcc: c@d.pe"))
    assert "CHQ-MAIL-ADDRESS" in {each["code"] for each in silent["observations"]}


def test_sent_again_by_hand(place: World, theirs: Box) -> None:
    shop = place.open()
    made = sold(shop, "")
    address = f"/V1/documents/{made['document_id']}/mails"
    answer = shop.till("POST", address, {"to": "jefe@example.org"}, headers={"Idempotency-Key": "mail-1"})
    assert answer.status_code == 201, answer.text
    again = shop.till("POST", address, {"to": "jefe@example.org"}, headers={"Idempotency-Key": "mail-1"})
    assert again.json() == answer.json()
    theirs.waits(lambda _: "jefe@example.org" in theirs.tos)
    assert theirs.tos.count("jefe@example.org") == 1
    for body, status, code in (
        ({}, 422, "MAIL_ADDRESS"), ({"to": "nadie"}, 422, "MAIL_ADDRESS"),
        ({"to": "a@b.pe\r\nBcc: c@d.pe"}, 422, "MAIL_ADDRESS"), ({"to": 5}, 400, "VALIDATION_ERROR"),
    ):
        refused = shop.till("POST", address, body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    for _ in range(19):
        shop.till("POST", address, {"to": "jefe@example.org"})
    refused = shop.till("POST", address, {"to": "jefe@example.org"})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)


def test_only_what_is_accepted_and_only_where_there_is_a_server(quiet: World) -> None:
    shop = quiet.open()
    made = sold(shop)
    off = shop.till("POST", f"/V1/documents/{made['document_id']}/mails", {})
    assert (off.status_code, off.json()["code"]) == (409, "MAIL_OFF")


def test_what_is_put_off_goes_later_under_the_same_id(quiet: World, office: Office, box: Box) -> None:
    shop = quiet.open(mail={"enabled": True})
    box.told("rcpt", "450 greylisted")
    box.told("data", DROP)
    made = sold(shop)
    carry(office)
    mail = only(shop, made)
    assert (mail["state"], mail["tries"], mail["attempts"][0]["code"]) == ("waiting", 1, 450)
    carry(office)
    assert only(shop, made)["tries"] == 1
    for seconds in (61, 301):
        quiet.clock.advance(timedelta(seconds=seconds))
        carry(office)
    mail = only(shop, made)
    assert (mail["state"], [each["stage"] for each in mail["attempts"]]) == (
        "sent", ["recipient", "content", "content"]
    )
    assert [each["Message-ID"] for each in box.got] == [mail["message_id"]]


def test_a_refusal_for_good_ends_it(quiet: World, office: Office, box: Box) -> None:
    shop = quiet.open(mail={"enabled": True})
    box.told("rcpt", "550 5.1.1 no such user")
    made = sold(shop)
    carry(office)
    mail = only(shop, made)
    assert (mail["state"], mail["error"], mail["next_at"]) == ("failed", "550 5.1.1 no such user", None)
    other = sold(shop, "otra@example.org")
    carry(office)
    assert only(shop, other)["state"] == "sent"


def test_after_a_day_it_is_given_up(quiet: World, office: Office, box: Box) -> None:
    shop = quiet.open(mail={"enabled": True})
    box.told("data", *["451 not now"] * 50)
    made = sold(shop)
    begun = quiet.clock.now()
    for _ in range(30):
        carry(office)
        if (mail := only(shop, made))["state"] == "failed":
            break
        quiet.clock.advance(timedelta(hours=1))
    assert mail["state"] == "failed"
    assert timedelta(hours=23) < quiet.clock.now() - begun <= timedelta(hours=25)
    assert len(mail["attempts"]) == mail["tries"] >= 7


def test_a_wrong_password_stops_all_mail_with_one_alarm(quiet: World, office: Office, tmp_path: Path) -> None:
    certificate = server_certificate(tmp_path)
    with mail_server(certificate=certificate, signs_in=True) as box:
        box.accepts = {"otra"}
        secure = reaching(
            quiet, box, smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD, smtp_ca=certificate
        )
        shop = quiet.open(mail={"enabled": True})
        made = [sold(shop) for _ in range(3)]
        with capture_logs() as lines:
            for _ in range(3):
                carry(secure)
        stopped = [line for line in lines if line["event"] == "mail.stopped"]
        assert len(stopped) == 1
        assert PASSWORD not in json.dumps(lines, default=str)
        assert 1 <= box.tried <= 2 * postman.LANE  # PLAIN and LOGIN, by those that were on their way together
        assert [only(shop, each)["tries"] for each in made] == [0] * 3
        assert log(shop, made[0])["stopped"] is True
        assert "chasqui_mail_stopped 1.0" in quiet.operator("GET", "/metrics").text
        box.accepts = {PASSWORD}
        count = box.tried
        quiet.clock.advance(timedelta(minutes=29))
        carry(secure)
        assert box.tried == count
        quiet.clock.advance(timedelta(minutes=2))
        carry(secure)
        assert {only(shop, each)["state"] for each in made} == {"sent"}
        assert log(shop, made[0])["stopped"] is False
        box.accepts = {"nueva"}
        last = sold(shop)
        carry(secure)
        assert only(shop, last)["state"] == "waiting"
        carry(replace(secure, settings=replace(secure.settings, smtp_password="nueva")))
        assert only(shop, last)["state"] == "sent"


def test_a_postman_who_dies_after_handing_over_does_so_again_under_the_same_id(
    quiet: World, office: Office, box: Box
) -> None:
    class Killed(BaseException):
        """The end of a process."""

    def dying(*arguments: Any) -> Handover:
        hand_over(*arguments)
        raise Killed

    shop = quiet.open(mail={"enabled": True})
    made = sold(shop)
    one = Postman(office, guard=lambda step: _ended(step, Killed), deliver=dying)
    one.round()
    assert one.rest(60)
    assert only(shop, made)["state"] == "waiting"
    carry(office)
    assert len(box.got) == 1
    quiet.clock.advance(timedelta(minutes=3))
    carry(office)
    mail = only(shop, made)
    assert (mail["state"], [each["Message-ID"] for each in box.got]) == ("sent", [mail["message_id"]] * 2)


def _ended(step: Callable[[], None], killed: type[BaseException]) -> bool:
    try:
        step()
    except killed:
        return False
    return True


def test_two_postmen_send_each_mail_once(quiet: World, office: Office, box: Box) -> None:
    shop = quiet.open(mail={"enabled": True})
    made = [sold(shop) for _ in range(5)]
    both = [Postman(office, guard=guarded) for _ in range(2)]
    for one in both:
        one.round()
    for one in both:
        assert one.rest(60)
    assert len({each["Message-ID"] for each in box.got}) == len(box.got) == 5
    assert {only(shop, each)["state"] for each in made} == {"sent"}


def test_a_busy_press_delays_the_mail_and_at_last_it_goes_without(
    quiet: World, office: Office, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "_WAIT_SECONDS", 0.05)
    shop = quiet.open(mail={"enabled": True})
    made = sold(shop)
    presses = typesetting._presses()
    taken = [presses.get(timeout=60) for _ in range(typesetting._AT_ONCE)]
    typesetting._remembered.cache_clear()
    try:
        carry(office)
        mail = only(shop, made)
        assert (mail["state"], mail["tries"], mail["attempts"]) == ("waiting", 0, [])
        quiet.clock.advance(PATIENCE)
        carry(office)
    finally:
        for each in taken:
            presses.put(each)
    assert only(shop, made)["state"] == "sent"
    assert [name.rpartition(".")[2] for name in files(box.got[0])] == ["xml", "xml"]


def test_a_voucher_voided_meanwhile_is_not_sent_by_itself(quiet: World, office: Office, box: Box) -> None:
    shop = quiet.open(mail={"enabled": True})
    made = sold(shop)
    Noticer(quiet.office.database, "example.com").notice(quiet.clock.now())
    address = f"/V1/documents/{made['document_id']}"
    answer = shop.till("PUT", address, {"document_status": "2", "cancellation_reason": "Error en el pedido"})
    assert answer.status_code == 200, answer.text
    end = 400
    while shop.till("GET", f"{address}?pdf=0").json()["status"] != "voided" and (end := end - 1):
        quiet.clock.advance(timedelta(minutes=1))
        quiet.engine._bell.wait(0.05)
    with quiet.office.database.write() as session:  # as if it were still the day
        for mail in session.scalars(select(MailRecord).where(MailRecord.document_id == made["document_id"])):
            mail.state, mail.expires_at = "waiting", quiet.clock.now() + timedelta(days=1)
    carry(office)
    assert box.got == []
    assert "voided" in only(shop, made)["error"]


def test_a_worker_mails_and_ends_what_it_is_at(kind: str, quiet: World, office: Office, box: Box) -> None:
    if kind != "postgresql":
        return  # workers are for PostgreSQL; on SQLite the engine of `place` has done it
    shop = quiet.open(mail={"enabled": True})
    box.told("data", SLOW)
    made = sold(shop)
    crew = crew_of(office, hands=1)
    crew.start()
    try:
        end = 600
        while box.says.get("data") and (end := end - 1):
            time.sleep(0.05)
    finally:
        ended = crew.stop(60)
    assert ended
    assert only(shop, made)["state"] == "sent"


def test_the_doctor_says_what_is_wrong_with_mail(quiet: World, office: Office, box: Box) -> None:
    def seen(of: Office) -> list[tuple[str, str]]:
        return [(str(row.state), row.seen.en) for row in examine(of, ask=False).rows if row.name == "mail"]

    shop = quiet.open(mail={"enabled": True})
    assert seen(quiet.office)[0][0] == "warn"
    assert seen(office) == [("ok", "0 waiting")]
    box.told("mail", *["550 who are you?"] * postman.LANE)
    sold(shop)
    carry(office)
    ((state, said),) = seen(office)
    assert (state, "who are you?" in said) == ("bad", True)


def test_the_command_line_tries_it_out(kind: str, tmp_path: Path, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind != "sqlite":
        return  # the command is the same on both
    box.says.clear()
    for name, value in {
        "DATA": str(tmp_path), "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(box.port), "SMTP_SECURITY": "none",
        "SMTP_FROM": SENDER,
    }.items():
        monkeypatch.setenv(f"CHASQUI_{name}", value)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = CliRunner().invoke
    sent = run(main, ["mail", "test", "yo@example.org"])
    assert (sent.exit_code, "250" in sent.output) == (0, True), sent.output
    assert "yo@example.org" in box.tos
    assert run(main, ["mail", "test", "nadie"]).exit_code == 2
    box.told("mail", "550 who are you?")
    refused = run(main, ["mail", "test", "yo@example.org"])
    assert (refused.exit_code, "who are you?" in refused.output) == (1, True)
    told = run(main, ["mail", "status"])
    assert (told.exit_code, "remitente" in told.output) == (1, True)
    assert run(main, ["mail", "test", "yo@example.org"]).exit_code == 0
    assert run(main, ["mail", "status"]).exit_code == 0
    monkeypatch.delenv("CHASQUI_SMTP_HOST")
    assert run(main, ["mail", "status"]).exit_code == 1
