"""The control API of the sandbox, under a path no service of SUNAT has: faults put on and off, the ledger read.

=======================================  ===========================================================================
``GET /_sandbox/modes``                  what can go wrong, and what each imitates
``GET /_sandbox/faults``                 the rules in force with how often each struck, and the seed
``POST /_sandbox/faults``                adds a rule, or a list of them (the keys of a scenario file); 201 and numbers
``DELETE /_sandbox/faults[/N]``          takes all rules away, or one
``GET /_sandbox/ledger[?ruc=...]``       the vouchers on record
``GET /_sandbox/calls[?last=N]``         the journal of calls
``POST /_sandbox/void``                  marks a voucher as voided: ``{"voucher": "RUC-01-F001-1"}``
=======================================  ===========================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Final
from urllib.parse import parse_qs

from sunat.errors import FormatError
from sunat.numbering import VoucherId, parse_file_name
from sunat.sandbox.exchange import Call, Outcome
from sunat.sandbox.faults import MODES, Plan
from sunat.sandbox.faults.scenario import read_rules, written_rule
from sunat.sandbox.ledger import Entry, Ledger

CONTROL: Final = "/_sandbox"
_JSON: Final = "application/json; charset=utf-8"
_MOST: Final = 10_000


class Control:
    """Answers the calls under ``/_sandbox``."""

    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self._ledger = ledger
        self._plan = plan
        self._resources: dict[tuple[str, str], Callable[[Call], Outcome]] = {
            ("GET", "/modes"): self._modes, ("GET", "/faults"): self._faults, ("POST", "/faults"): self._add,
            ("DELETE", "/faults"): self._clear, ("GET", "/ledger"): self._vouchers, ("GET", "/calls"): self._calls,
            ("POST", "/void"): self._void,
        }

    def answer(self, call: Call) -> Outcome:
        """JSON in, JSON out; 400 with a sentence for what makes no sense."""
        path = call.path.rstrip("/").removeprefix(CONTROL)
        try:
            if call.method == "DELETE" and path.startswith("/faults/"):
                return self._remove(path.removeprefix("/faults/"))
            found = self._resources.get((call.method, path))
            if found is None:
                return _said(404, {"error": "No existe ese recurso de control / There is no such control resource"})
            return found(call)
        except FormatError as error:
            return _said(400, {"error": str(error)})

    def _modes(self, call: Call) -> Outcome:
        return _said(200, {"modes": [mode.told() for mode in MODES.values()]})

    def _faults(self, call: Call) -> Outcome:
        rules = [{"id": number, "struck": struck, **written_rule(rule)} for number, rule, struck in self._plan.listed()]
        return _said(200, {"seed": self._plan.seed, "faults": rules})

    def _add(self, call: Call) -> Outcome:
        rules = read_rules(_read(call.body))
        return _said(201, {"ids": [self._plan.add(rule) for rule in rules]})

    def _clear(self, call: Call) -> Outcome:
        self._plan.clear()
        return _said(200, {"faults": []})

    def _remove(self, number: str) -> Outcome:
        if number.isascii() and number.isdigit() and self._plan.remove(int(number[:9])):
            return _said(200, {"removed": int(number)})
        return _said(404, {"error": "No existe esa regla / There is no such rule"})

    def _vouchers(self, call: Call) -> Outcome:
        asked = _query(call)
        entries = [entry for entry in self._ledger if asked.get("ruc", entry.voucher.ruc) == entry.voucher.ruc]
        return _said(200, {"count": len(entries), "vouchers": [_entry(one) for one in entries[-_MOST:]]})

    def _calls(self, call: Call) -> Outcome:
        last = _query(call).get("last", "1000")
        if not (last.isascii() and last.isdigit()):
            raise FormatError("last is a number")
        calls = self._ledger.receptions(last=min(int(last[:9]), _MOST))
        return _said(200, {"calls": [{**asdict(one), "at": one.at.isoformat()} for one in calls]})

    def _void(self, call: Call) -> Outcome:
        asked = _read(call.body)
        name = asked.get("voucher") if isinstance(asked, dict) else None
        voucher = parse_file_name(name) if isinstance(name, str) else None
        if not isinstance(voucher, VoucherId):
            raise FormatError("voucher is a file name: RUC-01-F001-1")
        if not self._ledger.void(voucher):
            return _said(404, {"error": "No está registrado como aceptado / It is not on record as accepted"})
        return _said(200, {"voided": voucher.file_name})


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "voucher": entry.voucher.file_name, "state": entry.state, "sha256": entry.sha256,
        "received_at": entry.received_at.isoformat(), "cdr_bytes": len(entry.cdr),
        "issue_date": entry.issue_date.isoformat() if entry.issue_date else None,
        "total": None if entry.total is None else str(entry.total), "customer": entry.customer,
    }


def _query(call: Call) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(call.query[:2000]).items()}


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FormatError("The body is not JSON") from error


def _said(status: int, content: object) -> Outcome:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Outcome(status=status, headers=(("Content-Type", _JSON),), body=body)
