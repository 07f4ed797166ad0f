"""Addresses that no webhook reaches, however they are written, and requests that end in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.webhooks import posting, targets
from app.webhooks.posting import KEPT, post
from app.webhooks.targets import BadTarget, Target, allowed, check_literal, resolved, target_of


@pytest.mark.parametrize("text", [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "192.0.0.192", "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001::1",
    "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1",
])
def test_special_addresses_are_refused(text: str) -> None:
    assert not allowed(text)


@pytest.mark.parametrize("text", ["8.8.8.8", "200.48.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_internet_is_allowed(text: str) -> None:
    assert allowed(text)


@pytest.mark.parametrize("url", [
    "", "example.com", "ftp://example.com/", "https://", "https:///x", "https://a b/", "https://example.com:0/",
    "https://example.com:99999/", "https://example.com/\r\nX: y", "https://user:pass@example.com/",
    "https://example.com/#x", "https://[fe80::1%25eth0]/", "javascript:alert(1)", "https://exámple.com/",
    "https://" + "a" * 64 + ".com/",
])
def test_what_is_no_callback_address_is_refused(url: str) -> None:
    with pytest.raises(BadTarget):
        target_of(url, secure_only=False)


def test_the_parts_of_an_address() -> None:
    assert target_of("https://example.com:8443/a?b=1", secure_only=True) == Target(
        secure=True, host="example.com", port=8443, path="/a?b=1", authority="example.com:8443"
    )
    assert target_of("http://example.com", secure_only=False).port == 80
    with pytest.raises(BadTarget, match="https in live"):
        target_of("http://example.com", secure_only=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"])
def test_a_special_address_is_refused_when_it_is_subscribed(host: str) -> None:
    target = target_of(f"https://{host}/", secure_only=True)
    with pytest.raises(BadTarget, match="no public address"):
        check_literal(target, private=False)
    check_literal(target, private=True)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f000001", "127.1"])
def test_other_spellings_of_this_machine_are_refused_when_they_are_called(host: str) -> None:
    with pytest.raises(BadTarget):
        resolved(target_of(f"http://{host}/", secure_only=False), private=False)


def test_a_name_of_which_one_address_is_private_is_refused_before_any_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed(host: str, port: int, **_: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("8.8.8.8", "169.254.169.254")
        ]

    monkeypatch.setattr(targets.socket, "getaddrinfo", mixed)
    monkeypatch.setattr(posting.socket, "socket", lambda *_: pytest.fail("a socket was opened"))
    answer = post(target_of("https://example.com/", secure_only=True), {}, b"{}", private=False)
    assert answer.error == "refused: callback_url leads to 169.254.169.254, which is no public address"


def test_the_name_is_resolved_once_and_that_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes between the look and the call gains nothing."""
    with receiver(lambda line: line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as target:
        answers = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", target.port))]])
        monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_, **__: next(answers))
        named = target_of(f"http://changing.example:{target.port}/", secure_only=False)
        assert post(named, {}, b"{}", private=True).status == 204


@contextmanager
def receiver(act: Callable[[socket.socket], object]) -> Iterator[Target]:
    """One that reads a request and then does as told."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            line, _ = server.accept()
            with line:
                read = line.recv(65536)
                while read.startswith(b"POST") and not read.endswith(b"{}"):
                    read += line.recv(65536)
                try:
                    act(line)
                except OSError:
                    return  # the caller hung up, as he should

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield target_of(f"http://127.0.0.1:{server.getsockname()[1]}/", secure_only=False)
        thread.join(20)


def drip(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(300):
        line.sendall(b"X: y\r\n")
        time.sleep(0.05)


def test_a_slow_drip_ends_when_its_time_is_up() -> None:
    with receiver(drip) as target:
        answer = post(target, {}, b"{}", private=True, seconds=0.5)
    assert answer.status is None
    assert answer.error == "no answer within 0.5 s"
    assert answer.seconds < 8


def test_of_a_huge_answer_little_is_read() -> None:
    with receiver(lambda line: line.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"A\0" * 5_000_000)) as target:
        answer = post(target, {}, b"{}", private=True)
    assert answer.delivered
    assert answer.text == "A" * (KEPT // 2)


@pytest.mark.parametrize(("said", "error"), [
    (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n", "redirects are not followed"),
    (b"HTTP/1.1 500 Oops\r\n\r\n", "HTTP 500"),
    (b"SSH-2.0-OpenSSH\r\n", "BadStatusLine: SSH-2.0-OpenSSH\r\n"),
    (b"", "RemoteDisconnected: Remote end closed connection without response"),
])
def test_other_answers_are_no_delivery(said: bytes, error: str) -> None:
    with receiver(lambda line: line.sendall(said)) as target:
        answer = post(target, {}, b"{}", private=True)
    assert not answer.delivered
    assert answer.error == error


def test_somebody_who_speaks_no_tls() -> None:
    with receiver(lambda line: line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as target:
        secure = target_of(f"https://127.0.0.1:{target.port}/", secure_only=True)
        assert post(secure, {}, b"{}", private=True).error.startswith("SSLError")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = post(target_of(f"http://127.0.0.1:{port}/", secure_only=False), {}, b"{}", private=True)
    assert answer.error.startswith("ConnectionRefusedError")
