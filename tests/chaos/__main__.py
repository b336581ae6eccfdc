"""Ten tills, a thousand sales, and everything that can be killed is: python -m tests.chaos --seed 1 (or `make chaos`).

Prints each blow as it falls and a table of verdicts; the exit code is 1 where anything is lost, doubled, reordered,
altered or not accounted for. The same seed draws the same blows.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys

from tests.chaos.plan import Run, blows
from tests.chaos.trial import Verdict, trial

SHOWN = 20


def table(verdict: Verdict) -> str:
    """Write the verdict for a person."""
    width = max(len(finding.name) for finding in verdict.findings)
    rows = []
    for finding in verdict.findings:
        word = "good" if finding.good else f"{len(finding.wrong)} WRONG"
        rows.append(f"  {finding.name:<{width}}  {finding.asked:>6}  {word}")
        rows += [f"      {line}" for line in finding.wrong[:SHOWN]]
    facts = ", ".join(f"{name}: {value}" for name, value in verdict.facts.items())
    return "\n".join(["", *rows, "", f"  {facts}", f"  {'GOOD' if verdict.good else 'NOT GOOD'}", ""])


def again(run: Run) -> str:
    """Write the command that plays this run once more."""
    sizes = f"--tills {run.tills} --sales {run.sales} --blows {run.blows} --browser {run.browsers}"
    return f"python -m tests.chaos --seed {run.seed} {sizes}"


async def play(run: Run) -> bool:
    async with trial(run, lambda line: print(line, flush=True)) as verdict:
        print(table(verdict), flush=True)
        print(f"  {again(run)}", flush=True)
        return verdict.good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="draws what happens (by chance)")
    parser.add_argument("--tills", type=int, default=10, help="tills, those with a page among them (10)")
    parser.add_argument("--sales", type=int, default=1000, help="sales of all tills together (1000)")
    parser.add_argument("--blows", type=int, default=60, help="how often something is killed or cut (60)")
    parser.add_argument("--browser", type=int, default=1, help="tills that are a real page in Chromium (1)")
    parser.add_argument("--plan", action="store_true", help="only say what would happen")
    asked = parser.parse_args()
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # it tells of each connection that the blows cost
    run = Run(asked.seed, asked.tills, asked.sales, asked.blows, asked.browser)
    if asked.plan:
        print("\n".join(f"{blow.place:3d}  {blow}" for blow in blows(run)))
        return 0
    return 0 if asyncio.run(play(run)) else 1


if __name__ == "__main__":
    sys.exit(main())
