"""The promises of the source documents that this pack keeps, by their ids in `spec/promises.tsv`."""

from bihuan.kernel.manifest import Promise
from bihuan.packs.onewindow.hall.promises import HALL_PROMISES

LOOP, THEMES = "tests/packs/onewindow/test_loop.py", "tests/packs/onewindow/test_themes.py"
INSTANT = "tests/packs/onewindow/test_instant.py"
SAVED = (
    "tests/packs/onewindow/test_theme_demonstration.py"
    "::test_energy_environment_safety_and_planning_begin_together_and_save_over_100_days_on_five_projects"
)

PROMISES = (
    Promise(
        "S2-43", "晨会、周例会学习不熟悉领域;全科式受理队伍",
        kept="窗口把不懂的问题在办件里问审批科室,一周的问答按事项汇总,问过两次的标出,自动列入晨会、周例会的议程;记入知识的,再收同一事项时显示在窗口",
        screen="/onewindow/lessons",
        test="tests/packs/onewindow/test_lessons.py::test_the_morning_meeting_draws_them_into_its_agenda",
    ),
    Promise(
        "S2-44", "畅通前台受理与后台审批的沟通渠道",
        kept="窗口在办件里请教审批科室,审批科室在办件里答复,问和答都留在办理记录里;五个工作日的告知时限照走", screen="/onewindow/window",
        test=f"{LOOP}::test_the_approver_answers_the_window_inside_the_case",
    ),
    Promise(
        "S2-45", "受审分离;前台综合受理、后台分类审批、统一窗口出件",
        kept="综合窗口收件,按目录交给各审批单位;受理的人不能审查,审查的人不能决定;决定后回到出件窗口统一出件", screen="/onewindow/window",
        test=f"{LOOP}::test_three_people_take_in_examine_and_decide",
    ),
    Promise(
        "S0-46", "率先“零材料”办理不动产登记;“一证办证”;控规“编审分离”",
        kept="本市自己发过的证照,收件时按姓名和证件号码在登记簿里核对,有效的免交,写明编号和有效期;查不到的才要交;事项的表从这些证照和以前填过的表带入",
        screen="/onewindow/window", test=f"{INSTANT}::test_what_the_city_holds_is_not_asked_for_and_what_has_expired_is_refused",
        unmeasured="不动产登记簿和人口库没有接入,只核对本中心签发的证照;控规编审分离不在本系统里",
    ),
    Promise(
        "S2-46", "一次告知;标准化服务指南;即办立等可取、承诺限时办结",
        kept="缺的材料一次告知全部,五个工作日没有告知的视为受理;每个事项有公开的指南;即办件的条件由系统在登记簿里逐项核对,全部符合的当场准予、签发证照,有一条不符合或查不到的转人工;承诺件按承诺时限计时",
        screen="/public/guide", test=f"{INSTANT}::test_all_registers_say_yes_and_the_system_decides_and_issues_at_once",
    ),
    Promise(
        "S2-47", "当场更正或补齐由窗口人员帮助",
        kept="收件时填错、漏填、过期的材料,页面写明哪一项、按哪条规则,改了再收,填过的不丢;缺的材料拿来在办件里勾选,齐了当场受理;表可以凭申请人同意带入已有的信息",
        screen="/onewindow/window", test="tests/packs/onewindow/test_window.py::test_missing_is_told_then_ticked_on_the_case_and_accepted",
    ),
    Promise(
        "S2-49", "6353、100%、645、20",
        kept="一年里网上来的件、评价的人里多少满意、发出多少行业综合许可证、一业一证的行业办过多少,都由办件和证照数出来,各带总数",
        figure="网上 6,353 件,满意 100%,综合许可证 645 张,试点行业 20 个", screen="/onewindow/reviews",
        test="tests/packs/onewindow/test_scale.py::test_a_years_scale_is_counted_each_of_how_many",
        unmeasured="演示城市只有示例的件数,不与一个区一年的实际办件量相比",
    ),
    Promise(
        "S2-50", "与国脉系统和“好差评”系统对接",
        kept="办件从接口进来,当场编号、受理;每次变更按连续的位置推送或来取,丢了可以从任一位置重取,发出和收到的数能核对;好差评平台的评价签名接收,每条只收一次,差评进入整改",
        screen="/onewindow/exchange", command="./dev bench applications",
        test="tests/packs/onewindow/test_platforms.py::test_a_review_is_taken_once_by_its_id_and_bound_to_the_case",
        unmeasured="两个平台的接口规范没有公开,按通行的 CloudEvents 和 HMAC 签名对接,没有与真实平台联调",
    ),
    Promise(
        "S2-48", "一业一证、一链办理,多事一流程;130项",
        kept="一个主题一次申请、一张清单(相同的材料只交一次)、一张综合许可;各事项同时交各自的审批单位;管理员可登记或从文件导入主题", figure="130 项",
        screen="/onewindow/themes", test=f"{THEMES}::test_one_application_goes_to_three_offices_and_comes_back_as_one_permit",
        unmeasured="演示城市只有几个主题;130 个主题的导入由 test_theme_pages.py 验证",
    ),
    Promise(
        "S4-27", "能评、环评、安评、规划设计同步启动,缩减100余天",
        kept="一个项目一次申请,互不等待的审批同一天开始,关键的一串标明;省下的工作日由每个项目自己的办理记录算出", figure="5 个项目缩减 100 余天",
        screen="/onewindow/themes", test=SAVED,
        unmeasured="按工作日计,与同样的实际用时逐个办理相比;演示项目为虚构",
    ),
    Promise(
        "S4-28", "办手续和现场拆除同步推进",
        kept="现场拆除清理是项目的一部分,与各项手续同一天开始,施工许可等它和手续都办完", screen="/onewindow/themes", test=SAVED,
    ),
    *HALL_PROMISES,
)  # fmt: skip
