//! One loop, several instruction sets.

/// Which instructions a loop is compiled for; elsewhere it is what the build is for (NEON, wasm SIMD).
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// SSE2.
    Base,
    /// AVX2 with fused multiply-add.
    Avx2,
    /// AVX-512.
    Avx512,
}

/// The best that this machine has.
#[cfg(target_arch = "x86_64")]
pub(crate) fn level() -> Level {
    use std::sync::OnceLock;
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        match (avx2, avx2 && is_x86_feature_detected!("avx512f")) {
            (_, true) => Level::Avx512,
            (true, _) => Level::Avx2,
            _ => Level::Base,
        }
    })
}

/// a·b + c, in one instruction where the loop is compiled for it.
#[inline(always)]
pub(crate) fn fma<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// Defines `fn name(args)` as a choice between compilations of
/// `fn body<const LANES: usize, const FUSED: bool>(args)`.
macro_rules! versions {
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$f:ident: $bound:path>)? ($($arg:ident: $ty:ty),* $(,)?) = $body:ident) => {
        $(#[$doc])*
        #[allow(unsafe_code, clippy::too_many_arguments)]
        $vis fn $name $(<$f: $bound>)? ($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn avx2 $(<$f: $bound>)? ($($arg: $ty),*) {
                    $body::<8, true $(, $f)?>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma,avx512f")]
                #[allow(clippy::too_many_arguments)]
                fn avx512 $(<$f: $bound>)? ($($arg: $ty),*) {
                    $body::<16, true $(, $f)?>($($arg),*)
                }
                match $crate::twin::kernel::simd::level() {
                    // SAFETY: `level` found these instructions on this machine
                    $crate::twin::kernel::simd::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above
                    $crate::twin::kernel::simd::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::twin::kernel::simd::Level::Base => {}
                }
            }
            $body::<4, false $(, $f)?>($($arg),*)
        }
    };
}
pub(crate) use versions;
