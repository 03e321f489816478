//! The figures of `docs`, drawn from the code that they show. `UPDATE_FIGURES=1 cargo test -p native-cli documents`
//! draws them again; otherwise the test requires them to be up to date.

use std::path::Path;

use ballstick::ff::{Axon, BranchFunction, BranchNonlinearity, Contact, FfParams};
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};

/// Width of a column and height of a panel, CSS pixels.
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 260.0;

/// The figure of the four nonlinearities and of a contact's synaptic filters.
fn filter_and_fire() -> Sheet {
    let mut sheet = Sheet::new(["Filter-and-fire".to_owned()], [WIDTH; 2]);
    let curves =
        BranchNonlinearity::ALL.into_iter().zip(Colour::APART).map(|(nonlinearity, colour)| {
            let f = BranchFunction::of(&FfParams { nonlinearity, ..FfParams::default() });
            let u = (-80..=160).map(|i| 0.5 * f64::from(i));
            let points: Vec<_> = u.map(|u| (u, f.apply(u))).collect();
            Series::new(nonlinearity.name(), colour, Style::Line, points)
        });
    let (u, f) = (Axis::new("sum u above rest", "mV", (-40.0, 80.0)), (-40.0, 80.0));
    let f = Axis::new("f(u)", "mV", f);
    sheet.push("branch nonlinearities", Figure::new(u, [Panel::lines(f, HEIGHT, curves)]));
    let shapes = [
        (Axon::Excitatory, 2.0, 1.0, 5.0, 0.0),
        (Axon::Excitatory, 1.5, 4.0, 12.0, 2.0),
        (Axon::Excitatory, 1.0, 8.0, 20.0, 5.0),
        (Axon::Inhibitory, 0.8, 3.0, 10.0, 1.0),
    ];
    let filters = shapes.into_iter().zip(Colour::APART).map(|(shape, colour)| {
        let (axon, weight_mv, tau_rise_ms, tau_decay_ms, delay_ms) = shape;
        let contact =
            Contact { axon, input: 0, branch: 0, weight_mv, tau_rise_ms, tau_decay_ms, delay_ms };
        let t = (0..=320).map(|i| 0.25 * f64::from(i));
        let points: Vec<_> = t.map(|t| (t, contact.kernel(t))).collect();
        let name = format!("τ {tau_rise_ms} and {tau_decay_ms} ms, delay {delay_ms} ms");
        Series::new(name, colour, Style::Line, points)
    });
    let response = Axis::new("response", "mV", (-1.0, 2.0));
    let panel = Panel::lines(response, HEIGHT, filters);
    let time = Axis::time((0.0, 80.0));
    sheet.push("synaptic filters: an input at 0 ms", Figure::new(time, [panel]));
    sheet
}

#[test]
fn the_figures_show_what_the_code_does() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/figures");
    let path = docs.join("filter-and-fire.svg");
    let drawn = super::svg(&filter_and_fire()).unwrap();
    if std::env::var_os("UPDATE_FIGURES").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == drawn, "{} is out of date: set UPDATE_FIGURES=1", path.display());
}
