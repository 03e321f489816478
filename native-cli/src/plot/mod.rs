//! Writes sheets of figures into files, as SVG or PNG.

#[cfg(test)]
mod documents;
mod pixels;
pub mod simulation;
pub mod statistics;

use std::path::Path;
use std::sync::Once;

use anyhow::{Context, Result, anyhow};
use ballstick::plot::Sheet;
use ballstick::plot::paint::FONT;
use ballstick::plot::through::Through;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use self::pixels::RoundJoints;
use crate::files::{self, usage};
use crate::places::Ending;

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Svg,
    Png,
}

fn format(path: &Path) -> Result<Format> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        _ => Err(usage(path.display(), "a figure's name must end in .svg or .png")),
    }
}

/// The endings that a figure's name may have.
pub const ENDING: Ending = Ending::OneOf(&["svg", "png"]);

/// Steps of an SVG's grid in a CSS pixel: plotters has integer coordinates, whose steps would show in a slow curve.
const SVG_FINENESS: f64 = 8.0;
/// Pixels of a PNG in a CSS pixel, as on a high-resolution screen.
const PNG_SCALE: f64 = 2.0;

/// Draws a sheet into a file, which is written whole or not at all.
///
/// # Errors
/// A name with another ending, or a file that cannot be written.
pub fn save(path: &Path, sheet: &Sheet) -> Result<()> {
    let bytes = match format(path)? {
        Format::Svg => svg(sheet).map(String::into_bytes),
        Format::Png => png(sheet),
    };
    files::write(path, &bytes.with_context(|| format!("cannot draw {}", path.display()))?)
}

/// Width and height of a sheet in steps, `scale` steps a CSS pixel.
fn size(sheet: &Sheet, scale: f64) -> (u32, u32) {
    let (width, height) = sheet.size();
    ((width * scale) as u32, (height * scale) as u32)
}

fn svg(sheet: &Sheet) -> Result<String> {
    register_fonts();
    let (fine, (width, height)) = (size(sheet, SVG_FINENESS), size(sheet, 1.0));
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, fine).into_drawing_area();
        sheet.draw(&area, SVG_FINENESS).map_err(|e| anyhow!("{e}"))?;
        area.present().map_err(|e| anyhow!("{e}"))?;
    }
    // the view box keeps the fine steps
    let [drawn, shown] = [fine, (width, height)]
        .map(|(width, height)| format!("<svg width=\"{width}\" height=\"{height}\""));
    Ok(text.replacen(&drawn, &shown, 1))
}

fn png(sheet: &Sheet) -> Result<Vec<u8>> {
    register_fonts();
    let (width, height) = size(sheet, PNG_SCALE);
    let mut pixels = vec![255; (width * height * 3) as usize];
    {
        let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
        let area = Through(RoundJoints(backend)).into_drawing_area();
        sheet.draw(&area, PNG_SCALE).map_err(|e| anyhow!("{e}"))?;
        area.present().map_err(|e| anyhow!("{e}"))?;
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let font = include_bytes!("../../assets/DejaVuSans-subset.ttf");
        // fails only for bytes that are no font
        let registered = register_font(FONT, FontStyle::Normal, font);
        debug_assert!(registered.is_ok());
    });
}
