"""What our ledger says of the modified vouchers: asked once for each, and silent where it knows nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sunat.rules import credit_note
from sunat.rules.context import Context, Known
from sunat.rules.engine import judge
from sunat.xml import parse
from tests.sunat.rules.vouchers import Shape, build

SMALL = Known(issue_date=date(2026, 11, 1), currency="PEN", total=Decimal("10.00"), on_credit=False)


class Shelf:
    """A ledger with some vouchers, which remembers what it was asked for."""

    def __init__(self, **vouchers: Known) -> None:
        self.vouchers = vouchers
        self.asked: list[tuple[str, str, str, int]] = []

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> Known | None:
        self.asked.append((ruc, type_code, series, number))
        return self.vouchers.get(f"{series}_{number}")


def codes(ledger: Shelf, *targets: tuple[str, str]) -> list[str]:
    root = parse(build(Shape(kind="07", targets=targets)))
    return [each.code for each in judge(root, credit_note.RULES, Context(received=date(2026, 11, 20), ledger=ledger))]


def test_a_voucher_is_looked_up_by_number_and_only_once() -> None:
    shelf = Shelf(F001_87=SMALL)
    assert codes(shelf, ("01", "F001-00000087")) == ["3286"]
    assert shelf.asked == [("20123456786", "01", "F001", 87)]


@pytest.mark.parametrize("targets", [(("01", "F001-88"),), (("01", "F001-87"), ("01", "F001-88")), (("12", "MAQ-1"),)])
def test_what_is_not_known_is_let_pass(targets: tuple[tuple[str, str], ...]) -> None:
    assert codes(Shelf(F001_87=SMALL), *targets) == []


def test_several_vouchers_add_up() -> None:
    large = Known(issue_date=date(2026, 11, 1), currency="PEN", total=Decimal(1000), on_credit=False)
    assert codes(Shelf(F001_87=SMALL, F001_88=large), ("01", "F001-87"), ("01", "F001-88")) == []
    assert codes(Shelf(F001_87=SMALL, F001_88=SMALL), ("01", "F001-87"), ("01", "F001-88")) == ["3286"]
