"""Whatever writes into a shop's tables leaves a record on the audit trail, or is on a short list with its reason.

A function that writes is covered where it, or something that it calls, calls Tx.audit; or where everybody who calls it
is covered. The list names what writes no decision of anybody's: projections, machinery, and ledgers that say by
themselves who wrote what.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEATURES = [
    path
    for path in sorted((ROOT / "retail").rglob("*.py"))
    if path.relative_to(ROOT).parts[1] not in {"runtime", "demo", "kit"}
]
WRITES = re.compile(r"\b(INSERT INTO|DELETE FROM|UPDATE [a-z_.]+(?: [a-z])?\s+SET)\b")
PICCOLO = {"insert", "update", "delete", "save", "remove"}
READ_ONLY = re.compile(r"FOR (NO KEY )?UPDATE")

# "module:function": why it needs no record of its own.
EXEMPT: dict[str, str] = {
    "retail.automation.reports.sending:_settle": "how a delivery went; that it was sent is recorded",
    "retail.automation.exports.operations:_finish": "how far a job is; who asked for the file is recorded",
    "retail.automation.imports.checking:_clear": "how far a check is; it changes nothing of the shop's",
    "retail.automation.imports.checking:_write": "how far a check is; it changes nothing of the shop's",
    "retail.automation.imports.checking:count_rows": "how far a check is; it changes nothing of the shop's",
    "retail.automation.imports.checking:refuse_rows": "how far a check is; it changes nothing of the shop's",
    "retail.automation.imports.operations:name_columns": "what headings mean; handing in and storing are recorded",
    "retail.automation.imports.storing:_back": "how far a check is; nothing was stored",
    "retail.automation.imports.storing:forget_older": "rows of files long done with; the trail keeps what they did",
    "retail.comms.threads:mark_read": "what somebody has seen changes nothing for anybody else",
    "retail.notifications.operations:mark_read": "what somebody has seen changes nothing for anybody else",
    "retail.notifications.operations:mark_told": "what somebody has seen changes nothing for anybody else",
    "retail.billing.cards:begin_charge": "that a bank is asked; what became of it is recorded",
    "retail.noticing:_low_by_rules": "how many a notice tells of; the change that made them low is recorded",
    "retail.notifications.telling:tell": "who is told of a notice follows from it, and can be told anew",
    "retail.notifications.telling:_queue": "what goes out where follows from it; each row says what became of it",
    "retail.notifications.delivering:_claim": "how far the queue is; each row says what became of it",
    "retail.notifications.delivering:_settle": "how far the queue is; each row says what became of it",
    "retail.notifications.delivering:_rung": "how far the queue is; each row says what became of it",
    "retail.notifications.push.subscriptions:ringing": "what goes with its session, whose end is recorded",
    "retail.notifications.push.subscriptions:forget": "what its push service says is no more",
    "retail.console.jobs:count_sales": "a projection of sales, for the operator's overview",
    "retail.console.jobs:recount_days": "the same projection, worked out anew",
    **dict.fromkeys(
        (f"retail.foresight.operations:{name}" for name in ("begin", "keep", "clear")),
        "forecasts, which can be made anew; who asks for them is recorded",
    ),
    **dict.fromkeys(
        (f"retail.foresight.kept:{name}" for name in ("remember", "forget")),
        "forecasts as they were made, for four weeks; that they drifted is recorded",
    ),
    "retail.foresight.happenings:keep_responses": "what follows from prices and sales, and is worked out each night",
    **dict.fromkeys(
        (f"retail.foresight.projected:{name}" for name in ("project", "settle")),
        "forecasts of what to order by, which can be made anew; who asks for them is recorded",
    ),
    "retail.analytics.rollups.categories:follow_products": "a projection of sales, which can be worked out anew",
    "retail.analytics.rollups.sources:_adding": "the statement of that projection",
    "retail.analytics.rollups.keeping:project_sales": "a projection of sales, which can be worked out anew",
    "retail.analytics.rollups.keeping:rebuild_days": "a projection of sales, which can be worked out anew",
    "retail.analytics.rollups.pace:refresh_pace": "a projection of sales, which can be worked out anew",
    "retail.ledger.operations:post": "a ledger: an entry says by itself when, from what and who, and is never edited",
    "retail.catalog.labels.shelf:labels_due": "what follows from a change of a price or a name, which is recorded",
    "retail.catalog.prices.folding:_put": "a projection of price lists, which can be worked out anew",
    "retail.catalog.prices.folding:set_turns": "a projection of price lists, which can be worked out anew",
    "retail.catalog.prices.batches:write_chunk": "rows of a history; the batch's start and end are recorded",
    "retail.catalog.jobs:_begin": "a count that begins anew; the batch's start and end are recorded",
    "retail.sales.holds:promise": "goods kept for a till for minutes; the return that follows is recorded",
    "retail.sales.holds:release": "goods kept for a till for minutes; the return that follows is recorded",
    "retail.sales.writing:insert": "sales say who made them; their journal is chained, and anchored daily",
    "retail.sales.writing:keep_parts": "sales say who made them; their journal is chained, and anchored daily",
    "retail.value.operations:account_of": "an empty account; every move of it is recorded",
    "retail.stock.operations:move": "a ledger: a sale's moves are the sale's, the stockroom's have their records",
    "retail.stock.operations:fold": "a projection of moves, which can be worked out anew",
    "retail.stock.costing.settling:_keep_layers": "a projection of moves; each revaluation is a row of a ledger",
    "retail.stock.costing.settling:write_pools": "a projection of moves; each revaluation is a row of a ledger",
    "retail.stock.costing.settling:_revalue": "a ledger: a revaluation says by itself when, of what and who",
    "retail.stock.counts.operations:record": "a ledger: an entry says by itself who counted what, and when",
    "retail.stock.counts.operations:_add_lines": "what is to be counted; the start and the finish are recorded",
    "retail.stock.costing.days:keep_days": "sums of moves and entries, which are worked out anew each night",
    "retail.stock.costing.days:forget_days": "sums of moves and entries, which are worked out anew each night",
    "retail.stock.operations:_mark": "a projection of moves, which can be worked out anew",
    "retail.stock.allotting.operations:_share_out": "shares, which are worked out anew from the stock",
    "retail.stock.keeping:keep": "sums of moves and entries, which are worked out anew each night",
    "retail.stock.keeping:forget_kept": "sums of moves and entries, which are worked out anew each night",
    "retail.identity.devices:make_challenge": "a question to a device, which changes nothing",
    "retail.identity.devices:prove": "an answer that was right; what it is good for is recorded where it is used",
    "retail.identity.device_api:_note_health": "what a device tells of itself, twice a minute",
    "retail.identity.oidc:begin": "half a sign-in; the whole is recorded",
    "retail.recommending.operations:begin": "how far a run over past sales is; asking for it is recorded",
    "retail.vigilance.customs:keep": "a projection of sales, which is worked out anew each night",
    "retail.recommending.operations:keep": "a projection of sales, which can be worked out anew",
    "retail.recommending.operations:show": "a projection of sales, which can be worked out anew",
    "retail.recommending.operations:clear": "a projection of sales, which can be worked out anew",
    "retail.segments.operations:begin": "how far a run over past sales is; asking for it is recorded",
    "retail.segments.operations:keep": "a projection of sales, which can be worked out anew",
    "retail.segments.operations:keep_moves": "a projection of sales, which can be worked out anew",
    "retail.segments.operations:keep_sums": "a projection of sales, which can be worked out anew",
    "retail.segments.operations:show": "a projection of sales, which can be worked out anew",
    "retail.segments.operations:add_up_moves": "a projection of moves, which can be worked out anew",
    "retail.segments.operations:clear": "a projection of sales, which can be worked out anew",
    "retail.segments.operations:forget": "part of an erasure, which is recorded",
    "retail.promotions.trials:walk": "how far a trial on past sales is; asking for it and stopping it are recorded",
    "retail.promotions.trials:_end": "a trial that is through, or was stopped, which is recorded",
    "retail.identity.oidc:take": "half a sign-in; the whole is recorded",
    "retail.identity.pins:stay": "a session that goes on",
}


@dataclass
class Function:
    """What a function does itself, and whom it calls by name."""

    writes: bool = False
    audits: bool = False
    calls: set[str] = field(default_factory=set)


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def has_write(text: str) -> bool:
    return bool(WRITES.search(READ_ONLY.sub("", text)))


class Reader(ast.NodeVisitor):
    """Reads one module: its imports, its statements kept as constants, its functions."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module, self.names = module, dict[str, str]()
        self.functions: dict[str, Function] = {}
        self.statements: set[str] = set()
        self.within: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("retail"):
                self.names |= {alias.asname or alias.name: f"{node.module}:{alias.name}" for alias in node.names}
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(n, ast.Constant) and isinstance(n.value, str) and has_write(n.value)
                       for n in ast.walk(node.value)):  # fmt: skip
                    self.statements |= {target.id for target in targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self._define(node, "")

    def _define(self, node: ast.AST, prefix: str) -> None:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    self._define(inner, f"{node.name}.")
            return
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        found = self.functions[prefix + node.name] = Function()
        docstring = node.body[0].value if ast.get_docstring(node) and isinstance(node.body[0], ast.Expr) else None
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner is not docstring:
                found.writes = found.writes or has_write(inner.value)
            elif isinstance(inner, ast.Name) and inner.id in self.statements:
                found.writes = True
            elif isinstance(inner, ast.Call):
                self._call(inner.func, found, prefix)

    def _call(self, called: ast.expr, found: Function, prefix: str) -> None:
        if isinstance(called, ast.Name):
            found.calls.add(self.names.get(called.id, f"{self.module}:{called.id}"))
        elif isinstance(called, ast.Attribute):
            found.audits = found.audits or called.attr == "audit"
            if isinstance(called.value, ast.Name):
                owner = called.value.id
                found.writes = found.writes or (called.attr in PICCOLO and owner[:1].isupper())
                if owner == "self":
                    found.calls.add(f"{self.module}:{prefix}{called.attr}")
                elif owner in self.names:
                    found.calls.add(self.names[owner].replace(":", ".") + ":" + called.attr)


def product() -> dict[str, Function]:
    found: dict[str, Function] = {}
    for path in FEATURES:
        module = module_name(path)
        reader = Reader(module, ast.parse(path.read_text()))
        found |= {f"{module}:{name}": function for name, function in reader.functions.items()}
    for function in found.values():  # a package that hands on a name of one of its modules
        function.calls = {resolve(call, found) for call in function.calls}
    return found


def resolve(call: str, found: dict[str, Function]) -> str:
    if call in found:
        return call
    module, _, name = call.partition(":")
    same = [known for known in found if known.startswith(f"{module}.") and known.endswith(f":{name}")]
    return same[0] if len(same) == 1 else call


def audited(name: str, found: dict[str, Function], seen: frozenset[str] = frozenset()) -> bool:
    """Claim that a function leaves a record itself, or through what it calls."""
    if name in seen or name not in found:
        return False
    function = found[name]
    return function.audits or any(audited(call, found, seen | {name}) for call in function.calls)


def covered(name: str, found: dict[str, Function], seen: frozenset[str] = frozenset()) -> bool:
    if audited(name, found) or name in EXEMPT:
        return True
    callers = [caller for caller, function in found.items() if name in function.calls and caller != name]
    return bool(callers) and all(caller in seen or covered(caller, found, seen | {name}) for caller in callers)


FOUND = product()
MODULES = {name.partition(":")[0] for name in FOUND}
WRITERS = sorted(name for name, function in FOUND.items() if function.writes)


@pytest.mark.parametrize("name", WRITERS)
def test_whatever_writes_leaves_a_record(name: str) -> None:
    assert covered(name, FOUND), f"{name} writes, and nobody will ever know who did it"


def test_the_list_names_only_what_needs_it() -> None:
    for name, reason in EXEMPT.items():
        assert reason
        if name.partition(":")[0] not in MODULES:
            continue
        assert name in FOUND, f"{name} is gone: take it off the list"
        assert not audited(name, FOUND), f"{name} leaves a record by now: take it off the list"


def test_the_reader_sees_what_it_is_meant_to_see() -> None:
    source = '''
_ADD = """INSERT INTO thing VALUES (1)"""

async def quiet(tx): await tx.execute(_ADD)
async def loud(tx): await tx.execute("DELETE FROM thing"); tx.audit("a", "b", None)
async def reads(tx): "UPDATE thing SET x = 1 is only spoken of."; await tx.fetch("SELECT 1 FROM thing FOR UPDATE")
async def orm(tx): await Thing.insert(Thing())
'''
    read = Reader("retail.example", ast.parse(source)).functions
    assert {name: (one.writes, one.audits) for name, one in read.items()} == {
        "quiet": (True, False), "loud": (True, True), "reads": (False, False), "orm": (True, False),
    }  # fmt: skip
    assert not covered("retail.example:quiet", {"retail.example:quiet": read["quiet"]})
