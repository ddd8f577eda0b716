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
}  # fmt: skip
