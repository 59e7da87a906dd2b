"""The figures of a care plan (R19): four means by three stages."""

from __future__ import annotations

MEANS = ("care_product", "care_communication", "care_incentive", "care_relations")
STAGES = ("care_before", "care_during", "care_after")
CELLS = {means: tuple(f"{means}_{stage.removeprefix('care_')}" for stage in STAGES) for means in MEANS}
"""By means, the figures that set its stages apart from the general ones."""

__all__ = ["CELLS", "MEANS", "STAGES", "parts_of"]


def parts_of(means: str) -> str:
    """What the money of a means is divided by, in words: "care_before x care_product_before, ..."."""
    return ", ".join(f"{stage} x {cell}" for stage, cell in zip(STAGES, CELLS[means], strict=True))
