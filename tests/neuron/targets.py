"""The five targets of the data set, derived from traces at 1 ms."""

import numpy as np


def peaks_at_or_above(v, height):
    """Indices of local maxima at or above `height`; of a plateau its middle, rounded down.

    The semantics of scipy.signal.find_peaks(v, height=height): edges never count.
    """
    change = np.flatnonzero(np.diff(v) != 0)
    starts = np.concatenate([[0], change + 1])
    ends = np.concatenate([change, [len(v) - 1]])
    level = v[starts]
    inner = np.arange(1, len(level) - 1)
    top = inner[(level[inner] > level[inner - 1]) & (level[inner] > level[inner + 1])]
    top = top[level[top] >= height]
    return (starts[top] + ends[top]) // 2


def gaussian_window(tau):
    """Gaussian of standard deviation `tau` over 1 + 2 int(4 tau) points, of unit sum."""
    half = int(4 * tau)
    x = np.arange(-half, half + 1)
    window = np.exp(-0.5 * (x / tau) ** 2)
    return window / window.sum()


def derive(params, v_soma_hr, v_dend_1ms):
    """Targets of one simulation, in the data set's names, shapes (T,) or (segments, T), and dtypes."""
    n, duration = params["num_samples_per_ms"], v_dend_1ms.shape[1]
    soma = v_soma_hr[: duration * n : n]
    cap = params["soma_voltage_cap_mV"]

    spike = np.zeros(duration, dtype=bool)
    at = peaks_at_or_above(v_soma_hr, params["spike_detection_threshold_mV"]) // n
    spike[at[at < duration]] = True

    recent = np.convolve(spike, np.ones(int(params["near_spike_t_diff"])))[:duration] > 0.5
    near = recent | (np.minimum(soma, cap) > cap - params["near_spike_V_diff"])

    width = int(params["inst_rate_t_diff"])
    rate = np.convolve(spike, np.ones(width) / width)[:duration]
    rate = np.convolve(rate, gaussian_window(params["inst_rate_smoothing_tau"]), mode="same")
    return {
        "branch_voltages": np.minimum(v_dend_1ms, params["dend_voltage_cap_mV"]).astype(np.float16),
        "y_soma": np.minimum(soma, cap).astype(np.float32),
        "y_spike": spike,
        "y_near_spike": near,
        "y_inst_rate": rate.astype(np.float32),
    }
