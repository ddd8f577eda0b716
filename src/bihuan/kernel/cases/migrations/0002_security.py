"""Row-level security of cases and of what belongs to them, and search."""

from django.db import migrations

from bihuan.kernel.cases.security import SEES_CASE, follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded

AUDIT = "current_setting('bihuan.audit', true) = 'on'"
ONE_CASE = "exists (select 1 from cases_case c where c.id = {column})"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("ledger", "0001_initial"),
        ("clocks", "0001_initial"),
        ("notices", "0001_initial"),
        ("attachments", "0001_initial"),
        ("procrastinate", "0001_initial"),
    ]
    operations = [
        guarded("cases_case", SEES_CASE),
        guarded("case_viewer", f"{EVERYTHING} or unit_id = {UNITS}"),
        follows_case("cases_text"),
        # A confidential reporter never reaches the handling unit (rules.md A8).
        follows_case("cases_party", f"not confidential or {EVERYTHING}"),
        follows_case("clocks_clock"),
        follows_case("attachments_attachment"),
        guarded("cases_closed_daily", f"{EVERYTHING} or unit_id = {UNITS}"),
        guarded("cases_idempotency", "actor::text = current_setting('bihuan.person', true)"),
        guarded(
            "notices_notice",
            f"{EVERYTHING} or unit_id = {UNITS} or person_id::text = current_setting('bihuan.person', true)",
        ),
        guarded("notices_webhook_target", "false"),
        guarded("ledger_entry", f"({ONE_CASE.format(column='case_id')}) or (case_id is null and {AUDIT})"),
        guarded("ledger_stream", AUDIT),
        guarded(
            "ledger_private",
            f"(stream like 'case:%' and (name not like 'party.%' or {EVERYTHING})"
            f" and {ONE_CASE.format(column='substr(stream, 6)::bigint')}) or (stream not like 'case:%' and {AUDIT})",
        ),
        migrations.RunSQL(
            "create index cases_text_grams on cases_text using gin (grams) with (fastupdate = on)",
            "drop index cases_text_grams",
        ),
    ]
