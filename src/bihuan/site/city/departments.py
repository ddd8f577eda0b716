"""Departments of the demonstration district 东昌府区 and the city's counterparts, as rows of plain data.

The slugs are what a dispatch directory names; a unit's code is the territory's code, "_", the slug.
Public service enterprises (water, heat, gas, power, telecommunications) take orders like departments
and stand among them. All are marked as demonstration: names follow the usual pattern of a Shandong
district, not its list of offices.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Department:
    """One department: its slug and its names without and with the territory's name in front."""

    slug: str
    name: str
    name_en: str


def _rows(text: str) -> tuple[Department, ...]:
    lines = (line.split("|") for line in text.split("\n") if line)
    return tuple(Department(slug, name, english) for slug, name, english in lines)


DISTRICT = _rows("""
market|市场监督管理局|Market Regulation Bureau
enforcement|综合行政执法局|Administrative Law Enforcement Bureau
housing|住房和城乡建设局|Housing and Urban-Rural Development Bureau
education|教育和体育局|Education and Sports Bureau
civil|民政局|Civil Affairs Bureau
hrss|人力资源和社会保障局|Human Resources and Social Security Bureau
resources|自然资源和规划局|Natural Resources and Planning Bureau
ecology|生态环境局|Ecology and Environment Bureau
transport|交通运输局|Transport Bureau
water|水利局|Water Resources Bureau
agriculture|农业农村局|Agriculture and Rural Affairs Bureau
livestock|畜牧兽医事业发展中心|Livestock and Veterinary Centre
commerce|商务和投资促进局|Commerce and Investment Promotion Bureau
culture|文化和旅游局|Culture and Tourism Bureau
health|卫生健康局|Health Bureau
medicare|医疗保障局|Medical Insurance Bureau
veterans|退役军人事务局|Veterans Affairs Bureau
emergency|应急管理局|Emergency Management Bureau
fire|消防救援大队|Fire and Rescue Brigade
police|公安局|Public Security Bureau
traffic_police|交通警察大队|Traffic Police Brigade
justice|司法局|Justice Bureau
finance|财政局|Finance Bureau
audit|审计局|Audit Bureau
tax|税务局|Tax Bureau
statistics|统计局|Statistics Bureau
development|发展和改革局|Development and Reform Bureau
industry|工业和信息化局|Industry and Information Technology Bureau
science|科学技术局|Science and Technology Bureau
approval|行政审批服务局|Administrative Approval Service Bureau
big_data|大数据局|Big Data Bureau
petition|信访局|Petition Bureau
religion|民族宗教事务局|Ethnic and Religious Affairs Bureau
municipal|市政工程服务中心|Municipal Works Centre
sanitation|环境卫生服务中心|Sanitation Centre
landscape|园林绿化服务中心|Parks and Greening Centre
property|物业服务管理中心|Property Management Centre
relocation|房屋征收服务中心|Housing Acquisition Centre
disabled|残疾人联合会|Disabled Persons' Federation
women|妇女联合会|Women's Federation
union|总工会|Federation of Trade Unions
telecom|通信服务公司|Telecommunications Company
power|供电公司|Power Supply Company
tap_water|供水公司|Water Supply Company
gas|燃气公司|Gas Company
heat|热力公司|Heat Supply Company
discipline|纪委监委|Commission for Discipline Inspection and Supervision
""")
"""Departments of the district."""

CITY = _rows("""
market|市场监督管理局|Market Regulation Bureau
enforcement|城市管理局|Urban Management Bureau
housing|住房和城乡建设局|Housing and Urban-Rural Development Bureau
education|教育和体育局|Education and Sports Bureau
hrss|人力资源和社会保障局|Human Resources and Social Security Bureau
resources|自然资源和规划局|Natural Resources and Planning Bureau
ecology|生态环境局|Ecology and Environment Bureau
transport|交通运输局|Transport Bureau
water|水利局|Water Resources Bureau
health|卫生健康委员会|Health Commission
medicare|医疗保障局|Medical Insurance Bureau
police|公安局|Public Security Bureau
traffic_police|交通警察支队|Traffic Police Detachment
tax|税务局|Tax Bureau
discipline|纪委监委|Commission for Discipline Inspection and Supervision
housing_fund|住房公积金管理中心|Housing Provident Fund Centre
post|邮政管理局|Postal Administration
bus|公共交通公司|Bus Company
""")
"""The city's departments and enterprises that the dispatch directory needs."""

EMERGENCY = _rows("""
110|公安报警服务台(110)|Police Emergency Line (110)
119|消防报警台(119)|Fire Emergency Line (119)
120|急救指挥中心(120)|Medical Emergency Line (120)
122|交通事故报警台(122)|Traffic Accident Line (122)
""")
"""Emergency services of the city, which danger to life is passed on to at once (rules.md A1, A2)."""
