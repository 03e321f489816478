//! Buffers for kernels, kept from call to call: fresh memory costs a page fault every 4 KiB, as much as a Fourier
//! transform of its values.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// The buffers that are not in use.
static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// The most buffers kept; more than a training step has in use at a time.
const MOST: usize = 64;

/// A buffer in use, which is returned to the free ones when it is dropped.
#[derive(Debug)]
pub(crate) struct Room(Vec<f32>);

impl Room {
    /// A buffer of `len` values, which are arbitrary.
    pub(crate) fn any(len: usize) -> Self {
        let mut values = Self::take(len);
        values.resize(len, 0.0);
        Self(values)
    }

    /// A buffer of `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        let mut values = Self::take(len);
        values.clear();
        values.resize(len, 0.0);
        Self(values)
    }

    /// The smallest free buffer that is large enough, or a new one.
    fn take(len: usize) -> Vec<f32> {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = free.iter().enumerate().filter(|(_, buffer)| buffer.capacity() >= len);
        let best = fits.min_by_key(|(_, buffer)| buffer.capacity()).map(|(i, _)| i);
        // a buffer of more than ten times the size is left for larger requests
        let best = best.filter(|&i| free[i].capacity() <= 10 * len.max(1024));
        let mut values = best.map(|i| free.swap_remove(i)).unwrap_or_default();
        drop(free);
        values.truncate(len);
        values
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() >= MOST {
            // the smallest buffer is the cheapest to allocate again
            let smallest = free.iter().enumerate().min_by_key(|(_, buffer)| buffer.capacity());
            if let Some(i) = smallest.map(|(i, _)| i) {
                free.swap_remove(i);
            }
        }
        free.push(std::mem::take(&mut self.0));
    }
}

impl Deref for Room {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Room {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}
