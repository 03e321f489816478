"""The ball-and-stick neuron in NEURON: build one from its JSON, drive it, read its traces.

Units are NEURON's own: ms, mV, um, nA, uS, S/cm2, mM.
"""

import hashlib
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

HERE = Path(__file__).resolve().parent
BUILD_ROOT = HERE.parents[1] / "target" / "neuron"

CELSIUS = 6.3
SOMA_G_PAS = 3e-5  # S/cm2
E_K, E_NA, E_H = -85.0, 50.0, -45.0  # mV

# Hay et al. 2011, somatic and axonal sets together (S/cm2)
SOMA_G_BAR = {
    "Im": 8e-6,
    "Ca_LVAst": 5.57e-4,
    "Ca_HVA": 6.44e-4,
    "SK_E2": 0.09965,
    "SKv3_1": 0.338029,
    "NaTs2_t": 0.998912,
    "Ih": 7.5e-5,
    "K_Tst": 0.077274,
    "K_Pst": 0.188851,
    "Nap_Et2": 0.005834,
    "NaTa_t": 3.89618,
}
# Set here and not left to the .mod's default, which NEURON's translator rounds to six digits
CALCIUM_POOL = {"decay": 294.679571, "gamma": 0.000509, "depth": 0.1, "minCai": 1e-4}

# What a pool's region leaves open
POOL_DEPTH_UM, POOL_MIN_MM = CALCIUM_POOL["depth"], CALCIUM_POOL["minCai"]

_loaded = None


