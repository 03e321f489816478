//! Round tick values and how numbers are written.

/// About `wanted` round values within `range`, in order, each 1, 2 or 5 times a power of ten
/// apart.
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

/// About `wanted` values within a range above 0: powers of ten, or 1, 2 and 5 times these where there are few.
pub fn log_ticks(range: (f64, f64), wanted: usize) -> Vec<f64> {
    let (low, high) = range;
    if !(low > 0.0 && high > low && high.is_finite()) || wanted == 0 {
        return Vec::new();
    }
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let inside = |factors: &[f64], every: i32| -> Vec<f64> {
        (first..=last)
            .filter(|power| power % every == 0)
            .flat_map(|power| factors.iter().map(move |f| f * 10f64.powi(power)))
            .filter(|tick| *tick >= low * (1.0 - 1e-9) && *tick <= high * (1.0 + 1e-9))
            .collect()
    };
    let tens = inside(&[1.0], 1);
    match tens.len() {
        0..=1 => inside(&[1.0, 2.0, 5.0], 1),
        n if n > wanted => inside(&[1.0], n.div_ceil(wanted) as i32),
        _ => tens,
    }
}

/// A value of a logarithmic axis, as short as it can be.
pub fn log_label(tick: f64) -> String {
    match tick {
        t if (1e-3..1e5).contains(&t) => fixed(t, (-t.log10().floor()).clamp(0.0, 4.0) as usize),
        t => scientific(t, 0),
    }
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

/// Tick labels with as many digits as tell them apart, and a true minus sign.
pub fn labels(ticks: &[f64]) -> Vec<String> {
    let step = match ticks {
        [a, b, ..] => b - a,
        // a tick alone tells its own value
        [a] if *a != 0.0 => a.abs(),
        _ => 1.0,
    };
    let digits = (-step.log10() - 1e-9).ceil().clamp(0.0, 12.0) as usize;
    if (1e-4..1e6).contains(&step) {
        return ticks.iter().map(|t| fixed(*t, digits)).collect();
    }
    ticks.iter().map(|t| if *t == 0.0 { "0".into() } else { scientific(*t, 1) }).collect()
}

/// A number with a fixed count of decimals.
pub fn fixed(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let text = format!("{value:.digits$}");
    let zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
    match (text.strip_prefix('-'), zero) {
        (Some(rest), true) => rest.into(),
        (Some(rest), false) => format!("−{rest}"),
        _ => text,
    }
}

/// A number as 3.2 × 10⁻⁹.
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
    fn ticks_of_ratios() {
        assert_eq!(log_ticks((0.02, 30.0), 6), [0.1, 1.0, 10.0]);
        assert_eq!(log_ticks((0.3, 0.9), 6), [0.5]);
        assert_eq!(log_ticks((1e-6, 1.0), 4), [1e-6, 1e-4, 1e-2, 1.0]);
        assert!(log_ticks((0.0, 1.0), 4).is_empty());
        assert_eq!([0.02, 1.0, 500.0, 1e-5].map(log_label), ["0.02", "1", "500", "1 × 10⁻⁵"]);
    }

    #[test]
    fn minus_zero_is_zero() {
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1.25, 1), "−1.2");
        assert_eq!(fixed(f64::NAN, 1), "–");
        assert_eq!(scientific(-3.21e-9, 1), "−3.2 × 10⁻⁹");
    }
}
