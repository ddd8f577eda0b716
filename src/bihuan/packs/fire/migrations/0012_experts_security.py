"""Row-level security: experts are seen by their section, a meeting with its case, an interest with its project."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded


def _with(table: str, other: str, column: str):
    return guarded(table, f"{EVERYTHING} or exists (select 1 from {other} o where o.id = {table}.{column})")


class Migration(migrations.Migration):
    dependencies = [("fire", "0011_experts"), ("cases", "0002_security")]
    operations = [
        guarded("fire_expert", f"{EVERYTHING} or unit_id = {UNITS}"),
        _with("fire_expert_interest", "fire_expert", "expert_id"),
        follows_case("fire_expert_review"),
        _with("fire_expert_vote", "fire_expert", "expert_id"),
    ]
