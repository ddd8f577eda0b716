"""The kinds of documents (建设工程消防设计审查验收工作细则, annexes; rules.md C2). Data."""

from __future__ import annotations

from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat

BASIS = "《中华人民共和国消防法》、《建设工程消防设计审查验收管理暂行规定》(住建部令第51号、第58号)"
PERMIT_BASIS = "《中华人民共和国建筑法》第七条至第九条、《建筑工程施工许可管理办法》(住建部令第18号)"
LINES = {
    "matter": "申请事项",
    "case": "受理编号",
    "project": "工程名称",
    "place": "工程地点",
    "size": "使用性质和规模",
    "scope": "范围",
    "standard": "适用的技术标准",
    "site": "现场评定",
    "class": "项目类别",
    "way": "备案方式",
    "completed_on": "竣工验收合格日期",
    "materials": "收到的材料",
    "missing": "要补正的全部内容",
    "until": "期限",
    "conclusion": "结论",
    "reasons": "理由",
    "opinion": "意见",
    "demand": "要求",
    "remedy": "救济途径",
}
"""Every line that a document may have, in the order of the paper."""

PUBLIC = {"matter", "project", "place", "scope", "class", "way", "conclusion"}
"""What decides a document, and is read out where anybody checks it."""


def _kind(
    code: str, name: str, name_en: str, word: str, lines: str, optional: str = "", *, permit: bool = False
) -> CertificateKind:
    wanted = {*lines.split(), *optional.split()}
    return CertificateKind(
        code=f"fire_{code}", name=name, name_en=name_en, number_format=NumberFormat(f"fire_{code}", word + "〔{date:%Y}〕{serial:4}号"),
        lines={line: label for line, label in LINES.items() if line in wanted}, optional=frozenset(optional.split()),
        basis=PERMIT_BASIS if permit else BASIS, look="certificate" if permit else "letter", personal=False,
        public=frozenset(wanted & PUBLIC),
    )  # fmt: skip


KINDS = (
    _kind("design_opinion", "特殊建设工程消防设计审查意见书", "Opinion on the Fire Design of a Special Project", "建消审字",
        "case project place size conclusion remedy", "standard scope reasons opinion"),
    _kind("acceptance_opinion", "特殊建设工程消防验收意见书", "Opinion on the Fire Acceptance of a Special Project", "建消验字",
        "case project place size conclusion remedy", "standard scope site reasons opinion"),
    _kind("stage_opinion", "特殊建设工程消防分阶段(局部)验收意见书", "Opinion on the Fire Acceptance of a Stage or Part", "建消分验字",
        "case project place size scope conclusion remedy", "standard site reasons opinion"),
    _kind("receipt", "受理凭证", "Certificate of Receipt", "建消受字", "matter case project place", "scope materials until opinion"),
    _kind("declined", "不予受理凭证", "Certificate of Refusal to Accept", "建消不受字", "matter case project place reasons remedy"),
    _kind("notice", "补正通知书", "Notice to Complete an Application", "建消补字", "matter case project missing demand", "until opinion"),
    _kind("filed", "建设工程消防验收备案凭证", "Certificate of Fire Acceptance Filing", "建消备字",
        "case project place size conclusion", "class way completed_on materials opinion"),
    _kind("not_filed", "建设工程消防验收不予备案凭证", "Certificate of Refusal to File Fire Acceptance", "建消不备字",
        "case project place reasons remedy"),
    _kind("expert_opinion", "特殊消防设计专家评审意见", "Opinion of the Experts on a Special Fire Design", "建消评字",
        "case project place conclusion opinion", "size"),
    _kind("legacy", "历史遗留项目消防手续确认书", "Confirmation of the Fire Formalities of a Legacy Project", "建消遗字",
        "case project place size conclusion reasons", "standard opinion remedy"),
    _kind("permit", "建筑工程施工许可证", "Construction Permit", "建施许字", "case project place size conclusion demand", permit=True),
    _kind("check_result", "建设工程消防验收备案抽查结果通知书", "Notice of the Result of a Spot Check", "建消抽字",
        "case project place conclusion opinion", "site demand remedy"),
    _kind("recheck_opinion", "建设工程消防验收备案复查意见", "Opinion on a Re-check", "建消复字",
        "case project place conclusion opinion", "site demand remedy"),
)  # fmt: skip
