# %% [markdown]
# # A ball-and-stick neuron
#
# A soma with the channels of Hay et al. (2011), a passive dendrite, and AMPA, NMDA and GABA_A synapses, simulated by
# `ballstick simulate` as NEURON simulates it, to the last bit. This notebook runs the command and reads what it writes;
# it needs numpy and matplotlib alone.

# %%
{{HEAD}}

# %% [markdown]
# ## The neuron
#
# Its parameters have the original's names. What a JSON leaves out keeps its default; a key that is not known is
# refused, with the nearest one that is.

# %%
cable = dict(dend_L_um=2048.0, dend_diam_um=1.0, num_segments=8)
point = dict(dend_L_um=128.0, dend_diam_um=4.0, num_segments=8, g_max_NMDA_uS=0.0)
for name, neuron in [("cable", cable), ("point", point)]:
    (folder / f"{name}.json").write_text(json.dumps(neuron))

# %% [markdown]
# ## Inputs
#
# Sparse random events, and excitation that sweeps from the soma to the tip and back. An input is a matrix of weights,
# segments × ms.

# %%
T = 1024
rng = np.random.default_rng(0)

def inputs_for(neuron):
    S = neuron["num_segments"]
    exc = rng.uniform(size=(S, T)) * (rng.uniform(size=(S, T)) > 0.998) * 3
    inh = rng.uniform(size=(S, T)) * (rng.uniform(size=(S, T)) > 0.999) * 3
    for k in range(2 * S):
        exc[k if k < S else 2 * S - 1 - k, int((k + 0.5) * T / (2 * S))] += 20
    return exc, inh

exc, inh = inputs_for(cable)
np.savez(folder / "inputs.npz", x_exc=exc, x_inh=inh)

# %% [markdown]
# ## The simulation

# %%
ballstick("simulate", "--neuron", "cable.json", "--inputs", "inputs.npz", "--out", "cable.npz",
          "--record", "i_NaTa_t,i_SKv3_1,g_NMDA")
out = np.load(folder / "cable.npz")
for key in out.files:
    if isinstance(out[key], np.ndarray):
        print(f"{key:16} {str(out[key].shape):16} {out[key].dtype}")
print("spikes:", int(out["y_spike"].sum()), " mean soma voltage:", out["y_soma"].mean().round(2), "mV")

# %% [markdown]
# ## What it did
#
# Inputs, the voltages of all segments, the soma at every step, near spikes, and the smoothed rate.

# %%
def show(out, title):
    steps = (len(out["v_soma_hr_mV"]) - 1) // T
    fig, ax = plt.subplots(5, 1, figsize=(12, 14), sharex=True, constrained_layout=True)
    for kind, color in [("x_exc", "#d55e00"), ("x_inh", "#0072b2")]:
        s, t = np.nonzero(out[kind])
        ax[0].scatter(t, s, s=4 + 3 * out[kind][s, t].astype(float), color=color, label=kind)
    ax[0].set(ylabel="segment", title=title)
    ax[0].legend(loc="upper right")
    image = ax[1].imshow(out["v_dend_1ms_mV"], aspect="auto", origin="lower", extent=(0, T, -0.5, len(out["x_exc"]) - 0.5))
    ax[1].set(ylabel="segment")
    fig.colorbar(image, ax=ax[1], label="mV")
    ax[2].plot(np.arange(steps * T + 1) / steps, out["v_soma_hr_mV"], lw=0.8)
    ax[2].plot(out["y_soma"], lw=0.8, label="capped, a ms")
    ax[2].set(ylabel="soma, mV")
    ax[2].legend(loc="upper right")
    ax[3].fill_between(np.arange(T), out["y_near_spike"], step="post", color="#e69f00", label="near spike")
    ax[3].vlines(np.flatnonzero(out["y_spike"]), 0, 1, color="k", label="spike")
    ax[3].legend(loc="upper right")
    ax[4].plot(1000 * out["y_inst_rate"])
    ax[4].set(ylabel="rate, Hz", xlabel="time (ms)")
    plt.show()

show(out, "the long, thin dendrite")

# %% [markdown]
# ## The same input on a short dendrite without NMDA
#
# All of its segments are nearly at one voltage: a point neuron.

# %%
ballstick("simulate", "--neuron", "point.json", "--inputs", "inputs.npz", "--out", "point.npz")
small = np.load(folder / "point.npz")
show(small, "the short dendrite")
spread = [np.ptp(o["v_dend_1ms_mV"], axis=0).mean() for o in (out, small)]
print(f"mean range of the segments' voltages: {spread[0]:.1f} mV on the cable, {spread[1]:.1f} mV on the point neuron")
assert spread[1] < spread[0]

# %% [markdown]
# ## Currents during a spike

# %%
at = int(np.argmax(out["v_soma_hr_mV"])) if out["y_spike"].any() else len(out["v_soma_hr_mV"]) // 2
part = slice(max(at - 200, 0), at + 400)
fig, ax = plt.subplots(2, 1, figsize=(10, 6), sharex=True, constrained_layout=True)
ax[0].plot(out["v_soma_hr_mV"][part])
ax[0].set(ylabel="soma, mV")
for name in ["i_NaTa_t", "i_SKv3_1"]:
    ax[1].plot(out[name][part], label=name)
ax[1].set(ylabel="mA/cm²", xlabel="step of 0.025 ms")
ax[1].legend()
plt.show()
