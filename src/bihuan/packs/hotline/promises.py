"""The promises of the source documents that this pack keeps, by their ids in `spec/promises.tsv`."""

from bihuan.kernel.pack import Promise

PROMISES = (
    Promise("S1-23", "协商退费未果→热线→市场监管局→多方协商→退费", test="tests/stories/test_hotline_loop.py::test_refund_is_mediated"),
)
