"""Indexes of similar orders, of what was reported again and of disputed orders; policies that ask less of who sees everything."""

from django.db import migrations, models
from django.db.models import Q

from bihuan.kernel.cases.security import following, policy_renewed
from bihuan.kernel.identity.row_security import EVERYTHING

ENTRY = f"""
    (case_id is not null and {EVERYTHING}) or exists (select 1 from cases_case c where c.id = case_id)
    or (case_id is null and current_setting('bihuan.audit', true) = 'on')
"""


def added(index: models.Index) -> migrations.AddIndex:
    return migrations.AddIndex("case", index)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_security")]
    operations = [
        added(models.Index(name="cases_open_matter", fields=["matter", "-id"], condition=Q(closed_at=None))),
        added(models.Index(name="cases_origin", fields=["origin"], condition=Q(origin__isnull=False))),
        added(
            models.Index(
                name="cases_disputed",
                fields=["opened_at"],
                condition=Q(return_count__gt=0) | Q(progress__has_key="objections"),
            )
        ),
        policy_renewed("cases_text", following("cases_text")),
        policy_renewed("clocks_clock", following("clocks_clock")),
        policy_renewed("cases_party", following("cases_party", f"not confidential or {EVERYTHING}")),
        policy_renewed("ledger_entry", ENTRY),
    ]
