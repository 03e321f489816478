#!/usr/bin/env python3
"""Hold the simulator against NEURON.

    python validate.py golden FOLDER_OR_JSON...             recorded traces against NEURON run here
    python validate.py ballstick --bin BALLSTICK CASES...   `ballstick simulate` against NEURON run here
    python validate.py bench [--bin BALLSTICK] [--tutorial CLONE]  CPU seconds a simulation

A case is NAME.json (the neuron) and NAME.npz (`x_exc`, `x_inh`, and for `golden` the recorded traces).
Exit status: 0 all within bounds, 1 a case outside of them or failed, 2 bad usage.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import cases
import neuron_cell
import targets

# Largest differences allowed: the project's own promise against NEURON
BOUNDS = {"v_soma_hr_mV": 1e-5, "v_dend_1ms_mV": 1e-5, "cai_1ms_mM": 1e-6, "cai_seg_1ms_mM": 1e-6}
TARGETS = ("branch_voltages", "y_soma", "y_spike", "y_near_spike", "y_inst_rate")
RATE_BOUND = 1e-7  # per ms


class Comparison:
    """Differences of one case, trace by trace; NaN where ours or the reference lacks the trace."""

    def __init__(self, ours, reference):
        self.max_abs = {key: max_difference(ours, reference, key) for key in BOUNDS}
        both = [key for key in TARGETS if key in ours and key in reference]
        self.unequal_targets = [key for key in both if not same_target(key, ours[key], reference[key])]
        self.targets_seen = bool(both)

    def ok(self):
        """True when the soma was compared and nothing is out of bounds."""
        within = all(not self.max_abs[key] > bound for key, bound in BOUNDS.items())
        return within and not np.isnan(self.max_abs["v_soma_hr_mV"]) and not self.unequal_targets


def max_difference(ours, reference, key):
    """Largest absolute difference of one trace; inf for other shapes, or NaN (no pool of calcium) at other places."""
    if key not in ours or key not in reference:
        return float("nan")
    a, b = np.asarray(ours[key], dtype=float), np.asarray(reference[key], dtype=float)
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any() or np.isinf(a).any():
        return float("inf")
    there = ~np.isnan(a)
    if there.sum() == 0:
        return float("nan")
    return float(np.abs(a[there] - b[there]).max(initial=0.0))


def same_target(key, a, b):
    """Equal in dtype, shape and every bit; the rate to RATE_BOUND."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if key == "y_inst_rate":
        return bool(np.abs(a - b).max(initial=0.0) <= RATE_BOUND)
    return bool(np.array_equal(a, b))


def print_header():
    print(f"{'case':<36} {'|dV_soma|':>10} {'|dV_dend|':>10} {'|dcai|':>10} {'dendrite':>10} {'spikes':>7}  targets")
    print(f"{'':<36} {'mV':>10} {'mV':>10} {'mM':>10} {'mM':>10}")


def print_row(name, comparison, spikes):
    values = [comparison.max_abs[key] for key in BOUNDS]
    numbers = " ".join(f"{'-':>10}" if np.isnan(x) else f"{x:>10.2e}" for x in values)
    if not comparison.targets_seen:
        verdict = "-"
    else:
        verdict = "differ: " + ", ".join(comparison.unequal_targets) if comparison.unequal_targets else "equal"
    mark = "" if comparison.ok() else "   <-- OUT OF BOUNDS"
    print(f"{name:<36} {numbers} {spikes:>7}  {verdict}{mark}", flush=True)


def run_neuron(case, clamp=None):
    """NEURON's traces for a case, with the five targets where the case says how to derive them."""
    out = neuron_cell.simulate(case.params, case.x_exc, case.x_inh, clamp=clamp)
    if "soma_voltage_cap_mV" in case.params:
        out |= targets.derive(case.params, out["v_soma_hr_mV"], out["v_dend_1ms_mV"])
    return out


def count_spikes(v):
    """Upward crossings of 0 mV."""
    return int(((v[1:] >= 0) & (v[:-1] < 0)).sum())


def summarise(failed, total):
    print(f"{total - failed} of {total} cases within bounds")
    return 1 if failed or not total else 0


def golden(args):
    """Rerun recorded cases in NEURON."""
    failed, found = 0, cases.find_cases(args.paths)
    print_header()
    for case in found:
        neuron = run_neuron(case)
        comparison = Comparison(case.recorded, neuron)
        failed += not comparison.ok()
        print_row(case.name, comparison, count_spikes(neuron["v_soma_hr_mV"]))
    return summarise(failed, len(found))


