"""Units picked by typing: a list in the page that needs no script; a part of a name is answered with what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.kernel.identity.models import Grant
from bihuan.packs.hotline.models import Directory
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
FORMS = {
    "admin": (
        "units/do/open", "units/of/371502_market/do/change", "units/of/371502_market/do/close",
        "units/of/371502011/do/run", "people/do/passwords", "directory/do/set",
    ),
    "security": ("people/of/{wang}/do/grant",),
}  # fmt: skip


@pytest.mark.parametrize(("who", "paths"), FORMS.items())
def test_every_unit_is_picked_from_a_list_in_the_page(
    city: City, as_: Log, who: str, paths: tuple[str, ...], django_assert_max_num_queries: Any
) -> None:
    client = as_(who)
    for path in paths:
        with django_assert_max_num_queries(30):
            page = client.get("/administration/" + path.format(**city.people)).content.decode()
        assert "代码或全称" not in page
        assert page.count("<datalist") >= 1, path
        assert page.count("<option value=") > 5, path
    assert '<option value="市市场监督管理局 · 371500_market">' in client.get(
        "/administration/" + paths[-1].format(**city.people)
    ).content.decode().replace("聊城", "")


def test_a_unit_that_was_picked_is_taken(city: City, as_: Log) -> None:
    address = f"/administration/people/of/{city.people['wang']}/do/grant"
    given = {"role": "reviewer", "unit": "随便写的名字 · 371502_housing"}
    assert as_("security").post(address, given).status_code == 302
    grant = Grant.objects.get(person=city.people["wang"], role="reviewer")
    assert grant.unit_id == city.units["371502_housing"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("市场监督", "没有叫“市场监督”的单位,是不是:"),
        ("不存在的局", "没有“不存在的局”这个单位:请输入名称的一部分,从提示中选。"),
        ("某局 · 999999_none", "没有“某局 · 999999_none”这个单位"),
        ("", "这个字段是必填项。"),
        ("x" * 300, "没有"),
    ],
)
def test_a_part_of_a_name_is_answered_with_what_was_meant(
    city: City, as_: Log, typed: str, words: str
) -> None:
    before = Grant.objects.count()
    address = f"/administration/people/of/{city.people['wang']}/do/grant"
    answer = as_("security").post(address, {"role": "reviewer", "unit": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors["unit"][0].startswith(words)
    assert Grant.objects.count() == before
    if typed:
        assert f'value="{typed}"' in answer.content.decode()


def test_several_units_are_named_in_boxes_of_one_name(city: City, as_: Log) -> None:
    admin = as_("admin")
    given = {
        "matter": "0103", "territory": "371502", "level": "county", "unit": "371502_housing",
        "assisting": ["371502_market", "", "教育 · 371502_education"], "legal_basis": "三定规定第5条",
        "since": "2026-03-10",
    }  # fmt: skip
    seen = admin.post("/administration/directory/do/set", given)
    assert (
        admin.post("/administration/directory/do/set", {**given, "confirm": seen.context["seal"]}).status_code
        == 302
    )
    row = Directory.objects.get(matter="0103", valid_to=None)
    assert [unit.code for unit in row.assisting.order_by("code")] == ["371502_education", "371502_market"]
    page = admin.get(f"/administration/directory/of/{row.pk}/do/change").content.decode()
    assert page.count('name="assisting"') == 3
    assert '· 371502_education"' in page
