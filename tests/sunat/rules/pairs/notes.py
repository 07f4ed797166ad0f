"""Pairs of the notes: reason, modified vouchers, and what our ledger knows of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from sunat.rules.context import Known
from tests.sunat.rules.pairs.edits import drop, pair, put, to, twice
from tests.sunat.rules.vouchers import PAPER


class OneVoucher:
    """A ledger that knows one voucher, whatever it is asked for."""

    def __init__(self, **facts: object) -> None:
        self.known = Known(**{  # type: ignore[arg-type]
            "issue_date": date(2026, 11, 1), "currency": "PEN", "total": Decimal("100000.00"), "on_credit": True,
            **facts,
        })

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> Known:
        assert (ruc, number) == ("20123456786", 87)
        assert type_code
        assert series
        return self.known


KIND: Final = "modified/cbc:DocumentTypeCode"
NUMBER: Final = "modified/cbc:ID"
SMALL: Final = OneVoucher(total=Decimal("100.00"))

PAIRS: Final = (
    pair("2128", drop("motive")),
    pair("2172", to("motive", "99")),
    pair("3203", twice("cac:DiscrepancyResponse")),
    pair("2136", drop("cac:DiscrepancyResponse/cbc:Description")),
    pair("2135", to("cac:DiscrepancyResponse/cbc:Description", "X" * 501)),
    pair("2524", drop("cac:BillingReference")),
    pair("3261", twice("cac:BillingReference"), base="payment_note", also="2365"),
    pair("3194", twice("cac:BillingReference"), base="export", also="2365"),
    pair("2117", to(NUMBER, "B001-87")),
    pair("2117", to(NUMBER, "F001-87"), base="of_boleta", kinds="07"),
    pair("2117", to(NUMBER, "MAQ1"), base="of_ticket", kinds="07"),
    pair("2205", to(NUMBER, "B001-87")),
    pair("2205", to(NUMBER, "F001-87"), base="of_boleta", kinds="08"),
    pair("2205", to(NUMBER, "MAQ1"), base="of_ticket", kinds="08"),
    pair("2116", to(KIND, "03"), also="2117"),
    pair("2116", put("", "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>X-1</cbc:ID>"
                     "<cbc:DocumentTypeCode>99</cbc:DocumentTypeCode></cac:InvoiceDocumentReference>"
                     "</cac:BillingReference>"),
         base="of_nothing", kinds="07"),
    pair("2117", to(KIND, ""), to(NUMBER, "X"), base="by_paper", kinds="07", also="2594"),
    pair("2205", to(KIND, ""), to(NUMBER, "X"), base="by_paper", kinds="08", also="2594"),
    *(
        pair(code, to("motive", free), to("cbc:ID", series), to(KIND, "99"), base="by_paper", kinds=kind,
             also="2637 3030 4198")
        for kind, free, codes in (("07", "10", ("2116", "2399", "2594")), ("08", "03", ("2204", "2400", "2594")))
        for code, series in zip(codes, ("F001-1", "B001-1", "0001-1"), strict=True)
    ),
    pair("2204", to(KIND, "03"), also="2205"),
    pair("2399", to(KIND, "01"), base="of_boleta", also="2117"),
    pair("2400", to(KIND, "01"), base="of_boleta", also="2205"),
    pair("2594", to(KIND, "99"), base="by_paper"),
    pair("2884", to(KIND, "12", 1), base="of_two"),
    pair("3259", to(KIND, "12"), base="payment_note"),
    pair("4367", to("motive", "04"), base="of_boleta", kinds="07"),
    pair("3257", drop("terms", 0), drop("terms", 0), drop("terms", 0), base="payment_note"),
    pair("2635", put("", PAPER.format("99")), base="of_nothing", kinds="07", also="2426"),
    pair("2636", to("related/cbc:DocumentTypeCode", "99"), to("related/cbc:ID", ""), also="4010"),
    pair("2637", to("related/cbc:DocumentTypeCode", "05"), base="of_nothing", kinds="07"),
    pair("3507", to("line/taxes/affectation", "10"), base="penalty", also="2040"),
    pair("3286", to("legend", "1000"), ledger=SMALL, kinds="07"),
    pair("4028", to("legend", "1000"), base="of_boleta", ledger=SMALL, kinds="07"),
    pair("3260", to("legend", "1000"), base="payment_note", ledger=OneVoucher(on_credit=False)),
    pair("3320", to("legend", "1000"), base="payment_note", ledger=SMALL),
    pair("3321", to("legend", "1000"), base="payment_note", ledger=OneVoucher(issue_date=date(2026, 12, 25))),
    pair("4368", to("legend", "1000"), base="of_boleta", ledger=OneVoucher(currency="USD"), kinds="07"),
)
