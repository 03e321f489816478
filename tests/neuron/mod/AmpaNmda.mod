TITLE Glutamatergic synapse: AMPA and NMDA receptors behind one input
: Each conductance is the difference of two exponentials, scaled to a peak of 1 for one
: event of weight 1. Magnesium block: Jahr & Stevens 1990 (J Neurosci 10:3178),
: instantaneous in v; its steepness gamma tells rodent (0.062/mV) from human (0.08/mV).

NEURON {
    POINT_PROCESS AmpaNmda
    NONSPECIFIC_CURRENT i
    RANGE g_max_AMPA, g_max_NMDA, gamma, e, mg
    RANGE tau_r_AMPA, tau_d_AMPA, tau_r_NMDA, tau_d_NMDA
    RANGE i_AMPA, i_NMDA, g_AMPA, g_NMDA
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}

PARAMETER {
    g_max_AMPA = 0.0004 (uS)
    g_max_NMDA = 0.0008 (uS)
    gamma = 0.08 (/mV)
    mg = 1
    e = 0 (mV)
    tau_r_AMPA = 0.3 (ms)
    tau_d_AMPA = 3 (ms)
    tau_r_NMDA = 2 (ms)
    tau_d_NMDA = 70 (ms)
}

ASSIGNED {
    v (mV)
    i (nA)
    i_AMPA (nA)
    i_NMDA (nA)
    g_AMPA (uS)
    g_NMDA (uS)
    factor_AMPA
    factor_NMDA
}

STATE { A_r A_d N_r N_d }

INITIAL {
    A_r = 0
    A_d = 0
    N_r = 0
    N_d = 0
    factor_AMPA = peak_factor(tau_r_AMPA, tau_d_AMPA)
    factor_NMDA = peak_factor(tau_r_NMDA, tau_d_NMDA)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g_AMPA = g_max_AMPA*(A_d - A_r)
    g_NMDA = g_max_NMDA*(N_d - N_r)*unblocked(v)
    i_AMPA = g_AMPA*(v - e)
    i_NMDA = g_NMDA*(v - e)
    i = i_AMPA + i_NMDA
}

DERIVATIVE states {
    A_r' = -A_r/tau_r_AMPA
    A_d' = -A_d/tau_d_AMPA
    N_r' = -N_r/tau_r_NMDA
    N_d' = -N_d/tau_d_NMDA
}

NET_RECEIVE(weight) {
    A_r = A_r + weight*factor_AMPA
    A_d = A_d + weight*factor_AMPA
    N_r = N_r + weight*factor_NMDA
    N_d = N_d + weight*factor_NMDA
}

: share of NMDA receptors free of magnesium
FUNCTION unblocked(v (mV)) {
    UNITSOFF
    unblocked = 1 / (1 + exp(-gamma*v)*(mg/3.57))
    UNITSON
}

: reciprocal of the peak of exp(-t/d) - exp(-t/r)
FUNCTION peak_factor(r (ms), d (ms)) {
    LOCAL tp
    tp = r*d/(d - r)*log(d/r)
    peak_factor = 1 / (exp(-tp/d) - exp(-tp/r))
}
