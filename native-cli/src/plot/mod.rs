//! Figures, as SVG or PNG.

pub mod grid;
pub mod palette;
pub mod panel;
pub mod scale;
pub mod simulation;
pub mod statistics;

use std::path::Path;
use std::sync::Once;

use anyhow::{Context, Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use crate::files::{self, usage};
use crate::places::Ending;

/// Something that can be drawn on any canvas.
pub trait Figure {
    /// Width and height, pixels.
    fn size(&self) -> (u32, u32);

    /// Draws it.
    ///
    /// # Errors
    /// What the canvas reports.
    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>>;
}

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

/// How a figure's name must end.
pub const ENDING: Ending = Ending::OneOf(&["svg", "png"]);

/// Draws a figure into a file, whole or not at all.
///
/// # Errors
/// A name with another ending, or a file that cannot be written.
pub fn save(path: &Path, figure: &impl Figure) -> Result<()> {
    register_fonts();
    let failed = |e: String| anyhow!("cannot draw {}: {e}", path.display());
    let bytes = match format(path)? {
        Format::Svg => {
            let mut text = String::new();
            {
                let area = SVGBackend::with_string(&mut text, figure.size()).into_drawing_area();
                figure.draw(&area).map_err(|e| failed(e.to_string()))?;
                area.present().map_err(|e| failed(e.to_string()))?;
            }
            text.into_bytes()
        }
        Format::Png => {
            let (width, height) = figure.size();
            let mut pixels = vec![255; (width * height * 3) as usize];
            {
                let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
                let area = backend.into_drawing_area();
                figure.draw(&area).map_err(|e| failed(e.to_string()))?;
                area.present().map_err(|e| failed(e.to_string()))?;
            }
            encode_png(width, height, &pixels).with_context(|| path.display().to_string())?
        }
    };
    files::write(path, &bytes)
}

fn encode_png(width: u32, height: u32, pixels: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(bytes)
}

fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let font = include_bytes!("../../assets/DejaVuSans-subset.ttf");
        for style in [FontStyle::Normal, FontStyle::Bold] {
            // fails only for bytes that are no font
            let registered = register_font("sans-serif", style, font);
            debug_assert!(registered.is_ok());
        }
    });
}
