TITLE Submembrane calcium pool
: Destexhe et al. 1994 (J Neurophysiol 72:803), in Hay et al. 2011:
: a share gamma of the calcium current fills a shell of the given depth and decays from it

NEURON {
    SUFFIX CaDynamics_E2
    USEION ca READ ica WRITE cai
    RANGE decay, gamma, depth, minCai
}

UNITS {
    (mA) = (milliamp)
    (um) = (micron)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    decay = 294.679571 (ms)
    gamma = 0.000509
    depth = 0.1 (um)
    minCai = 1e-4 (mM)
}

ASSIGNED { ica (mA/cm2) }

STATE { cai (mM) }

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    cai' = -10000*(ica*gamma/(2*FARADAY*depth)) - (cai - minCai)/decay
}
