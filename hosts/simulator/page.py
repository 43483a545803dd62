# SPDX-License-Identifier: MIT
"""page.py: the report's page: HTML that needs no other file and no network."""
from dataclasses import dataclass
from html import escape

import plots

MARK = '<meta name="generator" content="salvo report">'
SHOWN = 64  # CPUs of the distributions, or the most that there are below

STYLE = '''
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c2024; --faint: #5b646e; --line: #d6dbe0;
  --panel: #f5f7f9; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e3e7ea; --faint: #9aa4ae;
  --line: #363c43; --panel: #1c2024; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
h3 { font-size: 1.05rem; margin: 2rem 0 .2rem; }
p { margin: .4rem 0 .8rem; max-width: 48rem; }
.what { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0;
  padding: .9rem 1.1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
dt { color: var(--faint); }
dd { margin: 0; }
figure { margin: .4rem 0 0; overflow-x: auto; }
figure svg { display: block; width: 100%; min-width: 36rem; height: auto; }
figure svg [fill="black"] { fill: var(--ink); }
figure svg [color="black"] { color: var(--ink); }
figure svg [stroke="black"] { stroke: var(--ink); }
.long { max-height: 30rem; }
.table { overflow: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; font-size: .85rem; width: 100%; }
th, td { padding: .22rem .5rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line);
  font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--panel); font-weight: 600; }
th.left, td.left { text-align: left; }
td.wrap { white-space: normal; }
details { margin: .8rem 0; }
summary { cursor: pointer; }
pre { overflow-x: auto; font-size: .78rem; padding: .8rem; background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px; }
'''


@dataclass
class Context:
    """What a report is of."""
    machine: str
    file: str
    machine_text: str
    seed: int
    quick: bool
    policies: list  # a result of each
    sweeps: list
    counts: list
    wrong: list  # ((workload, policy, CPUs), what)
    tables: tuple

    def names(self):
        return [policy['policy'] for policy in self.policies]

    def shown(self):
        return max(count for count in self.counts if count <= SHOWN)


# ---- Pieces ----

def value(number, scale=1.0, digits=1):
    """value: rounded for who reads; as the CSV file has it for who computes."""
    if number is None:
        return '<td>none</td>'
    exact = f'{number:.9g}' if isinstance(number, float) else f'{number}'
    return f'<td><data value="{exact}">{number * scale:,.{digits}f}</data></td>'


def table(heads, rows, is_words, kind=''):
    """table: of cells; the columns that are words stand to the left."""
    head = ''.join(f'<th{left}>{escape(text)}</th>' for text, left in
                   zip(heads, (' class="left"' if words else '' for words in is_words)))
    return (f'<div class="table{kind}"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n' +
            '\n'.join(f'<tr>{"".join(row)}</tr>' for row in rows) + '\n</tbody></table></div>\n')


def figure(title, what, svg):
    return (f'<h3>{escape(title)}</h3>\n<p class="what">{escape(what)}</p>\n'
            f'<figure>\n{svg}</figure>\n')


def words(text):
    return f'<td class="left">{escape(text)}</td>'


def is_library(policy):
    return policy['protocol'] == 'salvo'


# ---- The parts ----

def top(context):
    quick = ('<dt>Quick</dt><dd>Made with --quick, to try the report: few CPUs, and too short for '
             'conclusions.</dd>\n' if context.quick else '')
    wrong = ''.join(f'<dt>Not shown</dt><dd>{escape(workload)}, {cpus} CPUs: {escape(what)}</dd>\n'
                    for (workload, _, cpus), what in context.wrong)
    workloads = '; '.join(f'{escape(s.title)} ({escape(s.workload)})' for s in context.sweeps)
    data = ', '.join(f'<a href="{name}">{name}</a>' for name in context.tables)
    own = ', '.join(policy['policy'] for policy in context.policies if is_library(policy))
    return f'''<h1>What TLB flushes cost, by policy, on a simulated machine</h1>
<dl>
<dt>Machine</dt><dd>{escape(context.machine)} ({escape(context.file)}, at the end, with the source of
each cost)</dd>
<dt>Workloads</dt><dd>{workloads}</dd>
<dt>CPUs busy</dt><dd>{', '.join(map(str, context.counts))}; the others idle</dd>
<dt>Seed</dt><dd>{context.seed}; the same seed and machine give the same page</dd>
{quick}<dt>Simulated</dt><dd>Everything here. No figure was measured on hardware. The machine is a
model; its costs are published, derived or assumed figures. Page tables, cache lines and locks that CPUs
compete for, interrupts and TLBs are simulated.</dd>
<dt>Real</dt><dd>The library's code, as it is shipped, under {own}. The other policies are written for
this simulator after the sources named below.</dd>
{wrong}<dt>Data</dt><dd>{data}, beside this page</dd>
</dl>
'''


def curves(context, rows, workload, name, scale=1.0):
    return {policy: [(row['cpus'], None if row[name] is None else row[name] * scale) for row in rows
                     if row['workload'] == workload and row['policy'] == policy]
            for policy in context.names()}


