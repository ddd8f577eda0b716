"""What stays visible, and nothing more (rules.md I)."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bihuan.lib import masking

WORDS = st.text("请尽快联系我电话住址，。：；在的了 \n", max_size=12)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小三", "张**"),
        ("欧阳锋", "欧阳*"),
        ("诸葛小明", "诸葛**"),
        ("欧阳", "欧*"),
        ("阿卜杜拉·买买提", "阿**"),
        ("张", "*"),
        ("", ""),
    ],
)
def test_names(name: str, masked: str) -> None:
    assert masking.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("+86 13812341234", "138****1234"),
        ("0635-8412345", "0635-*****45"),
        ("8412345", "*****45"),
        ("4001234567", "400****567"),
        ("12345", "12345"),
        ("138123", "******"),
        ("我的电话", "****"),
    ],
)
def test_phones(phone: str, masked: str) -> None:
    assert masking.mask_phone(phone) == masked


def test_documents_and_cards() -> None:
    assert masking.mask_id("371502199003071230") == "371***********1230"
    assert masking.mask_id("11010519491231002x") == "110***********002X"
    assert masking.mask_id("E1234567") == "********"
    assert masking.mask_bank("6222 0212 3456 7890 123") == "***************0123"
    assert masking.mask_bank("12345") == "*****"


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("聊城市东昌府区柳园街道振兴路12号3号楼2单元501室", "聊城市东昌府区柳园街道***"),
        ("东昌府区沙镇镇王村三组5号", "东昌府区沙镇镇王村***"),
        ("东昌府区柳园街道新东社区8号楼", "东昌府区柳园街道新东社区***"),
        ("江苏省镇江市京口区花园小区3栋", "江苏省镇江市京口区***"),
        ("振兴路12号", "振兴路***"),
        ("3号楼501", "***"),
        ("", ""),
    ],
)
def test_addresses(address: str, masked: str) -> None:
    assert masking.mask_address(address) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请回电13812341234，谢谢", "请回电138****1234，谢谢"),
        ("微信A１３８１２３４１２３４", "微信A138****1234"),
        ("手机138 1234 1234或139-1234-1234", "手机138****1234或139****1234"),
        ("13812341234 13912341234", "138****1234 139****1234"),
        ("+8613812341234", "138****1234"),
        ("座机（0635）8412345", "座机0635-*****45"),
        ("电话：8412345", "电话：*****45"),
        ("联系电话0731-0000-00000000）", "联系电话********）"),
        ("身份证371502199003071230。", "身份证371***********1230。"),
        ("身份证37150219900307123x。", "身份证371***********123X。"),
        ("卡号6222021234567890123", "卡号***************0123"),
        ("拨打12345，2019年2月28日，3号楼501", "拨打12345，2019年2月28日，3号楼501"),
        ("编号20190228112505001234567", "编号20190228112505001234567"),
        ("金额 40000 元", "金额 40000 元"),
    ],
)
def test_free_text(text: str, masked: str) -> None:
    assert masking.mask_text(text) == masked


@given(WORDS, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), WORDS)
def test_no_mobile_number_is_left_in_a_text(before: str, phone: str, after: str) -> None:
    masked = masking.mask_text(f"{before}{phone}{after}")
    assert masked == f"{before}{phone[:3]}****{phone[-4:]}{after}"


@given(
    WORDS,
    st.dates(),
    st.from_regex(r"[1-6][0-9]{5}", fullmatch=True),
    st.from_regex(r"\d{3}[0-9Xx]", fullmatch=True),
)
def test_no_id_number_is_left_in_a_text(before: str, born: object, region: str, tail: str) -> None:
    assume(tail.isascii())
    number = f"{region}{str(born).replace('-', '')}{tail}"
    assume("1800" <= number[6:10] <= "2100")
    masked = masking.mask_text(before + number)
    assert masked == before + number[:3] + "*" * 11 + number[-4:].upper()


@given(st.text(min_size=1, max_size=30))
def test_masks_never_give_back_what_they_hide(value: str) -> None:
    name = value.strip()
    assert not name or masking.mask_name(value) != name or set(name) == {"*"} or name.endswith("*")
    assert len(re.sub(r"\*", "", masking.mask_id(value))) <= 7
    assert len(re.sub(r"\*", "", masking.mask_bank(value))) <= 4
    assert not re.search(r"\d+(号|室|栋|单元)", masking.mask_address(value + "12号3栋2单元501室"))
