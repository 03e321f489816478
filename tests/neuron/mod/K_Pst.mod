TITLE Slowly inactivating (persistent) potassium current
: Korngreen & Sakmann 2000 (J Physiol 525:621), in Hay et al. 2011,
: with the junction potential of 10 mV

NEURON {
    SUFFIX K_Pst
    USEION k READ ek WRITE ik
    RANGE gK_Pstbar, g, m_inf, m_tau, h_inf, h_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gK_Pstbar = 0.188851 (S/cm2)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
}

STATE { m h }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gK_Pstbar*m*m*h
    ik = g*(v - ek)
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
    LOCAL qt, u
    :TABLE m_inf, m_tau, h_inf, h_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    qt = 2.3^((34 - 21)/10)   : Q10 of 2.3, from the 21 degC of the recordings to 34 degC
    u = v + 10
    m_inf = 1 / (1 + exp(-(u + 1)/12))
    if (u < -50) {
        m_tau = (1.25 + 175.03*exp(0.026*u)) / qt
    } else {
        m_tau = (1.25 + 13*exp(-0.026*u)) / qt
    }
    h_inf = 1 / (1 + exp((u + 54)/11))
    h_tau = (360 + (1010 + 24*(u + 55))*exp(-((u + 75)/48)^2)) / qt
    UNITSON
}
