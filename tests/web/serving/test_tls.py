"""TLS by the server itself: what is checked before it listens."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.certificates import NOW, YEAR, Made, made
from web.serving.outside import Outside
from web.settings import Unusable


@pytest.fixture
def own(tmp_path: Path) -> Made:
    return made(tmp_path)


def test_a_certificate_and_its_key_are_fine(own: Made):
    assert own.check() == []


@pytest.mark.parametrize("missing", ["OKR_ES_TLS_CERTIFICATE", "OKR_ES_TLS_KEY"])
def test_one_without_the_other_is_refused(own: Made, missing: str):
    alone = {name: value for name, value in own.environment.items() if name != missing}
    with pytest.raises(Unusable, match=f"{missing} is not set"):
        Outside.of(alone, asks_who=True)


def test_a_file_that_is_not_there_is_named(own: Made):
    for name, path in (("CERTIFICATE", own.certificate), ("KEY", own.key)):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(Unusable, match=f"OKR_ES_TLS_{name} cannot be read"):
            own.check()
        path.write_bytes(kept)


def test_files_that_do_not_fit_are_named(own: Made, tmp_path: Path):
    other = made(tmp_path, "other")
    with pytest.raises(Unusable, match=r"OKR_ES_TLS_KEY cannot be used .*/own\.key"):
        Made(other.certificate, own.key).check()
    with pytest.raises(Unusable, match="OKR_ES_TLS_CERTIFICATE is no certificate"):
        Made(own.key, own.key).check()
    with pytest.raises(Unusable, match="OKR_ES_TLS_KEY cannot be used"):
        Made(own.certificate, own.certificate).check()


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path):
    with pytest.raises(Unusable, match="OKR_ES_TLS_KEY cannot be used"):
        made(tmp_path, password=b"secret").check()


def test_a_certificate_is_valid_in_its_days_and_said_to_end_two_weeks_before(own: Made):
    with pytest.raises(Unusable, match="is over since"):
        own.check(NOW + YEAR)
    with pytest.raises(Unusable, match="is not valid before"):
        own.check(NOW - YEAR - timedelta(seconds=1))
    assert own.check(NOW + YEAR - timedelta(days=14)) == []
    (warning,) = own.check(NOW + YEAR - timedelta(days=13, hours=1))
    assert "ends in 13 days" in warning


def test_a_key_that_others_can_read_is_said(own: Made):
    own.key.chmod(0o640)
    (warning,) = own.check()
    assert f"chmod 600 {own.key}" in warning
