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
}  # fmt: skip
