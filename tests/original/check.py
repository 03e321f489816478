"""Runs the original's own code on files of ours, and ours on files of its: data sets with the neuron's `.pkl`, and twins
of every architecture, norm and nonlinearity as `.pt`, in both directions.

    git clone https://github.com/SelfishGene/tutorial_NEURON_pytorch ORIGINAL
    pip install -r tests/original/requirements.txt     # and a C compiler, for NEURON's mechanisms
    cargo build -p native-cli
    python tests/original/check.py ORIGINAL target/debug/ballstick
"""

import contextlib
import glob
import io
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "onnx"))
from twins import TWINS, CommandLine, inputs, off  # noqa: E402

HEADS = ["spikes", "soma", "near_spike", "inst_rate", "dend_v"]
# single-precision sums in another order
TOLERANCE = 1e-5
failed = []


def report(what, fine, words=""):
    print(f"{'ok   ' if fine else 'FAILS'} {what:44} {words}", flush=True)
    if not fine:
        failed.append(what)


def quietly(function, *arguments, **named):
    """Call a function without its output: the original prints much."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return function(*arguments, **named)


def stage(original, folder):
    """A copy of the original with folders of its own and NEURON's mechanisms compiled."""
    code = folder / "original"
    code.mkdir()
    for path in pathlib.Path(original).glob("*.py"):
        shutil.copy(path, code)
    (code / "config.py").write_text(f"NEURON_DATA_ROOT = {str(folder / 'data')!r}\nMODELS_ROOT = {str(folder)!r}\n")
    shutil.copytree(pathlib.Path(original) / "mods", code / "mods")
    # nrnivmodl lies beside the interpreter, whether or not its environment is active
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["nrnivmodl", "mods"], cwd=code, check=True, capture_output=True)
    os.chdir(code)
    sys.path.insert(0, str(code))


def neuron_file(line, data):
    """Check the neuron's `.pkl`: ours read by the original, and the original's read by us."""
    from neuron_model_ball_and_stick import BallAndStickNeuron

    manifest = json.loads((data / "dataset.json").read_text())
    ours = glob.glob(str(data / "*.pkl"))[0]
    neuron = quietly(BallAndStickNeuron.load, ours)
    with open(ours, "rb") as file:
        arguments = pickle.load(file)
    same = all(getattr(neuron, key) == value == manifest["neuron"][key] for key, value in arguments.items())
    report("our .pkl, opened by BallAndStickNeuron.load", same and len(arguments) == 23, f"{len(arguments)} arguments")
    report("the neuron's short name", neuron.short_name == data.name, neuron.short_name)

    # as a public data set: with the original's file and no dataset.json, and with an NMDA that no default has
    theirs = line.folder / "theirs" / data.name
    shutil.copytree(data, theirs)
    (theirs / "dataset.json").unlink()
    pathlib.Path(theirs / pathlib.Path(ours).name).unlink()
    other = quietly(BallAndStickNeuron, **{**arguments, "gamma_NMDA": 0.07, "multiplicative_SKE2_factor": 0.25})
    quietly(other.save, str(theirs))
    line("train", "--data", theirs, "--twin", "tcn", "--config", "A", "--out", "runs/theirs", "--epochs", 1,
         "--batch-size", 4, "--window", 256)
    bytes_ = (line.folder / "runs/theirs/last.safetensors").read_bytes()
    header = json.loads(bytes_[8:8 + int.from_bytes(bytes_[:8], "little")])
    told = json.loads(header["__metadata__"]["ballstick"])["neuron"]
    same = all(told[key] == getattr(other, key) for key in arguments)
    report("its .pkl, read from a set without dataset.json", same,
           f"gamma_NMDA {told['gamma_NMDA']}, SK_E2 {told['multiplicative_SKE2_factor']}")


def data_set(data):
    """Check that the original's data set class reads every split."""
    from dataloader_BS_neuron import BSNeuronDataset

    for split in ("train", "valid", "test"):
        dataset = quietly(BSNeuronDataset, str(data / split), 1024, preload_data=False)
        item = dataset[0]
        shape = tuple(item["X_spikes"].shape)
        finite = all(torch.isfinite(value).all() for value in item.values() if torch.is_tensor(value))
        report(f"our {split}, read by BSNeuronDataset", shape == (2, 8, 1024) and finite,
               f"{len(dataset)} simulations, X {shape}")


