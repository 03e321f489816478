//! Ranges of axes that hold given values, and histograms over them.

use super::scale;

/// From the lowest to the highest finite value, each end moved outwards by the share `room` of their distance; 0 to 1
/// where there is no such value. The range is never empty.
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

/// The number of values in each of `bins` equal bins from `low` to `high`; a value beyond an end counts in the last bin
/// there.
pub fn counts(values: &[f64], (low, high): (f64, f64), bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins];
    for value in values {
        let at = (value - low) / (high - low) * bins as f64;
        counts[(at.max(0.0) as usize).min(bins - 1)] += 1.0;
    }
    counts
}

/// The range of some values and 0, at least `least` wide, with a margin at both ends.
pub fn with_zero(values: impl IntoIterator<Item = f64>, least: f64) -> (f64, f64) {
    let (low, high) =
        values.into_iter().fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let room = 0.12 * (high - low).max(least);
    (low - room, high.max(low + least) + room)
}

/// The least of 1, 1.5, 2, 3, 5 and 7 times a power of ten that is not below `x` (> 0): the end of an axis that grows
/// with its values in few steps.
pub fn round_up(x: f64) -> f64 {
    let power = 10f64.powf(x.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0];
    steps.map(|step| step * power).into_iter().find(|end| *end >= x).unwrap_or(x)
}

/// The greatest of the numbers of [`round_up`] that is not above `x` (> 0).
pub fn round_down(x: f64) -> f64 {
    let power = 10f64.powf(x.log10().floor());
    let steps = [7.0, 5.0, 3.0, 2.0, 1.5, 1.0];
    steps.map(|step| step * power).into_iter().find(|start| *start <= x).unwrap_or(x)
}

/// The first tick that is not below any finite value, nor below `least`: the upper end of an axis that begins at 0.
pub fn tick_above(values: impl Iterator<Item = f64>, least: f64) -> f64 {
    let top = values.filter(|v| v.is_finite()).fold(least, f64::max);
    let ticks = scale::ticks((0.0, top * 1.0001), 4);
    let step = ticks.get(1).copied().unwrap_or(top);
    (top / step).ceil() * step
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

    #[test]
    fn ends_are_round_and_outside() {
        for (x, down, up) in
            [(1.0, 1.0, 1.0), (61.0, 50.0, 70.0), (0.034, 0.03, 0.05), (980.0, 700.0, 1000.0)]
        {
            let near = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-12;
            assert!(near(round_up(x), up) && near(round_down(x), down), "{x}");
        }
    }

    #[test]
    fn an_axis_holds_a_response_and_zero() {
        let (low, high) = with_zero([0.0, 3.0, -1.0], 0.2);
        assert!(low < -1.0 && low > -2.0 && high > 3.0 && high < 4.0, "{low} {high}");
        let (low, high) = with_zero([0.0; 3], 0.2);
        assert!(low < 0.0 && high > 0.2 && high < 0.3, "{low} {high}");
        assert_eq!(with_zero([], 0.2), with_zero([0.0], 0.2));
    }
}
