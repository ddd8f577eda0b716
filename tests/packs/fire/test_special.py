"""Article 14 at every boundary: strictly greater, the strictest row, the row's number as the reason (rules.md C1)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.packs.fire.special import words
from bihuan.packs.fire.special.reasons import reason_told
from bihuan.packs.fire.special.rules import NATIONAL, Part, Project, Verdict, classify, is_crowded, limits_of
from bihuan.packs.fire.special.uses import Use, folded, use_found, vocabulary
from tools.make_catalogue import CHINESE

LIMITS = limits_of(NATIONAL)
THRESHOLD = {1: 20_000, 2: 15_000, 3: 10_000, 4: 2_500, 5: 1_000, 6: 500}
ROWS = sorted(THRESHOLD)
SURE = {
    row: [use for use in vocabulary().values() if use.rows == (row,) and not use.doubt]
    for row in range(1, 11)
}
PUBLIC = [use for use in vocabulary().values() if use.kind == "public" and not use.rows]
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Judged by what comes out, on a machine however busy."""
areas = st.decimals(0, 100_000, places=2)
heights = st.none() | st.decimals(0, 300, places=2)


def use(word: str) -> Use:
    found = use_found(word)
    assert found is not None, word
    return found


def judged(word: str, area: str | None = None, height: str | None = None, contains: str = "") -> Verdict:
    parts = [piece.split(":") for piece in contains.split(";") if piece]
    return classify(
        Project(
            use(word), area and Decimal(area), height and Decimal(height),  # type: ignore[arg-type]
            [Part(use(name), Decimal(size)) for name, size in parts],
        ),
        limits=LIMITS,
    )  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_every_word_of_a_row_is_special_above_its_threshold_and_not_at_it(row: int) -> None:
    for one in SURE[row]:
        at, above = Decimal(THRESHOLD[row]), Decimal(THRESHOLD[row]) + Decimal("0.01")
        assert not classify(Project(one, at), limits=LIMITS).special, one.word
        found = classify(Project(one, above), limits=LIMITS)
        assert (found.special, found.row) == (True, row), one.word


@UNHURRIED
@given(row=st.sampled_from(ROWS), data=st.data(), area=areas, height=heights)
def test_an_area_is_judged_by_its_row_then_by_row_12(
    row: int, data: st.DataObject, area: Decimal, height: Decimal | None
) -> None:
    one = data.draw(st.sampled_from(SURE[row]))
    found = classify(Project(one, area, height), limits=LIMITS)
    tall = one.kind == "public" and height is not None and height > 50
    assert found.row == (row if area > THRESHOLD[row] else 12 if tall else None)
    assert found.special is (found.row is not None)


@UNHURRIED
@given(data=st.data(), area=areas, height=heights)
def test_another_public_building_is_special_by_area_or_height(
    data: st.DataObject, area: Decimal, height: Decimal | None
) -> None:
    one = data.draw(st.sampled_from(PUBLIC))
    found = classify(Project(one, area, height), limits=LIMITS)
    assert found.special is (area > 40_000 or (height is not None and height > 50))
    assert found.row == (12 if found.special else None)


@UNHURRIED
@given(
    row=st.sampled_from(ROWS), area=areas, height=heights,
    parts=st.lists(st.tuples(st.sampled_from(ROWS), areas), max_size=4),
)  # fmt: skip
def test_the_smallest_threshold_is_the_reason_then_the_lowest_number(
    row: int, area: Decimal, height: Decimal | None, parts: list[tuple[int, Decimal]]
) -> None:
    contains = [Part(SURE[part][0], size) for part, size in parts]
    found = classify(Project(SURE[row][0], area, height, contains), limits=LIMITS)
    holding = [(THRESHOLD[row], row)] if area > THRESHOLD[row] else []
    holding += [(THRESHOLD[part], 11) for part, size in parts if size > THRESHOLD[part]]
    tall = [(40_000, 12)] if height is not None and height > 50 else []
    assert found.row == min(holding or tall, default=(0, None))[1]


