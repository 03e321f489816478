//! Lines clipped to the frame of the plotted area, and interrupted where points are not finite.

/// Horizontal and vertical range of a plotted area.
pub(super) type Frame = ((f64, f64), (f64, f64));

/// The pieces of a line that lie inside the frame.
pub(super) fn pieces(points: &[(f64, f64)], frame: Frame) -> Vec<Vec<(f64, f64)>> {
    let ((left, right), (bottom, top)) = frame;
    let part = |p: (f64, f64)| ((p.0 - left) / (right - left), (p.1 - bottom) / (top - bottom));
    let back = |p: (f64, f64)| (left + p.0 * (right - left), bottom + p.1 * (top - bottom));
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let (a, b) = (part(pair[0]), part(pair[1]));
        let Some((from, to)) = clipped(a, b) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(back(to)),
            _ => pieces.push(vec![back(from), back(to)]),
        }
        open = to == b;
    }
    pieces
}

/// The part of the line from a to b that lies in the unit square; `None` where none does (Liang & Barsky 1984).
fn clipped(a: (f64, f64), b: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (p, q) in [(-dx, a.0), (dx, 1.0 - a.0), (-dy, a.1), (dy, 1.0 - a.1)] {
        if p.is_nan() || q.is_nan() || (p == 0.0 && q < 0.0) {
            return None;
        }
        if p < 0.0 {
            from = from.max(q / p);
        } else if p > 0.0 {
            to = to.min(q / p);
        }
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    let end = if to >= 1.0 { b } else { at(to) };
    (from <= to).then(|| (at(from), end))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_is_cut_at_the_frame() {
        let frame = ((0.0, 10.0), (0.0, 10.0));
        let line = [(-5.0, 5.0), (5.0, 5.0), (5.0, 25.0), (8.0, f64::NAN), (8.0, 1.0), (9.0, 1.0)];
        let pieces = |points: &[(f64, f64)]| super::pieces(points, frame);
        assert_eq!(pieces(&line).len(), 2);
        assert_eq!(pieces(&line)[0], [(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)]);
        assert_eq!(pieces(&line)[1], [(8.0, 1.0), (9.0, 1.0)]);
        assert!(pieces(&[(-3.0, 1.0), (-1.0, 2.0)]).is_empty());
    }
}
