# SPDX-License-Identifier: MIT
"""sweeps.py: the runs that a report is made of, each by `simulator simulate --json`."""
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

PROCESS = 64  # threads of a process, in the sweep of munmap
RUN_BYTES = 1 << 30  # what a run of 4096 CPUs takes, rounded up


class Failed(Exception):
    """What is told in one line."""


class Wrong(Failed):
    """What a run of the simulator found wrong with a policy."""


@dataclass(frozen=True)
class Sweep:
    """A workload over numbers of CPUs. The simulated time of a run gets shorter where CPUs are
    many, for as many operations are counted then in less of it."""
    workload: str
    title: str
    about: str
    options: tuple  # of simulate, besides
    longest: float  # seconds counted, of a run of few CPUs
    shortest: float
    cpu_seconds: float  # counted, of all CPUs of a run together: what lies between them
    warm_up: float
    warm_up_of_many: float  # more than PROCESS CPUs
    shared: bool = False  # CPUs share a process

    def seconds(self, cpus):
        return min(self.longest, max(self.shortest, self.cpu_seconds / cpus))

    def arguments(self, cpus):
        warm_up = self.warm_up if cpus <= PROCESS else self.warm_up_of_many
        processes = (cpus + PROCESS - 1) // PROCESS if self.shared else cpus
        return (*self.options, '--workload', self.workload, '--cpus', f'{cpus}',
                '--spaces', f'{processes}', '--seconds', f'{self.seconds(cpus):.9f}',
                '--warm-up', f'{warm_up}')


def reclaim(quick):
    return Sweep('readers', 'Reclaim of mapped files',
                 'A process on each CPU reads a mapped file of its own; together the files are larger '
                 'than memory, 512 frames (2 MiB) for each busy CPU, so reclaim takes pages back all '
                 'the time. A page is one that was read. Under salvo and salvo-unmarked reclaim takes '
                 'eight groups of pages a flush, a change of the caller besides: for the protocol alone '
                 'compare batch, which takes one group as linux does, with linux.',
                 ('--memory', '512'), *((0.005, 0.005, 0, 0.01, 0.01) if quick
                                        else (0.05, 0.01, 10.24, 0.01, 0.01)))


def storm(quick):
    return Sweep('munmap', 'A storm of munmap',
                 'Threads write to four pages of their own and give them back, over and over, as '
                 f'allocators do. Up to {PROCESS} CPUs run one process; more CPUs run more processes '
                 f'of {PROCESS} threads. A page is one that was given back.',
                 (), *((0.001, 0.0002, 0, 0.0003, 0.0003) if quick
                       else (0.005, 0.0002, 0.128, 0.004, 0.0003)), shared=True)


SWEEPS = (reclaim, storm)


def cpu_counts(cpus, quick):
    """cpu_counts: 1 to all CPUs, in powers of four, or of two on a small machine."""
    step = 4 if cpus > 64 or quick else 2
    most = min(cpus, 16) if quick else cpus
    counts, count = [], 1
    while count < most:
        counts.append(count)
        count *= step
    return counts + [most]


# ---- Running ----

running = set()  # simulators; none outlives the report
stopping = threading.Event()


def output(*command):
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as simulator:
        running.add(simulator)
        if stopping.is_set():
            simulator.kill()
        printed, said = simulator.communicate()
        running.discard(simulator)
    if simulator.returncode != 0:
        raise (Wrong if simulator.returncode == 1 else Failed)(
            said.strip().rpartition('\n')[2].removeprefix('salvo: ') or
            f'simulator ended with status {simulator.returncode}')
    return printed


def stop():
    stopping.set()
    for simulator in list(running):
        simulator.kill()


def jobs_by_default():
    """jobs_by_default: the CPUs, as far as memory lasts for a run of 4096 simulated CPUs on each."""
    with open('/proc/meminfo', encoding='ascii') as lines:
        kib = next(int(line.split()[1]) for line in lines if line.startswith('MemAvailable'))
    return max(1, min(len(os.sched_getaffinity(0)), kib * 1024 // RUN_BYTES))


def probe(simulator, common):
    """probe: a run of each policy that is as good as none: it says what machine and policies there
    are, and what is wrong with the machine."""
    return json.loads(output(simulator, 'simulate', '--json', *common, '--workload', 'munmap',
                             '--policy', 'all', '--cpus', '1', '--seconds', '0.00001', '--warm-up', '0',
                             '--jobs', '1'))['runs']


def progress(done, count):
    if sys.stderr.isatty():
        print(f'\rreport: {done} of {count} runs', end='' if done < count else '\n',
              file=sys.stderr, flush=True)
    elif done * 20 // count != (done - 1) * 20 // count:
        print(f'report: {done} of {count} runs', file=sys.stderr, flush=True)


def run_one(simulator, common, sweep, policy, cpus):
    return json.loads(output(simulator, 'simulate', '--json', *common, *sweep.arguments(cpus),
                             '--policy', policy))


def run_all(simulator, common, sweeps, names, counts, jobs):
    """run_all: {(workload, policy, CPUs): result, or what was wrong, as Wrong}. The longest runs
    go first, so that no core waits for one at the end."""
    wanted = [(sweep, policy, cpus) for cpus in reversed(counts) for sweep in sweeps
              for policy in names]
    results = {}
    progress(0, len(wanted))
    with ThreadPoolExecutor(jobs) as pool:
        futures = {}
        try:
            for which in wanted:
                futures[pool.submit(run_one, simulator, common, *which)] = which
            waited_for = set(futures)
            while waited_for:
                # A signal may reach a thread that waits for a run: this one must look by itself.
                ended, waited_for = wait(waited_for, timeout=1, return_when=FIRST_COMPLETED)
                for one in ended:
                    sweep, policy, cpus = futures[one]
                    wrong = one.exception()
                    results[sweep.workload, policy, cpus] = (wrong if isinstance(wrong, Wrong)
                                                             else one.result())
                    progress(len(results), len(wanted))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
    return results
