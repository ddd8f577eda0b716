"""The fire section in the test city: its people, each at a browser of their own, and projects of the demonstration."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.fire.applying.services import Asked, application_open
from bihuan.packs.fire.demonstration import FILED, have_all, people_load
from bihuan.packs.fire.materials import CONDITIONS, HAVE, ITEMS
from bihuan.packs.fire.models import Evaluation, Project
from bihuan.packs.fire.projects.services import Declared, project_enter
from bihuan.packs.fire.rules import ARTICLE_30

SPECIAL = Declared("乙烯项目", "鲁城化工", "化工园", "生产易燃易爆危险物品的工厂", "38600", "36")
PASSING = {code: "yes" for code, _ in ARTICLE_30}
ON_EVALUATION = {
    **dict.fromkeys(("evaluate_pass", "check_pass", "recheck_pass"), "pass"),
    **dict.fromkeys(("evaluate_fail", "check_fail", "recheck_fail"), "fail"),
}
"""Steps that rest on an on-site evaluation, and the conclusion that they need."""
FILE = have_all("filing", completion_report=HAVE, as_built=HAVE) | {
    "class": "general", "way": "documents", "completed_on": "2026-02-27",
}  # fmt: skip


class Section:
    """The people and what they do; `now` is everybody's clock."""

    def __init__(self, now: datetime) -> None:
        self.now, self.key = now, 0
        people_load(now=now)
        with kernel_writes():
            self.person = dict(Person.objects.values_list("username", "id"))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def scope(self, username: str) -> Scope:
        with kernel_writes():
            return scope_of(person=self.person[username], at=self.now, roles=roles())

    def see(self, username: str = "") -> None:
        scope_apply(self.scope(username) if username else Scope(0, (), (), True))

    def as_(self, username: str) -> Client:
        client = Client()
        with kernel_writes():
            client.force_login(Person.objects.get(username=username))
        return client

    def enter(self, declared: Declared = SPECIAL) -> Project:
        self.key += 1
        return project_enter(scope=self.scope("jin"), declared=declared, key=f"test:{self.key}", now=self.now)

    def apply(self, project: Project, kind: str) -> Case:
        self.key += 1
        number = application_open(
            scope=self.scope("jin"),
            project=project.pk,
            asked=Asked(kind),
            key=f"test:{self.key}",
            now=self.now,
        )
        self.see()
        return Case.objects.get(number=number)

    def take(self, case: Case, username: str, step: str, **data: Any) -> str:
        """Take a step as that person; returns the state. A step that rests on an evaluation finds one that says so."""
        if step in ON_EVALUATION:
            self.evaluated(case, ON_EVALUATION[step])
        self.see(username)
        case_act(case_id=case.pk, step=step, by=self.person[username], now=self.now, data=data)
        self.see()
        case.refresh_from_db()
        return str(case.state)

    def evaluated(self, case: Case, conclusion: str) -> None:
        """An on-site evaluation tells its conclusion, unless a real one was begun or the case is elsewhere."""
        self.see()
        case.refresh_from_db()
        if Evaluation.objects.filter(case=case).exists() or case.state not in (
            "evaluating",
            "checking",
            "rechecking",
        ):
            return
        items = {code: "pass" for code, _ in ITEMS} | ({"evacuation": "fail"} if conclusion == "fail" else {})
        case_move(
            case_id=case.pk, step=f"site_{conclusion}", by=0, now=self.now,
            data={"evaluation": 1, "open_findings": 0, **items},
        )  # fmt: skip

    def reviewed(self, project: Project) -> None:
        case = self.apply(project, "design")
        self.take(case, "jin", "accept", **have_all("design", planning_permit=HAVE))
        self.take(case, "xue", "propose_pass", opinion="符合标准,同意。")
        assert self.take(case, "du", "sign_pass") == "passed"

    def accepted(self, project: Project) -> Case:
        case = self.apply(project, "acceptance")
        held = {code: True for code, _ in CONDITIONS}
        assert self.take(case, "jin", "accept", **have_all("acceptance"), **held) == "evaluating"
        return case

    def filed(self, *declared: Declared) -> list[Case]:
        cases = [self.apply(self.enter(one), "filing") for one in declared or FILED]
        for case in cases:
            assert self.take(case, "jin", "accept", **FILE) == "filed"
        return cases


@pytest.fixture(autouse=True)
def keys(settings: Any, tmp_path: Path) -> None:
    """A key of its own signs the documents of a test."""
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"


@pytest.fixture
def section(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Section:
    made = Section(now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    made.see()
    return made


def photograph(name: str = "after.png") -> SimpleUploadedFile:
    """A small picture; another name is another content."""
    out = BytesIO()
    Image.new("RGB", (8, 8), (len(name), sum(name.encode()) % 256, 7)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def paper(name: str = "图纸.pdf") -> SimpleUploadedFile:
    """A small paper as an owner scans it; another name is another content."""
    return SimpleUploadedFile(name, b"%PDF-1.4\n% " + name.encode(), "application/pdf")
