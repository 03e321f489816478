//! What a vector of lanes does, and where lanes are in a table.

/// The lines of two gates on one interval: each is the start and the rise of a first number, then of a second one.
pub(crate) type Pair<T> = [[T; 4]; 2];

/// Where each lane is in a table: the row, as the bytes before it, and how far along its interval.
pub(crate) struct Spots<T, const L: usize> {
    bytes: [u32; L],
    pub(crate) far: [T; L],
    most: u32,
}

impl<T: Copy, const L: usize> Spots<T, L> {
    #[inline(always)]
    pub(crate) fn new(mut row: [u32; L], far: [T; L]) -> Self {
        let most = row.iter().fold(0, |most, row| if *row > most { *row } else { most });
        for row in &mut row {
            *row = row.wrapping_mul(size_of::<Pair<T>>() as u32);
        }
        Self { bytes: row, far, most }
    }

    /// The rows of the lanes from `first` on, for gate `which` (0 or 1): no row is beyond the last one, which is in the
    /// table.
    #[inline(always)]
    pub(super) fn rows<const N: usize>(
        &self,
        table: &[Pair<T>],
        which: usize,
        first: usize,
    ) -> [*const T; N] {
        assert!((self.most as usize) < table.len() && which < 2);
        let mut rows = [std::ptr::null(); N];
        let start = table.as_ptr().cast::<[T; 4]>().wrapping_add(which);
        for (to, bytes) in rows.iter_mut().zip(&self.bytes[first..]) {
            *to = start.wrapping_byte_add(*bytes as usize).cast();
        }
        rows
    }
}

/// Vectors of an instruction set.
pub(crate) trait Wide<T: Copy>: Copy {
    /// Numbers in a vector.
    const N: usize;
    fn splat(x: T) -> Self;
    /// Loads the `N` numbers from index `at` on.
    fn load<const L: usize>(x: &[T; L], at: usize) -> Self;
    fn store<const L: usize>(self, x: &mut [T; L], at: usize);
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    /// The four numbers of gate `which` (0 or 1) in the rows of the lanes from `first` on.
    fn rows<const L: usize>(
        table: &[Pair<T>],
        which: usize,
        at: &Spots<T, L>,
        first: usize,
    ) -> [Self; 4];
}

/// One number, for lanes that fill no vector.
macro_rules! one {
    ($($T:ty),+) => {$(
        impl Wide<$T> for $T {
            const N: usize = 1;
            #[inline(always)]
            fn splat(x: $T) -> Self {
                x
            }
            #[inline(always)]
            fn load<const L: usize>(x: &[$T; L], at: usize) -> Self {
                x[at]
            }
            #[inline(always)]
            fn store<const L: usize>(self, x: &mut [$T; L], at: usize) {
                x[at] = self;
            }
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                self + b
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                self - b
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                self * b
            }
            #[inline(always)]
            fn rows<const L: usize>(
                table: &[Pair<$T>],
                which: usize,
                at: &Spots<$T, L>,
                first: usize,
            ) -> [Self; 4] {
                table[at.bytes[first] as usize / size_of::<Pair<$T>>()][which]
            }
        }
    )+};
}
one!(f32, f64);

/// An instruction set, by its vectors.
pub(crate) trait Set<T: Copy> {
    type Vector: Wide<T>;
}

/// The instructions of every machine of the architecture.
pub(crate) struct Baseline;

#[cfg(not(any(target_arch = "x86_64", target_arch = "wasm32")))]
impl Set<f64> for Baseline {
    type Vector = f64;
}
#[cfg(not(any(target_arch = "x86_64", target_arch = "wasm32")))]
impl Set<f32> for Baseline {
    type Vector = f32;
}

/// A vector of an instruction set, and its rows as columns.
#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
macro_rules! wide {
    ($set:ident, $name:ident, $inner:ty, $T:ty, $n:literal, $columns:ident,
     $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident, $mul:ident) => {
        /// Used only in functions that are compiled for its instruction set.
        #[derive(Clone, Copy)]
        pub(crate) struct $name($inner);

        impl Set<$T> for $set {
            type Vector = $name;
        }

        // `unsafe` is not needed where the instructions are those of the baseline
        #[allow(unused_unsafe)]
        impl Wide<$T> for $name {
            const N: usize = $n;
            #[inline(always)]
            fn splat(x: $T) -> Self {
                // SAFETY: see the type
                Self(unsafe { $splat(x) })
            }
            #[inline(always)]
            fn load<const L: usize>(x: &[$T; L], at: usize) -> Self {
                assert!(at + $n <= L);
                // SAFETY: see the type; the numbers are there
                Self(unsafe { $load(x.as_ptr().add(at).cast()) })
            }
            #[inline(always)]
            fn store<const L: usize>(self, x: &mut [$T; L], at: usize) {
                assert!(at + $n <= L);
                // SAFETY: see the type; the numbers are there
                unsafe { $store(x.as_mut_ptr().add(at).cast(), self.0) }
            }
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                // SAFETY: see the type
                Self(unsafe { $add(self.0, b.0) })
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                // SAFETY: see the type
                Self(unsafe { $sub(self.0, b.0) })
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                // SAFETY: see the type
                Self(unsafe { $mul(self.0, b.0) })
            }
            #[inline(always)]
            fn rows<const L: usize>(
                table: &[Pair<$T>],
                which: usize,
                at: &Spots<$T, L>,
                first: usize,
            ) -> [Self; 4] {
                let rows = at.rows::<$n>(table, which, first);
                // SAFETY: see the type; the rows are in the table, and have four numbers each
                let [a, b, c, d] = unsafe { $columns(&rows) };
                [Self(a), Self(b), Self(c), Self(d)]
            }
        }
    };
}

#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
pub(super) use wide;
