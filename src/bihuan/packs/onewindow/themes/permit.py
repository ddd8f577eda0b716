"""The comprehensive permit: one paper for all that a theme's parts permit."""

from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat

PERMIT = CertificateKind(
    code="comprehensive_permit",
    name="行业综合许可证",
    name_en="Comprehensive permit",
    number_format=NumberFormat("onewindow_permit", "聊综许〔{date:%Y}〕{serial:5}号"),
    lines={"theme": "主题", "subject": "店铺或项目名称", "parts": "包含的许可"},
    basis="一业一证、主题服务:一次申请,一证准营",
)
