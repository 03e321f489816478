//! Colours that colour-blind readers tell apart: of lines after Okabe and Ito (2008), of heat maps viridis (van der
//! Walt and Smith 2015).

use plotters::style::RGBColor;

/// A colour by its role; a [`Palette`] gives its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Text and the main trace.
    Ink,
    /// Axis labels.
    Soft,
    /// Grid lines.
    Grid,
    /// Okabe-Ito blue.
    Blue,
    /// Okabe-Ito vermillion.
    Vermillion,
    /// Okabe-Ito bluish green.
    Green,
    /// Okabe-Ito orange.
    Orange,
    /// Okabe-Ito reddish purple.
    Purple,
    /// Okabe-Ito sky blue.
    Sky,
}

impl Colour {
    /// All colours, in the order of a [`Palette`].
    pub const ALL: [Self; 9] = [
        Self::Ink,
        Self::Soft,
        Self::Grid,
        Self::Blue,
        Self::Vermillion,
        Self::Green,
        Self::Orange,
        Self::Purple,
        Self::Sky,
    ];

    /// Colours of series that differ in colour alone: as many as can be told apart, neighbours far apart.
    pub const APART: [Self; 7] = [
        Self::Blue,
        Self::Vermillion,
        Self::Green,
        Self::Purple,
        Self::Orange,
        Self::Sky,
        Self::Ink,
    ];

    /// The custom property of the page's style.css that holds this colour.
    pub fn property(self) -> &'static str {
        match self {
            Self::Ink => "--plot-ink",
            Self::Soft => "--plot-soft",
            Self::Grid => "--plot-grid",
            Self::Blue => "--plot-blue",
            Self::Vermillion => "--plot-vermillion",
            Self::Green => "--plot-green",
            Self::Orange => "--plot-orange",
            Self::Purple => "--plot-purple",
            Self::Sky => "--plot-sky",
        }
    }
}

/// The RGB value of each [`Colour`], in the order of [`Colour::ALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct Palette(pub [RGBColor; 9]);

impl Palette {
    /// The colours on a white ground: those of the page's light scheme.
    pub const LIGHT: Self = Self([
        RGBColor(28, 33, 39),
        RGBColor(91, 99, 109),
        RGBColor(230, 226, 217),
        RGBColor(0, 114, 178),
        RGBColor(213, 94, 0),
        RGBColor(0, 158, 115),
        RGBColor(209, 138, 0),
        RGBColor(179, 86, 143),
        RGBColor(63, 159, 214),
    ]);

    /// The RGB value of a colour.
    pub fn get(&self, colour: Colour) -> RGBColor {
        self.0[colour as usize]
    }
}

/// The colour of a style sheet's `#rrggbb`; `None` for any other text.
pub fn hex(text: &str) -> Option<RGBColor> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6)?;
    let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some(RGBColor(channel(0)?, channel(2)?, channel(4)?))
}

/// Nine equally spaced colours of viridis, between which it is nearly linear.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 45, 123],
    [59, 82, 139],
    [44, 114, 142],
    [33, 145, 140],
    [40, 174, 128],
    [94, 201, 98],
    [173, 220, 48],
    [253, 231, 37],
];

/// The colour of viridis at a fraction between 0 and 1; NaN counts as 0.
pub fn viridis(fraction: f64) -> [u8; 3] {
    let at = if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) * 8.0 };
    let low = (at as usize).min(7);
    let part = at - low as f64;
    std::array::from_fn(|c| {
        let (a, b) = (f64::from(VIRIDIS[low][c]), f64::from(VIRIDIS[low + 1][c]));
        (a + part * (b - a)).round() as u8
    })
}

/// The colour of a fraction of the greatest strength, −1 to 1: blue below zero, vermillion above; NaN counts as 0.
pub fn diverging(part: f64) -> [u8; 3] {
    const MIDDLE: [f64; 3] = [247.0, 247.0, 247.0];
    let part = if part.is_nan() { 0.0 } else { part.clamp(-1.0, 1.0) };
    let end = if part < 0.0 { [0.0, 92.0, 158.0] } else { [200.0, 78.0, 0.0] };
    std::array::from_fn(|c| (MIDDLE[c] + part.abs() * (end[c] - MIDDLE[c])).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_grows_lighter_all_the_way() {
        let light = |f: f64| {
            let [r, g, b] = viridis(f).map(f64::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        assert!((0..100).all(|k| light(k as f64 / 100.0) < light((k + 1) as f64 / 100.0)));
        assert_eq!(viridis(f64::NAN), viridis(0.0));
    }

    #[test]
    fn signs_have_colours_and_zero_has_none() {
        assert_eq!(diverging(0.0), [247; 3]);
        assert_eq!(diverging(f64::NAN), [247; 3]);
        assert!(diverging(-0.5)[2] > diverging(-0.5)[0] && diverging(0.5)[0] > diverging(0.5)[2]);
        assert_eq!(diverging(-9.0), diverging(-1.0));
    }

    #[test]
    fn colours_of_the_style_sheet_are_read() {
        assert_eq!(hex("#0072b2"), Some(RGBColor(0, 114, 178)));
        assert_eq!(hex("rgb(0,0,0)"), None);
        assert_eq!(hex("#00é2b"), None);
    }

    /// Files and the page have the same colours.
    #[test]
    fn the_light_palette_is_the_style_sheets() {
        let css = include_str!("../../www/style.css");
        for colour in Colour::ALL {
            let named = format!("{}: ", colour.property());
            let at = css.find(&named).expect("a custom property") + named.len();
            assert_eq!(
                css.get(at..at + 7).and_then(hex),
                Some(Palette::LIGHT.get(colour)),
                "{named}"
            );
        }
    }
}
