"""The command that tests the famous claims."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from retsim.cli.errors import UserError
from retsim.cli.output import plain, print_json, print_table

if TYPE_CHECKING:
    from retsim.claims import Claim, Finding

Found = list[tuple["Claim", list["Finding"]]]

__all__ = ["claims_command"]


def claims_command(args: Namespace) -> int:
    """Test claims; the verdicts first, then what they rest on."""
    from retsim.claims import chosen

    try:
        claims = chosen(args.claims)
    except ValueError as error:
        raise UserError(str(error)) from None
    if args.list:
        return _list(claims, as_json=args.json)
    found = _test(claims, args)
    written = _write(found, args) if args.out else []
    if args.json:
        documents = [_document(c) | {"findings": [plain(f._asdict()) for f in findings]} for c, findings in found]
        print_json({"seed": args.seed, "replications": args.replications, "claims": documents, "written": written})
        return 0
    _show_verdicts(found)
    for claim, findings in found:
        _show(claim, findings)
    print(
        f"{args.replications} replications each, seed {args.seed}; intervals 95 %, over replications, paired where two"
    )
    print(
        "scenarios are compared. A claim holds where its whole interval does; at a limit the theory says that it fails."
    )
    for path in written:
        print(f"wrote {path}")
    return 0


def _test(claims: list[Claim], args: Namespace) -> Found:
    """Test one after the other; people at a terminal see how far it is."""
    from retsim.claims import Lab, standing

    lab, found = Lab(args.replications, args.seed, args.workers), []
    for k, claim in enumerate(claims, 1):
        if sys.stderr.isatty():
            print(f"{k} of {len(claims)}: {claim.key} ...", end=" ", flush=True, file=sys.stderr)
        found.append((claim, list(claim.test(lab))))
        if sys.stderr.isatty():
            print(standing(found[-1][1]), file=sys.stderr)
    return found


def _write(found: Found, args: Namespace) -> list[str]:
    from retsim.cli.claims_files import write_claims

    return write_claims(found, args)


def _list(claims: list[Claim], *, as_json: bool) -> int:
    if as_json:
        print_json({"claims": [_document(claim) for claim in claims]})
    else:
        for claim in claims:
            print(f"{claim.key}: {claim.text} [{claim.source}]")
    return 0


def _document(claim: Claim) -> dict[str, str]:
    return {"claim": claim.key, "text": claim.text, "source": claim.source, "condition": claim.condition}


def _show_verdicts(found: Found) -> None:
    from retsim.claims import standing
    from retsim.claims.page import limits_kept

    rows = [(claim.key, standing(findings), limits_kept(findings)) for claim, findings in found]
    print_table(rows, ["claim", "verdict", "fails at its limits"], words=2)
    print()


def _show(claim: Claim, findings: list[Finding]) -> None:
    from retsim.claims.words import amount, border, verdict_words

    print(f"{claim.key}: {claim.text}\n  source: {claim.source}")
    for f in findings:
        print(f"  {'limit, ' if f.limit else ''}{verdict_words(f)}: {f.where}")
        print(f"    {f.effect}: {amount(f)}; holds if {border(f)}")
    print(f"  {claim.condition}\n")
