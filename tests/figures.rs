//! The figures of `docs`, drawn from the code that they show. `UPDATE_FIGURES=1 cargo test --test figures` draws them
//! anew; otherwise the test requires them to be up to date.

#![allow(clippy::unwrap_used)] // a test may

use std::fmt::Write as _;
use std::path::Path;

use ballstick::ff::{Axon, BranchFunction, Contact, FfParams, Nonlinearity};

/// Okabe & Ito (2008).
const COLORS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const WIDTH: f64 = 360.0; // of a panel, pixels
const HEIGHT: f64 = 260.0;

/// A panel with axes, at an offset in the figure.
struct Panel {
    left: f64,
    x: [f64; 2],
    y: [f64; 2],
    svg: String,
}

impl Panel {
    fn new(left: f64, title: &str, labels: [&str; 2], x: [f64; 3], y: [f64; 3]) -> Self {
        let mut panel = Self { left, x: [x[0], x[1]], y: [y[0], y[1]], svg: String::new() };
        let text = |x: f64, y: f64, anchor: &str, text: &str| {
            format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n")
        };
        panel.svg += &text(left + 50.0 + WIDTH / 2.0, 22.0, "middle", title);
        panel.svg += &text(left + 50.0 + WIDTH / 2.0, HEIGHT + 70.0, "middle", labels[0]);
        panel.svg += &text(left + 8.0, 22.0, "start", labels[1]);
        let ticks = |[from, to, step]: [f64; 3]| {
            let count = ((to - from) / step).round() as usize;
            (0..=count).map(move |i| from + i as f64 * step)
        };
        for tick in ticks(x) {
            let (px, _) = panel.at(tick, y[0]);
            panel.line(&[(tick, y[0]), (tick, y[1])], "#dddddd", 1.0);
            panel.svg += &text(px, HEIGHT + 50.0, "middle", &tick.to_string());
        }
        for tick in ticks(y) {
            let (px, py) = panel.at(x[0], tick);
            panel.line(&[(x[0], tick), (x[1], tick)], "#dddddd", 1.0);
            panel.svg += &text(px - 6.0, py + 4.0, "end", &tick.to_string());
        }
        panel
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |v: f64, [from, to]: [f64; 2]| (v - from) / (to - from);
        (self.left + 50.0 + WIDTH * share(x, self.x), 34.0 + HEIGHT * (1.0 - share(y, self.y)))
    }

    fn line(&mut self, points: &[(f64, f64)], color: &str, width: f64) {
        self.svg += "<polyline fill=\"none\" points=\"";
        for &(x, y) in points {
            let (x, y) = self.at(x, y);
            write!(self.svg, "{x:.1},{y:.1} ").unwrap();
        }
        writeln!(self.svg, "\" stroke=\"{color}\" stroke-width=\"{width}\"/>").unwrap();
    }

    /// A curve's name, to the right of one of its points.
    fn label(&mut self, (x, y): (f64, f64), color: &str, name: &str) {
        let (x, y) = self.at(x, y);
        let (x, y) = (x + 6.0, y + 4.0);
        writeln!(self.svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{color}\">{name}</text>")
            .unwrap();
    }
}

/// The four nonlinearities, and synaptic filters as a contact has them.
fn filter_and_fire() -> String {
    let mut curves = Panel::new(
        0.0,
        "branch nonlinearities",
        ["sum u (mV above rest)", "f(u) (mV)"],
        [-40.0, 80.0, 20.0],
        [-40.0, 80.0, 20.0],
    );
    for (nonlinearity, color) in Nonlinearity::ALL.into_iter().zip(COLORS) {
        let f = BranchFunction::of(&FfParams { nonlinearity, ..FfParams::default() });
        let points: Vec<_> =
            (-80..=160).map(|i| 0.5 * f64::from(i)).map(|u| (u, f.apply(u))).collect();
        curves.line(&points, color, 2.0);
        curves.label(points[points.len() - 1], color, nonlinearity.name());
    }
    let mut filters = Panel::new(
        570.0,
        "synaptic filters: an input at 0 ms",
        ["time (ms)", "response (mV)"],
        [0.0, 80.0, 20.0],
        [-1.0, 2.0, 0.5],
    );
    let shapes = [
        (Axon::Excitatory, 2.0, 1.0, 5.0, 0.0),
        (Axon::Excitatory, 1.5, 4.0, 12.0, 2.0),
        (Axon::Excitatory, 1.0, 8.0, 20.0, 5.0),
        (Axon::Inhibitory, 0.8, 3.0, 10.0, 1.0),
    ];
    for ((axon, weight_mv, tau_rise_ms, tau_decay_ms, delay_ms), color) in
        shapes.into_iter().zip(COLORS)
    {
        let contact =
            Contact { axon, input: 0, branch: 0, weight_mv, tau_rise_ms, tau_decay_ms, delay_ms };
        let points: Vec<_> =
            (0..=320).map(|i| 0.25 * f64::from(i)).map(|t| (t, contact.kernel(t))).collect();
        filters.line(&points, color, 2.0);
        let peak = points.iter().copied().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap();
        let name = format!("τ {tau_rise_ms} and {tau_decay_ms} ms, delay {delay_ms} ms");
        filters.label((peak.0 + 4.0, peak.1), color, &name);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1090 340\" font-family=\"sans-serif\" \
         font-size=\"13\" fill=\"#222222\">\n<rect width=\"1090\" height=\"340\" fill=\"white\"/>\n{}{}</svg>\n",
        curves.svg, filters.svg
    )
}

#[test]
fn the_figures_show_what_the_code_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/figures/filter-and-fire.svg");
    let drawn = filter_and_fire();
    if std::env::var_os("UPDATE_FIGURES").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == drawn, "{} is out of date: set UPDATE_FIGURES=1", path.display());
}
