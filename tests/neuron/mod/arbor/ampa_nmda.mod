: The AMPA+NMDA synapse of ../AmpaNmda.mod in Arbor's dialect, for the benchmark only

NEURON {
    POINT_PROCESS ampa_nmda
    NONSPECIFIC_CURRENT i
    RANGE g_max_AMPA, g_max_NMDA, gamma
}

PARAMETER {
    g_max_AMPA = 0.0004
    g_max_NMDA = 0.0008
    gamma = 0.08
    mg = 1
    tau_r_AMPA = 0.3
    tau_d_AMPA = 3
    tau_r_NMDA = 2
    tau_d_NMDA = 70
}

ASSIGNED {
    factor_AMPA
    factor_NMDA
}

STATE { A_r A_d N_r N_d }

INITIAL {
    LOCAL tp_AMPA, tp_NMDA
    A_r = 0
    A_d = 0
    N_r = 0
    N_d = 0
    tp_AMPA = tau_r_AMPA*tau_d_AMPA/(tau_d_AMPA - tau_r_AMPA)*log(tau_d_AMPA/tau_r_AMPA)
    tp_NMDA = tau_r_NMDA*tau_d_NMDA/(tau_d_NMDA - tau_r_NMDA)*log(tau_d_NMDA/tau_r_NMDA)
    factor_AMPA = 1/(exp(-tp_AMPA/tau_d_AMPA) - exp(-tp_AMPA/tau_r_AMPA))
    factor_NMDA = 1/(exp(-tp_NMDA/tau_d_NMDA) - exp(-tp_NMDA/tau_r_NMDA))
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    LOCAL block
    block = 1/(1 + exp(-gamma*v)*(mg/3.57))
    i = (g_max_AMPA*(A_d - A_r) + g_max_NMDA*(N_d - N_r)*block)*v
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
