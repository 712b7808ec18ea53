//! Paper shares: SLIP-0039 with one group, of 128 bits, without a passphrase of its own.
//!
//! ```text
//!   15 bits   1 ext   4 exponent   12 group   4 index   4 threshold   2 zero   128 value   30 checksum
//!   └──── set ────┘                └── 0 ──┘  └ number - 1
//! ```
//!
//! Each byte of the value is a point of a polynomial over GF(256). At 255 it is the key, encrypted by a fixed permutation;
//! at 254 a digest, by which a forged share is found out. All arithmetic on secrets takes the same time and touches the
//! same memory whatever they are.

use super::{Passphrase, words};
use crate::crypto::{Secret, kdf, make_random};
use crate::error::{Error, Result, damaged, invalid};
use crate::ports::Entropy;
use core::fmt;
use zeroize::Zeroizing;

/// Most shares of a set.
const MOST: u8 = 16;
/// Words of a share, ten bits each.
const WORDS: usize = 20;
/// Bytes of a share.
const LEN: usize = WORDS * 10 / 8;
/// The fields before the value, and where the value starts.
const HEAD_LEN: usize = 5;
/// Doublings of 10,000 rounds that a share of another tool may ask for; ours ask for none, as the key is no passphrase.
const MOST_EXPONENT: u8 = 5;

const KEY_AT: u8 = 255;
const DIGEST_AT: u8 = 254;

type Value = Zeroizing<[u8; 16]>;
type Point = (u8, Value);

/// The key to a backup: 16 random bytes, to be split into shares.
#[derive(Debug)]
pub struct RecoveryKey(Secret<16>);

impl RecoveryKey {
    /// Draws a key.
    pub fn make(entropy: &dyn Entropy) -> Result<Self> {
        Secret::make(entropy).map(Self)
    }

    /// The passphrase it stands for: its 32 lowercase hexadecimal digits, which is how SLIP-0039 tools print it.
    pub fn passphrase(&self) -> Passphrase {
        let digits = self.0.expose().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let mut text = Zeroizing::new(String::with_capacity(32));
        text.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
        Passphrase(text)
    }

    /// Splits it into `count` shares, any `threshold` of which give it back. Fewer leave all but 32 of its 128 bits open:
    /// those are the digest's price.
    ///
    /// # Errors
    /// `invalid` (`shares-threshold`) unless 1 ≤ `threshold` ≤ `count` ≤ 16, and for 1 of several: SLIP-0039 wants one
    /// share then, of which copies are made. `host`.
    pub fn split(&self, threshold: u8, count: u8, entropy: &dyn Entropy) -> Result<Vec<Share>> {
        if !(1..=count).contains(&threshold) || count > MOST || threshold == 1 && count > 1 {
            return Err(invalid("shares-threshold"));
        }
        let set = u16::from_be_bytes(make_random(entropy)?) >> 1;
        let head = Head { set, is_extendable: true, exponent: 0, index: 0, threshold };
        let encrypted = permute(self.0.expose(), [0, 1, 2, 3], head, b"");
        let points = draw_points(encrypted, threshold, entropy)?;
        Ok((0..count).map(|index| Share::assemble(Head { index, ..head }, &interpolate(index, &points))).collect())
    }

    /// Puts a set together. More shares than it takes are welcome, and checked; the same one twice counts once.
    ///
    /// # Errors
    /// `need-more-shares`; `invalid` (`shares-of-two-sets`); `damaged` (`shares-digest`) where one of them is forged.
    pub fn combine(shares: &[Share]) -> Result<Self> {
        Self::combine_under(shares, b"")
    }

