//! What is in the address: `#soma?amp=0.35&NaTa_t=0` names the lesson and every control that is
//! not at its default, so that a link reproduces the page.

use std::collections::BTreeMap;

/// The part of the address after `#`, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The lesson's key, empty for the first page.
    pub lesson: String,
    /// Control values by key.
    pub values: BTreeMap<String, String>,
}

impl Address {
    /// Reads a hash, with or without its `#`. What cannot be read is left out: a link that was
    /// cut short still opens its lesson.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (lesson, query) = hash.split_once('?').unwrap_or((hash, ""));
        let values = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect();
        Self { lesson: decode(lesson), values }
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
        let mut address = Address { lesson: "soma".into(), ..Address::default() };
        address.values.insert("amp".into(), "-0.35".into());
        address.values.insert("näme&=?#%".into(), "a b=c&d%20é".into());
        let hash = address.to_hash();
        assert!(hash.is_ascii(), "{hash}");
        assert_eq!(Address::parse(&hash), address);
    }

    #[test]
    fn a_broken_link_still_opens_its_lesson() {
        let address = Address::parse("#dendrite?seg=64&%&=&w=%zz&%E");
        assert_eq!(address.lesson, "dendrite");
        assert_eq!(address.values["seg"], "64");
        assert_eq!(address.values["w"], "%zz");
        assert_eq!(Address::parse(""), Address::default());
    }
}
