#!/usr/bin/env python3
"""Faults on purpose: `dataset`, `convert`, `filter`, `train` and `sweep` are killed at random moments, run out of disk, of file
descriptors and of input, lose their folder, their home and their readers, and see the clock go back. After each fault the
command is given again, and must end with the bytes of a run that was left alone.

    python3 tests/faults/faults.py [--binary target/debug/ballstick] [--count 100] [--seed 0] [FAULT ...]

Linux only; `disk` and `readonly` mount small file systems in memory, for which they must be root, and `clock` needs
Debian's libfaketime. It prints a table of
what was done and how it ended; the exit status is 1 where anything was lost, left over or ended otherwise than documented.
"""

import argparse
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

DATASET = "dataset --preset nmda-cable --train 24 --valid 4 --test 4 --duration 2000 --seed 2 --out".split()
TRAIN = "train --data DATA --config A --window 300 --batch-size 4 --epochs 8".split()
SWEEP = "sweep --data DATA --configs A --window 300 --batch-size 4 --epochs 2 --out".split()

# The documented exit codes of the command line.
FINISHED, FAILED, USAGE = 0, 1, 2
SIGNALS = {
    signal.SIGKILL: -signal.SIGKILL,
    signal.SIGTERM: 143,
    signal.SIGHUP: 129,
    signal.SIGINT: 130,
}
LONGEST = 120  # seconds: a command that takes longer hangs


class Command:
    """One of the five commands, in a folder of its own."""

    def __init__(self, name, binary, data):
        self.name, self.binary, self.data = name, str(binary), data

    def prepare(self, folder):
        if self.name == "filter":
            shutil.copytree(self.data, folder / "data")

    def arguments(self, folder):
        filled = lambda words: [str(self.data) if word == "DATA" else word for word in words]
        if self.name == "dataset":
            return DATASET + ["data"]
        if self.name == "convert":
            return ["convert", str(self.data), "data.zip"]
        if self.name == "filter":
            return ["filter", "data"]
        if self.name == "sweep":
            return filled(SWEEP) + ["sweep"]
        again = ["--resume"] if (folder / "run/last.safetensors").exists() else []
        return filled(TRAIN) + ["--out", "run"] + again

    def start(self, folder, **options):
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(
            [self.binary] + self.arguments(folder), cwd=folder, **{**streams, **options}
        )

    def run(self, folder, **options):
        process = self.start(folder, **options)
        try:
            said = process.communicate(timeout=LONGEST)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            return "hang", ""
        return process.returncode, (said or b"").decode(errors="replace")


def contents(folder):
    """The digest of every file, but for those that hold times."""
    timed = ("seconds.txt", "report.html", "table.csv", "row.json", "metrics.json", "baselines.csv")
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in timed
    }


def leftovers(folder):
    return [str(path) for path in folder.rglob("*") if ".part" in path.name]