    fn combine_under(shares: &[Share], passphrase: &[u8]) -> Result<Self> {
        let Some(first) = shares.first() else { return Err(Error::NeedMoreShares { have: 0, need: 1 }) };
        let head = first.head();
        let mut points: Vec<Point> = Vec::with_capacity(MOST.into());
        for share in shares {
            let Head { index, .. } = share.head();
            // Where one is enough, all are copies of it.
            let same = points.iter().find(|(at, _)| *at == index || head.threshold == 1);
            let is_other = same.is_some_and(|(_, value)| *value != share.value());
            if is_other || (Head { index, ..head }) != share.head() {
                return Err(invalid("shares-of-two-sets"));
            }
            if same.is_none() {
                points.push((index, share.value()));
            }
        }
        let (have, need) = (points.len() as u64, head.threshold.into());
        if have < need {
            return Err(Error::NeedMoreShares { have, need });
        }
        let encrypted = interpolate(KEY_AT, &points);
        let digest = interpolate(DIGEST_AT, &points);
        if need > 1 && !kdf::hmac_starts_with(&digest[4..], &*encrypted, &digest[..4]) {
            return Err(damaged("shares-digest"));
        }
        Ok(Self(Secret::from_zeroizing(permute(&encrypted, [3, 2, 1, 0], head, passphrase))))
    }
}

/// The points that make the polynomial, `threshold` of them.
fn draw_points(encrypted: Value, threshold: u8, entropy: &dyn Entropy) -> Result<Vec<Point>> {
    let random = || -> Result<Value> {
        let mut value = Value::default();
        entropy.fill(&mut *value)?;
        Ok(value)
    };
    let mut points = Vec::with_capacity(threshold.into());
    if threshold > 1 {
        let mut digest = random()?;
        let mac = kdf::hmac(&digest[4..], &*encrypted);
        digest[..4].copy_from_slice(&mac[..4]);
        points.push((DIGEST_AT, digest));
    }
    for index in 0..threshold.saturating_sub(2) {
        points.push((index, random()?));
    }
    points.push((KEY_AT, encrypted));
    Ok(points)
}

/// SLIP-0039's permutation, Luby-Rackoff over PBKDF2; its own inverse with the rounds in reverse.
fn permute(value: &[u8; 16], rounds: [u8; 4], head: Head, passphrase: &[u8]) -> Value {
    let prefix = if head.is_extendable { Vec::new() } else { [&b"shamir"[..], &head.set.to_be_bytes()].concat() };
    let mut value = Zeroizing::new(*value);
    for round in rounds {
        let password = Zeroizing::new([&[round], passphrase].concat());
        let salt = Zeroizing::new([&prefix, &value[8..]].concat());
        let mask = kdf::pbkdf2::<8>(&password, &salt, 2500 << head.exponent);
        let (left, right) = value.split_at_mut(8);
        left.iter_mut().zip(mask.expose()).for_each(|(byte, mask)| *byte ^= mask);
        left.swap_with_slice(right);
    }
    value.rotate_left(8);
    value
}

/// The polynomial through the points, at `x`. The indices are no secret, the values are.
fn interpolate(x: u8, points: &[Point]) -> Value {
    let mut sum = Value::default();
    for (at, value) in points {
        let others = points.iter().map(|(other, _)| *other).filter(|other| other != at);
        let weight = others.fold(1, |weight, other| multiply(weight, multiply(x ^ other, invert(at ^ other))));
        sum.iter_mut().zip(value.iter()).for_each(|(sum, byte)| *sum ^= multiply(*byte, weight));
    }
    sum
}

/// In GF(256) modulo x^8 + x^4 + x^3 + x + 1.
fn multiply(mut a: u8, b: u8) -> u8 {
    let mut product = 0;
    for bit in 0..8 {
        product ^= a & (b >> bit & 1).wrapping_neg();
        a = a << 1 ^ 0x1b & (a >> 7).wrapping_neg();
    }
    product
}

/// a to the power of 254.
fn invert(a: u8) -> u8 {
    let to_127 = (0..6).fold(a, |power, _| multiply(multiply(power, power), a));
    multiply(to_127, to_127)
}

/// One share of a set.
pub struct Share(Secret<LEN>);

#[derive(Clone, Copy, PartialEq)]
struct Head {
    set: u16,
    is_extendable: bool,
    exponent: u8,
    index: u8,
    threshold: u8,
}

