"""Every element of the goldens removed, emptied and altered: what goes unnoticed is known, and has its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from sunat.rules.engine import judge
from tests.sunat.rules.mutations import VERBS, Golden, Place, goldens, noticed, places
from tests.sunat.rules.unnoticed import FLOORS, ROWS

STEMS = {"01": "invoice", "03": "boleta", "07": "credit_note", "08": "debit_note"}


def sample(kind: str) -> Iterator[Place]:
    """The first golden's place of every path."""
    seen: set[str] = set()
    for golden in goldens(STEMS[kind]):
        for place in places(golden):
            if place.path not in seen:
                seen.add(place.path)
                yield place


@cache
def outcomes(kind: str) -> tuple[tuple[Place, str, bool], ...]:
    """Place, verb and whether it is noticed, for the whole sample."""
    return tuple(
        (place, verb, seen) for place in sample(kind) for verb in VERBS if (seen := noticed(place, verb)) is not None
    )


def unargued(found: dict[tuple[str, str], str]) -> list[str]:
    return [
        f"{path} {verb} ({name})" for (path, verb), name in found.items()
        if not any(row.covers(path, verb) for row in ROWS)
    ]


@pytest.mark.parametrize("kind", STEMS)
def test_what_goes_unnoticed_has_its_reason(kind: str) -> None:
    counted = Counter(seen for _, _, seen in outcomes(kind))
    silent = {(place.path, verb): place.golden.name for place, verb, seen in outcomes(kind) if not seen}
    assert sum(counted.values()) > 200
    assert unargued(silent) == []
    assert 100 * counted[True] / sum(counted.values()) >= FLOORS[kind]


def test_at_least_five_hundred_places_are_mutated() -> None:
    assert sum(1 for kind in STEMS for _ in sample(kind)) >= 300
    assert sum(1 for golden in goldens() for _ in places(golden)) >= 500


def test_what_matters_is_noticed_whatever_is_done_to_it() -> None:
    """Number, day, issuer, type, currency, tributes, total: nothing of these may change without a word."""
    wanted = {
        "cbc:ID": "re", "cbc:IssueDate": "rea", "cbc:DocumentCurrencyCode": "rea", "totals/cbc:PayableAmount": "rea",
        "cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID": "rea", "cbc:InvoiceTypeCode": "rea",
        "cac:TaxTotal/cbc:TaxAmount": "rea", "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount": "re",
        "line/cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID": "rea",
        "line/cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReasonCode": "rea",
        "line/cbc:LineExtensionAmount": "rea", "line": "re", "cac:TaxTotal": "re", "totals": "re",
    }
    golden = next(golden for golden in goldens("invoice") if golden.name == "cash")
    silent = [
        (place.path, verb) for place in places(golden) if place.path in wanted
        for verb in VERBS if verb[0] in wanted[place.path] and noticed(place, verb) is False
    ]
    assert silent == []


@pytest.mark.long
def test_every_reason_is_still_needed() -> None:
    needed = {
        row for golden in goldens() for place in places(golden) for verb in VERBS if noticed(place, verb) is False
        for row in ROWS if row.covers(place.path, verb)
    }
    assert [row.pattern for row in ROWS if row not in needed] == []


@pytest.mark.parametrize("golden", goldens(), ids=lambda golden: f"{golden.kind.code}-{golden.name}")
def test_goldens_are_clean_before_they_are_mutated(golden: Golden) -> None:
    assert judge(golden.root, golden.kind.rules, golden.context) == ()


@pytest.mark.long
@pytest.mark.parametrize("golden", goldens(), ids=lambda golden: f"{golden.kind.code}-{golden.name}")
def test_every_place_of_every_golden(golden: Golden) -> None:
    silent = {
        (place.path, verb): golden.name for place in places(golden) for verb in VERBS if noticed(place, verb) is False
    }
    assert unargued(silent) == []
