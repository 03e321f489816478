//! How far two rows of numbers are apart.

/// The largest |a - b|, NaN where a difference is NaN, and infinity where the rows have different lengths.
///
/// `fold(0, max)` would drop a NaN, and so call a row of NaN equal to any other.
pub fn max_abs_difference<'a, T: Copy + Into<f64> + 'a>(
    a: impl IntoIterator<Item = &'a T>,
    b: impl IntoIterator<Item = &'a T>,
) -> f64 {
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    let mut worst = 0f64;
    loop {
        match (a.next(), b.next()) {
            (Some(&a), Some(&b)) => {
                let off = (a.into() - b.into()).abs();
                if off.is_nan() || off > worst {
                    worst = off;
                }
                if worst.is_nan() {
                    return worst;
                }
            }
            (None, None) => return worst,
            _ => return f64::INFINITY,
        }
    }
}

#[test]
fn a_nan_is_no_small_difference() {
    assert_eq!(max_abs_difference(&[1.0, 2.0], &[1.5, 2.0]), 0.5);
    assert!(max_abs_difference(&[1.0, f64::NAN, 3.0], &[1.0, 2.0, 3.0]).is_nan());
    assert!(max_abs_difference(&[f32::NAN], &[0.0]).is_nan());
    assert_eq!(max_abs_difference(&[1.0], &[1.0, 2.0]), f64::INFINITY);
}