def waited(context, waits, workload, cpus):
    found = {}
    for policy in context.names():
        points = [(row['at_least_ns'] / 1000, row['count']) for row in waits
                  if (row['workload'], row['policy'], row['cpus']) == (workload, policy, cpus)]
        total = sum(count for _, count in points)
        found[policy] = [(least, count / total) for least, count in points]
    return found


def spent(context, where, workload, cpus):
    found = [(policy, {row['where']: row['share'] for row in where if
                       (row['workload'], row['policy'], row['cpus']) == (workload, policy, cpus)})
             for policy in context.names()]
    return [(policy, share) for policy, share in found if share]


def bars(context, sweep, where, cpus):
    title = f'Where time goes, {cpus} CPU{"s" if cpus > 1 else ""} busy'
    return figure(title, 'Percent of the time of busy CPUs, by what they did; the longest part bounds '
                  'the run.',
                  plots.shares(f'{sweep.workload}_where_{cpus}', title,
                               spent(context, where, sweep.workload, cpus)))


def runs_table(sweep, rows):
    heads = ('policy', 'CPUs', 'bound by', 'simulated, ms', 'µs a page', 'interrupts/s',
             'wait 50 %, µs', '99 %, µs', 'lost, %')
    cells = [[words(row['policy']), value(row['cpus'], digits=0), words(row['bound_by']),
              value(row['seconds_simulated'], 1e3, 2), value(row['cost_per_page_ns'], 1e-3, 2),
              value(row['interrupts_per_s'], digits=0), value(row['wait_p50_ns'], 1e-3, 2),
              value(row['wait_p99_ns'], 1e-3, 2), value(row['lost_share'], 100)]
             for row in rows if row['workload'] == sweep.workload]
    return ('<h3>Each run, and what bounds it</h3>\n<p class="what">The figures of the plots. What '
            "bounds a run is what most of the busy CPUs' time went to. none: nothing was finished in "
            'the time simulated.</p>\n' +
            table(heads, cells, [head in ('policy', 'bound by') for head in heads], ' long'))


def curve_plots(context, sweep, rows):
    def plot(name, title, label, column, scale=1.0, linear=False):
        return plots.against_cpus(f'{sweep.workload}_{name}', f'{sweep.title}: {title}', label,
                                  curves(context, rows, sweep.workload, column, scale), linear)

    cost = figure('Cost of a page', 'Microseconds of a CPU for each page, all but what the program '
                  'itself does; both scales are logarithmic, lower is better.',
                  plot('cost', 'cost of a page', 'cost of a page, µs', 'cost_per_page_ns', 1e-3))
    interrupts = figure('Interrupts', 'Interrupts a second for flushes, of all CPUs together; both '
                        'scales are logarithmic, 0 stands below.',
                        plot('interrupts', 'interrupts', 'interrupts a second', 'interrupts_per_s'))
    lost = figure('Time lost by interrupted CPUs', "Percent of a busy CPU's time that handling other "
                  "CPUs' flushes took from what it ran.",
                  plot('lost', 'time lost', 'time lost, %', 'lost_share', 100.0, linear=True))
    return cost, interrupts, lost


def part(context, sweep, rows, waits, where):
    name, shown = sweep.workload, context.shown()
    cost, interrupts, lost = curve_plots(context, sweep, rows)
    title = f'How long who flushes waits, {shown} CPUs busy'
    wait = figure(title, 'Percent of operations whose initiator waited at most so many microseconds '
                  'for other CPUs; further left is better.',
                  plots.distribution(f'{name}_wait', f'{sweep.title}: {title}',
                                     'wait of an operation, µs', waited(context, waits, name, shown)))
    charts = ''.join(bars(context, sweep, where, cpus)
                     for cpus in dict.fromkeys((shown, context.counts[-1])))
    return (f'<h2>{escape(sweep.title)}</h2>\n<p>{escape(sweep.about)}</p>\n{cost}{interrupts}{wait}'
            f'{lost}{charts}{runs_table(sweep, rows)}')


def bottom(context):
    rows = [[words(policy['policy']),
             f'<td class="left wrap">{escape(policy["policy_source"])}</td>',
             words('the library' if is_library(policy) else 'its own'),
             words(policy['explorer'] or 'not explored')] for policy in context.policies]
    return f'''<h2>Policies</h2>
{table(('policy', 'after', 'protocol', 'explored by'), rows, [True] * 4)}<h2>What to keep in mind</h2>
<p>Runs of many CPUs simulate less time (the tables say how much), for as many operations are counted
in less of it. A policy that puts flushes off to the next tick of the clock (latr) is shown too well
where a run is shorter than a tick. What the model lacks costs nothing here: idle states, caches of
data, other interrupts.</p>
<details><summary>The machine, {escape(context.file)}</summary>
<pre>{escape(context.machine_text)}</pre></details>
'''


def make(context, rows, waits, where):
    parts = ''.join(part(context, sweep, rows, waits, where) for sweep in context.sweeps)
    return f'''<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{MARK}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>salvo: what TLB flushes cost, by policy</title>
<style>{STYLE}</style>
</head>
<body>
{top(context)}{parts}{bottom(context)}</body>
</html>
'''