def compile_mechanisms(tabulated=False):
    """Run nrnivmodl once per state of mod/ and return the build folder.

    With `tabulated`, the lines that start with `:TABLE` in the rate procedures are switched on.
    """
    sources = {}
    for path in sorted((HERE / "mod").glob("*.mod")):
        text = path.read_text()
        sources[path.name] = text.replace(":TABLE", "TABLE") if tabulated else text
    digest = hashlib.sha256(repr(sorted(sources.items())).encode()).hexdigest()[:12]
    folder = BUILD_ROOT / f"{'table' if tabulated else 'exact'}-{digest}"
    if not (folder / "built").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, text in sources.items():
            (folder / name).write_text(text)
        beside = Path(sys.executable).parent / "nrnivmodl"
        tool = str(beside) if beside.exists() else "nrnivmodl"
        path = f"{beside.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [tool, "."], cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        if done.returncode != 0:
            sys.exit(f"nrnivmodl failed in {folder}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        (folder / "built").touch()
    return folder


def load(tabulated=False):
    """Import NEURON with the mechanisms (one build per process) and set the fixed step. Returns `h`."""
    global _loaded
    import neuron
    from neuron import h

    if _loaded is None:
        neuron.load_mechanisms(str(compile_mechanisms(tabulated)), warn_if_already_loaded=False)
        h.load_file("stdrun.hoc")
        h.cvode_active(0)
        h.secondorder = 0
        h.celsius = CELSIUS
        _loaded = tabulated
    assert _loaded == tabulated, "one build of the mechanisms a process"
    return h


def branches_of(params):
    """The dendrite as a list of branches; the ball-and-stick is the tree with one branch."""
    if "branches" in params:
        return params["branches"]
    return [
        {
            "name": "dend",
            "parent": "soma",
            "parent_x": 1.0,
            "L_um": params["dend_L_um"],
            "diam_um": params["dend_diam_um"],
            "num_segments": params["num_segments"],
        }
    ]


def density(law, d):
    """A channel's density (S/cm2) at the path distance d (um) from the soma: a number, or a law of docs/neuron-format.md."""
    if not isinstance(law, dict):
        return law
    if law["law"] == "exponential":
        return law["g"] * (law["offset"] + law["scale"] * math.exp(law["rate"] * d / law["length_um"]))
    if law["law"] == "window":
        return law["inside"] if law["from_um"] <= d <= law["to_um"] else law["outside"]
    assert law["law"] == "linear", law
    return max(0.0, law["at_soma"] + law["per_um"] * d)


def starts_of(params):
    """Path distance (um) from the middle of the soma to where each branch begins, by the branch's name."""
    starts, by_name = {}, {}
    for branch in branches_of(params):
        parent, x = branch["parent"], branch.get("parent_x", 1.0)
        if parent == "soma":
            starts[branch["name"]] = params["soma_L_um"] / 2 if x == 1 else 0.0
        else:
            of, n = by_name[parent], by_name[parent]["num_segments"]
            part = 1.0 if x == 1 else (math.floor(x * n) + 0.5) / n
            starts[branch["name"]] = starts[parent] + of["L_um"] * part
        by_name[branch["name"]] = branch
    return starts


class Cell:
    """One neuron with an AMPA+NMDA and a GABA_A synapse at the middle of every dendritic segment."""

    def __init__(self, h, params):
        self.h, self.params = h, params
        self.soma = h.Section(name="soma", cell=self)
        self.regions = params.get("regions", {})
        self.starts = starts_of(params)
        self._cylinder(self.soma, params["soma_L_um"], params["soma_diam_um"], 1, SOMA_G_PAS)
        if "soma" in self.regions:
            self._insert_region(self.soma, self.regions["soma"], [0.0])
        else:
            self._insert_channels()
        self.sections = {"soma": self.soma}
        self.segments = []
        self.pools = []  # of the segments: whether each has one
        for branch in branches_of(params):
            self._add_branch(branch)
        self.clamps = [self._clamp(clamp) for clamp in params.get("clamps", [])]
        self.ampa_nmda = [self._ampa_nmda(seg) for seg in self.segments]
        self.gaba = [self._gaba(seg) for seg in self.segments]
        self.events = []

    def __repr__(self):
        return "cell"

    def _cylinder(self, sec, length, diam, nseg, g_pas):
        """Passive membrane and geometry of one section."""
        sec.nseg, sec.L, sec.diam = nseg, length, diam
        sec.Ra, sec.cm = self.params["Ra_ohm_cm"], self.params["cm_uF_cm2"]
        sec.insert("pas")
        for seg in sec:
            seg.pas.g, seg.pas.e = g_pas, self.params["epas_mV"]

    def _insert_channels(self):
        """The twelve mechanisms of the soma, scaled by rho (and SK_E2 by its own factor besides)."""
        seg = self.soma(0.5)
        rho = self.params["multiplicative_rho_factor"]
        for name, g_bar in SOMA_G_BAR.items():
            self.soma.insert(name)
            factor = rho * self.params["multiplicative_SKE2_factor"] if name == "SK_E2" else rho
            setattr(getattr(seg, name), f"g{name}bar", g_bar * factor)
        seg.Ih.ehcn = E_H
        self.soma.insert("CaDynamics_E2")
        for key, value in CALCIUM_POOL.items():
            setattr(seg.CaDynamics_E2, key, value)
        self.soma.ek, self.soma.ena = E_K, E_NA

    def _insert_region(self, sec, region, distances):
        """The membrane of a listed region, by the segments' distances (um) from the soma."""
        sec.Ra, sec.cm = region["Ra_ohm_cm"], region["cm_uF_cm2"]
        for seg in sec:
            seg.pas.g, seg.pas.e = region["g_pas"], region["e_pas_mV"]
        for name, law in region["channels"].items():
            sec.insert(name)
            for seg, d in zip(sec, distances):
                setattr(getattr(seg, name), f"g{name}bar", density(law, d))
                if name == "Ih":
                    seg.Ih.ehcn = E_H
        if "calcium" in region:
            sec.insert("CaDynamics_E2")
            for seg in sec:
                pool = seg.CaDynamics_E2
                pool.decay, pool.gamma = region["calcium"]["decay_ms"], region["calcium"]["gamma"]
                pool.depth, pool.minCai = POOL_DEPTH_UM, POOL_MIN_MM
        if self.h.ismembrane("k_ion", sec=sec):
            sec.ek = E_K
        if self.h.ismembrane("na_ion", sec=sec):
            sec.ena = E_NA

    def _clamp(self, clamp):
        """A current into the segment that holds the position."""
        electrode = self.h.IClamp(self.sections[clamp["at"]](clamp["x"]))
        electrode.delay, electrode.dur = clamp["start_ms"], clamp["duration_ms"]
        electrode.amp = clamp["amplitude_nA"]
        return electrode

    def has_pool(self):
        """Whether the soma has a pool of calcium."""
        return "soma" not in self.regions or "calcium" in self.regions["soma"]

    def _add_branch(self, branch):
        """One section, passive where its region is not listed. NEURON joins it to the middle of the segment that holds parent_x < 1.

        NEURON's parent(0) would be the parent's near end; so a parent_x of 0 goes in as 1e-9.
        """
        sec = self.h.Section(name=branch["name"], cell=self)
        g_pas = 1.0 / self.params["Rm_ohm_cm2"]
        self._cylinder(sec, branch["L_um"], branch["diam_um"], branch["num_segments"], g_pas)
        parent = self.sections[branch["parent"]]
        sec.connect(parent(max(branch.get("parent_x", 1.0), 1e-9)), 0)
        region, n = self.regions.get(branch.get("region", "dend")), branch["num_segments"]
        if region is not None:
            start = self.starts[branch["name"]]
            self._insert_region(sec, region, [start + branch["L_um"] * ((i + 0.5) / n) for i in range(n)])
        self.sections[branch["name"]] = sec
        self.segments += list(sec)
        self.pools += [region is not None and "calcium" in region] * n

    def _ampa_nmda(self, seg):
        syn = self.h.AmpaNmda(seg)
        syn.g_max_AMPA = self.params["g_max_AMPA_uS"]
        syn.g_max_NMDA = self.params["g_max_NMDA_uS"]
        syn.gamma = self.params["gamma_NMDA"]
        return syn

    def _gaba(self, seg):
        syn = self.h.GabaA(seg)
        syn.g_max = self.params["g_max_GABA_A_uS"]
        return syn

    def connect_inputs(self, x_exc, x_inh):
        """One NetCon for each weight, due at the start of its 1 ms bin. Returns [(NetCon, ms)]."""
        self.events = []
        for synapses, x in ((self.ampa_nmda, x_exc), (self.gaba, x_inh)):
            weights = np.asarray(x, dtype=float)
            for row, t in zip(*np.nonzero(weights)):
                nc = self.h.NetCon(None, synapses[row])
                nc.weight[0] = weights[row, t]
                self.events.append((nc, float(t)))
        return self.events


def run_cells(h, cells, duration_ms, samples_per_ms, v_init, standard_run=False):
    """Advance all cells from rest by fixed steps, with their connected inputs.

    `standard_run` goes through NEURON's interpreted run system (`continuerun`), as most scripts
    do; otherwise through `psolve`. The traces are the same, the time is not.
    """

    def queue_events():
        for cell in cells:
            for nc, t in cell.events:
                nc.event(t)

    handler = h.FInitializeHandler(queue_events)
    h.dt = 1.0 / samples_per_ms
    h.steps_per_ms = samples_per_ms
    parallel = h.ParallelContext()
    parallel.set_maxstep(10)
    h.finitialize(v_init)
    if standard_run:
        h.continuerun(duration_ms)
    else:
        parallel.psolve(duration_ms)
    del handler


def simulate(params, x_exc, x_inh, tabulated=False, standard_run=False, clamp=None):
    """Run one neuron.

    x_exc, x_inh: (segments, T) weights in 1 ms bins. clamp: (start ms, duration ms, nA) of a current
    into the soma, besides the neuron's own. Returns the arrays `v_soma_hr_mV`
    (T * samples + 1,), `v_dend_1ms_mV` (segments, T), `cai_1ms_mM` (T,), NaN where the soma has no pool,
    and, where a segment has one, `cai_seg_1ms_mM` (segments, T), all f64.
    """
    h = load(tabulated)
    n, duration = params["num_samples_per_ms"], np.shape(x_exc)[1]
    cell = Cell(h, params)
    cell.connect_inputs(x_exc, x_inh)
    electrode = h.IClamp(cell.soma(0.5))
    electrode.delay, electrode.dur, electrode.amp = clamp or (0.0, 0.0, 0.0)
    v_soma = h.Vector().record(cell.soma(0.5)._ref_v)
    v_dend = [h.Vector().record(seg._ref_v) for seg in cell.segments]
    cai = h.Vector().record(cell.soma(0.5)._ref_cai) if cell.has_pool() else None
    of_segments = [h.Vector().record(s._ref_cai) if has else None for s, has in zip(cell.segments, cell.pools)]
    run_cells(h, [cell], duration, n, params["epas_mV"], standard_run)
    assert len(v_soma) == duration * n + 1, "NEURON took another number of steps"
    at_ms = slice(0, duration * n, n)
    nothing = np.full(duration, np.nan)
    each = lambda vectors: np.array([nothing if v is None else np.array(v)[at_ms] for v in vectors])
    out = {"v_soma_hr_mV": np.array(v_soma), "v_dend_1ms_mV": each(v_dend), "cai_1ms_mM": each([cai])[0]}
    return out | ({"cai_seg_1ms_mM": each(of_segments)} if any(cell.pools) else {})
