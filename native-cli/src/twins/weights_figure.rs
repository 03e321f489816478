//! The figure of the first layer's weights: each channel is a pair of maps, segments upwards, ms before the present.

use ballstick::plot::{Sheet, panels};
use ballstick::twin::weights::Checkpoint;

/// A sheet of the first layer's kernels, four channels in a row; `None` for a twin that begins with no convolution.
pub fn first_layer(checkpoint: &Checkpoint) -> Option<Sheet> {
    let weight = checkpoint.first_layer()?;
    let title = format!("{}, first layer", checkpoint.header.short_name);
    let mut sheet = Sheet::new([title], [260.0; 4]);
    let &[channels, kinds, segments, taps] = weight.shape.as_slice() else { return Some(sheet) };
    let values: Vec<f64> = weight.values.iter().map(|w| f64::from(*w)).collect();
    for (channel, kernel) in values.chunks_exact(kinds * segments * taps).take(channels).enumerate()
    {
        sheet.push("", panels::kernel(channel, kernel, segments, taps, None));
    }
    Some(sheet)
}
