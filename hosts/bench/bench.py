#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench.py BUILD [--json]: what salvo's bookkeeping costs, beside Linux 6.1's.

BUILD is the folder that Meson built hosts/bench in. See README.md. Exit status: 0; 1, the
instruction counts have grown (--check); 2, bad input, or something could not be run.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

import callgrind

HERE = Path(__file__).resolve().parent
LINUX = HERE.parents[1] / 'docs/peers/mmu_gather/figures.tsv'
EXPECTED = HERE / 'expected.tsv'
BUILDS = ('64', '4096', '2-of-4096')  # CPUs there, of so many that the library is built for
PASSES = 3
GROWTH = 1.03  # what --check lets pass: a few instructions of another compiler's minor version

# What a row does, and how much of the flush is in `instructions`, which is what stands beside
# Linux's row: the calls to this function are left out.
FLUSH, COMPLETE, INTERRUPT = 'salvo_flush_noted', 'salvo_complete_all', 'salvo_port_interrupt'
ROWS = (
    ('gather', 'gather', FLUSH, 'a gather, frames that follow each other'),
    ('gather-scattered', 'gather-scattered', FLUSH, 'a gather, frames in no order'),
    ('gather-marks', 'gather-marks', FLUSH, 'a gather that leaves a mark in each table'),
    ('gather-request', 'gather', COMPLETE, 'the first, with the request of its flush'),
    ('batch', 'batch', COMPLETE, 'a batch, all pages in one space'),
    ('batch-32-spaces', 'batch-32-spaces', COMPLETE, 'a batch, 32 spaces in turn'),
    ('batch-33-spaces', 'batch-33-spaces', COMPLETE, 'a batch, 33 spaces in turn: one finds no room'),
    ('batch-marks', 'batch-marks', COMPLETE, 'a batch that leaves a mark in each table'),
    ('load', 'load', INTERRUPT, 'a switch to a space that the TLB remembers'),
    ('load-untagged', 'load-untagged', INTERRUPT, 'a switch with an untagged TLB'),
    ('lazy', 'lazy', INTERRUPT, 'lazy mode entered and left'),
    ('walk', 'walk', INTERRUPT, 'a walk of the space that is loaded; none where tables are freed after '
     'a grace period'),
    ('walk-marked', 'walk-marked', INTERRUPT, 'a walk of another space'),
    ('walk-sync', 'walk-sync', INTERRUPT, 'who frees a table looks for walks; there are none'),
)
LINUX_ROW = {'gather-marks': 'gather'}  # under another name
PER_PAGE = ('gather', 'batch')


class BadInput(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(message)


def samples(text):
    if not text.isdecimal() or not 2 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"a number from 2 to 1000, not '{text}'")
    return int(text)