class Campaign:
    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.root = Path(tempfile.mkdtemp(prefix="faults."))
        self.wrong = []
        made = self.root / "made"
        made.mkdir()
        subprocess.run([options.binary] + DATASET + ["data"], cwd=made, check=True, capture_output=True)
        # the folder with the data set's own name
        self.data = next((made / "data").iterdir())
        self.reference, self.seconds, self.bytes = {}, {}, {}
        for name in ("dataset", "convert", "filter", "train", "sweep"):
            command, folder = self.fresh(name)
            began = time.monotonic()
            code, said = command.run(folder)
            self.seconds[name] = time.monotonic() - began
            assert code == FINISHED, said
            self.reference[name] = contents(folder)
            blocks = lambda path: -(-path.stat().st_size // 4096) * 4096
            self.bytes[name] = sum(blocks(path) for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)

    def fresh(self, name):
        folder = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=self.root))
        command = Command(name, self.options.binary, self.data)
        command.prepare(folder)
        return command, folder

    def reference_bytes(self, name):
        """Bytes that the command writes, in whole blocks; a filter's list is one block."""
        return 2 * 4096 if name == "filter" else self.bytes[name]

    def note(self, fault, name, text):
        self.wrong.append(f"{fault}, {name}: {text}")
        print("WRONG", self.wrong[-1], flush=True)

    def panicked(self, said):
        return "panicked" in said or "RUST_BACKTRACE" in said or "memory allocation of" in said

    def goes_on(self, fault, name, command, folder):
        """Requires that the command, given again, ends with the bytes of a run left alone and without part files."""
        code, said = command.run(folder)
        if code != FINISHED and not (code == USAGE and contents(folder) == self.reference[name]):
            self.note(fault, name, f"the next run ended with {code}: {said[-300:]}")
        elif contents(folder) != self.reference[name]:
            now, before = contents(folder), self.reference[name]
            other = [path for path in sorted({*now, *before}) if now.get(path) != before.get(path)]
            self.note(fault, name, f"other bytes after the next run: {other[:4]}")
        if leftovers(folder):
            self.note(fault, name, f"left over: {leftovers(folder)[:3]}")

    def finished_files_are_whole(self, fault, name, folder):
        """Requires that every file with its final name has the bytes that a run left alone gives it. A training's files
        grow: the next run looks at them."""
        if name in ("train", "sweep"):
            return
        for path, digest in contents(folder).items():
            last = path.rsplit("/", 1)[-1]
            if ".part" in last or last.startswith(".lock"):
                continue
            if self.reference[name].get(path, digest) != digest:
                self.note(fault, name, f"{path} has its final name and other bytes")

    def ended(self, fault, name, code, said, allowed):
        if code not in allowed or self.panicked(said):
            self.note(fault, name, f"ended with {code}, not {sorted(map(str, allowed))}: {said[-300:]}")
        return code

    # The faults: each method does one to a command, and returns how the command ended.

    def signals(self, name, turn):
        command, folder = self.fresh(name)
        sent, code = list(SIGNALS.items())[turn % len(SIGNALS)]
        process = command.start(folder)
        time.sleep(self.random.uniform(0, 1.2 * self.seconds[name]))
        process.send_signal(sent)
        said = process.communicate(timeout=LONGEST)[1].decode(errors="replace")
        # before the program has installed its signal handlers, the system ends it
        early = {-sent}
        code = self.ended("signals", name, process.returncode, said, {FINISHED, code} | early)
        self.finished_files_are_whole("signals", name, folder)
        self.goes_on("signals", name, command, folder)
        return folder, f"{sent.name} {code}"

    def disk(self, name):
        command, folder = self.fresh(name)
        shutil.rmtree(folder)
        folder.mkdir()
        with mounted(folder, "size=1g"):
            command.prepare(folder)
            disk = os.statvfs(folder)
            used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
            written = self.reference_bytes(name)
            size = used + self.random.randrange(1, written) // disk.f_frsize * disk.f_frsize
            subprocess.run(["mount", "-o", f"remount,size={size or disk.f_frsize}", str(folder)], check=True)
            code, said = command.run(folder)
            self.ended("disk", name, code, said, {FINISHED, FAILED})
            self.finished_files_are_whole("disk", name, folder)
            subprocess.run(["mount", "-o", "remount,size=1g", str(folder)], check=True)
            self.goes_on("disk", name, command, folder)
        return folder, code

    def readonly(self, name):
        command, folder = self.fresh(name)
        with mounted(folder, "size=64m"):
            command.prepare(folder)
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            code, said = command.run(folder)
            self.ended("readonly", name, code, said, {FAILED, USAGE})
            subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
            self.goes_on("readonly", name, command, folder)
        return folder, code

    def vanishes(self, name):
        command, folder = self.fresh(name)
        out = folder / {"dataset": "data", "convert": "data.zip", "filter": "data"}.get(
            name, {"train": "run", "sweep": "sweep"}.get(name)
        )
        process = command.start(folder)
        time.sleep(self.random.uniform(0, self.seconds[name]))
        vanished = out.exists()
        if vanished and self.random.random() < 0.5:
            out.rename(folder / "gone")
            gone = folder / "gone"
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        elif out.is_dir():
            shutil.rmtree(out, ignore_errors=True)
        elif vanished:
            out.unlink()
        in_time = vanished and process.poll() is None
        said = process.communicate(timeout=LONGEST)[1].decode(errors="replace")
        code = self.ended("vanishes", name, process.returncode, said, {FINISHED, FAILED, USAGE})
        if code == FINISHED and in_time and contents(folder) != self.reference[name]:
            missing = sorted(set(self.reference[name]) - set(contents(folder)))
            self.note("vanishes", name, f"ended with 0 without {missing[:4]}")
        if name != "filter":
            shutil.rmtree(out, ignore_errors=True)
            self.goes_on("vanishes", name, command, folder)
        return folder, code

    def descriptors(self, name):
        command, folder = self.fresh(name)
        most = self.random.randrange(3, 24)
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        code, said = command.run(folder, preexec_fn=limit)
        # 127: the system has too few descriptors to load the program
        self.ended("descriptors", name, code, said, {FINISHED, FAILED, USAGE, 127})
        self.finished_files_are_whole("descriptors", name, folder)
        self.goes_on("descriptors", name, command, folder)
        return folder, code

    def changing(self, name):
        """A file of the input is cut short and written again while it is read."""
        if name == "dataset":
            return None, "reads nothing"
        command, folder = self.fresh(name)
        data = folder / "input"
        shutil.copytree(self.data, data)
        if name == "filter":
            shutil.rmtree(folder / "data")
            data.rename(folder / "data")
            data = folder / "data"
        else:
            command.data = data
        process = command.start(folder)
        files = [path for path in data.rglob("*.npy")]
        while process.poll() is None:
            path = self.random.choice(files)
            whole = path.read_bytes()
            with open(path, "r+b") as file:
                file.truncate(self.random.randrange(len(whole)))
                file.seek(0)
                file.write(whole)
            time.sleep(0.001)
        said = process.communicate()[1].decode(errors="replace")
        code = self.ended("changing", name, process.returncode, said, {FINISHED, FAILED, USAGE})
        if code == FINISHED and name != "filter":
            made = {path: digest for path, digest in contents(folder).items() if not path.startswith("input")}
            if made != self.reference[name]:
                self.note("changing", name, "ended with 0 and other bytes")
        return folder, code

    def homeless(self, name):
        command, folder = self.fresh(name)
        code, said = command.run(folder, env={})
        self.ended("homeless", name, code, said, {FINISHED})
        if contents(folder) != self.reference[name]:
            self.note("homeless", name, "other bytes")
        return folder, code

    def clock(self, name):
        """The system's clock goes back at a random moment, after a run that was killed and whose files are from the
        future, all of them or those of the input."""
        command, folder = self.fresh(name)
        process = command.start(folder)
        time.sleep(self.random.uniform(0, self.seconds[name]))
        process.kill()
        process.communicate()
        future = time.time() + self.random.choice([60, 86400, 20 * 365 * 86400])
        for path in [*self.data.rglob("*"), *folder.rglob("*")]:
            os.utime(path, (future, future))
        now = self.root / "clock"
        now.write_text("+0")
        faked = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(now), "FAKETIME_NO_CACHE": "1"}
        # no system lets the clock that measures durations go back
        process = command.start(folder, env={**os.environ, **faked, "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        time.sleep(self.random.uniform(0, self.seconds[name]))
        now.write_text(self.random.choice(["-1", "-3600", "-10y"]))
        said = process.communicate(timeout=LONGEST)[1].decode(errors="replace")
        # what was finished before the kill is found, and may be refused as there already
        code = self.ended("clock", name, process.returncode, said, {FINISHED, USAGE})
        if contents(folder) != self.reference[name]:
            self.note("clock", name, "other bytes")
        return folder, code

    def unread(self, name):
        """Nobody reads what the command prints: a pipe whose other end is closed, and a full device."""
        command, folder = self.fresh(name)
        if self.random.random() < 0.5:
            there, here = os.pipe()
            os.close(there)
        else:
            here = os.open("/dev/full", os.O_WRONLY)
        code, said = command.run(folder, stdout=here, stderr=here)
        os.close(here)
        # that nothing could be printed may show in the exit code; nothing that was made is lost
        self.ended("unread", name, code, said, {FINISHED, FAILED})
        if contents(folder) != self.reference[name]:
            self.note("unread", name, "other bytes")
        return folder, code

    def together(self, name):
        """Two processes on one folder: one does the work, the other is refused or finds the work done."""
        command, folder = self.fresh(name)
        first = command.start(folder)
        time.sleep(self.random.uniform(0, self.seconds[name]))
        second = command.start(folder)
        codes = []
        for process in (first, second):
            said = process.communicate(timeout=LONGEST)[1].decode(errors="replace")
            codes.append(self.ended("together", name, process.returncode, said, {FINISHED, FAILED, USAGE}))
        if FINISHED not in codes:
            self.note("together", name, f"neither did the work: {codes}")
        self.goes_on("together", name, command, folder)
        return folder, tuple(codes)


class mounted:
    """A file system in memory."""

    def __init__(self, folder, options):
        self.folder, self.options = str(folder), options

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", self.folder], check=True)

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder], check=True)


