//! Arrays in row-major order.

/// An array of numbers, of single precision or whole.
#[derive(Clone, Debug, Default)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
    /// Whether the numbers are whole: of type int64.
    pub whole: bool,
}

/// Every index of a shape in row-major order.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let shape = shape.to_vec();
    (0..shape.iter().product()).map(move |mut n: usize| {
        let mut index = vec![0; shape.len()];
        for axis in (0..shape.len()).rev() {
            index[axis] = n % shape[axis];
            n /= shape[axis];
        }
        index
    })
}

impl Tensor {
    pub fn new(shape: Vec<usize>, values: Vec<f64>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len());
        Self { shape, values, whole: false }
    }

    pub fn row(values: Vec<f64>) -> Self {
        Self { shape: vec![values.len()], values, whole: true }
    }

    /// The value at an index; along axes of length 1, and along those that the array lacks, values repeat.
    pub fn at(&self, index: &[usize]) -> f64 {
        let own = &index[index.len() - self.shape.len()..];
        let place = own.iter().zip(&self.shape).fold(0, |place, (&i, &n)| {
            assert!(i < n || n == 1);
            place * n + if n == 1 { 0 } else { i }
        });
        self.values[place]
    }

    /// A new array with a value for each of its indices.
    pub fn by(shape: &[usize], value: impl FnMut(Vec<usize>) -> f64) -> Self {
        Self::new(shape.to_vec(), indices(shape).map(value).collect())
    }

    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        let values = self.values.iter().map(|&v| f(v)).collect();
        Self { shape: self.shape.clone(), values, whole: self.whole }
    }

    /// The shape of both, broadcast over each other.
    pub fn spread(&self, other: &[usize]) -> Vec<usize> {
        let rank = self.shape.len().max(other.len());
        let length = |shape: &[usize], axis: usize| {
            let missing = rank - shape.len();
            if axis < missing { 1 } else { shape[axis - missing] }
        };
        let both = |axis| match (length(&self.shape, axis), length(other, axis)) {
            (1, n) | (n, 1) => n,
            (a, b) => {
                assert_eq!(a, b, "{:?} and {other:?}", self.shape);
                a
            }
        };
        (0..rank).map(both).collect()
    }

    pub fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        assert_eq!(self.whole, other.whole, "two types");
        let shape = self.spread(&other.shape);
        let out = Self::by(&shape, |i| f(self.at(&i), other.at(&i)));
        Self { whole: self.whole, ..out }
    }

    pub fn narrow(&self, axis: usize, from: usize, to: usize) -> Self {
        let mut shape = self.shape.clone();
        shape[axis] = to - from;
        let out = Self::by(&shape, |mut i| {
            i[axis] += from;
            self.at(&i)
        });
        Self { whole: self.whole, ..out }
    }

    pub fn concat(parts: &[&Self], axis: usize) -> Self {
        let mut shape = parts[0].shape.clone();
        shape[axis] = parts.iter().map(|p| p.shape[axis]).sum();
        let out = Self::by(&shape, |mut i| {
            let mut part = 0;
            while i[axis] >= parts[part].shape[axis] {
                i[axis] -= parts[part].shape[axis];
                part += 1;
            }
            parts[part].at(&i)
        });
        Self { whole: parts[0].whole, ..out }
    }
}
