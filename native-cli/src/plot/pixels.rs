//! Thick lines of a PNG, segment by segment: plotters outlines a whole line at once, and the corner that it computes for
//! a sharp turn, such as a spike's tip, lies far from the line.

use ballstick::plot::through::{Change, Passed};
use plotters::prelude::BitMapBackend;
use plotters_backend::{BackendCoord, BackendStyle, DrawingBackend};

/// A back end of pixels whose thick lines have round joints.
pub struct RoundJoints<'a>(pub BitMapBackend<'a>);

impl<'a> Change for RoundJoints<'a> {
    type Inner = BitMapBackend<'a>;

    fn inner(&self) -> &Self::Inner {
        &self.0
    }

    fn inner_mut(&mut self) -> &mut Self::Inner {
        &mut self.0
    }

    fn path<S: BackendStyle>(
        &mut self,
        path: impl IntoIterator<Item = BackendCoord>,
        style: &S,
    ) -> Passed<Self::Inner> {
        let mut points: Vec<BackendCoord> = path.into_iter().collect();
        points.dedup();
        let width = style.stroke_width();
        if width <= 1 || points.len() <= 2 {
            return self.0.draw_path(points, style);
        }
        for pair in points.windows(2) {
            self.0.draw_path([pair[0], pair[1]], style)?;
        }
        // in a half transparent line a joint over the segments' ends would show
        if width > 2 && style.color().alpha >= 1.0 {
            for joint in &points[1..points.len() - 1] {
                self.0.draw_circle(*joint, width / 2, &style.color(), true)?;
            }
        }
        Ok(())
    }
}
