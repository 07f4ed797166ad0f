"""The rules of the law as the pretend authority applies them: each voucher by the table of its kind."""

from __future__ import annotations

from collections.abc import Sequence

from sunat.kinds import kind
from sunat.rules.context import Context
from sunat.rules.engine import Severity, judge
from sunat.sandbox.desk import Remark, Submission


def by_the_rules(submission: Submission) -> Sequence[Remark]:
    """What the published rules have against a voucher on the day it was received, in the order of the XML.

    A `sunat.sandbox.desk.Judge`. Refusals by norm that SUNAT's validator does not make carry codes of our own, which
    the desk passes over.
    """
    table = kind(submission.voucher.type_code).rules
    context = Context(
        received=submission.received_at.date(), file_name=f"{submission.file_name}.xml",
        zip_name=f"{submission.file_name}.zip", raw=submission.content,
    )
    return [
        Remark(code=finding.code, text=finding.message_es, severe=finding.severity is Severity.ERROR)
        for finding in judge(submission.root, table, context)
    ]
