//! Text files as editors write them: byte-order marks, UTF-16, any line ends; JSON whose faults name a key; and nouns
//! and numbers in messages.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A noun in the form that goes with the number `n`: 1 spike, 0 spikes, 2 branches.
#[must_use]
pub fn noun<N: PartialEq + From<u8>>(n: N, one: &str) -> Cow<'_, str> {
    if n == N::from(1) {
        return one.into();
    }
    let ends = |end: &str| one.strip_suffix(end);
    match (ends("us"), ends("y"), ["s", "x", "nch", "sh"].iter().any(|end| one.ends_with(end))) {
        (Some(stem), ..) => format!("{stem}i"),
        (_, Some(stem), _) => format!("{stem}ies"),
        (.., true) => format!("{one}es"),
        _ => format!("{one}s"),
    }
    .into()
}

/// A number with its noun: `1 simulation`, `2,048 simulations`.
pub fn count<N: PartialEq + From<u8> + Display + Copy>(n: N, one: &str) -> String {
    format!("{} {}", grouped(n), noun(n, one))
}

/// A number for readers: the digits before the decimal point in groups of three, and a true minus sign. Text that is
/// not a plain number stays unchanged.
pub fn grouped<N: Display>(n: N) -> String {
    let number = n.to_string();
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", number.as_str()),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(rest.trim_start_matches('.')) {
        return number.replace('-', "−");
    }
    let mut out = sign.to_owned();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A time in s, in words: `250 ms`, `8.5 s`, `2 min`, `3.0 h`, `2.5 days`.
#[must_use]
pub fn time(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "–".into(),
        0.0 => "0 s".into(),
        s if s < 1.0 => format!("{} ms", fixed(1000.0 * s, 0)),
        s if s < 10.0 => format!("{} s", fixed(s, 1)),
        s if s < 100.0 => format!("{} s", fixed(s, 0)),
        s if s < 100.0 * 60.0 => format!("{} min", fixed(s / 60.0, 0)),
        s if s < 48.0 * 3600.0 => format!("{} h", fixed(s / 3600.0, 1)),
        s => format!("{} days", fixed(s / 86_400.0, 1)),
    }
}

/// A number of bytes: `12 kB`, `3.4 MB`, `5.6 GB`.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    match bytes {
        b if b >= 1e9 => format!("{}\u{202f}GB", fixed(b / 1e9, 1)),
        b if b >= 1e6 => format!("{}\u{202f}MB", fixed(b / 1e6, 1)),
        b => format!("{}\u{202f}kB", fixed(b / 1e3, 0)),
    }
}

/// A number with `digits` decimals and a true minus sign; a dash for a number that is not finite.
#[must_use]
pub fn fixed(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let text = format!("{value:.digits$}");
    let zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
    match (text.strip_prefix('-'), zero) {
        (Some(rest), true) => rest.into(),
        (Some(rest), false) => format!("−{rest}"),
        _ => text,
    }
}

const BOM: char = '\u{feff}';

/// A text without its byte-order mark, if it has one.
#[must_use]
pub fn without_bom(text: &str) -> &str {
    text.strip_prefix(BOM).unwrap_or(text)
}

/// The text of a file in UTF-8, or in UTF-16 where a byte-order mark says so, without the mark.
///
/// # Errors
/// A message in words: the bytes are neither, with the place of the first bad one.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if let Some(text) = utf16(bytes) {
        return Ok(text.into());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(without_bom(text).into()),
        Err(e) => Err(format!("not a text in UTF-8: byte {} is none of it", e.valid_up_to())),
    }
}

/// [`decode`] with the mark � for every byte that is no text, since names in comments come in any encoding.
#[must_use]
pub fn decode_lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(text) = utf16(bytes) {
        return text.into();
    }
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// The text of bytes in UTF-16 with a byte-order mark; `None` without such a mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| -> String {
        let (pairs, _) = rest.as_chunks::<2>();
        let text = char::decode_utf16(pairs.iter().map(|p| unit(*p)));
        text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some(units(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(units(rest, u16::from_be_bytes)),
        _ => None,
    }
}

/// The lines of a text. A line ends with LF, CR LF, CR alone, as old Macintosh programs write it, or another line end
/// of Unicode (VT, FF, NEL, LS, PS); one text may mix them.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = without_bom(text);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(LINE_ENDS).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        // CR LF is a single line end
        rest = after.strip_prefix("\r\n").or(after.strip_prefix(LINE_ENDS)).unwrap_or(after);
        Some(line)
    })
}

/// The characters that end a line.
const LINE_ENDS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// The JSON of a text.
///
/// # Errors
/// A message in words: text that is no JSON, with the place of the fault; a key that an object has twice.
pub fn json(text: &str) -> Result<Value, String> {
    let text = without_bom(text);
    if text.trim().is_empty() {
        return Err("empty".to_owned());
    }
    serde_json::from_str::<Once>(text).map(|once| once.0).map_err(|e| e.to_string())
}

/// JSON in which no object has a key twice: of two values one would be ignored.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Once(value)) = seq.next_element()? {
            all.push(value);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format!("key \"{key}\" stands there twice")));
            }
            let Once(value) = map.next_value()?;
            all.insert(key, value);
        }
        Ok(all.into())
    }
}

/// A value of a JSON text.
///
/// # Errors
/// A message in words: text that is no JSON, with the place of the fault; a key that an object has twice; a value of
/// the wrong type, with its key.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    from_value(json(text).map_err(|e| format!("not JSON: {e}"))?)
}