def run_ballstick(binary, case, folder, clamp=None):
    """Run `ballstick simulate` on a case. Returns the arrays of OUT.npz."""
    folder = Path(folder)
    neuron_json, in_npz, out_npz = folder / "N.json", folder / "IN.npz", folder / "OUT.npz"
    # a recorded case goes in as the file that was given, unchanged
    text = case.json_path.read_text() if case.json_path else json.dumps(case.params, indent=1)
    neuron_json.write_text(text)
    np.savez(in_npz, x_exc=case.x_exc, x_inh=case.x_inh)
    command = [binary, "simulate", "--neuron", neuron_json, "--inputs", in_npz, "--out", out_npz]
    command += ["--clamp=" + ",".join(map(str, clamp))] if clamp else []
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.strip()[-400:]}")
    with np.load(out_npz) as z:
        return {key: z[key] for key in z.files}


def ballstick(args):
    """`ballstick simulate` against NEURON on the given and on random cases."""
    failed = 0
    todo = cases.find_cases(args.paths)
    todo += [cases.swc_case(path, args.seed, args.duration) for path in args.swc]
    todo += [cases.random_case(args.seed + i, args.duration) for i in range(args.random)]
    todo += [cases.active_case(args.seed + i, args.duration) for i in range(args.active)]
    print_header()
    for case in todo:
        neuron = run_neuron(case, args.clamp)
        spikes = count_spikes(neuron["v_soma_hr_mV"])
        with tempfile.TemporaryDirectory() as folder:
            try:
                comparison = Comparison(run_ballstick(args.bin, case, folder, args.clamp), neuron)
            except (OSError, RuntimeError, ValueError) as error:
                failed += 1
                print(f"{case.name:<36} FAILED: {error}", flush=True)
                continue
        failed += not comparison.ok()
        print_row(case.name, comparison, spikes)
    return summarise(failed, len(todo))


def benchmark(args):
    """CPU seconds for one simulation, in several ways."""
    import bench

    return bench.main(args)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    sub = commands.add_parser("golden", help=golden.__doc__)
    sub.add_argument("paths", nargs="+", help="folders or JSON files")
    sub.set_defaults(run=golden)

    sub = commands.add_parser("ballstick", help=ballstick.__doc__)
    sub.add_argument("--bin", required=True, help="the ballstick binary")
    sub.add_argument("--swc", action="append", default=[], metavar="CELL.swc", help="a shape to run besides")
    sub.add_argument("--clamp", nargs=3, type=float, metavar=("START", "DURATION", "NA"),
                     help="a current into the soma besides, ms ms nA")
    sub.add_argument("--random", type=int, default=0, metavar="N", help="cases to draw besides")
    sub.add_argument("--active", type=int, default=0, metavar="N", help="cases with channels on branches to draw besides")
    sub.add_argument("--seed", type=int, default=1, help="of the first drawn case")
    sub.add_argument("--duration", type=int, default=1024, help="of drawn cases, ms")
    sub.add_argument("paths", nargs="*", help="folders or JSON files")
    sub.set_defaults(run=ballstick)

    sub = commands.add_parser("bench", help=benchmark.__doc__)
    sub.add_argument("--bin", help="the ballstick binary, for `ballstick bench sim --json`")
    sub.add_argument("--neuron", metavar="N.json", help="this neuron instead, NEURON and ballstick by turns")
    sub.add_argument("--turns", type=int, default=3, help="with --neuron")
    sub.add_argument("--tutorial", help="a clone of the public tutorial with its mechanisms built")
    sub.add_argument("--duration", type=int, default=8192, help="ms")
    sub.add_argument("--cells", type=int, default=64, help="simulations in a batch")
    sub.set_defaults(run=benchmark)
    args = parser.parse_args(argv)
    if getattr(args, "neuron", None) and not args.bin:
        parser.error("--neuron needs --bin")
    for path in [*getattr(args, "paths", []), *getattr(args, "swc", [])]:
        if not Path(path).exists():
            parser.error(f"no such file or folder: {path}")
    return args


if __name__ == "__main__":
    arguments = parse(sys.argv[1:])
    sys.exit(arguments.run(arguments))
