//! Markup as text.

/// The text of a piece of markup.
pub fn text_of(markup: &str) -> String {
    let mut text = String::new();
    let mut tag = false;
    for c in markup.chars() {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            c if !tag => text.push(c),
            _ => {}
        }
    }
    text.trim().to_owned()
}
