# %% [markdown]
# # A data set of {{NEURON}}
#
# Thousands of simulations under random input, in the original's folders of `.npy` files: `ballstick dataset` makes
# them, `stats` describes them and `filter` lists those outside the ranges. The same seed gives the same files.

# %%
{{HEAD}}
TRAIN = int(os.environ.get("BALLSTICK_TRAIN", "96"))    # 3744 (point) or 9600 (cable) for sets of the published size
DURATION = int(os.environ.get("BALLSTICK_MS", "8192"))  # ms

# %% [markdown]
# ## Make it
#
# A run that was stopped goes on by the same command; `--shard 3/8` makes an eighth of it.

# %%
ballstick("dataset", "--preset", "{{PRESET}}", "--train", TRAIN, "--duration", DURATION, "--seed", 1, "--out", "data")
data = next((folder / "data").iterdir())
print(data.name)
for split in ["train", "valid", "test"]:
    print(split, len(list((data / split / "output_spikes").glob("*.npy"))))

# %% [markdown]
# ## One simulation
#
# Six files of the same name, one for each array.

# %%
names = sorted(p.name for p in (data / "train" / "inputs").glob("*.npy"))
spikes = {n: int(np.load(data / "train" / "output_spikes" / n).sum()) for n in names}
name = sorted(names, key=spikes.get)[len(names) // 2]
load = lambda part: np.load(data / "train" / part / name)
X, y_spike, y_soma = load("inputs"), load("output_spikes"), load("output_soma_v")
near, rate, branch = load("output_near_spikes"), load("output_inst_rate"), load("intermidiate_branch_v")
print(name, "inputs", X.shape, X.dtype, "spikes", y_spike.sum())
fig, ax = plt.subplots(4, 1, figsize=(12, 11), sharex=True, constrained_layout=True)
for k, color in [(0, "#d55e00"), (1, "#0072b2")]:
    s, t = np.nonzero(X[..., k])
    ax[0].scatter(t, s, s=1 + X[s, t, k].astype(float), color=color, label=["excitation", "inhibition"][k])
ax[0].legend(loc="upper right")
ax[0].set(ylabel="segment")
ax[1].imshow(branch.astype(float), aspect="auto", origin="lower", extent=(0, len(y_soma), -0.5, len(X) - 0.5))
ax[1].set(ylabel="segment")
ax[2].plot(y_soma, lw=0.7)
ax[2].vlines(np.flatnonzero(y_spike), y_soma.max(), y_soma.max() + 4, color="k")
ax[2].set(ylabel="soma, mV")
ax[3].fill_between(np.arange(len(near)), near * 1000 * rate.max(), step="post", color="#e69f00", alpha=0.3)
ax[3].plot(1000 * rate, lw=0.7)
ax[3].set(ylabel="rate, Hz", xlabel="time (ms)")
plt.show()

# %% [markdown]
# ## Its statistics

# %%
stats = json.loads(ballstick("stats", data, "--split", "train", "--json"))
stats = stats.get("train", stats)
keys = ["input_exc_mean", "input_inh_mean", "output_firing_rates", "output_soma_v_means", "output_near_spike_means",
        "output_inst_rate_stds", "branch_voltage_means", "branch_voltage_stds"]
fig, ax = plt.subplots(2, 4, figsize=(15, 6), constrained_layout=True)
for a, key in zip(ax.flat, keys):
    a.hist(stats[key], bins=40, color="#0072b2")
    a.set(title=key)
plt.show()
fig, ax = plt.subplots(1, 3, figsize=(14, 4), constrained_layout=True)
for a, key in zip(ax, ["input_exc_mean", "output_soma_v_means", "branch_voltage_means"]):
    a.scatter(stats[key], stats["output_firing_rates"], s=4, color="#0072b2")
    a.set(xlabel=key, ylabel="firing rate, Hz")
plt.show()

# %% [markdown]
# ## Filter it
#
# Nothing is deleted: a list says what training leaves out, and `--undo` takes it back. The ranges may also be on the
# inputs' mean and standard deviation.

# %%
print(ballstick("filter", data, "--dry-run"))
(folder / "ranges.json").write_text(json.dumps({"firing_rate_hz_range": [0.2, 40], "input_exc_mean_range": [0, 10]}))
print(ballstick("filter", data, "--ranges", "ranges.json"))
print(ballstick("filter", data, "--undo"))
