//! Accuracy over what a twin is made of: depth, width and reach.

use std::ops::Range;

use ballstick::twin::results::Row;

use crate::plot::palette::{BLUE, GRID, VERMILLION};
use crate::twins::sheet::{Mark, Plot, Series, Sheet, range};

/// What is on the x axes: a title, and a row's place.
type Axis = (&'static str, fn(&Row) -> Option<f64>);

/// Depth and width as the twin's name counts them.
const AXES: [Axis; 3] = [
    ("depth, layers", |row| in_name(&row.short_name, "D")),
    ("width, channels", |row| {
        in_name(&row.short_name, "W").or_else(|| in_name(&row.short_name, "M"))
    }),
    ("reach, ms", |row| row.receptive_field_ms),
];

/// The number that follows a letter in the original's name for a twin, such as the 5 in `TCN_D_5_W_32_T_201`.
fn in_name(name: &str, letter: &str) -> Option<f64> {
    let mut parts = name.split('_');
    parts.find(|part| *part == letter)?;
    parts.next()?.parse().ok()
}

/// Three plots, a dot a twin, with its interval.
pub fn figure(rows: &[Row]) -> Sheet {
    let mut neurons: Vec<&str> = rows.iter().map(|row| row.neuron.as_str()).collect();
    neurons.dedup();
    let y_range = range(rows.iter().flat_map(|row| [row.auc_low, row.auc, row.auc_high]));
    let plots = AXES.iter().map(|axis| plot(rows, &neurons, axis, y_range.clone()));
    Sheet {
        title: "Spikes, AUC on the test set, by what the twin is made of".into(),
        columns: 3,
        size: (420, 360),
        plots: plots.collect(),
    }
}

fn plot(rows: &[Row], neurons: &[&str], (x, place): &Axis, y_range: Range<f64>) -> Plot {
    let mut series = Vec::new();
    for row in rows {
        if let Some(at) = place(row) {
            let points = vec![(at, row.auc_low), (at, row.auc_high)];
            series.push(Series { label: String::new(), color: GRID, mark: Mark::Line, points });
        }
    }
    for (neuron, color) in neurons.iter().zip([BLUE, VERMILLION].into_iter().cycle()) {
        let of = rows.iter().filter(|row| row.neuron == **neuron);
        let points = of.filter_map(|row| Some((place(row)?, row.auc))).collect();
        series.push(Series::dots(neuron, color, points));
    }
    Plot {
        title: String::new(),
        x: (*x).to_owned(),
        y: "AUC".into(),
        x_range: range(rows.iter().filter_map(place)),
        y_range,
        series,
        places: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_twin_stands_where_its_name_says() {
        let row = |name: &str, field, auc| Row {
            neuron: "n".into(),
            short_name: name.into(),
            receptive_field_ms: field,
            auc,
            auc_low: auc - 0.01,
            auc_high: auc + 0.01,
            ..Row::default()
        };
        let rows = [
            row("TCN_D_5_W_32_T_201_params_190K", Some(201.0), 0.9),
            row("TCN_ResNet_D_31_W_48_T_9_params_1K", Some(250.0), 0.95),
            row("ELM_D_1_M_64_params_30K", None, 0.92),
            row("logistic regression", None, 0.7),
        ];
        let sheet = figure(&rows);
        let dots = |n: usize| sheet.plots[n].series.last().unwrap().points.clone();
        assert_eq!(dots(0), [(5.0, 0.9), (31.0, 0.95), (1.0, 0.92)]);
        assert_eq!(dots(1), [(32.0, 0.9), (48.0, 0.95), (64.0, 0.92)]);
        assert_eq!(dots(2), [(201.0, 0.9), (250.0, 0.95)]);
        for plot in &sheet.plots {
            assert!(plot.y_range.start < 0.7 && plot.y_range.end > 0.96);
        }
    }
}
