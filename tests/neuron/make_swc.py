#!/usr/bin/env python3
"""Draw a pyramidal-like cell and write it as SWC: a soma, one apical and 3-5 basal dendrites.

    python make_swc.py OUT.swc [--seed 8]

Every dendrite walks outwards in steps of a few um, keeps most of its direction, tapers, and splits
by Rall's 3/2 power rule. The same seed gives the same file. Columns: id, type (1 soma, 3 basal,
4 apical), x, y, z, radius (um), parent id (-1 the root).
"""

import argparse
import sys

import numpy as np

SOMA, BASAL, APICAL = 1, 3, 4
SOMA_RADIUS = 10.5  # um
STEP = (4.0, 9.0)  # um between points
MIN_RADIUS = 0.15  # um
# radius at the soma (um), relative taper per um, splits per step, path length of the tips (um)
APICAL_FORM = {"radius": 1.9, "taper": 0.0011, "split": 0.022, "length": 700.0}
BASAL_FORM = {"radius": 0.95, "taper": 0.0020, "split": 0.050, "length": 230.0}


def unit(x):
    return x / np.linalg.norm(x)


def random_direction(rng):
    return unit(rng.standard_normal(3))


def grow(rng, points, kind, form, direction):
    """Append one dendrite to `points`, a list of (type, position, radius, parent id); depth first."""
    start = points[0][1] + SOMA_RADIUS * direction
    points.append((kind, start, form["radius"], 1))
    tips = [(len(points), start, direction, form["radius"], 0.0)]
    while tips:
        parent, at, heading, radius, path = tips.pop()
        step = rng.uniform(*STEP)
        radius *= 1.0 - form["taper"] * step
        path += step
        if radius < MIN_RADIUS or path > form["length"] * rng.uniform(0.8, 1.2):
            continue
        heading = unit(heading + 0.22 * random_direction(rng) + 0.04 * direction)
        at = at + step * heading
        points.append((kind, at, radius, parent))
        here = len(points)
        if path < 30.0 or rng.random() > form["split"]:
            tips.append((here, at, heading, radius, path))
            continue
        share = rng.uniform(0.3, 0.7)  # of r^(3/2)
        aside = 0.7 * random_direction(rng)
        for part, turn in ((share, aside), (1.0 - share, -aside)):
            tips.append((here, at, unit(heading + turn), radius * part ** (2.0 / 3.0), path))


def draw_cell(seed):
    """The points of one cell, parents before children."""
    rng = np.random.default_rng(seed)
    points = [(SOMA, np.zeros(3), SOMA_RADIUS, -1)]
    grow(rng, points, APICAL, APICAL_FORM, np.array([0.0, 1.0, 0.0]))
    for _ in range(rng.integers(3, 6)):
        direction = random_direction(rng)
        direction[1] = -abs(direction[1]) * 0.6 - 0.1
        grow(rng, points, BASAL, BASAL_FORM, unit(direction))
    return points


def to_swc(points, seed):
    """SWC text; lengths to 0.01 um."""
    lines = [
        f"# pyramidal-like cell drawn by tests/neuron/make_swc.py --seed {seed}",
        "# id type x y z radius parent (um)",
    ]
    for number, (kind, (x, y, z), radius, parent) in enumerate(points, 1):
        x, y, z = (round(float(c), 2) + 0.0 for c in (x, y, z))  # + 0.0: no minus zero
        lines.append(f"{number} {kind} {x:.2f} {y:.2f} {z:.2f} {radius:.3f} {parent}")
    return "\n".join(lines) + "\n"


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="file to write")
    parser.add_argument("--seed", type=int, default=8)
    args = parser.parse_args(argv)
    with open(args.out, "w") as f:
        f.write(to_swc(draw_cell(args.seed), args.seed))


if __name__ == "__main__":
    main(sys.argv[1:])
