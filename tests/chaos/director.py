"""Who strikes: each blow when it is due, in a task of its own, so that one breaks what another has just left alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from retail.runtime.embedded.process import arguments_of
from tests.chaos.page import Page
from tests.chaos.plan import Blow
from tests.chaos.proxy import Line
from tests.chaos.stage import Stage, TillProcess
from tests.support.house import Program, eventually

STALLED_S = 180
_BACK_S = 120
_DELIVERY_WITHIN_S = 5
_DELIVERIES_WITHIN_S = 40


class Stalled(AssertionError):
    """Nobody sold anything for a long time: whatever breaks, a till that is alive sells on."""


@dataclass
class Director:
    """Strikes the blows of a plan at a stage, and writes down what was done when."""

    stage: Stage
    pages: Sequence[Page]
    tell: Callable[[str], None]
    struck: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _away: set[str] = field(default_factory=set)
    _turns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def paid(self) -> int:
        """Count what all cashiers have seen paid."""
        return sum(_lines(till) for till in self.stage.tills) + sum(page.sold for page in self.pages)

    def share(self) -> float:
        """Tell how much of what they shall sell the virtual tills have sold, from 0 to 1."""
        wanted = sum(till.wanted.sales for till in self.stage.tills)
        return sum(_lines(till) for till in self.stage.tills) / wanted

    async def run(self, blows: Sequence[Blow]) -> None:
        """Strike them all, and wait until what was broken is whole again. Raises Stalled."""
        async with asyncio.TaskGroup() as group:
            for blow in blows:
                await self._due(blow)
                group.create_task(self._strike(blow))

    async def _due(self, blow: Blow) -> None:
        before, since = -1, time.monotonic()
        while (now := self.paid()) < blow.after:
            self.revive()
            if now != before:
                before, since = now, time.monotonic()
            if time.monotonic() - since > STALLED_S:
                raise Stalled(f"{now} sales are paid, and none more for {STALLED_S} s")
            await asyncio.sleep(0.05)

    def revive(self) -> None:
        """Look for tills that ended on their own: 0 means that all is done, anything else must not happen."""
        for till in self.stage.tills:
            if till.ended not in {None, 0}:
                raise AssertionError(f"till {till.code} ended with {till.ended}: {till.log} {till.said[-1:]}")

    async def keep_up(self) -> None:
        """Start web and worker again a second after they ended by themselves, as the product's supervisor does.

        They end where the database isn't ready when they begin. What a blow keeps away stays away.
        """
        programs = [*(web.program for web in self.stage.webs), self.stage.house.worker]
        while True:
            for program in programs:
                if not program.runs and program.name not in self._away:
                    program.start()
            await asyncio.sleep(1)

    async def _strike(self, blow: Blow) -> None:
        await asyncio.sleep(blow.wait_s)
        async with self._turns[_turn(blow, self.stage)]:
            if blow.at_delivery:
                await self._until_delivery(blow)
            await getattr(self, f"_{blow.kind}")(blow)

    async def _until_delivery(self, blow: Blow) -> None:
        events = [line.next_delivery() for line in self._lines(blow)]
        waiting = [asyncio.create_task(event.wait()) for event in events]
        await asyncio.wait(waiting, timeout=_DELIVERY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        # how far the server got is chance: reading, in the transaction, about to answer
        await asyncio.sleep(random.Random(f"{self.stage.run.seed} {blow.place}").uniform(0, 0.03))

    def _note(self, blow: Blow, what: str) -> None:
        line = f"{time.monotonic() - self._began:7.2f} s  {blow.place:3d}  {blow.kind:<8} {what}"
        self.struck.append(line)
        self.tell(line)

    # -- the blows

    async def _web(self, blow: Blow) -> None:
        webs = self.stage.webs
        chosen = webs if blow.way == "all" else [webs[blow.target % len(webs)]]
        await asyncio.gather(*(self._end(blow, web.program) for web in chosen))
        for web in chosen:
            await eventually(web.answers, seconds=_BACK_S)
            self._note(blow, f"{web.program.name} serves again")

    async def _worker(self, blow: Blow) -> None:
        await self._end(blow, self.stage.house.worker)

    async def _end(self, blow: Blow, program: Program) -> None:
        self._away.add(program.name)
        if program.runs:
            program.kill()
        self._note(
            blow, f"{program.name} killed{' in a delivery' if blow.at_delivery else ''}, away for {blow.for_s:.1f} s"
        )
        await asyncio.sleep(blow.for_s)
        program.start()
        self._away.discard(program.name)

    async def _postgres(self, blow: Blow) -> None:
        """Kill all of it, its postmaster alone, or one connection's process: then it recovers by itself."""
        everyone = self.stage.house.database_processes()
        backends = [pid for pid in everyone[1:] if "countertop_app" in " ".join((arguments_of(pid) or ("", []))[1])]
        chance = random.Random(f"{self.stage.run.seed} {blow.place} postgres")
        chosen = {"all": everyone, "postmaster": everyone[:1], "backend": backends and [chance.choice(backends)]}
        hit = [pid for pid in reversed(chosen[blow.way] or everyone[:1]) if _signalled(pid, signal.SIGKILL)]
        self._note(blow, f"{blow.way}: {len(hit)} processes killed{' in a delivery' if blow.at_delivery else ''}")
        await asyncio.sleep(0.3)  # the watcher looks four times a second
        await eventually(self.stage.house._database_answers, seconds=_BACK_S)
        self._note(blow, "recovered")

    async def _redis(self, blow: Blow) -> None:
        self.stage.house.kill_redis()
        self._note(blow, "killed")
        await eventually(self.stage.house.embedded.redis.answers, seconds=_BACK_S)

    async def _freeze(self, blow: Blow) -> None:
        """Stop a process where it is, with whatever it holds; later it goes on as if no time had passed."""
        pid = self._frozen(blow)
        if pid is None or not _signalled(pid, signal.SIGSTOP):
            self._note(blow, f"{blow.way} is not there")
            return
        self._note(blow, f"{blow.way} stands still for {blow.for_s:.1f} s")
        try:
            await asyncio.sleep(blow.for_s)
        finally:
            _signalled(pid, signal.SIGCONT)

    def _frozen(self, blow: Blow) -> int | None:
        if blow.way == "redis":
            return self.stage.house.embedded.redis.pid
        webs = [web.program for web in self.stage.webs]
        program = webs[blow.target % len(webs)] if blow.way == "web" else self.stage.house.worker
        return program._process.pid if program.runs and program._process else None

    async def _till(self, blow: Blow) -> None:
        till = self.stage.tills[blow.target % len(self.stage.tills)]
        if till.ended == 0:
            self._note(blow, f"{till.code} is done already")
            return
        till.kill(torn=blow.way == "torn")
        self._note(blow, f"{till.code} killed{', half a record on its disk' if blow.way == 'torn' else ''}")
        await asyncio.sleep(blow.for_s)
        till.start()

    async def _browser(self, blow: Blow) -> None:
        page = self.pages[blow.target % len(self.pages)]
        self._note(blow, f"{page.code}: {page.kill()} processes killed, {page.sold} sales seen paid")

    async def _cut(self, blow: Blow) -> None:
        await self._fail(blow, Line.break_off, "cut")

    async def _hang(self, blow: Blow) -> None:
        await self._fail(blow, Line.hold, "hangs")

    async def _slow(self, blow: Blow) -> None:
        def slow(line: Line) -> None:
            line.delay = blow.amount * 0.15

        await self._fail(blow, slow, f"slowed by {blow.amount * 0.15:.2f} s")

    async def _fail(self, blow: Blow, how: Callable[[Line], None], what: str) -> None:
        broken = self._lines(blow)
        for line in broken:
            how(line)
        self._note(blow, f"{blow.way} of the lines {what} for {blow.for_s:.1f} s")
        await asyncio.sleep(blow.for_s)
        for line in broken:
            line.heal()

    async def _lose(self, blow: Blow) -> None:
        lines = self.stage.all_lines
        before = sum(line.lost for line in lines)
        for line in lines:
            line.to_lose = 1

        def lost() -> int:
            return sum(line.lost for line in lines) - before

        await self._while(lambda: lost() < blow.amount)
        for line in lines:
            line.to_lose = 0
        self._note(blow, f"{lost()} answers lost after their deliveries went through")

    async def _repeat(self, blow: Blow) -> None:
        lines = self.stage.all_lines
        before = sum(line.repeated for line in lines)
        for line in lines:
            line.to_repeat, line.repeat_after = 2, blow.wait_s * 10 if blow.amount > 2 else 0.0

        def repeated() -> int:
            return sum(line.repeated for line in lines) - before

        await self._while(lambda: repeated() < blow.amount)
        for line in lines:
            line.to_repeat = 0
        self._note(blow, f"{repeated()} deliveries came twice, the second time {lines[0].repeat_after:.1f} s later")

    async def _while(self, still: Callable[[], bool]) -> None:
        """Wait as long as something holds and deliveries may be hoped for."""
        with contextlib.suppress(AssertionError):
            tills = self.stage.tills
            await eventually(
                lambda: still() and any(till.ended != 0 for till in tills), wanted=False, seconds=_DELIVERIES_WITHIN_S
            )

    def _lines(self, blow: Blow) -> list[Line]:
        lines = self.stage.all_lines
        return [lines[blow.target % len(lines)]] if blow.way == "one" else lines


def _turn(blow: Blow, stage: Stage) -> str:
    """Name what a blow breaks; a second blow at the same thing waits until it is whole."""
    if blow.kind in {"cut", "hang", "slow"}:
        return "lines"
    if blow.kind == "freeze":
        return blow.way
    return f"till {blow.target % len(stage.tills)}" if blow.kind == "till" else blow.kind


def _lines(till: TillProcess) -> int:
    path = till.folder / f"{till.code}.said"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _signalled(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