@pytest.mark.parametrize("row", [8, 9, 10])
def test_rows_without_a_threshold_need_no_area(row: int) -> None:
    for one in SURE[row]:
        found = classify(Project(one), limits=LIMITS)
        assert (found.special, found.row) == (True, row), one.word
        with_part = Project(one, Decimal(1), None, [Part(SURE[6][0], Decimal(501))])
        assert classify(with_part, limits=LIMITS).row == row


def test_a_dwelling_is_judged_by_its_height_alone() -> None:
    assert judged("住宅", "90000", "54") == Verdict(
        False, None, "不属于特殊建设工程:住宅,高 54 米,不超过 54 米"
    )
    assert judged("住宅", "200", "54.01") == Verdict(True, 7, "第14条第七项:住宅高 54.01 米,超过 54 米")
    assert judged("住宅", "90000").reason == "不属于特殊建设工程:住宅,未填高度,按不超过 54 米"
    assert judged("一类高层住宅").row == 7
    assert not judged("一类高层住宅", "9000", "54").special
    assert judged("住宅", "9000", "60", "酒吧:600").row == 7
    assert judged("住宅", "9000", "30", "酒吧:600").row == 11


@pytest.mark.parametrize(
    "word", ["厂房", "丙类仓库", "地下车库", "村民自建住宅", "劳动密集型企业生产加工车间"]
)
def test_what_is_no_public_building_is_not_special_by_row_12(word: str) -> None:
    assert not judged(word, "2500" if "劳动" in word else "90000", "60").special


def test_a_part_is_judged_by_its_own_area_and_the_reason_names_it() -> None:
    assert judged("办公楼", "3000", "20", "歌舞厅:500").special is False
    assert judged("办公楼", "3000", "20", "歌舞厅:300;歌舞厅:300").special is False
    assert judged("宾馆", "15000", "20", "歌舞厅:500.01") == Verdict(
        True, 11, "第14条第十一项:设有歌舞厅 500.01 平方米,大于 500 平方米(第六项)"
    )
    assert judged("歌舞厅", "600", "20", "酒吧:600").row == 6
    assert judged("办公楼", "90000", "20", "国家机关办公楼:9000;加油站:100").row == 12


def test_of_several_buildings_each_is_judged_by_itself() -> None:
    office = Project(use("办公楼"), Decimal(45_000), Decimal(30), single=Decimal(30_000))
    assert classify(office, limits=LIMITS) == Verdict(
        False, None, "不属于特殊建设工程:办公楼,30000 平方米,不大于 40000 平方米,高 30 米,不超过 50 米"
    )
    assert classify(replace(office, single=Decimal("40000.01")), limits=LIMITS).row == 12
    assert (is_crowded(office), is_crowded(replace(office, contains=[Part(use("网吧"), Decimal(1))]))) == (
        False,
        True,
    )
    hotel = Project(use("宾馆"), Decimal(20_000), single=Decimal(9_000))  # 总建筑面积
    assert classify(hotel, limits=LIMITS).row == 3


