//! CWT claims (RFC 8392) and times.

use super::cbor::Value;
use crate::error::{Error, Result, damaged};
use time::{Date, Month, OffsetDateTime, UtcOffset};

/// Claim labels (IANA "CBOR Web Token (CWT) Claims").
pub mod claim {
    /// Issuer.
    pub const ISS: i64 = 1;
    /// Subject.
    pub const SUB: i64 = 2;
    /// Audience.
    pub const AUD: i64 = 3;
    /// Expiration time.
    pub const EXP: i64 = 4;
    /// Not before.
    pub const NBF: i64 = 5;
    /// Issued at.
    pub const IAT: i64 = 6;
    /// Token id.
    pub const CTI: i64 = 7;
    /// Confirmation: the holder's key (RFC 8747).
    pub const CNF: i64 = 8;
    /// Verifiable credential type (draft-ietf-spice-sd-cwt).
    pub const VCT: i64 = 11;
    /// Client nonce: the challenge.
    pub const CNONCE: i64 = 39;
    /// A status list (draft-ietf-oauth-status-list).
    pub const STATUS_LIST: i64 = 65533;
    /// Seconds for which a status list may be kept (the same draft).
    pub const TTL: i64 = 65534;
    /// Status reference (the same draft).
    pub const STATUS: i64 = 65535;
}

/// A COSE_Key inside `cnf` (RFC 8747 section 3.1).
pub const CNF_COSE_KEY: i64 = 1;

/// The JWT names of registered claims, where their labels differ from their names.
pub const JWT_NAMES: [(i64, &str); 15] = [
    (claim::ISS, "iss"),
    (claim::SUB, "sub"),
    (claim::AUD, "aud"),
    (claim::EXP, "exp"),
    (claim::NBF, "nbf"),
    (claim::IAT, "iat"),
    (claim::CTI, "jti"),
    (claim::CNF, "cnf"),
    (claim::VCT, "vct"),
    (9, "scope"),
    (10, "eat_nonce"),
    (38, "ace_profile"),
    (claim::CNONCE, "cnonce"),
    (40, "exi"),
    (claim::STATUS, "status"),
];

/// A NumericDate as whole seconds, rounded down.
///
/// # Errors
/// `damaged` (`cwt-date`) for anything but a finite number of at most 2^53.
pub fn numeric_date(value: &Value) -> Result<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Float(x) if x.abs() <= EXACT => Ok(x.floor() as i64),
        Value::Float(_) => Err(damaged("cwt-date")),
        other => other.as_int().filter(|n| n.unsigned_abs() <= EXACT as u64).ok_or(damaged("cwt-date")),
    }
}

/// The first second of a day, UTC.
pub fn day_start(day: Date) -> i64 {
    day.midnight().assume_offset(UtcOffset::UTC).unix_timestamp()
}

/// The first second after a day, UTC: what `exp` holds for a card that is valid through that day.
pub fn day_end(day: Date) -> i64 {
    day_start(day) + 86_400
}

/// The day that a second falls into, UTC.
///
/// # Errors
/// `damaged` (`cwt-date`) beyond the year 9999.
pub fn day_of(seconds: i64) -> Result<Date> {
    OffsetDateTime::from_unix_timestamp(seconds).map(OffsetDateTime::date).map_err(|_| damaged("cwt-date"))
}

/// Reads a full-date (RFC 3339 section 5.6): `2026-11-22`.
///
/// # Errors
/// `damaged` (`full-date`).
pub fn parse_full_date(text: &str) -> Result<Date> {
    // By hand: the reader of any format that `time` has takes 20 KB of a phone's library.
    let read = || {
        let [year, month, day]: [&str; 3] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        let month = Month::try_from(digits::<2>(month)? as u8).ok()?;
        Date::from_calendar_date(digits::<4>(year)? as i32, month, digits::<2>(day)? as u8).ok()
    };
    read().ok_or(damaged("full-date"))
}

/// Reads a date and time (RFC 3339 section 5.6) in UTC as Unix seconds: `2026-11-22T12:00:00Z`. Fractions of a second are
/// dropped.
///
/// # Errors
/// `damaged` (`date-time`) for anything else, another offset than UTC's too.
pub fn parse_date_time(text: &str) -> Result<i64> {
    const WRONG: Error = damaged("date-time");
    let (day, time) = text.split_once('T').ok_or(WRONG)?;
    let day = parse_full_date(day).map_err(|_| WRONG)?;
    let (clock, rest) = time.split_at_checked(8).ok_or(WRONG)?;
    let fraction = rest.strip_suffix('Z').or_else(|| rest.strip_suffix("+00:00")).ok_or(WRONG)?;
    let is_fraction = fraction.is_empty()
        || fraction.strip_prefix('.').is_some_and(|f| !f.is_empty() && f.bytes().all(|digit| digit.is_ascii_digit()));
    let clock: Vec<i64> = clock.split(':').filter_map(digits::<2>).collect();
    match clock[..] {
        [hours @ 0..24, minutes @ 0..60, seconds @ 0..60] if is_fraction => {
            Ok(day_start(day) + (hours * 60 + minutes) * 60 + seconds)
        }
        _ => Err(WRONG),
    }
}

/// A number of so many digits.
fn digits<const N: usize>(text: &str) -> Option<i64> {
    let is_number = text.len() == N && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_day_ends_where_the_next_begins() {
        assert_eq!(day_start(date!(1970 - 01 - 02)), 86_400);
        assert_eq!(day_end(date!(2027 - 12 - 31)), day_start(date!(2028 - 01 - 01)));
        assert_eq!(day_of(day_end(date!(2027 - 12 - 31)) - 1), Ok(date!(2027 - 12 - 31)));
    }

    #[test]
    fn full_dates_are_strict() {
        assert_eq!(parse_full_date("1984-02-29"), Ok(date!(1984 - 02 - 29)));
        for wrong in ["1983-02-29", "84-02-29", "1984-2-29", "1984-02-29Z", "+984-02-29", "1984/02/29", ""] {
            assert_eq!(parse_full_date(wrong), Err(damaged("full-date")), "{wrong}");
        }
    }

    #[test]
    fn dates_and_times_are_in_utc() {
        let noon = day_start(date!(2026 - 11 - 22)) + 43_200;
        for right in ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.987Z", "2026-11-22T12:00:00+00:00"] {
            assert_eq!(parse_date_time(right), Ok(noon), "{right}");
        }
        let wrong = [
            "2026-11-22T12:00:00",
            "2026-11-22T12:00:00+01:00",
            "2026-11-22T24:00:00Z",
            "2026-11-22T12:60:00Z",
            "2026-11-22T1:200:00Z",
            "2026-11-22T12-00-00Z",
            "2026-11-22T12:00:00.Z",
            "2026-11-22T12:00:00,5Z",
            "2026-11-22T+1:00:00Z",
            "2026-11-31T12:00:00Z",
            "2026-11-22 12:00:00Z",
            "2026-11-22",
            "",
        ];
        for wrong in wrong {
            assert_eq!(parse_date_time(wrong), Err(damaged("date-time")), "{wrong}");
        }
    }

    #[test]
    fn numeric_dates_are_finite() {
        assert_eq!(numeric_date(&Value::Float(1.5)), Ok(1));
        for wrong in [Value::Float(f64::NAN), Value::Float(f64::INFINITY), Value::Uint(u64::MAX), Value::NULL] {
            assert_eq!(numeric_date(&wrong), Err(damaged("cwt-date")));
        }
    }
}
