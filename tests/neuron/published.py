"""The preset hay2011 beside the published model (ModelDB 139653), from a copy of its files.

    ballstick swc L5bPyrCell/morphologies/cell1.asc --preset hay2011 --out cell1.json
    venv/bin/python tests/neuron/published.py L5bPyrCell cell1.json

builds the published template in NEURON with its own cell and prints, for every density, the largest difference between
its segments and those of the JSON. The published script gives the last segment of each apical section the density at
its far end, so that those are counted apart.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from neuron_cell import density, load, starts_of

CHANNELS = ["Ca_HVA", "Ca_LVAst", "Ih", "Im", "K_Pst", "K_Tst", "NaTa_t", "Nap_Et2", "SK_E2", "SKv3_1"]
SECTIONS = {"apical": "apic", "basal": "dend", "axon": "axon"}


def published(h, folder, cell):
    """The published template on a cell."""
    h.load_file("import3d.hoc")
    for name in ("L5PCbiophys3.hoc", "L5PCtemplate.hoc"):
        h.load_file(str(folder / "models" / name))
    return h.L5PCtemplate(str(cell))


def section_of(cell, name):
    """The published section of a branch apical_3, basal_0 or axon_1, or of the soma."""
    if name == "soma":
        return cell.soma[0]
    kind, number = name.rsplit("_", 1)
    return getattr(cell, SECTIONS[kind])[int(number)]


def compare(h, cell, params):
    """Largest differences, by name: (of all but the last segments of apical sections, of those)."""
    found = {}

    def differ(name, ours, theirs, last):
        row = found.setdefault(name, [0.0, 0.0])
        scale = max(abs(ours), abs(theirs), 1e-300)
        row[last] = max(row[last], abs(ours - theirs) / scale)

    starts = starts_of(params)
    soma = {"name": "soma", "region": "soma", "L_um": params["soma_L_um"], "diam_um": params["soma_diam_um"]}
    for branch in [soma | {"num_segments": 1}] + params["branches"]:
        sec = section_of(cell, branch["name"])
        region, n = params["regions"][branch["region"]], branch["num_segments"]
        assert sec.nseg == n, (branch["name"], sec.nseg, n)
        area = sum(seg.area() for seg in sec)
        differ("length", branch["L_um"], sec.L, 0)
        differ("area", np.pi * branch["L_um"] * branch["diam_um"], area, 0)
        differ("Ra", region["Ra_ohm_cm"], sec.Ra, 0)
        for i, seg in enumerate(sec):
            last = int(branch["region"] == "apical" and i == n - 1)
            d = 0.0 if branch["name"] == "soma" else starts[branch["name"]] + branch["L_um"] * (i + 0.5) / n
            differ("cm", region["cm_uF_cm2"], seg.cm, 0)
            differ("g_pas", region["g_pas"], seg.pas.g, 0)
            differ("e_pas", region["e_pas_mV"], seg.pas.e, 0)
            for name in CHANNELS:
                has = h.ismembrane(name, sec=sec)
                assert has == (name in region["channels"]), (branch["name"], name)
                if has:
                    theirs = getattr(getattr(seg, name), f"g{name}bar")
                    differ(name, density(region["channels"][name], d), theirs, last)
            has = h.ismembrane("CaDynamics_E2", sec=sec)
            assert has == ("calcium" in region), branch["name"]
            if has:
                differ("decay", region["calcium"]["decay_ms"], seg.CaDynamics_E2.decay, 0)
                differ("gamma", region["calcium"]["gamma"], seg.CaDynamics_E2.gamma, 0)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the model's files, with models/ and morphologies/")
    parser.add_argument("json", type=Path)
    parser.add_argument("--cell", default="cell1.asc")
    args = parser.parse_args()
    h = load()
    cell = published(h, args.folder, args.folder / "morphologies" / args.cell)
    found = compare(h, cell, json.loads(args.json.read_text()))
    print("largest relative difference          of all but last     of last apical segments")
    for name, (of_all, of_last) in found.items():
        print(f"{name:36} {of_all:11.2e} {of_last:20.2e}")


if __name__ == "__main__":
    main()