def test_a_word_that_leaves_something_open_is_judged_strictly() -> None:
    assert judged("图书馆", "1001") == Verdict(
        True, 5, "第14条第五项:图书馆 1001 平方米,大于 1000 平方米(未写明大学还是中小学,从严)"
    )
    assert judged("大学图书馆", "1001").special is False
    assert judged("茶馆", "501").row == 6
    assert judged("不具有娱乐功能的茶馆", "501").special is False


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("公共展览馆、博物馆的展示厅", 1), ("民用机场航站楼", 2), ("客运码头候船厅", 2), ("宾馆、饭店", 3),
        ("公共图书馆的阅览室", 4), ("营业性室内健身、休闲场馆", 4), ("医院的门诊楼", 4),
        ("大学的教学楼、图书馆、食堂", 4), ("劳动密集型企业的生产加工车间", 4), ("寺庙/教堂", 4),
        ("托儿所、幼儿园的儿童用房", 5), ("儿童游乐厅等室内儿童活动场所", 5), ("养老院/福利院", 5),
        ("医院、疗养院的病房楼", 5), ("中小学校的教学楼、图书馆、食堂", 5), ("学校的集体宿舍", 5),
        ("劳动密集型企业的员工集体宿舍", 5), ("卡拉OK厅", 6), ("卡拉ｏｋ", 6), (" ＫＴＶ ", 6), ("桑拿浴室", 6),
        ("具有娱乐功能的餐馆/茶馆/咖啡厅", 6), ("城市轨道交通、隧道工程", 8), ("大型发电、变配电工程", 8),
        ("生产、储存、装卸易燃易爆危险物品的工厂、仓库和专用车站、码头", 9), ("储存易燃易爆危险物品的仓库", 9),
        ("易燃易爆气体和液体的充装站、供应站、调压站", 9), ("天然气调压站", 9), ("甲类厂房", 9), ("电信大楼", 10),
        ("防灾指挥调度楼", 10), ("广播电视楼", 10), ("新建宾馆项目", 3), ("酒吧(二层)", 6),
    ],
)  # fmt: skip
def test_the_words_of_the_article_are_known_as_they_are_written(text: str, row: int) -> None:
    found = use_found(text)
    assert found is not None
    assert found.rows == (row,)
    assert not found.doubt or text in ("城市轨道交通、隧道工程",)


@pytest.mark.parametrize("text", ["火锅城", "", "不明用途", "非易燃易爆物品仓库", "宾馆、火锅城"])
def test_other_words_are_unknown(text: str) -> None:
    assert use_found(text) is None


def test_every_word_is_written_as_it_is_looked_up_and_stands_once() -> None:
    listed = [
        word
        for text in (*words.LISTED.values(), words.PUBLIC, words.NOT_PUBLIC, words.HOMES, words.EXCLUDED)
        for word in text.split()
    ]
    listed += [word for _, text, _ in words.DOUBTFUL for word in text.split()]
    assert [word for word in listed if folded(word) != word] == []
    assert sorted(word for word in set(listed) if listed.count(word) > 1) == []


@UNHURRIED
@given(
    word=st.sampled_from(sorted(vocabulary())), area=st.none() | areas, height=heights,
    part=st.none() | st.tuples(st.sampled_from(sorted(vocabulary())), areas),
)  # fmt: skip
def test_a_written_reason_is_told_in_both_languages(
    word: str, area: Decimal | None, height: Decimal | None, part: tuple[str, Decimal] | None
) -> None:
    contains = [Part(use(part[0]), part[1])] if part else []
    written = classify(Project(use(word), area, height, contains), limits=LIMITS).reason
    assert reason_told(written) == written
    with translation.override("en"):
        told = reason_told(written)
    for declared in sorted([word, part[0] if part else ""], key=len, reverse=True):
        told = told.replace(declared, "") if declared else told
    assert not CHINESE.search(told)


def test_a_reason_in_english_names_the_item_the_figures_and_what_is_open() -> None:
    with translation.override("en"):
        told = reason_told("第14条第十一项:设有托儿所 1200 平方米,大于 1000 平方米(第五项)(未写明是否儿童用房,从严)")  # fmt: skip
        small = reason_told(judged("宾馆", "10000", "20").reason)
    assert told == (
        "Art. 14, item 11: contains 托儿所 of 1200 m², more than 1000 m² (item 5)"
        " (not said whether rooms for children; the stricter reading)"
    )
    assert small == "Not a special project: 宾馆, 10000 m², not more than 10000 m², 20 m high, not above 50 m"
    assert reason_told("自定义的理由") == "自定义的理由"
