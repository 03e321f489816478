//! A walk through the time of a simulation: a slider with the key `t`, and a button that plays on from there.

use crate::web::dom;
use crate::web::lesson::this::This;
use crate::web::lesson::{on_action, place};
use std::cell::Cell;
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};

/// How many milliseconds of the neuron's life are shown in a second.
const MS_A_SECOND: f64 = 30.0;
/// How far a press goes where the learner wants no motion, ms.
const STRIDE_MS: f64 = 5.0;

/// The time that is shown of a simulation.
pub(in crate::web::lesson) struct Player {
    root: Element,
    this: This<Player>,
    end_ms: f64,
    time_ms: Cell<f64>,
    playing: Cell<bool>,
    shown: Box<dyn Fn()>,
}

impl Player {
    /// Takes over the slider `t` and the button `play` below `root`, of a simulation of `end_ms` ms; `shown` is called at
    /// each time that is shown while it plays.
    pub(in crate::web::lesson) fn mount(
        root: &Element,
        end_ms: usize,
        shown: impl Fn() + 'static,
    ) -> Rc<Self> {
        let player = This::make(|this: &This<Self>| Self {
            root: root.clone(),
            this: this.clone(),
            end_ms: end_ms as f64,
            time_ms: Cell::new(0.0),
            playing: Cell::new(false),
            shown: Box::new(shown),
        });
        let this = player.this.clone();
        on_action(root, action!("play"), move || {
            this.get().inspect(|player| player.play_or_stop());
        });
        player
    }

    /// The time that is shown, ms.
    pub(in crate::web::lesson) fn time_ms(&self) -> f64 {
        self.time_ms.get()
    }

    /// Shows the time of the slider, unless it plays.
    pub(in crate::web::lesson) fn go_to(&self, time_ms: f64) {
        if !self.playing.get() {
            self.time_ms.set(time_ms.clamp(0.0, self.end_ms));
        }
    }

    /// Plays on from the time that is shown, or stops. Where the learner wants no motion, one press is one stride.
    fn play_or_stop(&self) {
        if self.playing.get() {
            return self.stop();
        }
        let still = dom::matches_media("(prefers-reduced-motion: reduce)");
        let from = if self.time_ms.get() >= self.end_ms { 0.0 } else { self.time_ms.get() };
        if still {
            self.show_time((from + STRIDE_MS).min(self.end_ms));
            return self.stop();
        }
        self.playing.set(true);
        self.label("stop");
        self.frame(dom::now_ms(), from);
    }

    fn frame(&self, since_ms: f64, from_ms: f64) {
        let of = self.this.clone();
        dom::next_frame(move || {
            let Some(player) = of.get().filter(|player| player.playing.get()) else { return };
            let time = from_ms + (dom::now_ms() - since_ms) / 1000.0 * MS_A_SECOND;
            player.show_time(time.min(player.end_ms));
            // a lesson that the learner has left does not play on
            let seen = player.root.client_width() > 0;
            if time >= player.end_ms || !seen {
                return player.stop();
            }
            player.frame(since_ms, from_ms);
        });
    }

    fn show_time(&self, time_ms: f64) {
        self.time_ms.set(time_ms);
        let text = time_ms.round().to_string();
        place::<HtmlInputElement>(&self.root, number!("t")).set_value(&text);
        if let Some(output) = dom::find::<Element>(&self.root, "[data-of=t]") {
            dom::set_text(&output, &format!("{text}\u{202f}ms"));
        }
        (self.shown)();
    }

    /// Ends playing; the address gets the time that is shown.
    fn stop(&self) {
        self.playing.set(false);
        self.label("play");
        let text = self.time_ms.get().round().to_string();
        dom::move_to(&place(&self.root, number!("t")), &text);
    }

    fn label(&self, text: &str) {
        dom::set_text(&place(&self.root, action!("play")), text);
    }
}
