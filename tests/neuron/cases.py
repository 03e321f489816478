"""Cases: a neuron's JSON and its inputs, read from files or drawn at random."""

import json
from pathlib import Path

import numpy as np

SEED_DEFAULTS = {
    "num_segments": 8,
    "soma_L_um": 25.0,
    "soma_diam_um": 25.0,
    "dend_L_um": 2048.0,
    "dend_diam_um": 1.0,
    "Ra_ohm_cm": 150.0,
    "cm_uF_cm2": 1.0,
    "Rm_ohm_cm2": 20000.0,
    "epas_mV": -85,
    "g_max_AMPA_uS": 0.0004,
    "g_max_NMDA_uS": 0.0008,
    "gamma_NMDA": 0.08,
    "g_max_GABA_A_uS": 0.001,
    "multiplicative_rho_factor": 1.0,
    "multiplicative_SKE2_factor": 0.0,
    "num_samples_per_ms": 40,
    "spike_detection_threshold_mV": 0.0,
    "soma_voltage_cap_mV": -62.0,
    "dend_voltage_cap_mV": 0.0,
    "near_spike_V_diff": 5,
    "near_spike_t_diff": 10,
    "inst_rate_t_diff": 50,
    "inst_rate_smoothing_tau": 2.5,
}

PRESETS = {
    "ampa-point": {
        "dend_L_um": 128.0,
        "dend_diam_um": 4.0,
        "g_max_NMDA_uS": 0.0,
        "gamma_NMDA": 0.062,
    },
    "nmda-cable": {},
    "nmda-cable-rodent": {"g_max_NMDA_uS": 0.0004, "gamma_NMDA": 0.062},
}


class Case:
    """A named neuron (`params`, `json_path` where it came from a file) with inputs and a recording."""

    def __init__(self, name, params, x_exc, x_inh, recorded=None, json_path=None):
        self.name, self.params = name, params
        self.x_exc, self.x_inh = x_exc, x_inh
        self.recorded = recorded or {}
        self.json_path = json_path


def read_case(json_path):
    """Read NAME.json and the NAME.npz beside it."""
    json_path = Path(json_path)
    params = json.loads(json_path.read_text())
    with np.load(json_path.with_suffix(".npz")) as z:
        arrays = {key: z[key] for key in z.files}
    x_exc, x_inh = arrays.pop("x_exc"), arrays.pop("x_inh")
    return Case(json_path.stem, params, x_exc, x_inh, arrays, json_path)


def find_cases(paths):
    """All cases of the given folders and JSON files, in order."""
    cases = []
    for path in map(Path, paths):
        files = sorted(path.glob("*.json")) if path.is_dir() else [path.with_suffix(".json")]
        cases += [read_case(f) for f in files if f.with_suffix(".npz").exists()]
    return cases


def random_inputs(rng, rows, duration_ms):
    """Weights in 1 ms bins with the data set's sparsities and magnitudes, (rows, T) f16 each.

    Inhibition is rather weak and big neurons get sparser input, so that most neurons fire and
    few saturate.
    """
    share = min(1.0, (16.0 / rows) ** 0.5)
    out = []
    for magnitude, busy in ((rng.uniform(5, 7), (0.05, 0.08)), (rng.uniform(1, 4), (0.01, 0.05))):
        filled = rng.uniform(*busy) * share
        weights = rng.uniform(0, magnitude, (rows, duration_ms))
        weights[rng.random((rows, duration_ms)) > filled] = 0.0
        out.append(weights.astype(np.float16))
    return out


def random_tree(rng):
    """2-7 branches, each on the soma or on an earlier branch, at its end or in its middle."""
    names, branches = ["soma"], []
    for i in range(rng.integers(2, 8)):
        branches.append(
            {
                "name": f"b{i}",
                "parent": names[rng.integers(len(names))],
                "parent_x": 1.0 if rng.random() < 0.7 else round(float(rng.choice([0.0, rng.uniform(0, 0.99)])), 3),
                "L_um": round(float(rng.uniform(50, 900)), 2),
                "diam_um": round(float(rng.uniform(0.5, 4.0)), 3),
                "num_segments": int(rng.integers(1, 9)),
            }
        )
        names.append(branches[-1]["name"])
    return branches


