"""Asks onnxruntime whether exported twins give the twins' outputs: the cases of tests/parity (or of another folder),
and twins of every architecture, norm and nonlinearity, scaled inside and outside, of several batches and times.

    pip install -r tests/onnx/requirements.txt
    cargo build -p native-cli
    python tests/onnx/check.py target/debug/ballstick [tests/parity]
"""

import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

from twins import TWINS, CommandLine, inputs, off

HEADS = ["spikes", "soma", "near_spike", "inst_rate", "dend_v"]
# single-precision sums in another order
TOLERANCE = 1e-5


def session(line, model, place):
    line("export", "--model", model, "--format", "onnx", "--scaling", place, "--out", line.folder / "twin.onnx")
    path = line.folder / "twin.onnx"
    loaded = onnx.load(path)
    onnx.checker.check_model(loaded, full_check=True)
    assert loaded.opset_import[0].version >= 17
    opened = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    path.unlink()
    assert [output.name for output in opened.get_outputs()] == HEADS
    return lambda x: dict(zip(HEADS, opened.run(HEADS, {"X": x})))


def compare(name, got, want, scales=None):
    worst = max(off(got[head], want[head], (scales or {}).get(head)) for head in HEADS)
    print(f"{name:46} {worst:.1e}")
    return worst <= TOLERANCE


def check(line, name, model, x):
    """Compares a twin with scaling outside and inside the model, on the whole input and on parts of batch and time."""
    raw, scaled = session(line, model, "outside"), session(line, model, "inside")
    whole = line.predict(model, x, raw=True)
    fine = compare(f"{name}, outside", raw(x), whole)
    weights = 10 * x
    # a probability's error is compared with 1, however rare spikes are: near 0 rounding the logit errs by a share of it
    probabilities = {"spikes": 1.0, "near_spike": 1.0}
    fine &= compare(f"{name}, inside", scaled(weights), line.predict(model, weights, raw=False), probabilities)
    # a few ms may hold small values only: they are compared with the largest of the whole
    largest = {head: float(np.abs(whole[head]).max()) for head in HEADS}
    for time in (1, 7, x.shape[3] // 2):
        part = np.ascontiguousarray(x[:1, :, :, :time])
        fine &= compare(f"{name}, 1 of {time} ms", raw(part), line.predict(model, part, raw=True), largest)
    return raw, fine


def main():
    parity = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent.parent / "parity")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        line = CommandLine(sys.argv[1], folder)
        for path in sorted(parity.glob("*.npz")):
            with np.load(path) as case:
                x = case["X"]
                recorded = {head: case[f"eval_out/{head}"] for head in HEADS}
            raw, fine = check(line, path.stem, path.with_suffix(".pt").resolve(), x)
            fine &= compare(f"{path.stem}, PyTorch's outputs", raw(x), recorded)
            failed += [] if fine else [path.stem]
        data = line.data_set()
        for name in TWINS:
            model = line.train(name, data)
            _, fine = check(line, name, model, inputs(3, 90) / 10)
            failed += [] if fine else [name]
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}:", failed or "all within", TOLERANCE)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
