//! The joining of many tensors into one row and the parting of such a row, several tensors in a kernel: the parameters
//! of a twin, and its gradients, are some tens of short tensors.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, kernel::into_contiguous};
use cubecl::prelude::*;

use super::launch::empty;

/// Tensors of one kernel: WebGPU guarantees eight storage buffers, and two are the row and the sizes.
const AT_ONCE: usize = 6;

/// Units of a cube.
const UNITS: usize = 256;

/// The most cubes for one tensor.
const MOST: usize = 1024;

/// Writes tensors one behind the other; the cubes of row y copy tensor y.
///
/// # Shapes
/// - parts: `[length]` each
/// - row: `[n]`, written from `first` on
#[cube(launch)]
fn join(parts: &Sequence<Array<f32>>, row: &mut Array<f32>, first: usize) {
    let mut from = first;
    #[unroll]
    for part in 0..parts.len() {
        let values = parts.index(part);
        if CUBE_POS_Y as usize == part {
            let mut at = ABSOLUTE_POS_X as usize;
            while at < values.len() {
                row[from + at] = values[at];
                at += CUBE_COUNT_X as usize * UNITS;
            }
        }
        from += values.len();
    }
}

/// Reads tensors that lie one behind the other; the cubes of row y copy tensor y.
///
/// # Shapes
/// - row: `[n]`, read from `first` on
/// - parts: `[length]` each, written
#[cube(launch)]
fn part(row: &Array<f32>, parts: &mut Sequence<Array<f32>>, first: usize) {
    let mut from = first;
    #[unroll]
    for part in 0..parts.len() {
        let values = parts.index_mut(part);
        if CUBE_POS_Y as usize == part {
            let mut at = ABSOLUTE_POS_X as usize;
            while at < values.len() {
                values[at] = row[from + at];
                at += CUBE_COUNT_X as usize * UNITS;
            }
        }
        from += values.len();
    }
}

/// Cubes for some tensors: a row of cubes for each.
fn cubes(lengths: impl IntoIterator<Item = usize>) -> CubeCount {
    let (mut count, mut longest) = (0, 0);
    for length in lengths {
        count += 1;
        longest = longest.max(length);
    }
    CubeCount::Static(longest.div_ceil(UNITS).clamp(1, MOST) as u32, count, 1)
}

fn length<R: CubeRuntime>(tensor: &CubeTensor<R>) -> usize {
    tensor.meta.num_elements()
}

/// All values of some tensors, at least one, in one row.
pub(super) fn joined<R: CubeRuntime>(parts: Vec<CubeTensor<R>>) -> CubeTensor<R> {
    let parts: Vec<_> = parts.into_iter().map(into_contiguous).collect();
    let row = empty(&parts[0], [parts.iter().map(length).sum::<usize>()]);
    let mut first = 0;
    for some in parts.chunks(AT_ONCE) {
        join::launch::<R>(
            &row.client.clone(),
            cubes(some.iter().map(length)),
            CubeDim::new_1d(UNITS as u32),
            some.iter().map(|part| part.clone().into_array_arg()).collect(),
            row.clone().into_array_arg(),
            first,
        );
        first += some.iter().map(length).sum::<usize>();
    }
    row
}

/// A row's values as tensors of these lengths.
pub(super) fn parted<R: CubeRuntime>(row: CubeTensor<R>, lengths: &[usize]) -> Vec<CubeTensor<R>> {
    let row = into_contiguous(row);
    let parts: Vec<_> = lengths.iter().map(|&n| empty(&row, [n])).collect();
    let mut first = 0;
    for some in parts.chunks(AT_ONCE) {
        part::launch::<R>(
            &row.client.clone(),
            cubes(some.iter().map(length)),
            CubeDim::new_1d(UNITS as u32),
            row.clone().into_array_arg(),
            some.iter().map(|part| part.clone().into_array_arg()).collect(),
            first,
        );
        first += some.iter().map(length).sum::<usize>();
    }
    parts
}
