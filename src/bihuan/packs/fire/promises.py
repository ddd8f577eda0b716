"""The promises of the source documents that this pack keeps, by their ids in `spec/promises.tsv`."""

from bihuan.kernel.manifest import Promise
from bihuan.packs.fire.sites.promises import SITE_PROMISES

TESTS = "tests/packs/fire/test_projects.py"

PROMISES = (
    Promise(
        "S0-01", "2022年51个新建化工项目通过消防验收和备案", figure="51",
        kept="项目库记每个建设单位的项目,一年里通过验收和备案的数得出来", screen="/fire/passed",
        test="tests/packs/fire/test_promises.py::test_passed_projects_are_counted_by_owner",
    ),
    Promise(
        "S0-02", "2019年6月30日起职能由消防救援部门划归住建部门", figure="2019-06-30",
        kept="主管机关和标准按日期记在规则里,历史遗留项目按当时的机关和标准办", screen="/fire/legacy",
        test="tests/packs/fire/test_legacy.py::test_authority_and_standard_are_those_in_force_on_the_day",
    ),
    Promise(
        "S0-05", "限额以上项目合并办理施工许可、质量安全监督等事项",
        kept="限额以上的项目一次申请:质量监督、安全监督、消防设计审查同时办,都办结再发施工许可;没有通过的挡住后面的,可重新申请", screen="/fire/",
        test="tests/packs/fire/test_merging.py::test_permit_supervision_and_review_are_handled_together",
    ),
    Promise(
        "S0-06", "限额以下…简化为直接受理消防审验",
        kept="投资或面积低于限额的项目自动认出,不办施工许可,直接受理;限额是可改的规则", screen="/fire/",
        test="tests/packs/fire/test_routes.py::test_an_excluded_work_is_refused_in_words_and_a_small_one_goes_directly",
    ),
    Promise(
        "S0-07", "《建筑设计防火规范》和《石油化工企业设计防火标准》冲突…明确审查标准,一并解决(罐区灭火器、装置消防竖管)",
        kept="标准冲突裁定一次,写明条文、理由、范围;同类项目来了,裁定自己出现在项目页上", screen="/fire/rulings",
        test=f"{TESTS}::test_a_ruling_is_found_again_by_a_like_project",
    ),
    Promise(
        "S0-09", "主体分阶段监督验收",
        kept="单体的主体结构分段申请、分段验收;通过的不再要求申请", screen="/fire/",
        test="tests/packs/fire/test_stages.py::test_a_stage_that_passed_or_is_in_hand_is_not_asked_again",
    ),
    Promise(
        "S0-10", "土建工程与安装工程穿插监督验收",
        kept="土建和安装各自申请、交替验收,不合格的只影响它自己的阶段", screen="/fire/",
        test="tests/packs/fire/test_stages.py::test_a_failed_item_holds_only_its_stage_and_the_whole_passes_with_the_last",
    ),
    Promise(
        "S0-11", "监管与验收并行",
        kept="施工中检查发现的问题就是验收的已知问题:显示在现场评定里,没有整改好、复查好,验收不能合格", screen="/fire/findings",
        test="tests/packs/fire/test_evaluations.py::test_what_was_found_on_site_is_known_and_keeps_the_acceptance_open",
    ),
    Promise(
        "S0-17", "“容后分步按类”…“图纸核对、质量核实、手续核准”3个时段,分类提前核查",
        kept="三个时段按类依次提前核查,容后补交的写明;撤销一个时段,后面的和以它为依据的申请一并失效", screen="/fire/",
        test="tests/packs/fire/test_phases.py::test_a_revoked_phase_lapses_what_rests_on_it",
    ),
    Promise(
        "S0-18", "7个工作日/5个工作日,提前8个/10个工作日", figure="7/5",
        kept="承诺时限与法定时限并列计时;旁边写明自首次提前核查起的工作日", screen="/fire/",
        test=f"{TESTS}::test_promised_and_prescribed_limits_stand_side_by_side",
    ),
    Promise(
        "S0-20", "会同高新区建设管理部出台历史遗留项目实施方案",
        kept="历史遗留项目列入台账,写明会同的园区部门,按情形定出路径,每一步有人负责、有期限", screen="/fire/legacy",
        test="tests/packs/fire/test_legacy.py::test_a_legacy_project_goes_its_route_to_the_certificate",
    ),
    Promise(
        "S0-40", "10批、75个老旧项目办证", figure="10/75", kept="老旧项目分批列入,各批列入、发证、在办的数随时可查", screen="/fire/legacy",
        test="tests/packs/fire/test_legacy.py::test_the_page_lists_by_batch_and_takes_another",
    ),
    Promise(
        "S0-21", "39个项目114个单体工程", figure="39/114", kept="项目和单体两级台账,历史遗留项目单独数", screen="/fire/",
        test="tests/packs/fire/test_promises.py::test_projects_and_single_works_are_a_ledger_of_two_levels",
    ),
    *SITE_PROMISES,
)  # fmt: skip
