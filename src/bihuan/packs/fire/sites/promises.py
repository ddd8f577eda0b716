"""The promises about sites that this pack keeps."""

from bihuan.kernel.pack import Promise

SITES = "tests/packs/fire/test_sites.py"
DEMONSTRATION = "tests/packs/fire/test_sites_demonstration.py"

SITE_PROMISES = (
    Promise(
        "S0-12", "2021年5月全市房屋建筑和市政工程“智慧工地”监管平台",
        kept="房屋建筑和市政工程的工地都在一个平台上:进度、实名制人员、设备、检查", screen="/fire/sites",
        test=f"{SITES}::test_a_permit_stands_for_one_site_and_the_coverage_counts_those_under_construction",
    ),
    Promise(
        "S0-13", "高新区61个项目、30余万平方米全部纳入", figure="61 / 300,000 m²",
        kept="覆盖率 = 纳入平台的在建工地 ÷ 在建工地,连同面积", screen="/fire/sites",
        test=f"{DEMONSTRATION}::test_sixty_one_sites_are_on_the_platform_and_their_pages_ask_little",
    ),
    Promise(
        "S0-14", "建筑工地全生命周期数字化监管", kept="一个工地一页,从施工许可到竣工验收", screen="/fire/sites",
        test=f"{SITES}::test_a_site_goes_from_permit_to_acceptance_and_no_other_way",
    ),
    Promise(
        "S0-15", "“人防+技防”", kept="人员进出、检查和设备报警在一条时间线上", screen="/fire/sites",
        test=f"{SITES}::test_people_and_devices_stand_on_one_time_line",
    ),
    Promise(
        "S0-16", "一年多来所有化工项目工程“安然无恙”", kept="事故按法定等级登记,无事故天数从最近一次起算", screen="/fire/sites",
        test=f"{SITES}::test_accidents_are_graded_by_the_law_and_days_without_are_counted_from_the_last",
    ),
)  # fmt: skip
