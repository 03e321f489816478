//! Colours that a colour-blind reader can tell apart.

use plotters::style::RGBColor;

/// Okabe & Ito (2008), in an order that keeps neighbours far apart.
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
/// Vermillion.
pub const VERMILLION: RGBColor = RGBColor(213, 94, 0);
/// Bluish green.
pub const GREEN: RGBColor = RGBColor(0, 158, 115);
/// Reddish purple.
pub const PURPLE: RGBColor = RGBColor(204, 121, 167);
/// Orange.
pub const ORANGE: RGBColor = RGBColor(230, 159, 0);
/// Sky blue.
pub const SKY: RGBColor = RGBColor(86, 180, 233);
/// Ink for axes and text.
pub const INK: RGBColor = RGBColor(40, 40, 46);
/// Thin grid lines.
pub const GRID: RGBColor = RGBColor(222, 222, 226);

/// Lines of one plot that are told apart by colour alone: as many as can be.
pub const APART: [RGBColor; 7] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK];

/// Anchors of a perceptually even map from dark blue to yellow (after viridis; van der Walt & Smith 2015).
const ANCHORS: [(f64, f64, f64); 6] = [
    (68.0, 1.0, 84.0),
    (65.0, 68.0, 135.0),
    (42.0, 120.0, 142.0),
    (34.0, 168.0, 132.0),
    (122.0, 209.0, 81.0),
    (253.0, 231.0, 37.0),
];

/// The colour of `x` in 0..1 on the map.
pub fn heat(x: f64) -> RGBColor {
    let at = x.clamp(0.0, 1.0) * (ANCHORS.len() - 1) as f64;
    let i = (at as usize).min(ANCHORS.len() - 2);
    let (a, b, f) = (ANCHORS[i], ANCHORS[i + 1], at - i as f64);
    let mix = |a: f64, b: f64| (a + (b - a) * f).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}
