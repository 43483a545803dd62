# SPDX-License-Identifier: MIT
"""kill.py: mutants of the library and of the simulator's policies, an explorer of each, and the
programs that tell it from what was changed."""
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, NamedTuple, Optional

import mutate

MODELS = ('sc', 'tso')
NAMED_LIMIT = 2000000  # states, for a program that a patch names
FIRST_LOOK = 10  # all programs are tried with one part in so many of the limit, then with all of it
SIMULATOR, POLICIES = 'hosts/simulator', 'hosts/explorer/policies'
NO_SOURCES = shutil.ignore_patterns('machines', 'workloads', '*.tsv', '*.py', 'mutants')
SECONDS, STATES_PER_SECOND = 30, 10000  # a search that takes more CPU time than this does not end


class NoMutant(Exception):
    """The patch does not apply, or what it makes does not compile."""


class Mutant(NamedTuple):
    name: str
    step: str
    make: Callable[[Path], list]  # changes src/ of a folder; returns the names of what it changed
    killer: list  # the arguments of the explorer that the patch names
    reason: Optional[mutate.Reason]  # why it may survive
    drawn: bool  # by a script, so that it may be no change at all


class Killed(NamedTuple):
    program: str
    how: str
    states: int
    steps: int

    def oracle(self):
        """oracle: its number; or what else came of it, a crash."""
        return int(self.how.split()[1]) if self.how.startswith('oracle') else self.how

    def cells(self):
        return self.program, self.how, self.states, self.steps


class Outcome(NamedTuple):
    mutant: Mutant
    kills: dict  # Killed or None, by memory model
    verdict: str  # killed, survives, broken, contradicted, or the kind of the reason
    why: str

    def good(self):
        return self.verdict == 'killed' or self.verdict in mutate.KINDS

    def rows(self):
        """rows: for JSON."""
        base = {'name': self.mutant.name, 'step': self.mutant.step}
        if self.verdict in ('survives', 'broken'):
            return [{**base, 'memory': None, 'killed_by': None, 'problem': self.why}]
        return [{**base, 'memory': model, 'killed_by': k.program, 'oracle': k.oracle(),
                 'states': k.states, 'steps': k.steps} for model, k in self.kills.items() if k]


# ---- What makes a mutant ----

def header(patch):
    """header: values by key; of a key that comes twice, those that are lists."""
    values = {'Killed-by': []}
    for line in patch.read_text().splitlines():
        if line.startswith('---'):
            return values
        key, _, value = line.partition(': ')
        if key == 'Killed-by':
            values[key].append(value.strip())
        else:
            values[key] = value.strip()
    raise ValueError(f'{patch.name}: no patch in it')