def outputs(model, x):
    model.eval()
    with torch.no_grad():
        return dict(zip(HEADS, [y.numpy() for y in model(torch.from_numpy(x))]))


def worst(got, want):
    return max(off(got[head], want[head]) for head in HEADS)


def twin(line, name, data, x):
    """Check a twin of ours in the original, the same twin saved there and read by us, and a twin made there."""
    import twin_model_definitions as definitions

    safetensors = line.train(name, data)
    folder = line.folder / "pt" / name
    folder.mkdir(parents=True)
    path = line("export", "--model", safetensors, "--format", "pt", "--out", folder, "--data", data).strip()
    ours = line.predict(safetensors, x, raw=True)
    try:
        model = quietly(definitions.load_twin_model, path)
        theirs = outputs(model, x)
    except Exception as error:  # noqa: BLE001 whatever the original raises
        own = fails_there_anyway(definitions, name)
        report(f"{name}, ours there", own is not None, f"not by the original either: {own or error!r}"[:120])
        return
    quietly(model.print_main_metadata)
    report(f"{name}, ours there", (d := worst(theirs, ours)) <= TOLERANCE, f"{d:.1e}")
    back = folder / "back.pt"
    quietly(model.save_model, str(back))
    report(f"{name}, and back", (d := worst(line.predict(back, x, raw=True), ours)) <= TOLERANCE, f"{d:.1e}")

    torch.manual_seed(7)
    keys = torch.load(path, weights_only=False)
    arguments = {key: value for key, value in keys.items() if key not in ("model_state_dict", "metadata")}
    fresh = quietly(type(model), **arguments, metadata={})
    fresh.train()
    for _ in range(3):  # running statistics move
        fresh(torch.from_numpy(x))
    with torch.no_grad():
        # by so little that an ELM's memory does not explode
        for value in fresh.parameters():
            value.mul_(1 + 0.1 * torch.randn_like(value)).add_(0.003 * torch.randn_like(value))
    saved = folder / "fresh.pt"
    quietly(fresh.save_model, str(saved))
    d = worst(line.predict(saved, x, raw=True), outputs(fresh, x))
    report(f"{name}, its own here", d <= TOLERANCE, f"{d:.1e}")


def fails_there_anyway(definitions, name):
    """The error that the original raises for a twin of its own with this configuration; None where it raises none."""
    kind, config = TWINS[name]
    classes = {"tcn": "TCN", "resnet_tcn": "ResNetTCN", "elm": "ELM", "transformer": "Transformer"}
    make = getattr(definitions, f"SingleNeuronTwinModel_{classes[kind]}")
    try:
        model = quietly(make, in_channels=2, in_spatial_dim=8, head_out_channels=[1, 1, 1, 1, 8], **config)
        model.eval()
        model(torch.zeros(2, 2, 8, 100))
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    return None


def evaluation(line, data):
    """Compare the original's evaluation of a twin of ours with our evaluation."""
    from dataloader_BS_neuron import BSNeuronDataset
    from evaluate_twin_model import evaluate_model_on_dataset
    from twin_model_definitions import load_twin_model

    model = quietly(load_twin_model, glob.glob(str(line.folder / "pt/tcn_RMSNorm/*_TCN_*.pt"))[0])
    # the only window that fits begins after the original's margin, as our window does; ours is 1 ms longer
    dataset = quietly(BSNeuronDataset, str(data / "test"), 2048 - 33, preload_data=False)
    theirs = quietly(evaluate_model_on_dataset, model, dataset, verbose=0)
    said = line("evaluate", "--model", "runs/tcn_RMSNorm/last.safetensors", "--data", data, "--json")
    ours = json.loads(said)
    for key in ("AUC_score", "near_spike_AUC_score", "soma_RMSE", "soma_MAE", "inst_rate_RMSE", "dend_v_RMSE"):
        a, b = theirs[key], ours[key]
        report(f"evaluate_model_on_dataset, {key}", abs(a - b) <= 2e-3 * abs(b), f"{a:.5f}, ours {b:.5f}")


def main():
    original, program = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        line = CommandLine(program, folder)
        stage(original, folder)
        data = line.data_set()
        neuron_file(line, data)
        data_set(data)
        x = inputs(2, 300) / 10
        for name in TWINS:
            twin(line, name, data, x)
        evaluation(line, data)
        os.chdir("/")
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}: {failed or 'nothing fails'}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
