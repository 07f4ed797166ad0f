"""The rules of the law as the pretend authority applies them: the table of each kind, and the signature's.

Whether the signature is true the desk has already looked at (2335); here it is its parts (sheet Firma).
"""

from __future__ import annotations

from collections.abc import Sequence

from sunat.kinds import kind, summary_form
from sunat.numbering import VoucherId
from sunat.rules import signature
from sunat.rules.context import Context
from sunat.rules.engine import Severity, judge
from sunat.sandbox.desk import Judge, Remark, Submission
from sunat.schemas import Schemas
from sunat.validation import schema_findings


def rulebook(schemas: Schemas | None = None) -> Judge:
    """The judge that goes by the published rules, and by the XML schemas where there are any."""

    def judged(submission: Submission) -> Sequence[Remark]:
        identity = submission.voucher
        row = kind(identity.type_code) if isinstance(identity, VoucherId) else summary_form(identity.kind)
        context = Context(
            received=submission.received_at.date(), file_name=f"{submission.file_name}.xml",
            zip_name=f"{submission.file_name}.zip", sender_ruc=submission.voucher.ruc, raw=submission.content,
        )
        found = (
            *schema_findings(submission.root, schemas), *judge(submission.root, row.rules, context),
            *judge(submission.root, signature.table(row.root), context),
        )
        return [
            Remark(code=finding.code, text=finding.message_es, severe=finding.severity is Severity.ERROR)
            for finding in found
        ]

    return judged


by_the_rules = rulebook()
"""What the published rules have against a voucher on the day it was received, in the order of the XML.

Refusals by norm that SUNAT's validator does not make carry codes of our own, which the desk passes over.
"""
