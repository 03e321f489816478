//! What is in the address: `#soma?amp=0.35&NaTa_t=0` names the lesson and every control that is not at its default, so
//! that a link reproduces the page. `#soma?` says that all controls are at their defaults; `#soma` says nothing of the
//! controls, and the lesson opens as it was left.

use std::collections::BTreeMap;

/// The part of the address after `#`, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The lesson's key, empty for the first page.
    pub lesson: String,
    /// Control values by key.
    pub values: BTreeMap<String, String>,
    /// Whether the address says anything of the controls, if only that all are at their defaults.
    pub explicit: bool,
}

impl Address {
    /// The address of a lesson with these values.
    pub fn of(lesson: &str, values: BTreeMap<String, String>) -> Self {
        Self { lesson: lesson.to_owned(), values, explicit: true }
    }

    /// Reads a hash, with or without its `#`. What cannot be read is left out: a link that was
    /// cut short still opens its lesson.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let explicit = hash.contains('?');
        let (lesson, query) = hash.split_once('?').unwrap_or((hash, ""));
        let values = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect();
        Self { lesson: decode(lesson), values, explicit }
    }

    /// The hash with its `#`, keys in order.
    pub fn to_hash(&self) -> String {
        let mut hash = format!("#{}", encode(&self.lesson));
        for (n, (key, value)) in self.values.iter().enumerate() {
            hash.push(if n == 0 { '?' } else { '&' });
            hash.push_str(&encode(key));
            hash.push('=');
            hash.push_str(&encode(value));
        }
        if self.explicit && self.values.is_empty() {
            hash.push('?');
        }
        hash
    }
}

/// Percent-encodes everything but what a hash may hold as it is (RFC 3986, unreserved).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                out.push(byte as char);
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            // a number's sign would pass for a digit
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_as_it_was() {
        let mut address = Address::of("soma", BTreeMap::new());
        assert_eq!(address.to_hash(), "#soma?");
        assert_eq!(Address::parse("#soma?"), address);
        assert!(!Address::parse("#soma").explicit);
        address.values.insert("amp".into(), "-0.35".into());
        address.values.insert("näme&=?#%".into(), "a b=c&d%20é".into());
        let hash = address.to_hash();
        assert!(hash.is_ascii(), "{hash}");
        assert_eq!(Address::parse(&hash), address);
    }

    #[test]
    fn a_broken_link_still_opens_its_lesson() {
        let address = Address::parse("#dendrite?seg=64&%&=&w=%zz&x=%+f&%E");
        assert_eq!(address.lesson, "dendrite");
        assert_eq!(address.values["seg"], "64");
        assert_eq!(address.values["w"], "%zz");
        assert_eq!(address.values["x"], "%+f");
        assert_eq!(Address::parse(""), Address::default());
    }
}
