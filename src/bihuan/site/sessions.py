"""Sessions in the database that are written when they changed, or a minute after they were written last.

A session ends half an hour after its last use, to the minute; a page that changes nothing of it costs no write.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

RENEWED = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Named as Django's own: what either wrote the other reads."""

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()
        if row is None:
            return {}
        left = row.expire_date - timezone.now()
        if left <= timedelta(seconds=settings.SESSION_COOKIE_AGE) - RENEWED:
            self.modified = True
        found: dict[str, Any] = self.decode(row.session_data)
        return found
