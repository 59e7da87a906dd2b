"""The benchmark in one picture: events per second by size, and how far each figure is from its target."""

from pathlib import Path
from typing import Any

from costs import Costs, Plan, least
from rows import Figure, Row, number
from tools import TOOLS

# Okabe-Ito; markers and dashes tell the lines apart in grey.
STYLES: dict[str, dict[str, Any]] = {
    "retsim": {"color": "#000000", "marker": "o", "linewidth": 2.6},
    "c": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "c-xoshiro": {"color": "#D55E00", "marker": "D", "linestyle": ":"},
    "numpy": {"color": "#0072B2", "marker": "^", "linestyle": "-."},
    "reference": {"color": "#000000", "marker": "o", "linestyle": "--", "markerfacecolor": "white"},
    "simpy": {"color": "#009E73", "marker": "v"},
    "mesa": {"color": "#CC79A7", "marker": "P", "linestyle": "--"},
    "agentpy": {"color": "#56B4E9", "marker": "X", "linestyle": ":"},
}
ABOVE: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "fontsize": "x-small"}
GOOD, BAD = "#0072B2", "#D55E00"


def draw(path: Path, costs: Costs, plan: Plan, figures: list[tuple[Row, Figure | None]]) -> None:
    """Write the picture to ``path``."""
    from matplotlib.figure import Figure as Canvas

    canvas: Any = Canvas(figsize=(9, 9.5), layout="constrained")
    speeds, targets = canvas.subfigures(2, 1)  # each with margins of its own
    draw_speeds(speeds.subplots(), costs, plan)
    draw_targets(
        targets.subplots(),
        [(row, figure) for row, figure in figures if figure and figure.judged and row.must],
    )
    canvas.savefig(path, dpi=130, metadata={"Software": None})


def draw_speeds(axes: Any, costs: Costs, plan: Plan) -> None:
    """Plot events per CPU second against the size, a line per tool."""
    for tool, style in STYLES.items():
        mine = {job.n: times for job, times in costs.items() if job.tool == tool}
        points = [(plan.size(n), 1 / least(mine[n])) for n in sorted(mine)]
        if points:
            axes.plot(*zip(*points, strict=True), label=TOOLS[tool].label, **style)
    axes.set(xscale="log", yscale="log", xlabel="customers at the start", ylabel="events per CPU second")
    axes.set_title("Speed on W1, churn with repurchase (best of the repetitions)", loc="left")
    axes.grid(True, which="major", color="0.88")
    axes.legend(frameon=False, handlelength=3.5, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))


def draw_targets(axes: Any, figures: list[tuple[Row, Figure]]) -> None:
    """Plot each figure relative to what it must reach, so that right of 1 is good; a bar marks the aim."""
    for y, (row, figure) in enumerate(figures):
        gain = times_better(row, figure.value)
        reached = gain >= 1
        axes.plot(gain, y, marker="o" if reached else "X", markersize=8, color=GOOD if reached else BAD)
        axes.annotate(f"{number(figure.value)}{row.unit}", (gain, y), (0, 7), **ABOVE)
        if row.aim is not None:
            axes.plot(times_better(row, row.aim), y, marker="|", markersize=14, color="0.35")
    axes.axvline(1.0, color="0.35", linewidth=1)
    axes.set_yticks(range(len(figures)), [row.what.replace("`", "") for row, _ in figures], fontsize="small")
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.06, y=0.06)
    axes.set_title("Figures against their targets", loc="left")
    axes.set_xlabel("times as good as it must be (cross: missed; bar: the aim)")
    axes.grid(True, axis="x", color="0.88")


def times_better(row: Row, value: float) -> float:
    """Return how many times as good as its limit a value is."""
    if row.must is None:
        raise ValueError(f"rows: {row.what!r} has no limit to compare with; leave it out of the picture")
    return value / row.must if row.more_is_better else row.must / value
