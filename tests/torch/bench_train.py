"""Training steps a second of a twin in PyTorch: reads a job as JSON, prints one number.

The modules follow the equations of the twins; no trained weights pass between them and ours.
"""

import json
import math
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalConv(nn.Module):
    def __init__(self, channels, out, rows, taps, dilation=1):
        super().__init__()
        self.past = (taps - 1) * dilation
        size, step = (rows, taps), (1, dilation)
        self.conv = nn.Conv2d(channels, out, size, padding=(0, self.past), dilation=step)

    def forward(self, x):
        y = self.conv(x)
        return y[..., : y.shape[-1] - self.past]


class RmsOverChannels(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        rms = torch.sqrt(x.pow(2).mean(dim=1, keepdim=True) + 1e-5)
        return x / rms * self.weight.view(1, -1, 1, 1)


class LeakyGelu(nn.Module):
    def __init__(self, leak):
        super().__init__()
        self.leak = leak

    def forward(self, x):
        return 0.5 * F.gelu(x) + 0.5 * F.leaky_relu(x, 2 * self.leak)


def layer(channels, out, rows, taps, dilation, leak):
    conv = CausalConv(channels, out, rows, taps, dilation)
    return nn.Sequential(conv, RmsOverChannels(out), LeakyGelu(leak))


class Miniblock(nn.Module):
    def __init__(self, channels, out, taps, dilation, leak):
        super().__init__()
        self.one = layer(channels, out, 1, taps, dilation, leak)
        self.two = layer(out, out, 1, taps, dilation, leak)
        self.shortcut = nn.Conv2d(channels, out, 1)

    def forward(self, x):
        return self.shortcut(x) + self.two(self.one(x))


def convolutional(c, residual):
    widths = c["num_features_per_block_list"]
    counts = c["num_miniblocks_per_block_list" if residual else "num_layers_per_block_list"]
    leak, taps = c["leaky_slope"], c["temporal_kernel_size_per_block_list"]
    first = c["first_layer_temporal_kernel_size"]
    layers = [layer(c["in_channels"], widths[0], c["in_spatial_dim"], first, 1, leak)]
    channels = widths[0]
    for i, count in enumerate(counts):
        dilation = c["temporal_dilation_per_block_list"][i]
        for _ in range(count):
            if residual:
                layers.append(Miniblock(channels, widths[i], taps[i], dilation, leak))
            else:
                layers.append(layer(channels, widths[i], 1, taps[i], dilation, leak))
            channels = widths[i]
    return nn.Sequential(*layers), channels


class Elm(nn.Module):
    def __init__(self, c):
        super().__init__()
        rows, memory = c["in_channels"] * c["in_spatial_dim"], c["memory_dim"]
        hidden = c["mlp_hidden_dim"] or 2 * memory
        self.w_s = nn.Parameter(torch.full((rows,), c["w_s_value"]))
        self.proto = nn.Parameter(torch.linspace(-4, 4, memory))
        self.bounds = c["memory_tau_min"], c["memory_tau_max"]
        self.kappa_s = math.exp(-c["delta_t"] / c["synapse_tau_value"])
        self.scale, self.leak = c["lambda_value"], c["post_mlp_leaky_slope"]
        modules, width = [nn.RMSNorm(rows + memory)], rows + memory
        for _ in range(c["mlp_num_hidden_layers"]):
            modules += [nn.Linear(width, hidden), LeakyGelu(c["mlp_leaky_slope"])]
            width = hidden
        self.mlp = nn.Sequential(*modules, nn.Linear(width, memory))

    def forward(self, x):
        x = x.flatten(1, 2).transpose(1, 2)
        low, high = self.bounds
        kappa = torch.exp(-1 / (low + (high - low) * torch.sigmoid(self.proto)))
        s, m, out = 0.0, x.new_zeros(x.shape[0], kappa.shape[0]), []
        for t in range(x.shape[1]):
            s = self.kappa_s * s + self.w_s * x[:, t]
            y = self.mlp(torch.cat([s, kappa * m], dim=-1))
            y = self.leak * y + (1 - self.leak) * torch.tanh(y)
            m = kappa * m + self.scale * (1 - kappa) * y
            out.append(m)
        return torch.stack(out, dim=-1).unsqueeze(2)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, hidden = c["d_model"], c["ffn_hidden_dim"] or c["d_model"] * 8 // 3
        self.heads, self.window = c["n_heads"], c["window_size"]
        self.n1, self.n2 = nn.RMSNorm(d), nn.RMSNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d, bias=False)
        self.w1, self.w2 = nn.Linear(d, hidden, bias=False), nn.Linear(d, hidden, bias=False)
        self.w3 = nn.Linear(hidden, d, bias=False)

    def turn(self, x):
        pairs = x.shape[-1] // 2
        freq = 10000.0 ** (-torch.arange(pairs, device=x.device) / pairs)
        angle = torch.arange(x.shape[2], device=x.device)[:, None] * freq
        a, b = x.unflatten(-1, (pairs, 2)).unbind(-1)
        cos, sin = angle.cos(), angle.sin()
        return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)

    def forward(self, x):
        q, k, v = self.qkv(self.n1(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, k = self.turn(q), self.turn(k)
        blocks = []
        for start in range(0, x.shape[1], 64):
            stop, first = min(start + 64, x.shape[1]), max(0, start - self.window + 1)
            i = torch.arange(start, stop, device=x.device)[:, None]
            j = torch.arange(first, stop, device=x.device)[None, :]
            mask = (j <= i) & (j > i - self.window)
            scores = q[:, :, start:stop] @ k[:, :, first:stop].transpose(-1, -2)
            scores = (scores / math.sqrt(q.shape[-1])).masked_fill(~mask, float("-inf"))
            blocks.append(scores.softmax(-1) @ v[:, :, first:stop])
        x = x + self.out(torch.cat(blocks, 2).transpose(1, 2).flatten(2))
        y = self.n2(x)
        return x + self.w3(F.silu(self.w1(y)) * self.w2(y))


class Transformer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, taps = c["d_model"], c["first_layer_temporal_kernel_size"]
        rows, leak = c["in_spatial_dim"], c["first_leaky_slope"]
        self.first = layer(c["in_channels"], d, rows, taps, 1, leak)
        self.blocks = nn.Sequential(*[Block(c) for _ in range(c["num_layers"])], nn.RMSNorm(d))

    def forward(self, x):
        x = self.first(x).squeeze(2).transpose(1, 2)
        return self.blocks(x).transpose(1, 2).unsqueeze(2)


class Twin(nn.Module):
    def __init__(self, job):
        super().__init__()
        kind, c = job["class"].rsplit("_", 1)[1], job["config"]
        if kind in ("TCN", "ResNetTCN"):
            self.backbone, width = convolutional(c, kind == "ResNetTCN")
        elif kind == "ELM":
            self.backbone, width = Elm(c), c["memory_dim"]
        else:
            self.backbone, width = Transformer(c), c["d_model"]
        outs = [1, 1, 1, 1, c["in_spatial_dim"]]
        self.heads = nn.ModuleList([nn.Conv2d(width, n, 1) for n in outs])

    def forward(self, x):
        x = self.backbone(x)
        return [head(x).squeeze(2) for head in self.heads]


def main():
    job = json.load(sys.stdin)
    torch.set_float32_matmul_precision("high")
    config, device = job["config"], job["device"]
    segments = config["config"]["in_spatial_dim"]
    size, window = job["batch"], job["window"]
    torch.manual_seed(0)
    x = torch.rand(size, 2, segments, window, device=device)
    y = [torch.rand(size, n, window, device=device) for n in [1, 1, 1, 1, segments]]
    y[0], y[2] = (y[0] < 0.05).float(), (y[2] < 0.05).float()
    twin = Twin(config).to(device)
    if job["compile"]:
        twin = torch.compile(twin)
    optimizer = torch.optim.AdamW(twin.parameters(), lr=3e-4, weight_decay=1e-3)
    entropy = F.binary_cross_entropy_with_logits
    parts = [entropy, F.l1_loss, entropy, F.mse_loss, F.l1_loss]
    weights = [2.0, 0.7, 1.8, 3.0, 6.0]

    def step():
        out = twin(x)
        losses = [f(a, b) for f, a, b in zip(parts, out, y)]
        loss = sum(w * l for w, l in zip(weights, losses))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(twin.parameters(), 25.0)
        optimizer.step()
        return loss.item()

    step()
    step()
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < job["seconds"]:
        step()
        steps += 1
    print(steps / (time.perf_counter() - start))


main()
