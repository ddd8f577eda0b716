"""The site's secret key is changed without anybody losing the second factor, or, when it leaked, with nothing left that it opens."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.totp import secret_open, secret_seal
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code, follow_code_is
from bihuan.site.secrets import secret_key, secret_keys_before

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BIHUAN_SECRET_KEY", raising=False)
    settings.HOME, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = tmp_path, secret_key(tmp_path), []
    with kernel_writes():
        wang = Person.objects.get(username="wang")
        wang.totp_secret = secret_seal(SECRET, person=wang.pk)
        wang.save()
    return tmp_path


def sealed() -> tuple[str, int]:
    wang = Person.objects.get(username="wang")
    return wang.totp_secret, wang.pk


def test_a_changed_key_opens_what_was_made_before(home: Path, settings: Any) -> None:
    old, code = settings.SECRET_KEY, follow_code(17)
    out = StringIO()
    call_command("keys", "rotate-site", stdout=out)
    assert out.getvalue().startswith("1 secrets are encrypted anew.")
    new = secret_key(home)
    assert (new != old, secret_keys_before(home)) == (True, [old])
    assert {(home / name).stat().st_mode & 0o777 for name in ("secret_key", "secret_keys_before")} == {0o600}
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        assert secret_open(sealed()[0], person=sealed()[1]) == SECRET
        assert not follow_code_is(17, code)
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
        assert follow_code_is(17, code) and follow_code_is(17, follow_code(17))
        assert follow_code(17) != code


def test_a_leaked_key_opens_nothing_any_more(home: Path, settings: Any) -> None:
    call_command("keys", "rotate-site", "--leaked", stdout=StringIO())
    assert secret_keys_before(home) == []
    assert secret_open(sealed()[0], person=sealed()[1]) is None  # by the old one, which is still set
    with kernel_writes():
        assert LedgerEntry.objects.filter(stream="identity", kind="secrets_resealed").count() == 1


def test_a_key_from_the_environment_is_changed_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_SECRET_KEY", "given")
    before = sealed(), (home / "secret_key").read_text()
    with pytest.raises(CommandError, match="BIHUAN_SECRET_KEYS_BEFORE"):
        call_command("keys", "rotate-site")
    assert (sealed(), (home / "secret_key").read_text()) == before
    assert sorted(path.name for path in home.iterdir()) == ["secret_key"]


def test_only_a_security_administrator_decides(home: Path) -> None:
    before = sealed(), (home / "secret_key").read_text()
    with pytest.raises(CommandError):
        call_command("keys", "rotate-site", "--by", "wang")
    assert (sealed(), (home / "secret_key").read_text()) == before
