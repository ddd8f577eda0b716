"""Row-level security of orders: whoever sees the case sees its order."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import guarded


class Migration(migrations.Migration):
    dependencies = [("hotline", "0001_initial"), ("cases", "0002_security")]
    operations = [
        follows_case("hotline_order"),
        guarded("hotline_correction", "false"),
    ]
