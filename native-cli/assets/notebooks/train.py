# %% [markdown]
# # A twin of {{NEURON}}
#
# A network learns to answer as the neuron does: `ballstick train` trains it, `evaluate` judges it, `predict` lets it
# answer anything. This notebook runs them and reads their files with numpy and matplotlib alone.

# %%
{{HEAD}}
TRAIN = int(os.environ.get("BALLSTICK_TRAIN", "96"))    # simulations; 3744 (point) or 9600 (cable) as published
DURATION = int(os.environ.get("BALLSTICK_MS", "8192"))  # ms of each
EPOCHS = int(os.environ.get("BALLSTICK_EPOCHS", "20"))  # 100 as published
WINDOW = min(2048, DURATION)

# %% [markdown]
# ## The data set

# %%
ballstick("dataset", "--preset", "{{PRESET}}", "--train", TRAIN, "--duration", DURATION, "--seed", 1, "--out", "data")
data = next((folder / "data").iterdir())

# %% [markdown]
# ## The architecture
#
# A TCN with the class assignment's C: 4 layers after the first, 32 channels, filters of 41 ms. `--twin` takes tcn,
# resnet_tcn, elm or transformer; `--config` A to E, or a JSON with the original's keys.

# %%
run = folder / "run"
ballstick("train", "--data", data, "--config", "{{CONFIG}}", "--epochs", EPOCHS, "--window", WINDOW, "--out", run)
print((run / "config.json").read_text())

# %% [markdown]
# ## Learning curves
#
# Seven panels: five losses, the gradient's norm before it is clipped, and the weighted sum.

# %%
def table(path):
    with open(path) as file:
        head = file.readline().strip().split(",")
        return dict(zip(head, np.atleast_2d(np.loadtxt(file, delimiter=",")).T))

train, valid = table(run / "curve_train.csv"), table(run / "curve_valid.csv")
best = np.flatnonzero(valid["best"])[-1]
columns = ["spikes", "soma", "near_spike", "inst_rate", "dend_v", "grad_norm", "total"]
fig, ax = plt.subplots(7, 1, figsize=(10, 16), sharex=True, constrained_layout=True)
for a, key in zip(ax, columns):
    a.plot(train["step"], train[key], alpha=0.7, label="train")
    if key in valid:
        a.plot(valid["step"], valid[key], lw=2, label="valid")
        a.scatter(valid["step"][best], valid[key][best], color="#d55e00", zorder=5, label="best checkpoint")
    a.set(title=key, yscale="log", xscale="log")
    a.legend()
ax[-1].set(xlabel="training step")
plt.show()
print(ballstick("curves", run))

# %% [markdown]
# ## Judge it
#
# On test simulations that it has not seen.

# %%
best_twin = run / "best.safetensors"
metrics = json.loads(ballstick("evaluate", "--model", best_twin, "--data", data, "--json", "--plot", "figures"))
for key in ["AUC_score", "true_positive_at_FP", "requested_false_positive_rate", "near_spike_AUC_score",
            "soma_explained_variance_percent", "soma_RMSE", "soma_MAE", "inst_rate_explained_variance_percent",
            "dend_v_explained_variance_percent", "calibration_correlation", "calibration_explained_variance_percent"]:
    value = metrics[key]
    print(f"{key:45}", "–" if value is None else f"{value:.5f}")
print(sorted(p.name for p in (folder / "figures").glob("*.png")))

# %% [markdown]
# ## One simulation, predicted
#
# `predict` takes an archive with X (batch × 2 × segments × ms) and writes the five answers.

# %%
names = sorted(p.name for p in (data / "test" / "inputs").glob("*.npy"))
test = {part: np.stack([np.load(data / "test" / part / n) for n in names])
        for part in ["inputs", "output_spikes", "output_soma_v", "output_inst_rate"]}
X = test["inputs"].astype(np.float32).transpose(0, 3, 1, 2)
np.savez(folder / "x.npz", X=X)
ballstick("predict", "--model", best_twin, "--inputs", "x.npz", "--out", "p.npz")
p = np.load(folder / "p.npz")
n = int(np.argsort(test["output_spikes"].sum(axis=1))[len(names) // 2])
fig, ax = plt.subplots(4, 1, figsize=(12, 11), sharex=True, constrained_layout=True)
for k, color in [(0, "#d55e00"), (1, "#0072b2")]:
    s, t = np.nonzero(X[n, k])
    ax[0].scatter(t, s, s=1 + X[n, k][s, t], color=color)
ax[0].set(ylabel="segment", title=names[n])
ax[1].plot(p["spikes"][n], color="#d55e00", lw=0.8, label="twin’s probability")
ax[1].vlines(np.flatnonzero(test["output_spikes"][n]), 1.05, 1.2, color="#0072b2", label="neuron’s spikes")
ax[1].legend()
for a, head, part, unit in [(ax[2], "soma", "output_soma_v", "soma, mV"), (ax[3], "inst_rate", "output_inst_rate", "spikes/ms")]:
    a.plot(test[part][n], color="#0072b2", lw=0.8, label="neuron")
    a.plot(p[head][n], color="#d55e00", lw=0.8, label="twin")
    a.set(ylabel=unit)
ax[3].set(xlabel="time (ms)")
plt.show()

# %% [markdown]
# ## Are its probabilities honest?
#
# Eight bins a simulation, as in the published numbers, and the histogram of all probabilities.

# %%
bins = 8
size = p["spikes"].shape[1] // bins
mean = lambda y: y[:, : bins * size].reshape(len(y) * bins, size).mean(axis=1)
actual, predicted = mean(test["output_spikes"].astype(float)), mean(p["spikes"])
if actual.std() > 0:
    print(f"correlation {np.corrcoef(actual, predicted)[0, 1]:.4f}, explained",
          f"{100 * (1 - (actual - predicted).var() / actual.var()):.2f}%")
fig, ax = plt.subplots(2, 1, figsize=(8, 9), height_ratios=[3, 1], constrained_layout=True)
ax[0].scatter(actual, predicted, s=4)
ax[0].axline((0, 0), slope=1, color="k", ls="--")
ax[0].set(xlabel="mean rate of the neuron (spikes/ms)", ylabel="mean probability of the twin")
fired = test["output_spikes"].astype(bool)
for part, color, label in [(~fired, "#e69f00", "no spike"), (fired, "#0072b2", "spike")]:
    ax[1].hist(p["spikes"][part], bins=np.linspace(0, 1, 100), color=color, alpha=0.5, label=label)
ax[1].set(yscale="log", xlabel="predicted probability")
ax[1].legend()
plt.show()

# %% [markdown]
# ## Input that no data set draws
#
# 64 axons that each reach all segments, by a random mixing matrix: neuron and twin on it.

# %%
print(ballstick("simulate", "--preset", "{{PRESET}}", "--inputs", "mixing", "--duration", DURATION, "--seed", 3,
                "--twin", best_twin, "--out", "mixing.npz", "--plot", "mixing.png"))
mixing = np.load(folder / "mixing.npz")
plt.figure(figsize=(12, 3))
plt.plot(mixing["y_soma"], color="#0072b2", lw=0.8, label="neuron")
plt.plot(mixing["twin_soma"], color="#d55e00", lw=0.8, label="twin")
plt.xlabel("time (ms)")
plt.ylabel("soma, mV")
plt.legend()
plt.show()
