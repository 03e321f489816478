//! Heat maps, and their pixels: one line of pixels a row of the map, repeated over the row's height.

use super::palette::{diverging, viridis};
use std::rc::Rc;

/// A heat map: rows of equally spaced samples, drawn in colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Rows from the bottom of the panel to its top, `columns` samples each.
    pub values: Rc<[f64]>,
    /// Number of rows.
    pub rows: usize,
    /// Horizontal position at which the first sample begins.
    pub start: f64,
    /// Horizontal distance between samples.
    pub step: f64,
    /// The values of the first and the last colour.
    pub range: (f64, f64),
    /// Name and unit of the values.
    pub value: (&'static str, &'static str),
    /// Name of a row, such as "segment" in "segment 3".
    pub row: &'static str,
}

impl Heat {
    /// A map of voltages in mV, a row a segment and a sample a millisecond.
    pub fn voltages(values: &[f64], rows: usize, range: (f64, f64)) -> Self {
        let (value, row) = (("voltage", "mV"), "segment");
        Self { values: values.into(), rows, start: 0.0, step: 1.0, range, value, row }
    }

    /// Whether zero is the middle of the range: then the sign chooses the hue and the size its depth.
    pub fn diverging(&self) -> bool {
        self.range.0 == -self.range.1
    }

    /// Decimals that tell the ends of the colour scale apart.
    pub fn digits(&self) -> usize {
        let span = self.range.1 - self.range.0;
        (1.5 - span.max(1e-9).log10()).ceil().clamp(0.0, 6.0) as usize
    }

    /// Number of samples in a row.
    pub fn columns(&self) -> usize {
        self.values.len() / self.rows.max(1)
    }

    /// The value of a row at `x`; `None` outside the map.
    pub fn at(&self, row: usize, x: f64) -> Option<f64> {
        let k = ((x - self.start) / self.step).floor();
        (k >= 0.0 && (k as usize) < self.columns() && row < self.rows)
            .then(|| self.values[row * self.columns() + k as usize])
    }

    /// RGBA pixels of `width` × `height`, the first row of the map at the bottom. A pixel that covers several samples
    /// shows the highest, so that a spike of one millisecond is never lost; in a map with zero in the middle it shows
    /// the strongest of either sign.
    pub fn pixels(&self, range: (f64, f64), width: usize, height: usize) -> Vec<u8> {
        let mut image = vec![0; width * height * 4];
        if self.rows == 0 || self.columns() == 0 || width == 0 {
            return image;
        }
        let signs = self.diverging();
        let colour = |f: f64| if signs { diverging(2.0 * f - 1.0) } else { viridis(f) };
        let table: Vec<[u8; 3]> = (0..256).map(|k| colour(f64::from(k) / 255.0)).collect();
        let higher = |a: f64, b: f64| match signs {
            true if b.abs() > a.abs() || !a.is_finite() => b,
            true => a,
            false => a.max(b),
        };
        let (low, high) = self.range;
        let scale = 255.0 / (high - low);
        let per_pixel = (range.1 - range.0) / width as f64;
        let column = |pixel: usize| (range.0 + pixel as f64 * per_pixel - self.start) / self.step;
        let mut line = vec![0u8; width * 4];
        let mut drawn = None;
        for y in 0..height {
            let row = (height - 1 - y) * self.rows / height;
            if drawn != Some(row) {
                let samples = &self.values[row * self.columns()..(row + 1) * self.columns()];
                for (pixel, rgba) in line.chunks_exact_mut(4).enumerate() {
                    let first = column(pixel).floor().max(0.0) as usize;
                    let last = (column(pixel + 1).ceil() as usize).clamp(first + 1, usize::MAX);
                    let peak = samples
                        .get(first..last.min(samples.len()))
                        .unwrap_or_default()
                        .iter()
                        .copied()
                        .fold(f64::NEG_INFINITY, higher);
                    if peak.is_finite() {
                        let level = ((peak - low) * scale).clamp(0.0, 255.0) as usize;
                        rgba[..3].copy_from_slice(&table[level]);
                        rgba[3] = 255;
                    } else {
                        rgba[3] = 0;
                    }
                }
                drawn = Some(row);
            }
            image[y * width * 4..(y + 1) * width * 4].copy_from_slice(&line);
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_rise_from_the_bottom_and_a_peak_survives() {
        let mut values = vec![-80.0; 2 * 1000];
        values[1000 + 503] = 0.0; // row 1, the upper one
        let heat = Heat {
            values: values.into(),
            rows: 2,
            start: 0.0,
            step: 1.0,
            range: (-80.0, 0.0),
            value: ("voltage", "mV"),
            row: "segment",
        };
        let image = heat.pixels((0.0, 1000.0), 100, 10);
        let at = |x: usize, y: usize| &image[(y * 100 + x) * 4..][..4];
        assert_eq!(at(50, 0), [253, 231, 37, 255]);
        assert_eq!(at(50, 4), [253, 231, 37, 255]);
        assert_eq!(at(50, 5), [68, 1, 84, 255]);
        assert_eq!(at(49, 0), [68, 1, 84, 255]);
        // a pixel shows its strongest sample, of either sign
        let mut values = vec![0.1; 1000];
        values[503] = -1.0;
        let signs = Heat { values: values.into(), rows: 1, range: (-1.0, 1.0), ..heat.clone() };
        let image = signs.pixels((0.0, 1000.0), 100, 1);
        assert_eq!(image[50 * 4..][..3], diverging(-1.0));
        assert!(image[49 * 4] > image[49 * 4 + 2]);
        // beyond the samples nothing is drawn
        let wide = heat.pixels((0.0, 2000.0), 100, 10);
        assert_eq!(wide[60 * 4 + 3], 0);
    }
}
