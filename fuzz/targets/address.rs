//! What is in the page's address.
#![no_main]

use ballstick::web::state::Address;
use ballstick_fuzz::fuzz_target;
use ballstick_fuzz::memory::within;

fuzz_target!(|input: &[u8]| {
    let hash = String::from_utf8_lossy(input);
    let address = within(input.len(), || Address::parse(&hash));
    let written = address.to_hash();
    assert!(written.is_ascii());
    assert_eq!(Address::parse(&written), address, "what is written is read as another");
});
