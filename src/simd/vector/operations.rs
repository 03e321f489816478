//! What a vector can do, whatever the instruction set.

/// The operations that kernels need. All are inlined, so that a loop over them is compiled for the
/// instructions of the function around it.
pub(crate) trait Vector: Copy {
    /// Numbers in it.
    const N: usize;
    /// Whether products and sums are one operation.
    const FUSED: bool;
    /// The vector of a transform: at most 8 numbers.
    type Short: Vector;

    fn zero() -> Self;
    fn splat(x: f32) -> Self;
    /// The numbers from `at` on.
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
    /// N rows of N, transposed. Of a short vector only.
    fn transpose(rows: &mut [Self]);
    /// The lower halves of a and b, and the upper halves. Of a short vector only.
    fn halves(a: Self, b: Self) -> [Self; 2];

    /// All lanes added up, pairwise.
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

/// Where there is no fused operation.
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
