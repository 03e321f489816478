//! The cursor through a figure: where a pointer and keys move it, and what a panel shows at its place.

use super::{Axis, Colour, Content, Data, Geometry, Panel, Ruler, Series, Style, scale};

/// How far from the cursor a dot or a column is still read, along the horizontal axis in its positions.
pub fn reach(x: &Axis, at: Geometry) -> f64 {
    match x.ruler {
        Ruler::Places(_) => 0.5,
        _ => 1.5 * pixel(x, at),
    }
}

/// The width of a pixel in positions of the horizontal axis.
fn pixel(x: &Axis, at: Geometry) -> f64 {
    let [left, _, right, _] = at.inner();
    (x.range.1 - x.range.0) / (right - left).max(1.0)
}

/// The dots that mark the cursor's values in a panel: their places in CSS pixels, and their colours.
pub fn dots(panel: &Panel, x: &Axis, at: Geometry, cursor: f64) -> Vec<(f64, f64, Colour)> {
    panel
        .named()
        .filter_map(|series| {
            let (px, py) = series.at(cursor, reach(x, at))?;
            let inside = py.is_finite() && py >= panel.y.range.0 && py <= panel.y.range.1;
            inside.then(|| (at.x(x.range, px), at.y(panel.y.range, py), series.colour))
        })
        .collect()
}

/// Name and value, with unit, of everything that a panel shows at `x`; `row` is the row read in a heat map.
pub fn readings(panel: &Panel, x: f64, reach: f64, row: usize) -> Vec<(String, String)> {
    let with_unit = |value: String, unit: &str| format!("{value} {unit}").trim_end().to_owned();
    match &panel.content {
        Content::Lines(_) => panel
            .named()
            .map(|series| {
                let value = series.at(x, reach).map_or(f64::NAN, |(_, y)| y);
                let text = match value.is_finite() {
                    true => panel.y.ruler.read(value, series.digits),
                    false => "–".into(),
                };
                (series.name.clone(), with_unit(text, panel.y.unit))
            })
            .collect(),
        Content::Heat(map) => {
            let value = map.at(row, x).map_or(f64::NAN, |v| v);
            let name = format!("{} {}", map.row, row + 1);
            vec![(name, with_unit(scale::fixed(value, map.digits().max(1) + 1), map.value.1))]
        }
        Content::Raster(raster) => raster
            .kinds
            .iter()
            .map(|(name, _, ticks)| {
                let here = ticks.iter().filter(|t| t.x.floor() == x.floor()).count();
                ((*name).to_owned(), here.to_string())
            })
            .collect(),
    }
}

/// The cursor's place for a pointer at `here`: at the nearest sample where samples are wider apart than a pixel, and at
/// the nearest dot in a panel with dots alone.
pub fn snapped(panel: &Panel, x: &Axis, at: Geometry, here: f64) -> f64 {
    let dots =
        |series: &Series| matches!(series.style, Style::Scatter | Style::Cloud | Style::Dots);
    let first = panel.read().next();
    let nearest = match first.map(|series| &series.data) {
        Some(Data::Uniform { step, .. }) if *step > pixel(x, at) => {
            first.and_then(|series| series.data.nearest(here)).map(|p| p.0)
        }
        Some(Data::Points(_)) if panel.read().all(dots) => {
            let each = panel.read().filter_map(|series| series.data.nearest(here)).map(|p| p.0);
            each.min_by(|a, b| (a - here).abs().total_cmp(&(b - here).abs()))
        }
        _ => None,
    };
    nearest.filter(|at| (x.range.0..=x.range.1).contains(at)).unwrap_or(here)
}