/// [`from_json`] for JSON that is parsed already.
///
/// # Errors
/// A message in words: a value of the wrong type, with its key.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let whole = match T::deserialize(&value) {
        Ok(found) => return Ok(found),
        Err(e) => plain_words(&e),
    };
    // each key by itself, so that the message can name it
    let Value::Object(map) = value else { return Err(whole) };
    let fault = map.into_iter().find_map(|(key, value)| {
        let one = Value::from_iter([(key.clone(), value)]);
        let problem = plain_words(&T::deserialize(one).err()?);
        let names_a_key = problem.starts_with("missing") || problem.starts_with("unknown");
        (!names_a_key).then(|| format!("key \"{key}\": {problem}"))
    });
    Err(fault.unwrap_or(whole))
}

/// A parser's message on a value of the wrong type, without the names of Rust's types.
#[must_use]
pub fn plain_words(error: &serde_json::Error) -> String {
    error
        .to_string()
        .replace("expected usize", "expected a whole number")
        .replace("expected u64", "expected a whole number")
        .replace("expected f64", "expected a number")
        .replace("expected f32", "expected a number")
        .replace("expected a sequence", "expected a list")
        .replace("expected a map", "expected {\"key\": value, ...}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_words() {
        assert_eq!([0.25, 119.0, 7200.0].map(time), ["250 ms", "2 min", "2.0 h"]);
        assert_eq!(
            [2e3, 3.44e6, 5e9].map(bytes),
            ["2\u{202f}kB", "3.4\u{202f}MB", "5.0\u{202f}GB"]
        );
    }

    #[test]
    fn a_counted_noun_has_the_number_that_it_wants() {
        assert_eq!(
            [0, 1, 2].map(|n: usize| count(n, "spike")),
            ["0 spikes", "1 spike", "2 spikes"]
        );
        let two = ["branch", "radius", "pass", "entry", "synapse", "epoch"]
            .map(|one| noun(2_u64, one).into_owned());
        assert_eq!(two[..4], ["branches", "radii", "passes", "entries"]);
        assert_eq!(two[4..], ["synapses", "epochs"]);
        assert_eq!(
            (noun(1.0, "branch"), noun(1.5, "branch")),
            ("branch".into(), "branches".into())
        );
    }

    #[test]
    fn digits_are_read_in_groups_of_three() {
        let read = [0, 999, 1000, -12_345, 1_000_000_000].map(grouped);
        assert_eq!(read, ["0", "999", "1,000", "−12,345", "1,000,000,000"]);
        let parts = ["2048", "-0.5", "12345.6789", "1e9", "1000e-7", "", "NaN", "–"].map(grouped);
        assert_eq!(parts, ["2,048", "−0.5", "12,345.6789", "1e9", "1000e−7", "", "NaN", "–"]);
        assert_eq!(count(40_961, "sample"), "40,961 samples");
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_at_any_depth() {
        for text in ["{\"a\": 1, \"b\": 2, \"a\": 1}", "{\"b\": [{\"a\": null, \"a\": 2}]}"] {
            let message = json(text).unwrap_err();
            assert!(message.starts_with("key \"a\" stands there twice at line 1"), "{message}");
        }
        let text = "{\"a\": [1, -2, 0.5, true, null, \"x\\n\"], \"b\": {\"a\": {}}}";
        assert_eq!(json(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(json("\u{feff} \n"), Err("empty".to_owned()));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_told_with_its_key() {
        #[derive(Debug, serde::Deserialize)]
        struct Some {
            _list: Vec<usize>,
            _number: f64,
        }
        let fault = |text: &str| from_json::<Some>(text).unwrap_err();
        let null = fault("\u{feff}{\"_list\": null, \"_number\": 1}");
        assert_eq!(null, "key \"_list\": invalid type: null, expected a list");
        let word = fault("{\"_list\": [], \"_number\": \"x\"}");
        assert_eq!(word, "key \"_number\": invalid type: string \"x\", expected a number");
        assert!(fault("{\"_list\": []}").contains("missing field `_number`"));
        assert!(fault("[1").starts_with("not JSON: "));
        assert!(from_json::<Some>("{\"_list\": [], \"_number\": 2}").is_ok());
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let all = |text| lines(text).collect::<Vec<_>>();
        let three = ["a", "", "b c"];
        for text in [
            "a\n\nb c",
            "a\r\rb c\r",
            "a\r\n\r\nb c\r\n",
            "a\r\n\rb c\n",
            "\u{feff}a\n\rb c",
            "a\u{b}\u{c}b c",
            "a\u{85}\u{2028}b c\u{2029}",
        ] {
            assert_eq!(all(text), three, "{text:?}");
        }
        assert!(all("").is_empty());
        assert_eq!(all("\n"), [""]);
    }

    #[test]
    fn marks_are_no_text_and_say_the_encoding() {
        let wide = |unit: fn(u16) -> [u8; 2], mark: u16| -> Vec<u8> {
            std::iter::once(mark).chain("{\"µ\"}".encode_utf16()).flat_map(unit).collect()
        };
        let files: [Vec<u8>; 4] = [
            "{\"µ\"}".into(),
            "\u{feff}{\"µ\"}".into(),
            wide(u16::to_le_bytes, 0xfeff),
            wide(u16::to_be_bytes, 0xfeff),
        ];
        for bytes in &files {
            assert_eq!(decode(bytes).unwrap(), "{\"µ\"}");
            assert_eq!(decode_lossy(bytes), "{\"µ\"}");
        }
        assert!(decode(b"ab\xb5").unwrap_err().contains("byte 2"));
        assert_eq!(decode_lossy(b"ab\xb5"), "ab\u{fffd}");
    }
}
