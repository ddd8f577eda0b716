"""Decisions that one person asks for and another takes: an order left out of scoring (剔除), a unit named publicly (公开曝光)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Grant, Unit
from bihuan.kernel.identity.powers import roles_held
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.pack import packs
from bihuan.kernel.scoring.models import Decision
from bihuan.kernel.scoring.months import STREAM
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError, clean_text

GROUNDS = {
    "duplicate": gettext_lazy("重复诉求"),
    "jurisdiction": gettext_lazy("不属本地管辖"),
    "unlawful": gettext_lazy("诉求违法或不合理"),
    "awaiting": gettext_lazy("等待法律政策出台"),
    "litigation": gettext_lazy("已进入诉讼、仲裁"),
    "contact": gettext_lazy("联系方式错误"),
}
"""Why an order may be left out (rules.md A7)."""
NAMED = {"idle": gettext_lazy("落实不力"), "shirking": gettext_lazy("推诿扯皮")}
"""Why a unit may be named (S1)."""

FORGOTTEN = """
    update ledger_private p set text = null, salt = '' from ledger_entry e
    where p.stream = %s and e.stream = %s and e.seq = p.seq and p.text is not null
        and (convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'decision')::bigint = any(%s)
"""


def exclusion_ask(*, number: str, category: str, words: str, by: int, now: datetime) -> Decision:
    """Ask that an order be left out of scoring. The head of its unit may, and the centre. FieldError, Refusal, NotPermitted."""
    if category not in GROUNDS:
        raise FieldError("category", "choice", _("请选择剔除的情形。"))
    evidence = clean_text(words, field="words", max_length=1000, min_length=4)
    case = Case.objects.filter(number=number.strip()[:64]).first()  # as the present scope sees it
    if case is None:
        raise FieldError("number", "unknown_case", _("没有这个编号的件,或您无权查看。"))
    _may(case.pack, by, now, "asks", unit=case.unit_id)
    try:
        with transaction.atomic():
            return _ask(
                str(Decision.Kind.EXCLUSION), case.pack, case.unit_id, case, category, evidence, by, now
            )
    except IntegrityError as error:
        raise Refusal("pending", _("这一件已经申请剔除,或已经剔除。"), field="number") from error


def naming_ask(*, pack: str, unit: int, category: str, words: str, by: int, now: datetime) -> Decision:
    """Propose to name a unit publicly. Only whoever keeps the scores."""
    if category not in NAMED:
        raise FieldError("category", "choice", _("请选择曝光的情形。"))
    reason = clean_text(words, field="words", max_length=300, min_length=10)
    if not Unit.objects.filter(pk=unit).exists():
        raise FieldError("unit", "unit", _("没有这个单位,或该单位已撤销。"))
    _may(pack, by, now, "keeps")
    return _ask(str(Decision.Kind.NAMING), pack, unit, None, category, reason, by, now)


def _ask(
    kind: str, pack: str, unit: int, case: Case | None, category: str, words: str, by: int, now: datetime
) -> Decision:
    with kernel_writes():
        row = Decision.objects.create(
            kind=kind, pack=pack, unit_id=unit, case=case, category=category, words=words, asked_by_id=by, asked_at=now
        )  # fmt: skip
        _enter(row, "asked", by, now, private=words)
    return row


def decision_take(*, decision: int, granted: bool, remark: str, by: int, now: datetime) -> Decision:
    """Decide: another than who asked, who keeps the scores. Conflict when it was decided already."""
    told = (
        clean_text(remark, field="remark", max_length=300, min_length=0 if granted else 4)
        if remark or not granted
        else ""
    )
    with kernel_writes():
        row = Decision.objects.select_for_update().filter(pk=decision).first()
        if row is None:
            raise NotFound("not_found", _("没有这项申请,或您无权查看。"))
        _may(row.pack, by, now, "keeps")
        if row.asked_by_id == by:
            raise NotPermitted("separation", _("提出的人不能自己批准,请由另一名督办人员批准。"))
        if row.granted is not None:
            raise Conflict("decided", _("这项申请已经有人批复了。"))
        row.granted, row.decided_by_id, row.decided_at, row.remark = granted, by, now, told
        row.save(update_fields=["granted", "decided_by", "decided_at", "remark"])
        _enter(row, "granted" if granted else "refused", by, now, private=told)
    return row


def naming_withdraw(*, decision: int, by: int, now: datetime) -> None:
    """End a public naming."""
    with kernel_writes():
        row = (
            Decision.objects.select_for_update()
            .filter(pk=decision, kind=Decision.Kind.NAMING, granted=True)
            .first()
        )
        if row is None or row.withdrawn_at:
            raise NotFound("not_found", _("没有这项曝光,或已经撤下。"))
        _may(row.pack, by, now, "keeps")
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        _enter(row, "withdrawn", by, now)


def _enter(row: Decision, what: str, by: int, now: datetime, *, private: str = "") -> None:
    data = {
        "decision": row.pk, "pack": row.pack, "unit": row.unit_id, "case": row.case_id, "category": row.category,
    }  # fmt: skip
    register_append(
        stream=STREAM,
        kind=f"{row.kind}_{what}",
        at=now,
        by=by,
        data=data,
        private={"words": private} if private else {},
    )


def _may(pack: str, by: int, now: datetime, what: str, *, unit: int | None = None) -> None:
    scoring = packs()[pack].scoring
    wanted = getattr(scoring, what) if scoring else frozenset()
    held = roles_held(person=by, now=now) & wanted
    keeps = scoring.keeps if scoring else frozenset()
    if not held or not (held & keeps or unit is None or _in(unit, by, held)):
        raise NotPermitted("not_permitted", _("您没有办这一步的权限。"))


def _in(unit: int, by: int, held: set[str]) -> bool:
    return Grant.objects.filter(person_id=by, unit_id=unit, role__in=held).exists()


def words_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase what was said of cases that are being anonymised, with the texts beside their entries, in the kernel's transaction."""
    rows = Decision.objects.filter(case_id__in=list(cases))
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return
    rows.update(words="", remark="")
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN, [STREAM, STREAM, ids])
        erased = cursor.rowcount
    if erased:
        data = {"decisions": ids, "texts": erased}
        register_append(stream=STREAM, kind="anonymised", at=now, by="system", data=data)