FAULTS = "signals disk readonly vanishes descriptors changing homeless unread together clock".split()
FAKETIME = next(map(str, Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", default="target/debug/ballstick", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--count", default=100, type=int, help="of each fault, on each command; the signals take turns")
    parser.add_argument("--minutes", default=1e9, type=float, help="then the next command has its turn, or the next fault")
    parser.add_argument("--seed", default=0, type=int)
    parser.add_argument("--command", action="append", help="only this one; may be repeated")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=" ".join(FAULTS))
    options = parser.parse_args()
    if "clock" in (options.faults or FAULTS) and not FAKETIME:
        parser.error("`clock` needs libfaketime (Debian: apt-get install libfaketime)")
    campaign = Campaign(options)
    print(f"seconds of a run that is left alone: { {n: round(s, 2) for n, s in campaign.seconds.items()} }")
    try:
        for fault in options.faults or FAULTS:
            for name in options.command or campaign.seconds:
                ends = Counter()
                until = time.monotonic() + 60 * options.minutes
                for turn in range(options.count):
                    if time.monotonic() > until:
                        break
                    act = getattr(campaign, fault)
                    folder, code = act(name, turn) if fault == "signals" else act(name)
                    ends[code] += 1
                    if folder:
                        shutil.rmtree(folder, ignore_errors=True)
                told = ", ".join(f"{code}: {n}" for code, n in sorted(ends.items(), key=str))
                print(f"{fault:12} {name:8} {ends.total():4} times; ended with {told}", flush=True)
    finally:
        shutil.rmtree(campaign.root, ignore_errors=True)
    print(f"{len(campaign.wrong)} wrong")
    sys.exit(1 if campaign.wrong else 0)


if __name__ == "__main__":
    main()
