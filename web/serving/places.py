"""Places: threads of their own for each kind of work, and a queue that has an end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any

Work = Callable[[], Any]


class NoPlace(Exception):
    """All places are taken, and so are those to wait in, or the wait took too long."""


@dataclass
class Job:
    """Some work, and the future that gets what comes of it."""

    work: Work
    done: asyncio.Future[Any]


class Places:
    """A number of threads. A place is free again when its thread is, not when a caller gave up.

    All methods are for the event loop's thread. The threads are daemons: one that never comes back
    does not keep the process from ending.
    """

    def __init__(self, name: str, number: int, waiting: int, seconds: float) -> None:
        self.name = name
        self.number = number
        self.free = number
        self.started = 0
        self.most_waiting = waiting
        self.seconds = seconds
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()

    @property
    def taken(self) -> int:
        """How many threads are at work."""
        return self.number - self.free

    async def run(self, work: Work, seconds: float) -> Any:
        """Return what some work returns, or raise what it raises.

        Raises NoPlace where it was not begun, and TimeoutError where it takes longer than so many
        seconds: then it goes on in its thread.
        """
        loop = asyncio.get_running_loop()
        if self.free:
            self.free -= 1
        else:
            await self.wait()
        if self.started < self.taken:
            self.start(loop)
        done = loop.create_future()
        self.jobs.put(Job(work, done))
        late = loop.call_later(seconds, expire, done)
        try:
            return await done
        finally:
            late.cancel()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start one more thread: there are only as many as were needed at a time."""
        name = f"okr-es-{self.name}-{self.started}"
        self.started += 1
        Thread(target=self.serve, args=(loop,), name=name, daemon=True).start()

    async def wait(self) -> None:
        """Wait for a place, first come, first served; raise NoPlace."""
        if len(self.waiting) >= self.most_waiting:
            raise NoPlace(self.name)
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            async with asyncio.timeout(self.seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.give_back()
            elif turn in self.waiting:  # else it was passed over already
                self.waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise NoPlace(self.name) from None
            raise

    def give_back(self) -> None:
        """Give a place to who waits longest, or keep it free."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1

    def finish(self, job: Job, result: Any, error: BaseException | None) -> None:
        """Pass on what came of a job, unless its caller gave up."""
        self.give_back()
        if job.done.done():
            return
        if error is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(error)

    def serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do jobs, in a thread, until there is None."""
        while (job := self.jobs.get()) is not None:
            result, failed = None, None
            try:
                result = job.work()
            except BaseException as error:  # noqa: BLE001  - it is raised to who waits for it
                failed = error
            try:
                loop.call_soon_threadsafe(self.finish, job, result, failed)
            except RuntimeError:  # the loop is closed: the server stopped meanwhile
                return

    def stop(self) -> None:
        """Let each thread end when its job is done."""
        for _ in range(self.started):
            self.jobs.put(None)


def expire(done: asyncio.Future[Any]) -> None:
    """Give a future up."""
    if not done.done():
        done.set_exception(TimeoutError())
