"""The administrators at their screens: each logs in at the standing moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.desk.conftest import City, as_, city

__all__ = ["City", "as_", "city", "nothing_changed"]

Log = Callable[..., Client]


@pytest.fixture
def nothing_changed(db: None) -> Any:
    """A function that tells all rows of the tables that administration writes, to compare before and after."""
    from django.db import connection

    from bihuan.kernel.ledger.services import kernel_writes

    tables = (
        "policies_rule", "forms_version", "clocks_calendar_year", "clocks_calendar_day", "notices_template", "notices_webhook_target",
        "notices_notice", "ledger_entry", "clocks_clock",
    )  # fmt: skip

    def told() -> dict[str, str]:
        with kernel_writes(), connection.cursor() as cursor:
            found = {}
            for table in tables:
                cursor.execute(
                    f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"
                )
                found[table] = cursor.fetchone()[0]
        return found

    return told
