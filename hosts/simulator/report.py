#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""report.py SIMULATOR DIR [OPTION...]: a page with plots of what each policy costs, and its data.

SIMULATOR is the program that Meson built. DIR gets index.html, which needs nothing else, and the
figures that it shows as CSV. See README.md, Report. Exit status: 0; 1, a policy did wrong in a run,
as the page says; 2, bad input, or something could not be run.
"""
import argparse
import contextlib
import csv
import io
import os
import re
import signal
import sys
from pathlib import Path

import page
from sweeps import SWEEPS, Failed, Wrong, cpu_counts, jobs_by_default, probe, run_all

MACHINES = Path(__file__).resolve().parent / 'machines'
PAGE = 'index.html'
TABLES = ('runs.csv', 'waits.csv', 'where.csv')


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Failed(f'{message}; --help names the options')


def number(least, most):
    def parse(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}, not '{text}'")
        return int(text)
    return parse


def parse(arguments):
    parser = Parser(prog='./dev report', allow_abbrev=False,
                    description='Simulate every policy on 1 to all CPUs of a machine, and write a '
                    'page with plots of what flushes cost. DIR is a new or empty folder, or one that '
                    'holds such a report.')
    parser.add_argument('simulator', type=Path, help=argparse.SUPPRESS)
    parser.add_argument('folder', type=Path, metavar='DIR')
    parser.add_argument('--machine', default='4096-cpus', metavar='FILE',
                        help='a machine file, or the name of one that is shipped (4096-cpus)')
    parser.add_argument('--seed', type=number(0, 2 ** 63 - 1), default=1, metavar='N',
                        help='the same seed, the same report; 1')
    parser.add_argument('--jobs', type=number(1, 1024), default=None, metavar='N',
                        help='runs side by side; one a CPU of this machine')
    parser.add_argument('--quick', action='store_true', help='up to 16 CPUs, for a short time: seconds')
    return parser.parse_args(arguments)


# ---- The folder ----

def check_folder(folder):
    """check_folder: nothing of anybody else's is there."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Failed(f'{folder} is not a folder')
    names = sorted(entry.name for entry in folder.iterdir())
    others = [name for name in names if name not in (PAGE, *TABLES)]
    if others:
        raise Failed(f'{folder} holds something else ({others[0]}): name a new or an empty folder')
    if names and not is_report(folder / PAGE):
        raise Failed(f'{folder} holds files that are not of a report ({names[0]}): '
                     'name a new or an empty folder')


def is_report(path):
    return path.is_file() and page.MARK in path.read_text(encoding='utf-8', errors='replace')[:1000]


@contextlib.contextmanager
def make_folder(folder):
    """make_folder: one that was not there goes again if nothing came into it."""
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(f'cannot make {folder}: {error.strerror}') from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Failed(f'cannot write in {folder}')
    try:
        yield
    finally:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


def write(folder, texts):
    """write: all files, each under its name only when it is whole."""
    for name, text in texts.items():
        whole = folder / f'.{name}.new'
        whole.write_text(text, encoding='utf-8')
        whole.replace(folder / name)


# ---- The tables ----

def cost(result):
    return result['cost_per_page_ns'] if result['pages'] else None


def lost(result):
    """lost: the share of a busy CPU's time that interrupts took."""
    return result['stolen_ns_per_cpu'] / 1e9 / result['seconds_simulated']


def shares(result):
    """shares: of the time of busy CPUs."""
    spent = {where: seconds for where, seconds in result['where'].items() if where != 'idle'}
    total = sum(spent.values()) or 1
    return {where: seconds / total for where, seconds in spent.items()}


def row_of(key, result):
    workload, policy, cpus = key
    wait = result['wait']
    return {'workload': workload, 'policy': policy, 'cpus': cpus,
            'seconds_simulated': result['seconds_simulated'], 'pages': result['pages'],
            'interrupts': result['interrupts'], 'cost_per_page_ns': cost(result),
            'interrupts_per_s': result['interrupts_per_s'], 'waits': wait['count'],
            **{f'wait_{name}_ns': wait[name] if wait['count'] else None
               for name in ('p50', 'p90', 'p99', 'max')},
            'lost_share': lost(result), 'bound_by': result['bound_by']}


def text_of(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator='\n')
    writer.writeheader()
    for row in rows:
        writer.writerow({name: f'{value:.9g}' if isinstance(value, float) else value
                         for name, value in row.items()})
    return out.getvalue()


def tables(results):
    waits, where = [], []
    for (workload, policy, cpus), result in results.items():
        which = {'workload': workload, 'policy': policy, 'cpus': cpus}
        waits += [{**which, 'at_least_ns': least, 'count': count}
                  for least, count in result['wait']['histogram']]
        where += [{**which, 'where': name, 'seconds': result['where'][name], 'share': share}
                  for name, share in shares(result).items()]
    return [row_of(key, result) for key, result in results.items()], waits, where


# ---- The report ----

def machine_file(name):
    """machine_file: as simulate finds it."""
    return Path(name) if re.search('[/.]', name) or Path(name).exists() else MACHINES / f'{name}.ini'


def report(options):
    common = ('--machine', options.machine, '--seed', options.seed)
    known = probe(options.simulator, common)
    sweeps = [make(options.quick) for make in SWEEPS]
    counts = cpu_counts(known[0]['cpus'], options.quick)
    with make_folder(options.folder):
        return write_report(options, common, known, sweeps, counts)


def write_report(options, common, known, sweeps, counts):
    names = [policy['policy'] for policy in known]
    found = run_all(options.simulator, common, sweeps, names, counts, options.jobs or jobs_by_default())
    ordered = [(sweep.workload, name, count) for sweep in sweeps for name in names for count in counts]
    wrong = [(key, str(found[key])) for key in ordered if isinstance(found[key], Wrong)]
    results = {key: found[key] for key in ordered if not isinstance(found[key], Wrong)}
    rows, waits, where = tables(results)
    path = machine_file(options.machine)
    context = page.Context(known[0]['machine'], path.name, path.read_text(encoding='utf-8'),
                           options.seed, options.quick, known, sweeps, counts, wrong, TABLES)
    texts = dict(zip(TABLES, map(text_of, (rows, waits, where))))
    write(options.folder, {**texts, PAGE: page.make(context, rows, waits, where)})
    print(options.folder / PAGE)
    for (workload, _, cpus), what in wrong:
        print(f'report: {workload}, {cpus} CPUs: {what}', file=sys.stderr)
    return 1 if wrong else 0


def main(arguments):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = parse(arguments)
    check_folder(options.folder)
    return report(options)


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failed, OSError) as error:
        print(f'report: {error}', file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
