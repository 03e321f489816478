TITLE Muscarinic (M-type) potassium current
: Adams, Brown & Constanti 1982 (J Physiol 330:537), as Hay et al. 2011 use it

NEURON {
    SUFFIX Im
    USEION k READ ek WRITE ik
    RANGE gImbar, g, m_inf, m_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gImbar = 8e-6 (S/cm2)
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
    g = gImbar*m
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
    LOCAL qt, alpha, beta
    :TABLE m_inf, m_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    qt = 2.3^((34 - 21)/10)   : Q10 of 2.3, from the 21 degC of the recordings to 34 degC
    alpha = 3.3e-3 * exp( 0.1*(v + 35))
    beta  = 3.3e-3 * exp(-0.1*(v + 35))
    m_inf = alpha / (alpha + beta)
    m_tau = (1/(alpha + beta)) / qt
    UNITSON
}
