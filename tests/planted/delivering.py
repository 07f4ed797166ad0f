"""The bugs of telling SUNAT: what would lose a voucher, send another in its place, or believe what is not proven."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug, Change

_PROTOCOL: Final = "tests/app/delivery/test_protocol.py"
_ATTEMPTS: Final = "tests/app/delivery/test_attempts.py"
_CHANNELS: Final = "tests/app/delivery/test_channels.py"

DELIVERY: Final = (
    Bug(
        name="one answer that it is not there proves absence",
        changes=(Change(
            file="app/delivery/consequences.py",
            old="        return sign if apart >= timedelta(seconds=retries.spaced.least) else None\n",
            new="        return sign if apart >= timedelta() else None\n",
        ),),
        tests=(f"{_PROTOCOL}::test_two_answers_close_together_are_one[sqlite]",),
    ),
    Bug(
        name="1033 means accepted",
        changes=(Change(
            file="app/delivery/outcomes.py",
            old="    Class.ALREADY_THERE: _course(Class.ALREADY_THERE, Sign.CLAIM),\n",
            new="    Class.ALREADY_THERE: _course(Class.ALREADY_THERE, Sign.VERDICT),\n",
        ),),
        tests=(f"{_PROTOCOL}::test_a_foreign_number_freezes_its_series_and_settles_nothing[sqlite-accepted]",),
    ),
    Bug(
        name="a resending is made anew",
        changes=(Change(
            file="app/delivery/sending.py",
            old='service.send_bill(f"{name}.zip", pack(name, parcel.xml), route.credentials)',
            new='service.send_bill(f"{name}.zip", pack(name, parcel.xml + b" " * parcel.tries), route.credentials)',
        ),),
        tests=(f"{_PROTOCOL}::test_what_was_never_registered_goes_again_with_the_same_bytes[sqlite-busy]",),
    ),
    Bug(
        name="an attempt is not fenced",
        changes=(Change(
            file="app/delivery/settling.py",
            old="if delivery.state == DeliveryState.SENDING and delivery.attempt == parcel.attempt:",
            new="if delivery.state != DeliveryState.DONE and delivery.attempt >= parcel.attempt:",
        ),),
        tests=(f"{_ATTEMPTS}::test_an_answer_that_comes_after_its_lease_settles_at_once",
               f"{_ATTEMPTS}::test_an_answer_that_comes_after_the_next_attempt_settles_it_whatever_that_one_was_told"),
    ),
    Bug(
        name="a verdict found by asking has no event",
        changes=(Change(
            file="app/delivery/verdicts.py",
            old="        observed = _observe(document, report.cdr)\n        store.add_event(\n",
            new="        observed = _observe(document, report.cdr)\n        report.asked or store.add_event(\n",
        ),),
        tests=(f"{_PROTOCOL}::test_a_lost_answer_is_asked_for[sqlite-work-then-hang]",),
    ),
    Bug(
        name="the CDR of another voucher is taken",
        changes=(Change(
            file="sunat/cdr.py", old="    response = _response_about(root, voucher_text)\n",
            new='    response = xml.find_all(root, "cac:DocumentResponse")[0] or voucher_text\n',
        ),),
        tests=(f"{_PROTOCOL}::test_a_lost_answer_is_asked_for[sqlite-cdr-other-number]",),
    ),
    Bug(
        name="the CDR of another customer is taken",
        changes=(Change(
            file="app/delivery/matching.py", old="    if _another_customer(parcel, cdr.receiver):\n",
            new="    if _another_customer(parcel, cdr.issuer_ruc) and not cdr.receiver:\n",
        ),),
        tests=(f"{_PROTOCOL}::test_a_cdr_of_another_customer_is_foreign[sqlite]",),
    ),
    Bug(
        name="a CDR with a broken signature is believed",
        changes=(Change(
            file="app/delivery/matching.py", old='    if cdr.signature == "invalid" or (pins and',
            new='    if cdr.signature == "none" or (pins and',
        ),),
        tests=(f"{_PROTOCOL}::test_a_lost_answer_is_asked_for[sqlite-cdr-flipped]",),
    ),
    Bug(
        name="0140 is a rejection",
        changes=(Change(
            file="app/delivery/outcomes.py",
            old='    Class.IN_PROCESS: _course(Class.IN_PROCESS, Sign.IN_PROCESS, "in_process"),\n',
            new="    Class.IN_PROCESS: _course(Class.IN_PROCESS, Sign.UNREAD),\n",
        ),),
        tests=(f"{_PROTOCOL}::test_a_lost_answer_is_asked_for[sqlite-in-process-registered]",),
    ),
    Bug(
        name="silence means not sent",
        changes=(Change(
            file="app/delivery/outcomes.py",
            old='    Class.UNANSWERED: _course(Class.UNANSWERED, Sign.UNANSWERED, "unanswered"),\n',
            new='    Class.UNANSWERED: _course(Class.UNANSWERED, Sign.UNSENT, "unanswered"),\n',
        ),),
        tests=(f"{_ATTEMPTS}::test_silence_is_not_an_answer",),
    ),
    Bug(
        name="the code is dug out of the digits of the text",
        changes=(Change(
            file="sunat/transport/faults.py", old="    suffix = _SUFFIX.search(faultcode)\n",
            new='    suffix = re.search(r"([0-9]{4})", text) or _SUFFIX.search(faultcode)\n',
        ),),
        tests=("tests/sunat/test_soap.py::test_codes_are_read_from_structure",),
    ),
    Bug(
        name="a note goes before its invoice",
        changes=(Change(
            file="app/delivery/due.py", old="        (ahead_of_target, 1), (ahead_of_advance(), 1),",
            new="        (ahead_of_target, 0), (ahead_of_advance(), 1),",
        ),),
        tests=(f"{_ATTEMPTS}::test_a_note_waits_for_its_invoice[sqlite]",),
    ),
    Bug(
        name="what died while sending is simply sent again",
        changes=(Change(
            file="app/delivery/due.py",
            old="(DeliveryRecord.phase.in_(sorted(str(one) for one in SENDING)), str(Phase.DOUBT)),",
            new="(DeliveryRecord.phase.in_(sorted(str(one) for one in SENDING)), str(Phase.RESEND)),",
        ),),
        tests=(f"{_PROTOCOL}::test_what_died_while_sending_is_asked_for_first[sqlite]",),
    ),
    Bug(
        name="refused credentials use up a voucher's tries",
        changes=(Change(
            file="app/delivery/outcomes.py",
            old='        Class.CREDENTIALS, Sign.TURNED_AWAY, "slow", blame="credentials", counts=False\n',
            new='        Class.CREDENTIALS, Sign.TURNED_AWAY, "slow", blame="credentials"\n',
        ),),
        tests=(f"{_PROTOCOL}::test_credentials_stop_the_issuer_and_not_the_voucher[sqlite]",),
    ),
    Bug(
        name="a foreign number stops no series",
        changes=(Change(
            file="app/delivery/subjects.py", old="        if document.environment != _NO_FREEZE:\n",
            new='        if document.environment == "live":\n',
        ),),
        tests=(f"{_PROTOCOL}::test_a_foreign_number_freezes_its_series_and_settles_nothing[sqlite-accepted]",),
    ),
    Bug(
        name="what may be there lapses",
        changes=(Change(
            file="app/delivery/deadlines.py",
            old="_GIVEN_UP: Final = (str(DeliveryState.WAITING), str(DeliveryState.HELD))\n",
            new="_GIVEN_UP: Final = (str(DeliveryState.WAITING), str(DeliveryState.HELD), str(DeliveryState.UNKNOWN))\n"
                "_PROVEN_ABSENT = (*_PROVEN_ABSENT, str(Phase.DOUBT))\n",
        ),),
        tests=("tests/app/delivery/test_deadlines.py::test_only_what_sunat_surely_does_not_hold_lapses",),
    ),
    Bug(
        name="retries crowd out what was never tried",
        changes=(Change(
            file="app/delivery/dispatch.py",
            old="                elif one.tries and not self._budget.spend(one.door, now):\n",
            new="                elif False and not self._budget.spend(one.door, now):\n",
        ),),
        tests=(
            "tests/app/delivery/test_dispatch.py::test_retries_have_a_budget_and_first_tries_do_not[sqlite]",
        ),
    ),
    Bug(
        name="the new channel is asked about what the former one got",
        changes=(Change(
            file="app/delivery/loading.py",
            old="if former is not None and phase is not Phase.FRESH and register_of(former) != register_of(account):",
            new="if former is not None and phase is Phase.FRESH and register_of(former) != register_of(account):",
        ),),
        tests=(f"{_CHANNELS}::test_what_the_former_register_took_is_settled_there[sqlite]",),
    ),
)
