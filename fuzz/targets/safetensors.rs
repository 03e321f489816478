//! Our own checkpoints.
#![no_main]

use ballstick::twin::weights::Checkpoint;
use ballstick_fuzz::checkpoint::{same, through_torch};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::torch::safetensors;
use ballstick_fuzz::{file, fuzz_target};

fuzz_target!(|input: &[u8]| {
    let Some(file) = file(input, safetensors) else { return };
    let Ok(checkpoint) = within(file.len(), || Checkpoint::from_bytes(&file)) else { return };
    let ours = checkpoint.to_bytes().expect("it is written");
    same(&Checkpoint::from_bytes(&ours).expect("what is written is read"), &checkpoint);
    let _ = checkpoint.torch_file_name();
    through_torch(&checkpoint);
});
