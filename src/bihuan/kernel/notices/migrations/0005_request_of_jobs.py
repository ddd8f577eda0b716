"""A job knows the id of the request in whose transaction it was asked for, so that its lines in the log can be found."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_unread"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.RunSQL(
            "alter table procrastinate_jobs add column request text"
            " default nullif(current_setting('bihuan.request', true), '')",
            "alter table procrastinate_jobs drop column request",
        )
    ]
