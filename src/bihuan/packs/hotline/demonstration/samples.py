"""The demonstration's daily tenths: yesterday's signed by most heads, today's waiting; and the scores of what has happened."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.calendar import day_of as day_at
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.review.models import Sample, Sampled
from bihuan.kernel.review.services import sample_sign
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.months import months_close
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.hotline.received import received_keep
from bihuan.packs.hotline.tenth.drawing import heads_of, tenth_call, tenths_draw

SIGNING = 0.85
GRADES = ("5", "5", "4", "4", "3", "2")
WORDS = {"2": "说好的整改没有到位,请再核实。"}


def samples_play(*, until: datetime, seed: int) -> int:
    """Draw on the last working day before `until` and on its own day; most of the earlier ones are signed. Returns how many
    were drawn.
    """
    chance = random.Random(f"samples {seed}")
    before = day_at(rulebook().calendar.working_days_before(day_number(day_of(until)), 1))
    first = datetime(before.year, before.month, before.day, 8, 40, tzinfo=SHANGHAI)
    made = tenths_draw(now=first)
    for sample in made:
        if chance.random() < SIGNING:
            _sign(sample, first + timedelta(hours=chance.uniform(0.5, 7)), until, chance)
    return len(made) + len(tenths_draw(now=until))


def _sign(sample: Sample, at: datetime, until: datetime, chance: random.Random) -> None:
    head = min(heads_of(sample.day)[sample.unit_id])
    with kernel_writes():
        cases = list(Sampled.objects.filter(sample=sample).order_by("place").values_list("pk", flat=True))
        # What moved on since is not called as of then: its record goes by time.
        settled = set(
            Sampled.objects.filter(sample=sample, case__moved_at__lt=at).values_list("pk", flat=True)
        )
    if at > until or len(settled) < len(cases):
        return
    try:
        for place, sampled in enumerate(cases):
            grade = chance.choice(GRADES)
            typed = {"reached": "yes", "grade": grade, "contacted": "on", "words": WORDS.get(grade, "")}
            typed |= {"resolved": "on", "understood": "on"} if grade > "2" else {}
            tenth_call(
                sampled=sampled,
                typed={k: v for k, v in typed.items() if v},
                by=head,
                now=at + timedelta(minutes=place),
            )
        sample_sign(sample=sample.pk, by=head, now=at + timedelta(minutes=len(cases)))
    except (Refusal, FieldError):
        return  # the head did otherwise: the sheet waits


def scores_play(*, until: datetime) -> int:
    """Count everything up to `until`, close the month before, and keep what came in closed months. Returns how many cases were counted."""
    counted = scores_keep(now=until)
    months_close(now=until)
    received_keep(now=until)
    return counted
