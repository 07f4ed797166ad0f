"""The guides' REST service, our client against the sandbox without sockets: tokens, tickets, and every bad answer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from sunat.cdr import LIMA, read_cdr
from sunat.errors import Fault, FormatError, UnknownOutcome
from sunat.numbering import VoucherId
from sunat.sandbox import Ledger, Line, Plan, Rule, Sandbox, State
from sunat.sandbox.rulebook import by_the_rules
from sunat.transport import Credentials, Environment, GuideClient, GuideService, Service, endpoint, pack, unpack_cdr
from sunat.transport.tokens import Tokens
from sunat.ubl.render import render
from tests.support.despatch import ISSUED, guide
from tests.support.sandbox import authority
from tests.support.signing import fixed_signer

NOW: Final = datetime(ISSUED.year, ISSUED.month, ISSUED.day, 12, tzinfo=LIMA)
USER: Final = Credentials(ruc="20123456786", user="MODDATOS", password="moddatos")
CLIENT: Final = GuideClient(client_id="prueba", client_secret="moddatos", user=USER)
NAME: Final = "20123456786-09-T001-1"
VOUCHER: Final = VoucherId(ruc="20123456786", type_code="09", series="T001", number=1)
"""The guide that every test sends."""


class World:
    """A sandbox, a line to it and a client of ours."""

    def __init__(self, *modes: str, times: int | None = None) -> None:
        self.now = NOW
        self.ledger = Ledger()
        rules = [Rule(modes=modes, times=times)] if modes else []
        self.sandbox = Sandbox(
            self.ledger, now=lambda: self.now, judge=by_the_rules, authority=authority(),
            plan=Plan(rules), clients={"suya": "clave"},
        )
        line = Line(self.sandbox, sleep=self.sleep)
        url = "http://127.0.0.1:8001"
        self.service = GuideService(
            endpoint(Environment.SANDBOX, Service.GUIDE_TOKEN, sandbox_url=url),
            endpoint(Environment.SANDBOX, Service.GUIDES, sandbox_url=url), exchange=line.post, tokens=Tokens(),
        )

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def send(self, client: GuideClient = CLIENT, zipped: bytes | None = None) -> str:
        return self.service.send(NAME, zipped or parcel(), client, now=self.now).ticket

    def asked(self, operation: str) -> int:
        return sum(one.operation == operation for one in self.ledger.receptions())


def parcel(break_it: Callable[[bytes], bytes] = lambda xml: xml) -> bytes:
    """The signed guide in its zip."""
    xml = break_it(render(guide(), template="guide.xml", series="T001").numbered(1))
    return pack(NAME, fixed_signer().sign(xml).xml)


def test_a_guide_is_taken_and_its_ticket_brings_the_cdr_with_the_address_of_its_qr() -> None:
    world = World()
    ticket = world.send()
    state = world.service.status(ticket, CLIENT, now=world.now)
    assert state.code == "0"
    cdr = read_cdr(
        unpack_cdr(state.content, NAME), voucher_file_name=NAME, ruc=VOUCHER.ruc, voucher_text=VOUCHER.text
    )
    assert (cdr.code, cdr.observations) == ("0", ())
    assert cdr.qr_link is not None
    assert cdr.qr_link.startswith("https://e-factura.sunat.gob.pe/v1/contribuyente/gre/")
    assert [entry.voucher for entry in world.ledger] == [VOUCHER]


def test_a_guide_that_breaks_a_rule_is_rejected_by_cdr_and_may_come_again_under_its_number() -> None:
    world = World()
    bad = parcel(lambda xml: xml.replace(b"<cbc:HandlingCode>01<", b"<cbc:HandlingCode>99<"))
    state = world.service.status(world.send(zipped=bad), CLIENT, now=world.now)
    assert (state.code, bool(state.content)) == ("99", True)
    assert [entry.state for entry in world.ledger] == [State.REJECTED]
    assert world.service.status(world.send(), CLIENT, now=world.now).code == "0"
    assert [entry.state for entry in world.ledger] == [State.ACCEPTED]


def test_a_guide_that_is_there_already_says_so_through_its_ticket() -> None:
    world = World()
    world.send()
    state = world.service.status(world.send(), CLIENT, now=world.now)
    assert (state.code, state.content) == ("1033", b"")


def test_a_voucher_that_is_no_guide_is_told_so_through_its_ticket() -> None:
    world = World()
    receipt = world.service.send("20123456786-01-F001-1", parcel(), CLIENT, now=world.now)
    assert world.service.status(receipt.ticket, CLIENT, now=world.now).code == "0151"


def test_one_token_serves_many_threads_and_lasts_its_time() -> None:
    world = World()
    threads = [threading.Thread(target=world.send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (world.asked("guideToken"), world.asked("sendGuide")) == (1, 8)
    world.now += timedelta(minutes=61)
    world.send()
    assert world.asked("guideToken") == 2


def test_a_token_that_died_is_asked_for_anew_once() -> None:
    world = World("guide-tokens-die", times=1)
    ticket = world.send()
    assert world.asked("guideToken") == 2
    assert world.service.status(ticket, CLIENT, now=world.now).code == "0"


@pytest.mark.parametrize("client", [
    replace(CLIENT, client_secret="otra"), replace(CLIENT, client_id="suya"),
    replace(CLIENT, user=replace(USER, password="otra")), replace(CLIENT, user=replace(USER, user="NADIE")),
])
def test_wrong_credentials_are_told_as_such(client: GuideClient) -> None:
    with pytest.raises(Fault) as caught:
        World().send(client)
    assert (caught.value.code, caught.value.response) == ("0102", b"")


def test_a_client_id_that_no_address_can_carry_is_refused() -> None:
    with pytest.raises(FormatError):
        replace(CLIENT, client_id="a/b")


def test_a_good_token_that_is_not_let_in_is_a_matter_of_permission() -> None:
    with pytest.raises(Fault) as caught:
        World("guide-unauthorised").send()
    assert caught.value.code == "0111"


def test_what_cannot_be_read_is_not_registered() -> None:
    world = World("guide-unreadable", times=1)
    with pytest.raises(Fault) as caught:
        world.send()
    assert caught.value.code == "0422"
    assert list(world.ledger) == []


@pytest.mark.parametrize("mode", ["guide-no-ticket", "guide-not-json", "http-500", "work-then-reset"])
def test_an_answer_without_a_ticket_proves_nothing(mode: str) -> None:
    with pytest.raises(UnknownOutcome):
        World(mode).send()


@pytest.mark.parametrize(("mode", "code"), [
    ("guide-pending", "98"), ("guide-ticket-unknown", "0127"), ("guide-99-bare", "99"), ("guide-no-cdr", "0"),
    ("guide-cdr-garbled", "0"),
])
def test_a_ticket_that_brings_no_cdr_tells_how_far_it_is(mode: str, code: str) -> None:
    world = World(mode)
    state = world.service.status(world.send(), CLIENT, now=world.now)
    assert (state.code, state.content) == (code, b"")


def test_a_ticket_without_a_state_is_no_answer() -> None:
    world = World("guide-no-state")
    with pytest.raises(UnknownOutcome):
        world.service.status(world.send(), CLIENT, now=world.now)


def test_a_slow_ticket_ends() -> None:
    world = World("guide-slow")
    ticket = world.send()
    assert world.service.status(ticket, CLIENT, now=world.now).code == "98"
    world.now += timedelta(seconds=61)
    assert world.service.status(ticket, CLIENT, now=world.now).code == "0"


def test_a_ticket_is_told_to_its_owner_only() -> None:
    world = World()
    ticket = world.send()
    stranger = replace(CLIENT, user=replace(USER, ruc="20987654326"))
    assert world.service.status(ticket, stranger, now=world.now).code == "0127"


def test_what_is_sent_carries_the_hash_of_its_very_zip() -> None:
    world, seen = World(), {}
    exchange = world.service._exchange

    def look(address: str, body: bytes, headers: dict[str, str], **more: object) -> object:
        seen[address] = body
        return exchange(address, body, headers, **more)  # type: ignore[arg-type]

    world.service._exchange = look  # type: ignore[assignment]
    zipped = parcel()
    world.send(zipped=zipped)
    assert hashlib.sha256(zipped).hexdigest().encode() in b"".join(seen.values())
