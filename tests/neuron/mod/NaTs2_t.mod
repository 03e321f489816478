TITLE Fast transient sodium current (somatic, shifted by +6 mV)
: Colbert & Pan 2002 (Nat Neurosci 5:533), in Hay et al. 2011

NEURON {
    SUFFIX NaTs2_t
    USEION na READ ena WRITE ina
    RANGE gNaTs2_tbar, g, m_inf, m_tau, h_inf, h_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gNaTs2_tbar = 0.998912 (S/cm2)
}

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
}

STATE { m h }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gNaTs2_tbar*m*m*m*h
    ina = g*(v - ena)
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
    LOCAL qt, alpha, beta
    :TABLE m_inf, m_tau, h_inf, h_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    qt = 2.3^((34 - 21)/10)   : Q10 of 2.3, from the 21 degC of the recordings to 34 degC
    alpha = linoid(0.182, v + 32, 6)
    beta  = linoid(0.124, -(v + 32), 6)
    m_inf = alpha / (alpha + beta)
    m_tau = (1/(alpha + beta)) / qt
    alpha = linoid(0.015, -(v + 60), 6)
    beta  = linoid(0.015, v + 60, 6)
    h_inf = alpha / (alpha + beta)
    h_tau = (1/(alpha + beta)) / qt
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
