"""The generator of hostile answers, the reader against some of them, and that the oracle sees what it should."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace

import pytest

from sunat.sandbox import Operation, Outcome, State
from sunat.sandbox.faults import garbling
from tests.campaigns import hostile
from tests.campaigns.mutations import ANY, BASE64, CDR, XML, ZIP, Mutation

SEED = 20261120


def test_a_few_answers_fool_nobody() -> None:
    found = hostile.measure(seed=SEED, seconds=120, count=250)
    assert found["found"] == []
    assert found["answers"] == 250
    assert set(found["layers"]) == {"message", "base64", "zip", "cdr"}
    assert found["believed"]["nothing"] > 200


@pytest.mark.parametrize("table", [ANY, XML, CDR, BASE64, ZIP], ids=["any", "xml", "cdr", "base64", "zip"])
def test_every_way_to_spoil_takes_anything(table: Mapping[str, Mutation]) -> None:
    zipped = garbling.cdr_zip(outcome_of(hostile.genuine()[0]))
    for name, mutation in table.items():
        changed = set()
        for seed, data in enumerate((b"", b"PK\x05\x06", zipped, garbling.opened(zipped)[1], b64encode(zipped))):
            for turn in range(3):
                spoilt = mutation(random.Random(f"{seed}{turn}"), data)
                assert isinstance(spoilt, bytes)
                changed.add(spoilt != data)
        assert True in changed, name


def test_each_answer_is_the_same_again() -> None:
    one = hostile.spoilt(SEED, 77)
    assert (one.how, one.body) == (hostile.spoilt(SEED, 77).how, hostile.spoilt(SEED, 77).body)
    assert one.body != hostile.spoilt(SEED + 1, 77).body


def unspoilt(right: hostile.Genuine) -> hostile.Hostile:
    return hostile.Hostile(number=0, genuine=right, how=(), status=right.status, body=right.body)


def test_right_answers_are_believed_as_they_are() -> None:
    states = [(hostile.read(unspoilt(right)), right.state) for right in hostile.genuine()]
    assert {told for told, known in states if told is not None and told is not known} == set()
    assert {told for told, _ in states} == {None, State.ACCEPTED, State.REJECTED}
    assert sum(told is not None for told, _ in states) > len(states) / 2


def test_the_oracle_sees_a_false_belief() -> None:
    """A reader that pins no certificate believes a forgery, and the record says otherwise."""
    forged = [
        unspoilt(right) for right in hostile.genuine() if right.operation is Operation.SEND_BILL
        and hostile.read(unspoilt(right), pinned=False) not in {None, right.state}
    ]
    assert forged
    assert {hostile.read(one) for one in forged} == {None}


def test_a_flipped_verdict_is_not_believed() -> None:
    right = hostile.genuine()[0]
    assert right.state is State.ACCEPTED
    name, cdr = garbling.opened(garbling.cdr_zip(outcome_of(right)))
    assert b">2800<" in garbling.flipped(cdr)
    spoilt = garbling.edited(outcome_of(right), garbling.flipped)
    assert hostile.read(replace(unspoilt(right), body=spoilt.body)) is None
    assert name == right.voucher.file_name


def outcome_of(right: hostile.Genuine) -> Outcome:
    return Outcome(status=right.status, body=right.body)
