"""Secrets at rest: bound to tenant and purpose, alive through a change of the master key; keys and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.keys import ACCOUNTS_CREATE, OPERATOR_SCOPES, SCOPES, mode_of, new_key, shown
from app.accounts.models import ApiUserRecord
from app.accounts.tokens import Tokens
from app.accounts.vault import Vault, VaultError

OLD, NEW = b"o" * 32, b"n" * 32
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_a_secret_comes_back_for_its_tenant_and_purpose_only() -> None:
    vault = Vault((OLD,))
    key = vault.new_data_key()
    sealed = vault.safe(key, "sandbox/1").seal("sol", b"moddatos")
    assert b"moddatos" not in sealed
    assert vault.safe(key, "sandbox/1").open("sol", sealed) == b"moddatos"
    assert vault.safe(key, "sandbox/1").seal("sol", b"moddatos") != sealed
    for safe, purpose in (
        (vault.safe(key, "sandbox/2"), "sol"), (vault.safe(key, "sandbox/1"), "gre"),
        (vault.safe(vault.new_data_key(), "sandbox/1"), "sol"),
    ):
        with pytest.raises(VaultError):
            safe.open(purpose, sealed)


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x02" + b"x" * 40, b"\x01" + b"x" * 40])
def test_damaged_bytes_are_refused(damage: bytes) -> None:
    vault = Vault((OLD,))
    with pytest.raises(VaultError):
        vault.safe(vault.new_data_key(), "t").open("sol", damage)


def test_one_flipped_bit_is_found() -> None:
    vault = Vault((OLD,))
    safe = vault.safe(vault.new_data_key(), "t")
    sealed = safe.seal("sol", b"secret")
    for index in range(len(sealed)):
        altered = bytearray(sealed)
        altered[index] ^= 1
        with pytest.raises(VaultError):
            safe.open("sol", bytes(altered))


def test_the_master_key_changes_without_touching_values() -> None:
    key = Vault((OLD,)).new_data_key()
    sealed = Vault((OLD,)).safe(key, "t").seal("sol", b"secret")
    both = Vault((NEW, OLD))
    assert both.safe(key, "t").open("sol", sealed) == b"secret"
    rotated = both.rotate(key)
    assert Vault((NEW,)).safe(rotated, "t").open("sol", sealed) == b"secret"
    for stranger in (lambda: Vault((NEW,)).safe(key, "t"), lambda: Vault((NEW,)).rotate(key)):
        with pytest.raises(VaultError):
            stranger()


def test_credentials_are_hashed_under_every_master_key() -> None:
    before, both = Vault((OLD,)).digests("chq_test_x"), Vault((NEW, OLD)).digests("chq_test_x")
    assert both[1:] == before
    assert both[0] not in before
    assert all(len(digest) == 64 for digest in both)


def test_a_vault_needs_a_key() -> None:
    with pytest.raises(ValueError, match="master key"):
        Vault(())


def test_keys_are_random_and_carry_their_mode() -> None:
    keys = {new_key("test") for _ in range(50)} | {new_key("live")}
    assert len(keys) == 51
    assert {mode_of(key) for key in keys} == {"test", "live"}
    assert all(len(shown(key)) == 15 for key in keys)
    for wrong in ("", "chq_test_", "chq_demo_" + "a" * 43, "chq_test_" + "a" * 42, "chq_test_" + "a" * 43 + "\n"):
        assert mode_of(wrong) is None


def test_operators_do_not_issue() -> None:
    assert not any(scope.startswith("documents:") for scope in OPERATOR_SCOPES)
    assert set(OPERATOR_SCOPES) < set(SCOPES)
    assert ACCOUNTS_CREATE in OPERATOR_SCOPES


def test_a_token_is_good_for_its_time_kind_and_password() -> None:
    tokens = Tokens(Vault((OLD,)))
    user = ApiUserRecord(id=7, password_hash="one")
    text = tokens.make(user, "access", now=NOW, seconds=3600)
    said = tokens.read(text, "access", now=NOW + timedelta(seconds=3599))
    assert said is not None
    assert (said.user_id, said.fits(user)) == (7, True)
    assert not said.fits(ApiUserRecord(id=7, password_hash="two"))
    assert tokens.read(text, "access", now=NOW + timedelta(seconds=3600)) is None
    assert tokens.read(text, "refresh", now=NOW) is None
    assert tokens.read(text[:-1] + ("A" if text[-1] != "A" else "B"), "access", now=NOW) is None
    assert tokens.read("", "access", now=NOW) is None
    assert Tokens(Vault((NEW,))).read(text, "access", now=NOW) is None
    assert Tokens(Vault((NEW, OLD))).read(text, "access", now=NOW) is not None
