//! Where a panel lies on its canvas or in its file.

/// CSS pixels around the plotted area.
pub const LEFT: f64 = 50.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 6.0;
const BOTTOM: f64 = 8.0;
const BOTTOM_WITH_AXIS: f64 = 40.0;

/// Where a panel is drawn, in CSS pixels, and how many canvas pixels each has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Width with the labels, CSS pixels.
    pub width: f64,
    /// Height with the labels, CSS pixels.
    pub height: f64,
    /// Canvas pixels in a CSS pixel.
    pub scale: f64,
    /// How large the labels are; 1 on a desktop.
    pub text: f64,
    /// Room for the labels of the vertical axis, CSS pixels at a text size of 1.
    pub left: f64,
    /// Whether the horizontal axis is written below.
    pub axis: bool,
}

impl Default for Geometry {
    fn default() -> Self {
        Self { width: 0.0, height: 0.0, scale: 1.0, text: 1.0, left: LEFT, axis: false }
    }
}

impl Geometry {
    /// Height of the canvas for a panel whose plotted area is `inner` high.
    pub fn outer_height(inner: f64, text: f64, axis: bool) -> f64 {
        inner + text * (TOP + if axis { BOTTOM_WITH_AXIS } else { BOTTOM })
    }

    /// Left, top, right and bottom edge of the plotted area.
    pub fn inner(&self) -> [f64; 4] {
        let bottom = if self.axis { BOTTOM_WITH_AXIS } else { BOTTOM };
        let [left, top, right, bottom] =
            [self.left, TOP, RIGHT, bottom].map(|edge| edge * self.text);
        [left, top, self.width - right, self.height - bottom]
    }

    /// The value under a horizontal position; beyond the plotted area that at its edge.
    pub fn value_at(&self, range: (f64, f64), px: f64) -> f64 {
        let [left, _, right, _] = self.inner();
        range.0 + ((px - left) / (right - left)).clamp(0.0, 1.0) * (range.1 - range.0)
    }

    /// The horizontal position of a value.
    pub fn x(&self, range: (f64, f64), value: f64) -> f64 {
        let [left, _, right, _] = self.inner();
        left + (value - range.0) / (range.1 - range.0) * (right - left)
    }

    /// The vertical position of a value.
    pub fn y(&self, range: (f64, f64), value: f64) -> f64 {
        let [_, top, _, bottom] = self.inner();
        bottom - (value - range.0) / (range.1 - range.0) * (bottom - top)
    }

    /// Canvas pixels of a length in CSS pixels.
    pub fn px(&self, css: f64) -> i32 {
        (css * self.scale).round() as i32
    }
}
