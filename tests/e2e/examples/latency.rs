//! Prints how long it takes from a slider to its picture, for lessons 1 to 4: the first picture, which may be a draft,
//! and the last. It needs `trunk build --release`, and says how busy the machine was:
//!
//! ```text
//! cargo run -p ballstick-e2e --example latency
//! ```

use std::fs;

use ballstick_e2e::{Page, Result, Shape, Site};

/// Lesson, slider and the figure that follows it.
const CASES: [(&str, &str, &str, &str); 8] = [
    ("1, current", "#soma?", "amp", "electrode"),
    ("1, one spike", "#soma?", "amp", "opened"),
    ("2, place", "#dendrite?", "at", "drag"),
    ("2, sweep", "#dendrite?", "sw", "sweep"),
    ("3, curves", "#synapses?", "w", "curves"),
    ("3, together or apart", "#synapses?", "cw", "cluster-traces"),
    ("3, tree", "#synapses?", "pw", "tree-traces"),
    ("4, own numbers", "#targets?own=1", "em", "targets"),
];
const MOVES: usize = 30;

/// Moves a slider step by step, each time after the page came to rest, and returns the first and the last picture's
/// time of each move, ms from the event.
fn script(slider: &str, figure: &str) -> String {
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
         await pause(1500);
         await rest();
         const times = [];
         let up = true;
         for (let n = 0; n < {MOVES}; n++) {{
             const [value, step] = [+slider.value, 2 * +slider.step];
             if (value + step > +slider.max) up = false;
             if (value - step < +slider.min) up = true;
             slider.value = value + (up ? step : -step);
             drawn = [];
             const since = performance.now();
             slider.dispatchEvent(new Event('input', {{bubbles: true}}));
             await rest();
             times.push([drawn[0] - since, drawn[drawn.length - 1] - since]);
         }}
         return times;"
    )
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    let at = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

fn main() -> Result {
    let site = Site::serve()?;
    let load = || fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before: {}", load().trim());
    println!("{:24}{:>10}{:>10}{:>10}{:>10}  ms", "lesson, slider", "first", "95%", "last", "95%");
    for (name, hash, slider, figure) in CASES {
        let page = Page::open(&site, hash, Shape::Desktop)?;
        let times = page.run_async(&script(slider, figure))?;
        let times: Vec<[f64; 2]> =
            serde_json::from_value(times.clone()).map_err(|_| times.to_string())?;
        let columns = [0, 1].map(|column| {
            let mut sorted: Vec<f64> = times.iter().map(|pair| pair[column]).collect();
            sorted.sort_by(f64::total_cmp);
            [quantile(&sorted, 0.5), quantile(&sorted, 0.95)]
        });
        let [[first, first_95], [last, last_95]] = columns;
        println!("{name:24}{first:10.0}{first_95:10.0}{last:10.0}{last_95:10.0}");
    }
    println!("load after: {}", load().trim());
    Ok(())
}
