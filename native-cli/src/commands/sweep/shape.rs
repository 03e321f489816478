//! Accuracy over the size of a twin: depth, width and receptive field.

use ballstick::plot::range::padded;
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};
use ballstick::twin::results::Row;

/// A property on a horizontal axis: its name, its unit, and its value in a row.
type Property = (&'static str, &'static str, fn(&Row) -> Option<f64>);

/// The three properties; depth and width are those in the original's name of the twin.
const AXES: [Property; 3] = [
    ("depth", "layers", |row| in_name(&row.short_name, "D")),
    ("width", "channels", |row| {
        in_name(&row.short_name, "W").or_else(|| in_name(&row.short_name, "M"))
    }),
    ("reach", "ms", |row| row.receptive_field_ms.map(|ms| ms as f64)),
];

/// The number after a letter in the original's name of a twin, such as the 5 in `TCN_D_5_W_32_T_201`; `None` without
/// one.
fn in_name(name: &str, letter: &str) -> Option<f64> {
    let mut parts = name.split('_');
    parts.find(|part| *part == letter)?;
    parts.next()?.parse().ok()
}

/// Three plots with a dot for each twin and its interval.
pub fn sheet(rows: &[Row]) -> Sheet {
    let mut neurons: Vec<&str> = rows.iter().map(|row| row.neuron.as_str()).collect();
    neurons.dedup();
    let all = rows.iter().flat_map(|row| [row.auc_low, row.auc, row.auc_high]).flatten();
    let y = Axis::new("spikes, AUC on the test set", "", padded(all, 0.04));
    let title = "Spikes, AUC on the test set, by what the twin is made of".to_owned();
    let mut sheet = Sheet::new([title], [520.0; 3]);
    for axis in &AXES {
        sheet.push("", figure(rows, &neurons, axis, y.clone()));
    }
    sheet
}

fn figure(rows: &[Row], neurons: &[&str], (x, unit, place): &Property, y: Axis) -> Figure {
    let ends = rows.iter().filter_map(|row| {
        let at = place(row)?;
        Some([(at, row.auc_low?), (at, row.auc_high?)])
    });
    let ends: Vec<(f64, f64)> = ends.flatten().collect();
    let mut lines = vec![Series::new("95% interval", Colour::Soft, Style::Whiskers, ends)];
    for (neuron, colour) in neurons.iter().zip(Colour::APART.into_iter().cycle()) {
        let of = rows.iter().filter(|row| row.neuron == **neuron);
        let points: Vec<_> = of.filter_map(|row| Some((place(row)?, row.auc?))).collect();
        lines.push(Series::new(*neuron, colour, Style::Scatter, points));
    }
    let range = padded(rows.iter().filter_map(place), 0.04);
    Figure::new(Axis::new(*x, unit, range), [Panel::lines(y, 260.0, lines)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ballstick::plot::{Content, Data};

    #[test]
    fn every_twin_stands_where_its_name_says() {
        let row = |name: &str, field, auc| Row {
            neuron: "n".into(),
            short_name: name.into(),
            receptive_field_ms: field,
            auc: Some(auc),
            auc_low: Some(auc - 0.01),
            auc_high: Some(auc + 0.01),
            ..Row::default()
        };
        let rows = [
            row("TCN_D_5_W_32_T_201_params_190K", Some(201), 0.9),
            row("TCN_ResNet_D_31_W_48_T_9_params_1K", Some(250), 0.95),
            row("ELM_D_1_M_64_params_30K", None, 0.92),
            row("logistic regression", None, 0.7),
        ];
        let sheet = sheet(&rows);
        let panel = |n: usize| &sheet.cells[n].figure.panels[0];
        let dots = |n: usize| match &panel(n).content {
            Content::Lines(lines) => match &lines.last().unwrap().data {
                Data::Points(points) => points.to_vec(),
                Data::Uniform { .. } => panic!("dots have places"),
            },
            _ => panic!("dots are series"),
        };
        assert_eq!(dots(0), [(5.0, 0.9), (31.0, 0.95), (1.0, 0.92)]);
        assert_eq!(dots(1), [(32.0, 0.9), (48.0, 0.95), (64.0, 0.92)]);
        assert_eq!(dots(2), [(201.0, 0.9), (250.0, 0.95)]);
        for n in 0..3 {
            let range = panel(n).y.range;
            assert!(range.0 < 0.7 && range.1 > 0.96);
        }
    }
}
