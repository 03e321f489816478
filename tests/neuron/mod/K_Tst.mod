TITLE Fast inactivating (transient) potassium current
: Korngreen & Sakmann 2000 (J Physiol 525:621), in Hay et al. 2011,
: with the junction potential of 10 mV

NEURON {
    SUFFIX K_Tst
    USEION k READ ek WRITE ik
    RANGE gK_Tstbar, g, m_inf, m_tau, h_inf, h_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gK_Tstbar = 0.077274 (S/cm2)
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
    g = gK_Tstbar*(m^4)*h
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
    m_inf = 1 / (1 + exp(-u/19))
    m_tau = (0.34 + 0.92*exp(-((u + 71)/59)^2)) / qt
    h_inf = 1 / (1 + exp((u + 66)/10))
    h_tau = (8 + 49*exp(-((u + 73)/23)^2)) / qt
    UNITSON
}
