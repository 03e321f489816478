//! The published twins, and a batch of small windows for them: what a training step on a graphics device is tested on.

use ballstick::twin::batch::Batch;
use ballstick::twin::config::{TcnConfig, TwinConfig, TwinKind};

pub const SEGMENTS: usize = 8;
const BATCH: usize = 1;
const TIME: usize = 64;

/// Twins by name, each with the most dispatches and submissions that a training step of it may make; a reading's own
/// submission apart. CubeCL submits after every 64 launches that carry sizes of their own.
pub fn twins() -> [(&'static str, TwinConfig, [f64; 2]); 5] {
    let small = TcnConfig {
        first_layer_temporal_kernel_size: 21,
        num_layers_per_block_list: vec![2],
        num_features_per_block_list: vec![16],
        temporal_kernel_size_per_block_list: vec![21],
        ..TcnConfig::default()
    };
    let c = TcnConfig::assignment('C', SEGMENTS).unwrap();
    [
        ("TCN C", TwinConfig::Tcn(c), [120.0, 2.0]),
        ("TCN of depth 2, width 16, 21 taps", TwinConfig::Tcn(small), [60.0, 2.0]),
        ("Transformer", TwinConfig::default_of(TwinKind::Transformer), [250.0, 5.0]),
        ("ResNetTCN", TwinConfig::default_of(TwinKind::ResNetTcn), [400.0, 8.0]),
        ("ELM", TwinConfig::default_of(TwinKind::Elm), [120.0, 2.0]),
    ]
    .map(|(name, config, most)| (name, config.with_segments(SEGMENTS), most))
}

/// A batch of numbers from 0 to 1.
pub fn batch() -> Batch {
    let mut state = 1u32;
    let mut draw = |count: usize| -> Vec<f32> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        (0..count).map(|_| next()).collect()
    };
    Batch {
        x: draw(BATCH * 2 * SEGMENTS * TIME),
        y: draw(BATCH * (4 + SEGMENTS) * TIME),
        size: BATCH,
        segments: SEGMENTS,
        duration: TIME,
        partner: None,
    }
}
