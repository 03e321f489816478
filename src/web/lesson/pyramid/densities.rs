//! The densities along the apical dendrite, to be dragged: the calcium zone goes where the pointer goes.

use super::cell::Pyramid;
use crate::sim::{Channel, NeuronParams};
use crate::web::plot::{Axis, Colour, Data, Figure, Panel, Series, Style};

/// S/cm² in mS/cm².
const MILLI: f64 = 1e3;

/// The densities of Ih and of both calcium channels along the path, and where the dendritic input arrives, µm.
pub(super) fn densities(cell: &Pyramid, params: &NeuronParams, at_um: f64) -> Figure {
    let branches = params.branches();
    let region = |row: usize| {
        let (at, _) = crate::plot::neuron::place_of(&branches, row)?;
        params.regions.get(&branches[at].region)
    };
    let along = |channel: Channel| -> Vec<(f64, f64)> {
        let density = |row: usize, um: f64| {
            region(row)?.channels.get(&channel).map(|density| MILLI * density.at(um))
        };
        cell.path.iter().map(|(row, um)| (*um, density(*row, *um).unwrap_or(0.0))).collect()
    };
    let panel = |channel: Channel, colour: Colour, height: f64| {
        let points = along(channel);
        let most = points.iter().map(|p| p.1).fold(1e-3, f64::max);
        let range = (0.0, 1.12 * most);
        let digits = if most < 1.0 { 3 } else { 2 };
        Panel::new(format!("{channel} density"), "mS/cm²", range, height)
            .with(Series::new(
                channel.to_string(),
                colour,
                Style::Dots,
                Data::Points(points.into()),
            ))
            .digits(digits)
            .with(Series::upright("input", at_um, range).digits(0))
    };
    let most_um = cell.path.last().map_or(1.0, |place| place.1);
    Figure::over(Axis::new("path distance from the soma", "µm", (0.0, most_um))).with_all([
        panel(Channel::CaLvast, Colour::Vermillion, 80.0),
        panel(Channel::CaHva, Colour::Purple, 80.0),
        panel(Channel::Ih, Colour::Green, 80.0),
    ])
}
