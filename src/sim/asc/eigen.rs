//! Eigenvectors of symmetric matrices of three rows.

/// Eigenvalues and eigenvectors (row by row) of a symmetric matrix, by Jacobi's rotations.
pub(super) fn eigen(mut a: [[f64; 3]; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
    let mut v = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    // the off-diagonal sum falls quadratically: some six sweeps reach the last bit
    for _ in 0..50 {
        if a[0][1] == 0.0 && a[0][2] == 0.0 && a[1][2] == 0.0 {
            break;
        }
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] == 0.0 {
                continue;
            }
            let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
            let c = 1.0 / (t * t + 1.0).sqrt();
            let s = t * c;
            for row in &mut a {
                (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
            }
            for k in 0..3 {
                (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]);
                (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k]);
            }
        }
    }
    ([a[0][0], a[1][1], a[2][2]], v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_eigenvector_is_the_vector_times_its_value() {
        let a = [[4.0, 1.0, -2.0], [1.0, 3.0, 0.5], [-2.0, 0.5, 7.0]];
        let (values, vectors) = eigen(a);
        assert!((values.iter().sum::<f64>() - 14.0).abs() < 1e-12, "the trace");
        for (value, v) in values.iter().zip(vectors) {
            for i in 0..3 {
                let product: f64 = (0..3).map(|k| a[i][k] * v[k]).sum();
                assert!((product - value * v[i]).abs() < 1e-12, "a few rounding errors of 7");
            }
        }
    }
}
