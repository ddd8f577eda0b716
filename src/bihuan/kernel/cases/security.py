"""Row-level security of cases and of what belongs to them, as SQL for migrations."""

from __future__ import annotations

from django.db import migrations

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded

SEES_CASE = f"""{EVERYTHING} or unit_id = {UNITS}
    or exists (select 1 from case_viewer v where v.case_id = id and v.unit_id = {UNITS} offset 0)"""
"""`offset 0` changes nothing but how it is found out: by the index for one case, never by reading all that the units may view."""


def following(table: str, more: str = "true", column: str = "case_id") -> str:
    """The condition that whoever sees a row's case sees the row, if `more` holds. Who sees everything is not asked row by row."""
    seen = f"exists (select 1 from cases_case c where c.id = {table}.{column})"
    return f"({EVERYTHING} or {seen}) and ({more})"


def follows_case(table: str, more: str = "true", column: str = "case_id") -> migrations.RunSQL:
    """Rows of `table` are seen by whoever sees their case, and only if `more` holds."""
    return guarded(table, following(table, more, column))


def policy_renewed(table: str, condition: str) -> migrations.RunSQL:
    """The policy of a table that is guarded already, in new words."""
    return migrations.RunSQL(f"alter policy app_sees on {table} using ({condition})", migrations.RunSQL.noop)
