#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mutants.py BUILD --mutants[=SET] [OPTION...] [NAME...]: which programs tell of a missing step.

BUILD is the folder that Meson built hosts/explorer in. The sets: `named`, the patches of
tests/mutants and policies/mutants; `mechanical`, each statement of shootdown.c and each ordering;
`random`, a statement of src/ for each of twenty seeds. See README.md, Mutants. Exit status: 0, each
mutant is killed, or survives with a reason that is written down; 1, not so; 2, bad input.
"""
import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kill
import mutate

ROOT = Path(__file__).resolve().parents[2]
PATCHES = ROOT / 'tests/mutants'
OF_POLICIES = ROOT / kill.POLICIES / 'mutants'
REASONS = PATCHES / 'mechanical.txt'
SEEDS = range(1, 21)


class BadInput(Exception):
    pass


# ---- What was asked for ----

class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(message)


def positive(text):
    if not text.isdecimal() or not 0 < int(text) <= 1 << 32:
        raise argparse.ArgumentTypeError(f"a number from 1 to 4294967296, not '{text}'")
    return int(text)


def parse(arguments):
    parser = Parser(prog='./dev explore', allow_abbrev=False, usage='%(prog)s --mutants[=SET] '
                    '[OPTION...] [NAME...]', description='Which programs tell that a step of the '
                    'library, or a policy, is missing. SET: named (patches), mechanical, random.')
    parser.add_argument('build', type=Path, help=argparse.SUPPRESS)
    parser.add_argument('--mutants', choices=('named', 'mechanical', 'random'), required=True,
                        help='the set; named, if none is')
    parser.add_argument('--memory', choices=kill.MODELS, help='sc or tso; both unless one is named')
    parser.add_argument('--limit-states', type=positive, default=200000, metavar='N',
                        help='how far to look for a program that kills (200000)')
    parser.add_argument('--jobs', type=positive, default=len(os.sched_getaffinity(0)),
                        metavar='N', help='mutants side by side; all CPUs')
    parser.add_argument('--keep', type=Path, metavar='FOLDER',
                        help='keep the explorers, as FOLDER/NAME/explore')
    parser.add_argument('--json', action='store_true', help='print one JSON object')
    parser.add_argument('--check', action='store_true',
                        help='only the programs that the patches name; print TAP')
    parser.add_argument('names', nargs='*', metavar='NAME',
                        help='of patches, or parts of statements; none: all')
    options = parser.parse_intermixed_args(
        ['--mutants=named' if a == '--mutants' else a for a in arguments])
    options.build = options.build.resolve()
    options.models = [options.memory] if options.memory else list(kill.MODELS)
    if (options.check or options.keep) and options.mutants != 'named':
        raise BadInput('--check and --keep go with the named mutants')
    return options


# ---- The sets ----

def named(names):
    """named: the patches that were named, or all."""
    known = {p.stem: p for folder in (PATCHES, OF_POLICIES) for p in sorted(folder.glob('*.patch'))}
    for name in names:
        if name not in known:
            raise BadInput(f"unknown mutant '{name}': tests/mutants has them")
    return [kill.from_patch(known[name]) for name in names or known]


def with_reason(statement, reasons):
    reason = reasons.get(statement.name)
    return kill.from_statement(ROOT, statement, reason)


def mechanical(reasons):
    """mechanical: the statements of shootdown.c, and the orderings of all files that tell."""
    fences, same = mutate.orderings(ROOT, ROOT / 'hosts/explorer/include/salvo/atomic.h')
    told = mutate.statements(ROOT, 'shootdown.c')
    told += [f for f in fences if f.file != 'shootdown.c']
    return [with_reason(s, reasons) for s in told], same


def selected(mutants, names):
    """selected: those that a name is a part of."""
    for name in names:
        if not any(name in m.name for m in mutants):
            raise BadInput(f"no statement of the set has '{name}'")
    return [m for m in mutants if not names or any(name in m.name for name in names)]


def check_reasons(reasons):
    """check_reasons: those whose statement is not there any more."""
    known = {s.name for s in mutate.all_statements(ROOT)}
    return [name for name in reasons if name not in known]


def draw(statements, compiles, reasons):
    """draw: for each seed its first statement that no earlier seed has, and without which the
    library compiles."""
    drawn = {}
    for seed in SEEDS:
        for statement in mutate.drawn(seed, statements):
            if statement.name in drawn:
                continue
            mutant = with_reason(statement, reasons)._replace(step=f'seed {seed}')
            if compiles(mutant):
                drawn[statement.name] = mutant
                break
    return list(drawn.values())


# ---- Running them ----

class Progress:
    """A line on standard error, where somebody sees it."""

    def __init__(self, total):
        self.total, self.done, self.survive = total, 0, 0

    def step(self, outcome):
        self.done += 1
        self.survive += outcome.verdict == 'survives'
        if sys.stderr.isatty():
            print(f'\r\033[K{self.done} of {self.total} mutants, {self.survive} survive; '
                  f'{outcome.mutant.name[:60]}', end='', file=sys.stderr, flush=True)

    def end(self):
        if sys.stderr.isatty():
            print('\r\033[K', end='', file=sys.stderr)


def run_all(options, mutants, show):
    """run_all: side by side; `show` is called in their order, as soon as that is known."""
    hunt = kill.Hunt(ROOT, options)
    progress = Progress(len(mutants))
    outcomes = []

    def run_one(mutant):
        outcome = hunt.run(mutant)
        progress.step(outcome)
        return outcome

    with ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(run_one, mutants):
            progress.end()
            show(outcome)
            outcomes.append(outcome)
    return outcomes


# ---- Tables ----

NAME_WIDTH = 28
ROW = '{:<{width}} {:<4} {:<30} {:<8} {:>9} {:>5}  {}'


def show_table_head(options, what, width):
    print(f'salvo mutants: {what}; memory {" and ".join(options.models)}, '
          f'at most {options.limit_states} states a program, {options.jobs} at once')
    print(ROW.format('mutant', '', 'killed by', '', 'states', 'steps', 'step', width=width))


def show_rows(outcome, width):
    """show_rows: a line for each memory model, after the name if that is long."""
    name, step = outcome.mutant.name, outcome.mutant.step
    if len(name) > width:
        print(name)
        name = ''
    if not outcome.kills:
        print(f'{name:<{width}} {outcome.verdict}: {outcome.why}', flush=True)
        return
    for model, killed in outcome.kills.items():
        cells = killed.cells() if killed else ('-', '', '', '')
        print(ROW.format(name, model, *cells, step, width=width).rstrip(), flush=True)
        name = step = ''


def show_tap(number, outcome):
    good = 'ok' if outcome.good() else 'not ok'
    print(f'{good} {number} - {outcome.mutant.name} {outcome.verdict}: {outcome.why}', flush=True)


def verdict(outcomes, complaints):
    """verdict: the last line."""
    count = {}
    for outcome in outcomes:
        count[outcome.verdict] = count.get(outcome.verdict, 0) + 1
    parts = [f'{verdict} {number}' for verdict, number in sorted(count.items())]
    bad = len([o for o in outcomes if not o.good()]) + len(complaints)
    mutants = 'mutant' if len(outcomes) == 1 else 'mutants'
    text = f'{len(outcomes)} {mutants}: {", ".join(parts)}'
    return f'NOT as expected: {bad}; {text}' if bad else f'as expected: {text}'


def as_json(options, outcomes, same):
    """as_json: one object. What is excused is listed by itself, with its reason."""
    rows = [row for o in outcomes for row in o.rows()]
    excused = [{'name': o.mutant.name, 'step': o.mutant.step, 'kind': o.mutant.reason.kind,
                'reason': o.mutant.reason.text} for o in outcomes if o.verdict in mutate.KINDS]
    if options.mutants == 'named':
        return {'mutants': rows, 'deferred': excused, 'mechanical': []}
    orders = [{'name': name, 'count': count, 'killed_by': None, 'reason': SAME}
              for name, count in same.items()]
    return {'mutants': [], 'deferred': excused, options.mutants: rows + orders}


SAME = 'weaker: under sc and tso it is the same program'


def show_same(same):
    for name, count in same.items():
        print(f'{name}, {count} times: {SAME}')


# ---- The command ----

def prepare(options):
    """prepare: the mutants of the set, what they are in words, and orderings that make none."""
    if options.mutants == 'named':
        return named(options.names), 'of tests/mutants', {}, []
    reasons = mutate.reasons(REASONS)
    stale = check_reasons(reasons)
    if options.mutants == 'mechanical':
        mutants, same = mechanical(reasons)
        what = 'of the statements of src/shootdown.c, and orderings of src/'
    else:
        compiles = kill.Hunt(ROOT, options).compiles
        mutants, same = draw(mutate.all_statements(ROOT), compiles, reasons), {}
        what = f'of the statements of src/, for {len(SEEDS)} seeds'
    return selected(mutants, options.names), what, same, stale


def check(options, mutants):
    """check: for `dev test`."""
    stale = check_reasons(mutate.reasons(REASONS))
    print(f'1..{len(mutants) + 1}')
    number = iter(range(1, len(mutants) + 1))
    outcomes = run_all(options, mutants, lambda outcome: show_tap(next(number), outcome))
    print('not ok' if stale else 'ok', f'{len(mutants) + 1} - reasons are of statements that exist')
    for name in stale:
        print(f'# {name}')
    return 0 if not stale and all(o.good() for o in outcomes) else 1


def table(options, mutants, what, same, stale):
    width = min(NAME_WIDTH, max(len(m.name) for m in mutants))
    if not options.json:
        show_table_head(options, f'{len(mutants)} {what}', width)
        show_same(same)
    outcomes = run_all(options, mutants, (lambda o: None) if options.json else
                       (lambda o: show_rows(o, width)))
    if options.json:
        print(json.dumps(as_json(options, outcomes, same), indent=1))
    else:
        for name in stale:
            print(f'a reason for what is not there any more: {name}')
        print(verdict(outcomes, stale))
    return 0 if not stale and all(o.good() for o in outcomes) else 1


def main():
    try:
        options = parse(sys.argv[1:])
        mutants, what, same, stale = prepare(options)
        if options.check:
            return check(options, mutants)
        return table(options, mutants, what, same, stale)
    except (BadInput, ValueError, OSError) as problem:
        print(f'salvo: {problem}', file=sys.stderr)
        return 2


if __name__ == '__main__':
    sys.exit(main())
