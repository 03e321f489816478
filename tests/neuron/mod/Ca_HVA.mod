TITLE High-voltage-activated calcium current
: Reuveni, Friedman, Amitai & Gutnick 1993 (J Neurosci 13:4609), in Hay et al. 2011

NEURON {
    SUFFIX Ca_HVA
    USEION ca READ eca WRITE ica
    RANGE gCa_HVAbar, g, m_inf, m_tau, h_inf, h_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gCa_HVAbar = 6.44e-4 (S/cm2)
}

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
}

STATE { m h }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gCa_HVAbar*m*m*h
    ica = g*(v - eca)
}

INITIAL {
    rates(v)
    m = m_inf
    h = h_inf
}

DERIVATIVE states {
    rates(v)
    m' = (m_inf - m) / m_tau
    h' = (h_inf - h) / h_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    :TABLE m_inf, m_tau, h_inf, h_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    alpha = linoid(0.055, v + 27, 3.8)
    beta  = 0.94 * exp((-75 - v)/17)
    m_inf = alpha / (alpha + beta)
    m_tau = 1 / (alpha + beta)
    alpha = 0.000457 * exp((-13 - v)/50)
    beta  = 0.0065 / (exp((-15 - v)/28) + 1)
    h_inf = alpha / (alpha + beta)
    h_tau = 1 / (alpha + beta)
    UNITSON
}

: a x / (1 - exp(-x/k)), with the series through its removable 0/0 at x = 0
FUNCTION linoid(a, x, k) {
    LOCAL u
    u = x / k
    if (fabs(u) < 1e-6) {
        linoid = a*k * (1 + u/2 + u*u/12)
    } else {
        linoid = a*x / (1 - exp(-x/k))
    }
}
