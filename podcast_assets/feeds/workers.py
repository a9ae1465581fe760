"""Where bodies are scanned: beside the event loop, which goes on fetching, in processes that can be killed.

Whoever writes a feed may mean harm: no body keeps a process for longer than ``LONGEST_S``, nor has it more memory than
``worker`` allows. For a few bodies there is one process; when there are many (a first poll) there is one a core: in one,
2,000 feeds that are all new took several times as long as fetching them. What waits is handed over in batches, since handing
over a body costs about as much as scanning a small one.

The processes are our own (``worker``) and not those of ``multiprocessing``, which would import the program's main module in
each of them: for Dagster's that takes seconds.
"""

import asyncio
import contextlib
import os
import pickle
import sys
from collections import deque
from collections.abc import Sequence

from podcast_assets.feeds.scan import Body, Scanned, Trouble
from podcast_assets.feeds.sightings import Conditions

BYTES_FOR_MORE = 1_000_000  # packed: from there on more processes pay for their start
BATCH_BYTES = 100_000
BATCH = 16
AHEAD = 2  # batches of a process: while it scans one, the next is there
MOST = 8  # processes: more would wait for the network
LONGEST_S = 30  # for a batch, and then for each of its bodies

Waiting = tuple[Body, "asyncio.Future[Scanned | Trouble]"]


class Workers:
    """Scans bodies under the same conditions. Use it as an async context manager."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._waiting: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._bytes = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: list[_Process] = []

    async def __aenter__(self) -> "Workers":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(process.end() for process in self._processes))

    async def scan(self, body: Body) -> Scanned | Trouble:
        """What :func:`scan.scan` says of the body."""
        future: asyncio.Future[Scanned | Trouble] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, future))
        self._bytes += len(body.packed)
        wanted = min(os.cpu_count() or 1, MOST) if self._bytes > BYTES_FOR_MORE else 1
        while len(self._processes) < wanted:
            self._processes.append(process := _Process())
            self._tasks += [asyncio.create_task(self._serve(process)) for _ in range(AHEAD)]
        self._arrived.set()
        return await future

    async def _serve(self, process: "_Process") -> None:
        """Takes what waits, a batch at a time."""
        while True:
            await self._arrived.wait()
            batch = self._batch()
            if not batch:
                continue
            try:
                results = await self._scan([body for body, _ in batch], process)
            except Exception as error:  # noqa: BLE001 - whoever waits for a result must hear of it, whatever it is
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)

    def _batch(self) -> list[Waiting]:
        batch: list[Waiting] = []
        size = 0
        while self._waiting and len(batch) < BATCH and size < BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size += len(batch[-1][0].packed)
        if not self._waiting:
            self._arrived.clear()
        return batch

    async def _scan(self, bodies: Sequence[Body], process: "_Process") -> list[Scanned | Trouble]:
        try:
            return await process.scan_all(bodies, self._conditions)
        except (EOFError, TimeoutError) as error:  # it died (for want of memory?), or a body takes too long: which?
            if len(bodies) == 1:
                reason = f"took longer than {LONGEST_S} s" if isinstance(error, TimeoutError) else "killed the process"
                return [Trouble("crash", f"reading this feed {reason}")]
            return [(await self._scan([body], process))[0] for body in bodies]


class _Process:
    """A process that scans, started when it is needed; it answers in the order it is asked."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._all: list[asyncio.subprocess.Process] = []  # that one, and those it replaced
        self._starting = asyncio.Lock()
        self._reading = asyncio.Lock()

    async def scan_all(self, bodies: Sequence[Body], conditions: Conditions) -> list[Scanned | Trouble]:
        """As ``worker.scan_all``, there.

        Raises:
            EOFError: the process died.
            TimeoutError: it took too long; it is dead now.
        """
        question = pickle.dumps((bodies, conditions), pickle.HIGHEST_PROTOCOL)
        while True:
            async with self._starting:
                if self._process is None or self._process.returncode is not None:
                    self._process = await _start()
                    self._all.append(self._process)
                process = self._process
            try:
                return await self._ask(process, question)
            except (EOFError, OSError, TimeoutError) as error:
                if process is not self._process:
                    continue  # it ended by what was asked before, and what we asked was lost with it
                self._kill()
                raise error if isinstance(error, TimeoutError) else EOFError from error

    async def _ask(self, process: asyncio.subprocess.Process, question: bytes) -> list[Scanned | Trouble]:
        assert process.stdin  # noqa: S101 - for the type checker: it was started with pipes
        assert process.stdout  # noqa: S101
        process.stdin.write(len(question).to_bytes(8, "big") + question)
        async with self._reading, asyncio.timeout(LONGEST_S):
            size = int.from_bytes(await process.stdout.readexactly(8), "big")
            answer: list[Scanned | Trouble] = pickle.loads(await process.stdout.readexactly(size))  # noqa: S301 - our own process
        return answer

    def _kill(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process = None

    async def end(self) -> None:
        """Ends the process, if there is one, and waits until nothing is left of it, nor of those before it."""
        self._kill()
        await asyncio.gather(*(process.wait() for process in self._all))


async def _start() -> asyncio.subprocess.Process:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # what we find, it finds
    pipe = asyncio.subprocess.PIPE
    arguments = ("-m", "podcast_assets.feeds.worker")
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe, env=environment)
