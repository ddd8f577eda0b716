"""The standing cast, a form in force, and cases to fill it in for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.services import form_publish
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.pack import roles
from tests.desk.conftest import City, as_, city
from tests.kernel.forms.stall import text

__all__ = ["as_", "city"]
See = Callable[[str], Scope]


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENT_ROOT = tmp_path / "attachments"
    return tmp_path / "attachments"


@pytest.fixture
def see(city: City) -> See:
    def as_person(username: str) -> Scope:
        scope = scope_of(person=city.people[username], at=city.now, roles=roles())
        scope_apply(scope)
        return scope

    return as_person


@pytest.fixture
def stall(city: City) -> FormVersion:
    return form_publish(
        code="test.stall", schema=text(), valid_from=date(2026, 1, 1), basis="集市管理办法第3条", now=city.now, by="test"
    )  # fmt: skip
