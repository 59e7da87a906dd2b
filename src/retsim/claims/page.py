"""The page of all claims: what came out, with how many replications, which seed and when; written, never by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retsim.claims.claim import FAILS, Claim, Finding, standing
from retsim.claims.words import amount, border, verdict_words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["findings_of", "limits_kept", "page"]

_HEAD = """# The famous claims

What marketing texts say about keeping customers, made exact, and tried on the packaged scenarios. Each claim is an experiment with
paired replications: the same customers, the same luck, one thing changed. **Holds** means that the whole 95 % interval lies on the
claim's side of its border, **does not hold** that it lies beyond, **not sure** that it reaches over it. Under each claim stand its
limits, too: conditions under which the theory says that it must fail. There a failure is what is wanted.

Two cautions. An interval holds the luck of the draw and nothing else: most magnitudes in the scenarios are assumptions, so directions
and conditions are what to take away. And there are many findings here: of those whose true effect lies exactly on a border, one in
twenty errs by chance alone, half of them in favour of the claim. Claims with "holds in k of m" hold in some scenarios and not in others, and the tables say in
which.

This page is written by `retsim claims --out docs`, and one claim of it by `retsim claims NAME --out docs`.
"""


def findings_of(frame: pd.DataFrame) -> list[Finding]:
    """Rows of a table of findings, as findings."""
    rows = frame[list(Finding._fields)].itertuples(index=False, name=None)
    return [Finding(*row)._replace(limit=bool(row[-1]), n=int(row[7])) for row in rows]


def limits_kept(findings: list[Finding]) -> str:
    """In how many of its limits a claim fails, as it should."""
    limits = [f for f in findings if f.limit]
    return f"{sum(f.verdict == FAILS for f in limits)} of {len(limits)}" if limits else "-"


def page(frame: pd.DataFrame, claims: list[Claim], picture: str = "claims.png") -> str:
    """The page as Markdown.

    Parameters
    ----------
    frame : DataFrame
        Findings (`retsim.claims.verdicts`) with `seed`, `date` and `version`.
    claims : list of Claim
    picture : str
        Address of the picture, as seen from the page.
    """
    by_claim = {claim.key: frame[frame["claim"] == claim.key] for claim in claims}
    parts = [
        _HEAD,
        f"![Effect and interval of each claim, and of one of its limits]({picture})\n",
        _summary(by_claim, claims),
    ]
    parts += [_section(claim, by_claim[claim.key]) for claim in claims if len(by_claim[claim.key])]
    return "\n".join(parts)


def _summary(by_claim: dict[str, pd.DataFrame], claims: list[Claim]) -> str:
    lines = ["| claim | verdict | fails at its limits | replications | seed | date |", "|---|---|---|---|---|---|"]
    for claim in claims:
        mine = by_claim[claim.key]
        if not len(mine):
            lines.append(f"| {claim.key} | not tried | | | | |")
            continue
        found, made = findings_of(mine), mine.iloc[0]
        link = f"[{claim.key}](#{claim.key})"
        lines.append(
            f"| {link} | **{standing(found)}** | {limits_kept(found)} | {made['n']} | {made['seed']} | {made['date']} |"
        )
    return "\n".join(lines) + "\n"


def _section(claim: Claim, mine: pd.DataFrame) -> str:
    lines = [f"## {claim.key}", "", f"{claim.text} *{claim.source}.*", ""]
    lines += ["| verdict | where | measured | 95 % interval | holds if |", "|---|---|---|---|---|"]
    for f in findings_of(mine):
        words = verdict_words(f) if f.limit else f"**{f.verdict}**"
        lines.append(f"| {words} | {f.where} | {f.effect} | {amount(f)} | {border(f)} |")
    return "\n".join([*lines, "", f"Its limits: {claim.condition}.", ""])
