"""The hotline's registers of the ledger in words: what the audit page calls them, their entries and fields."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import Register

MODEL = {"run": _("训练"), "fingerprint": _("指纹"), "metrics": "", "sources": ""}
MATTER = {
    "matter": _("事项"),
    "level": _("级别"),
    "route": _("应走的途径"),
    "emergency": _("紧急"),
    "township": _("可派镇街"),
}
REGISTERS = {
    "directory": Register(
        _("派单目录"),
        {
            "directory_loaded": _("载入派单目录"),
            "directory_set": _("登记派单目录"),
            "directory_ended": _("结束派单目录的一行"),
            "matter_set": _("改事项"),
            "matter_added": _("登记事项"),
        },
        MATTER,
    ),
    "model": Register(
        _("模型"),
        {
            "model_put_in_force": _("启用模型"),
            "model_training_asked": _("安排训练"),
            "model_trained": _("训练好"),
            "model_training_failed": _("训练没有成功"),
        },
        MODEL,
    ),
    "answers": Register(
        _("现成答复"),
        {
            "ready_answers_loaded": _("载入现成答复"),
            "ready_answer_saved": _("保存现成答复"),
            "ready_answer_withdrawn": _("撤下现成答复"),
        },
        {"answer": _("现成答复"), "matter": _("事项")},
    ),
    "demonstration": Register(
        _("演示数据"),
        {"run_begun": _("开始载入演示数据"), "run_ended": _("演示数据已载入")},
        {"number": _("序号"), "orders": _("件数"), "moves": _("步数"), "failures": _("失败")},
    ),
}
