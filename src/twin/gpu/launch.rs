//! Room on the device and cubes for the kernels.

use burn::tensor::{DType, Shape};
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, cubecl};
use cubecl::prelude::{CubeCount, CubeDim};

/// The most cubes of a kernel whose units take several values each.
const MOST: usize = 4096;

/// Units of such a cube.
const EACH: usize = 256;

/// Cubes and their units for a pass over `count` values, a unit for each or for several.
pub(super) fn cubes(count: usize) -> (CubeCount, CubeDim) {
    let cubes = count.div_ceil(EACH).clamp(1, MOST);
    (CubeCount::Static(cubes as u32, 1, 1), CubeDim::new_1d(EACH as u32))
}

/// An uninitialised tensor on the device of another.
pub(super) fn empty<R: CubeRuntime>(like: &CubeTensor<R>, dims: impl Into<Shape>) -> CubeTensor<R> {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, dims.into(), DType::F32)
}
