//! Draws a panel on the page's canvases.

use super::fine::{FINENESS, Fine};
use crate::plot::paint::{self, has_room};
use crate::plot::{Axis, Content, Geometry, Heat, Palette, Panel};
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

pub(super) fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Clears a canvas.
pub(super) fn clear(canvas: &HtmlCanvasElement) {
    let Some(context) = context(canvas) else { return };
    context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok();
    context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    context.set_line_join("round");
}

/// Draws what a panel holds; the canvas is clear and has the geometry's size.
pub(super) fn content(
    canvas: &HtmlCanvasElement,
    x: &Axis,
    panel: &Panel,
    at: Geometry,
    palette: &Palette,
) -> Drawn {
    let Some(context) = context(canvas).filter(|_| has_room(x, at)) else { return Ok(()) };
    if let Content::Heat(map) = &panel.content {
        return Ok(heat(&context, map, x.range, at)?);
    }
    let Some(backend) = Fine::new(canvas.clone(), &context) else { return Ok(()) };
    let area = backend.into_drawing_area();
    let at = Geometry { scale: at.scale * f64::from(FINENESS), ..at };
    match &panel.content {
        Content::Raster(raster) => paint::ticks(&area, raster, x.range, at, palette)?,
        Content::Lines(lines) => paint::lines(&area, x, &panel.y, lines, at, palette)?,
        Content::Heat(_) => {}
    }
    Ok(())
}

/// A heat map as an image: one call of the canvas for all its pixels.
fn heat(
    context: &CanvasRenderingContext2d,
    map: &Heat,
    range: (f64, f64),
    at: Geometry,
) -> Result<(), String> {
    let [left, top, right, bottom] = at.inner();
    let (width, height) = (at.px(right) - at.px(left), at.px(bottom) - at.px(top));
    let pixels = map.pixels(range, width as usize, height as usize);
    ImageData::new_with_u8_clamped_array(wasm_bindgen::Clamped(&pixels), width as u32)
        .and_then(|image| {
            context.put_image_data(&image, f64::from(at.px(left)), f64::from(at.px(top)))
        })
        .map_err(|error| format!("{error:?}"))
}

/// Draws grid, ticks and labels on a clear canvas.
pub(super) fn axes(
    canvas: &HtmlCanvasElement,
    x: &Axis,
    panel: &Panel,
    at: Geometry,
    palette: &Palette,
) -> Drawn {
    let backend = CanvasBackend::with_canvas_object(canvas.clone());
    let Some(backend) = backend.filter(|_| has_room(x, at)) else { return Ok(()) };
    Ok(paint::axes(&backend.into_drawing_area(), x, panel, at, palette)?)
}
