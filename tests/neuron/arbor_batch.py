"""A batch of ball-and-stick neurons in Arbor: BBP channels, equivalent synapses, same compartments."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import arbor
import numpy as np
from arbor import units as U

from neuron_cell import BUILD_ROOT, CALCIUM_POOL, CELSIUS, E_K, E_NA, HERE, SOMA_G_BAR, SOMA_G_PAS

# Arbor takes one weight per event generator, so the f16 weights are rounded to this many levels
WEIGHT_LEVELS = 32


def synapse_catalogue():
    """Build mod/arbor with arbor-build-catalogue (needs cmake and a compiler) and load it."""
    source = HERE / "mod" / "arbor"
    text = "".join(f.read_text() for f in sorted(source.glob("*.mod"))) + arbor.__version__
    folder = BUILD_ROOT / f"arbor-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    library = folder / "bench-catalogue.so"
    if not library.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(sys.executable).parent
        env = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
        if shutil.which("cmake", path=env["PATH"]) is None:
            raise RuntimeError("cmake is missing (pip install cmake)")
        command = ["arbor-build-catalogue", "--quiet", "bench", str(source)]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        if not library.exists():
            raise RuntimeError(f"arbor-build-catalogue failed: {done.stderr[-400:]}")
    return arbor.load_catalogue(str(library))


def build_cell(params):
    """One cable cell with the compartments of the NEURON model."""
    soma_L, dend_L, n = params["soma_L_um"], params["dend_L_um"], params["num_segments"]
    total = soma_L + dend_L
    tree = arbor.segment_tree()
    points = [(0.0, params["soma_diam_um"] / 2), (soma_L, params["soma_diam_um"] / 2)]
    points += [(soma_L, params["dend_diam_um"] / 2), (total, params["dend_diam_um"] / 2)]
    at = [arbor.mpoint(x, 0, 0, r) for x, r in points]
    soma = tree.append(arbor.mnpos, at[0], at[1], tag=1)
    tree.append(soma, at[2], at[3], tag=3)
    labels = arbor.label_dict({"soma": "(tag 1)", "dend": "(tag 3)"})

    decor = arbor.decor()
    v_rest = params["epas_mV"] * U.mV
    decor.set_property(
        Vm=v_rest,
        cm=params["cm_uF_cm2"] * 0.01 * U.F / U.m2,
        rL=params["Ra_ohm_cm"] * U.Ohm * U.cm,
        tempK=(CELSIUS + 273.15) * U.Kelvin,
    )
    decor.set_ion("ca", int_con=5e-5 * U.mM, ext_con=2 * U.mM, method="nernst/x=ca")
    decor.set_ion("k", rev_pot=E_K * U.mV)
    decor.set_ion("na", rev_pot=E_NA * U.mV)
    for region, g in (("soma", SOMA_G_PAS), ("dend", 1 / params["Rm_ohm_cm2"])):
        decor.paint(f'"{region}"', arbor.density(f"pas/e={params['epas_mV']}", {"g": g}))
    for name, g_bar in SOMA_G_BAR.items():
        factor = params["multiplicative_rho_factor"]
        if name == "SK_E2":
            factor *= params["multiplicative_SKE2_factor"]
        decor.paint('"soma"', arbor.density(name, {f"g{name}bar": g_bar * factor}))
    decor.paint('"soma"', arbor.density("CaDynamics_E2", CALCIUM_POOL))

    glut = {
        "g_max_AMPA": params["g_max_AMPA_uS"],
        "g_max_NMDA": params["g_max_NMDA_uS"],
        "gamma": params["gamma_NMDA"],
    }
    for k in range(n):
        where = f"(location 0 {(soma_L + (k + 0.5) * dend_L / n) / total})"
        decor.place(where, arbor.synapse("ampa_nmda", glut), f"exc{k}")
        decor.place(where, arbor.synapse("exp2syn", {"tau1": 0.2, "tau2": 8.0, "e": -85.0}), f"inh{k}")
    cuts = " ".join(f"(location 0 {(soma_L + k * dend_L / n) / total})" for k in range(n))
    policy = arbor.cv_policy_explicit(f"(join {cuts})")
    return arbor.cable_cell(tree, decor, labels, policy)


class Batch(arbor.recipe):
    """Cells that differ in their inputs only."""

    def __init__(self, params, inputs):
        arbor.recipe.__init__(self)
        self.params, self.inputs = params, inputs
        self.properties = arbor.neuron_cable_properties()
        self.properties.catalogue = arbor.catalogue()
        for catalogue in (arbor.default_catalogue(), arbor.bbp_catalogue(), synapse_catalogue()):
            self.properties.catalogue.extend(catalogue, "")

    def num_cells(self):
        return len(self.inputs)

    def cell_kind(self, gid):
        return arbor.cell_kind.cable

    def cell_description(self, gid):
        return build_cell(self.params)

    def global_properties(self, kind):
        return self.properties

    def probes(self, gid):
        return [arbor.cable_probe_membrane_voltage("(location 0 0)", "soma")]

    def event_generators(self, gid):
        out = []
        for kind, scale, x in (("exc", 1.0, 0), ("inh", self.params["g_max_GABA_A_uS"], 1)):
            weights = np.asarray(self.inputs[gid][x], dtype=float)
            step = max(weights.max() / WEIGHT_LEVELS, 1e-9)
            levels = np.ceil(weights / step).astype(int)
            for row, line in enumerate(levels):
                for level in np.unique(line[line > 0]):
                    times = [float(t) * U.ms for t in np.flatnonzero(line == level)]
                    schedule = arbor.explicit_schedule(times)
                    weight = (level - 0.5) * step * scale
                    out.append(arbor.event_generator(f"{kind}{row}", weight, schedule))
        return out


def run(params, inputs, duration_ms):
    """CPU seconds to solve the batch on one thread (building left out), and the first cell's spikes.

    The first soma is sampled at every step, the others once a ms, as a fast run would.
    """
    sim = arbor.simulation(Batch(params, inputs), arbor.context(threads=1))
    dt = U.ms / params["num_samples_per_ms"]
    handles = [
        sim.sample((gid, "soma"), arbor.regular_schedule(dt if gid == 0 else 1 * U.ms))
        for gid in range(len(inputs))
    ]
    start = time.process_time()
    sim.run(duration_ms * U.ms, dt)
    seconds = time.process_time() - start
    return seconds, sim.samples(handles[0])[0][0][:, 1]
