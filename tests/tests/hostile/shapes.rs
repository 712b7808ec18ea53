//! What takes the most memory for its length, by shape and size.

use amana_core::cose::cbor::{REDACTED_KEYS, Value};
use amana_core::cose::label;
use amana_core::crypto::sha256;
use base64ct::{Base64UrlUnpadded, Encoding as _};

/// Up to what a text of armour holds.
const SIZES: [usize; 5] = [1 << 10, 3900, 1 << 14, 1 << 16, 170_000];

fn head(major: u8, count: usize) -> Vec<u8> {
    [&[major << 5 | 26][..], &(count as u32).to_be_bytes()].concat()
}

/// Arrays or maps, each the first item of the last, that all declare as much as could still follow.
fn nested_and_wide(major: u8, len: usize) -> Vec<u8> {
    let fewest = if major == 5 { 2 } else { 1 };
    let mut bytes = Vec::new();
    for _ in 0..20 {
        let room = (len - bytes.len() - 200) / fewest;
        bytes.extend(head(major, room.min(16_000 / fewest)));
        bytes.extend((major == 5).then_some(0));
    }
    bytes.resize(len, 0);
    bytes
}

fn wide(major: u8, item: &[u8], len: usize) -> Vec<u8> {
    let count = len / item.len();
    [head(major, count), item.repeat(count)].concat()
}

fn map_of_numbers(len: usize) -> Vec<u8> {
    Value::Map((0..(len / 4) as u64).map(|n| (n.into(), 0_u64.into())).collect()).to_bytes()
}

/// A claims map whose groups lie in each other under the longest names.
fn long_names(len: usize) -> Vec<u8> {
    let name = |n: usize| Value::Text(format!("{n:0>255}"));
    let innermost = Value::Map((0..len / 260).map(|n| (name(n), 0_u64.into())).collect());
    (0..7).fold(innermost, |inner, n| Value::Map(vec![(name(n), inner)])).to_bytes()
}

/// A claims map full of digests.
fn digests(len: usize) -> Vec<u8> {
    let digest = |n: usize| Value::from(&sha256(&n.to_be_bytes())[..]);
    Value::Map(vec![(REDACTED_KEYS, Value::Array((0..len / 34).map(digest).collect()))]).to_bytes()
}

fn text(start: &str, item: &str, len: usize) -> Vec<u8> {
    [start, &item.repeat(len / item.len())].concat().into_bytes()
}

/// Name and bytes of each, in every size.
pub fn shapes() -> Vec<(String, Vec<u8>)> {
    type Make = fn(usize) -> Vec<u8>;
    const MAKERS: [(&str, Make); 20] = [
        ("arrays that declare more than they hold", |len| nested_and_wide(4, len)),
        ("maps that declare more than they hold", |len| nested_and_wide(5, len)),
        ("an array of numbers", |len| wide(4, &[0], len)),
        ("an array of empty arrays", |len| wide(4, &[0x80], len)),
        ("an array of arrays of one", |len| wide(4, &[0x81, 0], len)),
        ("an array of tags", |len| wide(4, &[0xc1, 0], len)),
        ("an array of short texts", |len| wide(4, &[0x61, b'a'], len)),
        ("a map of numbers", map_of_numbers),
        ("maps of one", |len| wide(4, &[0xa1, 0, 0], len)),
        ("a long byte string", |len| [head(2, len), vec![0; len]].concat()),
        ("a long text", |len| [head(3, len), vec![b'a'; len]].concat()),
        ("deep arrays", |len| vec![0x81; len]),
        ("deep tags", |len| vec![0xc1; len]),
        ("groups of long names", long_names),
        ("many digests", digests),
        ("nothing but zeros", |len| vec![0; len]),
        ("armour", |len| text("AM1C:", "0", len)),
        ("a path", |len| text("", "a.", len)),
        ("JSON of empty objects", |len| [text("{\"claims\":{\"a\":[", "{},", len), b"0]}}".to_vec()].concat()),
        ("JSON of objects of one", |len| [text("{\"kty\":[", "{\"\":0},", len), b"0]}".to_vec()].concat()),
    ];
    let sized = |(name, make): &(&str, Make)| SIZES.map(|len| (format!("{name}, {len} bytes"), make(len)));
    MAKERS.iter().flat_map(sized).collect()
}

/// What a card says.
pub struct Card {
    pub name: String,
    pub claims: Vec<(Value, Value)>,
    pub disclosures: Vec<Vec<u8>>,
}

