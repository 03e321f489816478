//! The first layer's weights, drawn: each channel a pair of maps, segments up, ms back.

use ballstick::twin::weights::{Checkpoint, HostTensor};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::plot::Figure;
use crate::plot::palette::INK;

/// Kernels of the first layer, (width, 2, segments, ms).
pub struct FirstLayer {
    title: String,
    weight: HostTensor,
}

const CELL: u32 = 10;
const MAP: (u32, u32) = (260, 110);
const HEAD: u32 = 40;

impl FirstLayer {
    /// Of a twin that begins with a convolution.
    pub fn of(checkpoint: &Checkpoint) -> Option<Self> {
        let weight = checkpoint.first_layer()?.clone();
        let title = format!("{}, first layer", checkpoint.header.short_name);
        Some(Self { title, weight })
    }
}

impl Figure for FirstLayer {
    fn size(&self) -> (u32, u32) {
        let width = self.weight.shape[0] as u32;
        (4 * MAP.0 + CELL, HEAD + width.div_ceil(2) * MAP.1)
    }

    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        area.fill(&WHITE)?;
        let font = |size: u32| ("sans-serif", size).into_font().color(&INK);
        area.draw(&Text::new(self.title.clone(), (12, 10), font(16)))?;
        let &[width, kinds, segments, taps] = self.weight.shape.as_slice() else {
            return Ok(());
        };
        for channel in 0..width {
            let part = channel * kinds * segments * taps..(channel + 1) * kinds * segments * taps;
            let weights = &self.weight.values[part];
            let largest = weights.iter().fold(1e-12f32, |m, w| m.max(w.abs()));
            for kind in 0..kinds.min(2) {
                let left = ((channel % 2) * 2 + kind) as f64 * f64::from(MAP.0) + 12.0;
                let top = f64::from(HEAD) + (channel / 2) as f64 * f64::from(MAP.1);
                let name = ["excitation", "inhibition"][kind];
                let caption = format!("{channel}, {name}");
                area.draw(&Text::new(caption, (left as i32, top as i32), font(11)))?;
                let (w, h) = (f64::from(MAP.0) - 24.0, f64::from(MAP.1) - 26.0);
                for s in 0..segments {
                    for t in 0..taps {
                        let value = weights[(kind * segments + s) * taps + t] / largest;
                        let x = |t: usize| (left + w * t as f64 / taps as f64) as i32;
                        let y = |s: usize| (top + 16.0 + h * s as f64 / segments as f64) as i32;
                        let corners = [(x(t), y(s)), (x(t + 1), y(s + 1))];
                        area.draw(&Rectangle::new(corners, diverging(value).filled()))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Blue below 0, white at 0, vermillion above.
fn diverging(value: f32) -> RGBColor {
    let end = if value < 0.0 { (0.0, 114.0, 178.0) } else { (213.0, 94.0, 0.0) };
    let f = f64::from(value.abs().min(1.0));
    let mix = |c: f64| (255.0 + (c - 255.0) * f).round() as u8;
    RGBColor(mix(end.0), mix(end.1), mix(end.2))
}
