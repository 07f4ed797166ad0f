"""Our signatures by the specification's own implementation, which receivers use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.webhooks.signatures import new_secret, signed

BODY = '{"razón":"ñandú"}'.encode()


def test_the_reference_takes_what_we_sign() -> None:
    new, former, now = new_secret(), new_secret(), datetime.now(UTC)
    headers = signed("evt_7", now, BODY, [new, former])
    for secret in (new, former):
        assert Webhook(secret).verify(BODY, headers) == {"razón": "ñandú"}
    assert headers["webhook-signature"].split()[0] == Webhook(new).sign("evt_7", now, BODY.decode())


@pytest.mark.parametrize("spoilt", [
    {"webhook-id": "evt_8"}, {"webhook-timestamp": "1700000000"}, {"webhook-signature": "v1,AAAA"},
])
def test_it_refuses_what_was_changed(spoilt: dict[str, str]) -> None:
    secret = new_secret()
    headers = signed("evt_7", datetime.now(UTC), BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, {**headers, **spoilt})
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def test_an_attempt_is_signed_with_its_own_time() -> None:
    secret, begun = new_secret(), datetime.now(UTC)
    late = signed("evt_7", begun + timedelta(minutes=2), BODY, [secret])
    assert Webhook(secret).verify(BODY, late)
    assert int(late["webhook-timestamp"]) == int((begun + timedelta(minutes=2)).timestamp())