/// Claims and disclosures that make a card as heavy as so many bytes can.
pub fn heavy_cards() -> Vec<Card> {
    type Make = fn(usize) -> (Vec<(Value, Value)>, Vec<Vec<u8>>);
    const MAKERS: [(&str, Make); 6] = [
        ("an open list", |len| (vec![named(zeros(len))], Vec::new())),
        ("an open list of maps of one", |len| {
            (vec![named(Value::Array(vec![Value::Map(vec![named(Value::NULL)]); len / 5]))], Vec::new())
        }),
        ("one long list in disclosures", |len| {
            let disclosures = (0..len / 1000).map(|n| disclosure(n, zeros(950))).collect();
            (Vec::new(), disclosures)
        }),
        ("as many disclosures as fit", |len| (Vec::new(), (0..len / 45).map(|n| disclosure(n, Value::NULL)).collect())),
        ("disclosures under long names", |len| {
            let disclosures: Vec<_> = (0..len / 45).map(|n| disclosure(n, Value::NULL)).collect();
            let innermost = Value::Map(vec![digests_of(&disclosures)]);
            let group = |inner, n: usize| Value::Map(vec![(Value::Text(format!("{n:0>255}")), inner)]);
            let Value::Map(claims) = (0..6).fold(innermost, group) else { unreachable!("a fold of maps") };
            (claims, disclosures)
        }),
        ("a long text", |len| (vec![named(Value::Text("a".repeat(len)))], Vec::new())),
    ];
    let sized = |(name, make): &(&str, Make)| {
        SIZES.map(|len| {
            let (mut claims, disclosures) = make(len);
            let is_placed = claims.iter().any(|(key, _)| key.as_text().is_some());
            claims.extend((!disclosures.is_empty() && !is_placed).then(|| digests_of(&disclosures)));
            Card { name: format!("{name}, {len} bytes"), claims, disclosures }
        })
    };
    MAKERS.iter().flat_map(sized).collect()
}

pub fn named(value: Value) -> (Value, Value) {
    (1000_i64.into(), value)
}

pub fn zeros(count: usize) -> Value {
    Value::Array(vec![0_u64.into(); count])
}

fn disclosure(n: usize, value: Value) -> Vec<u8> {
    Value::Array(vec![vec![0; 16].into(), value, (n as u64 + 2000).into()]).to_bytes()
}

pub fn digests_of(disclosures: &[Vec<u8>]) -> (Value, Value) {
    let digest = |disclosure: &Vec<u8>| Value::from(&sha256(&Value::from(disclosure.as_slice()).to_bytes())[..]);
    (REDACTED_KEYS, Value::Array(disclosures.iter().map(digest).collect()))
}

/// The header with a card's disclosures.
pub fn disclosed(disclosures: &[Vec<u8>]) -> Value {
    let list: Vec<_> = disclosures.iter().map(|disclosure| Value::from(disclosure.as_slice())).collect();
    Value::map((!list.is_empty()).then(|| (label::SD_CLAIMS.into(), list.into())))
}

/// JSON that takes the most memory for its length and is still taken, or nearly.
pub fn heavy_json() -> [(&'static str, String); 6] {
    let members: String = (0..1900).map(|n| format!("\"{n}\":0,")).collect();
    [
        ("objects of one", format!("[{}0]", "{\"\":0},".repeat(390))),
        ("empty objects", format!("[{}0]", "{},".repeat(460))),
        ("a list of numbers", format!("[{}0]", "0,".repeat(8_000))),
        ("lists of one", format!("[{}0]", "[0],".repeat(1600))),
        ("an object of many", format!("{{{members}\"\":0}}")),
        ("a long text", format!("\"{}\"", "a".repeat(200_000))),
    ]
}

/// What a card as a JWT says.
pub struct Jwt {
    pub name: String,
    pub claims: Vec<u8>,
    pub disclosures: Vec<Vec<u8>>,
}

/// Claims and disclosures that make such a card as heavy as so many bytes can.
pub fn heavy_jwts() -> Vec<Jwt> {
    let open = |(name, text): (&str, String)| Jwt {
        name: format!("open, {name}"),
        claims: format!("{{\"a\":{text}}}").into_bytes(),
        disclosures: Vec::new(),
    };
    let disclosed = |(name, text): (&str, String)| {
        let disclosures = vec![format!("[\"salt\",\"a\",{text}]").into_bytes()];
        Jwt { name: format!("disclosed, {name}"), claims: jwt_digests(&disclosures), disclosures }
    };
    let many = |count: usize, value: &str| {
        let disclosures: Vec<_> = (0..count).map(|n| format!("[\"salt\",\"{n}\",{value}]").into_bytes()).collect();
        Jwt { name: format!("{count} disclosures of {value}"), claims: jwt_digests(&disclosures), disclosures }
    };
    let mut cards: Vec<_> = heavy_json().into_iter().map(open).chain(heavy_json().into_iter().map(disclosed)).collect();
    cards.extend([many(500, "0"), many(1000, "0"), many(400, "{}"), many(3000, "0")]);
    let digests: Vec<_> = (0..2000_usize).map(|n| n.to_be_bytes().to_vec()).collect();
    cards.push(Jwt { name: "digests alone".to_owned(), claims: jwt_digests(&digests), disclosures: Vec::new() });
    let nothing = (0..100_000).map(|_| Vec::new()).collect();
    cards.push(Jwt { name: "nothing but tildes".to_owned(), claims: b"{}".to_vec(), disclosures: nothing });
    cards
}

/// Claims with the digests of these disclosures.
pub fn jwt_digests(disclosures: &[Vec<u8>]) -> Vec<u8> {
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let digests: Vec<_> = disclosures.iter().map(|text| encode(&sha256(encode(text).as_bytes()))).collect();
    serde_json::json!({ "_sd": digests }).to_string().into_bytes()
}
