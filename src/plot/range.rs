//! Ranges of axes that hold given values, and histograms over them.

/// From the lowest to the highest value, each end farther by a part `room` of their distance; 0 to 1 without values.
/// Values that are no numbers do not count. The range is never empty.
pub fn padded(values: impl IntoIterator<Item = f64>, room: f64) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let room = (room * (high - low)).max(1e-3 * high.abs()).max(1e-6);
    (low - room, high + room)
}

/// How many values fall into each of `bins` equal bins between two ends; what lies beyond an end is in its bin.
pub fn counts(values: &[f64], (low, high): (f64, f64), bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins];
    for value in values {
        let at = (value - low) / (high - low) * bins as f64;
        counts[(at.max(0.0) as usize).min(bins - 1)] += 1.0;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bin() {
        let values = [1.0, 2.0, 2.0, 5.0];
        let range = padded(values, 0.05);
        assert_eq!(counts(&values, range, 40).iter().sum::<f64>(), 4.0);
        assert_eq!(counts(&[0.0, 0.1, 0.5, 0.99, 1.0], (0.0, 1.0), 2), [2.0, 3.0]);
        let range = padded([3.0, 3.0, f64::NAN], 0.05);
        assert!(range.0 < 3.0 && 3.0 < range.1);
        assert_eq!(counts(&[3.0, 3.0], range, 40).iter().sum::<f64>(), 2.0);
        assert_eq!(padded([], 0.05), (0.0, 1.0));
        let (low, high) = padded([-70.0, -70.0], 0.0);
        assert!(low < high);
    }
}
