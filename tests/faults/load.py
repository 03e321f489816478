#!/usr/bin/env python3
"""Loads on purpose: 100,000 simulations in one data set, an archive of more than 4 GiB, a simulation of an hour, neurons of
10,000 segments and of 10,000 branches, a sweep of 200 cells.

    python3 tests/faults/load.py [--binary target/debug/ballstick] [--share 1.0] [LOAD ...]

It prints what each command took: seconds by the clock, those of all processors together, the most memory that it had at
a time. `--share 0.01` is a hundredth of the
load. The exit status is 1 where a command fails, or where what is converted there and back has other bytes.
"""

import argparse
import filecmp
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PARTS = "inputs output_spikes output_near_spikes output_inst_rate output_soma_v intermidiate_branch_v".split()


class Load:
    def __init__(self, options):
        self.binary, self.share, self.wrong = options.binary, options.share, 0
        self.folder = Path(tempfile.mkdtemp(prefix="load.", dir=options.dir))

    def times(self, count):
        return max(1, round(count * self.share))

    def run(self, what, *words):
        """Runs a command and says what it took."""
        with open(self.folder / "said", "wb") as said:
            began = time.monotonic()
            process = subprocess.Popen([self.binary, *map(str, words)], cwd=self.folder, stdout=said, stderr=said)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        computed = usage.ru_utime + usage.ru_stime
        print(f"{what:46} {seconds:8.1f} s {computed:8.1f} s of processors {usage.ru_maxrss / 1024:6.0f} MiB", flush=True)
        if process.returncode != 0:
            self.note(f"{what} ended with {process.returncode}: {(self.folder / 'said').read_text()[-400:]}")

    def note(self, text):
        self.wrong += 1
        print("WRONG", text, flush=True)

    def same(self, one, other):
        """Requires two folders to have the same files."""
        files = lambda at: {path.relative_to(at) for path in at.rglob("*") if path.is_file()}
        if files(one) != files(other):
            self.note(f"{one} and {other} have other files: {sorted(files(one) ^ files(other))[:3]}")
        for path in files(one) & files(other):
            if not filecmp.cmp(one / path, other / path, shallow=False):
                self.note(f"{path} has other bytes")

    def simulations(self):
        """A data set of 100,000 simulations, which last 16 ms each."""
        for count in [self.times(1000), self.times(10_000), self.times(100_000)]:
            made = ["dataset", "--preset", "ampa-point", "--duration", 16, "--train", count, "--valid", 1, "--test", 1]
            self.run(f"dataset, {count} simulations", *made, "--out", "many")
            self.run("the same again: all are checked", *made, "--out", "many")
            data = next((self.folder / "many").iterdir())
            for path in list(data.rglob("sim_*7.npy"))[:1000]:
                path.unlink()
            self.run("again, with 1000 files removed", *made, "--out", "many")
            self.run("stats", "stats", data)
            self.run("convert to one archive", "convert", data, "many.zip")
            self.run("stats of the archive", "stats", "many.zip")
            self.run("convert to folders", "convert", "many.zip", "back")
            self.same(data, next(p for p in [self.folder / "back" / data.name, self.folder / "back"] if p.exists()))
            self.clear("many", "back", "many.zip")

    def archive(self):
        """An archive of more than 4 GiB, of simulations whose inputs and voltages do not compress."""
        draw = random.Random(1)
        count, segments, ms = self.times(24), 64, 500_000
        for number in range(count):
            arrays = {
                "inputs": ("<f2", (segments, ms, 2), self.noise(draw, 2 * segments * ms)),
                "output_spikes": ("|b1", (ms,), bytes(ms)),
                "output_near_spikes": ("|b1", (ms,), bytes(ms)),
                "output_inst_rate": ("<f4", (ms,), bytes(4 * ms)),
                "output_soma_v": ("<f4", (ms,), bytes(4 * ms)),
                "intermidiate_branch_v": ("<f2", (segments, ms), self.noise(draw, segments * ms)),
            }
            for part, (code, shape, values) in arrays.items():
                path = self.folder / "large/train" / part / f"sim_{number:07}.npy"
                path.parent.mkdir(parents=True, exist_ok=True)
                head = f"{{'descr': '{code}', 'fortran_order': False, 'shape': {shape}, }}"
                head += " " * (-(len(head) + 11) % 64) + "\n"
                with open(path, "wb") as file:
                    file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode())
                    file.write(values)
        self.run(f"convert {count} simulations of 8 minutes", "convert", "large", "large.zip")
        size = (self.folder / "large.zip").stat().st_size
        print(f"    the archive has {size / 2**30:.2f} GiB")
        self.run("convert it back", "convert", "large.zip", "back")
        self.same(self.folder / "large", self.folder / "back")
        self.clear("large", "back", "large.zip")

    def noise(self, draw, halves):
        """Numbers of half precision from 0 to 2, which do not compress: what is drawn is longer than deflate looks back."""
        block = bytearray(draw.randbytes(1 << 20))
        block[1::2] = bytes(byte & 0x3F for byte in block[1::2])
        return bytes(block) * (2 * halves // len(block)) + bytes(block[: 2 * halves % len(block)])

    def hour(self):
        """Simulations of an hour."""
        ms = self.times(3_600_000)
        self.run("simulate an hour, a point neuron", "simulate", "--preset", "ampa-point", "--duration", ms, "--out", "hour.npz")
        self.run("a data set of one such", *f"dataset --preset nmda-cable --duration {ms} --train 1 --valid 0 --test 0 --out hour".split())
        self.clear("hour.npz", "hour")

    def segments(self):
        """Neurons of 10,000 segments: one cable, and as many branches."""
        branch = {"L_um": 10, "diam_um": 2, "num_segments": 1}
        tree = [{"name": f"b{i}", "parent": f"b{(i - 1) // 2}" if i else "soma", **branch} for i in range(self.times(10_000))]
        cable = [{"name": "b", "parent": "soma", "L_um": 10_000, "diam_um": 2, "num_segments": self.times(10_000)}]
        # a point every 10 µm, each the start of two branches
        at = [(0, 0, 0)]
        for i in range(self.times(10_000)):
            x, y, z = at[(i + 1) // 2]
            at.append((x + 8, y + (6 if i % 2 else -6), z))
        swc = ["1 1 0 0 0 10 -1"]
        swc += [f"{i + 1} 3 {x} {y} {z} 1 {i // 2 + 1}" for i, (x, y, z) in enumerate(at) if i]
        (self.folder / "cell.swc").write_text("\n".join(swc) + "\n")
        for name, branches in [("cable", cable), ("tree", tree)]:
            (self.folder / f"{name}.json").write_text(json.dumps({"branches": branches}))
            self.run(f"simulate 0.1 s of a {name}", "simulate", "--neuron", f"{name}.json", "--duration", 100, "--out", f"{name}.npz")
        self.run("swc", "swc", "cell.swc", "--out", "cell.json")
        self.run("simulate 0.1 s of it", "simulate", "--neuron", "cell.json", "--duration", 100, "--out", "cell.npz")
        self.run("a data set of it", *"dataset --neuron cell.json --duration 100 --train 4 --valid 1 --test 1 --out cell".split())
        self.run("stats of it", "stats", "cell")
        self.clear("cell")

    def sweep(self):
        """A sweep of 200 cells."""
        self.run("a data set", *"dataset --preset ampa-point --duration 1000 --train 8 --valid 2 --test 2 --out data".split())
        values = ",".join(str(n) for n in range(1, self.times(50) + 1))
        words = f"sweep --data data --configs A --window 100 --batch-size 4 --epochs 1 --axis width={values} --axis seed=1,2,3,4"
        self.run(f"a sweep of {4 * self.times(50)} cells", *words.split(), "--out", "sweep")
        self.run("the same again", *words.split(), "--out", "sweep")
        self.clear("data", "sweep")

    def clear(self, *names):
        for name in names:
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


LOADS = ["simulations", "archive", "hour", "segments", "sweep"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", default="target/debug/ballstick", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--share", default=1.0, type=float)
    parser.add_argument("--dir", help="where the files go: 20 GB [default: the folder of temporary files]")
    parser.add_argument("loads", nargs="*", metavar="LOAD", help=" ".join(LOADS))
    options = parser.parse_args()
    load = Load(options)
    try:
        for name in options.loads or LOADS:
            print(f"-- {name}", flush=True)
            getattr(load, name)()
    finally:
        shutil.rmtree(load.folder, ignore_errors=True)
    sys.exit(1 if load.wrong else 0)


if __name__ == "__main__":
    main()
