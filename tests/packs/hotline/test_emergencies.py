"""Danger to life in callers' plain words: every line of the first list is passed on at once, none of the second."""

from __future__ import annotations

import pytest

from bihuan.packs.hotline.emergencies import BRIEF, danger_found

DANGER = {
    "119": (
        "工地塌了,压着人了", "电梯困人了,快来", "老人被困在电梯里半个小时了", "孩子掉井里了", "有人掉进河里了", "小孩溺水了", "楼下着火了",
        "隔壁家起火,浓烟很大", "车库冒黑烟", "电动车充电烧起来了", "厨房煤气泄漏", "屋里闻到很浓的煤气味", "满屋煤气,不敢开灯",
        "煤气味很大,头晕", "房子要倒了,里面有人", "墙塌了砸到人了", "脚手架要塌,下面有工人", "化工厂爆炸了", "老人锁在家里,关在屋里出不来",
        "孩子掉进化粪池了", "天然气管道漏气", "花园小区3号楼着火了", "挖断了燃气管,燃气泄漏",
    ),
    "110": (
        "有人拿刀砍人", "邻居持刀追着人跑", "我不想活了", "有人要跳楼", "我想自杀", "他正在打老婆", "孩子走丢了", "老人不见了,有老年痴呆", "有人抢劫",
        "女儿割腕了", "他喝了农药", "有人站在楼顶要跳", "我老公往死里打我", "孩子被拐走了",
    ),
    "120": (
        "有人触电倒地", "老人心梗,快不行了", "路边有人晕倒了", "我妈没有呼吸了", "孩子抽搐,口吐白沫", "工人从架子上摔下来,流了很多血", "煤气中毒了,两个人",
        "老伴昏迷不醒", "喘不上气了,救命", "一家人吃蘑菇中毒了", "有人吐血了", "孕妇大出血,叫不到车",
    ),
    "122": ("出车祸了,有人受伤", "路口撞车,司机被压在里面", "刚才撞了人,老人躺着起不来", "货车撞倒了一个孩子"),
}  # fmt: skip
NONE = (
    "路灯坏了,请求维修", "小区电梯经常坏,担心困人", "井盖缺失,容易掉进去人", "电动车进楼充电,怕着火", "希望加强防溺水宣传", "去年这里着火了,一直没人修",
    "消防通道堵塞,万一着火了怎么办", "建议学校开展触电急救培训", "工地噪声大,睡不着", "培训班不退费", "医院乱收费", "物业费太高",
    "咨询车祸赔偿怎么算", "上个月我被车撞伤了,对方不赔钱", "路面塌陷,有个大坑", "河里水很臭", "邻居家狗叫", "孩子上学报名怎么办",
    "墙皮脱落,存在砸到人的隐患", "咨询心梗的报销比例", "楼道堆放杂物,有着火的风险", "超市卖过期食品", "要求安装防坠落网", "电梯停运一周了", "他以前喝过农药,现在想申请低保",
    "请问火灾保险怎么赔", "燃气表坏了", "申请开通天然气", "餐馆油烟大,呛得头疼", "幼儿园食物中毒事件的处理结果是什么", "小孩打疫苗去哪里",
    "希望查处持刀具表演的直播", "老旧小区加装电梯", "电梯困人好几次,物业不管", "上班途中出车祸,想认定工伤", "焚烧秸秆呛得人喘不上气",
)  # fmt: skip


@pytest.mark.parametrize(("service", "text"), [(s, t) for s, texts in DANGER.items() for t in texts])
def test_danger_in_plain_words_is_passed_on(service: str, text: str) -> None:
    found = danger_found(text)
    assert found is not None and found.service == service


@pytest.mark.parametrize("text", NONE)
def test_everyday_matters_fears_and_the_past_are_not(text: str) -> None:
    assert danger_found(text) is None


def test_a_long_letter_counts_only_where_it_says_now() -> None:
    letter = "我们小区的物业多年来服务很差,业主反映了很多次都没有结果。" * 6
    assert len(letter) > BRIEF
    assert danger_found(letter + "三号楼着火了。") is None
    assert danger_found(letter + "现在三号楼着火了。").service == "119"  # type: ignore[union-attr]
