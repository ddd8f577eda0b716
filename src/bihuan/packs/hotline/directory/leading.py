"""The dispatch directory (派单目录): which unit leads a matter, at which level, on what legal basis.

Rules (rules.md A1, A5): a department's matter never goes to a township, only what the list of duties of
townships names; where county and city overlap, the city leads. Lead and assistants are slugs: the unit is
found with the level and the place (`371502` + `market`). These rows are the demonstration's first directory;
a centre edits its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TOWNSHIP_ITSELF = "township"
"""Slug of the lead when the township or subdistrict of the place leads itself."""

DUTIES = "乡镇(街道)履职事项清单"
OFFICES = "本级机构职能配置规定"


class DispatchLevel(StrEnum):
    """The level of the lead unit; county stands for whoever runs the place: district, county or zone."""

    COUNTY = "county"
    CITY = "city"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """One matter's responsibility. `assisting` are the usual assisting departments of the same level."""

    matter: str
    lead: str
    level: DispatchLevel
    basis: str
    assisting: tuple[str, ...] = ()


# matter|lead|basis|assisting. A lead "city:slug" is the city's; a basis of one letter: D duties, O offices.
_ROWS = """
0101|municipal|《城镇排水与污水处理条例》|housing,enforcement
0102|municipal|《城市道路管理条例》|housing
0103|municipal|《城市道路管理条例》|
0104|municipal|《城市道路管理条例》|housing
0105|municipal|《城镇排水与污水处理条例》|housing
0106|sanitation|《城市市容和环境卫生管理条例》|enforcement
0107|enforcement|《城市市容和环境卫生管理条例》|market
0108|enforcement|《中华人民共和国城乡规划法》|resources
0109|enforcement|《城市市容和环境卫生管理条例》|traffic_police
0110|landscape|《城市绿化条例》|enforcement
0111|sanitation|《城市市容和环境卫生管理条例》|
0112|enforcement|《城市市容和环境卫生管理条例》|market
0113|enforcement|《中华人民共和国大气污染防治法》|ecology,market
0114|enforcement|《城市建筑垃圾管理规定》|traffic_police,transport
0115|township|D|
0201|property|《物业管理条例》|housing
0202|property|《物业管理条例》|market,development
0203|property|《物业管理条例》|market
0204|housing|《建设工程质量管理条例》|
0205|resources|《不动产登记暂行条例》|tax
0206|housing|《城市房地产开发经营管理条例》|resources
0207|housing|O|property
0208|property|《住宅专项维修资金管理办法》|housing
0209|city:housing_fund|《住房公积金管理条例》|
0210|relocation|《国有土地上房屋征收与补偿条例》|housing,resources
0301|tap_water|《城市供水条例》|
0302|tap_water|《城市供水条例》|health
0303|heat|《山东省供热条例》|housing
0304|heat|《山东省供热条例》|market
0305|gas|《城镇燃气管理条例》|housing
0306|gas|《城镇燃气管理条例》|
0307|power|《电力供应与使用条例》|
0308|power|《电力供应与使用条例》|market
0309|telecom|《中华人民共和国电信条例》|
0401|market|《中华人民共和国消费者权益保护法》|commerce
0402|commerce|《单用途商业预付卡管理办法(试行)》|market,culture
0403|market|《中华人民共和国食品安全法》|health
0404|market|《中华人民共和国价格法》|development
0405|market|《中华人民共和国产品质量法》|
0406|market|《中华人民共和国广告法》|
0407|market|《无证无照经营查处办法》|approval
0408|market|《中华人民共和国特种设备安全法》|property
0409|city:post|《快递暂行条例》|market
0501|city:bus|《城市公共汽车和电车客运管理规定》|transport
0502|transport|《巡游出租汽车经营服务管理规定》|police
0503|traffic_police|《中华人民共和国道路交通安全法》|municipal
0504|traffic_police|《中华人民共和国道路交通安全法》|enforcement
0505|traffic_police|《中华人民共和国道路交通安全法》|
0506|transport|《农村公路养护管理办法》|
0507|transport|《机动车驾驶员培训管理规定》|market
0601|hrss|《保障农民工工资支付条例》|housing,union
0602|hrss|《中华人民共和国社会保险法》|tax
0603|hrss|《中华人民共和国社会保险法》|
0604|hrss|《工伤保险条例》|
0605|hrss|《中华人民共和国就业促进法》|finance
0606|hrss|《中华人民共和国劳动合同法》|union
0701|education|《中华人民共和国义务教育法》|
0702|education|《中华人民共和国义务教育法》|
0703|education|《中华人民共和国民办教育促进法》|market
0704|education|《中华人民共和国教师法》|
0705|education|《全民健身条例》|
0706|culture|《中华人民共和国旅游法》|market
0801|health|《医疗纠纷预防和处理条例》|justice
0802|medicare|《医疗保障基金使用监督管理条例》|
0803|medicare|《中华人民共和国社会保险法》|tax
0804|health|《中华人民共和国疫苗管理法》|
0805|health|《中华人民共和国医师法》|police
0806|health|《公共场所卫生管理条例》|
0901|housing|《中华人民共和国大气污染防治法》|ecology,enforcement
0902|enforcement|《中华人民共和国噪声污染防治法》|housing,ecology
0903|ecology|《中华人民共和国大气污染防治法》|
0904|ecology|《中华人民共和国水污染防治法》|water
0905|ecology|《畜禽规模养殖污染防治条例》|livestock
0906|ecology|《中华人民共和国大气污染防治法》|agriculture
1001|agriculture|《中华人民共和国土地管理法》|resources
1002|agriculture|《中华人民共和国农村土地承包法》|
1003|agriculture|O|finance
1004|township|D|
1005|township|D|
1006|township|D|
1007|township|D|
1008|water|《农田水利条例》|agriculture
1009|livestock|《中华人民共和国动物防疫法》|
1010|agriculture|《农业机械安全监督管理条例》|market
1101|city:110|《中华人民共和国人民警察法》|
1102|city:119|《中华人民共和国消防法》|
1103|city:120|《院前医疗急救管理办法》|
1104|city:122|《中华人民共和国道路交通安全法》|
1105|fire|《中华人民共和国消防法》|property
1106|fire|《高层民用建筑消防安全管理规定》|property
1107|police|《中华人民共和国噪声污染防治法》|
1108|police|《中华人民共和国动物防疫法》|enforcement
1109|police|《中华人民共和国反电信网络诈骗法》|
1110|police|《烟花爆竹安全管理条例》|emergency
1111|emergency|《中华人民共和国安全生产法》|
1201|civil|《社会救助暂行办法》|
1202|civil|《中华人民共和国老年人权益保障法》|
1203|civil|《婚姻登记条例》|
1204|disabled|《中华人民共和国残疾人保障法》|civil
1205|veterans|《中华人民共和国退役军人保障法》|
1206|approval|O|big_data
1207|approval|《中华人民共和国行政许可法》|
1208|tax|《中华人民共和国税收征收管理法》|
1209|police|《中华人民共和国户口登记条例》|
1210|discipline|《中华人民共和国监察法》|
"""

_BASES = {"D": DUTIES, "O": OFFICES}


def _row(line: str) -> DirectoryRow:
    matter, lead, basis, assisting = line.split("|")
    level = DispatchLevel.COUNTY
    if lead == TOWNSHIP_ITSELF:
        level = DispatchLevel.TOWNSHIP
    elif lead.startswith("city:"):
        level, lead = DispatchLevel.CITY, lead.removeprefix("city:")
    helpers = tuple(slug for slug in assisting.split(",") if slug)
    return DirectoryRow(matter, lead, level, _BASES.get(basis, basis), helpers)


DIRECTORY: tuple[DirectoryRow, ...] = tuple(_row(line) for line in _ROWS.split("\n") if line)
"""One row for every matter that the hotline does not decline, in the order of the matters' codes."""

ROW_BY_MATTER: dict[str, DirectoryRow] = {row.matter: row for row in DIRECTORY}
"""The directory row of each matter by the matter's code."""
