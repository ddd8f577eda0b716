"""What happens around the demonstration's projects: a blockage, visits, questions, a method. All made up."""

from __future__ import annotations

from datetime import datetime, timedelta

from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import day_of, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.fire.blockages.services import blockage_record
from bihuan.packs.fire.methods.services import method_publish
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.visits.services import question_answer, question_ask, visit_make, visit_plan

STEPS = (
    "分两类:特殊建设工程走验收,其他走备案抽查。",
    "施工中提前做图纸核对、质量核实,查出的问题当场列清单。",
    "只是形式上的材料可以容后,写明补交日期。",
    "手续核准通过后受理,承诺时限从受理起算。",
)


def chain_load(*, now: datetime) -> None:
    """A blockage that is open, two visits, a question that is answered and one that is not, and a method."""
    with kernel_writes():
        people = dict(
            Person.objects.filter(username__in=("jin", "xue", "yan", "du", "lei")).values_list(
                "username", "id"
            )
        )
        scopes = {name: scope_of(person=id_, at=now, roles=roles()) for name, id_ in people.items()}
        ethylene, tanks = (Project.objects.get(name__startswith=name).pk for name in ("24万吨", "己内酰胺"))
        planning = Unit.objects.filter(code="371502_resources").values_list("pk", flat=True).first()
    today = day_of(now)
    blockage_record(
        scope=scopes["jin"], project=tanks, stage="permit", words="规划许可证的总平面图与消防设计文件版本不一致,要重新盖章。",
        unit=planning or scopes["jin"].held[0].unit, due=today + timedelta(days=6), key="demonstration:blockage", now=now,
    )  # fmt: skip
    before = now - timedelta(days=9)
    visit = visit_plan(
        scope=scopes["yan"], project=ethylene, at=before + timedelta(hours=1), about="看聚合装置消防竖管", key="demonstration:visit:1", now=before
    )  # fmt: skip
    question = question_ask(
        scope=scopes["lei"], project=ethylene, text="罐区的消防水炮按哪一本标准布置?", words=("罐区", "装置"), owner=people["xue"],
        due=today, visit=visit.pk, key="demonstration:question:1", now=before,
    )  # fmt: skip
    visit_make(scope=scopes["yan"], visit=visit.pk, note="竖管已装到三层", now=before + timedelta(hours=3))
    question_answer(
        scope=scopes["xue"], question=question.pk, answer="石油化工罐区按 GB 50160 布置,办公楼仍按 GB 50016。", now=now - timedelta(days=7)
    )  # fmt: skip
    question_ask(
        scope=scopes["lei"], project=ethylene, text="空压站的灭火器可以随设备后到吗?", words=(), owner=people["yan"],
        due=today + timedelta(days=2), visit=None, key="demonstration:question:2", now=now,
    )  # fmt: skip
    visit_plan(
        scope=scopes["yan"], project=tanks, at=now + timedelta(days=1), about="核对罐区防火间距", key="demonstration:visit:2", now=now
    )  # fmt: skip
    method_publish(
        scope=scopes["du"], title="容后分步按类,提前核查", situation="工期紧的化工项目,单体多,土建和安装穿插施工。", steps=STEPS,
        figures=("S0-17", "S0-18", "S0-13"), key="demonstration:method", now=now,
    )  # fmt: skip
