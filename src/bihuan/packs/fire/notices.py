"""The words of this pack's notices, as `kernel/notices/defaults.py` holds them. Pure."""

TEXTS: dict[str, tuple[str, str, str, str]] = {
    "finding_told": (
        "有问题待整改", "{number} 是检查发现的问题,请在期限内整改,拍照后报整改情况。",
        "To be rectified", "{number} was found on site. Please rectify it in time and report with a photograph.",
    ),
    "finding_rectified": (
        "已报整改,待复查", "{number} 已报整改情况,请复查。",
        "Rectified, to be verified", "{number} is reported as rectified. Please verify it.",
    ),
    "blockage_given": (
        "有堵点待疏通", "{number} 已交给本单位,请在期限内疏通,再报疏通情况。",
        "To be cleared", "{number} was given to your unit. Please clear it in time and report.",
    ),
    "blockage_cleared": (
        "已报疏通,待确认", "{number} 已报疏通情况,请确认。",
        "Cleared, to be confirmed", "{number} is reported as cleared. Please confirm it.",
    ),
    "deferred_owed": (
        "有材料容后补交", "“{number}”可以容后,请在 {due} 以前交到窗口。",
        "To be handed in later", "“{number}” may follow later: please hand it in by {due}.",
    ),
    "deferred_near": (
        "容后补交快到期", "“{number}”请在 {due} 以前交到窗口;没有补齐,验收不能签发合格。",
        "To be handed in soon", "Please hand in “{number}” by {due}; without it the acceptance cannot be signed as passed.",
    ),
    "deferred_late": (
        "容后补交已过期", "“{number}”应在 {due} 以前补交,还没有收到;没有补齐,验收不能签发合格。",
        "Not handed in on time", "“{number}” was due by {due} and has not come in; without it the acceptance cannot be signed as passed.",
    ),
    "window_withdrew": (
        "申请已由窗口撤回", "{number} 已由窗口按您单位的意思撤回,不再办理。不是您单位要撤回的,请马上联系窗口。",
        "Withdrawn at the window", "{number} was withdrawn at the window as you wished and is closed. If you did not ask for that, call the window at once.",
    ),
    "approval_lapsed": (
        "审批失效", "{number} 所依据的提前核查已撤销:已发的文书失效,请到项目页查看,补好后重新核查、申请。",
        "Approval lapsed", "The phase that {number} rested on was revoked: its documents hold no longer. See the project's page, have it verified again and apply again.",
    ),
}  # fmt: skip
