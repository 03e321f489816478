//! Prints how long it takes from a slider to its picture, for the start page and lessons 1 to 4: to the first picture,
//! which may be a draft, and to the last; and how far apart pictures are while the slider is dragged. It needs
//! `trunk build --release`, and says how busy the machine was:
//!
//! ```text
//! cargo run -p ballstick-e2e --example latency
//! ```
//!
//! After `--` it takes parts of the names of the cases that are to be measured: `-- curves apart`.

use std::{env, fs};

use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::from_value;

/// Name, lesson, slider, how many of the slider's steps a move is, and the figure that follows the slider.
const CASES: [(&str, &str, &str, u32, &str); 11] = [
    ("start, place", "#start?", "at", SEGMENT, "live"),
    ("1, current", "#soma?", "amp", 1, "electrode"),
    ("1, one spike", "#soma?", "amp", 1, "opened"),
    ("2, place", "#dendrite?", "at", SEGMENT, "drag"),
    ("2, sweep", "#dendrite?", "sw", 1, "sweep"),
    ("3, curves", "#synapses?", "w", 1, "curves"),
    ("3, together or apart", "#synapses?", "cw", 1, "cluster-traces"),
    ("3, tree", "#synapses?", "pw", 1, "tree-traces"),
    ("3½, pulse", "data-set/#pyramid?", "amp", 1, "traces"),
    ("3½, zone", "data-set/#pyramid?", "zone", 10, "profile"),
    ("4, own numbers", "#targets?own=1", "em", 1, "targets"),
];
/// A place in percent of a cable of eight segments: a smaller move stays in its segment, where the page has nothing to
/// simulate and nothing new to draw.
const SEGMENT: u32 = 13;
const MOVES: usize = 30;
/// The time after which a move counts as unanswered, ms.
const PATIENCE_MS: u32 = 20_000;
/// The goal for the first picture on two idle cores: the median and the 95th percentile, ms.
const GOAL_MS: [f64; 2] = [33.0, 100.0];

/// The first and the last picture of each move, ms from the event; and the time between each two pictures while the
/// slider was dragged, ms.
type Seen = (Vec<[f64; 2]>, Vec<f64>);

/// The script that moves a slider by `steps` steps at a time, each time after the page came to rest, and then drags it,
/// a move per frame, for two seconds.
fn script(slider: &str, steps: u32, figure: &str) -> String {
    format!(
        "const slider = document.querySelector('[data-lesson]:not([hidden]) [data-key={slider}]');
         const figure = document.querySelector('[data-lesson]:not([hidden]) [data-figure={figure}]');
         figure.scrollIntoView({{block: 'center', behavior: 'instant'}});
         const pause = ms => new Promise(done => setTimeout(done, ms));
         let drawn = [];
         // the picture is on the screen with the frame after it was drawn
         new MutationObserver(() => requestAnimationFrame(() => drawn.push(performance.now())))
             .observe(figure, {{attributes: true, attributeFilter: ['data-drawn']}});
         const rest = async () => {{
             for (let seen = -1; seen !== drawn.length;) {{ seen = drawn.length; await pause(700); }}
         }};
         const answered = async () => {{
             for (const end = performance.now() + {PATIENCE_MS}; !drawn.length && performance.now() < end;)
                 await pause(10);
         }};
         await pause(1500);
         await rest();
         const times = [];
         let up = true;
         for (let n = 0; n < {MOVES}; n++) {{
             const [value, step] = [+slider.value, {steps} * +slider.step];
             if (value + step > +slider.max) up = false;
             if (value - step < +slider.min) up = true;
             slider.value = value + (up ? step : -step);
             drawn = [];
             const since = performance.now();
             slider.dispatchEvent(new Event('input', {{bubbles: true}}));
             await answered();
             await rest();
             if (!drawn.length) return `${{slider.value}}: no picture within {PATIENCE_MS} ms`;
             times.push([drawn[0] - since, drawn[drawn.length - 1] - since]);
         }}
         drawn = [];
         for (const end = performance.now() + 2000; performance.now() < end;) {{
             const [value, step] = [+slider.value, {steps} * +slider.step];
             if (value + step > +slider.max) up = false;
             if (value - step < +slider.min) up = true;
             slider.value = value + (up ? step : -step);
             slider.dispatchEvent(new Event('input', {{bubbles: true}}));
             await new Promise(requestAnimationFrame);
         }}
         return [times, drawn.slice(1).map((at, n) => at - drawn[n])];"
    )
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    let at = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// Median and 95th percentile of times.
fn middle_and_most(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_by(f64::total_cmp);
    [0.5, 0.95].map(|part| quantile(&times, part))
}

fn main() -> Result {
    let site = Site::serve()?;
    let load = || fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before: {}", load().trim());
    println!("ms, median and 95th percentile; the goal of the first picture is {GOAL_MS:?}");
    println!(
        "{:24}{:>16}{:>16}{:>16}  goal",
        "lesson, slider", "first picture", "last picture", "dragged, apart"
    );
    let wanted: Vec<String> = env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| name.contains(&**w));
    for (name, hash, slider, steps, figure) in CASES.into_iter().filter(|case| is_wanted(case.0)) {
        let page = Page::open(&site, hash, Shape::Desktop)?;
        page.stands(hash)?;
        let seen = page.run_async(&script(slider, steps, figure))?;
        let (moves, gaps): Seen =
            from_value(seen.clone()).map_err(|_| format!("{name}: {seen}"))?;
        let first = middle_and_most(moves.iter().map(|pair| pair[0]).collect());
        let last = middle_and_most(moves.iter().map(|pair| pair[1]).collect());
        let gaps = middle_and_most(gaps);
        let met = first[0] <= GOAL_MS[0] && first[1] <= GOAL_MS[1];
        let cell = |[middle, most]: [f64; 2]| format!("{middle:.0} {most:>6.0}");
        println!(
            "{name:24}{:>16}{:>16}{:>16}  {}",
            cell(first),
            cell(last),
            cell(gaps),
            if met { "met" } else { "missed" }
        );
    }
    println!("load after: {}", load().trim());
    Ok(())
}
