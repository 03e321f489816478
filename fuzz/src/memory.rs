//! A bound on the memory that a reader takes, to the byte.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes that are allocated.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Bytes that may be.
static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Memory that a reader may take for each byte of its input.
const TIMES: usize = 64;

/// Memory that a reader may take beside, bytes.
const BESIDE: usize = 64 << 20;

/// The system's allocator, counted. libFuzzer's own memory is not Rust's, and not counted.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size);
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Counts `size` bytes more, and ends the program where they are too many: libFuzzer then keeps the input.
fn grow(size: usize) {
    let live = LIVE.fetch_add(size, Relaxed).saturating_add(size);
    let most = MOST.load(Relaxed);
    if live > most {
        // what is said allocates as well
        MOST.store(usize::MAX, Relaxed);
        eprintln!(
            "the reader takes too much memory: {size} bytes more are {} too many",
            live - most
        );
        std::process::abort();
    }
}

/// Reads an input of `bytes` bytes, in no more memory than 64 times as much and 64 MiB.
pub fn within<T>(bytes: usize, read: impl FnOnce() -> T) -> T {
    let room = bytes.saturating_mul(TIMES).saturating_add(BESIDE);
    MOST.store(LIVE.load(Relaxed).saturating_add(room), Relaxed);
    let found = read();
    MOST.store(usize::MAX, Relaxed);
    found
}
