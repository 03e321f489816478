"""Twins of every kind to try other programs on: trained by the command line for a moment, at a rate so high that every
scale and shift is far from where it starts."""

import json
import pathlib
import subprocess

import numpy as np

SEGMENTS = 8

_TCN = {"first_layer_temporal_kernel_size": 9, "num_layers_per_block_list": [2, 1],
        "num_features_per_block_list": [10, 8], "temporal_kernel_size_per_block_list": [5, 4],
        "temporal_dilation_per_block_list": [1, 3]}
_RESNET = {"first_layer_temporal_kernel_size": 9, "num_miniblocks_per_block_list": [1, 2],
           "num_features_per_block_list": [10, 8], "temporal_kernel_size_per_block_list": [5, 4],
           "temporal_dilation_per_block_list": [2, 1]}
_ELM = {"memory_dim": 10}
_TRANSFORMER = {"d_model": 24, "n_heads": 3, "num_layers": 2, "window_size": 20, "max_seq_len": 1024}

_NORMS = ["RMSNorm", "LayerNorm", "BatchNorm", "BatchNorm_B"]
_NONLINEARITIES = ["identity", "relu", "leaky_relu", "gelu", "leaky_gelu", "silu", "leaky_silu", "tanh", "leaky_tanh",
                   "sigmoid", "leaky_sigmoid", "two_sided_leaky_relu", "two_sided_leaky_gelu", "two_sided_leaky_silu"]

# name: architecture, configuration
TWINS = {
    **{f"tcn_{norm}": ("tcn", {**_TCN, "norm_type": norm}) for norm in _NORMS},
    **{f"resnet_tcn_{norm}": ("resnet_tcn", {**_RESNET, "norm_type": norm}) for norm in _NORMS},
    **{f"tcn_{kind}": ("tcn", {**_TCN, "nonlinearity_str": kind}) for kind in _NONLINEARITIES},
    **{f"elm_{norm}": ("elm", {**_ELM, "mlp_pre_norm_type": norm}) for norm in _NORMS[:3] + ["none"]},
    "elm_deep": ("elm", {**_ELM, "mlp_num_hidden_layers": 2, "mlp_hidden_dim": 7}),
    "elm_flat": ("elm", {**_ELM, "mlp_num_hidden_layers": 0}),
    **{f"transformer_first_{norm}": ("transformer", {**_TRANSFORMER, "first_norm_type": norm}) for norm in _NORMS},
    "transformer_layer_norm": ("transformer", {**_TRANSFORMER, "norm_type": "layer_norm"}),
    "transformer_gelu_full": ("transformer", {**_TRANSFORMER, "ffn_type": "gelu", "ffn_hidden_dim": None,
                                              "SWA_type": "full", "use_complex_number_rope": True}),
}


class CommandLine:
    """`ballstick`, run in a folder."""

    def __init__(self, program, folder):
        self.program, self.folder = pathlib.Path(program).resolve(), pathlib.Path(folder)

    def __call__(self, *arguments):
        command = [self.program, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def data_set(self, out="data"):
        """Make a small data set of the cable; return its folder."""
        self("dataset", "--preset", "nmda-cable", "--train", 12, "--valid", 2, "--test", 3, "--duration", 2048,
             "--seed", 3, "--out", out)
        return next((self.folder / out).iterdir())

    def train(self, name, data):
        """Train a twin of `TWINS`; return its file."""
        kind, config = TWINS[name]
        (self.folder / f"{name}.json").write_text(json.dumps(config))
        self("train", "--data", data, "--twin", kind, "--config", f"{name}.json", "--out", f"runs/{name}",
             "--epochs", 4, "--batch-size", 4, "--window", 256, "--learning-rate", 0.02, "--seed", 1)
        return self.folder / "runs" / name / "last.safetensors"

    def predict(self, model, x, raw):
        """The twin's outputs on inputs of shape (batch, 2, segments, ms)."""
        np.savez(self.folder / "x.npz", X=x)
        self("predict", "--model", model, "--inputs", "x.npz", "--out", "y.npz", *(["--raw"] if raw else []))
        with np.load(self.folder / "y.npz") as found:
            return {head: found[head] for head in found.files}


def inputs(batch, time, segments=SEGMENTS, seed=0):
    """Sparse synaptic weights as the data sets' own, up to 30."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(0, 30, (batch, 2, segments, time)) * (draw.uniform(size=(batch, 2, segments, time)) < 0.05)
    return x.astype(np.float32)


def off(got, want, scale=None):
    """The largest difference, as a fraction of the largest value, or of `scale`."""
    return float(np.abs(got.reshape(want.shape) - want).max() / (scale or np.abs(want).max()))
