"""Views under a name, columns that are kept, and sorting: in the address, one's own or the unit's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from bihuan.kernel.desk.models import SavedView
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.pack import roles
from tests.desk.conftest import City
from tests.stories.cast import text_of

As = Callable[..., Client]


def names(client: Client) -> list[str]:
    return [view.name for view, _, _ in client.get("/").context["views"]]


def test_a_view_is_found_the_next_day_with_filters_and_columns(city: City, as_: As) -> None:
    late, other = city.dispatched(), city.opened()
    tang = as_("tang")
    query = "?tab=all&burning=late&unit=371502_market&sort=new"
    response = tang.post(f"/views{query}", {"name": "市监超期", "columns": "unit.left.matter"})
    assert response.status_code == 302
    tomorrow = as_("tang", after=24 * 20)
    ((view, address, here),) = tomorrow.get("/").context["views"]
    assert (view.name, here) == ("市监超期", False)
    page = tomorrow.get(f"/{address}")
    assert [row["case"].number for row in page.context["rows"]] == [late.number]
    assert page.context["columns"] == ("unit", "left", "matter")
    assert page.context["wanted"].sort == "new"
    assert page.context["views"][0][2] is True, "the view that is open is marked"
    assert other.number not in text_of(page)


def test_a_shared_view_is_seen_by_the_unit_and_by_nobody_else(city: City, as_: As) -> None:
    sun = as_("sun")
    sun.post("/views?tab=unit&burning=late", {"name": "本局超期", "shared": "on"})
    sun.post("/views?tab=unit", {"name": "只我自己"})
    assert names(sun) == ["只我自己", "本局超期"]
    assert names(as_("wang")) == ["本局超期"]
    assert names(as_("qian")) == names(as_("tang")) == []
    scope_apply(scope_of(person=city.people["qian"], at=city.now, roles=roles()))
    assert SavedView.objects.count() == 0, "the database hides them too"


def test_only_its_owner_removes_a_view_and_it_can_be_put_back(city: City, as_: As) -> None:
    sun = as_("sun")
    sun.post("/views?tab=unit", {"name": "本局", "shared": "on"})
    view = sun.get("/").context["views"][0][0].pk
    assert as_("wang").post(f"/views/{view}/remove").status_code == 404
    assert as_("wang").post(f"/views/{view}/restore").status_code == 404
    sun = as_("sun")
    page = sun.post(f"/views/{view}/remove", follow=True)
    assert f'action="/views/{view}/restore"' in text_of(page), "undo is one click"
    assert names(sun) == []
    sun.post(f"/views/{view}/restore")
    assert names(sun) == ["本局"]
    assert sun.post(f"/views/{view}/restore").status_code == 302
    assert names(sun) == ["本局"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "不能为空"), ("长" * 41, "不能超过"), ("甲\x07乙", "控制字符"), ("重名", "已有同名的视图")],
)
def test_a_wrong_name_is_refused_in_words(city: City, as_: As, name: str, words: str) -> None:
    tang = as_("tang")
    tang.post("/views?tab=all", {"name": "重名"})
    page = tang.post("/views?tab=all&burning=late", {"name": name}, follow=True)
    assert words in text_of(page), text_of(page)[-3000:]
    assert names(tang) == ["重名"]


def test_a_view_that_is_saved_twice_at_the_same_moment_is_kept_once(
    city: City, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    tang = as_("tang")
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.exists", lambda _rows: False
    )  # neither sees the other
    for _click in range(2):
        assert tang.post("/views?tab=all", {"name": "重名"}).status_code == 302
    assert names(tang) == ["重名"]


def test_what_an_address_does_not_know_is_not_kept(city: City, as_: As) -> None:
    tang = as_("tang")
    tang.post(
        "/views?tab=all&evil=<script>&after=9.9&state=handling", {"name": "在办", "columns": "left.evil"}
    )
    view = tang.get("/").context["views"][0][0]
    assert (view.query, view.columns) == ("?tab=all&state=handling", "left")


def test_columns_are_kept(city: City, as_: As) -> None:
    city.dispatched(matter="0401")
    tang = as_("tang")
    assert tang.get("/?tab=all").context["columns"] == ("state", "unit", "line", "left")
    tang.post("/columns?tab=all", {"column": ["matter", "left", "nothing"]})
    page = tang.get("/?tab=all")
    assert page.context["columns"] == ("left", "matter")
    assert "消费" in text_of(page)
    assert 'class="c-unit"' not in text_of(page)
