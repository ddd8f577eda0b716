"""Evaluations and rectifications of the demonstration: one under way with two versions of an item and findings in every state, one that
passed and waits for the chief's signature. Signatures and photographs are drawn, nobody's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.identity.scope import scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.fire.evaluations.checklist import CHECKLIST, MUST, SUBS
from bihuan.packs.fire.evaluations.selectors import evaluation_standing
from bihuan.packs.fire.evaluations.services import Sent, evaluation_begin, sheet_write
from bihuan.packs.fire.evaluations.signing import Signer, evaluation_conclude, photo_add, signature_add
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.rules import ARTICLE_30

PLACES = 2
FOUND = (
    (Found("聚合装置北侧消防车道", "车道被脚手架材料占用,净宽只剩2.6米。", "site", item="site_layout", clause="GB 50160 第4.3.4条"), ""),
    (Found("中央控制室电缆沟", "穿墙处没有用防火材料封堵。", "site", item="separation", clause="GB 50016 第6.3.5条"), "rectify"),
    (Found("空压站配电间", "灭火器压力不足,共3具。", "site", item="extinguishers", clause="GB 50444 第5.2.1条"), "verify"),
)  # fmt: skip
MEASURED = {"mm": ("20", "21"), "m": ("6.0", "6.2"), "m²": ("12", "12"), "MPa": ("0.15", "0.16")}


class Evaluating:
    """The inspectors at work; `person` are ids by user name."""

    def __init__(self, person: Mapping[str, int], now: datetime) -> None:
        self.person, self.now, self.key = person, now, 0

    def under_way(self, *, project: int, case: int) -> None:
        """Findings of the site in three states; an evaluation of which two inspectors wrote one item differently."""
        for n, (found, until) in enumerate(FOUND):
            self.found(project, found, n, until)
        at = self.now - timedelta(days=1)
        with kernel_writes():
            begun = evaluation_begin(scope=self.scope("yan"), case=case, now=at)
        for item in ("class_and_rating", "floor_layout", "hydrants", "electricity", "explosion"):
            self.write(case, item, good_sheet(item), "yan", at)
        self.write(case, "alarm", good_sheet("alarm"), "yan", at)
        self.write(case, "alarm", good_sheet("alarm") | {"panel.1.result": "fail", "panel.1.where": "中央控制室", "remark": "联动停泵没有反馈。"}, "ping", at)  # fmt: skip
        with kernel_writes():
            photo_add(
                case=begun.case_id, item="alarm", file=self.picture("#b0413e"), place=None, sent=self.sent("ping", at)
            )  # fmt: skip

    def passed(self, *, case: int) -> None:
        """An evaluation that passed, signed by two inspectors and the owner; the chief's signature is next."""
        self.concluded(case=case)
        at = self.now - timedelta(hours=5)
        self.act(case, "yan", "evaluate_pass", at, **{code: "yes" for code, _label in ARTICLE_30})

    def failed(self, *, case: int, item: str, faults: str) -> None:
        """The same, with an item that fails; what is wrong becomes a finding."""
        self.concluded(case=case, failing=item)
        at = self.now - timedelta(hours=5)
        told = {code: "yes" for code, _label in ARTICLE_30}
        self.act(case, "yan", "evaluate_fail", at, **told, faults=faults)

    def concluded(self, *, case: int, failing: str = "", by: tuple[str, str] = ("yan", "luo")) -> None:
        """Every sheet written, signed by these two and the owner, and concluded."""
        at = self.now - timedelta(hours=5)
        with kernel_writes():
            begun = evaluation_begin(scope=self.scope(by[0]), case=case, now=at)
            for item, must in CHECKLIST[begun.kind].items():
                sheet = good_sheet(item) if must == MUST or item == failing else {"none": "on"}
                sheet = bad_sheet(sheet) if item == failing else sheet
                self.write(case, item, sheet, by[0], at)
            for item in (failing or "evacuation", "hydrants"):
                photo_add(
                    case=case, item=item, file=self.picture("#7d8f9a"), place=None, where="首层东侧", sent=self.sent(by[0], at)
                )  # fmt: skip
            standing = evaluation_standing(begun)
            for n, signer in enumerate((Signer(self.person[by[0]]), Signer(self.person[by[1]]), Signer(None, "雷明", "建设单位"))):  # fmt: skip
                signature_add(
                    case=case, signer=signer, digest=standing.digest, photos=standing.shown, file=self.picture("white", n + 1), sent=self.sent(by[n % 2], at)
                )  # fmt: skip
            evaluation_conclude(scope=self.scope(by[0]), case=case, now=at)

    def found(self, project: int, found: Found, number: int, until: str) -> None:
        """A finding of the site, brought as far as it goes."""
        at = self.now - timedelta(days=4)
        with kernel_writes():
            case = finding_record(
                scope=self.scope("luo"), project=project, found=found, key=f"demonstration:{number}", now=at
            ).case_id
            if not until:
                return
            after = at + timedelta(days=1)
            attachment_add(
                case=case, file=self.picture("#3f7f4f"), name=f"整改后{number}.png", by=self.person["lei"], now=after, kind="after"
            )  # fmt: skip
            self.act(case, "lei", "rectify", after, measures="已按条文整改,照片附后。")
            if until == "verify":
                self.act(case, "ping", "verify", after + timedelta(days=1), seen="现场复查,3具灭火器已更换。")

    def write(self, case: int, item: str, sheet: dict[str, str], by: str, at: datetime) -> None:
        """A version of an item, from this inspector's telephone."""
        sheet_write(case=case, item=item, typed=sheet, base=0, sent=self.sent(by, at))

    def act(self, case: int, by: str, step: str, at: datetime, **data: Any) -> None:
        """A step of the case."""
        with kernel_writes():
            case_act(case_id=case, step=step, by=self.person[by], now=at, data=data)

    def sent(self, by: str, at: datetime) -> Sent:
        """From a telephone of this inspector, written a little before it arrived."""
        self.key += 1
        return Sent(
            self.scope(by),
            f"demonstration-{by}",
            at - timedelta(minutes=40),
            at,
            f"demonstration:{self.now:%m%d}:{self.key}",
        )

    def scope(self, by: str) -> Any:
        """What this person may see."""
        with kernel_writes():
            return scope_of(person=self.person[by], at=self.now, roles=roles())

    def picture(self, ground: str, lines: int = 0) -> ContentFile[bytes]:
        """A picture of its own, a plain one or a scribble."""
        self.key += 1
        made = Image.new("RGB", (320, 120), ground)
        for n in range(lines * 3 + self.key % 5 if lines else self.key % 5):
            ImageDraw.Draw(made).line(
                [(20 + 30 * n, 90 - 17 * (n % 3)), (60 + 28 * n, 30 + 13 * (n % 4))], "#102038", 4
            )
        out = BytesIO()
        made.save(out, "PNG")
        return ContentFile(out.getvalue(), f"{self.key}.png")


def good_sheet(item: str) -> dict[str, str]:
    """A sheet of which everything passes: two places of each sub-item."""
    sheet: dict[str, str] = {}
    for sub in SUBS[item]:
        sheet[f"{sub.code}.places"] = str(PLACES)
        for place in range(1, PLACES + 1):
            required, measured = MEASURED.get(sub.unit, ("", ""))
            at = f"{sub.code}.{place}"
            if sub.quantity:
                sheet |= {
                    f"{at}.required": required,
                    f"{at}.measured": required if sub.bound == "max" else measured,
                }
            else:
                sheet[f"{at}.result"] = "pass"
    return sheet


def bad_sheet(sheet: dict[str, str]) -> dict[str, str]:
    """The same sheet with its first result that is no measurement failed."""
    name = next(one for one in sheet if one.endswith(".result"))
    return sheet | {
        name: "fail",
        name.replace(".result", ".where"): "罐区东侧",
        "remark": "现场测试没有反馈。",
    }
