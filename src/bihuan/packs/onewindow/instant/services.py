"""Deciding at once: the registers are asked, and either all is decided and issued by the system, or a person gets it with the reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation

from bihuan.kernel.cases.models import Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.forms.selectors import answers_of, answers_read
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.applying.case_codes import case_code_take
from bihuan.packs.onewindow.certificates.services import application_certify
from bihuan.packs.onewindow.instant import registers
from bihuan.packs.onewindow.instant.rules import Holding, Known, judged, verdicts_told
from bihuan.packs.onewindow.models import Application

GRANTED = "经系统逐项核对,条件全部符合,当场准予。"


def accept_at_once(**move: Any) -> Moved:
    """Accept an instant application, ask the registers, and decide it or hand it to a person, all in one transaction. Takes what
    `case_move` takes, and raises what it raises. A case of no item has nothing to check: it waits for a person."""
    with transaction.atomic():
        moved = case_move(**move)
        case_code_take(case=moved.case, now=move["now"])
        with kernel_writes():
            row = Application.objects.select_related("version", "case").filter(pk=moved.case).first()
        return moved if row is None else _decided(row, move["now"])


def _decided(row: Application, now: datetime) -> Moved:
    with kernel_writes():
        known = applicant_known(row, now=now)
    with translation.override("zh-hans"):
        verdicts = judged(row.version.checks, known)
        told = verdicts_told(verdicts)
    failing = sum(one.result != "held" for one in verdicts)
    data = {"checks": told, "failing": failing}
    move: dict[str, Any] = {"case_id": row.case_id, "by": 0, "now": now}
    if failing:
        return case_move(**move, step="pass_on", data=data)
    moved = case_move(**move, step="decide_at_once", data={**data, "answer": GRANTED})
    application_certify(case=row.case_id, by=0, now=now)
    return moved


def applicant_known(row: Application, *, now: datetime) -> Known:
    """What the registers tell of an application's applicant; each that does not answer is None."""
    today, case, item = day_of(now), row.case_id, row.version.item_id
    party = Party.objects.filter(case=case, role=Party.Role.REPORTER).order_by("pk").first()
    name, identity = (party.name, party.id_number) if party else ("", "")
    answers: dict[str, Any] = {}
    for one in answers_of(case=case):
        answers |= answers_read(one)
    return Known(
        today=today,
        identity=identity,
        organisation=row.applicant == Application.Applicant.ORGANISATION,
        verified=bool(row.case.facts.get("verified")),
        certificates=holdings(name=name, identity=identity, now=now),
        open_cases=registers.asked(lambda: registers.open_cases(identity=identity, item=item, besides=case)),
        discredited=registers.asked(lambda: registers.is_discredited(identity=identity, today=today)),
        answers=answers,
    )


def holdings(*, name: str, identity: str, now: datetime) -> dict[str, Holding] | None:
    """The certificates of this name and number that hold, by the name of their kind; None when the register is silent."""
    today = day_of(now)
    with kernel_writes():
        return registers.asked(lambda: registers.certificates_held(name=name, identity=identity, today=today))