def parse(arguments):
    parser = Parser(prog='./dev bench', allow_abbrev=False, usage='%(prog)s [--json] [--samples N]',
                    description="What salvo's bookkeeping costs: instructions by callgrind, "
                    "nanoseconds, and writes to words that CPUs share; beside Linux 6.1's.")
    parser.add_argument('build', type=Path, help=argparse.SUPPRESS)
    parser.add_argument('--json', action='store_true', help='print one JSON object')
    parser.add_argument('--samples', type=samples, default=20, metavar='N',
                        help=f'times that each row is timed, in each of {PASSES} passes (20)')
    parser.add_argument('--check', action='store_true', help=argparse.SUPPRESS)
    parser.add_argument('--record', action='store_true', help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def note(text):
    print(f'bench: {text}', file=sys.stderr, flush=True)


# ---- Running ----

def output(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f'{Path(command[0]).name} failed: {done.stderr.strip()}')
    return [line.split('\t') for line in done.stdout.splitlines()]


def count_instructions(build, cpus):
    """{(row, pages): instructions a unit, and with the flush}: what other CPUs do is left out."""
    counts = {}
    for line, part in callgrind.run(build / f'bookkeeping-{cpus}'):
        case, pages, rounds, units, _ = line.split('\t')
        every = int(rounds) * int(units)
        for row, of_case, left_out, _ in ROWS:
            if of_case == case:
                counts[row, int(pages)] = (
                    (part.total - part.called[left_out]) / every,
                    (part.total - part.called[INTERRUPT]) / every)
    return counts


def count_writes(build, cpus):
    """{(row, pages): writes a round}"""
    counts = {}
    for case, pages, rounds, _, writes in output(build / f'writes-{cpus}', 'rounds'):
        for row, of_case, _, _ in ROWS:
            if of_case == case:
                counts[row, int(pages)] = int(writes) / int(rounds)
    return counts


def measure(build, cpus, count):
    """{(row, pages): nanoseconds a unit, sorted}"""
    times = {}
    for _ in range(PASSES):
        for case, pages, _, _, *ns in output(build / f'bookkeeping-{cpus}', 'times', count):
            times.setdefault((case, int(pages)), []).extend(map(float, ns))
    return {(row, pages): sorted(times[case, pages]) for row, of_case, _, _ in ROWS
            for case, pages in times if case == of_case}


def linux_figures():
    figures = {}
    for line in LINUX.read_text().splitlines():
        if not line.startswith('#'):
            row, cpus, pages, instructions = line.split('\t')
            figures[row, cpus, int(pages)] = float(instructions)
    return figures


# ---- Reporting ----

def summary(ns):
    return {'median': round(median(ns), 2), 'lowest': round(ns[0], 2),
            'ninth_decile': round(quantiles(ns, n=10)[8], 2), 'samples': len(ns)}


def make_row(name, pages, build, counts, ns, writes, linux):
    key = LINUX_ROW.get(name, name)
    theirs = linux.get((key, build, pages), linux.get((key, 'any', pages)))
    ours, with_flush = (round(count, 2) for count in counts)
    there, _, built_for = build.partition('-of-')
    row = {'name': name, 'cpus': int(there), 'max_cpus': int(built_for or there), 'pages': pages,
           'per': 'page' if name.startswith(PER_PAGE) else 'call',
           'instructions': ours, 'instructions_with_flush': with_flush,
           'linux_instructions': theirs, 'ratio': round(ours / theirs, 2) if theirs else None,
           'ns': summary(ns)}
    if name.startswith(PER_PAGE):
        row['shared_writes_per_round'] = round(writes, 2)
        row['shared_writes_per_page'] = round(writes / pages, 4)
    return row


def make_rows(build, count):
    linux, rows = linux_figures(), []
    for cpus in BUILDS:
        note(f'{cpus} CPUs: counting instructions')
        counts = count_instructions(build, cpus)
        note(f'{cpus} CPUs: counting writes, timing')
        writes, times = count_writes(build, cpus), measure(build, cpus, count)
        rows += [make_row(*key, cpus, counts[key], times[key], writes[key], linux)
                 for name, *_ in ROWS for key in counts if key[0] == name]
    return rows


def version(*command):
    return output(*command)[0][0]


def print_table(rows):
    print(f'{"":17}{"":>6}{"":>8}{"-------- instructions ---------":>34}'
          f'{"-- nanoseconds with flush --":>30}{"writes":>9}')
    print(f'{"row":17}{"CPUs":>6}{"pages":>8}{"salvo":>9}{"Linux":>8}{"ratio":>7}{"flush":>10}'
          f'{"median":>10}{"lowest - 9th decile":>20}{"a round":>9}')
    for row in rows:
        linux, ratio, ns = row['linux_instructions'], row['ratio'], row['ns']
        span = f'{ns["lowest"]:.2f} - {ns["ninth_decile"]:.2f}'
        cpus = str(row["cpus"]) + ('' if row["cpus"] == row["max_cpus"] else f'/{row["max_cpus"]}')
        print(f'{row["name"]:17}{cpus:>6}{row["pages"] if row["per"] == "page" else "":>8}'
              f'{row["instructions"]:>9.2f}{"" if linux is None else f"{linux:.2f}":>8}'
              f'{"" if ratio is None else f"{ratio:.2f}":>7}{row["instructions_with_flush"]:>10.2f}'
              f'{ns["median"]:>10.2f}{span:>20}'
              f'{row.get("shared_writes_per_round", ""):>9}')
    print()
    for name, _, left_out, text in ROWS:
        without = '' if left_out == INTERRUPT else f'; "salvo" is without {left_out}'
        print(f'{name}: {text}{without}')
    print('Instructions and nanoseconds are a page, or a call where there are no pages. "flush" is '
          'with all that the\ninitiator does; nanoseconds include what the other CPU does when it is '
          'interrupted. "2/4096": built\nfor 4096 CPUs, of which there are two. "writes": to words '
          'that CPUs share, in a whole round.')


# ---- Checking ----

def measured(build):
    """(build, row, pages, instructions); of a row that leaves the flush out, with it as well"""
    rows = []
    for cpus in BUILDS:
        for (row, pages), (count, with_flush) in count_instructions(build, cpus).items():
            rows.append((cpus, row, pages, count))
            if with_flush != count:
                rows.append((cpus, f'{row} with flush', pages, with_flush))
    return rows


def record(build):
    lines = [f'{cpus}\t{row}\t{pages}\t{count:.2f}\n' for cpus, row, pages, count in measured(build)]
    EXPECTED.write_text('# instructions a page, or a call; written by bench.py --record\n'
                        '# CPUs\trow\tpages\tinstructions\n' + ''.join(lines))


def check(build):
    """A test in TAP: no row's instructions have grown over what expected.tsv has."""
    expected = {}
    for line in EXPECTED.read_text().splitlines():
        if not line.startswith('#'):
            cpus, row, pages, count = line.split('\t')
            expected[cpus, row, int(pages)] = float(count)
    number, good = 0, True
    for cpus, row, pages, count in measured(build):
        number += 1
        limit = expected.get((cpus, row, pages), 0) * GROWTH
        good &= count <= limit
        print(f'{"ok" if count <= limit else "not ok"} {number} - {row}, {pages} pages, {cpus} CPUs')
        if count > limit:
            print(f'# {count:.2f} instructions, at most {limit:.2f}; hosts/bench/README.md')
    print(f'1..{number}')
    return 0 if good else 1


def main(arguments):
    options = parse(arguments)
    if options.check:
        return check(options.build)
    if options.record:
        record(options.build)
        return 0
    rows = make_rows(options.build, options.samples)
    if options.json:
        print(json.dumps({'compiler': version(options.build / 'bookkeeping-64', 'compiler'),
                          'valgrind': version('valgrind', '--version'), 'rows': rows}, indent=1))
    else:
        print_table(rows)
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except (BadInput, OSError) as error:
        note(error)
        sys.exit(2)
