//! Vectors of wasm's SIMD.

use super::wide::{Baseline, Pair, Set, Spots, Wide, wide};
use std::arch::wasm32::*;

wide!(
    Baseline,
    D2,
    v128,
    f64,
    2,
    columns_2,
    f64x2_splat,
    v128_load,
    v128_store,
    f64x2_add,
    f64x2_sub,
    f64x2_mul
);
wide!(
    Baseline,
    S4,
    v128,
    f32,
    4,
    columns_4,
    f32x4_splat,
    v128_load,
    v128_store,
    f32x4_add,
    f32x4_sub,
    f32x4_mul
);

/// Two rows as four columns.
#[inline(always)]
unsafe fn columns_2(row: &[*const f64; 2]) -> [v128; 4] {
    // SAFETY: the caller's
    let (a, b) = unsafe { (v128_load(row[0].cast()), v128_load(row[1].cast())) };
    // SAFETY: the caller's
    let (c, d) = unsafe { (v128_load(row[0].add(2).cast()), v128_load(row[1].add(2).cast())) };
    [
        i64x2_shuffle::<0, 2>(a, b),
        i64x2_shuffle::<1, 3>(a, b),
        i64x2_shuffle::<0, 2>(c, d),
        i64x2_shuffle::<1, 3>(c, d),
    ]
}

/// Four rows as four columns.
#[inline(always)]
unsafe fn columns_4(row: &[*const f32; 4]) -> [v128; 4] {
    // SAFETY: the caller's
    let [a, b, c, d] = row.map(|row| unsafe { v128_load(row.cast()) });
    let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d));
    let (ab_2, cd_2) = (i32x4_shuffle::<2, 6, 3, 7>(a, b), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    [
        i64x2_shuffle::<0, 2>(ab, cd),
        i64x2_shuffle::<1, 3>(ab, cd),
        i64x2_shuffle::<0, 2>(ab_2, cd_2),
        i64x2_shuffle::<1, 3>(ab_2, cd_2),
    ]
}
