"""Spreads the ends of the clocks that run over the minutes to come, so that the sweep has work while it is killed."""

from __future__ import annotations

import sys


def main() -> None:
    """`python -m tools.soak.hasten MINUTES`, in the site's environment."""
    import django

    django.setup()
    from django.db import connection

    from bihuan.kernel.ledger.services import kernel_writes

    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "update clocks_clock set due_at = at, next_at = at, warn_at = null, warnings = '[]' from ("
            " select id, now() + random() * %s * interval '1 minute' as at from clocks_clock"
            " where stopped_at is null and paused_at is null and next_at is not null) soon where soon.id = clocks_clock.id",
            [float(sys.argv[1])],
        )


if __name__ == "__main__":
    main()
