"""Row-level security: a project is seen by the unit that keeps it and by its owner, what belongs to it with it."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded

SEEN = f"{EVERYTHING} or unit_id = {UNITS} or owner_unit_id = {UNITS}"


def _with_project(table: str):
    return guarded(table, f"{EVERYTHING} or exists (select 1 from fire_project p where p.id = {table}.project_id)")


class Migration(migrations.Migration):
    dependencies = [("fire", "0001_initial"), ("cases", "0002_security")]
    operations = [
        guarded("fire_project", SEEN),
        _with_project("fire_single_work"),
        _with_project("fire_precheck"),
        _with_project("fire_conflict"),
        guarded("fire_draw", f"{EVERYTHING} or unit_id = {UNITS}"),
        follows_case("fire_project_case"),
        follows_case("fire_drawn"),
    ]
