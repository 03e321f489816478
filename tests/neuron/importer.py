"""What NEURON's own importer (Import3d) makes of a cell's file, and the numbers of segments that its rules give.

    venv/bin/python tests/neuron/importer.py --out tests/fixtures/import.json CELL.swc CELL.asc ...

writes, for every file and every section: its kind (the SWC type), length, lateral area, where it joins the soma, path
distance from the middle of the soma to its middle, and its number of segments by each rule; and the input resistance of
the passive cell.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

RA, CM, G_PAS = 100.0, 1.0, 5e-5  # ohm cm, uF/cm2, S/cm2: the membrane with which everything is measured
SHARES, LENGTHS = (0.1, 0.02), (40.0, 7.0)  # d_lambda; longest segments, um
KINDS = {"soma": 1, "axon": 2, "dend": 3, "apic": 4}


class Cell:
    """Takes the sections that the importer makes."""

    def __str__(self):
        return "cell"


def load(h, path):
    """The sections of a cell's file, and the kind of each by its name."""
    swc = Path(path).suffix.lower() == ".swc"
    reader = h.Import3d_SWC_read() if swc else h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(str(path))
    cell = Cell()
    h.Import3d_GUI(reader, 0).instantiate(cell)
    return cell


def kind_of(sec):
    """The SWC type of a section, from its name: apic[3], dend_7[0], minus_1[0]."""
    name = sec.name().split(".")[-1].split("[")[0]
    if name in KINDS:
        return KINDS[name]
    word, number = name.split("_")
    return -int(number) if word == "minus" else int(number)


def odd(quotient, rounding):
    """int((quotient + rounding)/2)*2 + 1: NEURON's odd number of segments."""
    return int((quotient + rounding) / 2) * 2 + 1


def measure(h, path):
    """The cell of a file as numbers."""
    cell = load(h, path)
    somas = [s for s in cell.all if kind_of(s) == 1]
    others = [s for s in cell.all if kind_of(s) != 1]
    for sec in cell.all:
        sec.Ra, sec.cm, sec.nseg = RA, CM, 1
        sec.insert("pas")
        for seg in sec:
            seg.pas.g, seg.pas.e = G_PAS, -80.0
    area = lambda sec: sum(seg.area() for seg in sec)
    middle = somas[0](0.5)
    out = {
        "soma": {"sections": len(somas), "L_um": sum(s.L for s in somas), "area_um2": sum(map(area, somas))},
        "sections": [],
    }
    for sec in others:
        joint = sec.parentseg()
        while joint is not None and joint.x == 0 and kind_of(joint.sec) != 1:
            joint = joint.sec.parentseg()  # a fork at the first point of a stem
        row = {
            "kind": kind_of(sec),
            "L_um": sec.L,
            "area_um2": area(sec),
            "d_um": h.distance(middle, sec(0.5)),
            "d_lambda": [odd(sec.L / (share * h.lambda_f(100, sec=sec)), 0.9) for share in SHARES],
            "d_X": [odd(sec.L / most, 0.999) for most in LENGTHS],
        }
        if joint is not None and kind_of(joint.sec) == 1:
            row["soma_x"] = joint.x
        out["sections"].append(row)
    # a whole cell, cut fine: the input resistance, whatever the segments
    for sec in cell.all:
        sec.nseg = min(odd(sec.L / 2.0, 0.999), 9999) if sec in others else 1
    for sec in cell.all:
        for seg in sec:
            seg.pas.g, seg.pas.e = G_PAS, -80.0
    impedance = h.Impedance()
    impedance.loc(0.5, sec=somas[0])
    h.finitialize(-80.0)
    impedance.compute(0)
    out["input_MOhm"] = impedance.input(0.5, sec=somas[0])
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("cells", nargs="+", type=Path)
    args = parser.parse_args()
    from neuron import h

    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    out = {
        "made_by": f"tests/neuron/importer.py, NEURON {h.nrnversion(5)}",
        "membrane": {"Ra_ohm_cm": RA, "cm_uF_cm2": CM, "g_pas": G_PAS},
        "d_lambda": SHARES,
        "d_X_um": LENGTHS,
        "cells": {},
    }
    for path in args.cells:
        out["cells"][path.name] = measure(h, path)
        for sec in list(h.allsec()):
            h.delete_section(sec=sec)
    args.out.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
