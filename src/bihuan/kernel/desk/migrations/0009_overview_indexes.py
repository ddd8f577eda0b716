"""What the district's page counts of all open cases is in one index, and so are the few with a point on the map."""

from django.db import migrations

BOARD = """
    drop index cases_open_board;
    create index cases_open_board on cases_case (unit_id, state, due_at, id) include ({columns}) where closed_at is null;
"""
POINT = r"""
    create index cases_open_point on cases_case (due_at, id)
    where closed_at is null and place ~ '\d\.\d{3,12}\s*[,， ]\s*\d{2,3}\.\d{3}';
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0008_opened_hourly"), ("cases", "0006_asked")]
    operations = [
        migrations.RunSQL(
            BOARD.format(columns="warn_at, workflow, urgent, supervised, pack, matter, territory_id, parent_id, opened_at"),
            BOARD.format(columns="warn_at, workflow"),
        ),
        migrations.RunSQL(POINT, "drop index cases_open_point"),
    ]
