"""The promises about sites that this pack keeps."""

from bihuan.kernel.manifest import Promise

CHAIN = "tests/packs/fire/test_chain.py"
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
    Promise(
        "S0-04", "从规范工程审批、施工监管、消防验收工作堵点、难点入手…全链条服务",
        kept="每个环节的堵点都有责任单位和日期,疏通了由别人确认;逾期的自动进会议议程", screen="/fire/blockages",
        test=f"{CHAIN}::test_a_blockage_has_an_owner_and_a_day_and_comes_to_the_meeting_when_it_is_late",
    ),
    Promise(
        "S0-08", "把办公桌搬到项目建设一线", kept="上门、问题、答复都记在项目下;没答的有人有日期,答过的同类项目看得到",
        screen="/fire/visits", test=f"{CHAIN}::test_questions_stay_with_the_project_and_are_found_again_on_like_ones",
    ),
    Promise(
        "S0-19", "经验做法已在全省推广", kept="管用的做法发布成公开页面:什么情况、怎样做、本系统算出的数字", screen="/public/methods",
        test=f"{CHAIN}::test_a_method_is_published_with_figures_of_that_day_for_anybody",
        unmeasured="别处用了没有,这里量不到",
    ),
)  # fmt: skip
