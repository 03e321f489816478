//! PyTorch's checkpoints of twins.
#![no_main]

use ballstick::twin::weights::Checkpoint;
use ballstick_fuzz::checkpoint::{same, through_torch};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::torch::pt;
use ballstick_fuzz::zip::unpacked;
use ballstick_fuzz::{file, fuzz_target};

fuzz_target!(|input: &[u8]| {
    let Some(file) = file(input, pt) else { return };
    let Ok(checkpoint) = within(unpacked(&file), || Checkpoint::from_torch(&file)) else { return };
    let _ = checkpoint.torch_file_name();
    through_torch(&checkpoint);
    let ours = checkpoint.to_bytes().expect("it is written");
    same(&Checkpoint::from_bytes(&ours).expect("what is written is read"), &checkpoint);
});