impl Share {
    /// Reads twenty words: in letters of any size, each whole or at least its first four letters.
    ///
    /// # Errors
    /// `damaged`: `share-length`, `share-word` for one that is not in the list, and what [`from_bytes`](Self::from_bytes)
    /// finds; `foreign`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut numbers = Zeroizing::new([0; WORDS]);
        let mut typed = text.split_whitespace();
        for number in numbers.iter_mut() {
            *number = words::find(typed.next().ok_or(damaged("share-length"))?).ok_or(damaged("share-word"))?;
        }
        if typed.next().is_some() {
            return Err(damaged("share-length"));
        }
        let mut bytes = Zeroizing::new([0; LEN]);
        words::join(&*numbers, &mut *bytes);
        Self::check(bytes)
    }

    /// Reads the 25 bytes of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// `damaged`: `share-length`, `share-checksum`, `share-padding`; `foreign` for a share of SLIP-0039 that is not of
    /// this kind: of several groups, or with more rounds than a phone should do.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut own = Zeroizing::new([0; LEN]);
        if bytes.len() != LEN {
            return Err(damaged("share-length"));
        }
        own.copy_from_slice(bytes);
        Self::check(own)
    }

    fn check(bytes: Zeroizing<[u8; LEN]>) -> Result<Self> {
        let share = Self(Secret::from_zeroizing(bytes));
        let (head, bytes) = (share.head(), share.0.expose());
        if checksum(head.is_extendable, bytes) != 1 {
            return Err(damaged("share-checksum"));
        }
        // The group's index, threshold and count, and which rounds.
        if share.head_bits() >> 8 & 0xfff != 0 || head.exponent > MOST_EXPONENT {
            return Err(Error::Foreign);
        }
        if bytes[HEAD_LEN] >> 6 != 0 {
            return Err(damaged("share-padding"));
        }
        Ok(share)
    }

    fn assemble(head: Head, value: &[u8; 16]) -> Self {
        let bits = u64::from(head.set) << 25
            | u64::from(head.is_extendable) << 24
            | u64::from(head.exponent) << 20
            | u64::from(head.index) << 4
            | u64::from(head.threshold - 1);
        let mut bytes = Zeroizing::new([0; LEN]);
        bytes[..HEAD_LEN].copy_from_slice(&bits.to_be_bytes()[3..]);
        for (at, byte) in (HEAD_LEN..).zip(value) {
            bytes[at] |= byte >> 2;
            bytes[at + 1] |= byte << 6;
        }
        let sum = checksum(head.is_extendable, &bytes) ^ 1;
        bytes[LEN - 4..].iter_mut().zip(sum.to_be_bytes()).for_each(|(byte, sum)| *byte |= sum);
        Self(Secret::from_zeroizing(bytes))
    }

    /// Its words, to be written down.
    pub fn words(&self) -> Zeroizing<String> {
        words::spell(self.0.expose(), " ")
    }

    /// Its bytes, for a code.
    pub fn to_bytes(&self) -> Zeroizing<[u8; LEN]> {
        Zeroizing::new(*self.0.expose())
    }

    /// Which of its set it is, from 1.
    pub fn number(&self) -> u8 {
        self.head().index + 1
    }

    /// How many of its set it takes.
    pub fn threshold(&self) -> u8 {
        self.head().threshold
    }

    /// What all of its set share and hardly any other: fifteen bits, in the first two words.
    pub fn set(&self) -> u16 {
        self.head().set
    }

    fn head(&self) -> Head {
        let bits = self.head_bits();
        Head {
            set: (bits >> 25) as u16,
            is_extendable: bits >> 24 & 1 == 1,
            exponent: (bits >> 20 & 15) as u8,
            index: (bits >> 4 & 15) as u8,
            threshold: (bits & 15) as u8 + 1,
        }
    }

    fn head_bits(&self) -> u64 {
        self.0.expose()[..HEAD_LEN].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }

    fn value(&self) -> Value {
        let bytes = self.0.expose();
        let mut value = Value::default();
        for (at, byte) in (HEAD_LEN..).zip(value.iter_mut()) {
            *byte = bytes[at] << 2 | bytes[at + 1] >> 6;
        }
        value
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Share(redacted)")
    }
}

