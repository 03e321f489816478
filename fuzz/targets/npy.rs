//! `.npy`, of one type and of any.
#![no_main]

use ballstick::data::npy::{self, Element};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{file, fuzz_target, npy::file as build};

fn again<T: Element>(file: &[u8]) {
    let Ok(array) = within(file.len(), || npy::read::<T>(file)) else { return };
    let bytes = npy::write(&array);
    let second = npy::read::<T>(&bytes).expect("what is written is read");
    assert_eq!(second.shape(), array.shape());
    assert!(npy::write(&second) == bytes, "the numbers are others");
}

fuzz_target!(|input: &[u8]| {
    let Some(file) = file(input, build) else { return };
    again::<bool>(&file);
    again::<f32>(&file);
    again::<f64>(&file);
    again::<u8>(&file);
    again::<i64>(&file);
    if let Ok(array) = within(file.len(), || npy::read_real(&file)) {
        npy::require_finite(&array).ok();
        again::<f64>(&npy::write(&array));
    }
});
