"""Row-level security: an evaluation is seen by whoever sees its case, what belongs to it with it."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, guarded


def _with_evaluation(table: str):
    seen = f"exists (select 1 from fire_evaluation e where e.id = {table}.evaluation_id)"
    return guarded(table, f"{EVERYTHING} or {seen}")


class Migration(migrations.Migration):
    dependencies = [("fire", "0013_evaluations"), ("cases", "0002_security")]
    operations = [
        follows_case("fire_evaluation"),
        _with_evaluation("fire_sheet"),
        _with_evaluation("fire_photo"),
        _with_evaluation("fire_signature"),
    ]
