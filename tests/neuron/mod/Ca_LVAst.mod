TITLE Low-voltage-activated calcium current
: Avery & Johnston 1996 (J Neurosci 16:5567), time constants after Randall 1997;
: as in Hay et al. 2011, with the junction potential of 10 mV

NEURON {
    SUFFIX Ca_LVAst
    USEION ca READ eca WRITE ica
    RANGE gCa_LVAstbar, g, m_inf, m_tau, h_inf, h_tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gCa_LVAstbar = 5.57e-4 (S/cm2)
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
    g = gCa_LVAstbar*m*m*h
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
    LOCAL qt, u
    :TABLE m_inf, m_tau, h_inf, h_tau FROM -150 TO 100 WITH 5000
    UNITSOFF
    qt = 2.3^((34 - 21)/10)   : Q10 of 2.3, from the 21 degC of the recordings to 34 degC
    u = v + 10
    m_inf = 1 / (1 + exp(-(u + 30)/6))
    m_tau = (5 + 20/(1 + exp((u + 25)/5))) / qt
    h_inf = 1 / (1 + exp((u + 80)/6.4))
    h_tau = (20 + 50/(1 + exp((u + 40)/7))) / qt
    UNITSON
}
