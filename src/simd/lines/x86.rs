//! Vectors of SSE2, AVX2 and AVX-512.

use super::wide::{Baseline, Pair, Set, Spots, Wide, wide};
use std::arch::x86_64::*;

/// AVX2.
pub(crate) struct Avx2;
/// AVX-512.
pub(crate) struct Avx512;

wide!(
    Baseline,
    D2,
    __m128d,
    f64,
    2,
    columns_2,
    _mm_set1_pd,
    _mm_loadu_pd,
    _mm_storeu_pd,
    _mm_add_pd,
    _mm_sub_pd,
    _mm_mul_pd
);
wide!(
    Baseline,
    S4,
    __m128,
    f32,
    4,
    columns_4,
    _mm_set1_ps,
    _mm_loadu_ps,
    _mm_storeu_ps,
    _mm_add_ps,
    _mm_sub_ps,
    _mm_mul_ps
);
wide!(
    Avx2,
    D4,
    __m256d,
    f64,
    4,
    columns_4_of_f64,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_storeu_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd
);
wide!(
    Avx2,
    S8,
    __m256,
    f32,
    8,
    columns_8,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps
);
wide!(
    Avx512,
    D8,
    __m512d,
    f64,
    8,
    columns_8_of_f64,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_storeu_pd,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd
);
wide!(
    Avx512,
    S16,
    __m512,
    f32,
    16,
    columns_16,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps
);

/// Two rows as four columns.
#[inline(always)]
unsafe fn columns_2(row: &[*const f64; 2]) -> [__m128d; 4] {
    // SAFETY: the caller's
    unsafe {
        let (a, b) = (_mm_loadu_pd(row[0]), _mm_loadu_pd(row[1]));
        let (c, d) = (_mm_loadu_pd(row[0].add(2)), _mm_loadu_pd(row[1].add(2)));
        [_mm_unpacklo_pd(a, b), _mm_unpackhi_pd(a, b), _mm_unpacklo_pd(c, d), _mm_unpackhi_pd(c, d)]
    }
}

/// Four rows as four columns.
#[inline(always)]
unsafe fn columns_4(row: &[*const f32; 4]) -> [__m128; 4] {
    // SAFETY: the caller's
    unsafe {
        let (a, b) = (_mm_loadu_ps(row[0]), _mm_loadu_ps(row[1]));
        let (c, d) = (_mm_loadu_ps(row[2]), _mm_loadu_ps(row[3]));
        let (ab, cd) = (_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
        let (ab_2, cd_2) = (_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d));
        [
            _mm_movelh_ps(ab, cd),
            _mm_movehl_ps(cd, ab),
            _mm_movelh_ps(ab_2, cd_2),
            _mm_movehl_ps(cd_2, ab_2),
        ]
    }
}

/// Two pairs of numbers side by side.
#[inline(always)]
unsafe fn pairs(a: *const f64, b: *const f64) -> __m256d {
    // SAFETY: the caller's
    unsafe { _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(_mm_loadu_pd(a)), _mm_loadu_pd(b)) }
}

/// Four rows as four columns.
#[inline(always)]
unsafe fn columns_4_of_f64(row: &[*const f64; 4]) -> [__m256d; 4] {
    // SAFETY: the caller's
    unsafe {
        let (a, b) = (pairs(row[0], row[2]), pairs(row[1], row[3]));
        let (c, d) = (pairs(row[0].add(2), row[2].add(2)), pairs(row[1].add(2), row[3].add(2)));
        [
            _mm256_unpacklo_pd(a, b),
            _mm256_unpackhi_pd(a, b),
            _mm256_unpacklo_pd(c, d),
            _mm256_unpackhi_pd(c, d),
        ]
    }
}

/// Two rows side by side.
#[inline(always)]
unsafe fn two(a: *const f32, b: *const f32) -> __m256 {
    // SAFETY: the caller's
    unsafe { _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(_mm_loadu_ps(a)), _mm_loadu_ps(b)) }
}

/// Eight rows as four columns.
#[inline(always)]
unsafe fn columns_8(row: &[*const f32; 8]) -> [__m256; 4] {
    // SAFETY: the caller's
    unsafe {
        let (a, b) = (two(row[0], row[4]), two(row[1], row[5]));
        let (c, d) = (two(row[2], row[6]), two(row[3], row[7]));
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (ab_2, cd_2) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        [
            _mm256_shuffle_ps::<0x44>(ab, cd),
            _mm256_shuffle_ps::<0xee>(ab, cd),
            _mm256_shuffle_ps::<0x44>(ab_2, cd_2),
            _mm256_shuffle_ps::<0xee>(ab_2, cd_2),
        ]
    }
}

/// Two rows side by side.
#[inline(always)]
unsafe fn two_of_f64(a: *const f64, b: *const f64) -> __m512d {
    // SAFETY: the caller's
    unsafe {
        let a = _mm512_castpd256_pd512(_mm256_loadu_pd(a));
        _mm512_insertf64x4::<1>(a, _mm256_loadu_pd(b))
    }
}

/// Eight rows as four columns.
#[inline(always)]
unsafe fn columns_8_of_f64(row: &[*const f64; 8]) -> [__m512d; 4] {
    // SAFETY: the caller's
    unsafe {
        let (a, b) = (two_of_f64(row[0], row[4]), two_of_f64(row[1], row[5]));
        let (c, d) = (two_of_f64(row[2], row[6]), two_of_f64(row[3], row[7]));
        let (ab, cd) = (_mm512_unpacklo_pd(a, b), _mm512_unpacklo_pd(c, d));
        let (ab_2, cd_2) = (_mm512_unpackhi_pd(a, b), _mm512_unpackhi_pd(c, d));
        let first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        let second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        [
            _mm512_permutex2var_pd(ab, first, cd),
            _mm512_permutex2var_pd(ab_2, first, cd_2),
            _mm512_permutex2var_pd(ab, second, cd),
            _mm512_permutex2var_pd(ab_2, second, cd_2),
        ]
    }
}

/// Four rows side by side.
#[inline(always)]
unsafe fn four(a: *const f32, b: *const f32, c: *const f32, d: *const f32) -> __m512 {
    // SAFETY: the caller's
    unsafe {
        let x = _mm512_castps128_ps512(_mm_loadu_ps(a));
        let x = _mm512_insertf32x4::<1>(x, _mm_loadu_ps(b));
        let x = _mm512_insertf32x4::<2>(x, _mm_loadu_ps(c));
        _mm512_insertf32x4::<3>(x, _mm_loadu_ps(d))
    }
}

/// Sixteen rows as four columns.
#[inline(always)]
unsafe fn columns_16(row: &[*const f32; 16]) -> [__m512; 4] {
    // SAFETY: the caller's
    unsafe {
        let (a, b) = (four(row[0], row[4], row[8], row[12]), four(row[1], row[5], row[9], row[13]));
        let (c, d) =
            (four(row[2], row[6], row[10], row[14]), four(row[3], row[7], row[11], row[15]));
        let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
        let (ab_2, cd_2) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
        [
            _mm512_shuffle_ps::<0x44>(ab, cd),
            _mm512_shuffle_ps::<0xee>(ab, cd),
            _mm512_shuffle_ps::<0x44>(ab_2, cd_2),
            _mm512_shuffle_ps::<0xee>(ab_2, cd_2),
        ]
    }
}