/// RS1024: 1 over a whole share; over one without its checksum, that checksum but for its last bit.
fn checksum(is_extendable: bool, bytes: &[u8; LEN]) -> u32 {
    const GENERATOR: [u32; 10] = [
        0x00e0_e040,
        0x01c1_c080,
        0x0383_8100,
        0x0707_0200,
        0x0e0e_0009,
        0x1c0c_2412,
        0x3808_6c24,
        0x3090_fc48,
        0x21b1_f890,
        0x03f3_f120,
    ];
    let purpose: &[u8] = if is_extendable { b"shamir_extendable" } else { b"shamir" };
    let values = purpose.iter().map(|byte| u16::from(*byte)).chain(words::split(bytes));
    values.fold(1, |sum, value| {
        let high = sum >> 20;
        let sum = (sum & 0xf_ffff) << 10 ^ u32::from(value);
        let terms = GENERATOR.iter().enumerate().map(|(bit, term)| term & (high >> bit & 1).wrapping_neg());
        terms.fold(sum, |sum, term| sum ^ term)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OsEntropy;

    fn parsed(texts: &[&str]) -> Result<Vec<Share>> {
        texts.iter().map(|text| Share::parse(text)).collect()
    }

    fn combined(texts: &[&str], passphrase: &[u8]) -> Result<String> {
        let key = RecoveryKey::combine_under(&parsed(texts)?, passphrase)?;
        Ok(key.passphrase().expose().to_owned())
    }

    /// From `vectors.json` of trezor/python-shamir-mnemonic at 17fcce1: 1, 4, 41, 42 and 43, under the passphrase "TREZOR".
    #[test]
    fn shares_of_the_reference_combine() {
        let vectors: [(&[&str], &str); 5] = [
            (
                &["duckling enlarge academic academic agency result length solution fridge kidney \
             coal piece deal husband erode duke ajar critical decision keyboard"],
                "bb54aac4b89dc868ba37d9cc21b2cece",
            ),
            (
                &[
                    "shadow pistol academic always adequate wildlife fancy gross oasis cylinder \
             mustang wrist rescue view short owner flip making coding armed",
                    "shadow pistol academic acid actress prayer class unknown daughter sweater \
             depict flip twice unkind craft early superior advocate guest smoking",
                ],
                "b43ceb7e57a0ea8766221624d01b0864",
            ),
            (
                &[
                    "herald flea academic cage avoid space trend estate dryer hairy \
             evoke eyebrow improve airline artwork garlic premium duration prevent oven",
                    "herald flea academic client blue skunk class goat luxury deny \
             presence impulse graduate clay join blanket bulge survive dish necklace",
                    "herald flea academic acne advance fused brother frozen broken game \
             ranked ajar already believe check install theory angry exercise adult",
                ],
                "ad6f2ad8b59bbbaa01369b9006208d9a",
            ),
            (
                &["testify swimming academic academic column loyalty smear include exotic bedroom \
             exotic wrist lobe cover grief golden smart junior estimate learn"],
                "1679b4516e0ee5954351d288a838f45e",
            ),
            (
                &[
                    "enemy favorite academic acid cowboy phrase havoc level response walnut \
             budget painting inside trash adjust froth kitchen learn tidy punish",
                    "enemy favorite academic always academic sniff script carpet romp kind \
             promise scatter center unfair training emphasis evening belong fake enforce",
                ],
                "48b1a4b80b8c209ad42c33672bdaa428",
            ),
        ];
        for (texts, key) in vectors {
            assert_eq!(combined(texts, b"TREZOR").as_deref(), Ok(key));
        }
    }

    /// Likewise: 2, 3, 5, 6, 7, 11, 12, 13, 14, 39 and 40.
    #[test]
    fn shares_that_the_reference_refuses_are_refused() {
        let vectors: [(&[&str], Error); 11] = [
            (
                &["duckling enlarge academic academic agency result length solution fridge kidney \
             coal piece deal husband erode duke ajar critical decision kidney"],
                damaged("share-checksum"),
            ),
            (
                &["duckling enlarge academic academic email result length solution fridge kidney \
             coal piece deal husband erode duke ajar music cargo fitness"],
                damaged("share-padding"),
            ),
            (
                &["shadow pistol academic always adequate wildlife fancy gross oasis cylinder \
             mustang wrist rescue view short owner flip making coding armed"],
                Error::NeedMoreShares { have: 1, need: 2 },
            ),
            (
                &[
                    "adequate smoking academic acid debut wine petition glen cluster slow \
             rhyme slow simple epidemic rumor junk tracks treat olympic tolerate",
                    "adequate stay academic agency agency formal party ting frequent learn \
             upstairs remember smear leaf damage anatomy ladle market hush corner",
                ],
                invalid("shares-of-two-sets"),
            ),
            (
                &[
                    "peasant leaves academic acid desert exact olympic math alive axle \
             trial tackle drug deny decent smear dominant desert bucket remind",
                    "peasant leader academic agency cultural blessing percent network envelope medal \
             junk primary human pumps jacket fragment payroll ticket evoke voice",
                ],
                invalid("shares-of-two-sets"),
            ),
            (
                &[
                    "device stay academic always dive coal antenna adult black exceed \
             stadium herald advance soldier busy dryer daughter evaluate minister laser",
                    "device stay academic always dwarf afraid robin gravity crunch adjust \
             soul branch walnut coastal dream costume scholar mortgage mountain pumps",
                ],
                invalid("shares-of-two-sets"),
            ),
            (
                &[
                    "hour painting academic academic device formal evoke guitar random modern \
             justice filter withdraw trouble identify mailman insect general cover oven",
                    "hour painting academic agency artist again daisy capital beaver fiber \
             much enjoy suitable symbolic identify photo editor romp float echo",
                ],
                invalid("shares-of-two-sets"),
            ),
            (
                &[
                    "guilt walnut academic acid deliver remove equip listen vampire tactics \
             nylon rhythm failure husband fatigue alive blind enemy teaspoon rebound",
                    "guilt walnut academic agency brave hamster hobo declare herd taste \
             alpha slim criminal mild arcade formal romp branch pink ambition",
                ],
                damaged("shares-digest"),
            ),
            (
                &["eraser senior beard romp adorn nuclear spill corner cradle style \
             ancient family general leader ambition exchange unusual garlic promise voice"],
                Error::Foreign,
            ),
            (
                &["junk necklace academic academic acne isolate join hesitate lunar roster \
             dough calcium chemical ladybug amount mobile glasses verify cylinder"],
                damaged("share-length"),
            ),
            (
                &["fraction necklace academic academic award teammate mouse regular testify coding \
             building member verdict purchase blind camera duration email prepare spirit quarter"],
                damaged("share-length"),
            ),
        ];
        for (texts, error) in vectors {
            assert_eq!(combined(texts, b"TREZOR"), Err(error));
        }
    }

    #[test]
    fn any_threshold_of_a_set_gives_the_key_back() {
        for (threshold, count) in [(1, 1), (2, 2), (2, 3), (3, 5), (16, 16)] {
            let key = RecoveryKey::make(&OsEntropy).unwrap();
            let mut shares = key.split(threshold, count, &OsEntropy).unwrap();
            assert!(shares.iter().map(Share::number).eq(1..=count));
            assert!(shares.iter().all(|share| share.threshold() == threshold && share.set() == shares[0].set()));
            shares.rotate_left(1);
            for start in 0..=usize::from(count - threshold) {
                let some = &shares[start..start + usize::from(threshold)];
                assert_eq!(RecoveryKey::combine(some).unwrap().0.expose(), key.0.expose());
            }
            assert_eq!(RecoveryKey::combine(&shares).unwrap().0.expose(), key.0.expose());
        }
    }

    #[test]
    fn a_set_has_its_bounds() {
        let key = RecoveryKey::make(&OsEntropy).unwrap();
        for (threshold, count) in [(0, 0), (0, 1), (2, 1), (1, 2), (2, 17)] {
            assert_eq!(key.split(threshold, count, &OsEntropy).unwrap_err(), invalid("shares-threshold"));
        }
    }

    #[test]
    fn shares_survive_paper_and_codes() {
        let share = &RecoveryKey::make(&OsEntropy).unwrap().split(2, 3, &OsEntropy).unwrap()[1];
        let words = share.words();
        assert_eq!(words.split(' ').count(), 20);
        let short: Vec<_> = words.split(' ').map(|word| word[..4].to_uppercase()).collect();
        for read in [
            Share::parse(&words),
            Share::parse(&format!("\n {} \t", short.join("  \n"))),
            Share::from_bytes(&*share.to_bytes()),
        ] {
            assert_eq!(*read.unwrap().to_bytes(), *share.to_bytes());
        }
        assert_eq!(
            format!("{share:?} {:?}", RecoveryKey::make(&OsEntropy).unwrap()),
            "Share(redacted) RecoveryKey(Secret(redacted))"
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        let share = &RecoveryKey::make(&OsEntropy).unwrap().split(2, 2, &OsEntropy).unwrap()[0];
        let words = share.words();
        let (start, last) = words.rsplit_once(' ').unwrap();
        let other = if last == "acid" { "zero" } else { "acid" };
        let error = |text: &str| Share::parse(text).unwrap_err();
        assert_eq!(error(&format!("{start} {other}")), damaged("share-checksum"));
        assert_eq!(error(&format!("{start} acidic")), damaged("share-word"));
        assert_eq!(error(start), damaged("share-length"));
        assert_eq!(error(&format!("{} acid", *words)), damaged("share-length"));
        assert_eq!(Share::from_bytes(&share.to_bytes()[1..]).unwrap_err(), damaged("share-length"));
        for bit in 0..LEN * 8 {
            let mut bytes = share.to_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Share::from_bytes(&*bytes).unwrap_err(), damaged("share-checksum"));
        }
    }

    #[test]
    fn sets_are_told_apart_and_forgery_is_found_out() {
        let key = RecoveryKey::make(&OsEntropy).unwrap();
        let (one, other) = (key.split(2, 3, &OsEntropy).unwrap(), key.split(2, 3, &OsEntropy).unwrap());
        let read = |share: &Share| Share::from_bytes(&*share.to_bytes()).unwrap();
        let error = |shares: &[Share]| RecoveryKey::combine(shares).unwrap_err();
        assert_eq!(error(&[]), Error::NeedMoreShares { have: 0, need: 1 });
        assert_eq!(error(&[read(&one[0]), read(&one[0])]), Error::NeedMoreShares { have: 1, need: 2 });
        if one[0].set() != other[0].set() {
            assert_eq!(error(&[read(&one[0]), read(&other[1])]), invalid("shares-of-two-sets"));
        }
        let forged = |head: Head| Share::assemble(head, b"a forged value!!");
        let head = one[0].head();
        assert_eq!(error(&[forged(head), read(&one[0])]), invalid("shares-of-two-sets"));
        assert_eq!(error(&[forged(head), read(&one[1])]), damaged("shares-digest"));
        assert_eq!(error(&[read(&one[0]), read(&one[1]), forged(one[2].head())]), damaged("shares-digest"));
    }

    /// With one share fewer than it takes, each value of each byte of the key stays possible, and exactly once.
    #[test]
    fn too_few_points_say_nothing_of_another() {
        let known = [(0, Value::new([0x5a; 16])), (7, Value::new([0xc3; 16]))];
        let mut seen = [false; 256];
        for candidate in 0..=255 {
            let [a, b] = known.clone();
            let third = interpolate(3, &[a, b, (KEY_AT, Value::new([candidate; 16]))]);
            assert!(!core::mem::replace(&mut seen[usize::from(third[0])], true));
        }
        // The control: two points of a line say all.
        let line = interpolate(KEY_AT, &known);
        assert_eq!(interpolate(KEY_AT, &[known[0].clone(), (3, interpolate(3, &known))]), line);
    }

    /// FIPS 197 section 4.2: {57} times {83} is {c1}.
    #[test]
    fn the_field_is_that_of_aes() {
        assert_eq!(multiply(0x57, 0x83), 0xc1);
        assert!((1..=255).all(|a| multiply(a, invert(a)) == 1));
    }
}
