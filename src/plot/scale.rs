//! Round tick values, and the writing of numbers.

pub use crate::text::fixed;

/// About `wanted` round values within `range`, in ascending order; their distance is 1, 2 or 5 times a power of ten.
pub fn ticks(range: (f64, f64), wanted: usize) -> Vec<f64> {
    let (low, high) = range;
    let span = high - low;
    if !(span.is_finite() && span > 0.0) || wanted == 0 {
        return Vec::new();
    }
    let step = step(span, wanted);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

fn step(span: f64, wanted: usize) -> f64 {
    let rough = span / wanted as f64;
    let power = 10f64.powf(rough.log10().floor());
    let factor = match rough / power {
        f if f <= 1.0 + 1e-9 => 1.0,
        f if f <= 2.0 + 1e-9 => 2.0,
        f if f <= 5.0 + 1e-9 => 5.0,
        _ => 10.0,
    };
    factor * power
}

/// Tick labels with as many digits as distinguish them, and a true minus sign.
pub fn labels(ticks: &[f64]) -> Vec<String> {
    let step = match ticks {
        [a, b, ..] => b - a,
        // the label of a single tick shows its own value
        [a] if *a != 0.0 => a.abs(),
        _ => 1.0,
    };
    let digits = (-step.log10() - 1e-9).ceil().clamp(0.0, 12.0) as usize;
    if (1e-4..1e6).contains(&step) {
        return ticks.iter().map(|t| fixed(*t, digits)).collect();
    }
    ticks.iter().map(|t| if *t == 0.0 { "0".into() } else { scientific(*t, 1) }).collect()
}

/// A number such as 3.2 × 10⁻⁹, with `digits` decimals of the mantissa.
pub fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised: String = exponent
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            digit => digit.to_digit(10).map_or(digit, |d| RAISED[d as usize]),
        })
        .collect();
    format!("{} × 10{raised}", mantissa.replace('-', "−"))
}

/// A positive number in three digits, with k for thousands and M for millions.
pub fn short(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if v >= 999_500.0 => (value / 1e6, "M"),
        v if v >= 999.5 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    if !scaled.is_finite() {
        return "–".into();
    }
    let digits = match scaled.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        v if v >= 1e-4 => (2.0 - v.log10().floor()) as usize,
        v if v > 0.0 => return scientific(scaled, 0),
        _ => 0,
    };
    let text = fixed(scaled, digits);
    let text = if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks((0.0, 1024.0), 6), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(ticks((-95.0, 45.0), 4), [-50.0, 0.0]);
        assert_eq!(ticks((-0.1, 0.3), 4), [-0.1, 0.0, 0.1, 0.2, 0.30000000000000004]);
        assert!(ticks((1.0, 1.0), 4).is_empty());
        assert!(ticks((f64::NAN, 1.0), 4).is_empty());
    }

    #[test]
    fn labels_tell_ticks_apart() {
        assert_eq!(labels(&[-50.0, 0.0]), ["−50", "0"]);
        assert_eq!(labels(&ticks((0.0, 0.3), 3)), ["0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(&[0.5]), ["0.5"]);
        assert_eq!(labels(&[-40.0]), ["−40"]);
        assert_eq!(labels(&[0.0, 2e-5]), ["0", "2.0 × 10⁻⁵"]);
    }

    #[test]
    fn short_numbers_keep_three_digits() {
        assert_eq!(
            [1.0, 200.0, 1500.0, 12_345.0, 2e6].map(short),
            ["1", "200", "1.5k", "12.3k", "2M"]
        );
        assert_eq!([0.05, 0.0, 0.000_123].map(short), ["0.05", "0", "0.000123"]);
        assert_eq!(short(1e-5), "1 × 10⁻⁵");
        assert_eq!(short(f64::NAN), "–");
    }

    #[test]
    fn minus_zero_is_zero() {
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1.25, 1), "−1.2");
        assert_eq!(fixed(f64::NAN, 1), "–");
        assert_eq!(scientific(-3.21e-9, 1), "−3.2 × 10⁻⁹");
    }
}
