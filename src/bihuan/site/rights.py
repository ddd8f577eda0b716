"""What each role of the database may do. Said in one place, set after every migration.

`app` and `worker` read (row-level security decides which rows of cases); writers act as `kernel` for the length of
their transaction. Nobody but the owner may change or delete a ledger entry, and a trigger refuses even the owner.
"""

from django.db import connections

RIGHTS = """
    grant usage on schema public to bihuan_app, bihuan_worker, bihuan_kernel;
    grant select on all tables in schema public to bihuan_app, bihuan_worker, bihuan_kernel;
    grant insert, update, delete on all tables in schema public to bihuan_kernel;
    grant usage, select on all sequences in schema public to bihuan_app, bihuan_worker, bihuan_kernel;
    revoke update, delete on ledger_entry, ledger_seal, ledger_leaf from bihuan_kernel;
    revoke update, delete on forms_version from bihuan_kernel;
    revoke insert, update, delete on django_migrations from bihuan_kernel;
    grant insert, update, delete on django_session to bihuan_app, bihuan_worker;
    grant insert, update, delete on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
        procrastinate_workers to bihuan_worker;
"""


def rights_grant(using: str) -> None:
    """Set the rights above; safe to repeat."""
    with connections[using].cursor() as cursor:
        cursor.execute(RIGHTS)
