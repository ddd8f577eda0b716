"""Six loops: design review and acceptance of special projects, rectification of what was found, blockages, legacy projects on their
routes, filing with a spot check by draw.

图纸核对 → 质量核实 → 手续核准 are verified in advance (S0; `projects/phases.py`).
"""

from bihuan.packs.fire.workflows.acceptance import ACCEPTANCE
from bihuan.packs.fire.workflows.blockage import BLOCKAGE
from bihuan.packs.fire.workflows.common import CHIEF, INSPECTOR, REVIEWER, ROLES, WINDOW
from bihuan.packs.fire.workflows.design import DESIGN
from bihuan.packs.fire.workflows.filing import FILING
from bihuan.packs.fire.workflows.legacy import LEGACY
from bihuan.packs.fire.workflows.rectification import OWNER, RECTIFICATION

WORKFLOWS = (DESIGN, ACCEPTANCE, RECTIFICATION, BLOCKAGE, LEGACY, FILING)

__all__ = ["CHIEF", "INSPECTOR", "OWNER", "REVIEWER", "ROLES", "WINDOW", "WORKFLOWS"]
