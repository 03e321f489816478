//! Prints how many training steps a second the page takes on the CPU, for twins A and C, with one worker and with as
//! many as the browser offers, by turns. It needs `trunk build --release`, and says how busy the machine was:
//!
//! ```text
//! cargo run -p ballstick-e2e --example training
//! ```

use std::fs;

use ballstick_e2e::{NO_WEBGPU, Page, Result, Shape, Site};

const TURNS: usize = 3;

fn main() -> Result {
    let site = Site::serve()?;
    let load = || fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before: {}", load().trim());
    let page = Page::open_with(&site, "twin/#ready", Shape::Desktop, &NO_WEBGPU)?;
    println!("{:12}{:>10}{:>10}  steps/s, batch 8, 512 ms", "workers", "A", "C");
    for _ in 0..TURNS {
        for workers in ["1", "auto"] {
            page.run(&format!("localStorage.setItem('workers', '{workers}'); location.reload()"))?;
            page.text_when("[data-lesson=ready] [data-stat=device]", |text| text != "–")?;
            page.click("[data-lesson=ready] [data-action=measure]")?;
            let rate = |letter: char| {
                page.text_when(&format!("[data-lesson=ready] [data-stat=cpu-{letter}]"), |text| {
                    text != "–"
                })
            };
            println!("{workers:12}{:>10}{:>10}", rate('A')?, rate('C')?);
            page.text_when("[data-lesson=ready] [data-stat=measuring]", str::is_empty)?;
        }
    }
    println!("load after: {}", load().trim());
    Ok(())
}
