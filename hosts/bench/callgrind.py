# SPDX-License-Identifier: MIT
"""callgrind.py: run the bench's program under callgrind, and read what it counted."""
import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

ROUNDS = 'bench_rounds'  # what it calls is counted
COUNTED = 'bench_counted'  # where it ends a case ends


class Part:
    """What one case did: instructions of each function by itself, and with all that it calls."""

    def __init__(self):
        self.alone = defaultdict(int)
        self.called = defaultdict(int)
        self.total = 0


def name_of(text, names):
    """Callgrind writes `(number) name` once, and then `(number)`."""
    number, _, name = text.partition(' ')
    if name:
        names[number] = name
    return names[number]


def read_parts(lines):
    """The parts of a file of --combine-dumps=yes, one for each case, in order."""
    parts, names, function, callee = [], {}, None, None
    for line in lines:
        key, _, value = line.rstrip('\n').partition('=')
        if line.startswith('part:'):
            parts.append(Part())
        elif line.startswith('totals:'):
            parts[-1].total = int(line.split()[1])
        elif key == 'fn':
            function = name_of(value, names)
        elif key == 'cfn':
            callee = name_of(value, names)
        elif re.match(r'[-+*\d]', line):
            cost = int(line.split()[1])
            if callee is None:
                parts[-1].alone[function] += cost
            else:
                parts[-1].called[callee] += cost
                callee = None
    return parts


def run(program):
    """(what the program printed of a case, its Part), for each case."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / 'out'
        command = ['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}',
                   '--combine-dumps=yes', '--collect-atstart=no',
                   f'--toggle-collect={ROUNDS}', f'--dump-after={COUNTED}', program, 'rounds']
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f'valgrind failed: {done.stderr.strip().splitlines()[-1:]}')
        with open(out) as file:
            return list(zip(done.stdout.splitlines(), read_parts(file)))
