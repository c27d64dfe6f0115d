"""Seeds of second factors at rest: locked, opened by older keys, locked anew, and never guessable."""

from __future__ import annotations

import importlib

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.apps import apps
from django.core.cache import cache

from hubs.domain.accounts import lock_second_factors
from hubs.locked import MARK

SEED = "JBSWY3DPEHPK3PXP"
OLD, NEW = "o" * 60, "n" * 60


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def opens(row: Authenticator, secret: str = SEED) -> bool:
    cache.clear()  # a code is good once
    return TOTP(Authenticator.objects.get(pk=row.pk)).validate_code(code_for(secret))


@pytest.fixture
def row(cast, settings) -> Authenticator:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    return TOTP.activate(cast.coordinator, SEED).instance


def test_the_seed_is_not_in_the_database_and_its_codes_open(row):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert (SEED in kept, MARK in kept, opens(row)) == (False, True, True)


def test_recovery_codes_are_locked_too(cast, settings):
    codes = RecoveryCodes.activate(cast.coordinator)
    seed = codes.instance.data["seed"]
    assert (seed.startswith(MARK), len(codes.generate_codes()) > 5) == (True, True)
    first = codes.generate_codes()[0]
    assert [codes.validate_code(first) for _twice in range(2)] == [True, False]
    lock_second_factors()
    again = RecoveryCodes(Authenticator.objects.get(pk=codes.instance.pk))
    assert again.validate_code(first) is False  # used stays used


def test_a_new_key_opens_what_the_one_before_locked_and_the_job_locks_it_anew(row, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert opens(row)
    assert [lock_second_factors() for _twice in range(2)] == [1, 0]
    settings.SECRET_KEY_FALLBACKS = []
    assert opens(row)


@pytest.mark.parametrize("secret", [SEED, ""])
def test_a_seed_whose_key_is_lost_lets_nobody_in_and_is_left_as_it_is(row, settings, caplog, secret):
    settings.SECRET_KEY = NEW
    before = Authenticator.objects.get(pk=row.pk).data
    assert (opens(row, secret), lock_second_factors(), Authenticator.objects.get(pk=row.pk).data) == (False, 0, before)
    assert "SECRET_KEY_FALLBACKS" in caplog.text
    settings.SECRET_KEY = OLD
    assert opens(row)


def test_rows_of_before_are_locked_by_the_migration_and_open_until_then(cast):
    row = Authenticator.objects.create(user=cast.coordinator, type="totp", data={"secret": SEED})
    codes = Authenticator.objects.create(
        user=cast.coordinator, type="recovery_codes", data={"migrated_codes": ["12345678"], "used_mask": 3}
    )
    assert opens(row)
    importlib.import_module("hubs.migrations.0012_lock_second_factors").lock(apps, None)
    row.refresh_from_db()
    codes.refresh_from_db()
    assert (row.data["secret"].startswith(MARK), opens(row)) == (True, True)
    assert (codes.data["migrated_codes"][0].startswith(MARK), codes.data["used_mask"]) == (True, 3)
    assert RecoveryCodes(codes).generate_codes() == ["12345678"]
