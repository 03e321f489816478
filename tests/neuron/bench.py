"""CPU seconds for one simulation of the 8-segment cable: NEURON, Arbor, and `ballstick`."""

import concurrent.futures
import json
import multiprocessing
import os
import subprocess
import sys
import time

import numpy as np

from cases import PRESETS, SEED_DEFAULTS

PARAMS = {**SEED_DEFAULTS, **PRESETS["nmda-cable"]}


def data_set_inputs(seed, duration_ms):
    """One simulation's (exc, inh) weights in the middle of the data set's ranges, (8, T) f16."""
    rng = np.random.default_rng(seed)
    out = []
    for magnitude, sparsity in ((4.6, 0.955), (4.1, 0.963)):
        weights = rng.uniform(0, magnitude, (PARAMS["num_segments"], duration_ms))
        weights[rng.random(weights.shape) < sparsity] = 0.0
        out.append(weights.astype(np.float16))
    return out


def neuron_single(duration_ms):
    """One cell, one simulation, through NEURON's standard run system, every trace at every step.

    CPU seconds (cell and inputs included) and spikes.
    """
    import neuron_cell

    neuron_cell.load()
    inputs = data_set_inputs(0, duration_ms)
    start = time.process_time()
    out = neuron_cell.simulate(PARAMS, *inputs, standard_run=True)
    return time.process_time() - start, count_spikes(out["v_soma_hr_mV"])


def seeds_own(duration_ms, folder):
    """The original's own class and mechanisms, from a clone with `nrnivmodl mods` done.

    CPU seconds (with inputs and targets) and spikes. Some of the class's defaults are those of the
    original's single-neuron lesson; those of the data sets are given here.
    """
    os.chdir(folder)  # NEURON loads the mechanisms that lie where it starts
    sys.path.insert(0, folder)
    import neuron_model_ball_and_stick as tutorial

    keys = ("num_segments", "g_max_NMDA_uS", "gamma_NMDA", "multiplicative_SKE2_factor")
    cell = tutorial.BallAndStickNeuron(**{key: PARAMS[key] for key in keys})
    inputs = [x.astype(float) for x in data_set_inputs(0, duration_ms)]
    start = time.process_time()
    out = cell.simulate(*inputs)
    return time.process_time() - start, int(out["y_spike"].sum())


def neuron_batch(duration_ms, num_cells, tabulated):
    """Many cells in one process, soma recorded at every step.

    CPU seconds per simulation, and the first cell's spikes.
    """
    import neuron_cell

    h = neuron_cell.load(tabulated)
    inputs = [data_set_inputs(i, duration_ms) for i in range(num_cells)]
    start = time.process_time()
    cells = [neuron_cell.Cell(h, PARAMS) for _ in inputs]
    for cell, x in zip(cells, inputs):
        cell.connect_inputs(*x)
    traces = [h.Vector().record(cell.soma(0.5)._ref_v) for cell in cells]
    neuron_cell.run_cells(h, cells, duration_ms, PARAMS["num_samples_per_ms"], PARAMS["epas_mV"])
    seconds = (time.process_time() - start) / num_cells
    return seconds, count_spikes(np.array(traces[0]))


def arbor_batch(duration_ms, num_cells):
    """Many cells in Arbor on one thread.

    CPU seconds per simulation (solving only), and the first cell's spikes.
    """
    import arbor_batch as batch

    inputs = [data_set_inputs(i, duration_ms) for i in range(num_cells)]
    seconds, v_soma = batch.run(PARAMS, inputs, duration_ms)
    return seconds / num_cells, count_spikes(v_soma)


def count_spikes(v):
    """Upward crossings of 0 mV."""
    return int(((v[1:] >= 0) & (v[:-1] < 0)).sum())


