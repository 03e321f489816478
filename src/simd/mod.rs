//! Kernels for several instruction sets from one source: the sets that this machine has, and vectors of f32.
//!
//! A kernel is written once: over a `Vector`, over loops that are told whether to fuse, or over plain loops, which
//! never fuse and so give the same bits everywhere. `dispatch!` compiles it for each [`Isa`]. Unsafe code is in this
//! room alone: the calls of a compilation for a wider processor, which are sound because only detection makes an
//! [`Isa`], and the vectors' intrinsics.

mod lines;
#[cfg(feature = "twin")]
mod vector;

#[cfg(target_arch = "x86_64")]
pub(crate) use lines::{Avx2, Avx512};
pub(crate) use lines::{Baseline, Pair, Set, Spots, Wide};

#[cfg(feature = "twin")]
pub(crate) use vector::{F4, Vector};
#[cfg(all(feature = "twin", target_arch = "x86_64"))]
pub(crate) use vector::{F8, F16};

/// An instruction set that this machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isa(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// The instructions of every machine of the architecture.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The instruction sets that this machine has, from the narrowest to the widest.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut)] // on other architectures
        let mut all = vec![Self::baseline()];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(Self(Level::Avx2));
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            if avx512 {
                all.push(Self(Level::Avx512));
            }
        }
        all
    }

    /// The instruction set of every machine of the architecture.
    pub const fn baseline() -> Self {
        Self(Level::Baseline)
    }

    /// The widest instruction set that this machine has.
    pub fn best() -> Self {
        use std::sync::OnceLock;
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| Self::available().into_iter().max().unwrap_or(Self::baseline()))
    }

    /// The instruction set's name.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Baseline => "SSE2",
            #[cfg(target_arch = "wasm32")]
            Level::Baseline => "wasm SIMD",
            #[cfg(not(any(target_arch = "x86_64", target_arch = "wasm32")))]
            Level::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "AVX-512",
        }
    }

    /// The level, which chooses the compilation of a kernel.
    pub(crate) fn level(self) -> Level {
        self.0
    }

    /// Numbers in a [`Vector`] of this instruction set.
    #[cfg(feature = "twin")]
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            Level::Baseline => F4::N,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => F8::N,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => F16::N,
        }
    }
}

/// a·b + c, in one instruction where `FUSED`, and otherwise in two.
#[cfg(feature = "twin")]
#[inline(always)]
pub(crate) fn fma<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// Defines `fn name(isa: Isa, args)` as a choice between compilations of a body: of `fn body<V: Vector>(args)` behind
/// `vectors`, of `fn body<const FUSED: bool>(args)` behind `loops`, of `fn body<S: Set<T>>(args)` behind `sets`, of
/// `fn body(args)` behind `plain`. A body must be `#[inline(always)]`; otherwise it is compiled only once, for any machine.
macro_rules! dispatch {
    (vectors $(#[$doc:meta])* $vis:vis fn $name:ident $(<$f:ident: $bound:path>)? ($($arg:ident: $ty:ty),* $(,)?) = $body:ident) => {
        $crate::simd::dispatch! { @ [$($doc),*] [$vis] $name [$($f: $bound)?] [$($f)?] [$($arg: $ty),*] $body
            [$crate::simd::F4] [$crate::simd::F8] [$crate::simd::F16] }
    };
    (loops $(#[$doc:meta])* $vis:vis fn $name:ident $(<$f:ident: $bound:path>)? ($($arg:ident: $ty:ty),* $(,)?) = $body:ident) => {
        $crate::simd::dispatch! { @ [$($doc),*] [$vis] $name [$($f: $bound)?] [$($f)?] [$($arg: $ty),*] $body
            [false] [true] [true] }
    };
    (sets $(#[$doc:meta])* $vis:vis fn $name:ident $(<$f:ident: $bound:path>)? ($($arg:ident: $ty:ty),* $(,)?) = $body:ident) => {
        $crate::simd::dispatch! { @ [$($doc),*] [$vis] $name [$($f: $bound)?] [$($f)?] [$($arg: $ty),*] $body
            [$crate::simd::Baseline] [$crate::simd::Avx2] [$crate::simd::Avx512] }
    };
    (plain $(#[$doc:meta])* $vis:vis fn $name:ident $(<$f:ident: $bound:path>)? ($($arg:ident: $ty:ty),* $(,)?) = $body:ident) => {
        $crate::simd::dispatch! { @ [$($doc),*] [$vis] $name [$($f: $bound)?] [$($f)?] [$($arg: $ty),*] $body
            [] [] [] }
    };
    (@ [$($doc:meta),*] [$vis:vis] $name:ident [$($bounds:tt)*] [$($f:ident)?] [$($arg:ident: $ty:ty),*] $body:ident
     [$($base:tt)*] [$($avx2:tt)*] [$($avx512:tt)*]) => {
        $(#[$doc])*
        #[allow(unsafe_code, clippy::too_many_arguments)] // a kernel takes its shapes and its arrays
        $vis fn $name <$($bounds)*> (isa: $crate::simd::Isa, $($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            fn avx2 <$($bounds)*> ($($arg: $ty),*) {
                $body::<$($avx2)* $(, $f)?>($($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512bw,avx512vl")]
            #[allow(clippy::too_many_arguments)]
            fn avx512 <$($bounds)*> ($($arg: $ty),*) {
                $body::<$($avx512)* $(, $f)?>($($arg),*)
            }
            match isa.level() {
                $crate::simd::Level::Baseline => $body::<$($base)* $(, $f)?>($($arg),*),
                // SAFETY: an `Isa` is made only where its instructions were found
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Level::Avx2 => unsafe { avx2($($arg),*) },
                // SAFETY: as above
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Level::Avx512 => unsafe { avx512($($arg),*) },
            }
        }
    };
}
pub(crate) use dispatch;
