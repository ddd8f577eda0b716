"""What fire review adds to a case: of a finding, which project and part, and where it was found."""

from django.utils.translation import gettext

from bihuan.kernel.desk.case.parts import Fact
from bihuan.lib.declared import declared
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.models import Finding


def case_facts(case: int) -> list[Fact]:
    """Of a finding: project, single work, part, item of the evaluation, the clause that it offends, and its source."""
    row = Finding.objects.select_related("project", "work", "application").filter(case=case).first()
    if row is None:
        return []
    item = dict(ITEMS).get(row.item, "")
    facts = (
        Fact("project", gettext("项目"), row.project.name),
        Fact("work", gettext("单体"), row.work.name if row.work else ""),
        Fact("part", gettext("部位"), row.part),
        Fact("item", gettext("评定项目"), declared(item) if item else ""),
        Fact("clause", gettext("依据的条文"), row.clause),
        Fact("application", gettext("为哪一件查出"), row.application.number if row.application else ""),
        Fact("source", gettext("来源"), str(row.get_source_display())),
    )
    return [fact for fact in facts if fact.value]