def apply(patch, folder):
    """apply: a patch names files as src/NAME, or those of the simulator, and must fit exactly."""
    done = subprocess.run(['patch', '-d', folder, '-p1', '--fuzz=0', '--batch', '-s', '-i', patch],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise NoMutant('the patch does not apply: ' + ' '.join(done.stdout.split())[:120])
    return re.findall(r'^\+\+\+ b/(?:src/)?(\S+)', patch.read_text(), re.M)


def from_patch(patch):
    values = header(patch)
    if 'Step' not in values:
        raise ValueError(f'{patch.name}: its header names no step')
    killers = [k.split()[1:] for k in values['Killed-by'] if k.startswith('explorer ')]
    reason = None
    for key, kind in (('Deferred', 'weaker'), ('Unexplored', 'unexplored')):
        if key in values:
            reason = mutate.Reason(kind, values[key])
    return Mutant(patch.stem, values['Step'], lambda folder: apply(patch, folder),
                  killers[0] if killers else [], reason, False)


def from_statement(root, statement, reason):
    def make(folder):
        (folder / 'src' / statement.file).write_text(mutate.without(root, statement))
        return [statement.file]

    return Mutant(statement.name, '', make, [], reason, True)


# ---- Explorers ----

class Workshop:
    """Compiles explorers of changed libraries: only what was changed, the rest is the build's. A
    variable that a mutant does not set is nonsense, and the same nonsense each time."""

    def __init__(self, root, build):
        self.root, self.build = root, build
        here = root / 'hosts/explorer'
        self.compiler = os.environ.get('CC', 'cc').split()
        self.flags = (here / 'flags.txt').read_text().split() + [
            '-w', '-ftrivial-auto-var-init=pattern', f'-I{here}/include', f'-I{here}',
            f'-I{root}/include']
        self.sources = [Path(s).name for s in (root / 'src/sources.txt').read_text().split()]
        self.originals = {}

    def call(self, arguments, folder):
        done = subprocess.run(arguments, cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            said = [line for line in done.stdout.splitlines() if 'error' in line]
            raise NoMutant('does not compile: ' + ''.join(said[:1]))

    def compile(self, folder, source, narrow):
        """compile: a source of the library's, or one that is a policy's, as meson.build does."""
        limits = ['-DSALVO_COUNTER_BITS=3', '-DSALVO_CPUSET_BITS=1'] if narrow else []
        target = f'{Path(source).stem}{"-narrow" if narrow else ""}.o'
        path = f'src/{source}'
        if source.startswith(SIMULATOR):
            own = f'{POLICIES}/{Path(source).name}'
            path = own if (folder / own).exists() else source
            limits += ['-include', folder / POLICIES / 'simulator.h', f'-I{folder}/{SIMULATOR}']
        self.call([*self.compiler, *self.flags, *limits, '-c', path, '-o', target], folder)
        return folder / target

    def make(self, mutant, folder):
        """make: the mutant's source, and its objects; returns what it changed."""
        shutil.copytree(self.root / 'src', folder / 'src')
        for tree in (SIMULATOR, POLICIES):
            shutil.copytree(self.root / tree, folder / tree, ignore=NO_SOURCES)
        changed = mutant.make(folder)
        if any(name.endswith('.h') for name in changed):
            changed = self.sources
        for source in changed:
            self.compile(folder, source, False)
        return changed

    def is_same(self, folder, changed, scratch):
        """is_same: the compiler made of it what it makes of the library."""
        for source in changed:
            if source not in self.originals:
                original = Path(tempfile.mkdtemp(dir=scratch))
                shutil.copytree(self.root / 'src', original / 'src')
                self.originals[source] = [self.compile(original, source, narrow).read_bytes()
                                          for narrow in (False, True)]
            wide, narrow = self.originals[source]
            if ((folder / f'{Path(source).stem}.o').read_bytes() != wide
                    or self.compile(folder, source, True).read_bytes() != narrow):
                return False
        return True

    def link(self, folder, changed, narrow):
        """link: an explorer of the mutant; narrow: with counters that wrap at eight, and sets that
        have a word for each CPU."""
        suffix = '-narrow' if narrow else ''
        explorer = folder / f'explore{suffix}'
        if explorer.exists():
            return explorer
        objects = [self.compile(folder, s, narrow) if narrow else folder / f'{Path(s).stem}.o'
                   for s in changed]
        objects += [o for s in self.sources if s not in changed
                    for o in (self.build / f'explore{suffix}.p').glob(f'*_src_{s}.o')]
        self.call([*self.compiler, '-no-pie', '-o', explorer, *objects, '-Wl,--whole-archive',
                   self.build / f'libexplorer{suffix}.a', '-Wl,--no-whole-archive',
                   self.build / f'libpolicies{suffix}.a', '-ljansson'], folder)
        return explorer


# ---- The hunt ----

def option(arguments, name, otherwise):
    return arguments[arguments.index(name) + 1] if name in arguments else otherwise


def named_for(mutant, model):
    """named_for: a program that the patch names kills under this model, which need not be all."""
    return mutant.killer and option(mutant.killer, '--memory', model) == model


def explore(explorer, program, model, limit):
    """explore: Killed, if the program fails with that explorer under that memory model; and whether
    all was seen."""
    done = subprocess.run(
        ['prlimit', f'--cpu={SECONDS + limit // STATES_PER_SECOND}', explorer, '--json',
         '--memory', model, '--limit-states', str(limit), '--jobs', '1', program],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        found = json.loads(done.stdout)['programs'][0]
    except (ValueError, LookupError) as problem:
        raise OSError(f'{explorer} {program}: no result') from problem
    if found['verdict'].startswith(('safe', 'not exhausted')):
        return None, found['complete']
    how = found['verdict'].replace('fails', 'oracle')
    return Killed(program, how, found['states'], found['steps']), True


class Hunt:
    """Tries programs on mutants. Those that fail anyway, or take long, tell nothing."""

    def __init__(self, root, options):
        self.options = options
        self.workshop = Workshop(root, options.build)
        self.scratch = tempfile.TemporaryDirectory(prefix='mutants-', dir=options.build)
        listed = subprocess.run([options.build / 'explore', '--list'], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        told = [line.split() for line in listed.splitlines()
                if 'expect: safe' in line and ', long' not in line]
        self.programs = [words[0] for words in sorted(told, key=lambda words: words[1])]
        self.known = {}

    def folder(self, mutant):
        if not self.options.keep:
            return Path(tempfile.mkdtemp(dir=self.scratch.name))
        folder = self.options.keep / mutant.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder.resolve()

    def compiles(self, mutant):
        folder = self.folder(mutant)
        try:
            self.workshop.make(mutant, folder)
            return True
        except NoMutant:
            return False
        finally:
            shutil.rmtree(folder)

    def tells(self, program, narrow, model, limit):
        """tells: the program does not fail with the library as it is."""
        search = (program, narrow, model, limit)
        if search not in self.known:
            explorer = self.options.build / f'explore{"-narrow" if narrow else ""}'
            self.known[search] = explore(explorer, program, model, limit)[0] is None
        return self.known[search]

    def by_named(self, mutant, model, linked):
        """by_named: whether the program that the patch names kills, without a crash, under that
        memory model."""
        limit = int(option(mutant.killer, '--limit-states', NAMED_LIMIT))
        narrow = '--narrow' in mutant.killer
        killed, _ = explore(linked(narrow), mutant.killer[0], model, limit)
        return killed if killed and killed.how != 'crashes' else None

    def by_any(self, model, linked):
        """by_any: the first program that kills, those of few CPUs first; all get a short look
        before any gets a long one, and then one with counters that wrap. A crash tells less than
        an oracle, and is the answer if nothing else is."""
        limit = self.options.limit_states
        seen, crash = set(), None
        for narrow, states in ((False, limit // FIRST_LOOK), (False, limit),
                               (True, limit // FIRST_LOOK)):
            for program in self.programs:
                if (program, narrow) in seen:
                    continue
                killed, complete = explore(linked(narrow), program, model, states)
                if killed and self.tells(program, narrow, model, states):
                    killed = killed._replace(program=program + ' --narrow' * narrow)
                    if killed.how != 'crashes':
                        return killed
                    crash = crash or killed
                if complete:
                    seen.add((program, narrow))
        return crash

    def kill_under(self, mutant, model, linked):
        if not mutant.killer:
            return None if self.options.check else self.by_any(model, linked)
        if not named_for(mutant, model):
            return None
        killed = self.by_named(mutant, model, linked)
        return killed if killed or self.options.check else self.by_any(model, linked)

    def judge(self, mutant, folder):
        changed = self.workshop.make(mutant, folder)
        reason = mutant.reason
        if self.options.check and reason and not mutant.killer:
            return Outcome(mutant, {}, reason.kind, reason.text)
        if mutant.drawn and self.workshop.is_same(folder, changed, self.scratch.name):
            return Outcome(mutant._replace(reason=mutate.Reason('equivalent', 'the same code')), {},
                           'equivalent', 'the compiler makes the same code of it')
        found = {model: self.kill_under(
            mutant, model, lambda narrow: self.workshop.link(folder, changed, narrow))
            for model in self.options.models}
        killers = [f'{k.program} {m}, {k.how}' for m, k in found.items() if k]
        if killers and reason:
            return Outcome(mutant, found, 'contradicted', f'{killers[0]}, but: {reason.text}')
        missing = [m for m in found if not found[m] and named_for(mutant, m)]
        if killers and not missing:
            return Outcome(mutant, found, 'killed', '; '.join(killers))
        if reason:
            return Outcome(mutant, {}, reason.kind, reason.text)
        where = f' under {" and ".join(missing)}' if killers else ''
        asked = mutant.killer[0] if self.options.check and mutant.killer else 'every program'
        return Outcome(mutant, {}, 'survives', f'{asked}{where}, without a reason')

    def run(self, mutant):
        folder = self.folder(mutant)
        try:
            return self.judge(mutant, folder)
        except NoMutant as problem:
            return Outcome(mutant, {}, 'broken', str(problem))
        finally:
            if not self.options.keep:
                shutil.rmtree(folder)
