TITLE Fast, non-inactivating potassium current (Kv3.1)
: Rettig et al. 1992 (EMBO J 11:2473), in Hay et al. 2011

NEURON {
    SUFFIX SKv3_1
    USEION k READ ek WRITE ik
    RANGE gSKv3_1bar, g, m_inf, m_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gSKv3_1bar = 0.338029 (S/cm2)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
}

STATE { m }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gSKv3_1bar*m
    ik = g*(v - ek)
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
    :TABLE m_inf, m_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    m_inf = 1 / (1 + exp(-(v - 18.7)/9.7))
    m_tau = 0.2 * 20 / (1 + exp(-(v + 46.56)/44.14))
    UNITSON
}
