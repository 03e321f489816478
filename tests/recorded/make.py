"""Writes the recorded results that ship with the page, from runs of the command line.

    ballstick dataset --preset nmda-cable --train 24 --valid 4 --test 8 --duration 2048 --seed 5 --out small-cable
    ballstick dataset --preset ampa-point --train 24 --valid 4 --test 8 --duration 2048 --seed 5 --out small-point
    ballstick sweep --data POINT --data CABLE --out SWEEP ...          # the assignment
    ballstick sweep --data CABLE --configs "" --architectures --out ARCHITECTURES ...
    for e in 20 80 320; do ballstick sweep --data small-point --data small-cable --configs ABCDE --out reach-$e \
        --epochs $e --batch-size 8 --window 512 --learning-rate 0.002; done    # what the page's budgets reach
    python3 tests/recorded/make.py --sweep SWEEP [--architectures ARCHITECTURES] \
        [--reach FOLDER ...] --out www/recorded
    python3 tests/recorded/make.py --full RUN ... --out www/recorded    # runs of `ballstick train` on all of the data
    python3 tests/recorded/make.py --active ACTIVE CABLE --out www/recorded    # docs/assignment.md, "An active dendrite"

`assignment.json` holds a row a run; `twin_{point,cable}_C.safetensors` the assignment's config C without its optimizer
state, `twin_{point,cable}_C_full.safetensors` the same from a training on all of the data; `reach.json` how good a twin
is after how many steps. `twin_active_C.safetensors` is seed 0 of the sweep ACTIVE over seeds, on the active cable;
`tests/recorded/active.json` has the rows of it and of the same sweep CABLE on the cable. Only the standard library is needed.
"""

import argparse
import csv
import json
import pathlib
import struct


def read_safetensors(path):
    """(metadata, {name: (dtype, shape, bytes)})"""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length :]
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        arrays[name] = (entry["dtype"], entry["shape"], body[start:end])
    return metadata, arrays


def write_safetensors(path, metadata, arrays):
    header, body = {"__metadata__": metadata}, b""
    for name, (dtype, shape, values) in sorted(arrays.items()):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def preset(neuron):
    return "ampa-point" if "_128um_" in neuron else "nmda-cable"


def first_layer(arrays):
    """The first convolution's kernels, (width, 2, segments, ms), rounded to four digits."""
    named = [(name, entry) for name, entry in arrays.items() if len(entry[1]) == 4 and "first" in name and name.endswith("weight")]
    if not named:
        return None
    _, (_, shape, values) = named[0]
    floats = struct.unpack(f"<{len(values) // 4}f", values)
    return {"dims": shape, "values": [float(f"{x:.4g}") for x in floats]}


def row(folder, with_layer):
    found = json.loads((folder / "row.json").read_text())
    recipe = json.loads((folder / "recipe.json").read_text())
    metadata, arrays = read_safetensors(folder / "last.safetensors")
    header = json.loads(metadata["ballstick"])
    best = read_safetensors(folder / "best.safetensors")[1]
    metrics = json.loads((folder / "metrics.json").read_text())
    keys = "short_name parameters receptive_field_ms auc auc_low auc_high tpr soma_explained_percent train_seconds inference_ms weights_kib memory_mib test_simulations test_set"
    out = {"neuron": preset(found["neuron"]), "config": found.get("config", found.get("label"))}
    out |= {key: found[key] for key in keys.split() if found.get(key) is not None}
    out |= {
        "steps": header["progress"]["step"],
        "train_simulations": header["data"]["train"],
        "near_auc": metrics["near_spike_AUC_score"],
        "rate_explained_percent": metrics["inst_rate_explained_variance_percent"],
        "dend_explained_percent": metrics["dend_v_explained_variance_percent"],
        "epochs": recipe["num_epochs"],
        "batch_size": recipe["train_batch_size"],
        "window_ms": recipe["train_time_window_size"],
        "learning_rate": recipe["learning_rate"],
        "seed": recipe["seed"],
        "first_layer": first_layer(best) if with_layer else None,
    }
    return out


def keep_twin(done, name, out):
    """Keeps a twin of a run under `name`, without optimizer state and curves."""
    metadata, arrays = read_safetensors(done)
    arrays = {key: entry for key, entry in arrays.items() if not key.startswith(("optimizer.", "curve."))}
    write_safetensors(out / f"twin_{name}.safetensors", metadata, arrays)


def short(neuron):
    return {"ampa-point": "point", "nmda-cable": "cable"}[preset(neuron)]


def baselines(root):
    """The baselines that the twins of a sweep have to beat, from the sweep's baselines.csv."""
    keys = {"tpr_at_fpr_0.002": "tpr", "twin": "short_name", "test_set": "test_set"}
    numbers = "receptive_field_ms parameters auc auc_low auc_high train_simulations weights_kib test_simulations".split()
    out = []
    with open(root / "baselines.csv", newline="") as file:
        for found in csv.DictReader(file):
            line = {"neuron": preset(found["neuron"]), "config": found["config"]}
            line |= {name: found[key] for key, name in keys.items()}
            line["tpr"] = float(line["tpr"])
            line |= {key: float(found[key]) for key in numbers}
            out.append(line)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweep", type=pathlib.Path)
    parser.add_argument("--full", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--architectures", type=pathlib.Path)
    parser.add_argument("--reach", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--active", type=pathlib.Path, nargs=2)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    for run in args.full:
        done = run / "best.safetensors"
        header = json.loads(read_safetensors(done)[0]["ballstick"])
        keep_twin(done, f"{short(header['data']['name'])}_C_full", args.out)
    if args.active:
        active, cable = ([json.loads(done.read_text()) for done in sorted(root.glob("cells/*/row.json"))] for root in args.active)
        text = json.dumps({"active": active, "cable": cable}, indent=1)
        (pathlib.Path(__file__).parent / "active.json").write_text(text + "\n")
        keep_twin(next(args.active[0].glob("cells/seed=0*/best.safetensors")), "active_C", args.out)
    if not args.sweep:
        return

    def rows(root):
        return [row(done.parent, done.parent.name in "AB") for done in sorted(root.glob("*/*/row.json"))]

    assignment = rows(args.sweep)
    if args.architectures:
        assignment += rows(args.architectures)
    assignment += baselines(args.sweep)
    assignment.sort(key=lambda r: (r["neuron"], r["config"]))
    text = "[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in assignment) + "\n]\n"
    (args.out / "assignment.json").write_text(text)

    for done in args.sweep.glob("*/C/best.safetensors"):
        keep_twin(done, f"{short(done.parent.parent.name)}_C", args.out)

    def point(folder):
        found = row(folder, False)
        neuron = {"ampa-point": "point", "nmda-cable": "cable"}[found["neuron"]]
        return {
            "neuron": neuron,
            "config": found["config"],
            "steps": found["steps"],
            "batch": found["batch_size"],
            "window": found["window_ms"],
            "simulations": found["train_simulations"],
            "auc": found["auc"],
            "low": found["auc_low"],
            "high": found["auc_high"],
        }

    roots = [args.sweep, *args.reach]
    reach = [point(done.parent) for root in roots for done in root.glob("*/*/row.json")]
    reach.sort(key=lambda r: (r["neuron"], r["config"], r["steps"]))
    (args.out / "reach.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in reach) + "\n]\n")
    print(f"{len(assignment)} runs, {len(reach)} points")


if __name__ == "__main__":
    main()
