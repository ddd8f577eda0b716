"""The promises that the hall keeps, by their ids in `spec/promises.tsv`."""

from bihuan.kernel.manifest import Promise

TESTS = "tests/packs/onewindow"

HALL_PROMISES = (
    Promise(
        "S2-51", "排队叫号受理评价一体化:统一编号、短信提醒、综合受理、一件一评",
        kept="手机、自助机、导办台都能取号,每类每天一个号段不断号;叫到后在窗口收件,办件里看得到排队号、等了多久、窗口办了多久;快到时发短信;办完一件一评,没有收件的服务也各有一次评价",
        screen="/onewindow/hall", command=".venv/bin/bihuan onewindow simulate", test=f"{TESTS}/test_hall_served.py::test_what_is_taken_in_keeps_its_ticket",
    ),
    Promise(
        "S2-52", "自助区4台终端5台电脑;2—3名工作人员走出柜台全程帮助;秒批秒办",
        kept="自助机一步一问、大字、查进展、取号、申办,身份已核实的即办件当场发证(秒批),离开就什么都不留;群众同意后,导办员凭一次有效的代码在自己的平板上看到同一页、替填,直到群众结束", figure="4台终端、5台电脑、2—3人",
        screen="/onewindow/helping", test=f"{TESTS}/test_hall_kiosk.py::test_a_guide_sees_and_fills_the_page_with_consent_alone",
        unmeasured="终端、电脑和人数由各大厅配置",
    ),
    Promise(
        "S2-53", "延时、预约;午休、节假日不打烊",
        kept="大厅的办理时间按日期加减(午休、节假日延时服务),加的时间公示在入口;按办什么预约;预约到了按约定时间优先叫号,没来的记为未到", screen="/public/hall",
        test=f"{TESTS}/test_hall.py::test_no_number_outside_the_hours_and_more_hours_by_dates",
    ),
    Promise(
        "S2-54", "“一门、一窗、一号、一网”",
        kept="一个入口:查指南、预约、取号、看排队、查进展、评价都从“办事大厅”进;任何窗口按业务类别综合受理;一件一个编号", screen="/public/hall",
        test=f"{TESTS}/test_hall_pages.py::test_a_number_by_telephone_without_an_account",
        unmeasured="说的是入口的样子,不是数",
    ),
)  # fmt: skip
