# SPDX-License-Identifier: MIT
"""plots.py: plots as SVG, by gnuplot. Text and axes are black, which the page's style sheet turns
into the ink of a light or a dark page; the colours of curves are readable on both."""
import math
import re
import subprocess

from sweeps import Failed

# Of a policy: colour, and gnuplot's dash type, 1 a line without dashes.
LOOKS = {
    'page': ('#d9534f', 1), 'batch': ('#c98a1b', 1), 'batch-pages': ('#747438', 2),
    'two-phase': ('#ec1010', 4), 'linux-4.2': ('#ec1074', 2), 'linux-4.3': ('#ec10ec', 5),
    'linux-in-turn': ('#10b09c', 4), 'linux': ('#808890', 1), 'abis': ('#d89c88', 5),
    'latr': ('#16a3c9', 1), 'concurrent': ('#4f83e6', 1), 'fpr': ('#9a6be0', 2),
    'broadcast': ('#d661b3', 4), 'salvo-unmarked': ('#9cb010', 2), 'salvo': ('#2fa33f', 1),
}
OTHERS = ('#6f9fb0', '#b0b05a', '#b07a8a')  # of policies that came later
FONT = 'sans-serif,14'


def look(policy, number):
    return LOOKS.get(policy, (OTHERS[number % len(OTHERS)], 3))


# ---- gnuplot ----

def gnuplot(name, title, size, script):
    """gnuplot: the SVG, whose identifiers begin with the plot's name: a page has several."""
    terminal = f"set terminal svg size {size[0]},{size[1]} dynamic font '{FONT}' name '{name}'\n"
    try:
        done = subprocess.run(['gnuplot'], input=terminal + script, capture_output=True, text=True)
    except FileNotFoundError:
        raise Failed('gnuplot is not installed (Debian: gnuplot-nox)') from None
    if done.returncode != 0 or '<svg' not in done.stdout:
        raise Failed(f'gnuplot failed: {done.stderr.strip()}')
    svg = done.stdout[done.stdout.index('<svg'):]
    svg = re.sub(r'\b(gpPt\d+|gpDot|gnuplot_canvas|textbox|greybox)\b', rf'{name}_\1', svg)
    svg = re.sub(r'<title>Gnuplot</title>\s*<desc>.*?</desc>', f'<title>{title}</title>', svg,
                 flags=re.DOTALL)
    return svg.replace('<svg ', f'<svg id="{name}" role="img" ', 1)


def block(name, rows):
    lines = (' '.join(f'{value:.9g}' if isinstance(value, float) else str(value) for value in row)
             for row in rows)
    return f'${name} << EOD\n' + '\n'.join(lines) + '\nEOD\n'


# ---- Axes ----

