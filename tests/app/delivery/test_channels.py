"""Going over to another channel: what is open at the former register is asked about there, and only then goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.channels import SETTLING
from app.accounts.models import AccountRecord, FormerChannelRecord
from app.accounts.operations import change_account
from app.clock import FixedClock
from app.delivery import handling
from app.delivery.attempts import attempt
from app.delivery.due import due, pick
from app.delivery.holds import held_issuer
from app.http import Office
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord
from app.problems import Refused
from sunat.sandbox import Ledger, Sandbox
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Plan, Rule
from sunat.sandbox.line import Line
from tests.support.builders import Tenant, tenant
from tests.support.sandbox import authority, nothing_against
from tests.support.stored import Issued, store_voucher

Make = Callable[..., "Shop"]
LOST, UNREAD = "work-then-reset", "reset-before-work"


class Shop:
    """An issuer with a line to two registers: SUNAT's, and behind the OSE's address another one."""

    def __init__(self, office: Office, clock: FixedClock, ledgers: list[Ledger], rules: tuple[Rule, ...]) -> None:
        self.office, self.clock = office, clock
        self.owner: Tenant = tenant(office.database, clock.now())
        with office.database.write() as session:
            session.get_one(AccountRecord, self.owner.account_id).data_key_sealed = office.vault.new_data_key()
        self.sandboxes = [
            Sandbox(ledger, now=clock.now, judge=nothing_against, authority=authority(), plan=Plan(given, seed=1))
            for ledger, given in zip(ledgers, (rules, ()), strict=True)
        ]
        self.asked: list[str] = []

    def post(self, address: str, *given: Any, **more: Any) -> Any:
        """One request, to the register behind the address."""
        ose = "/ol-ti-itcpe/" in address
        self.asked.append("ose" if ose else "sunat")
        line = Line(self.sandboxes[ose], sleep=lambda seconds: self.clock.advance(timedelta(seconds=seconds)))
        return line.post(address, *given, **more)

    def issue(self, **more: Any) -> Issued:
        return store_voucher(self.office.database, self.owner, self.clock.now(), self.clock.today(), **more)

    def change(self, **changes: Any) -> None:
        self.clock.advance(timedelta(seconds=1))
        with self.office.database.write() as session:
            account = session.get_one(AccountRecord, self.owner.account_id)
            change_account(session, self.office.vault, account, changes, now=self.clock.now())

    def step(self, issued: Issued, *, after: timedelta = timedelta(minutes=20)) -> str:
        """One attempt, some time later; the phase it leads to, or nothing where there is none to be made."""
        self.clock.advance(after)
        made = attempt(self.office, issued.delivery_id, exchange=self.post)
        return self.seen(issued)[1].phase if made else ""

    def seen(self, issued: Issued) -> tuple[DocumentRecord, DeliveryRecord]:
        with self.office.database.read() as session:
            return (
                session.get_one(DocumentRecord, issued.document_id), session.get_one(DeliveryRecord, issued.delivery_id)
            )

    def on_record(self) -> list[int]:
        return [sandbox.ledger.count() for sandbox in self.sandboxes]


@pytest.fixture
def shop_of(office: Office, clock: FixedClock) -> Iterator[Make]:
    with Ledger() as sunat, Ledger() as ose:
        yield lambda *rules: Shop(office, clock, [sunat, ose], rules)


def fault(mode: str, **more: Any) -> Rule:
    return Rule(modes=(mode,), **{"operations": (Operation.SEND_BILL,), "times_each": 1, **more})


def test_what_the_former_register_took_is_settled_there(shop_of: Make) -> None:
    shop = shop_of(fault(LOST))
    sent = shop.issue()
    assert shop.step(sent) == "doubt"
    shop.change(channel="ose")
    assert shop.step(sent) == "settled"
    assert (shop.seen(sent)[0].status, shop.asked, shop.on_record()) == ("accepted", ["sunat", "sunat"], [1, 0])


def test_what_it_surely_does_not_hold_goes_by_the_new_one(shop_of: Make) -> None:
    shop = shop_of(fault(UNREAD))
    sent = shop.issue()
    assert shop.step(sent) == "doubt"
    shop.change(channel="ose")
    assert shop.step(sent) == "missed", "one answer is not believed: registers lag"
    assert shop.step(sent, after=timedelta(minutes=30)) == "fresh"
    assert shop.step(sent) == "settled"
    assert (shop.asked, shop.on_record()) == (["sunat", "sunat", "sunat", "ose"], [0, 1])


def test_a_sending_that_was_to_be_repeated_is_not_repeated_there(shop_of: Make) -> None:
    shop = shop_of(fault(UNREAD))
    sent = shop.issue()
    assert [shop.step(sent), shop.step(sent)] == ["doubt", "resend"]
    shop.change(channel="ose")
    assert shop.step(sent) == "missed"
    assert shop.asked == ["sunat"] * 3
    assert shop.on_record() == [0, 0]
    with shop.office.database.read() as session:
        operations = session.scalars(select(AttemptRecord.operation).order_by(AttemptRecord.id)).all()
    assert operations == ["sendBill", "getStatusCdr", "getStatusCdr"]


def test_nothing_goes_by_the_new_one_before_the_open_ones_were_asked_about(shop_of: Make) -> None:
    shop = shop_of(fault(LOST))
    sent = shop.issue()
    shop.step(sent)
    shop.change(channel="ose")
    waiting = shop.issue()
    shop.clock.advance(timedelta(minutes=5))
    assert due(shop.office.database, shop.clock.now(), limit=9) == [sent.delivery_id]
    assert shop.step(waiting, after=timedelta()) == ""
    assert shop.step(sent, after=timedelta()) == "settled"
    assert shop.step(waiting, after=timedelta()) == "settled"
    assert shop.on_record() == [1, 1]


def test_nobody_waits_longer_than_a_while_for_a_register_that_is_away(shop_of: Make) -> None:
    shop = shop_of(fault(LOST))
    sent = shop.issue()
    shop.step(sent)
    shop.change(channel="ose")
    waiting = shop.issue()
    shop.clock.advance(SETTLING + timedelta(seconds=1))
    doors = {one.id: one.door for one in pick(shop.office.database, shop.clock.now(), limit=9)}
    assert doors == {sent.delivery_id: "sandbox:cdr", waiting.delivery_id: "sandbox:ose"}


def test_the_former_user_asks_and_where_he_is_refused_a_person_decides(shop_of: Make) -> None:
    shop = shop_of(fault(UNREAD), fault("bad-login", operations=(Operation.STATUS_CDR,)))
    sent = shop.issue()
    shop.step(sent)
    shop.change(channel="ose", sol_user="OSEUSER1", sol_password="otra")
    assert shop.step(sent) == "doubt"
    held = shop.seen(sent)[1]
    assert (held.state, held.reason) == ("held", "channel")
    with shop.office.database.write() as session:
        assert held_issuer(session, shop.owner.account_id) is None, "the new user is not to blame"
        (former,) = session.scalars(select(FormerChannelRecord)).all()
        assert (former.version, former.channel, former.sol_user) == (1, "sunat", "")
        handling.retry(session, session.get_one(DocumentRecord, sent.document_id), now=shop.clock.now(), actor="x")
    assert shop.seen(sent)[1].phase == "fresh"
    shop.change(sol_user="", sol_password="")
    assert shop.step(sent) == "settled"
    assert shop.on_record() == [0, 1]


def test_a_refusal_of_the_former_register_still_waits_for_its_correction(shop_of: Make) -> None:
    shop = shop_of(fault("rule-as-exception"))
    sent = shop.issue()
    assert shop.step(sent) == "refused"
    shop.change(channel="ose")
    assert shop.step(sent) == "missed"
    assert shop.step(sent, after=timedelta(minutes=30)) == "absent"
    assert shop.seen(sent)[1].state == "held"


def test_a_provider_is_the_same_register(shop_of: Make) -> None:
    shop = shop_of(fault(LOST))
    sent = shop.issue()
    shop.step(sent)
    shop.change(channel="pse", pse_ruc="20777777778")
    with shop.office.database.read() as session:
        account = session.get_one(AccountRecord, shop.owner.account_id)
        assert (account.channel_version, session.scalars(select(FormerChannelRecord)).all()) == (1, [])
    shop.change(channel="sunat")
    assert shop.step(sent) == "settled"


def test_going_there_and_back_is_no_change(shop_of: Make) -> None:
    shop = shop_of(fault(UNREAD))
    sent = shop.issue()
    shop.step(sent)
    shop.change(channel="ose")
    shop.change(channel="sunat")
    assert [shop.step(sent), shop.step(sent), shop.seen(sent)[1].sent_by] == ["resend", "settled", 3]
    assert shop.on_record() == [1, 0]


@pytest.mark.parametrize(("environment", "changes", "pointer"), [
    ("sandbox", {"channel": "pse"}, "pse_tax_id_code"),
    ("live", {"channel": "ose"}, "ose_url"),
    ("beta", {"channel": "ose", "ose_url": "http://ose.example.com/billService"}, "ose_url"),
    ("sandbox", {"channel": "ose", "ose_url": "https://e-factura.sunat.gob.pe/x"}, "ose_url"),
])
def test_a_channel_that_cannot_be_is_refused(
    office: Office, clock: FixedClock, environment: str, changes: dict[str, Any], pointer: str
) -> None:
    owner = tenant(office.database, clock.now(), environment=environment)
    with pytest.raises(Refused) as refused, office.database.write() as session:
        account = session.get_one(AccountRecord, owner.account_id)
        account.data_key_sealed = office.vault.new_data_key()
        change_account(session, office.vault, account, changes, now=clock.now())
    (item,) = refused.value.items
    assert (item.code, item.pointer) == ("CHQ-CHANNEL", f"/additional/pe_account/{pointer}")
