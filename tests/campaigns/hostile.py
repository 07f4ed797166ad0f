"""Hostile answers: right ones of the pretend SUNAT, spoilt on every layer, and a reader that must not be fooled.

`answers` is the generator, one answer for each (seed, number). The campaign reads them with the product's own clients
and CDR reader: no crash (nothing outside the error tree), a decision within two seconds, bounded memory, and never a
false belief: a CDR whose signature holds and is the known authority's says what the authority's record says.
"""

from __future__ import annotations

import random
import re
import resource
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sunat.cdr import Outcome as Verdict
from sunat.cdr import read_cdr
from sunat.errors import SunatError, UnknownOutcome
from sunat.numbering import VoucherId
from sunat.sandbox import Call, Ledger, Operation, Plan, Remark, Rule, Sandbox, State, Submission
from sunat.sandbox.faults import MODES
from sunat.signing import Certificate, self_signed
from sunat.transport import BillService, Credentials, unpack_cdr
from sunat.transport.connection import Reply
from sunat.transport.consult import ConsultService
from sunat.transport.zipping import pack, pack_cdr
from tests.campaigns.mutations import ANY, BASE64, CDR, XML, ZIP, Mutation, opened
from tests.support.asking import CONSULT, LIVE, OSE, envelope, sending, signed_invoice
from tests.support.sandbox import PATH