def short(value):
    """short: 20000 is 20k."""
    for unit, name in ((1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if value >= unit:
            return f'{value / unit:g}{name}'
    return f'{value:g}'


def logarithmic(values):
    """logarithmic: (range, tics, what 0 is drawn as). 0 is below the least value, as a tic."""
    positive = [value for value in values if value > 0] or [1]
    least, most = min(positive), max(positive)
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    steps = (1, 2, 5) if most / least < 300 else (1,)
    places = [step * 10.0 ** power for power in range(low, high + 1) for step in steps]
    bottom = max([place for place in places if place <= least], default=least)
    top = min([place for place in places if place >= most], default=most * 1.1)
    tics = [(short(place), place) for place in places if bottom <= place <= top]
    zero = bottom
    if min(values) <= 0:
        zero = bottom / (2 if len(steps) > 1 else 4)
        tics.insert(0, ('0', zero))
    return (zero, top * 1.0001), tics, zero


def set_tics(axis, tics):
    return f'set {axis}tics (' + ', '.join(f"'{name}' {place:.9g}" for name, place in tics) + ')\n'


def frame(x_label, y_label):
    return ('set border 3 linewidth 0.8\nset tics nomirror out scale 0.6\n'
            "set grid linecolor rgb '#909090' linewidth 0.4 dashtype 3\n"
            'set key outside right top Left reverse spacing 1.15 samplen 2\n'
            f"set xlabel '{x_label}'\nset ylabel '{y_label}'\n")


def plot_curves(curves, style):
    """plot_curves: of {policy: points}; the library's own on top, and thicker."""
    script, parts = '', []
    for number, (policy, points) in enumerate(curves.items()):
        if not points:
            parts.append(f"NaN with lines linecolor rgb '#FF909090' title '{policy}: none'")
            continue
        script += block(f'd{number}', points)
        width = 3.5 if policy == 'salvo' else 1.6
        rgb, dash = look(policy, number)
        parts.append(f"$d{number} with {style} linewidth {width} pointsize 0.6 "
                     f"pointtype {number % 13 + 1} dashtype {dash} linecolor rgb '{rgb}' "
                     f"title '{policy}'")
    return script + 'plot ' + ', \\\n'.join(parts) + '\n'


# ---- The plots ----

def against_cpus(name, title, y_label, curves, linear=False):
    """against_cpus: {policy: [(CPUs, value or None)]}; a run without a value leaves a gap."""
    known = {policy: [(x, float(y)) for x, y in points if y is not None]
             for policy, points in curves.items()}
    counts = sorted({x for points in curves.values() for x, _ in points})
    script = frame('CPUs that are busy', y_label) + 'set logscale x\n'
    script += f'set xrange [{counts[0] / 1.1}:{counts[-1] * 1.1}]\n'
    script += set_tics('x', [(str(count), count) for count in counts])
    if linear:
        script += 'set yrange [0:*]\n'
    else:
        values = [y for points in known.values() for _, y in points]
        (low, high), tics, zero = logarithmic(values)
        script += f'set logscale y\nset yrange [{low}:{high}]\n' + set_tics('y', tics)
        known = {policy: [(x, y if y > 0 else zero) for x, y in points]
                 for policy, points in known.items()}
    return gnuplot(name, title, (860, 430), script + plot_curves(known, 'linespoints'))


def distribution(name, title, x_label, curves):
    """distribution: {policy: [(least value of a bucket, share of all that is in it)]}."""
    (low, high), tics, zero = logarithmic([x for points in curves.values() for x, _ in points])
    drawn = {policy: [] for policy in curves}
    for policy, points in curves.items():
        if not points:
            continue
        below, drawn[policy] = 0.0, [(low, 0.0)]
        for x, share in points:
            below += share
            drawn[policy].append((float(x) if x > 0 else zero, 100 * below))
        drawn[policy].append((high, 100.0))
    script = frame(x_label, 'operations that waited at most so long, %')
    script += f'set logscale x\nset xrange [{low}:{high}]\nset yrange [0:101]\n' + set_tics('x', tics)
    return gnuplot(name, title, (860, 430), script + plot_curves(drawn, 'steps'))


WHERE = {  # what a CPU's time goes to: colour and words
    'user': ('#b8bec6', 'user'), 'fault': ('#7f93b2', 'fault'), 'call': ('#4f6d9a', 'system call'),
    'reclaim': ('#2fa08a', 'reclaim'), 'lock': ('#d9a520', 'waiting for a lock'),
    'flush': ('#8a63d2', 'flushing here'), 'wait': ('#d9534f', 'waiting for answers'),
    'interrupt': ('#e58a3c', 'interrupted'),
}


def shares(name, title, bars):
    """shares: [(label, {where: share})], one stacked bar each, the first on top."""
    script = frame('of the time of busy CPUs, %', '')
    script += 'unset grid\nset key outside top center horizontal\nset border 1\n'
    script += 'set xrange [0:100]\nset style fill solid 1 noborder\n'
    script += f'set yrange [{len(bars) - 0.4}:-0.6]\n'
    script += set_tics('y', [(label, place) for place, (label, _) in enumerate(bars)])
    script += 'set ytics scale 0\n'
    parts, before = [], [0.0] * len(bars)
    for number, (where, (rgb, words)) in enumerate(WHERE.items()):
        rows = []
        for place, (_, share) in enumerate(bars):
            after = before[place] + 100 * share[where]
            rows.append((before[place], after, place - 0.36, place + 0.36))
            before[place] = after
        script += block(f'd{number}', [(row[0], row[2], *row) for row in rows])
        parts.append(f"$d{number} using 1:2:3:4:5:6 with boxxyerror linecolor rgb '{rgb}' "
                     f"title '{words}'")
    return gnuplot(name, title, (860, 90 + 27 * len(bars)),
                   script + 'plot ' + ', \\\n'.join(parts) + '\n')
