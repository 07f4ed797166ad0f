"""The audit: every number from the first to the last accounted for, every signed byte as it was, and proof of both.

==================  ==========================================================================================
``runs``            numbers as runs: used, skipped, missing
``findings``        what can be wrong, in words
``reading``         a series' rows in pages, over one consistent picture
``judging``         one series: links, digests, numbers, states
``reports``         the report as a signed file of lines, written while it is read
``keys``            the installation's signing key
``check_report``    the stand-alone checker: one file for whoever gets a report; it imports nothing of ours
==================  ==========================================================================================

Sources: decisions 6 and 14, `domain/numbering.md` 2, RFC 8032 (Ed25519).
"""

from __future__ import annotations

from app.audit.views import register

__all__ = ["register"]
