"""What a citizen does on the public page of a case: add words and photographs, evaluate, take a step that is offered. The code was checked before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.files import IMAGES, received
from bihuan.kernel.attachments.selectors import REPORTED
from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.conversation import reply_put
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.evaluation.rules import CONTENT, GRADES, caller_is_content
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.public.following import steps_graded, steps_offered
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.workflow.model import BY_REPORTER, Step
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI, FieldError

PHOTOGRAPHS = 5
LARGEST = 10_000_000
"""Bytes of one photograph."""
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


def photographs_checked(files: Sequence[Any]) -> list[tuple[Any, str]]:
    """The photographs with the names that they get here: what a telephone calls them may tell whose it is.

    Refusal for more than `PHOTOGRAPHS`, for one that is too large, or for what is no photograph; then nothing is kept.
    """
    if len(files) > PHOTOGRAPHS:
        raise Refusal("too_many", _("照片最多 %s 张。") % PHOTOGRAPHS, field="photographs")
    named = []
    for place, file in enumerate(files, 1):
        try:
            with received(file, name=str(file.name), largest=LARGEST) as incoming:
                mime = incoming.mime
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.message, field="photographs") from None
        if mime not in IMAGES:
            raise Refusal("image_type", _("这里只收照片(JPG、PNG、GIF、WebP)。"), field="photographs")
        named.append((file, f"photo-{place}.{SUFFIXES[mime]}"))
    return named


def photographs_add(*, case: int, named: Sequence[tuple[Any, str]], now: datetime) -> list[int]:
    """Attach checked photographs to a case in the reporter's name; the ids of the attachments."""
    added = []
    with kernel_writes():
        for file, name in named:
            file.seek(0)
            stamped = f"{now.astimezone(SHANGHAI):%m%d-%H%M%S}-{name}"
            found = attachment_add(case=case, file=file, name=stamped, by=BY_REPORTER, now=now, kind=REPORTED)
            added.append(found.pk)
    return added


def citizen_reply(*, case: int, text: Any, files: Sequence[Any], now: datetime) -> None:
    """Answer the unit's question, or add something. TooMuch, Refusal or FieldError; then nothing was written."""
    gate_check("say_case", str(case), now)
    named = photographs_checked(files)
    with transaction.atomic():
        added = photographs_add(case=case, named=named, now=now)
        reply_put(case_id=case, now=now, text=text, files=added)
        gate_count("say_case", str(case), now)


def citizen_evaluate(
    *,
    case: int,
    grade: str,
    words: str,
    version: int,
    now: datetime,
    answers: Mapping[str, str] | None = None,
) -> Moved:
    """The reporter's grade, by the workflow's own steps: content closes the case, discontent has it done again.

    `answers` are "true" or "false" to the pack's questions for citizens; one that is left out is not counted. Once a round, since the case then leaves its state. Raises what `case_move` raises.
    """
    if grade not in dict(GRADES):
        raise FieldError("grade", "choice", _("请选一个评价。"))
    with kernel_writes():
        row = Case.objects.filter(pk=case).values("workflow", "state", "pack").get()
    content = grade in CONTENT
    found = [
        s for s in steps_graded(row["workflow"], row["state"]) if (caller_is_content in s.when) == content
    ]
    if not found:
        raise Refusal("state", _("现在不能评价:还没有答复,或已经评价过。"))
    name = "words" if content else "reason"
    asked = citizens.questions if (citizens := packs()[row["pack"]].citizens) else {}
    said = {field: told for field, told in (answers or {}).items() if field in asked and told}
    data = {"grade": grade, **said, **({name: words} if words.strip() or not content else {})}
    return case_move(case_id=case, step=found[0].code, by=BY_REPORTER, now=now, version=version, data=data)


def citizen_step(*, case: int, step: str, typed: Mapping[str, str], version: int, now: datetime) -> Step:
    """Take a step that the page offers besides the grade, with the words `typed` by the names of its fields; returns it. TooMuch,
    Refusal, or what `case_move` raises; then nothing was written."""
    gate_check("say_case", str(case), now)
    with kernel_writes():
        row = Case.objects.filter(pk=case).values("workflow", "state", "pack").get()
    offered = {one.code: one for one in steps_offered(row["workflow"], row["state"])}
    if step not in offered:
        raise Refusal("state", _("现在不能这样办:已经办过了,或者已经作出决定。现在的情况写在下面。"))
    data = {ask.name: typed.get(ask.name, "") for ask in offered[step].asks}
    writer = packs()[row["pack"]].writers.get(step, case_move)
    with transaction.atomic():
        writer(case_id=case, step=step, by=BY_REPORTER, now=now, version=version, data=data)
        gate_count("say_case", str(case), now)
    return offered[step]


def discontent_told(*, case: int) -> str:
    """What follows a bad grade of this case, in its pack's words; "" where it is handled again."""
    with kernel_writes():
        pack = Case.objects.values_list("pack", flat=True).get(pk=case)
    citizens = packs()[pack].citizens
    return str(citizens.discontent) if citizens else ""
