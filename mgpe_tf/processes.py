"""Work that is spread over several processes, none of which outlives the first."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import TypeVar

from mgpe_tf.errors import UserError

Share = TypeVar("Share")
Result = TypeVar("Result")


def threads_each(processes: int) -> int:
    """Threads for each of some processes that share this machine's cores."""
    return max(1, (os.cpu_count() or 1) // processes)


def spread(work: Callable[[Share], Result], shares: Iterable[Share], processes: int) -> Iterator[Result]:
    """Calls ``work(share)`` for every share in `processes` processes; gives the results as they are ready.

    Args:
      work: a function of a module, or a partial of one: it is pickled, as shares and results are. TensorFlow, if it is
        imported there, has ``threads_each(processes)`` threads.
      shares: what each call gets.
      processes: their number.

    Raises:
      UserError: a process was killed, or `work` raised it.
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    threads = threads_each(processes)
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(threads,)) as pool:
        futures = [pool.submit(work, share) for share in shares]
        try:
            for future in concurrent.futures.as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise UserError(
                "a process was killed (out of memory?): fewer --processes or a smaller --batch_size; the "
                "same command goes on"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _start(threads: int) -> None:
    """Prepares a process: it computes with `threads` threads, leaves Ctrl-C to the first process and dies with it."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(multiprocessing.parent_process(),), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