ANSWERS: Final = 20_000
SLOWEST_SECONDS: Final = 2.0
MOST_GROWTH_MB: Final = 400
_MOST_BYTES: Final = 12 * 1024 * 1024
"""Of an answer: several times what the clients read of one."""
_NOW: Final = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
_PART: Final = re.compile(rb"(?<=<applicationResponse>)[A-Za-z0-9+/=]+(?=</)|(?<=<content>)[A-Za-z0-9+/=]+(?=</)")
_LAYERS: Final[tuple[tuple[str, Mapping[str, Mutation]], ...]] = (
    ("message", {**ANY, **XML}), ("base64", {**ANY, **BASE64}), ("zip", {**ANY, **ZIP}), ("cdr", {**ANY, **XML, **CDR}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """A right answer: to which operation, about which voucher, and what the record says of that voucher."""

    operation: Operation
    path: str
    voucher: VoucherId
    state: State | None
    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A spoilt answer, and how it was spoilt: ``layer: mutation`` in their order."""

    number: int
    genuine: Genuine
    how: tuple[str, ...]
    status: int
    body: bytes = field(repr=False)


@cache
def authority() -> Certificate:
    """Who signs the right ones."""
    return self_signed("20131312955", "AUTORIDAD DE CAMPAÑA", now=_NOW)


def judge(submission: Submission) -> Sequence[Remark]:
    """Every third voucher is rejected, every fifth observed."""
    remarks = []
    if submission.voucher.number % 5 == 0:
        remarks.append(Remark(code="4252", text="Observado: ñ <&>", severe=False))
    if submission.voucher.number % 3 == 0:
        remarks.append(Remark(code="2800", text="Rechazado", severe=True))
    return remarks


@cache
def genuine() -> tuple[Genuine, ...]:
    """Right answers of each kind in each dialect, odd ones that are sound, and exceptions."""
    found: list[Genuine] = []
    number = 0
    modes = ("", *(name for name, mode in MODES.items() if mode.fits(Operation.SEND_BILL) and (
        mode.sound or name in {"busy", "code-in-text", "soap-1.2", "foreign-number", "cdr-other-number", "cdr-forged"}
    )))
    for mode in modes:
        for path in (PATH, LIVE, OSE):
            for _ in range(3 if not mode else 1):
                number += 1
                found += _exchanged(path, number, mode)
    return tuple(found)


def _exchanged(path: str, number: int, mode: str) -> Iterator[Genuine]:
    plan = Plan([Rule(modes=(mode,), operations=(Operation.SEND_BILL,))]) if mode else Plan()
    with Ledger() as ledger:
        sandbox = Sandbox(ledger, now=lambda: _NOW, judge=judge, authority=authority(), plan=plan)
        name, signed = signed_invoice(number)
        voucher = VoucherId(ruc=name[:11], type_code="01", series="F001", number=number)
        sent = sandbox.answer(Call(method="POST", path=path, body=sending(name, signed)))
        entry = ledger.get(voucher)
        state = entry.state if entry else None
        yield Genuine(operation=Operation.SEND_BILL, path=path, voucher=voucher, state=state, status=sent.status,
                      body=sent.body)
        asked = {"rucComprobante": voucher.ruc, "tipoComprobante": "01", "serieComprobante": "F001",
                 "numeroComprobante": str(number)}
        told = sandbox.answer(Call(method="POST", path=CONSULT, body=envelope("getStatusCdr", asked)))
        yield Genuine(operation=Operation.STATUS_CDR, path=CONSULT, voucher=voucher, state=state, status=told.status,
                      body=told.body)


def answers(seed: int, count: int, *, first: int = 0) -> Iterator[Hostile]:
    """Spoilt answers number ``first`` to ``first + count - 1``: each is the same whenever its seed and number are."""
    for number in range(first, first + count):
        yield spoilt(seed, number)


def spoilt(seed: int, number: int) -> Hostile:
    """One of them."""
    chance = random.Random(f"{seed}:{number}")
    right = chance.choice(genuine())
    how: list[str] = []
    body = right.body
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        layer, table = chance.choice(_LAYERS) if _PART.search(body) else _LAYERS[0]
        name = chance.choice(sorted(table))
        how.append(f"{layer}: {name}")
        body = _spoil(chance, layer, table[name], body)[:_MOST_BYTES]
    if chance.random() < 0.05:
        how.append("message: another voucher's")
        body = chance.choice(genuine()).body
    status = right.status if chance.random() < 0.9 else chance.choice((200, 201, 204, 302, 400, 401, 404, 500, 503))
    return Hostile(number=number, genuine=right, how=tuple(how), status=status, body=body)


def _spoil(chance: random.Random, layer: str, mutation: Mutation, body: bytes) -> bytes:
    if layer == "message":
        return mutation(chance, body)
    found = _PART.search(body)
    if found is None:
        return body
    return body[:found.start()] + _inner(chance, layer, mutation, found.group()) + body[found.end():]


def _inner(chance: random.Random, layer: str, mutation: Mutation, text: bytes) -> bytes:
    if layer == "base64":
        return mutation(chance, text)
    try:
        zipped = b64decode(text, validate=True)
    except ValueError:
        return mutation(chance, text)
    if layer == "zip":
        return b64encode(mutation(chance, zipped))
    found = opened(zipped)
    return mutation(chance, text) if found is None else b64encode(pack_cdr(found[0], mutation(chance, found[1])))


def read(hostile: Hostile, *, pinned: bool = True) -> State | None:
    """What the product's clients make of an answer: accepted, rejected, or nothing that may be believed.

    Without a pinned certificate any signature that holds is believed. Raises only what is a bug.
    """
    right = hostile.genuine
    reply = Reply(status=hostile.status, body=hostile.body)
    credentials = Credentials(ruc=right.voucher.ruc, user="MODDATOS", password="moddatos")
    name = right.voucher.file_name

    def exchange(*_: object, max_bytes: int, **__: object) -> Reply:
        if len(reply.body) > max_bytes:
            raise UnknownOutcome(f"The answer is larger than {max_bytes} bytes")
        return reply

    try:
        if right.operation is Operation.SEND_BILL:
            service = BillService(f"https://sunat.test{right.path}", exchange=exchange)
            zipped = service.send_bill(f"{name}.zip", pack(name, b"<a/>"), credentials).cdr_zip
        else:
            consult = ConsultService(f"https://sunat.test{right.path}", exchange=exchange)
            zipped = consult.status_cdr(right.voucher, credentials).content
        cdr = read_cdr(
            unpack_cdr(zipped, name), voucher_file_name=name, ruc=right.voucher.ruc, voucher_text=right.voucher.text
        )
    except SunatError:
        return None
    if cdr.signature != "valid" or (pinned and cdr.signed_by != authority().fingerprint):
        return None
    return State.REJECTED if cdr.outcome is Verdict.REJECTED else State.ACCEPTED


def measure(*, seed: int, seconds: float, count: int = ANSWERS, first: int = 0) -> dict[str, Any]:
    """Reads ``count`` answers from number ``first`` on, or as many as the time allows, and tells what came of it.

    What is judged is the processor's time of a decision, which does not depend on what else the machine does, and how
    far reading (not spoiling) pushes the peak of the memory.
    """
    begun = time.monotonic()
    genuine()
    cpu, wall, slowest, growth = 0.0, 0.0, first, 0
    believed, layers, violations = Counter[str](), Counter[str](), []
    done = 0
    for answer in answers(seed, count, first=first):
        if time.monotonic() - begun > seconds:
            break
        peak, started, working = _peak(), time.perf_counter(), time.thread_time()
        try:
            state: State | str | None = read(answer)
        except Exception as error:  # whatever it is, it is the finding
            state = type(error).__name__
            violations.append(f"{answer.number} {answer.how}: {state}: {str(error)[:120]}")
        took = time.thread_time() - working
        done, wall, growth = done + 1, max(wall, time.perf_counter() - started), growth + _peak() - peak
        if took > cpu:
            cpu, slowest = took, answer.number
        believed[state or "nothing"] += 1
        layers.update({one.partition(":")[0] for one in answer.how})
        if took > SLOWEST_SECONDS:
            violations.append(f"{answer.number} {answer.how}: {took:.2f} s")
        if isinstance(state, State) and state is not answer.genuine.state:
            violations.append(f"{answer.number} {answer.how}: believed {state}, on record {answer.genuine.state}")
    if growth > MOST_GROWTH_MB * 1024:
        violations.append(f"reading took {growth // 1024} MB more")
    return {
        "seed": seed, "first": first, "answers": done, "genuine": len(genuine()),
        "layers": dict(sorted(layers.items())),
        "believed": dict(sorted(believed.items())), "slowest_cpu_seconds": round(cpu, 3), "slowest_answer": slowest,
        "slowest_wall_seconds": round(wall, 3), "memory_growth_mb": round(growth / 1024, 1),
        "seconds": round(time.monotonic() - begun, 1), "bound_95": round(3 / max(done, 1), 6), "found": violations[:50],
        "violations": len(violations),
    }


def _peak() -> int:
    """The most memory this process has held, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
