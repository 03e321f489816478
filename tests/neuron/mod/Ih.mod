TITLE Hyperpolarisation-activated cation current
: Kole, Hallermann & Stuart 2006 (J Neurosci 26:1677), in Hay et al. 2011

NEURON {
    SUFFIX Ih
    NONSPECIFIC_CURRENT ihcn
    RANGE gIhbar, g, ehcn, m_inf, m_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gIhbar = 7.5e-5 (S/cm2)
    ehcn = -45 (mV)
}

ASSIGNED {
    v (mV)
    ihcn (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
}

STATE { m }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gIhbar*m
    ihcn = g*(v - ehcn)
}

INITIAL {
    rates(v)
    m = m_inf
}

DERIVATIVE states {
    rates(v)
    m' = (m_inf - m) / m_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    :TABLE m_inf, m_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    alpha = linoid(6.43e-3, -(v + 154.9), 11.9)
    beta  = 0.193 * exp(v/33.1)
    m_inf = alpha / (alpha + beta)
    m_tau = 1 / (alpha + beta)
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
