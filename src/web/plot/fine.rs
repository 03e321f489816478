//! A canvas on a finer grid: plotters counts in whole pixels, which shows as steps in a slow curve.

use crate::plot::through::{Change, Through};
use plotters_backend::DrawingBackend;
use plotters_canvas::CanvasBackend;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Steps of the grid in each canvas pixel.
pub(super) const FINENESS: u32 = 8;

/// A backend with [`FINENESS`] steps a pixel; the canvas itself scales them down.
pub(super) struct Fine(CanvasBackend);

impl Fine {
    /// A backend that draws on the canvas from now on; `None` where the browser denies it.
    pub(super) fn new(
        canvas: HtmlCanvasElement,
        context: &CanvasRenderingContext2d,
    ) -> Option<Through<Self>> {
        let step = 1.0 / f64::from(FINENESS);
        context.set_transform(step, 0.0, 0.0, step, 0.0, 0.0).ok()?;
        CanvasBackend::with_canvas_object(canvas).map(|canvas| Through(Self(canvas)))
    }
}

impl Change for Fine {
    type Inner = CanvasBackend;

    fn inner(&self) -> &Self::Inner {
        &self.0
    }

    fn inner_mut(&mut self) -> &mut Self::Inner {
        &mut self.0
    }

    fn size(&self) -> (u32, u32) {
        let (width, height) = self.0.get_size();
        (width * FINENESS, height * FINENESS)
    }
}
