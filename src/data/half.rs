//! Rounding to half precision as in NumPy.

use ::half::f16;

/// The half-precision number nearest to `x`, ties to even, rounded once.
///
/// Two roundings by way of f32 would put one number in some thousands on the other side of a tie.
#[must_use]
#[inline]
pub fn to_f16(x: f64) -> f16 {
    let bits = x.abs().to_bits();
    if bits == 0 {
        // zero: most weights of a data set's inputs
        return f16::from_bits((x.to_bits() >> 48) as u16);
    }
    // the normal half-precision numbers, from the smallest to below the largest, 65504
    if !(0x3f10_0000_0000_0000..0x40ef_fc00_0000_0000).contains(&bits) {
        return through_f32(x);
    }
    let even = (bits >> 42) & 1;
    let rounded = (bits + even + ((1 << 41) - 1)) >> 42;
    let sign = (x.to_bits() >> 48) & 0x8000;
    // 11 bits of exponent, off by 1023, become five, off by 15
    f16::from_bits(((rounded - (1008 << 10)) | sign) as u16)
}

/// [`to_f16`] of any number. The conversion to f32 rounds to odd (Boldo & Melquiond 2008), with which the second
/// rounding cannot err.
#[cold]
fn through_f32(x: f64) -> f16 {
    let nearest = x as f32;
    let odd = match f64::from(nearest).partial_cmp(&x) {
        Some(std::cmp::Ordering::Equal) | None => nearest,
        _ if nearest.to_bits() & 1 == 1 => nearest,
        // the neighbour on the other side of x has the odd last bit
        Some(std::cmp::Ordering::Less) => nearest.next_up(),
        Some(std::cmp::Ordering::Greater) => nearest.next_down(),
    };
    f16::from_f32(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_just_past_a_tie_goes_up() {
        let tie = 1.0 + 2.0_f64.powi(-11); // between 1 and 1 + 2^-10
        assert_eq!(to_f16(tie), f16::from_f32(1.0));
        assert_eq!(to_f16(tie + 1e-15), f16::from_f32(1.0 + 2.0_f32.powi(-10)));
        assert_eq!(to_f16(-tie - 1e-15), f16::from_f32(-1.0 - 2.0_f32.powi(-10)));
        assert_eq!(to_f16(tie - 1e-15), f16::from_f32(1.0));
    }

    #[test]
    fn both_ways_are_one() {
        for bits in 0..=u16::MAX {
            let half = f16::from_bits(bits).to_f64();
            // a half-precision number itself, and numbers at or near the tie with the next
            let next = f16::from_bits(bits.wrapping_add(1)).to_f64();
            let tie = 0.5 * (half + next);
            for x in [half, tie, tie.next_up(), tie.next_down(), half + 0.3 * (next - half)] {
                assert_eq!(to_f16(x).to_bits(), through_f32(x).to_bits(), "{x:e}");
            }
        }
    }

    #[test]
    fn the_limits_hold() {
        assert_eq!(to_f16(0.0), f16::ZERO);
        assert_eq!(to_f16(1e9), f16::INFINITY);
        assert!(to_f16(f64::NAN).is_nan());
        assert_eq!(to_f16(65_504.0), f16::MAX);
    }
}
