"""The promises of the source documents that this pack keeps, by their ids in `spec/promises.tsv`."""

from bihuan.kernel.manifest import Promise

LOOP = "tests/stories/test_hotline_loop.py"

PROMISES = (
    Promise(
        "S1-23", "协商退费未果→热线→市场监管局→多方协商→退费", kept="双方、各自的方案、结果和金额逐次记在调解里",
        screen="/hotline/new", test=f"{LOOP}::test_refund_is_mediated",
    ),
    Promise(
        "S1-24", "承办工单151404件", figure="151,404",
        kept="本级是市热线的承办一级:上级编号、时限、退回次数随件下来,本级时限早于上级,答复审核后报上去",
        screen="/hotline/figures", test="tests/exchange/test_loop_of_two.py::test_our_deadline_is_earlier_and_the_unit_s_return_comes_in_time",
    ),
    Promise(
        "S1-25", "城市综合类44352件,29.29%,居首位", kept="看板按类别、地点、时段统计件数和占比,分母写明;从图上任一处点到它数的那些件",
        figure="29.29%", screen="/boards/hotline", test="tests/desk/test_boards.py::test_every_mark_leads_to_as_many_orders",
    ),
    Promise(
        "S1-29", "2台特殊电脑…办公系统登录界面…显示办理通知单…2秒之内自动派至有关部门", figure="2",
        kept="机器人签收上级的办理通知单,读懂后直接派到责任单位,中间没有人;用时、派错的都看得到", screen="/hotline/figures",
        unmeasured="电脑的台数:机器人是程序,不占专门的电脑", test="tests/exchange/test_loop_of_two.py::test_a_notice_is_signed_for_read_and_dispatched_by_the_robot",
    ),
    Promise(
        "S1-30", "首接负责;除明显不归属,一律不得回退", kept="首接单位负责到底;退单要有理由、有次数、由别人裁定",
        test=f"{LOOP}::test_after_the_term_and_after_a_ruling_nothing_goes_back",
    ),
    Promise(
        "S1-31", "联动部门必须全力配合;不得推脱;不予配合报纪委监委启动问责", kept="联动单位不予配合的移送纪检监察,收到和结果都有记录",
        test=f"{LOOP}::test_a_joint_unit_that_refuses_goes_to_discipline_inspection",
    ),
    Promise(
        "S1-36", "首接负责制(试行);首问负责和回访制度", kept="三项制度在要照它办的地方写明名称、版本和施行日期;版本改了,新件按新的",
        screen="/hotline/new", test="tests/packs/hotline/test_named_rules.py::test_each_regulation_stands_where_it_binds",
    ),
    Promise(
        "S1-33", "一把手每日抽取10%回访,签字,上报", figure="10%", screen="/hotline/samples",
        kept="每个工作日按记录的种子从记录的名单中抽取,负责人回访、签字;谁都可以重新抽一遍", command="bihuan sample verify ID",
        test="tests/packs/hotline/test_tenth.py::test_the_head_calls_and_signs_and_nothing_changes_afterwards",
    ),
    Promise(
        "S1-34", "日考核制度(试行)", kept="每天按账本计分,指标、权重、门槛和制度名称是带日期的规则;任一截止日可以重算", screen="/scores",
        command="bihuan score recompute --until DATE",
        test="tests/kernel/test_scoring.py::test_what_is_kept_is_what_the_ledger_says_and_recomputing_changes_nothing",
    ),
    Promise(
        "S1-35", "工作问责办法(试行):综合成绩连续两个月后三名的镇街(园区)、部门", kept="镇街和园区一榜、部门一榜;连续两个月后三名的由时钟启动问责,只启动一次",
        screen="/scores", test="tests/kernel/test_scoring.py::test_the_last_three_two_months_running_are_called_to_account_once",
    ),
    Promise("S1-37", "加强回访自查", kept="没有先回访来电人的答复交不上去", test=f"{LOOP}::test_the_unit_calls_back_before_it_answers"),
    Promise("S1-38", "取得来电人理解和认可", kept="“理解并认可”与“已解决”分开记录", test=f"{LOOP}::test_understanding_is_kept_apart_from_solved"),
    Promise(
        "S1-39", "提高审核三级平台回复水平", kept="每一级的答复都由中心逐件审核",
        test=f"{LOOP}::test_the_centre_audits_and_what_falls_short_is_redone",
    ),
    Promise(
        "S1-40", "不达标的一律重办", kept="来电人不满意的只能重办,不能办结",
        test=f"{LOOP}::test_discontent_is_redone_and_the_third_redo_is_supervised",
    ),
    Promise(
        "S1-41", "落实不力、推诿扯皮的公开曝光", kept="一人提出、另一人批准才公开曝光,可以撤下", screen="/public/scores",
        test="tests/desk/test_scores.py::test_a_unit_is_named_publicly_only_after_a_second_decision",
    ),
)  # fmt: skip
