//! Decimation: fewer points for the same picture, at most four a pixel column (the first, lowest, highest and last).

use super::series::Data;
use std::borrow::Cow;

/// The points of `data` within `range`, reduced so that no column of a plot of `columns` columns loses its extremes.
/// One point beyond each edge is kept, so that lines leave the plot.
pub fn decimate(data: &Data, range: (f64, f64), columns: usize) -> Vec<(f64, f64)> {
    reduce(&window(data, range), range, columns)
}

/// The points of [`decimate`] in separate runs, since a line has a gap where a value is not finite.
pub fn runs(data: &Data, range: (f64, f64), columns: usize) -> Vec<Vec<(f64, f64)>> {
    let points = window(data, range);
    let runs = points.split(|p| !(p.0.is_finite() && p.1.is_finite()));
    runs.filter(|run| !run.is_empty()).map(|run| reduce(run, range, columns)).collect()
}

/// The samples within `range` and one beyond each edge; of points all are kept.
fn window(data: &Data, range: (f64, f64)) -> Cow<'_, [(f64, f64)]> {
    match data {
        Data::Uniform { start, step, y } => {
            let index = |x: f64| ((x - start) / step).clamp(0.0, y.len() as f64);
            let first = index(range.0).floor() as usize;
            let last = (index(range.1).ceil() as usize + 1).min(y.len());
            (first..last).map(|k| (start + k as f64 * step, y[k])).collect()
        }
        Data::Points(points) => Cow::Borrowed(points),
    }
}

fn reduce(points: &[(f64, f64)], range: (f64, f64), columns: usize) -> Vec<(f64, f64)> {
    let few = points.len() <= 4 * columns;
    let points = points.iter().copied().filter(|p| p.1.is_finite());
    if few {
        return points.collect();
    }
    let width = (range.1 - range.0) / columns.max(1) as f64;
    let mut out = Vec::with_capacity(4 * columns);
    let mut column: Option<Column> = None;
    for point in points {
        let number = ((point.0 - range.0) / width).floor() as i64;
        match &mut column {
            Some(open) if open.number == number => open.add(point),
            _ => {
                if let Some(full) = column.take() {
                    full.write(&mut out);
                }
                column =
                    Some(Column { number, first: point, low: point, high: point, last: point });
            }
        }
    }
    if let Some(full) = column {
        full.write(&mut out);
    }
    out
}

struct Column {
    number: i64,
    first: (f64, f64),
    low: (f64, f64),
    high: (f64, f64),
    last: (f64, f64),
}

impl Column {
    fn add(&mut self, point: (f64, f64)) {
        if point.1 < self.low.1 {
            self.low = point;
        }
        if point.1 > self.high.1 {
            self.high = point;
        }
        self.last = point;
    }

    fn write(self, out: &mut Vec<(f64, f64)>) {
        let mut four = [self.first, self.low, self.high, self.last];
        four.sort_by(|a, b| a.0.total_cmp(&b.0));
        for point in four {
            if out.last() != Some(&point) {
                out.push(point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_of_every_column_survive() {
        let y: Vec<f64> = (0..40_961).map(|k| ((k * 7919) % 1000) as f64).collect();
        let data = Data::Uniform { start: 0.0, step: 0.025, y: y.clone().into() };
        let columns = 300;
        let few = decimate(&data, (0.0, 1024.0), columns);
        assert!(few.len() <= 4 * (columns + 2), "{}", few.len());
        assert!(few.windows(2).all(|w| w[0].0 <= w[1].0));
        for column in 0..columns {
            let (a, b) = (column as f64 * 1024.0 / 300.0, (column + 1) as f64 * 1024.0 / 300.0);
            let span = |points: &mut dyn Iterator<Item = (f64, f64)>| {
                points
                    .filter(|p| p.0 >= a && p.0 < b)
                    .fold((f64::MAX, f64::MIN), |s, p| (s.0.min(p.1), s.1.max(p.1)))
            };
            let all = span(&mut y.iter().enumerate().map(|(k, v)| (k as f64 * 0.025, *v)));
            assert_eq!(span(&mut few.iter().copied()), all);
        }
    }

    #[test]
    fn few_points_stay_as_they_are_and_nan_is_left_out() {
        let data = Data::Points([(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0)].into());
        assert_eq!(decimate(&data, (0.0, 2.0), 100), [(0.0, 1.0), (2.0, 3.0)]);
        assert_eq!(runs(&data, (0.0, 2.0), 100), [[(0.0, 1.0)], [(2.0, 3.0)]]);
    }

    #[test]
    fn a_window_outside_the_samples_is_empty_or_its_edge() {
        let data = Data::Uniform { start: 0.0, step: 1.0, y: vec![1.0; 10].into() };
        assert!(decimate(&data, (50.0, 60.0), 100).is_empty());
    }
}
