//! The tasks of the lessons: for each, in the lesson's order, settings that do it, and settings that just do not.

/// By lesson.
pub const SOLUTIONS: &[(&str, &[[&str; 2]])] = &[
    (
        "soma",
        &[
            ["Ih=0;amp=0.05;dur=280", "amp=0.05;dur=280"],
            ["amp=0.16;dur=5", "amp=0.15;dur=5"],
            ["Ih=0;amp=0.04", "amp=0.04"],
        ],
    ),
    ("dendrite", &[["w=40;at=25", "w=40;at=38"], ["every=4;sw=40", "sw=40"]]),
    ("synapses", &[["n=40;near=4", "n=40;near=2"], ["n=12;near=1", "n=11;near=1"]]),
    ("pyramid", &[["zone=500;gap=-5", "zone=400;gap=-5"], ["Ih=0;amp=4", "Ih=0;amp=3;epsp=1.4"]]),
    ("targets", &[["own=1;em=5.5", "own=1;em=6"], ["cap=-69", "cap=-68"]]),
];
