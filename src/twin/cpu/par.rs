//! Loops over all cores natively, in one thread in the page. Work is cut by size, never by the number of threads, so
//! that results do not depend on the machine.

/// Calls `f(i, chunk)` for each chunk of `len` values.
pub(crate) fn chunks(data: &mut [f32], len: usize, f: impl Fn(usize, &mut [f32]) + Sync + Send) {
    let len = len.max(1);
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        data.par_chunks_mut(len).enumerate().for_each(|(i, chunk)| f(i, chunk));
    }
    #[cfg(target_arch = "wasm32")]
    data.chunks_mut(len).enumerate().for_each(|(i, chunk)| f(i, chunk));
}

/// Calls `f(i, chunk, chunk)` for the chunks of two arrays side by side.
pub(crate) fn chunks2(
    a: &mut [f32],
    len_a: usize,
    b: &mut [f32],
    len_b: usize,
    f: impl Fn(usize, &mut [f32], &mut [f32]) + Sync + Send,
) {
    let (len_a, len_b) = (len_a.max(1), len_b.max(1));
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        let pairs = a.par_chunks_mut(len_a).zip(b.par_chunks_mut(len_b));
        pairs.enumerate().for_each(|(i, (a, b))| f(i, a, b));
    }
    #[cfg(target_arch = "wasm32")]
    {
        let pairs = a.chunks_mut(len_a).zip(b.chunks_mut(len_b));
        pairs.enumerate().for_each(|(i, (a, b))| f(i, a, b));
    }
}

/// Calls `f(i, task)` for each task.
pub(crate) fn each<T: Send>(tasks: Vec<T>, f: impl Fn(usize, T) + Sync + Send) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        tasks.into_par_iter().enumerate().for_each(|(i, task)| f(i, task));
    }
    #[cfg(target_arch = "wasm32")]
    tasks.into_iter().enumerate().for_each(|(i, task)| f(i, task));
}
