"""The promises of the source documents that this pack keeps, by their ids in `spec/promises.tsv`."""

from bihuan.kernel.manifest import Promise

TESTS = "tests/packs/supervision/test_supervision.py"

PROMISES = (
    Promise(
        "S1-26", "每到夏天道路积水;50米长3米宽胡同硬化抬高、新砌排水口,彻底解决",
        kept="许多件并成一个问题,立治本工程;下一场雨验证有效才办结,原件和并入的件自动转回访", screen="/supervision/new",
        unmeasured="下雨和积水:由人看过后登记日子和情况,系统不装水位计",
        test=f"{TESTS}::test_works_close_when_the_next_rain_has_shown_that_they_hold",
    ),
    Promise(
        "S1-27", "“1+2+3+N”", kept="N 的五项措施各有在办、超期、销号数,点开就是背后的件", screen="/supervision/",
        test=f"{TESTS}::test_the_five_measures_stand_with_what_carries_them",
    ),
    Promise(
        "S1-28", "N:理顺流程、宣传引导、集中攻坚、督导通报、表态问责", kept="五项措施每件都有责任单位、日期、佐证和销号",
        screen="/supervision/", test=f"{TESTS}::test_a_task_is_struck_off_on_proof_by_somebody_else",
    ),
    Promise(
        "S1-32", "问题较多的部门和镇街:调度会、专题会,解决共性问题",
        kept="议程按在办的件排出,议定事项成为有责任单位和日期的件,下次会议先过一遍", screen="/meetings",
        test="tests/desk/test_meetings.py::test_a_decision_becomes_a_case_and_the_next_meeting_opens_with_it",
    ),
    Promise(
        "S2-12", "会商机制(巡察机构、监督检查室、派驻组),评估整改完成",
        kept="会商有议程、到会和纪要;议定的整改由另一人评估,不到位的退回再改,到位的销号,下次会商先过一遍", screen="/meetings",
        unmeasured="整改好不好:由评估的人判断,系统记判断和依据", test="tests/packs/supervision/test_consultation.py::test_what_a_consultation_decides_is_evaluated_by_somebody_else",
    ),
)  # fmt: skip