def random_case(seed, duration_ms=1024):
    """One neuron: a preset, the preset with altered parameters, or a tree; and its inputs."""
    rng = np.random.default_rng(seed)
    preset = sorted(PRESETS)[seed % len(PRESETS)]
    params = {**SEED_DEFAULTS, **PRESETS[preset]}
    params["multiplicative_SKE2_factor"] = float(rng.integers(2))
    kind = ("preset", "altered", "tree", "altered tree")[seed // len(PRESETS) % 4]
    if "altered" in kind:
        params["num_segments"] = int(rng.choice([1, 2, 3, 5, 8, 16, 33, 64]))
        params["dend_L_um"] = round(float(rng.uniform(50, 2500)), 1)
        params["dend_diam_um"] = round(float(rng.uniform(0.5, 5)), 2)
        params["soma_L_um"] = round(float(rng.uniform(15, 30)), 1)
        params["soma_diam_um"] = round(float(rng.uniform(15, 30)), 1)
        params["Ra_ohm_cm"] = round(float(rng.uniform(70, 250)), 1)
        params["cm_uF_cm2"] = round(float(rng.uniform(0.7, 2)), 2)
        params["Rm_ohm_cm2"] = round(float(rng.uniform(5000, 40000)), 1)
        params["multiplicative_rho_factor"] = round(float(rng.uniform(0.5, 1.2)), 3)
        params["num_samples_per_ms"] = int(rng.choice([10, 20, 40, 50]))
    if "tree" in kind:
        for key in ("num_segments", "dend_L_um", "dend_diam_um"):
            del params[key]
        params["branches"] = random_tree(rng)
        rows = sum(b["num_segments"] for b in params["branches"])
    else:
        rows = params["num_segments"]
    x_exc, x_inh = random_inputs(rng, rows, duration_ms)
    return Case(f"{preset}, {kind} #{seed}", params, x_exc, x_inh)


# S/cm2, of the order of the dendrite's in Hay et al. 2011; in the soma some twenty times as much
BRANCH_G_BAR = {
    "Ca_HVA": 6e-4,
    "Ca_LVAst": 3e-3,
    "Ih": 2e-4,
    "Im": 7e-5,
    "K_Pst": 4e-4,
    "K_Tst": 1e-3,
    "NaTa_t": 0.01,
    "NaTs2_t": 0.02,
    "Nap_Et2": 2e-4,
    "SK_E2": 1.2e-3,
    "SKv3_1": 3e-3,
}


def random_law(rng, g):
    """A density of the order of g: a number, or one of the three laws."""
    kind = rng.integers(4)
    if kind == 0:
        return float(g * rng.uniform(0.3, 2))
    if kind == 1:
        up = {"law": "exponential", "g": g, "offset": -0.87, "scale": 2.087, "rate": 3.6161, "length_um": 1000.0}
        down = {"law": "exponential", "g": g, "offset": 0.1, "scale": 1.5, "rate": -2.5, "length_um": 700.0}
        return up if rng.random() < 0.5 else down
    if kind == 2:
        start = float(rng.uniform(50, 500))
        return {"law": "window", "from_um": start, "to_um": start + 203.7, "inside": 3 * g, "outside": 0.2 * g}
    return {"law": "linear", "at_soma": float(g * rng.uniform(0, 2)), "per_um": float(g * rng.uniform(-0.004, 0.002))}


def random_region(rng, names, factor=1.0, laws=True):
    """A region's membrane with these channels, densities of `factor` times the dendrite's order."""
    region = {
        "g_pas": float(rng.uniform(3e-5, 9e-5)),
        "e_pas_mV": float(rng.choice([-90.0, -85.0, -75.0])),
        "cm_uF_cm2": round(float(rng.uniform(0.8, 2.0)), 2),
        "Ra_ohm_cm": round(float(rng.uniform(70, 200)), 1),
        "channels": {n: random_law(rng, factor * BRANCH_G_BAR[n]) if laws else factor * BRANCH_G_BAR[n] for n in names},
    }
    if rng.random() < 0.6:
        region["calcium"] = {"decay_ms": float(rng.uniform(50, 500)), "gamma": float(rng.uniform(3e-4, 0.02))}
    return region


def active_case(seed, duration_ms=1024):
    """A neuron with channels, pools and electrodes on its branches, and its inputs.

    Two of three have the built-in soma; every fourth has 200 segments or more; some regions are not listed, some have
    no channel, some electrodes share a segment.
    """
    rng = np.random.default_rng(10_000 + seed)
    names = sorted(BRANCH_G_BAR)
    params = {**SEED_DEFAULTS, "multiplicative_SKE2_factor": float(rng.integers(2))}
    for key in ("num_segments", "dend_L_um", "dend_diam_um"):
        del params[key]
    branches = random_tree(rng)
    if seed % 4 == 0:
        scale = -(-200 // sum(b["num_segments"] for b in branches))
        for branch in branches:
            branch["num_segments"] *= scale
    for branch in branches:
        region = ["dend", "a", "b", "c"][rng.integers(4)]
        if region != "dend":
            branch["region"] = region
    params["branches"] = branches
    params["regions"] = {
        "a": random_region(rng, [n for n in names if rng.random() < 0.6]),
        "b": random_region(rng, [n for n in names if rng.random() < 0.4]),
        "c": random_region(rng, ["Ca_HVA", "Ca_LVAst", "Ih", "NaTs2_t", "SK_E2", "SKv3_1"]),
    }
    if seed % 3 == 0:
        without = "SK_E2" if rng.random() < 0.5 else "Ca_HVA"
        params["regions"]["soma"] = random_region(rng, [n for n in names if n != without], 20.0, laws=False)
    places = ["soma"] + [b["name"] for b in branches]
    params["clamps"] = []
    for _ in range(rng.integers(4)):
        clamp = {
            "at": places[rng.integers(len(places))],
            "x": round(float(rng.uniform(0.01, 0.99)), 3),
            "start_ms": round(float(rng.uniform(0, 0.6 * duration_ms)), 2),
            "duration_ms": round(float(rng.uniform(2, 200)), 2),
            "amplitude_nA": round(float(rng.uniform(-0.2, 1.5)), 3),
        }
        params["clamps"].append(clamp)
        if rng.random() < 0.4:
            params["clamps"].append({**clamp, "amplitude_nA": round(0.37 * clamp["amplitude_nA"], 4)})
    rows = sum(b["num_segments"] for b in branches)
    x_exc, x_inh = random_inputs(rng, rows, duration_ms)
    return Case(f"active, {rows} segments #{seed}", params, x_exc, x_inh)


def swc_case(path, seed, duration_ms):
    """A neuron with the shape of an SWC file, and drawn inputs.

    Between branchings a dendrite becomes one cylinder: its path length, and the diameter that keeps
    its lateral area; segments of at most 40 um. The soma, one point, becomes a cylinder as long as
    wide. Only soma (type 1) and dendrites (3, 4) are read.
    """
    points = np.loadtxt(path, comments="#", ndmin=2)
    points = {int(p[0]): (int(p[1]), p[2:5], p[5], int(p[6])) for p in points if p[1] in (1, 3, 4)}
    children = {number: [] for number in points}
    for number, (_, _, _, parent) in points.items():
        if parent > 0:
            children[parent].append(number)
    (soma,) = (n for n, p in points.items() if p[0] == 1)
    branches, todo = [], [("soma", [first]) for first in children[soma]]
    while todo:
        parent, run = todo.pop(0)
        while len(children[run[-1]]) == 1:
            run.append(children[run[-1]][0])
        length = area = 0.0
        for a, b in zip(run, run[1:]):
            (_, xa, ra, _), (_, xb, rb, _) = points[a], points[b]
            step = float(np.linalg.norm(xb - xa))
            length += step
            area += np.pi * (ra + rb) * float(np.hypot(step, ra - rb))
        name = f"dend{len(branches)}"
        branches.append(
            {
                "name": name,
                "parent": parent,
                "parent_x": 1.0,
                "L_um": length,
                "diam_um": area / (np.pi * length),
                "num_segments": int(np.ceil(length / 40.0)),
            }
        )
        todo += [(name, [run[-1], first]) for first in children[run[-1]]]
    params = {**SEED_DEFAULTS, "branches": branches}
    for key in ("num_segments", "dend_L_um", "dend_diam_um"):
        del params[key]
    params["soma_L_um"] = params["soma_diam_um"] = float(2 * points[soma][2])
    rows = sum(b["num_segments"] for b in branches)
    x_exc, x_inh = random_inputs(np.random.default_rng(seed), rows, duration_ms)
    return Case(f"{Path(path).name}, {len(branches)} branches", params, x_exc, x_inh)
