//! The operations of a vector, the same for every instruction set.

/// The operations that kernels need. All are inlined, so that a loop over them is compiled for the instructions of the
/// function around it.
pub(crate) trait Vector: Copy {
    /// Numbers in a vector.
    const N: usize;
    /// Whether a product and a sum are one operation with one rounding.
    const FUSED: bool;
    /// The vector that transforms use, of at most 8 numbers.
    type Short: Vector;

    fn zero() -> Self;
    fn splat(x: f32) -> Self;
    /// Loads the `N` numbers from index `at` on.
    fn load(x: &[f32], at: usize) -> Self;
    fn store(self, x: &mut [f32], at: usize);
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    /// self·b + c.
    fn fma(self, b: Self, c: Self) -> Self;
    /// self·b - c.
    fn fms(self, b: Self, c: Self) -> Self;
    /// c - self·b.
    fn fnma(self, b: Self, c: Self) -> Self;
    /// Transposes N rows of N numbers. Of a [`Short`](Self::Short) vector only.
    fn transpose(rows: &mut [Self]);
    /// The lower halves of a and b, then their upper halves. Of a [`Short`](Self::Short) vector only.
    fn halves(a: Self, b: Self) -> [Self; 2];

    /// The sum of all lanes, added pairwise.
    #[inline(always)]
    fn sum(self) -> f32 {
        let mut lanes = [0f32; 16];
        self.store(&mut lanes, 0);
        let mut width = Self::N;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                lanes[i] += lanes[i + width];
            }
        }
        lanes[0]
    }
}

/// The fused operations of a vector whose processor has none: a product, then a sum.
macro_rules! unfused {
    () => {
        const FUSED: bool = false;
        #[inline(always)]
        fn fma(self, b: Self, c: Self) -> Self {
            self.mul(b).add(c)
        }
        #[inline(always)]
        fn fms(self, b: Self, c: Self) -> Self {
            self.mul(b).sub(c)
        }
        #[inline(always)]
        fn fnma(self, b: Self, c: Self) -> Self {
            c.sub(self.mul(b))
        }
    };
}

pub(crate) use unfused;
