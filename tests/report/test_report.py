#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_report.py SIMULATOR REPORT WORK: the report, made with --quick in the folder WORK; TAP."""
import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import traceback
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

import browser

SIMULATOR, REPORT, WORK = sys.argv[1], sys.argv[2], Path(sys.argv[3])
MADE = WORK / 'report'
FILES = {'index.html', 'runs.csv', 'waits.csv', 'where.csv'}
WIDTH = 900
PLOTS = 5  # of each workload

# What the page's table has of a run, in its order, under the names of runs.csv.
COLUMNS = ('policy', 'cpus', 'bound_by', 'seconds_simulated', 'cost_per_page_ns', 'interrupts_per_s',
           'wait_p50_ns', 'wait_p99_ns', 'lost_share')


def report(*arguments):
    return subprocess.run([sys.executable, REPORT, SIMULATOR, *map(str, arguments)],
                          capture_output=True, text=True, timeout=250)


def rows(name):
    with open(MADE / name, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- What is in the folder ----

def it_is_made():
    done = report(MADE, '--quick', '--jobs', 2)
    assert done.returncode == 0, done.stderr
    assert set(contents(MADE)) == FILES
    assert done.stdout.strip() == str(MADE / 'index.html')
    assert re.search(r'(\d+) of \1 runs', done.stderr), 'no progress'


def the_same_seed_gives_the_same_bytes():
    before = contents(MADE)
    assert report(MADE, '--quick', '--jobs', 1).returncode == 0
    assert contents(MADE) == before


class Cells(HTMLParser):
    """The table cells of a page: rows of texts, a figure as its exact value."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.cell, self.exact = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == 'tr':
            self.rows.append([])
        elif tag == 'td':
            self.cell, self.exact = '', None
        elif tag == 'data':
            self.exact = dict(attributes)['value']

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag == 'td':
            self.rows[-1].append(self.cell if self.exact is None else self.exact)
            self.cell = None


def the_page_has_the_figures_of_the_tables():
    cells = Cells((MADE / 'index.html').read_text(encoding='utf-8'))
    shown = [row for row in cells.rows if len(row) == len(COLUMNS)]
    expected = [[run[name] or 'none' for name in COLUMNS] for run in rows('runs.csv')]
    assert expected and shown == expected


def simulate(*arguments):
    done = subprocess.run([SIMULATOR, 'simulate', *map(str, arguments)], capture_output=True, text=True,
                          timeout=250, check=True)
    return done.stdout


def the_tables_have_the_figures_of_the_simulator():
    options = {'readers': ('--memory', 512, '--warm-up', 0.01), 'munmap': ('--warm-up', 0.0003)}
    for run in rows('runs.csv'):
        if (run['policy'], run['cpus']) not in (('linux', '4'), ('salvo', '16')):
            continue
        which = (word for name in ('workload', 'policy', 'cpus') for word in (f'--{name}', run[name]))
        result = json.loads(simulate('--json', '--machine', '4096-cpus', *options[run['workload']],
                                     *which, '--seconds', run['seconds_simulated']))
        assert run['bound_by'] == result['bound_by']
        assert int(run['wait_p99_ns']) == result['wait']['p99']
        for name in ('pages', 'interrupts', 'interrupts_per_s', 'cost_per_page_ns'):
            assert run[name] == f'{result[name]:.9g}', (run, name, result[name])


def the_tables_agree():
    waits, shares = defaultdict(int), defaultdict(float)
    for row in rows('waits.csv'):
        waits[row['workload'], row['policy'], row['cpus']] += int(row['count'])
    for row in rows('where.csv'):
        shares[row['workload'], row['policy'], row['cpus']] += float(row['share'])
    for run in rows('runs.csv'):
        key = run['workload'], run['policy'], run['cpus']
        assert waits[key] == int(run['waits']), key
        assert abs(shares[key] - 1) < 1e-6, key


def the_page_needs_nothing_else():
    text = (MADE / 'index.html').read_text(encoding='utf-8')
    targets = re.findall(r'(?:src|href)\s*=\s*["\']([^"\']*)', text)
    assert all(target.startswith('#') or target in FILES for target in targets), targets
    assert not re.search(r'<(script|link|img|iframe)|@import|url\((?![\'"]?#)', text)
    identifiers = re.findall(r'\sid\s*=\s*["\']([^"\']*)', text)
    assert len(identifiers) == len(set(identifiers)), 'an identifier twice'


# ---- What is refused ----

def refused(words, *arguments):
    done = report(*arguments)
    assert done.returncode == 2 and done.stdout == '', (arguments, done)
    assert done.stderr.count('\n') == 1 and words in done.stderr, done.stderr


def a_folder_of_somebody_else_stays_as_it_is():
    for name in ('letter.txt', 'index.html', 'runs.csv'):
        other = WORK / 'other'
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        (other / name).write_text('mine')
        refused(str(other), other, '--quick')
        assert contents(other) == {name: b'mine'}
    refused('not a folder', WORK / 'other' / 'runs.csv', '--quick')
    refused('cannot make', '/proc/report', '--quick')


def bad_input_is_told_in_a_line():
    refused('--seed', WORK / 'new', '--seed', '-1')
    refused('--jobs', WORK / 'new', '--jobs', 'many')
    refused('DIR', '--quick')
    refused('absent.ini', WORK / 'new', '--machine', 'absent.ini')
    assert not (WORK / 'new').exists()


def a_report_that_is_stopped_leaves_no_simulator():
    with subprocess.Popen([sys.executable, REPORT, SIMULATOR, WORK / 'new'],
                          stderr=subprocess.PIPE, text=True) as stopped:
        assert '0 of' in stopped.stderr.readline()
        simulators = children(stopped.pid)
        while not simulators:
            simulators = children(stopped.pid)
        stopped.terminate()
        try:
            assert stopped.wait(timeout=60) == 128 + signal.SIGTERM
        finally:
            stopped.kill()
    assert not any(Path(f'/proc/{simulator}').exists() for simulator in simulators)
    assert not (WORK / 'new').exists()


def children(pid):
    return {int(child) for task in Path(f'/proc/{pid}/task').iterdir()
            for child in (task / 'children').read_text().split()}


# ---- In a browser ----

def rgb(colour):
    return tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5))


def plots_are_drawn(picture, measured, paper):
    """plots_are_drawn: each has ink on paper, of several colours; a bar chart has large areas."""
    for plot in measured['plots']:
        colours = picture.colours(plot['x'], plot['y'], plot['width'], plot['height'])
        ink = {colour: count for colour, count in colours.items() if colour != paper}
        pixels = plot['width'] * plot['height']
        assert sum(ink.values()) > 0.01 * pixels, (plot['id'], 'is empty')
        assert colours.get(paper, 0) > 0.1 * pixels, (plot['id'], 'has another background')
        bright = [colour for colour, count in ink.items()
                  if max(colour) - min(colour) > 60 and count >= 8]
        assert len(bright) >= 3, (plot['id'], 'has few colours', bright)


def every_plot_has_size_and_curves():
    global measured
    measured = browser.measure(MADE / 'index.html', WORK, WIDTH)
    workloads = {run['workload'] for run in rows('runs.csv')}
    for workload in workloads:
        names = [plot['id'] for plot in measured['plots'] if plot['id'].startswith(workload)]
        assert len(names) >= PLOTS, names
    for plot in measured['plots']:
        assert plot['width'] > 400 and plot['height'] > 200, plot
        assert plot['drawn'] >= 8 and plot['words'] >= 10, plot
    assert measured['width'] <= WIDTH, 'the page is wider than the window'


def it_is_drawn_light():
    picture = browser.picture(MADE / 'index.html', WORK / 'light.png', WORK, WIDTH, measured['height'])
    plots_are_drawn(picture, measured, rgb('#ffffff'))


def it_is_drawn_dark():
    picture = browser.picture(MADE / 'index.html', WORK / 'dark.png', WORK, WIDTH, measured['height'],
                              browser.DARK)
    plots_are_drawn(picture, measured, rgb('#14171a'))


# ---- The timeline ----

def a_timeline_is_what_trace_viewers_read():
    path = WORK / 'timeline.json'
    simulate('--workload', 'munmap', '--policy', 'salvo', '--cpus', 4, '--seconds', 0.0005,
             '--warm-up', 0, '--trace', path)
    events = json.loads(path.read_text(encoding='utf-8'))['traceEvents']
    ends, arrows, kinds = defaultdict(float), {}, defaultdict(int)
    for event in events:
        assert isinstance(event['name'], str) and event['pid'] == 0 and 0 <= event['tid'] < 4, event
        assert event['ts'] >= 0
        kinds[event['ph']] += 1
        if event['ph'] == 'X':
            assert event['dur'] >= 0 and event['ts'] >= ends[event['tid']] - 1e-6, event
            ends[event['tid']] = event['ts'] + event['dur']
        elif event['ph'] == 's':
            arrows[event['id']] = event
        elif event['ph'] == 'f':
            sent = arrows.pop(event['id'])
            assert sent['ts'] <= event['ts'] and sent['tid'] != event['tid'], event
            assert event['bp'] == 'e', event
    assert not arrows and set(kinds) == {'X', 's', 'f'} and kinds['X'] > 100 and kinds['s'] > 10, kinds


TESTS = (it_is_made, the_same_seed_gives_the_same_bytes, the_page_has_the_figures_of_the_tables,
         the_tables_have_the_figures_of_the_simulator, the_tables_agree, the_page_needs_nothing_else,
         a_folder_of_somebody_else_stays_as_it_is, bad_input_is_told_in_a_line,
         a_report_that_is_stopped_leaves_no_simulator, a_timeline_is_what_trace_viewers_read)
IN_A_BROWSER = (every_plot_has_size_and_curves, it_is_drawn_light, it_is_drawn_dark)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    good = True
    for number, test in enumerate((*TESTS, *IN_A_BROWSER), 1):
        name = test.__name__.replace('_', ' ')
        if test in IN_A_BROWSER and browser.found() is None:
            print(f'ok {number} - {name} # SKIP there is no chromium')
            continue
        try:
            test()
            print(f'ok {number} - {name}', flush=True)
        except Exception:  # whatever it is, the next test runs
            good = False
            print(f'not ok {number} - {name}')
            print(re.sub('^', '# ', traceback.format_exc().rstrip(), flags=re.MULTILINE), flush=True)
    print(f'1..{len(TESTS) + len(IN_A_BROWSER)}')
    return 0 if good else 1


sys.exit(main())