/// The place to which an arrow key moves the cursor: the next sample or point, at least a pixel away, or with `fast`
/// ten samples on, or the next point at least ten pixels away.
pub fn next_place(
    panel: &Panel,
    x: &Axis,
    at: Geometry,
    here: f64,
    right: bool,
    fast: bool,
) -> f64 {
    let sign = if right { 1.0 } else { -1.0 };
    let (pixel, times) = (pixel(x, at), if fast { 10.0 } else { 1.0 });
    let step = match (&panel.content, panel.read().next().map(|series| &series.data)) {
        (Content::Heat(map), _) => map.step,
        (Content::Raster(_), _) => 1.0,
        (_, Some(Data::Uniform { step, .. })) => *step,
        (_, None) => pixel,
        (_, Some(Data::Points(_))) => {
            let least = if fast { 10.0 * pixel } else { pixel };
            let points = panel.read().filter_map(|series| match &series.data {
                Data::Points(points) => Some(points.iter()),
                Data::Uniform { .. } => None,
            });
            let ahead = points.flatten().map(|p| sign * (p.0 - here)).filter(|d| *d >= least);
            let end = if right { x.range.1 } else { x.range.0 };
            let to = ahead.fold(sign * (end - here), f64::min);
            return (here + sign * to).clamp(x.range.0, x.range.1);
        }
    };
    (here + sign * times * step.max(pixel)).clamp(x.range.0, x.range.1)
}

/// Decimals that tell the cursor's places apart: those of the samples, or of a thousandth of the axis.
pub fn digits(panel: &Panel, x: &Axis) -> usize {
    let thousandth = (x.range.1 - x.range.0) / 1000.0;
    let enough = (-thousandth.log10()).ceil().clamp(0.0, 4.0) as usize;
    let tells = |value: f64, digits: usize| {
        let scaled = value * 10f64.powi(digits as i32);
        (scaled - scaled.round()).abs() < 1e-6
    };
    match panel.read().next().map(|series| &series.data) {
        Some(Data::Uniform { start, step, .. }) => {
            (0..enough).find(|d| tells(*start, *d) && tells(*step, *d)).unwrap_or(enough)
        }
        _ => enough,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(style: Style, data: Data) -> Series {
        Series { name: "a".into(), colour: Colour::Blue, data, style, digits: 1 }
    }

    #[test]
    fn keys_go_from_point_to_point() {
        let at = Geometry { width: 160.0, height: 100.0, axis: true, ..Geometry::default() };
        let x = Axis::new("x", "", (0.0, 100.0)); // a pixel each
        let points = Data::Points([(2.0, 1.0), (20.0, 2.0), (20.4, 3.0), (70.0, 4.0)].into());
        let diagonal = of(Style::Dashed, Data::Points([(0.0, 0.0), (100.0, 100.0)].into()));
        let panel = Panel {
            y: Axis::new("y", "", (0.0, 5.0)),
            height: 50.0,
            content: Content::Lines(vec![diagonal.clone(), of(Style::Scatter, points)]),
        };
        let go = |here, right| next_place(&panel, &x, at, here, right, false);
        assert_eq!((go(0.0, true), go(2.0, true), go(20.0, true)), (2.0, 20.0, 70.0));
        assert_eq!((go(70.0, true), go(70.0, false), go(2.0, false)), (100.0, 20.4, 0.0));
        assert_eq!(snapped(&panel, &x, at, 30.0), 20.4);
        // a straight line has values everywhere, a dot only at its place
        assert_eq!(diagonal.at(30.0, 1.0), Some((30.0, 30.0)));
        let dots = panel.read().next().unwrap();
        assert_eq!((dots.at(30.0, 1.5), dots.at(69.0, 1.5)), (None, Some((70.0, 4.0))));
    }

    #[test]
    fn a_place_is_told_as_finely_as_samples_are() {
        let of = |start, step| Panel {
            y: Axis::new("y", "", (0.0, 1.0)),
            height: 50.0,
            content: Content::Lines(vec![of(
                Style::Line,
                Data::Uniform { start, step, y: [0.0, 1.0].into() },
            )]),
        };
        let x = Axis::new("synapses", "", (1.0, 41.0));
        assert_eq!(digits(&of(1.0, 1.0), &x), 0);
        assert_eq!(digits(&of(0.0, 0.025), &x), 2);
        assert_eq!(digits(&of(0.5, 1.0), &x), 1);
    }
}
