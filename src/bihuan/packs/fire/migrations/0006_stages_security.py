"""Row-level security: a stage is seen with its project, what covers it with the case."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, guarded


class Migration(migrations.Migration):
    dependencies = [("fire", "0005_stages"), ("cases", "0002_security")]
    operations = [
        guarded("fire_stage", f"{EVERYTHING} or exists (select 1 from fire_single_work w where w.id = fire_stage.work_id)"),
        follows_case("fire_covered"),
    ]
