"""A story in which months pass, played from its beginning to where the visitor is, and then taken back.

Every step is real: the same services, rules and ledger, at a `now` that the scenes move. Nothing of it stays, since the
registers of a centre (the daily draw, the closed month) may not hold days that have not come. What somebody else
is writing is not waited for: then the visitor is asked to come again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction

from bihuan.kernel.desk.promises.stories import Begun, Story, Taken, scene_take, seen_by

BETWEEN = timedelta(minutes=5)
"""From one scene to the next, when it does not say otherwise."""
PATIENCE = "500ms"
"""Shorter than the database's own search for deadlocks (1 s): a rehearsal gives way to real work, never the other way round."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a story began, what became of its scenes, and the moment of the last."""

    begun: Begun
    taken: tuple[Taken, ...]
    at: datetime


@contextmanager
def rehearsal() -> Iterator[None]:
    """Inside, everything may be written; afterwards nothing was. OperationalError when somebody else holds what is needed."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [PATIENCE])
        yield
        transaction.set_rollback(True)


def story_play(story: Story, *, scenes: int, now: datetime) -> Played:
    """Begin a story at `now` and take so many of its scenes."""
    with seen_by(story.opener, now):
        begun = story.begin(uuid4().hex, now)
    taken, at = [], now
    for scene in story.scenes[:scenes]:
        at = scene.when(at) if scene.when else at + BETWEEN
        taken.append(scene_take(scene, case=begun.case, now=at))
    return Played(begun, tuple(taken), at)
