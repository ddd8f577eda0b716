"""What the commands say when there is nothing yet that they could work on."""

import pytest
from django.core.management import call_command
from django.db import connection

from bihuan.site.__main__ import _run


@pytest.mark.django_db
def test_a_database_without_tables_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "django.core.management.execute_from_command_line", lambda argv: call_command(*argv[1:])
    )
    with connection.cursor() as cursor:
        cursor.execute("set local search_path = pg_catalog")
    with pytest.raises(SystemExit) as ended:
        _run(["policy", "list"])
    assert ended.value.code == "数据库还没有建表,请先运行 bihuan migrate。"
