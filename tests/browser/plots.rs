//! Figures on a page: they draw what they are given, and read it out.
#![cfg(target_arch = "wasm32")]

use ballstick::web::plot::{
    Axis, Colour, Content, Data, Figure, FigureView, Heat, Panel, Raster, Series, Style, Tick,
};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{CanvasRenderingContext2d, Document, Element, HtmlCanvasElement, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

fn document() -> Document {
    web_sys::window().and_then(|w| w.document()).expect("a document")
}

fn place() -> HtmlElement {
    let place: HtmlElement =
        document().create_element("div").expect("a div").dyn_into().expect("an HTML element");
    place.style().set_property("width", "600px").expect("a style");
    document().body().expect("a body").append_child(&place).expect("appended");
    place
}

/// Waits until the figure has been drawn `times` times.
async fn drawn(place: &HtmlElement, times: u32) {
    for _ in 0..600 {
        if place.get_attribute("data-drawn") == Some(times.to_string()) {
            return;
        }
        let frame = js_sys::Promise::new(&mut |done, _| {
            web_sys::window().and_then(|w| w.request_animation_frame(&done).ok()).expect("a frame");
        });
        JsFuture::from(frame).await.expect("a frame");
    }
    panic!("the figure was not drawn {times} times");
}

/// The canvas of a panel that holds the data.
fn canvas(place: &HtmlElement, panel: u32) -> HtmlCanvasElement {
    let panels = place.query_selector_all(".plot-panel").expect("panels");
    let panel: Element = panels.item(panel).expect("a panel").dyn_into().expect("an element");
    let canvases = panel.query_selector_all("canvas").expect("canvases");
    canvases.item(1).expect("the second").dyn_into().expect("a canvas")
}

/// Where the canvas has colour: left, top, right, bottom, in fractions of its size.
fn inked(canvas: &HtmlCanvasElement) -> Option<[f64; 4]> {
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d").ok()??.dyn_into().expect("a 2D context");
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let image = context.get_image_data(0.0, 0.0, width as f64, height as f64).expect("pixels");
    let pixels = image.data().0;
    let places =
        (0..width * height).filter(|k| pixels[4 * k + 3] > 40).map(|k| (k % width, k / width));
    let bounds = places.fold(None, |bounds: Option<[usize; 4]>, (x, y)| {
        let [l, t, r, b] = bounds.unwrap_or([x, y, x, y]);
        Some([l.min(x), t.min(y), r.max(x), b.max(y)])
    })?;
    let size = [width, height, width, height];
    Some(std::array::from_fn(|k| bounds[k] as f64 / size[k] as f64))
}

fn figure(y: Vec<f64>) -> Figure {
    let lines = Content::Lines(vec![Series {
        name: "ramp".into(),
        colour: Colour::Blue,
        data: Data::Uniform { start: 0.0, step: 1.0, y: y.into() },
        style: Style::Line,
        digits: 3,
    }]);
    let heat = Content::Heat(Heat {
        values: (0..300).map(f64::from).collect(),
        rows: 3,
        start: 0.0,
        step: 1.0,
        range: (0.0, 300.0),
        value: ("voltage", "mV"),
        row: "segment",
    });
    let ticks = vec![Tick { x: 50.0, row: 1, size: 1.0 }];
    let raster =
        Content::Raster(Raster { rows: 2, kinds: vec![("event", Colour::Green, ticks.into())] });
    let panel = |label: &str, content| Panel {
        y: Axis::new(label, "mV", (0.0, 100.0)),
        height: 100.0,
        content,
    };
    Figure {
        x: Axis::time((0.0, 100.0)),
        panels: vec![panel("line", lines), panel("heat", heat), panel("raster", raster)],
    }
}

#[wasm_bindgen_test]
async fn panels_draw_where_their_values_are() {
    let place = place();
    let view = FigureView::new(place.clone());
    view.set(figure((0..=100).map(f64::from).collect()));
    drawn(&place, 1).await;
    let [left, top, right, bottom] = inked(&canvas(&place, 0)).expect("a line");
    assert!(left < 0.1 && right > 0.97 && top < 0.08 && bottom > 0.9, "the ramp fills its panel");
    let [left, _, right, _] = inked(&canvas(&place, 1)).expect("a map");
    assert!(left < 0.1 && right > 0.97, "the map fills its panel");
    let [left, top, right, bottom] = inked(&canvas(&place, 2)).expect("a tick");
    assert!((0.5..0.56).contains(&left) && right - left < 0.02, "the tick is at 50 ms");
    assert!(bottom < 0.5 && top > 0.0, "row 2 is the upper one");

    view.set(figure(vec![0.0; 101]));
    drawn(&place, 2).await;
    let [_, top, _, _] = inked(&canvas(&place, 0)).expect("a line");
    assert!(top > 0.85, "a line at zero is at the bottom");

    // NaN is not drawn, and nothing breaks
    view.set(figure(vec![f64::NAN; 101]));
    drawn(&place, 3).await;
    assert_eq!(inked(&canvas(&place, 0)), None);
}

#[wasm_bindgen_test]
async fn arrow_keys_read_exact_values() {
    let place = place();
    let view = FigureView::new(place.clone());
    view.set(figure((0..=100).map(|k| f64::from(k) + 0.125).collect()));
    drawn(&place, 1).await;
    let press = |key: &str| {
        // made by hand: one more feature of web-sys for the tests alone would compile everything twice
        let options = js_sys::Object::new();
        Reflect::set(&options, &"key".into(), &key.into()).expect("an option");
        let constructor = Reflect::get(&js_sys::global(), &"KeyboardEvent".into()).expect("there");
        let arguments = js_sys::Array::of2(&"keydown".into(), &options);
        let constructor: js_sys::Function = constructor.unchecked_into();
        let event = Reflect::construct(&constructor, &arguments).expect("an event");
        place.dispatch_event(event.unchecked_ref()).expect("dispatched");
    };
    press("ArrowRight"); // from the middle, 50
    press("ArrowUp");
    let spoken = place.query_selector("[aria-live]").expect("valid").expect("a live region");
    assert_eq!(
        spoken.text_content().as_deref(),
        Some("51 ms; ramp 51.125 mV; segment 2 151.00 mV; event 0")
    );
    press("Home");
    assert!(spoken.text_content().is_some_and(|text| text.starts_with("0 ms; ramp 0.125 mV")));
    assert_eq!(JsValue::from(place.tab_index()), JsValue::from(0), "the keyboard gets there");
}
