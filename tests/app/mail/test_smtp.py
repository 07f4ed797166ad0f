"""Handing a message over to a real server: what each of its answers means, and never in the clear unless told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.mail.smtp import Handover, Result, Server, Stage, hand_over
from tests.support.mailserver import DROP, HANG, PASSWORD, USER, Box, mail_server, server_certificate

CONTENT = b"Subject: x\r\nMessage-ID: <1@example.com>\r\n\r\n.hola\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return server_certificate(tmp_path_factory.mktemp("mail"))


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with mail_server() as made:
        yield made


def clear(box: Box, **more: object) -> Server:
    values = {"host": "127.0.0.1", "port": box.port, "security": "none", "sender": "f@example.com", **more}
    return Server(**values)  # type: ignore[arg-type]


def handed(server: Server) -> Handover:
    return hand_over(server, "cliente@example.com", CONTENT)


def test_what_is_taken_is_there(box: Box) -> None:
    came = handed(clear(box))
    assert (came.result, came.stage, came.code, came.text) == (Result.SENT, Stage.CONTENT, 250, "OK, in line")
    assert box.got[-1].get_content() == ".hola\r\n"


@pytest.mark.parametrize(("step", "reply", "result", "stage"), [
    ("mail", "451 try later", Result.LATER, Stage.SENDER),
    ("mail", "550 who are you?", Result.STOPPED, Stage.SENDER),
    ("mail", "552 too large", Result.NEVER, Stage.SENDER),
    ("rcpt", "450 greylisted", Result.LATER, Stage.RECIPIENT),
    ("rcpt", "550 no such user", Result.NEVER, Stage.RECIPIENT),
    ("data", "452 no room", Result.LATER, Stage.CONTENT),
    ("data", "554 looks like spam", Result.NEVER, Stage.CONTENT),
])
def test_each_reply_blames_the_message_or_the_installation(
    box: Box, step: str, reply: str, result: Result, stage: Stage
) -> None:
    box.told(step, reply)
    came = handed(clear(box))
    assert (came.result, came.stage, f"{came.code} {came.text}") == (result, stage, reply)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_dropped_connection_is_tried_again(box: Box, step: str) -> None:
    box.told(step, DROP)
    came = handed(clear(box))
    assert (came.result, came.code) == (Result.LATER, None)
    assert came.text


def test_a_server_that_hangs_is_left_in_time(box: Box) -> None:
    box.told("data", HANG)
    came = handed(clear(box, seconds=2.0))
    assert (came.result, came.text) == (Result.LATER, "no answer within 2 s")
    assert came.seconds < 15


def test_a_greeting_that_drips_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def drip() -> None:
            line, _ = listening.accept()
            with line:
                try:
                    while True:
                        line.sendall(b"220-x\r\n")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        came = handed(Server(
            host="127.0.0.1", port=listening.getsockname()[1], security="none", sender="f@example.com", seconds=1.0
        ))
        thread.join(30)
    assert (came.result, came.stage, came.text) == (Result.AWAY, Stage.CONNECT, "no answer within 1 s")


def test_nobody_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        came = handed(Server(host="127.0.0.1", port=port, security="none", sender="f@example.com"))
    assert (came.result, came.stage) == (Result.AWAY, Stage.CONNECT)


def test_without_tls_nothing_is_said_to_a_server_that_must_have_it(box: Box) -> None:
    count = len(box.got)
    came = handed(clear(box, security="starttls", user=USER, password=PASSWORD))
    assert (came.result, came.stage) == (Result.STOPPED, Stage.SECURE)
    assert (len(box.got), box.tried) == (count, 0)


def test_a_certificate_that_nobody_vouches_for_stops_it(certificate: Path) -> None:
    with mail_server(certificate=certificate) as box:
        came = handed(clear(box, security="starttls"))
        assert (came.result, came.stage) == (Result.STOPPED, Stage.SECURE)
        assert "not trusted" in came.text
        assert box.got == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # the server's: here TLS was there before it
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_user_and_password_go_by_tls_only(certificate: Path, security: str) -> None:
    with mail_server(certificate=certificate, secure=security == "tls", signs_in=True) as box:
        good = clear(box, security=security, ca=certificate, user=USER, password=PASSWORD)
        assert handed(good).result is Result.SENT
        assert box.plain == [security == "tls"]  # it knows of TLS what it began itself
        came = handed(clear(box, security=security, ca=certificate, user=USER, password="otra clave"))
        assert (came.result, came.stage, came.code) == (Result.STOPPED, Stage.SIGN_IN, 535)
        assert "otra clave" not in came.text
        assert "otra clave" not in repr(good)


def test_what_a_server_repeats_of_ours_is_hidden(box: Box) -> None:
    box.told("data", f"554 {PASSWORD}\x07 {'x' * 400}")
    came = handed(clear(box, password=PASSWORD))
    assert came.text.startswith("*** xxx")
    assert len(came.text) == 300
