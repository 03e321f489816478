TITLE GABA_A synapse
: The conductance is the difference of two exponentials, scaled to a peak of 1 for one
: event of weight 1.

NEURON {
    POINT_PROCESS GabaA
    NONSPECIFIC_CURRENT i
    RANGE g_max, e, tau_r, tau_d, g
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}

PARAMETER {
    g_max = 0.001 (uS)
    e = -85 (mV)
    tau_r = 0.2 (ms)
    tau_d = 8 (ms)
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    factor
}

STATE { G_r G_d }

INITIAL {
    G_r = 0
    G_d = 0
    factor = peak_factor(tau_r, tau_d)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = g_max*(G_d - G_r)
    i = g*(v - e)
}

DERIVATIVE states {
    G_r' = -G_r/tau_r
    G_d' = -G_d/tau_d
}

NET_RECEIVE(weight) {
    G_r = G_r + weight*factor
    G_d = G_d + weight*factor
}

: reciprocal of the peak of exp(-t/d) - exp(-t/r)
FUNCTION peak_factor(r (ms), d (ms)) {
    LOCAL tp
    tp = r*d/(d - r)*log(d/r)
    peak_factor = 1 / (exp(-tp/d) - exp(-tp/r))
}
