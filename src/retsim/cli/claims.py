"""The command that tests the famous claims."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from retsim.cli.errors import UserError
from retsim.cli.output import plain, print_json

if TYPE_CHECKING:
    from retsim.claims import Claim, Finding

_MARKS = {"holds": "holds", "does not hold": "DOES NOT HOLD", "not sure": "not sure"}

__all__ = ["claims_command"]


def claims_command(args: Namespace) -> int:
    """Test each claim and say at once what came of it."""
    from retsim.claims import Lab, chosen

    try:
        claims = chosen(args.claims)
    except ValueError as error:
        raise UserError(str(error)) from None
    if args.list:
        return _list(claims, as_json=args.json)
    lab = Lab(args.replications, args.seed, args.workers)
    documents = []
    for claim in claims:
        if sys.stderr.isatty():
            print(f"testing {claim.key} ...", file=sys.stderr)
        findings = list(claim.test(lab))
        documents.append(_document(claim) | {"findings": [plain(finding._asdict()) for finding in findings]})
        if not args.json:
            _show(claim, findings)
    if args.json:
        print_json({"seed": args.seed, "replications": args.replications, "claims": documents})
    else:
        print(
            f"{args.replications} replications each, seed {args.seed}; intervals 95 %, over replications, paired where"
        )
        print("two scenarios are compared. A claim holds where the whole interval does.")
    return 0


def _list(claims: list[Claim], *, as_json: bool) -> int:
    if as_json:
        print_json({"claims": [_document(claim) for claim in claims]})
    else:
        for claim in claims:
            print(f"{claim.key}: {claim.text} [{claim.source}]")
    return 0


def _document(claim: Claim) -> dict[str, str]:
    return {"claim": claim.key, "text": claim.text, "source": claim.source, "condition": claim.condition}


def _show(claim: Claim, findings: list[Finding]) -> None:
    print(f"{claim.key}: {claim.text}\n  source: {claim.source}")
    for f in findings:
        print(f"  {_MARKS[f.verdict]}: {f.where}\n    {f.effect}: {_effect(f)}")
    print(f"  {claim.condition}\n")


def _effect(f: Finding) -> str:
    if f.n < 2:
        return "not measured"
    if f.unit.startswith("share"):
        of = f.unit.removeprefix("share").strip()
        return f"{f.mean:.1%} ({f.low:.1%} to {f.high:.1%})" + (f" {of}" if of else "")
    return f"{f.mean:,.3g} ({f.low:,.3g} to {f.high:,.3g}) {f.unit}"
