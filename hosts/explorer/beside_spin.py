#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""beside_spin.py EXPLORE: states a CPU-second of SPIN on docs/models/ticket.pml, and of the
explorer on the program `ticket` with no order left out, one after the other, three times; medians.
Needs Debian's spin and gcc."""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 3
STATES = 25_217_221  # of the model; the explorer stops at as many
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODEL = os.path.join(ROOT, "docs", "models", "ticket.pml")
KINDS = {"SPIN": [], "SPIN -DCOLLAPSE": ["-DCOLLAPSE"]}


def timed(command, folder):
    """What a command prints, and the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return text, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def build_spin(folder):
    subprocess.run(["spin", "-a", MODEL], cwd=folder, check=True, capture_output=True)
    for number, flags in enumerate(KINDS.values()):
        subprocess.run(["gcc", "-O2", "-w", "-DSAFETY", "-DVECTORSZ=1024", *flags,
                        "-o", f"pan{number}", "pan.c"], cwd=folder, check=True)


def run_spin(folder, number):
    """States a CPU-second, and bytes a state."""
    text, seconds = timed([f"./pan{number}", "-m1000000"], folder)
    states = int(re.search(r"(\d+) states, stored", text).group(1))
    memory = float(re.search(r"([\d.]+)\s+total actual memory usage", text).group(1))
    if "errors: 0" not in text or states != STATES:
        sys.exit(f"beside_spin: SPIN says something else than {STATES} states and no error")
    return states / seconds, memory * 1024 * 1024 / states


def run_explorer(explore):
    text, _ = timed([explore, "ticket", "--memory", "sc", "--no-reduction", "--limit-states",
                     str(STATES), "--json"], ROOT)
    program = json.loads(text)["programs"][0]
    return program["states_per_s"], program["bytes_per_state"]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: beside_spin.py EXPLORE")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        build_spin(folder)
        for turn in range(ROUNDS):
            for number, kind in enumerate(KINDS):
                figures.setdefault(kind, []).append(run_spin(folder, number))
            figures.setdefault("explore", []).append(run_explorer(os.path.abspath(sys.argv[1])))
            print(f"round {turn + 1} of {ROUNDS}", file=sys.stderr)
    medians = {}
    print("                  states a CPU-second, median of three     bytes a state")
    for kind, runs in figures.items():
        medians[kind] = statistics.median(rate for rate, _ in runs)
        each = ", ".join(f"{rate / 1000:.0f}" for rate, _ in runs)
        print(f"{kind:16} {medians[kind] / 1000:8.0f} thousand ({each}) {runs[0][1]:10.1f}")
    for kind in KINDS:
        print(f"explore is {medians['explore'] / medians[kind]:.2f} times {kind}")


if __name__ == "__main__":
    main()
