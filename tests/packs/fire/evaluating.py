"""Evaluating in tests: an evaluation filled in on several devices, as the telephones would send it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.evaluations.checklist import CHECKLIST, MUST, SUBS
from bihuan.packs.fire.evaluations.selectors import Standing, evaluation_standing
from bihuan.packs.fire.evaluations.services import Sent, evaluation_begin, sheet_write
from bihuan.packs.fire.evaluations.signing import Signer, evaluation_conclude, photo_add, signature_add
from bihuan.packs.fire.models import Evaluation, Photo, Sheet, Signature
from tests.packs.fire.conftest import Section, photograph


def good_sheet(item: str) -> dict[str, str]:
    """A sheet of which everything passes: one place of each sub-item."""
    sheet = {}
    for sub in SUBS[item]:
        sheet[f"{sub.code}.places"] = "1"
        if sub.quantity:
            sheet |= {f"{sub.code}.1.required": "1.2", f"{sub.code}.1.measured": "1.2"}
        else:
            sheet[f"{sub.code}.1.result"] = "pass"
    return sheet


class OnSite:
    """The evaluation of a case, and who writes it on which device."""

    def __init__(self, section: Section, case: Case, by: str = "yan") -> None:
        self.section, self.case, self.key = section, case, 0
        self.found = evaluation_begin(scope=section.scope(by), case=case.pk, now=section.now)
        section.see()

    def sent(self, by: str, device: str = "", *, taken_at: datetime | None = None) -> Sent:
        self.key += 1
        section = self.section
        return Sent(
            section.scope(by), device or f"{by}'s", taken_at or section.now, section.now, f"k{self.key}"
        )

    def write(
        self, item: str, typed: dict[str, str], by: str = "yan", *, base: int = 0, device: str = ""
    ) -> Sheet:
        made = sheet_write(case=self.case.pk, item=item, typed=typed, base=base, sent=self.sent(by, device))
        self.section.see()
        return made

    def write_all(self, **changed: dict[str, str]) -> None:
        """Every item that the building has or may have: good, or not there."""
        for item, must in CHECKLIST[self.found.kind].items():
            self.write(item, changed.get(item, good_sheet(item) if must == MUST else {"none": "on"}))

    def photo(self, item: str, name: str = "a.png", **kept: Any) -> Photo:
        self.section.see("yan")
        made = photo_add(
            case=self.case.pk, item=item, file=photograph(name), place=None, sent=self.sent("yan"), **kept
        )
        self.section.see()
        return made

    def sign(
        self, who: str, *, by: str = "", digest: str = "", photos: Sequence[str] | None = None
    ) -> Signature:
        """`who` is an inspector's user name, or the name of one of the owner's people; everything that is shown is signed, unless said otherwise."""
        standing = self.standing()
        digest = digest or standing.digest
        photos = standing.shown if photos is None else photos
        person = self.section.person.get(who)
        signer = Signer(person) if person else Signer(None, who, "建设单位")
        by = by or (who if person else "yan")
        self.section.see(by)
        made = signature_add(
            case=self.case.pk, signer=signer, digest=digest, photos=photos, file=photograph(f"{who}{self.key}.png"), sent=self.sent(by)
        )  # fmt: skip
        self.section.see()
        return made

    def sign_all(self) -> None:
        for who in ("yan", "ping", "雷明"):
            self.sign(who)

    def standing(self) -> Standing:
        self.section.see()
        self.found = Evaluation.objects.get(pk=self.found.pk)
        return evaluation_standing(self.found)


def refusal_of(act: Any) -> str:
    """The code of the refusal that an act meets, "" when it meets none."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.fixture
def on_site(section: Section) -> OnSite:
    project = section.enter()
    section.reviewed(project)
    return OnSite(section, section.accepted(project))


def conclude(on_site: OnSite) -> str:
    section = on_site.section
    section.see("yan")
    try:
        return evaluation_conclude(scope=section.scope("yan"), case=on_site.case.pk, now=section.now)
    finally:
        section.see()
        on_site.case.refresh_from_db()
