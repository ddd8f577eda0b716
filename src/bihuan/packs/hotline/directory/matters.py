"""The taxonomy of matters: 12 classes with their matters. Code of a matter = code of its class + 2 digits.

城市综合 ("city in general") is the largest class by orders (systems.md §1, S1: 29.29 %). The cut into matters
follows what departments are responsible for, so that each matter has one lead in the dispatch directory.
"""

from __future__ import annotations

from dataclasses import dataclass

CITY_IN_GENERAL = "01"
"""Code of the class 城市综合."""


@dataclass(frozen=True, slots=True)
class MatterClass:
    """First level: a 2-digit code, names."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Matter:
    """Second level: a 4-digit code, names and what dispatch must know.

    emergency: danger to life, passed on to 110/119/120/122 at once (rules.md A2).
    wrongdoing: something that can be reported (举报) as an offence of somebody.
    township: on the townships' list of duties (乡镇(街道)履职事项清单); only these go to one (rules.md A1).
    route: not empty when the hotline declines the matter: the proper route to tell the caller (rules.md A2).
    """

    code: str
    name: str
    name_en: str
    emergency: bool = False
    wrongdoing: bool = False
    township: bool = False
    route: str = ""

    @property
    def class_code(self) -> str:
        """Code of the class that it belongs to."""
        return self.code[:2]


CLASSES: tuple[MatterClass, ...] = (
    MatterClass("01", "城市综合", "City in general"),
    MatterClass("02", "住房物业", "Housing and property"),
    MatterClass("03", "公用事业", "Utilities"),
    MatterClass("04", "市场消费", "Market and consumers"),
    MatterClass("05", "交通出行", "Traffic and transport"),
    MatterClass("06", "劳动社保", "Labour and social security"),
    MatterClass("07", "教育文体", "Education, culture and sports"),
    MatterClass("08", "医疗卫生", "Health and medical insurance"),
    MatterClass("09", "生态环境", "Environment"),
    MatterClass("10", "农业农村", "Agriculture and villages"),
    MatterClass("11", "公共安全", "Public safety"),
    MatterClass("12", "民政政务", "Civil affairs and government service"),
)

# code|name|English, then letters: E emergency, W wrongdoing, T township; R and the route when declined.
_MATTERS = """
0101|道路积水|Waterlogged road
0102|道路破损|Damaged road surface
0103|路灯不亮|Street light out
0104|井盖缺失破损|Manhole cover missing or broken
0105|下水道堵塞|Blocked sewer
0106|垃圾清运|Refuse collection
0107|占道经营|Trading on the pavement|W
0108|违法建设|Illegal building|W
0109|人行道乱停乱放|Vehicles left on pavements|W
0110|园林绿化|Trees and green space
0111|公共厕所|Public toilets
0112|户外广告|Outdoor advertising|W
0113|餐饮油烟|Kitchen fumes|W
0114|渣土抛撒|Spoil spilled by lorries|W
0115|街面环境脏乱|Litter in back streets|T
0201|物业服务|Property service|W
0202|物业收费|Property charges|W
0203|住宅电梯故障|Lift of a residential building out of order
0204|房屋质量|Building defects
0205|不动产登记|Real-estate registration
0206|延期交房|Late hand-over of flats|W
0207|老旧小区改造|Renewal of old compounds
0208|住房维修资金|Housing maintenance fund
0209|住房公积金|Housing provident fund
0210|房屋征收补偿|Compensation for acquired housing
0301|自来水停水|Water cut off
0302|水质水费|Water quality and bills
0303|供暖不热|Heating not warm
0304|供热收费报停|Heating charges and suspension|W
0305|燃气泄漏|Gas leak|E
0306|燃气开通维修|Gas connection and repair
0307|停电|Power cut
0308|电费电表|Power bills and meters
0309|通信网络|Telephone and broadband
0401|消费退费纠纷|Refund dispute
0402|预付卡消费|Prepaid cards|W
0403|食品安全|Food safety|W
0404|价格收费|Prices and charges|W
0405|产品质量|Product quality|W
0406|虚假宣传|False advertising|W
0407|无照经营|Trading without a licence|W
0408|特种设备安全|Safety of lifts and pressure vessels|W
0409|快递服务|Parcel delivery
0501|公交线路服务|Bus lines and service
0502|出租车网约车|Taxis and ride hailing|W
0503|信号灯标志标线|Signals, signs and markings
0504|机动车违法停车|Illegal parking of motor vehicles|W
0505|交通违章处理|Handling of traffic offences
0506|农村公路养护|Upkeep of rural roads
0507|驾校培训|Driving schools|W
0601|拖欠工资|Unpaid wages|W
0602|社会保险缴纳|Social insurance contributions|W
0603|养老金待遇|Pension payments
0604|工伤认定|Recognition of work injuries
0605|就业创业补贴|Employment subsidies
0606|劳动合同|Labour contracts|W
0701|入学招生|School admission
0702|校园管理|School management
0703|校外培训|Tutoring outside school|W
0704|违规补课收费|Forbidden paid tutoring|W
0705|体育健身设施|Sports facilities
0706|文化旅游服务|Culture and tourism|W
0801|医疗服务纠纷|Dispute on medical service
0802|医保报销|Medical insurance refund
0803|医保参保缴费|Medical insurance enrolment
0804|疫苗接种|Vaccination
0805|无证行医|Practising medicine without a licence|W
0806|公共场所卫生|Hygiene in public places|W
0901|工地扬尘|Dust from building sites|W
0902|夜间施工噪声|Building noise at night|W
0903|工业废气异味|Industrial fumes and smells|W
0904|河道水体污染|Polluted river|W
0905|养殖污染|Pollution from animal farms|W
0906|秸秆垃圾焚烧|Burning of straw and rubbish|W
1001|宅基地|Rural house plots
1002|土地承包流转|Contracted farmland
1003|惠农补贴|Farm subsidies
1004|村庄环境卫生|Village cleanliness|T
1005|村内道路|Roads inside villages|T
1006|村务公开|Openness of village affairs|T
1007|邻里纠纷调解|Mediation between neighbours|T
1008|农田灌溉沟渠|Irrigation and ditches
1009|畜禽防疫|Animal disease control
1010|农机农资|Farm machinery and supplies|W
1101|人身危险|Danger to a person|E
1102|火情|Fire|E
1103|急危病人|Medical emergency|E
1104|伤人交通事故|Traffic accident with injured|E
1105|消防通道楼道堆物|Blocked fire lanes and stairs|W
1106|电动车违规充电|Unsafe charging of electric bicycles|W
1107|社会生活噪声|Noise from neighbours and squares|W
1108|犬只管理|Dogs|W
1109|电信网络诈骗|Telephone and internet fraud|W
1110|烟花爆竹|Fireworks|W
1111|企业安全生产|Work safety|W
1201|低保救助|Minimum living allowance
1202|养老服务|Care of the old
1203|婚姻殡葬|Marriage and funeral services
1204|残疾人服务|Services for the disabled
1205|退役军人优抚|Benefits of veterans
1206|政务服务窗口|Government-service windows
1207|证照审批|Permits and approvals
1208|税费缴纳|Taxes and fees
1209|户籍身份证|Household registration and identity cards
1210|干部作风|Conduct of officials|W
1291|诉讼仲裁事项|Matters before court or arbitration|R人民法院、仲裁机构
1292|行政复议事项|Administrative review|R行政复议机构
1293|信访已受理事项|Matters already with the petition office|R信访部门
1294|政府信息公开申请|Request for government information|R政府信息公开工作机构
"""


def _matter(line: str) -> Matter:
    code, name, english, *rest = line.split("|")
    mark = rest[0] if rest else ""
    if mark.startswith("R"):
        return Matter(code, name, english, route=mark[1:])
    return Matter(
        code, name, english, emergency="E" in mark, wrongdoing="W" in mark, township="T" in mark
    )  # fmt: skip


MATTERS: tuple[Matter, ...] = tuple(_matter(line) for line in _MATTERS.split("\n") if line)
"""All matters in the order of their codes."""

MATTER_BY_CODE: dict[str, Matter] = {matter.code: matter for matter in MATTERS}
"""Every matter by its code."""
