//! The geometry of a panel on its canvas or in its file.

/// Width of the margins around the plotted area, CSS pixels.
pub const LEFT: f64 = 50.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 6.0;
const BOTTOM: f64 = 8.0;
const BOTTOM_WITH_AXIS: f64 = 40.0;

/// The geometry of a panel: its size in CSS pixels, and the canvas pixels in one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Width including labels, CSS pixels.
    pub width: f64,
    /// Height including labels, CSS pixels.
    pub height: f64,
    /// Canvas pixels per CSS pixel.
    pub scale: f64,
    /// Size of the labels, relative to a desktop's.
    pub text: f64,
    /// Margin for the labels of the vertical axis, CSS pixels at a text size of 1.
    pub left: f64,
    /// Whether the horizontal axis is labelled below the panel.
    pub axis: bool,
}

impl Default for Geometry {
    fn default() -> Self {
        Self { width: 0.0, height: 0.0, scale: 1.0, text: 1.0, left: LEFT, axis: false }
    }
}

impl Geometry {
    /// Height of the canvas for a panel whose plotted area is `inner` CSS pixels high, in CSS pixels.
    pub fn outer_height(inner: f64, text: f64, axis: bool) -> f64 {
        inner + text * (TOP + if axis { BOTTOM_WITH_AXIS } else { BOTTOM })
    }

    /// Left, top, right and bottom edge of the plotted area, CSS pixels.
    pub fn inner(&self) -> [f64; 4] {
        let bottom = if self.axis { BOTTOM_WITH_AXIS } else { BOTTOM };
        let [left, top, right, bottom] =
            [self.left, TOP, RIGHT, bottom].map(|edge| edge * self.text);
        [left, top, self.width - right, self.height - bottom]
    }

    /// The value at a horizontal position `px` (CSS pixels); beyond the plotted area the value at its edge.
    pub fn value_at(&self, range: (f64, f64), px: f64) -> f64 {
        let [left, _, right, _] = self.inner();
        range.0 + ((px - left) / (right - left)).clamp(0.0, 1.0) * (range.1 - range.0)
    }

    /// The horizontal position of a value, CSS pixels.
    pub fn x(&self, range: (f64, f64), value: f64) -> f64 {
        let [left, _, right, _] = self.inner();
        left + (value - range.0) / (range.1 - range.0) * (right - left)
    }

    /// The vertical position of a value, CSS pixels.
    pub fn y(&self, range: (f64, f64), value: f64) -> f64 {
        let [_, top, _, bottom] = self.inner();
        bottom - (value - range.0) / (range.1 - range.0) * (bottom - top)
    }

    /// A length in CSS pixels, in canvas pixels.
    pub fn px(&self, css: f64) -> i32 {
        (css * self.scale).round() as i32
    }
}