def in_own_process(function, *arguments):
    """Run in a fresh process on one core (NEURON loads one build of the mechanisms a process)."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def neuron_active(path, duration_ms, standard_run):
    """One simulation of a neuron's JSON, the soma recorded at every step, under drawn inputs.

    CPU seconds (building aside) and spikes.
    """
    import cases
    import neuron_cell

    with open(path, encoding="utf-8") as file:
        params = {**SEED_DEFAULTS, **json.load(file)}
    h = neuron_cell.load()
    cell = neuron_cell.Cell(h, params)
    inputs = cases.random_inputs(np.random.default_rng(1), len(cell.segments), duration_ms)
    cell.connect_inputs(*inputs)
    v = h.Vector().record(cell.soma(0.5)._ref_v)
    start = time.process_time()
    run = (duration_ms, params["num_samples_per_ms"], params["epas_mV"], standard_run)
    neuron_cell.run_cells(h, [cell], *run)
    return time.process_time() - start, count_spikes(np.array(v))


def by_turns(args):
    """NEURON and ballstick by turns on one neuron's JSON: how many times as fast, turn by turn."""
    os.environ["OMP_NUM_THREADS"] = "1"
    ratios = {}
    for turn in range(args.turns):
        seconds = {}
        for name, standard in (("standard run", True), ("psolve", False)):
            seconds[name], spikes = in_own_process(neuron_active, args.neuron, args.duration, standard)
        ours = ballstick_seconds(args.bin, "--neuron", args.neuron, "--duration", str(args.duration))
        print(f"turn {turn + 1}: NEURON {seconds['standard run']:.3f} s by its standard run, "
              f"{seconds['psolve']:.3f} s by psolve ({spikes} spikes); ballstick, and times the two:")
        for key, s in ours.items():
            times = [seconds[name] / s for name in seconds]
            ratios.setdefault(key, []).append(times)
            print(f"  {key[:-2]:<20} {s * 1e3:9.2f} ms {times[0]:8.1f} {times[1]:8.1f}", flush=True)
    print(f"\nmedians of {args.turns} turns, {args.duration} ms: times NEURON's standard run, times psolve")
    for key, times in ratios.items():
        standard, psolve = np.median(np.array(times), axis=0)
        print(f"  {key[:-2]:<20} {standard:8.1f} {psolve:8.1f}")
    return 0


def ballstick_seconds(binary, *arguments):
    """The numbers of `ballstick bench sim --json`: exact_s, fast_f64_s, fast_f32_s, and both by instruction set."""
    command = [binary, "bench", "sim", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.strip()[-300:]}")
    found = json.loads(done.stdout)
    return {key: s for key, s in found.items() if key.endswith("_s")}


def main(args):
    """Print the table. Lines that cannot be run here are said to be missing."""
    if args.neuron:
        return by_turns(args)
    os.environ["OMP_NUM_THREADS"] = "1"
    jobs = {
        "NEURON, one simulation": (neuron_single, args.duration),
        f"NEURON, {args.cells} cells": (neuron_batch, args.duration, args.cells, False),
        f"NEURON, {args.cells} cells, tables": (neuron_batch, args.duration, args.cells, True),
        f"Arbor, {args.cells} cells": (arbor_batch, args.duration, args.cells),
    }
    if args.tutorial:
        folder = os.path.abspath(args.tutorial)
        jobs = {"NEURON, as the tutorial runs it": (seeds_own, args.duration, folder)} | jobs
    rows, failed = {}, False
    for name, (function, *arguments) in jobs.items():
        try:
            seconds, spikes = in_own_process(function, *arguments)
        except Exception as error:
            print(f"{name}: not run ({type(error).__name__}: {error})")
            failed = failed or name.startswith("NEURON")
            continue
        rows[name] = seconds
        print(f"{name}: {seconds:.3f} s; {spikes} spikes in the first simulation", flush=True)
    if args.bin and args.duration != 8192:
        print("ballstick: not compared, its bench is of 8192 ms")
    elif args.bin:
        try:
            rows |= {f"ballstick {key[:-2]}": s for key, s in ballstick_seconds(args.bin).items()}
        except (OSError, RuntimeError, ValueError) as error:
            print(f"ballstick: not run ({error})")
            failed = True
    print_ratios(rows, args.duration)
    return 1 if failed else 0


def print_ratios(rows, duration_ms):
    """Seconds a simulation, and how many times faster than NEURON's and Arbor's lines."""
    references = [name for name in rows if not name.startswith("ballstick")]
    print(f"\nCPU seconds for one {duration_ms} ms simulation; further columns: times as fast as")
    for number, name in enumerate(references, 1):
        print(f"  [{number}] {name}")
    print(f"{'':<32} {'s':>9} " + " ".join(f"{f'[{i}]':>8}" for i in range(1, len(references) + 1)))
    for name, seconds in rows.items():
        ratios = " ".join(f"{rows[r] / seconds:>8.2f}" for r in references)
        print(f"{name:<32} {seconds:>9.4f} {ratios}")
