"""Another system hands in files, and an application for a theme; what is wrong with them changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.forms.selectors import answers_of, answers_read
from bihuan.kernel.forms.services import form_publish
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.services import item_set
from bihuan.packs.onewindow.platforms.files import file_named
from tests.api.client import Api, refused
from tests.packs.onewindow.bazaar import ALL, FOOD, HYGIENE, Bazaar
from tests.packs.onewindow.conftest import MARKET, PERSON, Window
from tests.packs.onewindow.test_item_forms import PLAN, pdf
from tests.packs.onewindow.test_loop import state_now
from tests.packs.onewindow.test_platforms import HANDED, clerk, hand_in
from tests.packs.onewindow.test_theme_ways import FOOD_FORM, HYGIENE_FORM, change

__all__ = ["clerk"]  # a fixture
pytestmark = pytest.mark.django_db
THEME: dict[str, Any] = {
    **PERSON, "theme": "restaurant", "subject": "水城面馆", "dated": {"4": "2026-02-01"}, "materials": dict.fromkeys(ALL, "present"),
}  # fmt: skip


def upload(api: Api, *files: Any) -> HttpResponse:
    return api.client.post("/api/onewindow/files", {"file": list(files)}, headers=api.headers)


def word(api: Api, name: str = "图.pdf") -> str:
    return str(upload(api, pdf(name)).json()["file"])


def test_files_are_handed_in_first_and_named_by_their_words(window: Window, clerk: Api) -> None:
    sent = upload(clerk, pdf("图.pdf"))
    told = sent.json()
    assert (sent.status_code, told["name"], told["size"], len(told["sha256"])) == (201, "图.pdf", 52, 64)
    asked = {"materials": {"1": "present"}, "files": {"3": told["file"], "4": word(clerk, "制度.pdf")}}
    taken = hand_in(clerk, "f-1", **asked)
    assert (taken.status_code, taken.json()["state"]) == (201, "examining")
    with kernel_writes():
        rows = list(Attachment.objects.order_by("name").values_list("name", "blob", "added_by__username"))
    assert [(name, by) for name, _blob, by in rows] == [
        ("3-经营场所平面图.pdf", "fang"),
        ("4-食品安全管理制度.pdf", "fang"),
    ]
    assert rows[0][1] == told["sha256"]
    before = state_now()
    assert hand_in(clerk, "f-1", **asked).json() == taken.json()
    assert state_now() == before
    assert ledger_verify().faults == ()


def test_a_file_in_a_form_is_its_word(window: Window, clerk: Api) -> None:
    day = window.now.date()
    form_publish(
        code="t.plan", schema=json.dumps(PLAN), valid_from=day, basis="测试", now=window.now, by="system"
    )
    item_set(
        item=window.item.pk, given={"form": "t.plan"}, unit=window.units[MARKET], now=window.now, by="system"
    )
    before = state_now()
    refused(hand_in(clerk, answers={"plan": "guessed"}), 422, field="answers.plan")
    assert state_now() == before
    taken = hand_in(clerk, answers={"plan": word(clerk)})
    with kernel_writes():
        case = Case.objects.get(number=taken.json()["number"]).pk
        (row,), plan = answers_of(case=case), Attachment.objects.get(case=case)
    assert (answers_read(row), plan.name) == ({"plan": plan.pk}, "图.pdf")


def test_what_is_wrong_with_a_file_is_refused_and_nothing_is_kept(
    window: Window, clerk: Api, settings: Any, tmp_path: Path
) -> None:
    settings.ATTACHMENT_ROOT = tmp_path
    policy_set(
        code="attachments.max_mb", value=1, unit="MB", valid_from=window.now.date(), legal_basis="测试", now=window.now, by="system"
    )  # fmt: skip
    exe = SimpleUploadedFile("a.exe", b"MZ\x90\x00" + b"\x00" * 60)
    refused(upload(clerk, exe), 422, code="type", field="file")
    refused(upload(clerk, SimpleUploadedFile("a.png", b"%PDF-1.4\n%%EOF")), 422, code="type_differs")
    refused(upload(clerk, SimpleUploadedFile("a.pdf", b"%PDF" + b"0" * 1_000_000)), 422, code="too_large")
    refused(upload(clerk, SimpleUploadedFile("a.pdf", b"%PDF" + b"0" * 1_200_000)), 413, code="too_large")
    refused(upload(clerk), 422, field="file")
    refused(upload(clerk, pdf("a.pdf"), pdf("b.pdf")), 422, field="file")
    refused(clerk.post("/onewindow/files", {}), 415)
    refused(upload(Api(), pdf()), 401)
    refused(upload(Api("wang"), pdf()), 403)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_word_is_one_accounts_own_for_a_day(window: Window, clerk: Api) -> None:
    mine, before = word(clerk), state_now()
    own = file_named(mine, field="files.3", by=window.people["fang"], now=window.now)
    assert (own.name, own.size) == ("图.pdf", 52)
    with pytest.raises(FieldError, match="凭据"):
        file_named(mine, field="files.3", by=window.people["ren"], now=window.now)
    refused(hand_in(clerk, files={"3": mine + "x"}), 422, field="files.3", code="file")
    refused(hand_in(clerk, files={"9": mine}), 422, field="materials")
    refused(
        hand_in(clerk, files={"3": mine}, materials={**HANDED["materials"], "3": "lacking"}),
        422,
        field="files.3",
    )
    refused(hand_in(clerk, files={"x": mine}), 422)
    refused(hand_in(clerk, files={"3": mine, "1": mine}, materials={}), 422, field="materials")
    window.later(days=1, minutes=1)
    refused(hand_in(clerk, files={"3": mine}), 422, field="files.3", code="file_gone")
    assert state_now() == before


def test_a_theme_is_handed_in_with_its_forms_and_once(window: Window, clerk: Api) -> None:
    bazaar = Bazaar(window)
    for code, name, schema in ((HYGIENE, "t.hygiene", HYGIENE_FORM), (FOOD, "t.food", FOOD_FORM)):
        form_publish(
            code=name, schema=json.dumps(schema), valid_from=window.now.date(), basis="测试", now=window.now, by="system"
        )  # fmt: skip
        change(bazaar, code, form=name)

    def sent(key: str = "", **changed: Any) -> HttpResponse:
        return clerk.post(
            "/onewindow/themes/applications",
            {**THEME, **changed},
            **({"Idempotency-Key": key} if key else {}),
        )

    before = state_now()
    flawed = sent(answers={"t.hygiene": {"name": "水城面馆"}}).json()
    assert [one["path"] for one in flawed["flaws"]] == ["answers.t.hygiene.plan", "answers.t.food.area"]
    for changed, status, field in (
        ({"theme": "ghost"}, 404, "theme"), ({"answers": {"t.ghost": {}}}, 422, "answers"), ({"subject": "x"}, 422, "subject"),
        ({"dated": {}}, 422, "materials"), ({"id_number": "371502199001011227"}, 422, "id_number"),
    ):  # fmt: skip
        refused(sent(**changed), status, field=field)
    good = {"t.hygiene": {"name": "水城面馆", "plan": word(clerk)}, "t.food": {"area": 45}}
    short = refused(sent(answers=good, materials={"1": "present"}), 422, field="materials")
    assert "6 食品经营许可申请书、7 食品安全管理制度" in short["detail"]
    assert state_now() == before
    asked = {"answers": good, "files": {"7": word(clerk, "制度.pdf")}, "external_id": "GM-7"}
    taken = sent("t-1", **asked)
    assert (taken.status_code, taken.json()["state"]) == (201, "parallel")
    with kernel_writes():
        whole = Case.objects.get(number=taken.json()["number"])
    assert [answers_read(row) for row in answers_of(case=whole.pk)][1] == {"name": "水城面馆", "area": 45}
    assert (bazaar.parts(whole.pk)["卫生"], whole.facts["verified"]) == ("begun", False)
    after = state_now()
    assert sent("t-1", **asked).json() == taken.json()
    refused(sent(answers=good, external_id="GM-7"), 409, field="external_id")
    assert state_now() == after
    assert ledger_verify().faults == ()
