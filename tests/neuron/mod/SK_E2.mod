TITLE Small-conductance, calcium-activated potassium current
: Kohler et al. 1996 (Science 273:1709), in Hay et al. 2011

NEURON {
    SUFFIX SK_E2
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gSK_E2bar, g, z_inf
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (S)  = (siemens)
}

PARAMETER {
    gSK_E2bar = 0.09965 (S/cm2)
    z_tau = 1 (ms)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    g (S/cm2)
    z_inf
}

STATE { z }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gSK_E2bar*z
    ik = g*(v - ek)
}

INITIAL {
    rates(cai)
    z = z_inf
}

DERIVATIVE states {
    rates(cai)
    z' = (z_inf - z) / z_tau
}

: Hill curve with half activation at 0.43 uM; the offset keeps the quotient finite at ca = 0
PROCEDURE rates(ca (mM)) {
    UNITSOFF
    if (ca < 1e-7) {
        ca = ca + 1e-7
    }
    z_inf = 1 / (1 + (0.00043/ca)^4.8)
    UNITSON
}
